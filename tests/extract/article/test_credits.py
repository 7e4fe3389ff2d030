"""Bylines and sources are found, and no sentence is taken for one."""

import pytest

from crawler.addresses import classify
from crawler.extract import parse_page, read_article
from crawler.items import Article
from crawler.profile import parse_profile

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
TEXT = (
    "Sáng nay, xã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng với sự tham dự của hơn hai trăm đại biểu "
    "đến từ mười bốn thôn bản trên địa bàn."
)
IMG = '<p><img src="/a.jpg"></p>'


def read(content: str, *, before: str = "", after: str = "") -> Article:
    html = (
        f'<div class="ArticleDetailControl"><div class="ArticleHeader">Bài viết</div>{before}'
        f'<div class="ArticleContent"><p>{TEXT}</p>{content}</div>{after}</div>'
    )
    address = classify(URL, PROFILE)
    assert address is not None
    return read_article(parse_page(html, URL), PROFILE, address=address)


@pytest.mark.parametrize(
    ("tail", "byline", "source"),
    [
        ("<p>Hồng Hải (Trng tâm VH,TT-TT Sa Pa)</p>", "Hồng Hải (Trng tâm VH,TT-TT Sa Pa)", None),
        ("<p>Hồng Hải</p>", "Hồng Hải", None),
        ("<p>Vàng A Páo - Thu Hà</p>", "Vàng A Páo - Thu Hà", None),
        ("<p>HỒNG HẢI</p>", "HỒNG HẢI", None),
        ("<p>Hồng Hải - Trung tâm VH,TT-TT</p>", "Hồng Hải - Trung tâm VH,TT-TT", None),
        ("<p><b>Phòng Văn hóa và Thông tin</b></p>", "Phòng Văn hóa và Thông tin", None),
        ('<p style="text-align:right">BBT</p>', "BBT", None),
        ('<p align="right"><b>Hồng Hải<br>(Trung tâm VH,TT-TT)</b></p>', "Hồng Hải (Trung tâm VH,TT-TT)", None),
        ('<div class="text-right"><p>Hồng Hải</p><p>Đài Phát thanh</p></div>', "Hồng Hải Đài Phát thanh", None),
        (f"{IMG}<p><b>Hồng Hải</b></p>", "Hồng Hải", None),
        (f'{IMG}<p style="text-align:right"><i>Thu Hà</i></p>', "Thu Hà", None),
        ("<p>Bài, ảnh: Mai Lan</p>", "Bài, ảnh: Mai Lan", None),
        ("<p><b>Ảnh và bài: Mai Lan</b></p>", "Ảnh và bài: Mai Lan", None),
        (f"{IMG}<p><b>Ảnh và bài: Mai Lan</b></p>", "Ảnh và bài: Mai Lan", None),
        ('<p align="right"><b>Người đưa tin: Mai Lan</b></p>', "Người đưa tin: Mai Lan", None),
        ('<p align="right"><b>Mai Lan.</b></p>', "Mai Lan.", None),
        ('<p align="right"><b>P.H</b></p>', "P.H", None),
        ('<p align="right">Tin: Mai Lan</p><p align="right">Ảnh: Vũ Nam</p>', "Tin: Mai Lan Ảnh: Vũ Nam", None),
        ("<p><b>Hội Nông dân xã Tân Phú</b></p>", "Hội Nông dân xã Tân Phú", None),
        (
            '<p align="right"><b>Mai Lan<br>Trung tâm Cung ứng dịch vụ công xã</b></p>',
            "Mai Lan Trung tâm Cung ứng dịch vụ công xã",
            None,
        ),
        ("<p>Tác giả: Mai Lan</p>", "Mai Lan", None),
        ("<p><b>Tác giả:</b> Mai Lan</p><p>Nguồn: Báo Lào Cai</p>", "Mai Lan", "Báo Lào Cai"),
        ("<p>Nguồn: baolaocai.vn</p><p><b>Mai Lan</b></p>", "Mai Lan", "baolaocai.vn"),
        ("<p>(Nguồn Báo Lào Cai)</p>", None, "Báo Lào Cai"),
        ("<p>Theo TTXVN</p>", None, "TTXVN"),
        ("<p><i>(Theo Báo Nhân Dân)</i></p>", None, "Báo Nhân Dân"),
        ("<p>Mai Lan (Theo Báo Nhân Dân)</p>", "Mai Lan", "Báo Nhân Dân"),
        ("<p>Mai Lan<br></p><p>&nbsp;</p>", "Mai Lan", None),
        ("<p>Tác giả: Mai Lan | Nguồn: Cổng TTĐT tỉnh</p>", "Mai Lan", "Cổng TTĐT tỉnh"),
    ],
)
def test_closing_credit_is_read_and_removed_from_the_body(tail: str, byline: str | None, source: str | None) -> None:
    article = read(tail)
    assert (article.byline, article.source, article.body) == (byline, source, TEXT)
    assert all(image.caption is None for image in article.images)


@pytest.mark.parametrize(
    "tail",
    [
        "<p>Theo kế hoạch, hội nghị tiếp tục vào ngày mai.</p>",
        "<p>Xin trân trọng cảm ơn!</p>",
        "<p><b>Trân trọng thông báo./.</b></p>",
        "<p><b>II. Phương hướng nhiệm vụ</b></p>",
        "<p>Chi tiết liên hệ số 0203 123 456</p>",
        "<p>Danh sách khen thưởng:</p><p>Vàng A Páo</p><p>Lò Thị Mai</p><p>Giàng A Chu</p>",
        '<p align="right">Sa Pa, ngày 12 tháng 3 năm 2024</p>',
        "<p><b>TM. ỦY BAN NHÂN DÂN</b></p><p><b>CHỦ TỊCH</b></p><p><b>Nguyễn Văn An</b></p>",
        "<ul><li>Thôn Sả Séng</li><li>Thôn Má Tra</li></ul>",
        "<table><tr><td>Họ tên</td><td>Chức vụ</td></tr><tr><td>Lò Thị Mai</td><td>Bí thư</td></tr></table>",
        "<p>Nguồn nước sạch về đến từng bản làng vùng cao, bà con rất phấn khởi và biết ơn Nhà nước.</p>",
        "<p>Giải Nhất: Vàng A Páo</p><p>Giải Nhì: Lò Thị Mai</p><p>Giàng A Chu</p>",
        "<p>Kết quả cuộc thi</p><p>Giải Nhất</p><p>Vàng A Páo</p>",
        "<p>1. Vàng A Páo</p><p>2. Lò Thị Mai</p><p><b>Giàng A Chu</b></p>",
        "<p>Vàng A Páo (Trường THCS Sa Pa)</p><p>Giàng A Chu (Trường THCS Tả Van)</p>",
        "<p>Giải Ba: em Lò Mai, lớp 9A</p><p><b>Giàng A Chu</b></p>",
        "<p>Giải Ba<br>Giàng A Chu</p>",
        "<p>Em Giàng A Chu</p>",
        "<p>Giải Nhất: Công an xã</p><p>Giải Nhì: Đoàn xã</p><p><b>Trung tâm Y tế</b></p>",
        '<p align="right"><b>TM. UBND XÃ<br>KT. CHỦ TỊCH<br>PHÓ CHỦ TỊCH<br><br>Nguyễn Văn An</b></p>',
        '<p align="right">CHỦ TỊCH</p><p align="right">Nguyễn Văn An</p><p>Nơi nhận:</p><p>- Như trên;</p>',
        '<p align="right">Sa Pa, ngày 12 tháng 3 năm 2024</p><p align="right">Nguyễn Văn An</p>',
        '<p align="right">GIÁM ĐỐC</p><p align="right">(Đã ký)</p><p align="right">Nguyễn Văn An</p>',
        '<p align="right">HỘI ĐỒNG NHÂN DÂN XÃ</p><p align="right">Nguyễn Văn An</p>',
        '<p align="right">T/M BAN CHẤP HÀNH</p><p align="right">Nguyễn Văn An</p>',
        '<p align="right">BAN TỔ CHỨC</p>',
        '<p>Trân trọng thông báo./.</p><p align="right"><b>Ban Tổ chức</b></p>',
        "<p>KẾ TOÁN TRƯỞNG</p><p><b>Lò Thị Mai</b></p>",
        '<p align="right"><b>Người phát ngôn</b></p><p align="right"><b>Nguyễn Văn An</b></p>',
        f'{IMG}<p align="right"><b>Phó Trưởng ban</b></p><p align="right"><b>Nguyễn Văn An</b></p>',
        "<p><b>Hội nghị kết thúc trong không khí phấn khởi</b></p>",
        "<p><b>Xã Tân Phú quyết tâm về đích nông thôn mới</b></p>",
        "<p><b>Đoàn viên, thanh niên hăng hái tham gia</b></p>",
        "<p><b>Hội viên phụ nữ xã</b></p>",
        "<center><b>ĐỀ CƯƠNG TUYÊN TRUYỀN</b></center>",
        "<p><b>Ban tổ chức trao giải cho các đội</b></p>",
        "<p><b>Số điện thoại đường dây nóng: 0225 3888 999</b></p>",
        "<p><b>Đại biểu trồng cây tại khu di tích</b></p>",
        "<p>Xã Tân Phú, xã An Lão</p>",
        "<p><b>Bản Khoang, Tả Phìn</b></p>",
        '<p align="right"><b>Trung tâm Phục vụ hành chính công sẵn sàng phục vụ nhân dân</b></p>',
        '<p align="right"><i>Non sông gấm vóc nghìn năm vẫn còn</i></p>',
        "<p><b>Sa Pa</b></p>",
        '<p align="right"><b>Lào Cai.</b></p>',
        '<p align="right"><i>Hà Nội</i></p>',
    ],
)
def test_closing_sentence_is_no_credit(tail: str) -> None:
    article = read(tail)
    assert (article.byline, article.source) == (None, None)
    assert len(article.body) > len(TEXT)


@pytest.mark.parametrize(
    ("before", "after", "byline"),
    [
        ("", '<div class="author">Tác giả: Lò Mai</div>', "Lò Mai"),
        ("", '<div class="author">Lò Mai</div>', "Lò Mai"),
        ("", '<div class="Author"><span>Tác giả</span><p>Lò Mai</p></div>', "Lò Mai"),
        ('<div class="sub"><b>Tác giả: Lò Mai</b></div>', "", "Lò Mai"),
        ('<div class="info">Ngày đăng: 05/06/2024 | Tác giả: Lò Mai</div>', "", "Lò Mai"),
        ("", '<p style="text-align:right"><b>Lò Mai</b></p>', "Lò Mai"),
        ("", '<div class="author">Người đăng: Quản trị</div>', None),
        ("", '<div class="author"></div>', None),
    ],
)
def test_credit_outside_the_content(before: str, after: str, byline: str | None) -> None:
    article = read("", before=before, after=after)
    assert (article.byline, article.body) == (byline, TEXT)


def test_source_in_brackets_at_the_end_is_removed_from_the_text() -> None:
    article = read("<p>Hội nghị thành công tốt đẹp. (Nguồn: Báo Lào Cai)</p>")
    assert (article.source, article.body) == ("Báo Lào Cai", TEXT + "\n\nHội nghị thành công tốt đẹp.")


def test_a_name_under_the_seal_of_a_signature_is_neither_caption_nor_byline() -> None:
    article = read(
        '<p align="right">TM. ĐẢNG ỦY</p><p align="right">BÍ THƯ</p><p><img src="/dau.png"></p>'
        '<p align="center"><b>Nguyễn Văn An</b></p>'
    )
    assert [image.caption for image in article.images] == [None]
    assert article.byline is None
    assert article.body.endswith("TM. ĐẢNG ỦY\n\nBÍ THƯ\n\nNguyễn Văn An")


def test_a_source_in_the_middle_under_the_last_picture_is_the_pictures() -> None:
    centred = '<p align="center"><i>{}</i></p>'
    article = read(IMG + centred.format("Quang cảnh hội nghị") + centred.format("Nguồn: Internet"))
    assert (article.source, article.images[0].caption) == (None, "Quang cảnh hội nghị Nguồn: Internet")
    article = read(IMG + centred.format("Quang cảnh hội nghị") + "<p>Nguồn: Báo Lào Cai</p>")
    assert (article.source, article.images[0].caption) == ("Báo Lào Cai", "Quang cảnh hội nghị")


@pytest.mark.parametrize(
    "line",
    [
        "- Hoàn thành kế hoạch trồng rừng năm nay.",
        "Giải pháp này giúp bà con yên tâm sản xuất.",
        "Hội thi diễn ra ngày 12 tháng 3 năm 2024.",
        "Đại biểu chúc mừng ông Nguyễn Văn An - Chủ tịch xã.",
        "Đội trưởng đội văn nghệ nhận cờ lưu niệm.",
        "Rà soát, lập danh sách 7.604 hộ thuộc diện hỗ trợ;",
        "Ban tổ chức đã trao giải cho các em đoạt giải.",
    ],
)
def test_a_byline_below_a_sentence_or_an_item_of_a_plan_is_one(line: str) -> None:
    assert read(f"<p>{line}</p><p><b>Hồng Hải</b></p>").byline == "Hồng Hải"


@pytest.mark.parametrize(
    "caption",
    [
        "<p><i>Em Lò Thị Mai, học sinh lớp 9</i></p>",
        "<p><i>Từ trái sang: Vàng A Páo, Lò Thị Mai</i></p>",
        "<p align=center><i>Quang cảnh (Ảnh: Thu Hà)</i></p>",
        "<p align=center><i>Quang cảnh</i></p><p align=center><i>Ảnh: Thu Hà</i></p>",
    ],
)
def test_names_in_the_caption_of_the_last_picture_hide_no_byline(caption: str) -> None:
    assert read(f"{IMG}{caption}<p><b>Hồng Hải</b></p>").byline == "Hồng Hải"


def test_an_author_below_closing_words_is_one() -> None:
    assert read("<p>Trân trọng giới thiệu cùng bạn đọc!</p><p><b>Hồng Hải</b></p>").byline == "Hồng Hải"
