"""Read the tables of an article's stored HTML, and find their cells in its body. Pure, bounded in time.

The stored HTML is what the reader of pages let through: few tags, each of them closed. So the standard parser serves.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from crawler.language.tables.grids import Cell, Table
from crawler.language.text import normalize_text

# Tags that do not end a line.
_INLINE_WORDS = "a abbr b cite code em i img ins q s small span strong sub sup u col colgroup"
_INLINE = frozenset(_INLINE_WORDS.split())
_SECTIONS = frozenset(("thead", "tbody", "tfoot"))
# A table of an office has tens of columns. More rows and columns than these are not laid out.
_MOST_ROWS, _MOST_COLUMNS, _MOST_SPAN = 3000, 100, 100
_SPAN = re.compile("[0-9]{1,3}")


@dataclass(slots=True)
class _RawCell:
    columns: int
    rows: int
    pieces: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return [line for piece in "".join(self.pieces).split("\n") if (line := normalize_text(piece))]


@dataclass(slots=True)
class _RawTable:
    above: str
    rows: list[list[_RawCell]] = field(default_factory=list)
    # It holds another table: then it serves the layout, and its cells are not values.
    is_layout: bool = False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_RawTable] = []
        self._open: list[_RawTable] = []
        self._cells: list[_RawCell | None] = []
        self._line: list[str] = []
        self._last_line = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open_table()
        elif tag == "tr" and self._open:
            self._open[-1].rows.append([])
            self._cells[-1] = None
        elif tag in ("td", "th") and self._open and self._open[-1].rows:
            given = dict(attrs)
            cell = _RawCell(_read_span(given.get("colspan")), _read_span(given.get("rowspan")))
            self._open[-1].rows[-1].append(cell)
            self._cells[-1] = cell
        elif tag not in _INLINE and tag not in _SECTIONS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._open:
            self._open.pop()
            self._cells.pop()
        elif tag in ("td", "th") and self._open:
            self._cells[-1] = None
        elif tag not in _INLINE and tag not in _SECTIONS:
            self._break()

    def handle_data(self, data: str) -> None:
        cell = self._cells[-1] if self._cells else None
        # A line break of the source is a space.
        piece = data.replace("\n", " ")
        if cell is not None:
            cell.pieces.append(piece)
        elif not self._open or piece.strip():  # the words of a table's own caption are over its rows
            self._line.append(piece)

    def _open_table(self) -> None:
        self._break()
        above = self._last_line
        if self._open:
            self._open[-1].is_layout = True
            cell = self._cells[-1]
            above = (cell.lines or [""])[-1] if cell is not None else ""
        self.tables.append(_RawTable(above))
        self._open.append(self.tables[-1])
        self._cells.append(None)
        self._last_line = ""

    def _break(self) -> None:
        cell = self._cells[-1] if self._cells else None
        if cell is not None:
            cell.pieces.append("\n")
            return
        line = normalize_text("".join(self._line))
        self._line.clear()
        if line and self._open and not self._open[-1].rows:
            self._open[-1].above = line
        elif line:
            self._last_line = line


def _read_span(value: str | None) -> int:
    span = int(value) if value and _SPAN.fullmatch(value) else 1
    return max(1, min(span, _MOST_SPAN))


def read_tables(html: str, body: str) -> tuple[Table, ...]:
    r"""Read the tables of stored HTML, with the places of their cells in the body of the same article.

    A cell whose row is not in the body as the table has it (a caption was taken out of it) has no place.

    >>> html = "<p>Đơn vị: đồng</p><table><tr><td>Cầu</td><td>900.000</td></tr></table>"
    >>> [table] = read_tables(html, "Đơn vị: đồng\n\nCầu 900.000")
    >>> table.above, [(cell.text, cell.column, cell.start) for cell in table.rows[0]]
    ('Đơn vị: đồng', [('Cầu', 0, 14), ('900.000', 1, 18)])
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    places = _Places(body)
    return tuple(
        Table(raw.above, tuple(_lay_out(raw, places))) for raw in reader.tables if raw.rows and not raw.is_layout
    )


def _lay_out(raw: _RawTable, places: "_Places") -> Iterator[tuple[Cell, ...]]:
    """Yield the rows with the columns of their cells, as HTML places them (HTML, 4.9.12.1)."""
    # Of each column, the text of the cell that reaches down from above, its first column and width, and its rows left.
    reaching: dict[int, tuple[str, int, int, int]] = {}
    for row in raw.rows[:_MOST_ROWS]:
        starts = places.locate([cell.lines for cell in row])
        cells = [Cell(text, first, width, None) for text, first, width, _ in dict.fromkeys(reaching.values())]
        came: dict[int, tuple[str, int, int, int]] = {}
        column = 0
        for cell, start in zip(row, starts, strict=True):
            while column in reaching:
                column += 1
            if column >= _MOST_COLUMNS:
                break
            text = " ".join(cell.lines)
            cells.append(Cell(text, column, cell.columns, start))
            if cell.rows > 1:
                spanned = range(column, column + cell.columns)
                came |= dict.fromkeys(spanned, (text, column, cell.columns, cell.rows - 1))
            column += cell.columns
        reaching = {at: (*held[:3], held[3] - 1) for at, held in reaching.items() if held[3] > 1} | came
        yield tuple(sorted(cells, key=lambda one: one.column))


class _Places:
    """Finds the rows of tables in a body, one after another.

    The reader of pages makes one paragraph of a row whose cells are one line each, and else of every line.
    """

    def __init__(self, body: str) -> None:
        self._starts: dict[str, list[int]] = {}
        self._from = 0
        start = 0
        for paragraph in body.split("\n\n"):
            self._starts.setdefault(paragraph, []).append(start)
            start += len(paragraph) + 2

    def locate(self, cells: Sequence[Sequence[str]]) -> list[int | None]:
        """Return the place of each cell of one line; None where it is not known."""
        whole = " ".join(line for lines in cells for line in lines)
        start = self._find(whole, behind=self._from) if all(len(lines) < 2 for lines in cells) else None
        if start is not None:
            self._from = start + len(whole)
            return list(_place_within(cells, start))
        return self._locate_apart(cells)

    def _locate_apart(self, cells: Sequence[Sequence[str]]) -> list[int | None]:
        found: list[int | None] = []
        behind = self._from
        for lines in cells:
            start: int | None = None
            for line in lines:
                start = self._find(line, behind=behind)
                if start is None:
                    return [None] * len(cells)
                behind = start + len(line)
            found.append(start if len(lines) == 1 else None)
        self._from = behind
        return found

    def _find(self, paragraph: str, *, behind: int) -> int | None:
        starts = self._starts.get(paragraph, [])
        place = bisect_left(starts, behind)
        return starts[place] if place < len(starts) else None


def _place_within(cells: Sequence[Sequence[str]], start: int) -> Iterator[int | None]:
    for lines in cells:
        yield start if lines else None
        start += len(lines[0]) + 1 if lines else 0
