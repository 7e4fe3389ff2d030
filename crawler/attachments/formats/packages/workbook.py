"""Read workbooks (SpreadsheetML, ECMA-376, also strict): cells as shown, then what is outside of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.cells.shown import (
    UNFILLED,
    join_cells,
    name_hidden,
    note_uncounted,
    show_date,
    show_number,
    show_text,
    strip_header_codes,
)
from crawler.attachments.formats.elements.names import local_name
from crawler.attachments.formats.embedded import ReadWithin, name_unread, read_embedded
from crawler.attachments.formats.metafiles.reader import SUFFIXES, read_metafiles
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages import binary_sheets
from crawler.attachments.formats.packages.charts import CHARTS, DRAWN_ON_CHARTS
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts
from crawler.attachments.formats.packages.package import Package, parse_comments, parse_drawing, read_theme
from crawler.attachments.formats.packages.pivots import find_pivots
from crawler.attachments.formats.packages.reading import finish, read_package, read_scans
from crawler.attachments.formats.packages.sheet_parts import Book, CellStyles, Sheet
from crawler.attachments.formats.pages import join_runs
from crawler.attachments.judgement import doubt_structure
from crawler.language.legacy.decoding import Run
from crawler.language.numbers import whole_number

_MAIN, _SHEETS = r"xl/workbook\d*\.(?:xml|bin)", r"xl/(?:work|chart|dialog)sheets/[^/]*\.xml"
_HEADERS = frozenset(f"{which}{what}" for which in ("odd", "even", "first") for what in ("Header", "Footer"))
_TRUE = ("1", "true")
# The parts of a workbook in binary form (.xlsb).
_BINARY = ".bin"
# Letters that XML cannot hold are written so in texts (ECMA-376, 22.9.2.19).
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def read_xlsx(data: bytes, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    """Read a workbook: each sheet by its name, row by row, its notes, text boxes, charts, headers; stored results.

    If it has next to no text, the scans on its sheets are read.

    Args:
        data: its bytes.
        recogniser: for its scans.
        read: reads a document that is set on a sheet, by its bytes and name.
    """
    return read_package(data, "xlsx", read=lambda package: _read(package, recogniser, read=read))


def _read(package: Package, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    main = package.find_main(_MAIN)
    if main.endswith(_BINARY):
        book, sheets = binary_sheets.open_book(package, main)
    else:
        book, sheets = _open_book(package, main)
    unread: list[str] = []
    joined = join_runs(_read_whole(book, sheet, read=read, unread=unread) for sheet in sheets)
    drawings = [path for sheet in sheets for path in package.related(sheet.path, "drawing")]
    scanned = read_scans(package, joined.text, method="xlsx", owners=drawings, recogniser=recogniser)
    if scanned is not None:
        return scanned
    hidden = name_hidden([sheet.name for sheet in sheets if sheet.is_hidden])
    unfilled = f"{UNFILLED}: {book.unfilled}" if book.unfilled else None
    note = "; ".join(filter(None, (hidden, note_uncounted(book.unvalued), unfilled, name_unread(unread)))) or None
    reading = finish(joined, "xlsx", package=package, pages=len(sheets), note=note)
    doubts = doubt_structure(promised=book.valued + book.unvalued, found=book.valued)
    doubts = ("structure",) if book.unfilled else doubts
    return replace(reading, doubts=tuple(dict.fromkeys((*reading.doubts, *doubts)))) if reading.text else reading


def _open_book(package: Package, main: str) -> tuple[Book, list[Sheet]]:
    sheets, is_1904 = _list_sheets(package, main)
    strings = [one for path in package.related(main, "sharedStrings") for one in _read_strings(package, path)]
    styles = next((_read_styles(package, path) for path in package.related(main, "styles")), CellStyles())
    return Book(package, styles, strings, is_1904, DrawingFonts(read_theme(package, main))), sheets


def _list_sheets(package: Package, main: str) -> tuple[list[Sheet], bool]:
    """Return the sheets, and whether days count from 1904. If the list is damaged, all parts that are sheets."""
    by_number = {relation.number: relation.path for relation in package.relations(main)}
    sheets: list[Sheet] = []
    is_1904 = False
    for _, element in package.parse(main, events=("end",)):
        name = local_name(element)
        if name == "workbookPr":
            # An extension of Excel 2010 has an element of the same name, which says nothing about days.
            is_1904 = is_1904 or element.get("date1904", "0") in _TRUE
        elif name == "sheet":
            number = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            if number in by_number:
                is_hidden = element.get("state", "visible") != "visible"
                sheets.append(Sheet(element.get("name", ""), by_number[number], is_hidden))
    return sheets or [Sheet("", path) for path in package.find(_SHEETS)], is_1904


def _read_styles(package: Package, path: str) -> CellStyles:
    styles = CellStyles()
    own: dict[int, str] = {}
    fonts: list[str | None] = []
    in_cells = in_fonts = False
    for event, element in package.parse(path):
        name = local_name(element)
        is_begin = event == "start"
        if name == "cellXfs":
            in_cells = is_begin
        elif name == "fonts":
            in_fonts = is_begin
        elif name == "numFmt" and is_begin:
            own[_whole(element.get("numFmtId"))] = element.get("formatCode", "")
        elif name == "font" and in_fonts and is_begin:
            fonts.append(None)
        elif name == "name" and in_fonts and is_begin and fonts:
            fonts[-1] = element.get("val")
        elif name == "xf" and in_cells and is_begin:
            number, font = _whole(element.get("numFmtId")), _whole(element.get("fontId"))
            styles.add(number, font, codes=own, fonts=fonts)
    return styles


def _whole(text: str | None) -> int:
    """Return a number of a style; -1 if it is none."""
    number = whole_number(text or "")
    return -1 if number is None else number


def _read_strings(package: Package, path: str) -> Iterator[list[Run]]:
    for _, element in package.parse(path, events=("end",)):
        if local_name(element) == "si":
            yield _read_string(element)
            element.clear()


def _read_string(element: Element) -> list[Run]:
    """Return a text and its runs; not its pronunciation (`rPh`)."""
    runs: list[Run] = []
    for child in element:
        if local_name(child) == "t":
            runs.append(Run(_clean(child.text)))
        elif local_name(child) == "r":
            font = next((one.get("val") for one in child.iter() if local_name(one) == "rFont"), None)
            runs += [Run(_clean(one.text), font) for one in child if local_name(one) == "t"]
    return runs


def _clean(text: str | None) -> str:
    return _ESCAPED.sub(_unescape, text or "").replace("\r", "\n")


def _unescape(code: re.Match[str]) -> str:
    letter = chr(int(code[1], 16))
    return letter if letter in "\r\n\t" or letter.isprintable() else ("" if letter < " " else code[0])


def _read_whole(book: Book, sheet: Sheet, *, read: ReadWithin, unread: list[str]) -> Iterator[Run]:
    """Give a sheet, then the documents that are set on it, and the words of the metafiles that it shows."""
    package = book.package
    owners = package.related(sheet.path, "drawing", "vmlDrawing")
    has_metafiles = any(path.endswith(SUFFIXES) for owner in owners for path in package.related(owner, "image"))
    said: list[str] = []
    for run in _read_sheet(book, sheet):
        said += [run.text] if has_metafiles else []
        yield run
    within = read_embedded(package.read_objects([sheet.path]), read)
    unread += within.unread
    yield from (Run(f"\n{text}") for text in within.texts)
    drawn = package.read_pictures(owners, suffixes=SUFFIXES)
    yield from read_metafiles(drawn, said="".join((*said, *within.texts)))


def _read_sheet(book: Book, sheet: Sheet) -> Iterator[Run]:
    package = book.package
    yield Run(sheet.name + "\n")
    headers: list[str] = []
    read_rows = binary_sheets.read_rows if sheet.path.endswith(_BINARY) else _read_rows
    for row in read_rows(book, sheet.path, headers=headers):
        yield from join_cells(row)
    drawings = package.related(sheet.path, "drawing")
    charts = [chart for drawing in drawings for chart in package.related(drawing, *CHARTS, "diagramData")]
    boxes = [box for chart in charts for box in package.related(chart, DRAWN_ON_CHARTS)]
    for path in [*drawings, *charts, *boxes]:
        yield from parse_drawing(package, path, fonts=book.fonts)
        yield Run("\n")
    for path in package.related(sheet.path, "comments", "threadedComment"):
        yield from (binary_sheets.read_comments if path.endswith(_BINARY) else parse_comments)(package, path)
    yield Run("\n".join(dict.fromkeys(header for header in headers if header)))


def _read_rows(book: Book, path: str, *, headers: list[str]) -> Iterator[list[list[Run]]]:
    """Give the rows of a sheet, each the cells that have a text. Add its headers and footers to `headers`."""
    row: list[list[Run]] = []
    pivots = find_pivots(book.package, path)
    for _, element in book.package.parse(path, events=("end",)):
        name = local_name(element)
        if name == "c":
            if runs := _read_cell(book, element):
                row.append(runs)
                for pivot in pivots:
                    pivot.count(element.get("r"))
            element.clear()
        elif name == "row":
            yield row
            row = []
            element.clear()
        elif name in _HEADERS:
            headers.append(strip_header_codes(element.text or ""))
    book.unfilled += sum(pivot.is_unfilled() for pivot in pivots)
    yield row


def _read_cell(book: Book, cell: Element) -> list[Run]:
    """Return what a cell shows as runs; [] if it is empty."""
    kind, style = cell.get("t", "n"), _whole(cell.get("s", "0"))
    font = book.styles.find_font(style)
    texts = [one for one in cell if local_name(one) == "is"]
    code = book.styles.find_code(style)
    if texts:
        return show_text([Run(run.text, run.font or font) for run in _read_string(texts[0]) if run.text], code)
    value = next((one.text for one in cell if local_name(one) == "v" and one.text), None)
    book.valued += value is not None
    # The result of a formula that is a text may be empty.
    book.unvalued += value is None and kind != "str" and any(local_name(one) == "f" for one in cell)
    if value is None:
        return []
    if kind == "s":
        return book.find_string(_whole(value.strip()), style)
    if kind == "str":
        return show_text([Run(text, font)] if (text := _clean(value)) else [], code)
    text = _clean(value) if kind == "e" else _show(value.strip(), kind, code=code, is_1904=book.is_1904)
    return [Run(text, font)] if text else []


def _show(value: str, kind: str, *, code: str, is_1904: bool) -> str:
    if kind == "b":
        return "TRUE" if value in _TRUE else "FALSE"
    try:
        if kind == "d":
            return show_date(datetime.fromisoformat(value.removesuffix("Z")), code)
        return show_number(float(value), code, is_1904=is_1904)
    except (ValueError, OverflowError):
        return value
