"""Read OpenDocument texts, sheets and presentations (ODF 1.3; those of OpenOffice 1 too), packed or as one XML file."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, time
from io import BytesIO
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN, mark_deleted
from crawler.attachments.formats.elements.names import attribute, get, local_name
from crawler.attachments.formats.markup.open_fonts import OpenFonts
from crawler.attachments.formats.markup.open_footers import OpenFooters
from crawler.attachments.formats.markup.open_lists import OpenLists
from crawler.attachments.formats.metafiles.reader import read_metafiles
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pages import MAX_CHARACTERS, decode_page, join_pages
from crawler.attachments.formats.pictures import add_scans
from crawler.language.legacy.decoding import Run

# The limit for all parts that are read together, unpacked: a few kilobytes of zip can hold gigabytes.
MAX_UNPACKED_BYTES = 300 * 1024**2
_STYLES = "styles.xml"
_MANIFEST, _LOCKED_ENTRY, _LOCKED_MARK = "meta-inf/manifest.xml", "encrypted-package", b"encryption-data"
# The document, headers and footers, then charts and sheets that are set in it.
_PARTS = re.compile(r"content\.xml|styles\.xml|.+/content\.xml")
# Smaller pictures are seals and logos.
_LEAST_PICTURE_BYTES = 5_000
_METAFILES = re.compile(r"(?:pictures/.+\.(?:emf|wmf|emz|wmz)|objectreplacements/.+)")
_PICTURES = re.compile(r"pictures/.+\.(?:png|jpe?g|tiff?|gif|bmp|webp)")
_BROKEN = (
    zipfile.BadZipFile, ParseError, DefusedXmlException, ValueError, LookupError, OSError, EOFError, zlib.error,
    NotImplementedError, OverflowError,
)  # fmt: skip
_LOCKED = RuntimeError  # what `zipfile` raises for a part with a password
_PARAGRAPHS = frozenset(("p", "h"))
# Their styles, and the section that they are in, may hide them.
_HIDEABLE, _SECTION = frozenset(("p", "h", "span")), "section"
_CELLS = frozenset(("table-cell", "covered-table-cell"))
_ROW, _TABLE = "table-row", "table"
_SPACES = frozenset(("s", "tab", "tab-stop", "line-break"))
# How the letters before it are spoken.
_SPOKEN = "ruby-text"
# Texts that no page shows: what tracked changes took out, programs, and the stand-ins for a page and a sheet.
_DELETION = "deletion"
_UNSEEN = frozenset(("tracked-changes", "script", "sheet-name", "page-number", "page-count"))
# What a header shows of the file or of the day, and the stand-ins for it that a file holds until it is printed.
_SHOWN_ANEW, _STAND_IN = frozenset(("title", "file-name", "date", "time")), re.compile("[?0/:.,() -]*")
# What is beside or below its paragraph. Of its own it may hold numbers, names and descriptions, which are not text.
_BESIDE = frozenset((
    "note", "annotation", "frame", "text-box", "custom-shape", "rect", "ellipse", "circle", "line", "polyline",
    "polygon", "path", "connector", "caption",
))  # fmt: skip
_SLIDE, _WORKBOOK = "page", "spreadsheet"
# What a formula shows is in these (MathML 3); its other form, for the program that wrote it, is an annotation.
_FORMULA, _SIGNS = "math", frozenset(("mi", "mn", "mo", "mtext", "ms"))
# Of the controls of a form, what they show: a label, what is written in them.
_FORM = "{urn:oasis:names:tc:opendocument:xmlns:form:1.0}"
_ON_CONTROLS = tuple(_FORM + name for name in ("label", "current-value"))
_CHOICES, _CHOSEN = frozenset(("option", "item")), f"{_FORM}current-selected"
# A cell or row that is repeated further than this fills a sheet for its looks.
_MOST_REPEATED = 100
_VALUES = ("date-value", "time-value", "string-value", "boolean-value", "value")


def read_odf(data: bytes, recogniser: Recogniser) -> TextReading:
    """Read a packed document: its text, headers and footers, charts; a row of cells on one line.

    Of a document that has next to no text, its scans are read.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = {name.replace("\\", "/").lower(): name for name in package.namelist()}
            if _LOCKED_ENTRY in parts or (_MANIFEST in parts and _LOCKED_MARK in package.read(parts[_MANIFEST])):
                return TextReading(reason="encrypted")
            names = [parts[name] for name in sorted(filter(_PARTS.fullmatch, parts), key=_part_order)]
            size = sum(package.getinfo(name).file_size for name in names)
            if size > MAX_UNPACKED_BYTES:
                return TextReading(reason="too-large", detail=f"unpacks to {size} bytes")
            lists, fonts = OpenLists(), OpenFonts()
            if _STYLES in parts:
                lists.learn(package.open(parts[_STYLES]))
                fonts.learn(package.open(parts[_STYLES]))
            drawn = _find_pictures(package, _METAFILES, least=1)
            reading = _report([package.open(name) for name in names], lists, fonts=fonts, drawn=drawn)
            return add_scans(
                reading,
                recogniser,
                find_pictures=lambda: list(_find_pictures(package, _PICTURES, least=_LEAST_PICTURE_BYTES)),
            )
    except _LOCKED:
        return TextReading(reason="encrypted")
    except _BROKEN as error:
        return TextReading(reason="broken", detail=f"not a readable document ({type(error).__name__})")


def read_flat_odf(data: bytes) -> TextReading:
    """Read a document in one XML file (.fodt, .fods, .fodp)."""
    try:
        return _report([BytesIO(data)], OpenLists(), fonts=OpenFonts(), drawn=())
    except _BROKEN as error:
        return TextReading(reason="broken", detail=f"not a readable document ({type(error).__name__})")


def _find_pictures(package: zipfile.ZipFile, names: re.Pattern[str], *, least: int) -> Iterator[bytes]:
    """Give the pictures of some names that have this many bytes at least, as many as the limit allows together.

    A damaged picture is passed over.
    """
    left = MAX_UNPACKED_BYTES
    for part in package.infolist():
        if names.fullmatch(part.filename.replace("\\", "/").lower()) and part.file_size >= least:
            left -= part.file_size
            read: list[bytes] = []
            with suppress(*_BROKEN, _LOCKED):
                read += [package.read(part)] if left > 0 else []
            yield from read


def _part_order(name: str) -> tuple[bool, bool, str]:
    return name != "content.xml", name != _STYLES, name


def _report(parts: list[IO[bytes]], lists: OpenLists, *, fonts: OpenFonts, drawn: Iterable[bytes]) -> TextReading:
    """Read the parts of a document up to the damage of each, then the words of its metafiles, `drawn`."""
    pages: list[int] = []
    deleted: list[Run] = []
    notes: set[str] = set()
    damaged: list[str] = []
    said: list[str] = []

    def read_pages() -> Iterator[str]:
        for part in parts:
            parsed = _parse(part, damaged)
            for page in _read_part(parsed, pages, lists=lists, fonts=fonts, deleted=deleted, notes=notes):
                said.append(page)
                yield page
        yield decode_page(read_metafiles(drawn, said="\n".join(said)))
        yield "".join(run.text for run in deleted)

    joined = join_pages(read_pages())
    count = len(pages) or None
    if not joined.text:
        return TextReading(
            reason="broken" if damaged else "no-text", detail=damaged[0] if damaged else None, tool="defusedxml",
            pages=count, pages_read=count,
        )  # fmt: skip
    return TextReading(
        joined.text, "odf", tool="defusedxml", is_cut=joined.is_cut, pages=count, pages_read=count,
        detail="; ".join([*sorted(notes), *damaged]) or None,
        doubts=("structure",) if damaged else (), page_starts=joined.starts[:count] if count else (),
    )  # fmt: skip


def _parse(part: IO[bytes], damaged: list[str]) -> Iterator[tuple[str, Element]]:
    """Give the elements of a part up to its damage, which is noted in `damaged`."""
    try:
        yield from iterparse(part, events=("start", "end"))
    except _BROKEN as error:
        damaged.append(f"damaged: {getattr(part, 'name', 'the document')} ({type(error).__name__})")


def _read_part(
    parsed: Iterable[tuple[str, Element]], pages: list[int], *, lists: OpenLists, fonts: OpenFonts,
    deleted: list[Run], notes: set[str],
) -> Iterator[str]:  # fmt: skip
    """Give the text of a part, slide by slide and sheet by sheet; count them in `pages`, and its lists.

    Put what tracked changes took out, and what is hidden, into `deleted`, and what they are into `notes`.
    """
    lines: list[str] = []
    footers = OpenFooters()
    size = within = unseen = hidden = 0
    page = _SLIDE
    for event, element in parsed:
        name = local_name(element)
        step = 1 if event == "start" else -1
        unseen += step if name in _UNSEEN else 0
        hidden += step if name == _SECTION and _is_hidden_section(element) else 0
        # A block within a block is read with the outer one.
        is_block = name in _PARAGRAPHS or name == _ROW
        within += step if is_block else 0
        page = _TABLE if name == _WORKBOOK else page
        if event == "start" and name == page == _TABLE and not within:
            lines.append(get(element, "name"))
        if not unseen:
            (lists.enter if event == "start" else lists.leave)(element)
        (fonts.enter if event == "start" else fonts.leave)(element)
        if event == "end" and not unseen and name in _HIDEABLE and (hidden or fonts.hides(element)):
            taken_out = _take_out(element)
            deleted += taken_out
            notes |= {NOTE_ON_HIDDEN} if taken_out else set()
        if event == "start" or within:
            continue
        footers.learn(element)
        if name == _DELETION:
            taken_out = mark_deleted([Run(" ".join(_find_blocks(element)))])
            deleted += taken_out
            notes |= {NOTE_ON_DELETED} if taken_out else set()
            element.clear()
        elif is_block and not unseen:
            read = _read_block(element)
            lines += read
            size += sum(map(len, read))
            element.clear()
        elif name == page:
            yield "\n".join([*lines, *footers.list_shown(element, number=len(pages) + 1)])
            lines.clear()
            element.clear()
            pages += [len(pages)]
        else:
            lines += _read_beside_text(element)
        if size > 2 * MAX_CHARACTERS:
            break
    yield "\n".join(lines)


def _is_hidden_section(section: Element) -> bool:
    """Return whether a section is never shown, or was not when the file was saved (19.798, 19.816)."""
    return get(section, "display") == "none" or get(section, "is-hidden") == "true"


def _take_out(element: Element) -> list[Run]:
    """Return the text of a hidden element, in marks, and leave the element without it."""
    beside: list[str] = []
    line = "".join(_walk(element, beside))
    tail = element.tail
    element.clear()
    element.tail = tail
    return mark_deleted([Run(" ".join((line, *beside)))])


def _read_beside_text(element: Element) -> list[str]:
    """Return what a formula or a control of a form shows; [] for other elements."""
    if local_name(element) == _FORMULA:
        return [" ".join(one.text.strip() for one in element.iter() if local_name(one) in _SIGNS and one.text)]
    is_shown = local_name(element) not in _CHOICES or element.get(_CHOSEN) == "true"
    if str(element.tag).startswith(_FORM) and is_shown:
        return [element.attrib[key] for key in _ON_CONTROLS if element.get(key)]
    return []


def _read_block(element: Element) -> list[str]:
    """Return the lines of a paragraph with what is beside it, or of a row of cells."""
    if local_name(element) == _ROW:
        return _read_row(element)
    beside: list[str] = []
    line = "".join(_walk(element, beside))
    return [line, *beside]


def _walk(element: Element, beside: list[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local_name(child)
        if name in _BESIDE or name in _PARAGRAPHS or name == _ROW:
            beside += _find_blocks(child)
        elif name in _SPACES:
            yield " "
        elif name not in _UNSEEN and not _is_stand_in(child):
            yield " " if name == _SPOKEN else ""
            yield from _walk(child, beside)
        yield child.tail or ""


def _is_stand_in(element: Element) -> bool:
    return local_name(element) in _SHOWN_ANEW and _STAND_IN.fullmatch("".join(element.itertext())) is not None


def _find_blocks(element: Element) -> list[str]:
    name = local_name(element)
    if name in _PARAGRAPHS or name == _ROW:
        return _read_block(element)
    return [line for child in element if name not in _UNSEEN for line in _find_blocks(child)]


def _read_row(row: Element) -> list[str]:
    """Return the lines of a row: one, except if a cell has a table in it."""
    cells: list[str] = []
    for cell in row:
        if local_name(cell) in _CELLS and (text := _read_cell(cell)):
            cells += [text] * _repeated(cell, "number-columns-repeated")
    line = " ".join(cells)
    return line.split("\n") * _repeated(row, "number-rows-repeated") if line else []


def _read_cell(cell: Element) -> str:
    lines = [line for line in _find_blocks(cell) if line.strip()]
    if lines:
        has_table = any(local_name(one) == _ROW for one in cell.iter())
        return ("\n" if has_table else " ").join(lines)
    values = (attribute(cell, name) for name in _VALUES)
    return _show(next((value for value in values if value is not None), ""))


def _show(value: str) -> str:
    """Show a value that has no text beside it: a date as 03/06/2013, 15000000.0 without decimals."""
    try:
        moment = datetime.fromisoformat(value) if "-" in value[1:] else None
        if moment is not None:
            return f"{moment:%d/%m/%Y}" if moment.time() == time() else f"{moment:%d/%m/%Y %H:%M}"
        return str(int(float(value))) if float(value).is_integer() and abs(float(value)) < 1e15 else value
    except (ValueError, OverflowError):
        return value


def _repeated(element: Element, key: str) -> int:
    said = attribute(element, key) or "1"
    return min(int(said), _MOST_REPEATED) if said.isascii() and said.isdigit() and len(said) < 10 else 1
