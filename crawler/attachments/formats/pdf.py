"""Read the texts of PDF files: their letters, and OCR for scanned pages."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import DOTS_PER_INCH, recognise
from crawler.attachments.formats.pages import JoinedText, count_letters, join_pages
from crawler.attachments.formats.system_tools import OCR, ToolError, name_ocr
from crawler.attachments.limits import MAX_OCR_PAGES, OCR_SECONDS

MAX_PAGES = 2000
# A page with fewer letters than the first number is a scan, if it shows anything. With fewer than the second, it is a
# scan if one picture covers most of it: a scan with an electronic signature has the signature as text.
_FEW_LETTERS, _SOME_LETTERS = 16, 400
_MOST_OF_A_PAGE = 0.5
_MAX_SIDE_PIXELS = 5000
_POINTS_PER_INCH = 72


@dataclass(slots=True)
class _Pages:
    """Progress of reading one file."""

    tools: Collection[str]
    started: float = field(default_factory=time.monotonic)
    read: int = 0
    with_letters: int = 0
    tried: int = 0
    recognised: int = 0
    left_out: int = 0
    failed: str | None = None


def read_pdf(data: bytes, tools: Collection[str]) -> TextReading:
    """Read a PDF file; scanned pages by OCR, if it is installed."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        return TextReading(reason="encrypted" if locked else "broken", detail=None if locked else "not a readable PDF")
    with document:
        done = _Pages(tools)
        joined = join_pages(_read_pages(document, done))
        return _report(done, len(document), joined=joined)


def _report(done: _Pages, pages: int, *, joined: JoinedText) -> TextReading:
    text = joined.text
    tools = [f"pypdfium2 {pypdfium2.PYPDFIUM_INFO}"]
    methods = ["pdf"] if done.with_letters else []
    if done.tried:
        tools.append(name_ocr())
    if done.recognised:
        methods.append("ocr")
    lacks = OCR if done.left_out and OCR not in done.tools else None
    notes = [f"scanned pages that were not recognised: {done.left_out}"] if done.left_out else []
    notes += [done.failed] if done.failed else []
    return TextReading(
        text or None,
        "+".join(methods) if text else None,
        is_ocr=bool(text and done.recognised),
        reason=None if text else "no-tool" if lacks else "no-text",
        detail="; ".join(notes) or None,
        tool=", ".join(tools),
        lacks=lacks,
        pages=pages,
        pages_read=done.read,
        is_cut=joined.is_cut or pages > done.read or bool(text and done.left_out),
        doubts=("pages-unread",) if done.left_out or done.failed else (),
        page_starts=joined.starts if text else (),
    )


def _read_pages(document: pypdfium2.PdfDocument, done: _Pages) -> Iterator[str]:
    for number in range(min(len(document), MAX_PAGES)):
        done.read += 1
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            done.failed = f"page {number + 1} is broken"
            yield ""
            continue
        letters = page.get_textpage()
        text = letters.get_text_bounded()
        letters.close()
        count = count_letters(text)
        done.with_letters += count > 0
        if _is_scan(page, count):
            text = f"{text}\n{_recognise_page(page, done)}"
        yield text
        page.close()


def _is_scan(page: pypdfium2.PdfPage, letters: int) -> bool:
    if letters >= _SOME_LETTERS:
        return False
    if letters < _FEW_LETTERS:
        return next(page.get_objects(max_depth=1), None) is not None
    width, height = page.get_size()
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) > _MOST_OF_A_PAGE * width * height:
            return True
    return False


def _recognise_page(page: pypdfium2.PdfPage, done: _Pages) -> str:
    is_over = done.tried >= MAX_OCR_PAGES or time.monotonic() - done.started > OCR_SECONDS
    if OCR not in done.tools or is_over:
        done.left_out += 1
        return ""
    done.tried += 1
    try:
        text = recognise(_draw(page), ".pgm")
    except ToolError as error:
        done.left_out, done.failed = done.left_out + 1, str(error)
        return ""
    done.recognised += count_letters(text) > 0
    return text


def _draw(page: pypdfium2.PdfPage) -> bytes:
    """Draw a page in grey, as a Netpbm file (PGM, P5)."""
    scale = min(DOTS_PER_INCH / _POINTS_PER_INCH, _MAX_SIDE_PIXELS / max(*page.get_size(), 1))
    bitmap = page.render(scale=scale, grayscale=True)
    pixels = memoryview(bitmap.buffer).cast("B")
    rows = [pixels[bitmap.stride * y : bitmap.stride * y + bitmap.width] for y in range(bitmap.height)]
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)
