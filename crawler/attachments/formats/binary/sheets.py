"""Read the text of a binary workbook [MS-XLS]: sheet by sheet, row by row, then what is outside of cells."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import xlrd

from crawler.attachments.formats.binary.blips import find_metafiles
from crawler.attachments.formats.binary.sheet_records import count_uncounted, mend, read_loose_texts
from crawler.attachments.formats.cells.shown import (
    BUILT_IN_FORMATS,
    ERRORS,
    SYSTEM_DATES,
    join_cells,
    show_number,
    show_text,
)
from crawler.attachments.formats.metafiles.reader import read_metafiles
from crawler.language.legacy.decoding import Run


class LockedSheetsError(Exception):
    """Raised when a workbook is encrypted, by `read_sheets`."""


class BadSheetsError(Exception):
    """Raised when a workbook cannot be read, by `read_sheets`."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """A page of runs for each sheet and one for what is outside of cells; the names of hidden sheets.

    `uncounted` is the number of formulas whose result no program has counted.
    """

    pages: list[list[Run]]
    hidden: list[str]
    uncounted: int


def read_sheets(data: bytes, within: Sequence[str] = ()) -> Workbook:
    """Read a workbook of Excel 2 to 2003, with each cell as its number format shows it.

    Args:
        data: its bytes.
        within: the texts of the documents that are set on it, which its metafiles draw too.

    Raises:
        LockedSheetsError: if it is encrypted.
        BadSheetsError: if it is damaged, or no workbook.
    """
    try:
        book = _open(data)
    except BadSheetsError:
        # Its container, its names or its notes are damaged; the cells need none of them.
        book = _open(mend(data))
    pages = [list(_read_sheet(book, sheet)) for sheet in book.sheets()]
    loose = [Run(text + "\n") for text in read_loose_texts(data)]
    if metafiles := list(find_metafiles(data)):
        said = "".join(run.text for page in (*pages, loose) for run in page)
        loose += read_metafiles(metafiles, said="\n".join((said, *within)))
    hidden = [sheet.name for sheet in book.sheets() if sheet.visibility]
    return Workbook([*pages, loose] if loose else pages, hidden, count_uncounted(data))


def _open(data: bytes) -> xlrd.Book:
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        try:
            # Ragged rows: a sheet of formatted empty cells has 16 million.
            return xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=nowhere)
        except xlrd.biffh.XLRDError as error:
            raise (LockedSheetsError() if "encrypted" in str(error) else BadSheetsError(str(error))) from error
        except MemoryError:
            raise
        except Exception as error:  # a damaged file raises whatever its damage leads to
            raise BadSheetsError(type(error).__name__) from error


def _read_sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Iterator[Run]:
    yield Run(sheet.name + "\n")
    for number in range(sheet.nrows):
        yield from join_cells([cell for cell in _read_row(book, sheet, number=number) if cell])


def _read_row(book: xlrd.Book, sheet: xlrd.sheet.Sheet, *, number: int) -> Iterator[list[Run]]:
    for column, cell in enumerate(sheet.row(number)):
        if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        form = book.xf_list[cell.xf_index] if cell.xf_index is not None and cell.xf_index < len(book.xf_list) else None
        if cell.ctype == xlrd.XL_CELL_TEXT:
            own = form.font_index if form else None
            runs = _cut(book, str(cell.value), own=own, places=sheet.rich_text_runlist_map.get((number, column), []))
            yield show_text(runs, _find_code(book, form))
        else:
            yield [Run(_show(book, cell, form=form))]


def _show(book: xlrd.Book, cell: xlrd.sheet.Cell, *, form: "xlrd.formatting.XF | None") -> str:
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return ERRORS.get(int(cell.value), "#N/A")
    return show_number(float(cell.value), _find_code(book, form), is_1904=bool(book.datemode))


def _find_code(book: xlrd.Book, form: "xlrd.formatting.XF | None") -> str:
    if form is None:
        return "General"
    if form.format_key in SYSTEM_DATES:
        return BUILT_IN_FORMATS[form.format_key]
    known = book.format_map.get(form.format_key)
    return (known and known.format_str) or "General"


def _cut(book: xlrd.Book, text: str, *, own: int | None, places: list[tuple[int, int]]) -> list[Run]:
    """Cut the text of a cell into runs of one font each; `places` says where another font begins."""
    text = text.replace("\r", "\n")
    cuts = [(0, own), *places, (len(text), own)]
    pieces = ((text[start:end], font) for (start, font), (end, _) in pairwise(cuts))
    return [Run(piece, _font_name(book, font)) for piece, font in pieces if piece]


def _font_name(book: xlrd.Book, index: int | None) -> str | None:
    return str(book.font_list[index].name) if index is not None and index < len(book.font_list) else None
