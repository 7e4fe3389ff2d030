"""All words of a part stay, whatever elements are in it; and what a part offers belongs to the article."""

import pytest

from crawler.extract.answer import read_page
from crawler.items import Answer, Article, Purpose
from tests.support.build import BASE, make_profile, new_address

AT = new_address(1).url
DECREE = '<a href="/a.pdf">Thông tư số 10/2024/TT-BTTTT</a>'
DECREE_FILE = (f"{BASE}/a.pdf", "Thông tư số 10/2024/TT-BTTTT")


def read(content: str = "<p>Thân bài.</p>", *, header: str = "Tin", summary: str = "", after: str = "") -> Article:
    """Read an article's page with these parts in the CMS's frame."""
    sapo = f'<div class="ArticleSummary">{summary}</div>' if summary else ""
    page = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>x</title></head><body>'
        f'<div class="ArticleDetailControl"><div class="ArticleHeader">{header}</div>{sapo}'
        f'<div class="ArticleContent">{content}</div>{after}</div></body></html>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    return reading.article


def files(article: Article) -> list[tuple[str, str | None]]:
    return [(ref.url, ref.label) for ref in article.attachments]


def test_a_link_in_a_summary_keeps_its_words_and_gives_its_file() -> None:
    article = read(summary=f"Bộ ban hành {DECREE} ngày 13/9")
    assert article.summary == "Bộ ban hành Thông tư số 10/2024/TT-BTTTT ngày 13/9"
    assert files(article) == [DECREE_FILE]


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (DECREE, "Thông tư số 10/2024/TT-BTTTT"),
        (f"Chi tiết: {DECREE}", "Chi tiết: Thông tư số 10/2024/TT-BTTTT"),
        (f"<p>Bộ ban hành.</p><p>{DECREE}</p>", "Bộ ban hành."),
        ("<u>Ngày</u> <time>13/9/2024</time> tại <abbr>UBND</abbr> <mark>xã</mark>", "Ngày 13/9/2024 tại UBND xã"),
        ("<span class='date'>(13/9/2024)</span> Xã họp", "Xã họp"),
    ],
)
def test_a_summary_keeps_its_words_but_no_line_that_only_offers_a_file(summary: str, expected: str) -> None:
    assert read(summary=summary).summary == expected


def test_a_date_in_a_sentence_is_not_the_date_of_posting() -> None:
    assert read(summary="Họp ngày <time>13/9/2024</time> tại xã").dates == ()
    assert read(header="<h1>Kế hoạch ngày <time>13/9/2024</time> của xã</h1>").dates == ()
    assert [found.source for found in read(header='<h1>Tin</h1><span class="date">13/9/2024</span>').dates] == ["page"]


def test_a_picture_in_a_summary_is_the_articles() -> None:
    article = read('<p>Thân bài.</p><p><img src="/b.jpg"></p>', summary='Tóm tắt <img src="/s.jpg"><img src="/b.jpg">')
    assert [image.url for image in article.images] == [f"{BASE}/s.jpg", f"{BASE}/b.jpg"]
    assert article.summary == "Tóm tắt"


@pytest.mark.parametrize(
    ("header", "title"),
    [
        (f"Kế hoạch theo {DECREE}", "Kế hoạch theo Thông tư số 10/2024/TT-BTTTT"),
        ("Kế hoạch ngày <time>13/9/2024</time> của xã", "Kế hoạch ngày 13/9/2024 của xã"),
        ('<span class="title">Kế hoạch</span> số 12 <span class="date">13/9/2024</span>', "Kế hoạch số 12"),
        ('<h1>Kế hoạch</h1><span class="date">13/9/2024</span>', "Kế hoạch"),
    ],
)
def test_a_title_keeps_the_words_of_its_elements(header: str, title: str) -> None:
    article = read(header=header)
    assert article.title == title
    assert files(article) == ([DECREE_FILE] if "href" in header else [])


def test_a_caption_keeps_the_words_of_its_links() -> None:
    article = read(
        f"<p>Thân bài.</p><figure><img src='/a.jpg'><figcaption>Sơ đồ theo {DECREE}</figcaption></figure>"
        f"<figure><img src='/b.jpg'><figcaption>{DECREE}</figcaption></figure>"
    )
    words = "Thông tư số 10/2024/TT-BTTTT"
    assert [image.caption for image in article.images] == [f"Sơ đồ theo {words}", words]
    assert files(article) == [DECREE_FILE]
    assert article.body == "Thân bài."


@pytest.mark.parametrize(
    ("line", "byline", "source"),
    [
        ('<p>Nguồn: <a href="/a.pdf">Báo cáo số 5</a></p>', None, "Báo cáo số 5"),
        ('<p>Tác giả: <a href="/a.pdf">Hồng Hải</a></p>', "Hồng Hải", None),
        ('<p>Bài, ảnh: <span class="author">Hồng Hải</span> - TTVH</p>', "Bài, ảnh: Hồng Hải - TTVH", None),
        ('<p>Hết.</p><p><span class="author">Hồng Hải</span></p>', "Hồng Hải", None),
    ],
)
def test_credits_keep_the_words_of_their_elements(line: str, byline: str | None, source: str | None) -> None:
    article = read(f"<p>Thân bài.</p>{line}")
    assert (article.byline, article.source) == (byline, source)


@pytest.mark.parametrize(
    "after",
    [
        '<div class="x"><div><div><a href="/a.pdf">QĐ 5</a></div></div></div>',
        '<div class="UIAttachFile_Default"><ul><li><a href="/a.pdf">QĐ 5</a></li></ul></div>',
        '<div class="author"><a href="/a.pdf">QĐ 5</a></div>',
        '<div class="dinh-kem"><table><tr><td>1</td><td><a href="/a.pdf">QĐ 5</a></td></tr></table></div>',
    ],
)
def test_files_beside_the_content_are_the_articles(after: str) -> None:
    assert files(read(after=after)) == [(f"{BASE}/a.pdf", "QĐ 5")]


def test_a_box_of_files_is_found_without_the_frame_and_other_links_are_not() -> None:
    page = (
        '<html><body><div id="m"><h1 class="ArticleHeader">Tin</h1><div class="ArticleContent"><p>Thân bài.</p></div>'
        '<div class="list-file-dinhkem"><a href="/a.pdf">QĐ 5</a></div></div>'
        '<div class="banner"><a href="/quang-cao.pdf">Quảng cáo</a></div></body></html>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert files(reading.article) == [(f"{BASE}/a.pdf", "QĐ 5")]


def test_a_wrapper_named_after_files_hides_no_text() -> None:
    article = read('<div class="has-attachment"><p>Thân bài.</p><p>Và thêm.</p></div>')
    assert article.body == "Thân bài.\n\nVà thêm."


@pytest.mark.parametrize(
    "content",
    [
        '<p><iframe src="https://drive.google.com/file/d/1/preview"></iframe></p>',
        '<video src="/v.mp4"></video>',
        '<p><a href="/a.pdf"><img src="/images/icon-pdf.png"></a></p>',
        '<p><img src="/scan.jpg"></p>',
    ],
)
def test_an_article_of_one_frame_film_file_or_picture_is_an_article(content: str) -> None:
    assert read(content).body == ""


@pytest.mark.parametrize("name", ['id="print"', 'class="tool-wrap share"', 'id="ctl00_print"', 'class="rating"'])
@pytest.mark.parametrize("summary", ["", "Tóm tắt."])
def test_a_wrapper_named_after_a_tool_hides_no_short_article(name: str, summary: str) -> None:
    sapo = f'<div class="ArticleSummary">{summary}</div>' if summary else ""
    inner = f'<div class="PostDate">28/11/2025</div>{sapo}<div class="ArticleContent"><p>Thân bài.</p></div>'
    for page in (
        f'<div class="ArticleDetailControl"><h1 class="ArticleHeader">Tin</h1><div {name}>{inner}</div></div>',
        f'<div {name}><div class="ArticleDetailControl"><h1 class="ArticleHeader">Tin</h1>{inner}</div></div>',
    ):
        answer = Answer(AT, f"<html><body>{page}</body></html>".encode(), "text/html; charset=utf-8", None)
        reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
        assert reading.article is not None
        assert (reading.article.body, reading.article.summary) == ("Thân bài.", summary or None)
        assert [found.source for found in reading.article.dates] == ["page"]


def test_a_content_around_the_whole_article_gives_its_parts() -> None:
    head = (
        '<h1 class="ArticleHeader">Tin</h1><div class="PostDate">28/11/2025</div>'
        '<div class="ArticleSummary">Tóm tắt.</div>'
    )
    page = f'<div class="ArticleDetailControl"><div class="ArticleContent">{head}<p>Thân bài.</p></div></div>'
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    article = reading.article
    assert article is not None
    assert (article.title, article.summary, article.body) == ("Tin", "Tóm tắt.", "Thân bài.")
    assert article.body_html == "<p>Thân bài.</p>"
    assert [found.source for found in article.dates] == ["page"]


def test_a_summary_inside_the_content_is_kept_once() -> None:
    article = read('<div class="ArticleSummary">Tóm tắt.</div><p>Thân bài.</p>')
    assert (article.summary, article.body, article.body_html) == ("Tóm tắt.", "Thân bài.", "<p>Thân bài.</p>")


@pytest.mark.parametrize(
    ("date", "byline"),
    [
        ("<i class='fa'></i>&nbsp;28/11/2025&nbsp;<i class='fa'></i>&nbsp;1.145", None),
        ("28/11/2025 09:35 145", None),
        ("28/11/2025 | Lượt xem: 15 | Tác giả: Thu Hà", "Thu Hà"),
        ("Tác giả: Thu Hà | 28/11/2025 (15 lượt xem)", "Thu Hà"),
    ],
)
def test_the_line_of_the_date_has_a_counter_and_the_author(date: str, byline: str | None) -> None:
    article = read(
        header="<h1>Tin</h1>", summary="", content="<p>Thân bài.</p>", after=f'<p class="PostDate">{date}</p>'
    )
    assert [(found.on.isoformat(), found.source) for found in article.dates] == [("2025-11-28", "page")]
    assert article.byline == byline


@pytest.mark.parametrize(
    "box",
    [
        '<div class="print"><p>Nội dung bản in của thông báo</p></div>',
        '<div class="views"><p>Quan điểm của lãnh đạo xã về việc này</p></div>',
        '<div class="tool"><p>Dụng cụ trồng cây gồm cuốc và xẻng</p></div>',
        '<button type="button"><p>Câu hỏi một của người dân là gì?</p></button>',
    ],
)
def test_a_text_of_an_editor_in_a_box_named_after_furniture_is_kept(box: str) -> None:
    article = read(f"<p>Thân bài.</p>{box}<p>Hết.</p>")
    said = box.partition("<p>")[2].partition("</p>")[0]
    assert article.body == f"Thân bài.\n\n{said}\n\nHết."
    assert said in article.body_html


@pytest.mark.parametrize(
    "box",
    [
        '<div class="tool"><a href="javascript:print()">In bài viết này ra giấy khổ A4</a></div>',
        '<div class="luotxem">Số lượt truy cập: 1.145</div>',
        '<div class="view-count">Bài viết này đã được xem 1.145 lần</div>',
        '<div class="share">Chia sẻ: <a href="https://zalo.me/x">Zalo</a></div>',
        "<button>Nghe bài viết</button>",
    ],
)
def test_furniture_inside_the_content_is_no_text(box: str) -> None:
    article = read(f"<p>Thân bài.</p>{box}<p>Hết.</p>")
    assert (article.body, article.body_html) == ("Thân bài.\n\nHết.", "<p>Thân bài.</p><p>Hết.</p>")


@pytest.mark.parametrize(
    "lead",
    [
        '<img class="ImgDetailImage" src="/l.jpg"><p class="img-note">Lễ hội</p>',
        '<figure><img class="ImgDetailImage" src="/l.jpg"><figcaption>Lễ hội</figcaption></figure>',
    ],
)
def test_the_lead_picture_has_its_caption(lead: str) -> None:
    page = (
        f'<div class="ArticleDetailControl"><h1 class="ArticleHeader">Tin</h1><div>{lead}</div>'
        '<div class="ArticleContent"><p>Thân bài.</p></div></div>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert [(image.url, image.caption) for image in reading.article.images] == [(f"{BASE}/l.jpg", "Lễ hội")]
    assert (reading.article.body, reading.article.byline) == ("Thân bài.", None)


SHOWN = '<p align="center"><i>Toàn cảnh xã</i></p>'


@pytest.mark.parametrize(
    "picture",
    [
        '<amp-img src="/a.jpg" width="600" height="400"><noscript><img src="/a.jpg"></noscript></amp-img>',
        '<amp-anim src="/a.jpg"></amp-anim>',
        '<svg width="600" height="400"><image href="/a.jpg" width="600" height="400"/></svg>',
        '<svg viewBox="0 0 9 9"><g><image xlink:href="/a.jpg"></image></g></svg>',
        '<img class="lazy" src="/blank.gif"><noscript><img src="/a.jpg"></noscript>',
        '<picture><source srcset="/s.webp 300w, /a.jpg 900w"><img src="/blank.gif"></picture>',
    ],
)
def test_a_picture_is_one_in_any_element_that_shows_it(picture: str) -> None:
    article = read(f"<p>Thân bài.</p>{picture}{SHOWN}<p>Hết bài.</p>")
    url = f"{BASE}/a.jpg"
    assert [(one.url, one.caption) for one in article.images] == [(url, "Toàn cảnh xã")]
    assert article.body == "Thân bài.\n\nHết bài."
    if "noscript" not in picture or "amp" in picture:
        assert article.body_html.count(f'<img src="{url}">') == 1


def test_an_icon_in_a_drawing_is_no_picture() -> None:
    icon = (
        '<svg width="20" height="20"><image href="/i.png" width="20" height="20"/></svg><svg><path d="M0 0h9"/></svg>'
    )
    article = read(f"<p>Thân bài.</p>{icon}")
    assert article.images == ()
    assert "<img" not in article.body_html
