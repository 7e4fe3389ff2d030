"""Texts of real files of every kind. A file that cannot be read gives a reason, never an error."""

import ctypes
import random
import unicodedata
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages import package
from crawler.attachments.formats.pages import MAX_CHARACTERS, join_pages
from crawler.attachments.formats.pdf.document import read_pdf
from crawler.attachments.formats.system_tools import OCR, SUITE
from crawler.attachments.worker import read_text
from crawler.replica.content import scans
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.tools import NEEDS_OCR, TOOLS
from tests.support.attachments.word_files import write_word

LINES = ("Số: 4321/QĐ-UBND", "Quyết định thu hồi đất của hộ ông Giàng A Lử", "Điều 1. Số tiền 12.500.000 đồng")
WORD_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def read(data: bytes, folder: Path, name: str = "tep.bin", tools: Any = TOOLS) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=tools)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(body: str, **parts: str) -> bytes:
    more = {f"word/{name}.xml": f'<x xmlns:w="{WORD_SPACE}">{text}</x>' for name, text in parts.items()}
    return zipped({"word/document.xml": f'<w:document xmlns:w="{WORD_SPACE}">{body}</w:document>', **more})


def test_a_pdf_gives_its_letters_exactly(tmp_path: Path) -> None:
    reading = read(write_pdf(LINES), tmp_path)
    assert reading.text == "\n".join(LINES)
    assert (reading.method, reading.is_ocr, reading.pages, reading.pages_read) == ("pdf", False, 1, 1)
    assert (reading.reason, reading.is_cut, reading.lacks) == (None, False, None)
    assert "pypdfium2" in (reading.tool or "")


@NEEDS_OCR
def test_a_scanned_pdf_is_recognised_and_marked_as_ocr(tmp_path: Path) -> None:
    reading = read(scans.write_scan(("UY BAN NHAN DAN HUYEN", "SO: 48213/CV-HSTS")), tmp_path)
    assert "UY BAN NHAN DAN" in (reading.text or "")
    assert "48213" in (reading.text or "")
    assert (reading.method, reading.is_ocr) == ("ocr", True)
    assert "tesseract" in (reading.tool or "")


def test_a_scanned_pdf_without_a_recogniser_says_what_it_lacks(tmp_path: Path) -> None:
    reading = read(scans.write_scan(("CONG VAN",)), tmp_path, tools=())
    assert (reading.text, reading.reason, reading.lacks) == (None, "no-tool", OCR)
    assert reading.pages == 1


def sign(pdf: bytes, words: str) -> bytes:
    """Write a text on the first page of a PDF, as an electronic signature does."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        font = pypdfium2.raw.FPDFText_LoadStandardFont(document.raw, b"Helvetica")
        stamp = pypdfium2.raw.FPDFPageObj_CreateTextObj(document.raw, font, 12.0)
        letters = ctypes.create_string_buffer((words + "\0").encode("utf-16-le"))
        pypdfium2.raw.FPDFText_SetText(stamp, ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)))
        pypdfium2.raw.FPDFPage_InsertObject(page.raw, stamp)
        page.gen_content()
        out = BytesIO()
        document.save(out)
        return out.getvalue()


@NEEDS_OCR
def test_a_scan_that_was_signed_electronically_is_recognised_too(tmp_path: Path) -> None:
    signed = sign(scans.write_scan(("SO: 48213/CV-HSTS",)), "Ky boi: Cong thong tin dien tu, 03/06/2024")
    reading = read(signed, tmp_path)
    assert "Cong thong tin dien tu" in (reading.text or "")
    assert "48213" in (reading.text or "")
    assert (reading.method, reading.is_ocr) == ("pdf+ocr", True)


def test_a_signed_scan_without_a_recogniser_gives_its_signature_and_is_cut(tmp_path: Path) -> None:
    reading = read(sign(scans.write_scan(("CONG VAN",)), "Ky boi: Cong thong tin"), tmp_path, tools=())
    assert (reading.text, reading.method, reading.is_ocr) == ("Ky boi: Cong thong tin", "pdf", False)
    assert (reading.lacks, reading.is_cut, reading.reason) == (OCR, True, None)


def test_a_page_of_letters_with_a_picture_is_not_recognised(tmp_path: Path) -> None:
    assert read(write_pdf(LINES * 8), tmp_path, tools=()).lacks is None


@NEEDS_OCR
def test_ocr_stops_at_its_limits() -> None:
    reading = read_pdf(scans.write_scan(("CONG VAN",)), Recogniser(TOOLS, pages=0))
    assert (reading.text, reading.reason, reading.lacks) == (None, "no-text", None)
    assert "not recognised: 1" in (reading.detail or "")


def test_locked_and_broken_pdfs_give_a_reason(tmp_path: Path) -> None:
    assert read(scans.lock(write_pdf(LINES)), tmp_path).reason == "encrypted"
    assert read(scans.break_off(write_pdf(LINES)), tmp_path).reason == "broken"


def test_a_pdf_without_anything_on_it_has_no_text(tmp_path: Path) -> None:
    out = BytesIO()
    with pypdfium2.PdfDocument.new() as document:
        document.new_page(595, 842)
        document.save(out)
    assert read(out.getvalue(), tmp_path).reason == "no-text"


def test_a_word_document_gives_body_tables_boxes_notes_and_headers(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>Độc lập</w:t></w:r><w:r><w:tab/><w:t>Tự do</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Số: 12/BC-UBND</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:r><w:t>trong </w:t></w:r><w:ins><w:r><w:t>chèn</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>xoá</w:delText></w:r></w:del></w:p>"
        '<w:p><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:p><w:r><w:t>Khung</w:t></w:r></w:p></mc:Choice>'
        "<mc:Fallback><w:p><w:r><w:t>Khung</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:p>"
    )
    parts = {"header1": "<w:p><w:t>Đầu trang</w:t></w:p>", "footnotes": "<w:p><w:t>Chú thích</w:t></w:p>"}
    reading = read(docx(body, **parts), tmp_path)
    assert reading.text == "Độc lập Tự do\nSố: 12/BC-UBND\ntrong chèn\nKhung\nChú thích\nĐầu trang\n[-xoá-]"
    assert (reading.method, reading.detail) == ("docx", NOTE_ON_DELETED)
    assert read(write_docx(LINES), tmp_path).text == "\n".join(LINES)


def test_a_workbook_gives_its_cells_row_by_row_of_every_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Họ tên", None, "Số tiền", date(2013, 6, 3)])
    book.active.append(["Giàng A Lử", "", 15000000.0, 0.5])
    book.create_sheet("Hai").append(["Thào A Sinh", True])
    out = BytesIO()
    book.save(out)
    reading = read(out.getvalue(), tmp_path)
    assert reading.text == "Sheet\nHọ tên Số tiền 03/06/2013\nGiàng A Lử 15000000 0.5\n\nHai\nThào A Sinh TRUE"
    assert (reading.method, reading.pages) == ("xlsx", 2)


def test_presentations_and_open_documents_are_read(tmp_path: Path) -> None:
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>Trang {}</a:t></a:r></a:p></p:sld>'
    slides = {f"ppt/slides/slide{number}.xml": slide.format(number) for number in (10, 2, 1)}
    reading = read(zipped({"ppt/presentation.xml": "<p/>", **slides}), tmp_path)
    assert (reading.text, reading.pages) == ("Trang 1\n\nTrang 2\n\nTrang 10", 3)
    content = (
        '<o xmlns:text="t"><text:h>Báo cáo</text:h><text:p>một<text:tab/>hai <text:span>ba</text:span> bốn</text:p></o>'
    )
    kind = "application/vnd.oasis.opendocument.text"
    assert read(zipped({"mimetype": kind, "content.xml": content}), tmp_path).text == "Báo cáo\nmột hai ba bốn"
    locked = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
    assert read(zipped({"mimetype": kind, "content.xml": "x", **locked}), tmp_path).reason == "encrypted"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Số 1\r\n\r\nhai".encode(), "Số 1\nhai"),
        (b"\xef\xbb\xbf" + "Số".encode(), "Số"),
        ("Số".encode("utf-16"), "Số"),
        ("Sô\u0301".encode("cp1258"), "Số"),
        (
            rb"{\rtf1\ansi\ansicpg1258\uc1{\fonttbl{\f0 Times;}}{\*\x y}S\u7889?: 12\par"
            rb"\b ng\'fd\b0 {\pict 00ff}\~\{x\}}",
            "Số: 12\nngư {x}",
        ),
    ],
)
def test_plain_and_rich_text_is_read_in_its_encoding(tmp_path: Path, data: bytes, text: str) -> None:
    reading = read(data, tmp_path, "danh-sach.txt")
    assert unicodedata.normalize("NFC", reading.text or "") == unicodedata.normalize("NFC", text)


@NEEDS_OCR
def test_a_picture_of_a_document_is_recognised(tmp_path: Path) -> None:
    with pypdfium2.PdfDocument(scans.write_scan(("THONG BAO 48213",))) as document:
        out = BytesIO()
        document[0].render(scale=2).to_pil().save(out, "PNG")
    reading = read(out.getvalue(), tmp_path, "cong van.png")
    assert "48213" in (reading.text or "")
    assert reading.is_ocr


def test_a_file_that_is_no_document_gives_a_reason(tmp_path: Path) -> None:
    assert read(zipped({"a.pdf": b"%PDF-"}), tmp_path, "a.zip").reason == "broken"
    assert read(b"MZ\x90\x00", tmp_path, "a.exe").reason == "unknown-kind"
    assert read(b"", tmp_path).reason == "unknown-kind"
    assert read(write_compound({"EncryptedPackage": b"x"}), tmp_path).reason == "encrypted"


def test_a_text_under_the_name_of_a_pdf_is_read_with_a_doubt(tmp_path: Path) -> None:
    table = "STT,Họ và tên,Số tiền\n1,Nguyễn Văn Ưng,12500000\n"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        assert read(table.encode(encoding), tmp_path, "bang.csv").doubts == ()
        reading = read(table.encode(encoding), tmp_path, "bang.PDF")
        assert (reading.text, reading.doubts) == (table.strip(), ("structure",))
    assert read(b"5 0 R >> stream BT ET endstream endobj", tmp_path, "hong.pdf").reason == "unknown-kind"


def test_a_package_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_UNPACKED_BYTES", 10_000)
    bomb = docx("<w:p><w:t>" + "a" * 2_000_000 + "</w:t></w:p>")
    assert len(bomb) < 10_000
    reading = read(bomb, tmp_path)
    assert (reading.text, reading.reason) == (None, "too-large")
    book = zipped({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": "a" * 2_000_000})
    assert read(book, tmp_path).reason == "too-large"


def test_xml_that_would_grow_or_read_files_is_broken(tmp_path: Path) -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    for name in ("a", "b"):
        part = f'{entity}<w:p xmlns:w="{WORD_SPACE}"><w:t>&{name};</w:t></w:p>'
        assert read(zipped({"word/document.xml": part}), tmp_path).reason == "broken"


def test_a_cut_or_garbled_file_gives_a_text_or_a_reason(tmp_path: Path) -> None:
    dice = random.Random(4)
    whole = [write_pdf(LINES), write_docx(LINES), docx("<w:p/>"), write_word("tin\n" * 40), rb"{\rtf1 tin \par}"]
    for data in whole:
        for _ in range(12):
            cut = bytearray(data[: dice.randrange(1, len(data))])
            for _ in range(dice.randrange(8)):
                cut[dice.randrange(len(cut))] = dice.randrange(256)
            reading = read(bytes(cut), tmp_path, "a.txt", tools=TOOLS - {OCR, SUITE})
            assert (reading.text is None) == (reading.reason is not None)


def test_a_long_text_is_cut() -> None:
    joined = join_pages(["a" * 600_000, "b" * 600_000, "c"])
    assert (len(joined.text), joined.is_cut) == (MAX_CHARACTERS, True)
    assert joined.text.endswith("b")
    assert not join_pages(["a" * MAX_CHARACTERS]).is_cut


def test_a_file_with_the_wrong_suffix_is_read_by_its_bytes(tmp_path: Path) -> None:
    assert find_kind(write_docx(LINES), "quyet-dinh.doc") == "docx"
    assert read(write_pdf(LINES), tmp_path, "quyet-dinh.docx").method == "pdf"
