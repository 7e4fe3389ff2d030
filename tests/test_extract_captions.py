"""Which paragraph after a picture is its caption, and which is body."""

import pytest

from crawler.extract import classify, parse_page, read_article
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
    return read_article(parse_page(html, URL), PROFILE, address)


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
def test_caption_is_told_from_body(caption: str, style: str) -> None:
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
    ],
)
def test_body_after_a_picture_stays_body(paragraph: str) -> None:
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p>{paragraph}<p>{LONG}</p>")
    assert [image.caption for image in article.images] == [None]
    assert len(article.body.split("\n\n")) == 3


def test_caption_after_two_pictures_is_the_last_ones() -> None:
    article = read(f"<p>{LONG}</p><p><img src=/a.jpg></p><p><img src=/b.jpg></p><p><i>Hội nghị</i></p><p>{LONG}</p>")
    assert [image.caption for image in article.images] == [None, "Hội nghị"]


def test_caption_of_italic_body_is_not_told_by_italics() -> None:
    article = read(f"<p><i>{LONG}</i></p><p><img src=/a.jpg></p><p><i>{LONG}</i></p><p><i>{LONG}</i></p>")
    assert [image.caption for image in article.images] == [None]


def test_text_around_an_inline_picture_stays_body() -> None:
    article = read(f"<p>{LONG}</p><p>Bấm nút <img src=/nut.jpg> để nộp hồ sơ trực tuyến</p><p>{LONG}</p>")
    assert "để nộp hồ sơ trực tuyến" in article.body
