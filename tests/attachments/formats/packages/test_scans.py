"""Packages of scans alone: their pictures are recognised, with the doubts that pictures have."""

from io import BytesIO
from pathlib import Path

import pypdfium2

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.system_tools import OCR
from crawler.attachments.worker import read_text
from crawler.replica.content import scans
from tests.support.attachments.package_files import write_word_package
from tests.support.attachments.tools import NEEDS_OCR, TOOLS


def read(data: bytes, folder: Path, tools: frozenset[str] = frozenset()) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, "van-ban.docx", tools=tools)


def scan(*, blur: int = 1) -> bytes:
    with pypdfium2.PdfDocument(scans.write_scan(("THONG BAO 48213", "VE VIEC TIEP DAN"))) as document:
        page = document[0].render(scale=2).to_pil().convert("L")
    out = BytesIO()
    page.reduce(blur).resize(page.size).save(out, "PNG")
    return out.getvalue()


def scanned(*, text: str = "", blur: int = 1) -> bytes:
    body = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p><w:p><w:r><w:drawing/></w:r></w:p>"
    picture = scan(blur=blur)
    return write_word_package(body, names={"i": ("image", "media/a.png")}, parts={"word/media/a.png": picture})


@NEEDS_OCR
def test_a_document_of_scans_alone_is_recognised(tmp_path: Path) -> None:
    reading = read(scanned(text="Phụ lục"), tmp_path, TOOLS)
    assert "48213" in (reading.text or "")
    assert (reading.text or "").startswith("Phụ lục")
    assert (reading.is_ocr, reading.method, reading.pages, reading.pages_read) == (True, "ocr", 1, 1)


def test_a_document_of_scans_without_a_recogniser_says_what_it_lacks(tmp_path: Path) -> None:
    reading = read(scanned(), tmp_path)
    assert (reading.reason, reading.lacks) == ("no-tool", OCR)
    short = read(scanned(text="Phụ lục"), tmp_path)
    assert (short.text, short.lacks) == ("Phụ lục", OCR)
    assert "pages-unread" in short.doubts


@NEEDS_OCR
def test_scans_too_poor_to_read_surely_are_doubtful(tmp_path: Path) -> None:
    assert "unsure-letters" not in read(scanned(), tmp_path, TOOLS).doubts
    assert "unsure-letters" in read(scanned(blur=6), tmp_path, TOOLS).doubts
