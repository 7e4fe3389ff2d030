"""Read the texts of zip packages of XML: Word, Excel, PowerPoint."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.pages import join_pages

# The limit for all parts together, unpacked: a few kilobytes of zip can hold gigabytes.
MAX_UNPACKED_BYTES = 300 * 1024**2
_WORD_PARTS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml")
_SLIDE_PARTS = re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml")
_PARAGRAPHS = ("p",)
_TEXTS = ("t", "delText")
_SPACES = ("tab", "s", "cr", "br", "tc")
# Repeats the words of a text box, for programs that cannot draw one.
_SECOND_FORM = "Fallback"
_BROKEN = (zipfile.BadZipFile, ParseError, DefusedXmlException, ValueError, KeyError, OSError, EOFError)
_LOCKED = RuntimeError  # what `zipfile` raises for a part with a password


class _TooLargeError(Exception):
    """Raised when a package's parts unpack to more than MAX_UNPACKED_BYTES, by `_open_package`."""


def read_docx(data: bytes) -> TextReading:
    """Read a Word document (WordprocessingML, ECMA-376): body, text boxes, notes, headers and footers."""
    return _read_package(data, "docx", wanted=_WORD_PARTS, read=_read_office_part, counts_pages=False)


def read_pptx(data: bytes) -> TextReading:
    """Read a presentation (PresentationML, ECMA-376), slides and notes."""
    return _read_package(data, "pptx", wanted=_SLIDE_PARTS, read=_read_office_part, counts_pages=True)


def read_xlsx(data: bytes) -> TextReading:
    """Read a workbook (SpreadsheetML, ECMA-376), all sheets, row by row; for a formula its stored result."""
    tool = f"openpyxl {openpyxl.__version__}"
    try:
        _open_package(data, re.compile(r"xl/.*\.xml")).close()
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        joined = join_pages(_read_sheet(sheet) for sheet in book.worksheets)
    except _TooLargeError as error:
        return TextReading(reason="too-large", detail=str(error))
    except (*_BROKEN, TypeError, AttributeError, IndexError) as error:
        return TextReading(reason="broken", detail=f"not a readable workbook ({type(error).__name__})", tool=tool)
    sheets = len(book.worksheets)
    return _finish(joined.text, "xlsx", tool=tool, is_cut=joined.is_cut, pages=sheets)


def _read_package(
    data: bytes, method: str, *, wanted: re.Pattern[str], read: Callable[[BytesIO], str], counts_pages: bool
) -> TextReading:
    try:
        with _open_package(data, wanted) as package:
            names = sorted(filter(wanted.fullmatch, package.namelist()), key=_part_order)
            joined = join_pages(read(BytesIO(package.read(name))) for name in names)
    except _TooLargeError as error:
        return TextReading(reason="too-large", detail=str(error))
    except _LOCKED:
        return TextReading(reason="encrypted")
    except _BROKEN as error:
        return TextReading(reason="broken", detail=f"not a readable document ({type(error).__name__})")
    return _finish(
        joined.text, method, tool="defusedxml", is_cut=joined.is_cut, pages=len(names) if counts_pages else None
    )


def _finish(text: str, method: str, *, tool: str, is_cut: bool, pages: int | None) -> TextReading:
    if not text:
        return TextReading(reason="no-text", tool=tool, pages=pages, pages_read=pages)
    return TextReading(text, method, tool=tool, is_cut=is_cut, pages=pages, pages_read=pages)


def _open_package(data: bytes, wanted: re.Pattern[str]) -> zipfile.ZipFile:
    package = zipfile.ZipFile(BytesIO(data))
    # `zipfile` reads no more of a part than its stated size; more data is a checksum error.
    size = sum(part.file_size for part in package.infolist() if wanted.fullmatch(part.filename))
    if size > MAX_UNPACKED_BYTES:
        raise _TooLargeError(f"unpacks to {size} bytes")
    return package


def _part_order(name: str) -> tuple[bool, str, int]:
    """Sort the document itself first, then the parts by name and number."""
    stem, number = re.fullmatch(r"(.*?)(\d*)\.xml", name).groups()  # type: ignore[union-attr]
    return not name.endswith("document.xml"), stem, int(number or 0)


def _read_office_part(part: BytesIO) -> str:
    pieces: list[str] = []
    skipped = 0
    for event, element in iterparse(part, events=("start", "end")):
        name = _local_name(element)
        if name == _SECOND_FORM:
            skipped += 1 if event == "start" else -1
        elif event == "end" and not skipped:
            if name in _TEXTS and name != "delText":
                pieces.append(element.text or "")
            elif name in _SPACES:
                pieces.append(" ")
            elif name in _PARAGRAPHS:
                pieces.append("\n")
        if event == "end" and name in _PARAGRAPHS:
            element.clear()
    return "".join(pieces)


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _read_sheet(sheet: object) -> str:
    # The stated dimensions of a sheet may name a million empty columns.
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    rows = sheet.iter_rows(values_only=True)  # type: ignore[attr-defined]
    lines = (" ".join(_show_cell(value) for value in row if value is not None) for row in rows)
    return "\n".join(line for line in lines if line.strip())


def _show_cell(value: object) -> str:
    """Format the value of a cell as a sheet shows it: 15000000 without decimals, a date as 03/06/2013."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
