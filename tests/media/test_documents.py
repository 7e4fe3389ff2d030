"""An attachment is a file if its bytes are: a page, an error text and a cut file are refused, a wrong name is not."""

import hashlib
from io import BytesIO
from zipfile import ZipFile

import pytest

from crawler.errors import BadFileError
from crawler.media.documents import examine_attachment, examine_requisite

HTML = b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><body>404</body></html>"
WORD_HTML = (
    b'<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
    b"<head><meta name=ProgId content=Word.Document></head><body class=Section1><p class=MsoNormal>x</p></body>"
)
SHAREPOINT = (
    b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>'
    b'<meta name="GENERATOR" content="Microsoft SharePoint">'
)
EXCEL_XML = (
    b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
)


def refused(data: bytes, path: str = "/a.pdf", stated_type: str | None = None) -> str:
    with pytest.raises(BadFileError) as caught:
        examine_attachment(data, stated_type, path=path)
    return caught.value.kind


@pytest.mark.parametrize(
    ("data", "path", "media_type"),
    [
        (b"%PDF-1.4", "/a.doc", "application/pdf"),
        (b"PK\x03\x04..", "/a.zip", "application/zip"),
        (b"PK\x03\x04..", "/a", "application/zip"),
        (b"PK\x03\x04..", "/A.DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04..", "/a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "/b/a.doc", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "/b/a.xls", "application/vnd.ms-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "/b.doc/a", "application/x-ole-storage"),
        (b"Rar!\x1a\x07\x00", "/a.rar", "application/vnd.rar"),
        (b"{\\rtf1", "/a.doc", "application/rtf"),
        (b"\xff\xd8\xff\xe0", "/a.pdf", "image/jpeg"),
        (b"unknown", "/a.bin", "text/x-stated"),
    ],
)
def test_an_attachments_type_comes_from_its_first_bytes_then_its_name(data: bytes, path: str, media_type: str) -> None:
    reading = examine_attachment(data, "text/x-stated", path=path)
    assert (reading.media_type, reading.size_bytes) == (media_type, len(data))
    assert reading.sha256 == hashlib.sha256(data).hexdigest()


def test_an_attachment_of_no_known_kind_is_bytes() -> None:
    assert examine_attachment(b"abc", None, path="/a").media_type == "application/octet-stream"


def test_a_web_page_in_place_of_a_document_is_refused() -> None:
    for data in (HTML, b"<html>", b"  <HEAD>", b"<!-- x -->\n<body>", HTML.decode("utf-8-sig").encode("utf-16")):
        assert refused(data, "/a/ke-hoach.pdf", "application/pdf") == "not-a-file"


def test_a_web_page_that_is_offered_as_one_is_an_attachment() -> None:
    assert examine_attachment(HTML, "text/html", path="/a/bieu-mau.html").media_type == "text/html"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"II*\0\x08\0\0\0" + bytes(90), "image/tiff"),
        (b"MM\0*\0\0\0\x08" + bytes(90), "image/tiff"),
        (b"RIFF\x80\0\0\0WEBPVP8 " + bytes(90), "image/webp"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(90), "application/pdf"),
    ],
)
def test_a_scan_under_the_name_of_a_document_is_a_file(data: bytes, media_type: str) -> None:
    assert examine_attachment(data, "application/pdf", path="/a/quyet-dinh.pdf").media_type == media_type


def test_a_file_without_bytes_is_refused() -> None:
    assert refused(b"", "/a.pdf", "application/pdf") == "empty"


@pytest.mark.parametrize("path", ["/a.doc", "/a.xls", "/a.docx", "/vbdownload/12"])
@pytest.mark.parametrize(
    "data",
    [
        WORD_HTML,
        b"<html><head><meta content='text/html' http-equiv=x><meta name=Generator content='Microsoft Word 15'>",
        b'<!DOCTYPE HTML><html><head><meta name="generator" content="LibreOffice 7.4"/></head>',
        EXCEL_XML,
        b"MIME-Version: 1.0\nContent-Type: multipart/related",
        b"\xdb\xa5\x2d\x00Word 2",
        b"\x00" * 128 + b"%PDF-1.3",
    ],
)
def test_what_an_office_program_wrote_is_a_file_under_any_name(data: bytes, path: str) -> None:
    assert examine_attachment(data, "application/msword", path=path).size_bytes == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"File not found.",
        "Không tìm thấy tệp".encode(),
        b'{"error": "no such document", "code": 17}',
        b'{"Message":"An error has occurred."}',
        b"[]",
        b"System.IO.FileNotFoundException: Could not find file 'D:\\x'",
        b"HTTP Error 500",
        "File not found.".encode("utf-16"),
    ],
)
@pytest.mark.parametrize("path", ["/a.pdf", "/a.doc", "/a.docx", "/a.zip", "/a.txt", "/DownloadFile.ashx"])
def test_an_error_text_is_no_file(data: bytes, path: str) -> None:
    assert refused(data, path, "text/plain") == "not-a-file"
    assert refused(data, path, "application/octet-stream") == "not-a-file"


def test_other_bytes_are_no_pdf_and_no_office_document() -> None:
    for path in ("/a.pdf", "/a.docx", "/a.xlsx", "/a.odt"):
        assert refused(b"\x00\x01\x02" * 1000, path) == "not-a-file"
    # An old .doc may be of a format that nobody lists.
    assert examine_attachment(b"\x00\x01\x02" * 1000, None, path="/a.doc").size_bytes == 3000


def test_a_site_page_with_words_pasted_from_word_is_no_file() -> None:
    pasted = b"<html><head><title>x</title></head><body><p class=MsoNormal>mso-list</p>"
    for data in (SHAREPOINT, pasted, WORD_HTML.replace(b"<body", b"<input type=password><body")):
        assert refused(data, "/a.doc", "application/msword") == "not-a-file"


def test_a_page_at_an_address_that_names_no_file_is_a_page() -> None:
    for path in ("/vbdownload/12", "/DownloadFile.ashx", "/tai-ve"):
        assert refused(HTML, path, "text/html") == "a-page"
        assert refused(b"<div>no frame</div>", path, "text/html") == "a-page"


def test_a_file_without_the_end_of_its_format_is_marked() -> None:
    pdf = b"%PDF-1.7\n" + b"x" * 9_000 + b"\nstartxref\n12\n%%EOF\n"
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        packed.writestr("word/document.xml", "x" * 9_000)
    for whole, path in ((pdf, "/a.pdf"), (out.getvalue(), "/a.docx"), (pdf + b"<html>junk</html>", "/a.pdf")):
        assert not examine_attachment(whole, None, path=path).lacks_end
    for cut, path in ((pdf[:5_000], "/a.pdf"), (out.getvalue()[:5_000], "/a.docx"), (pdf[:5_000], "/vbdownload/12")):
        assert examine_attachment(cut, None, path=path).lacks_end


def test_a_text_is_a_file_where_its_name_says_so() -> None:
    table = "Xã;Số hộ\nTả Van;512\n".encode()
    assert examine_attachment(table, "text/csv", path="/a.csv").media_type == "text/csv"
    assert examine_attachment(table, None, path="/a.xls").size_bytes == len(table)
    assert examine_attachment("Kế hoạch năm 404".encode(), "text/plain", path="/a.txt").media_type == "text/plain"
    assert (
        examine_attachment(b"Toan van. " * 300, "application/msword", path="/a.doc").media_type == "application/msword"
    )
    assert refused(b"Xin chao", "/a.doc", "application/msword") == "not-a-file"


def test_the_name_that_the_answer_states_counts_before_the_address() -> None:
    reading = examine_attachment(b"PK\x03\x04..", None, path="/DownloadFile.ashx", name="Phụ lục.docx")
    assert (reading.media_type.rpartition(".")[2], reading.name) == ("document", "Phụ lục.docx")
    with pytest.raises(BadFileError) as caught:
        examine_attachment(HTML, "text/html", path="/DownloadFile.ashx", name="qd.pdf")
    assert caught.value.kind == "not-a-file"


ROWS = "<tr><td>STT</td><td>Họ tên</td></tr><tr><td>1</td><td>Giàng A Lử</td></tr>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "page",
    [
        '<html>\n<head>\n<meta name=Generator content="Microsoft Word 15 (filtered)"></head><body>x</body></html>',
        '<!-- x -->\r\n<html xmlns:v="urn:x"\nxmlns:x="urn:schemas-microsoft-com:office:excel">',
        '<html><head><meta content="text/html" http-equiv="content-type"><style>@import url(https://themes.'
        'googleusercontent.com/fonts/css?kit=x)</style></head><body class="c5 doc-content"><p>x</p></body></html>',
        '<html><head><meta name="Generator" content="WPS Office"></head><body>x</body></html>',
        f'<table border="1">{ROWS}</table>',
        f'<html><head><meta http-equiv="content-type" content="application/vnd.ms-excel"></head><table>{ROWS}</table>',
        f"<style>.text{{mso-number-format:'\\@'}}</style><table>{ROWS}</table>",
        f'<div>\n<table id="GridView1">{ROWS}</table></div>',
        f"<!DOCTYPE html><html><body><h2>Danh sách hộ nghèo</h2><table>{ROWS}</table></body></html>",
        f"<html><body>{'<p>Điều 1. Giao đất cho hộ ông Giàng A Lử.</p>' * 30}</body></html>",
        '<html xmlns:w="urn:schemas-microsoft-com:office:word"><body>Kế hoạch chuyển SharePoint, jQuery</body></html>',
    ],
)
def test_a_document_saved_as_html_is_a_file(page: str, encoding: str) -> None:
    data = page.encode(encoding)
    for path, stated in (
        ("/a.doc", "application/msword"),
        ("/a.xls", "text/html"),
        ("/Xuat.aspx", "application/vnd.ms-excel"),
    ):
        assert examine_attachment(data, stated, path=path).size_bytes == len(data)


@pytest.mark.parametrize(
    "page",
    [
        f"<html><head><title>IIS 10 Detailed Error - 404</title></head><table>{ROWS * 9}</table></html>",
        '<table><tr><td>Tên</td><td><input></td></tr><tr><td>MK</td><td><input type="password"></td></tr></table>',
        f'<html><head><script src="/js/x.js"></script></head><body><table>{ROWS}</table></body></html>',
        f'<html><body><a class=x href="/">Trang chủ</a><table>{ROWS}</table></body></html>',
        "<html><table><tr><td>Thông báo</td><td>:</td></tr><tr><td>Lỗi</td><td>Không tìm thấy tệp</td></tr></table>",
        f"<html><body>Lỗi hệ thống: {'không đọc được tệp ' * 90}</body></html>",
        '<html><head><link rel="stylesheet" href="/a.css"></head><body><p style="mso-style-name:x">x</p></body></html>',
        "<html><body><table><tr><td>x</td></tr></table></body></html>",
    ],
)
def test_a_page_of_the_portal_in_place_of_a_document_is_refused(page: str) -> None:
    assert refused(page.encode(), "/a.doc", "application/msword") == "not-a-file"
    assert refused(page.encode(), "/a.xls", "application/vnd.ms-excel") == "not-a-file"


def test_a_zip_of_unpacked_pdfs_is_a_zip() -> None:
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        packed.writestr("a.pdf", b"%PDF-1.4" + b"x" * 3000)
    reading = examine_attachment(out.getvalue(), None, path="/a.zip")
    assert (reading.media_type, reading.lacks_end) == ("application/zip", False)
    assert examine_attachment(out.getvalue()[:2500], None, path="/a.zip").lacks_end


def test_a_requisite_without_bytes_is_refused() -> None:
    with pytest.raises(BadFileError) as requisite:
        examine_requisite(b"", "text/css")
    assert requisite.value.kind == "empty"


def test_a_requisite_keeps_the_stated_type() -> None:
    reading = examine_requisite(b"a{}", "text/css")
    assert (reading.media_type, reading.size_bytes) == ("text/css", 3)
    assert examine_requisite(b"a{}", None).media_type == "application/octet-stream"
