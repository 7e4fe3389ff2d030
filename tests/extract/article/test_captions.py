"""A paragraph after a picture is its caption or body."""

import pytest

from crawler.addresses import classify
from crawler.extract import parse_page, read_article
from crawler.items import Article
from crawler.profile import parse_profile

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
LONG = (
    "Sáng nay, xã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng với sự tham dự của hơn hai trăm đại biểu "
    "đến từ mười bốn thôn bản trên địa bàn, các nhà trường và lực lượng biên phòng cùng đông đảo bà con."
)
N = "&nbsp;"


def read(content: str) -> Article:
    html = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Bài viết</div>'
        f'<div class="ArticleContent">{content}</div></div>'
    )
    address = classify(URL, PROFILE)
    assert address is not None
    return read_article(parse_page(html, URL), PROFILE, address=address)


CAPTIONS = [
    "<p>Quang cảnh hội nghị</p>",
    f"<p>{N * 37}Quang cảnh hội nghị</p>",
    f"<p><i>{(N + ' ') * 27}Quang cảnh hội nghị</i></p>",
    "<p style='text-align:center'>Quang cảnh hội nghị</p>",
    "<p class='text-center'><b>Quang cảnh hội nghị</b></p>",
    "<center>Quang cảnh hội nghị</center>",
    "<p><em>Quang cảnh hội nghị</em></p>",
    "<p><span style='font-size:10pt'>Quang cảnh hội nghị</span></p>",
    "<div class='image-caption'>Quang cảnh hội nghị</div>",
    "<p align=center><i>Quang cảnh<br>hội nghị</i></p>",
]


@pytest.mark.parametrize("caption", CAPTIONS)
@pytest.mark.parametrize("style", ["", " style='text-align:justify'", " style='text-indent:36pt'"])
def test_caption_is_distinguished_from_body(caption: str, style: str) -> None:
    article = read(f"<p{style}>{LONG}</p><p><img src=/a.jpg></p>{caption}<p{style}>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh hội nghị"]
    assert article.body == f"{LONG}\n\n{LONG}"


@pytest.mark.parametrize(
    "paragraph",
    [
        f"<p>{LONG}</p>",
        f"<p style='text-align:justify'>{LONG}</p>",
        f"<p>{N * 5}{LONG}</p>",
        "<p>Một số kết quả nổi bật:</p>",
        "<h3>Kết quả đạt được</h3>",
        "<p><b>1. Kết quả đạt được</b></p>",
        "<p><b>Kết quả đạt được</b></p>",
        "<ul><li>Trồng rừng</li></ul>",
        "<p>Tại hội nghị, các đại biểu đã thảo luận sôi nổi.</p>",
        "<p>Đại biểu tham quan rừng (Ảnh trên)</p>",
        "<p>- Hoàn thành kế hoạch</p>",
        "<p>Ông Lý Quốc Mai, người dân xã Mường Hoa cho biết: “Bà con rất phấn khởi, ai cũng tham gia”.</p>",
        "<blockquote><p>“Trồng cây nào, tốt cây ấy”</p></blockquote>",
        "<p>Xem <a href='/a.pdf'>Kế hoạch số 12/KH-UBND</a> của xã.</p>",
    ],
)
def test_body_after_a_picture_stays_body(paragraph: str) -> None:
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{paragraph}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == [None]
    assert len(article.body.split("\n\n")) == 3


def test_caption_after_two_pictures_belongs_to_the_last() -> None:
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p><p><img src=/b.jpg></p><p><i>Hội nghị</i></p><p>{LONG}</p>")
    assert [image.caption for image in article.images] == [None, "Hội nghị"]


def test_italics_mark_no_caption_in_an_italic_body() -> None:
    article = read(f"<p><i>{LONG}</i></p><p><img src=/a.jpg></p><p><i>{LONG}</i></p><p><i>{LONG}</i></p>")
    assert [image.caption for image in article.images] == [None]


def test_text_around_an_inline_picture_stays_body() -> None:
    article = read(f"<p>{LONG}</p><p>Bấm nút <img src=/nut.jpg> để nộp hồ sơ trực tuyến</p><p>{LONG}</p>")
    assert "để nộp hồ sơ trực tuyến" in article.body


REACHED = (
    "Để việc dạy nghề đạt hiệu quả, các thôn đều lập tổ tự quản, mỗi tổ có từ ba đến hai mươi thành viên của thôn."
)
UNSTOPPED = (
    "Đoàn công tác của thị xã do đồng chí Lồ Láo Quỳnh - Bí thư Đoàn thanh niên làm trưởng đoàn kiểm tra thực tế việc "
    "thu gom rác thải dọc suối trên địa bàn xã Ngũ Chỉ Sơn"
)
SENTENCE = (
    "Các thôn đều lập tổ tự quản, mỗi tổ có từ bốn đến mười chín thành viên, họp định kỳ vào ngày bốn hằng tháng."
)


@pytest.mark.parametrize(
    "paragraph",
    [
        "<p>Cái khó lớn nhất là lực lượng mỏng. Huyện ban hành nghị quyết về hoà<br />giải ở cơ sở (Ảnh trên).</p>",
        "<p{style}>Ông Lý Quốc Mai,<br />người dân xã Mường Hoa, cho biết: “Gia đình tôi được hướng dẫn giữ gìn an "
        "ninh trật tự nên thu nhập tăng lên rõ rệt, các con được đến trường đầy đủ”.</p>",
        "<p{style}>Các thôn đều lập tổ tự quản, mỗi tổ có từ 3<br />đến 22 thành viên, họp định kỳ vào ngày 3 hằng "
        "tháng để bàn việc chung của thôn. Nhờ vậy việc gì cũng xong.</p>",
        "<p{style}>Nhiều hộ đã tự nguyện hiến đất, tiêu biểu là gia đình anh Phạm<br />Seo Tùng, chị Vũ Văn Phúc ở "
        "phường Cầu Mây (Ảnh trên).</p>",
    ],
)
@pytest.mark.parametrize("style", ["", " style='text-align: justify;'"])
def test_paragraph_broken_by_br_is_judged_whole(paragraph: str, style: str) -> None:
    article = read(f"<p{style}>{LONG}</p><p><img src=/a.jpg></p>{paragraph.format(style=style)}<p{style}>{LONG}</p>")
    assert [image.caption for image in article.images] == [None]
    assert len(article.body.split("\n\n")) == 4


@pytest.mark.parametrize("style", ["", " style='text-align: justify;'"])
def test_long_paragraph_without_a_full_stop_is_a_caption(style: str) -> None:
    article = read(f"<p{style}>{LONG}</p><p><img src=/a.jpg></p><p{style}>{UNSTOPPED}</p><p{style}>{LONG}</p>")
    assert [image.caption for image in article.images] == [UNSTOPPED]


def test_long_paragraph_without_a_full_stop_is_body_if_body_has_none() -> None:
    long = LONG.removesuffix(".")
    article = read(f"<p>{long}</p><p><img src=/a.jpg></p><p>{UNSTOPPED}</p><p>{long}</p>")
    assert [image.caption for image in article.images] == [None]


def test_caption_is_found_in_an_article_with_br_only() -> None:
    picture = "<div style='text-align:center'><img src=/a.jpg></div>"
    article = read(f"{LONG}<br>\n{picture}\nQuang cảnh hội nghị<br><br>\n{LONG}<br>{LONG}")
    assert [image.caption for image in article.images] == ["Quang cảnh hội nghị"]
    assert article.body == f"{LONG}\n\n{LONG}\n\n{LONG}"


def test_indented_italics_are_body_if_captions_are_not_indented() -> None:
    quotation = f"<p>{N * 4}<i>Năm nay được mùa, cả bản vui lắm.</i></p>"
    body = f"<p>{N * 5}{LONG}</p>"
    article = read(
        f"{body}<p><img src=/a.jpg></p><p><i>Quang cảnh hội nghị</i></p>{body}<p><img src=/b.jpg></p>{quotation}{body}"
    )
    assert [image.caption for image in article.images] == ["Quang cảnh hội nghị", None]


@pytest.mark.parametrize("stop", ["", "."])
def test_long_italic_paragraph_is_a_caption_of_upright_body(stop: str) -> None:
    caption = f"{UNSTOPPED} cùng các phòng, ban, đơn vị liên quan và đông đảo đoàn viên thanh niên các thôn, bản{stop}"
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p><p><em>{caption}</em></p><p>{LONG}</p>")
    assert [image.caption for image in article.images] == [caption]


@pytest.mark.parametrize("style", ["", " style='text-align: justify;'"])
def test_sentence_without_an_indent_is_body_if_indents_are_mixed(style: str) -> None:
    article = read(
        f"<p{style}>{LONG}</p><p{style}>{N * 4}{LONG}</p><p><img src=/a.jpg></p><p{style}>{SENTENCE}</p>"
        f"<p{style}>{N * 4}{LONG}</p>"
    )
    assert [image.caption for image in article.images] == [None]


def test_sentence_after_a_picture_in_its_paragraph_is_body() -> None:
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg><br>{REACHED}</p><p>{LONG}</p>")
    assert [image.caption for image in article.images] == [None]


@pytest.mark.parametrize(
    "credit",
    [
        "<p align=center><i>Ảnh: Hồng Hải</i></p>",
        "<p align=center><i>(Ảnh: Hồng Hải)</i></p>",
        "<p>Nguồn: Báo Lào Cai</p>",
        "<p>(Nguồn ảnh: Sở Y tế)</p>",
        "<p align=right><i>Ảnh TTXVN</i></p>",
        "<p>Ảnh minh họa</p>",
        "<p>Ảnh tư liệu: Bảo tàng tỉnh</p>",
        "<p>Photo: A. Lan</p>",
    ],
)
@pytest.mark.parametrize("tail", [f"<p>{LONG}</p>", "<p>Hết.</p>"])
def test_a_second_line_with_the_pictures_author_or_source_belongs_to_the_caption(credit: str, tail: str) -> None:
    caption = "<p align=center><i>Quang cảnh hội nghị</i></p>"
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{caption}{credit}{tail}")
    words = credit.replace("<", ">").split(">")
    said = next(word for word in words if "nh" in word or ":" in word)
    assert [image.caption for image in article.images] == [f"Quang cảnh hội nghị {said}"]
    assert said not in article.body
    assert article.source is None


@pytest.mark.parametrize(
    "line", ["Tin, ảnh: Hồng Hải", "Ảnh hưởng của bão số 3 làm hư hỏng nhiều nhà.", "Nguồn nước sạch đã về đến bản."]
)
def test_a_line_after_a_caption_that_credits_no_picture_stays(line: str) -> None:
    caption = "<p align=center><i>Quang cảnh hội nghị</i></p>"
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{caption}<p>{line}</p><p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh hội nghị"]
    assert line in article.body


@pytest.mark.parametrize(
    "content",
    [
        "<table><tr><td><img src=/a.jpg></td></tr><tr><td>Quang cảnh</td></tr><tr><td>Ảnh: Hải</td></tr></table>",
        "<table><tr><td><img src=/a.jpg><p>Quang cảnh</p><p>Ảnh: Hải</p></td></tr></table>",
        "<figure><img src=/a.jpg><figcaption>Quang cảnh</figcaption></figure><p><i>Ảnh: Hải</i></p>",
        "<p><img src=/a.jpg></p><p align=center><i>Quang cảnh<br>Ảnh: Hải</i></p>",
    ],
)
def test_a_credit_belongs_to_the_caption_in_tables_figures_and_behind_a_line_break(content: str) -> None:
    article = read(f"<p>{LONG}</p>{content}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh Ảnh: Hải"]
    assert article.body == f"{LONG}\n\n{LONG}"


def test_a_long_row_under_a_picture_is_a_text_of_the_table() -> None:
    row = " ".join(["Đại biểu tham quan mô hình trồng dược liệu của xã"] * 9)
    for cell in (row, f"<p><i>{row}</i></p>"):
        article = read(f"<p>{LONG}</p><table><tr><td><img src=/a.jpg></td></tr><tr><td>{cell}</td></tr></table>")
        assert [image.caption for image in article.images] == [None]
        assert article.body == f"{LONG}\n\n{row}"


def test_title_and_alt_of_a_picture_are_no_caption() -> None:
    article = read(f'<p>{LONG}</p><p><img src=/a.jpg alt="Hội nghị" title="Quang cảnh hội nghị"></p><p>{LONG}</p>')
    assert [image.caption for image in article.images] == [None]


def test_a_caption_below_the_credit_of_its_picture_is_one_with_it() -> None:
    lines = "<p align=center><i>Ảnh: Hồng Hải</i></p><p align=center><i>Quang cảnh hội nghị</i></p>"
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{lines}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Ảnh: Hồng Hải Quang cảnh hội nghị"]
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p><p>Ảnh: Hồng Hải</p><p>Hội nghị bắt đầu</p><p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Ảnh: Hồng Hải"]


def test_a_second_line_that_goes_on_in_small_letters_belongs_to_the_caption() -> None:
    line = "<p align=center><i>{}</i></p>"
    lines = line.format("Quang cảnh hội nghị") + line.format("sáng ngày 27/11")
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{lines}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh hội nghị sáng ngày 27/11"]
    assert article.body == f"{LONG}\n\n{LONG}"
    stopped = line.format("Quang cảnh hội nghị.") + line.format("sáng ngày 27/11")
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{stopped}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh hội nghị."]


def test_an_italic_heading_in_the_middle_is_a_caption() -> None:
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p><h6 align=center><em>Quang cảnh</em></h6><p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh"]


def test_the_table_below_a_picture_gives_no_caption() -> None:
    table = "<table><tr><td>STT</td><td>Thôn</td></tr><tr><td>1</td><td>Đông</td></tr></table>"
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{table}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == [None]
    assert article.body == f"{LONG}\n\nSTT Thôn\n\n1 Đông\n\n{LONG}"


def test_a_picture_that_begins_an_item_of_a_list_has_its_text_as_caption() -> None:
    items = "<ul><li><img src=/a.jpg><p>Thôn Đông</p></li><li><img src=/b.jpg><p>Thôn Đoài</p></li></ul>"
    article = read(f"<p>{LONG}</p>{items}")
    assert [image.caption for image in article.images] == ["Thôn Đông", "Thôn Đoài"]
    plan = "<ul><li>Trồng cây<p><img src=/a.jpg></p><p>Chăm sóc cây</p></li><li>Tưới cây</li></ul>"
    article = read(f"<p>{LONG}</p>{plan}")
    assert [image.caption for image in article.images] == [None]
    assert article.body == f"{LONG}\n\nTrồng cây\n\nChăm sóc cây\n\nTưới cây"


def test_a_caption_in_the_quotation_of_its_picture_is_one() -> None:
    article = read(f"<p>{LONG}</p><blockquote><p><img src=/a.jpg></p><p>Quang cảnh</p></blockquote><p>{LONG}</p>")
    assert [image.caption for image in article.images] == ["Quang cảnh"]
