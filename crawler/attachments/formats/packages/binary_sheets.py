"""Read the parts of binary workbooks (.xlsb) record by record [MS-XLSB]: sheets, styles, texts, rows, notes. Pure."""

import struct
from collections.abc import Iterator
from itertools import pairwise

from crawler.attachments.formats.cells.shown import ERRORS, show_number, show_text, strip_header_codes
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts
from crawler.attachments.formats.packages.package import BROKEN, Package, read_theme
from crawler.attachments.formats.packages.sheet_parts import Book, CellStyles, Sheet
from crawler.language.legacy.decoding import Run

# Types of records (2.3.1).
_ROW, _RK, _ERROR, _BOOLEAN, _REAL, _TEXT, _SHARED = 0, 2, 3, 4, 5, 6, 7
_OF_FORMULA = {8: _TEXT, 9: _REAL, 10: _BOOLEAN, 11: _ERROR}
_RICH_TEXT, _STRING, _FONT, _FORMAT, _STYLE, _BOOK, _SHEET, _COMMENT = 62, 19, 43, 44, 47, 153, 156, 637
_CELLS = frozenset((_RK, _ERROR, _BOOLEAN, _REAL, _TEXT, _SHARED, _RICH_TEXT))
_STYLES_BEGIN, _STYLES_END, _HEADERS = 617, 618, 479
_CELL_BYTES, _FONT_NAME_AT, _HEADER_COUNT = 8, 21, 6
_IS_1904 = _HAS_RUNS = 1
_NO_TEXT = 0xFFFFFFFF


def open_book(package: Package, main: str) -> tuple[Book, list[Sheet]]:
    """Return a workbook whose shared parts are read, and its sheets."""
    sheets, is_1904 = _list_sheets(package, main)
    styles, fonts = CellStyles(), list[str | None]()
    for path in package.related(main, "styles"):
        styles, fonts = _read_styles(package, path)
    strings = [
        _read_rich_text(body, fonts)
        for path in package.related(main, "sharedStrings")
        for kind, body in _records(package, path)
        if kind == _STRING
    ]
    return Book(package, styles, strings, is_1904, DrawingFonts(read_theme(package, main))), sheets


def _list_sheets(package: Package, main: str) -> tuple[list[Sheet], bool]:
    """Return the sheets of a workbook, and whether its days count from 1904."""
    by_number = {relation.number: relation.path for relation in package.relations(main)}
    sheets: list[Sheet] = []
    is_1904 = False
    for kind, body in _records(package, main):
        if kind == _BOOK:
            is_1904 = bool(body[0] & _IS_1904)
        elif kind == _SHEET:
            number, at = _read_text(body, 8)
            name, _ = _read_text(body, at)
            if number in by_number:
                sheets.append(Sheet(name, by_number[number], struct.unpack_from("<I", body)[0] != 0))
    return sheets, is_1904


def _read_styles(package: Package, path: str) -> tuple[CellStyles, list[str | None]]:
    """Return the styles of cells, and the names of the fonts by their numbers."""
    styles = CellStyles()
    codes: dict[int, str] = {}
    fonts: list[str | None] = []
    in_cells = False
    for kind, body in _records(package, path):
        if kind in (_STYLES_BEGIN, _STYLES_END):
            in_cells = kind == _STYLES_BEGIN
        elif kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _read_text(body, 2)[0]
        elif kind == _FONT:
            fonts.append(_read_text(body, _FONT_NAME_AT)[0])
        elif kind == _STYLE and in_cells:
            styles.add(*struct.unpack_from("<HH", body, 2), codes=codes, fonts=fonts)
    return styles, fonts


def read_rows(book: Book, path: str, *, headers: list[str]) -> Iterator[list[list[Run]]]:
    """Give the rows of a sheet, each the cells that have a text. Add its headers and footers to `headers`."""
    row: list[list[Run]] = []
    for kind, body in _records(book.package, path):
        own = _OF_FORMULA.get(kind, kind)
        if kind == _ROW:
            yield row
            row = []
        elif own in _CELLS and (cell := _read_cell(book, own, body=body)):
            row.append(cell)
        elif kind == _HEADERS:
            at = 2
            for _ in range(_HEADER_COUNT):
                text, at = _read_text(body, at)
                headers.append(strip_header_codes(text))
    yield row


def read_comments(package: Package, path: str) -> list[Run]:
    """Return the notes of a sheet, each on its own line."""
    texts = (_read_rich_text(body, []) for kind, body in _records(package, path) if kind == _COMMENT)
    return [run for text in texts for run in (*text, Run("\n"))]


def _read_cell(book: Book, kind: int, *, body: bytes) -> list[Run]:
    style = struct.unpack_from("<I", body, 4)[0] & 0xFFFFFF
    if kind == _SHARED:
        return book.find_string(struct.unpack_from("<I", body, _CELL_BYTES)[0], style)
    code, font = book.styles.find_code(style), book.styles.find_font(style)
    if kind == _RICH_TEXT:
        return show_text([run for run in _read_rich_text(body[_CELL_BYTES:], []) if run.text], code)
    if kind == _TEXT:
        text = _read_text(body, _CELL_BYTES)[0]
        return show_text([Run(text, font)] if text else [], code)
    if kind == _BOOLEAN:
        text = "TRUE" if body[_CELL_BYTES] else "FALSE"
    elif kind == _ERROR:
        text = ERRORS.get(body[_CELL_BYTES], "#N/A")
    else:
        value = _read_rk(body) if kind == _RK else struct.unpack_from("<d", body, _CELL_BYTES)[0]
        text = show_number(value, code, is_1904=book.is_1904)
    return [Run(text, font)] if text else []


def _read_rk(body: bytes) -> float:
    """Read a number of 30 bits (2.5.122): an integer or the top of a float, or a hundred times it."""
    held = struct.unpack_from("<I", body, _CELL_BYTES)[0]
    if held & 2:
        value = float(struct.unpack("<i", struct.pack("<I", held & ~3))[0] >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<II", 0, held & ~3))[0]
    return value / 100 if held & 1 else value


def _read_rich_text(body: bytes, fonts: list[str | None]) -> list[Run]:
    """Read a text and its runs (2.5.121)."""
    text, at = _read_text(body, 1)
    cuts: list[tuple[int, int]] = []
    if body[0] & _HAS_RUNS and at + 4 <= len(body):
        count = min(struct.unpack_from("<I", body, at)[0], (len(body) - at - 4) // 4)
        cuts = [struct.unpack_from("<HH", body, at + 4 + 4 * index) for index in range(count)]
    places = [(0, -1), *cuts, (len(text), -1)]
    return [
        Run(text[start:end], fonts[font] if 0 <= font < len(fonts) else None)
        for (start, font), (end, _) in pairwise(places) if start < end
    ]  # fmt: skip


def _read_text(body: bytes, at: int) -> tuple[str, int]:
    """Read a text whose length is stored before it. Return it, and where what follows begins."""
    count = struct.unpack_from("<I", body, at)[0]
    at += 4
    if count == _NO_TEXT:
        return "", at
    end = at + 2 * count
    return body[at:end].decode("utf-16-le", "replace").replace("\r", "\n"), end


def _records(package: Package, path: str) -> Iterator[tuple[int, bytes]]:
    """Give the types and contents of the records of a part (2.1.4). A damaged part is named in `package.damaged`."""
    try:
        data = package.read(path)
        at = 0
        while at < len(data):
            kind, at = _read_number(data, at, most_bytes=2)
            size, at = _read_number(data, at, most_bytes=4)
            if at + size > len(data):
                raise ValueError("a record is cut")
            yield kind, data[at : at + size]
            at += size
    except (*BROKEN, struct.error, IndexError):
        package.damaged.append(path)


def _read_number(data: bytes, at: int, *, most_bytes: int) -> tuple[int, int]:
    """Read a number of seven bits a byte; the eighth says that more follow."""
    value = 0
    for index in range(most_bytes):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            break
    return value, at
