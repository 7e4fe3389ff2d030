"""Which links and viewers of an article offer files: by name, by the form of their address, or by their words."""

import pytest

from crawler.extract.answer import read_page
from crawler.items import Answer, Purpose
from tests.support.build import BASE, make_profile, new_address

AT = new_address(1).url
STORE = "https://storage.example.vn"


def offered(html: str, *, around: str = "") -> list[tuple[str, str | None]]:
    """Give the files that an article offers whose content is this HTML."""
    page = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>x</title></head><body><a href="/tai-ve">Tải về</a>'
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Tin</div>'
        f'<div class="ArticleContent"><p>Thân bài.</p>{html}</div>{around}</div></body></html>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    return [(ref.url, ref.label) for ref in reading.article.attachments]


@pytest.mark.parametrize(
    "href",
    [
        "/DownloadFile.ashx?id=77",
        "/vbdownload/12",
        "/Handlers/GetFile.ashx?f=abc",
        "/Handlers/GetFile.ashx?file=QD12.pdf",
        "/portal/download.aspx?docid=3",
        "/index.php?option=com_docman&task=doc_download&gid=12",
        "/attachments/9f3c/1",
        f"{STORE}/tai-ve/12",
    ],
)
def test_an_address_of_a_program_that_answers_files_is_a_download(href: str) -> None:
    url = href if href.startswith("http") else f"{BASE}{href}"
    assert offered(f'<p><a href="{href}">QĐ 12</a></p>') == [(url, "QĐ 12")]


@pytest.mark.parametrize(
    "words",
    ["Tải về", "tải xuống", "Download", "File đính kèm", "Văn bản kèm theo", "Tài liệu số đính kèm", "Xem file"],
)
def test_words_of_a_link_make_a_download_of_any_other_address(words: str) -> None:
    assert offered(f'<p><a href="/vanban/xem?ma=12">{words}</a></p>') == [(f"{BASE}/vanban/xem?ma=12", words)]


@pytest.mark.parametrize(
    "href",
    [
        "/tin-tuc",
        "/",
        "/tin-tuc/tai-ve-van-ban-12345",
        "/1227/1/2/3/tin-tuc/tai-ve",
        "https://play.example.com/download/12",
        "/gioi-thieu/download.html",
        "/media/download/phim.mp4",
        "#tai-ve",
        "javascript:download()",
        "mailto:download@example.vn",
    ],
)
def test_articles_listings_home_pages_and_foreign_hosts_are_no_downloads(href: str) -> None:
    assert offered(f'<p><a href="{href}">Tải về</a></p>') == []


def test_a_class_alone_makes_no_file_of_an_article() -> None:
    assert offered('<p><a class="link-download" href="/tin-tuc/mot-bai-khac-12345">Tải về</a></p>') == []
    assert offered('<p><a class="link-download" href="/tep?ma=3">QĐ</a></p>') == [(f"{BASE}/tep?ma=3", "QĐ")]


@pytest.mark.parametrize(
    ("src", "url"),
    [
        ("/pdfjs/web/viewer.html?file=/vbdownload/12", f"{BASE}/vbdownload/12"),
        ("/pdfjs/web/viewer.html?file=%2FHandlers%2FGetFile.ashx%3Ff%3Da", f"{BASE}/Handlers/GetFile.ashx?f=a"),
        ("/pdfjs/web/viewer.html?file=/a/b.pdf", f"{BASE}/a/b.pdf"),
        ("/Handlers/GetFile.ashx?file=QD12.pdf", f"{BASE}/Handlers/GetFile.ashx?file=QD12.pdf"),
        ("/DownloadFile.ashx?id=77", f"{BASE}/DownloadFile.ashx?id=77"),
    ],
)
def test_a_viewer_gives_the_file_it_shows_and_a_program_itself(src: str, url: str) -> None:
    assert offered(f'<iframe src="{src}"></iframe>') == [(url, None)]


def test_the_words_of_a_possible_download_stay_in_the_text() -> None:
    page = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Tin</div><div class="ArticleContent">'
        '<p>Xem và <a href="/vanban/12?x=1">tải về</a> tại đây.</p></div></div>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert reading.article.body == "Xem và tải về tại đây."


def test_downloads_are_bounded_and_each_is_once() -> None:
    links = "".join(f'<p><a href="/vbdownload/{n // 2}">Tải về {n}</a></p>' for n in range(100))
    found = offered(links)
    assert 5 < len(found) <= 20
    assert len({url for url, _ in found}) == len(found)


def test_downloads_beside_the_content_count_within_the_frame_only() -> None:
    assert offered("", around='<div class="x"><a href="/vbdownload/12">QĐ</a></div>') == [
        (f"{BASE}/vbdownload/12", "QĐ")
    ]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/DownloadAttach.ashx?id=12&file=a.pdf", "/DownloadAttach.ashx?id=12&file=a.pdf"),
        ("/DownloadAttach.ashx?id=12&amp;file=a.pdf", "/DownloadAttach.ashx?id=12&file=a.pdf"),
        ("/DownloadAttach.ashx?id=12&amp;amp;file=a.pdf", "/DownloadAttach.ashx?id=12&amp;file=a.pdf"),
        ("/DownloadAttach.ashx?z=1&a=%2Fx+y%20z.doc", "/DownloadAttach.ashx?z=1&a=%2Fx+y%20z.doc"),
        ("/tai.aspx?p=Báo cáo.docx", "/tai.aspx?p=B%C3%A1o%20c%C3%A1o.docx"),
        ("/ViewFile.aspx?f=a.pdf&k=2", "/ViewFile.aspx?f=a.pdf&k=2"),
        ("/VanBan/Download/12", "/VanBan/Download/12"),
        ("/xem-van-ban?tep=a.pdf", "/xem-van-ban?tep=a.pdf"),
        ("/xem.aspx?p=/upload/a.pdf", "/upload/a.pdf"),
        ("/pdfviewer?file=/upload/a b.pdf", "/upload/a%20b.pdf"),
        ("/pdfviewer?file=a.pdf#page=2", "/a.pdf"),
        ("https://docs.google.com/viewer?url=https%3A%2F%2Fsapa.example.vn%2Fa%2520b.pdf&embedded=true", "/a%20b.pdf"),
        ("https://view.officeapps.live.com/op/view.aspx?src=https://sapa.example.vn/a.xlsx", "/a.xlsx"),
        ("/ViewerJS/#../files/a.odt", "/files/a.odt"),
        ("/pdfjs/web/viewer.html#file=/files/a.pdf", "/files/a.pdf"),
        ("/scan.jpg", "/scan.jpg"),
    ],
)
def test_an_address_is_asked_as_it_stands_and_a_viewer_for_what_it_shows(href: str, url: str) -> None:
    assert offered(f'<p>Xem <a href="{href}">QĐ 12</a> nhé.</p>') == [(f"{BASE}{url}", "QĐ 12")]


@pytest.mark.parametrize(
    "href",
    [
        "/tim-kiem.aspx?keyword=a.pdf",
        "https://www.facebook.com/sharer/sharer.php?u=https://sapa.example.vn/a.pdf",
        "/?pageid=27205&file=a.pdf",
    ],
)
def test_what_is_searched_shared_or_listed_is_no_file(href: str) -> None:
    assert offered(f'<p>Xem <a href="{href}">QĐ 12</a> nhé.</p>') == []


@pytest.mark.parametrize(
    ("html", "label"),
    [
        ('<a href="/a.pdf"><img src="/anh/pdf.png" width="300" height="300"></a>', None),
        ('<a href="/DownloadAttach.ashx?a.pdf"><img src="/images/icon-pdf.png"></a>', None),
        ('<a href="/a.pdf"><p>Quyết định</p><p>số 12</p></a>', "Quyết định số 12"),
        ("<span onclick=\"window.open('/a.pdf', 'x')\">QĐ 12</span>", "QĐ 12"),
        ('<button type="button" data-href="/a.pdf">QĐ 12</button>', "QĐ 12"),
        ('<input type="button" value="QĐ 12" onclick=\'location.href="/a.pdf"\'>', "QĐ 12"),
        ("<a href=\"javascript:openFile('/a.pdf')\">QĐ 12</a>", "QĐ 12"),
        ('<a href="#" data-file="/a.pdf">QĐ 12</a>', "QĐ 12"),
        ("<a onclick=\"tai('QD.pdf', '/a.pdf')\">QĐ 12</a>", "QĐ 12"),
        ('<a type="application/pdf" href="/DownloadAttach.ashx?a.pdf">QĐ 12</a>', "QĐ 12"),
        ('<map><area href="/a.pdf"></map>', None),
        ('<object><param name="src" value="/a.pdf"></object>', None),
        ('<object data="/x.swf"><embed src="/a.pdf"></object>', None),
        ('<embed src="/a.pdf">', None),
        ('<iframe data-src="/pdfjs/web/viewer.html?file=/a.pdf"></iframe>', None),
        ("<table><tr onclick=\"mo('/a.pdf')\"><td>1</td><td>QĐ 12</td></tr></table>", "1 QĐ 12"),
        ('<table><tr><td><div><ul><li><a href="/a.pdf">QĐ 12</a></li></ul></div></td></tr></table>', "QĐ 12"),
        ('<noscript><a href="/a.pdf">QĐ 12</a></noscript>', "QĐ 12"),
    ],
)
def test_every_way_to_a_file_offers_it(html: str, label: str | None) -> None:
    found = offered(html)
    assert [found_label for _, found_label in found] == [label]
    assert found[0][0] in (f"{BASE}/a.pdf", f"{BASE}/DownloadAttach.ashx?a.pdf")


def test_a_link_around_a_picture_to_its_larger_version_is_no_file() -> None:
    assert offered('<a href="/lon.jpg"><img src="/nho.jpg"></a><a href="/xem.ashx?anh=1"><img src="/b.jpg"></a>') == []


def test_a_document_on_a_foreign_host_is_named_so_that_it_is_counted() -> None:
    assert offered('<p>Xem <a href="https://bo.vn/a.pdf">QĐ</a>.</p>') == [("https://bo.vn/a.pdf", "QĐ")]


def test_a_row_that_opens_a_file_keeps_its_words_in_the_text() -> None:
    page = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Tin</div><div class="ArticleContent">'
        "<table><tr onclick=\"mo('/a.pdf')\"><td>1</td><td>QĐ 12</td></tr></table></div></div>"
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert reading.article.body == "1 QĐ 12"


def test_a_link_is_a_file_by_its_stated_type() -> None:
    assert offered('<p><a type="application/pdf" href="/xem/12">QĐ</a></p>') == [(f"{BASE}/xem/12", "QĐ")]


def test_the_numbers_of_rows_stay_beside_the_files_of_other_rows() -> None:
    rows = "".join(
        f'<tr><td>{number}</td><td>Quyết định {number}</td><td><a href="/{number}.pdf">Tải về</a></td></tr>'
        for number in (1, 2, 3)
    )
    page = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Tin</div><div class="ArticleContent">'
        f"<table>{rows}</table></div></div>"
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert reading.article.body == "1 Quyết định 1\n\n2 Quyết định 2\n\n3 Quyết định 3"


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/DownloadAttach.ashx?guid=3f-11&amp;type=1">QĐ 12</a>',
        '<a href="/downloadattach.ASHX?PageId=27&amp;FILE=A">QĐ 12</a>',
        '<a href="/DesktopModule/UIDocument/Download.aspx?fileid=33">QĐ 12</a>',
        '<a href="/file/8841" download="qd12.pdf">QĐ 12</a>',
        '<a href="/file/8841" type="application/pdf">QĐ 12</a>',
    ],
)
@pytest.mark.parametrize("before", ["", "File đính kèm: ", "1. "])
def test_a_line_that_only_offers_a_program_of_files_is_no_text(link: str, before: str) -> None:
    page = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Tin</div><div class="ArticleContent">'
        f"<p>Thân bài.</p><p>{before}{link}</p><p>Xem {link} nhé.</p></div></div>"
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert reading.article.body == "Thân bài.\n\nXem QĐ 12 nhé."
    assert [ref.label for ref in reading.article.attachments] == ["QĐ 12"]


def test_a_page_of_downloads_keeps_its_words() -> None:
    page = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">Tin</div><div class="ArticleContent">'
        '<p>Thân bài.</p><p><a href="/download.aspx">Biểu mẫu</a></p></div></div>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())
    assert reading.article is not None
    assert reading.article.body == "Thân bài.\n\nBiểu mẫu"
