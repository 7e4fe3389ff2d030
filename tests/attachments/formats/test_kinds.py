"""The kind of a file is what its structure says: not a word in its bytes, nor its name."""

import zipfile
from io import BytesIO

import pytest

from crawler.attachments.formats.kinds import find_kind
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.attachments.compound_files import write_compound

PDF = write_pdf(("Số: 1/QĐ-UBND",))
WIDE = "utf-16-le"
MAIN = "application/vnd.openxmlformats-officedocument."
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def package(part: str, media_type: str, **more: str | bytes) -> bytes:
    types = f'<Types><Override PartName="/{part}" ContentType="{media_type}"/></Types>'
    relations = f'<Relationships><Relationship Type="{OFFICE}" Target="/{part}"/></Relationships>'
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations, part: "<x/>", **more})


@pytest.mark.parametrize(
    ("streams", "kind"),
    [
        ({"Workbook": b"", "MBD0012/WordDocument": b"", "MBD0012/1Table": b""}, "xls"),
        ({"Book": b""}, "xls"),
        ({"WORKBOOK": b""}, "xls"),
        ({"WordDocument": b"", "ObjectPool/_12/Workbook": b""}, "doc"),
        ({"PowerPoint Document": "Trang bìa: Book và Workbook, WordDocument".encode(WIDE)}, "ppt"),
        ({"EncryptedPackage": b"", "EncryptionInfo": b""}, "locked"),
        ({"__properties_version1.0": b"", "__attach_version1.0_#00000000/WordDocument": b""}, "message"),
        ({"VisioDocument": "WordDocument".encode(WIDE)}, "foreign"),
        ({"Unknown": "WordDocument".encode(WIDE)}, "other"),
    ],
)
def test_a_compound_file_is_what_its_root_holds(streams: dict[str, bytes], kind: str) -> None:
    for name in ("a.doc", "a.xls", "a.bin", "a.pdf"):
        assert find_kind(write_compound(streams), name) == kind


def test_a_compound_file_without_its_directory_is_what_its_name_says() -> None:
    cut = write_compound({"WordDocument": b"x" * 9000})[:5000]
    assert (find_kind(cut, "a.doc"), find_kind(cut, "a.XLS"), find_kind(cut, "a.bin")) == ("doc", "xls", "other")
    packed = package("word/document.xml", f"{MAIN}wordprocessingml.document.main+xml", more="x" * 9000)
    assert find_kind(packed[: len(packed) // 2], "a.pdf") == "docx"
    assert find_kind(zipped({"mimetype": "application/vnd.oasis.opendocument.text", "a": "b" * 9})[:-30], "a") == "odf"
    assert find_kind(zipped({"a.docx": packed, "_rels/.rels": "x"})[:-30], "a") == "packed"
    names = {"a.xlsb": "xlsb", "a.dotx": "docx", "a.pptm": "pptx", "a.XLTM": "xlsx", "a.ots": "odf", "a.zip": "packed"}
    assert {name: find_kind(b"PK\x03\x04" + bytes(99), name) for name in names} == names


def test_a_zip_of_documents_is_an_archive_and_no_document() -> None:
    for parts in ({"a.pdf": PDF, "b.pdf": PDF}, {"van-ban/a.docx": write_docx(("một",))}, {"readme": "x"}):
        assert find_kind(zipped(parts), "a.pdf") == "zip"
    assert find_kind(PDF[:20] + b"PK\x03\x04" + PDF[20:], "a.zip") == "pdf"


@pytest.mark.parametrize(
    ("part", "media_type", "kind"),
    [
        ("word/document.xml", MAIN + "wordprocessingml.document.main+xml", "docx"),
        ("word/document2.xml", MAIN + "wordprocessingml.document.main+xml", "docx"),
        ("vanban/noidung.xml", "application/vnd.ms-word.document.macroEnabled.main+xml", "docx"),
        ("word/document.xml", MAIN + "wordprocessingml.template.main+xml", "docx"),
        ("xl/workbook.xml", MAIN + "spreadsheetml.sheet.main+xml", "xlsx"),
        ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
        ("ppt/presentation.xml", MAIN + "presentationml.slideshow.main+xml", "pptx"),
        ("visio/document.xml", "application/vnd.ms-visio.drawing.main+xml", "foreign"),
    ],
)
def test_a_package_is_what_its_relations_and_types_say(part: str, media_type: str, kind: str) -> None:
    within = {"word/embeddings/a.xlsx": b"PK\x03\x04", "xl/embeddings/b.docx": PDF}
    assert find_kind(package(part, media_type, **within), "a.zip") == kind


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        ("<w:document xmlns:w='w'>", "docx"),
        ("<workbook>", "xlsx"),
        ("<p:presentation\n>", "pptx"),
        ("<page/>", "other"),
    ],
)
def test_a_package_whose_types_say_nothing_is_what_its_main_part_begins_with(root: str, kind: str) -> None:
    types = "<Types><Default Extension='xml' ContentType='application/xml'/></Types>"
    relations = f'<Relationships><Relationship Type="{OFFICE}" Target="word/noi%20dung.xml"/></Relationships>'
    for target in ("word/noi%20dung.xml", "word/noidung.xml"):
        parts = {"[Content_Types].xml": types, "_rels/.rels": relations.replace("word/noi%20dung.xml", target)}
        part = target.replace("%20", " ")
        assert find_kind(zipped({**parts, part: f"<?xml version='1.0'?>{root}"}), "a.docx") == kind


def test_a_package_written_by_other_programs_is_known() -> None:
    default = f'<Types><Default Extension="xml" ContentType="{MAIN}wordprocessingml.document.main+xml"/></Types>'
    relations = f'<Relationships><Relationship Type="{OFFICE}" Target="word/document.xml"/></Relationships>'
    parts = {"[content_types].xml": default, "_rels/.rels": relations, "word/document.xml": "<x/>"}
    assert find_kind(zipped(parts), "a") == "docx"
    assert find_kind(zipped({"word\\document.xml": "<x/>"}), "a") == "docx"
    assert find_kind(zipped({"[Content_Types].xml": "<Types>", "ppt/presentation.xml": "<x/>"}), "a") == "pptx"
    assert find_kind(write_docx(("một",))[:900], "a.docx") == "docx"
    unknown = "<?xml version='1.0' encoding='TCVN-3'?><x/>"
    assert find_kind(zipped({**parts, "[content_types].xml": unknown, "_rels/.rels": unknown}), "a") == "docx"


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}, "odf"),
        ({"content.xml": "<x/>", "META-INF/manifest.xml": "<x/>"}, "odf"),
        ({"mimetype": "application/epub+zip", "OEBPS/content.xml": "<x/>"}, "epub"),
        ({"content.xml": "<x/>", "a.pdf": PDF}, "zip"),
    ],
)
def test_open_documents_say_what_they_are(parts: dict[str, str | bytes], kind: str) -> None:
    assert find_kind(zipped(parts), "a.zip") == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html xmlns:o='urn:schemas-microsoft-com:office:office'><body>x", "html"),
        ("\r\n\r\n<!-- một\nhai --><!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'><html>", "html"),
        ("<table border=1><tr><td>STT</td></tr></table>", "html"),
        ("<style>td{mso-number-format:'\\@'}</style><table>", "html"),
        ("<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>", "html"),
        ("MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=x\r\n\r\n--x", "mht"),
        ("\nFrom: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\ttype=x\n\n", "mht"),
        (
            "<?xml version='1.0'?><?mso-application progid='Word.Document'?>"
            "<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>",
            "wordml",
        ),
        ("<?xml version='1.0'?>\n<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>", "sheetml"),
        ("<ss:Workbook xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>", "sheetml"),
        ("<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'>", "flat-opc"),
        ("<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'>", "flat-odf"),
        ("<?xml version='1.0'?><hoSo/>", "xml"),
        ("\ufeff\n{\\rtf1 tin}", "rtf"),
    ],
)  # fmt: skip
def test_mark_up_is_told_by_its_root_under_any_name_and_encoding(text: str, kind: str) -> None:
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), text.encode("utf-16-be")):
        assert find_kind(data, "a.doc") == kind


def test_a_pdf_behind_other_bytes_is_a_pdf_and_a_text_about_one_is_not() -> None:
    assert find_kind(b"<br />\n<b>Warning</b>: x in /var/www\n" + PDF, "a.pdf") == "pdf"
    assert find_kind(bytes(128) + PDF, "a.pdf") == "pdf"
    assert find_kind("Tệp bắt đầu bằng %PDF-1.4".encode(), "a.txt") == "plain"
    assert find_kind(b"<html><body>%PDF-1.4</body></html>", "a.html") == "html"


def test_other_archives_and_bare_streams_are_known() -> None:
    for data in (
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07\x00",
        b"Rar!\x1a\x07\x01\x00",
        b"\x1f\x8b\x08",
        b"x" * 257 + b"ustar",
    ):
        assert find_kind(data, "a") == "packed"
    assert find_kind(b"\x09\x08\x10\x00\x00\x06", "a.xls") == "xls"
    assert find_kind(b"MZ\x90" + bytes(60) + zipped({"a.pdf": PDF}), "a.exe") == "zip"
    assert find_kind(b"MZ\x90\x00", "a.exe") == "other"


def test_a_text_under_an_office_name_is_a_text() -> None:
    assert find_kind("Kế hoạch năm 2023\tSa Pa\n".encode(), "a.xls") == "plain"
    assert find_kind(b"\x00\x01\x02" * 100, "a.xls") == "other"
    assert find_kind(b"BM la mot xa", "a.txt") == "plain"
