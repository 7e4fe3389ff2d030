"""Read tables from the lines of a file's text: labels with numbers, below a line that names a currency. Pure.

The texts of files have the cells of a row side by side, and empty cells leave no sign. So only rows that all end in the
same number of numbers are read, and a row that may be a line of prose is none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.language.tables.grids import Cell, Table
from crawler.language.text import normalize_text

_WORD = re.compile(r"\S+")
# A number, a share, or the sign of an empty cell, at the end of a row.
_VALUE = re.compile(r"[0-9]+(?:[.,][0-9]+)*%?|[-–]")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_LETTER = re.compile(r"[^\W\d_]{2}")
_POINTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_GROUP_BEFORE, _GROUP = re.compile("[0-9]{1,3}"), re.compile("[0-9]{3}")
# Lines with one of these may have a currency over a table.
_NAMES_CURRENCY = re.compile(
    r"(?i:(?:đơn vị(?: tính)?|đvt)\s?:[^;]{0,20}?(?:đồng|vn[đd]|đ\b)|\([^()]{0,24}(?:đồng|vn[đd]|đ)\s?\))"
)
_LONGEST_NAMING = 40
# A number after one of these words is a name: "Trường Tiểu học số 2".
_NAMING_WORDS = (
    "số năm thôn tổ khu đợt quý tháng ngày lớp khóa khoá tập lần cấp hạng loại nhóm điều mục khoản km đoạn kỳ bản"
)
_NAMED_BY_NUMBER = frozenset(_NAMING_WORDS.split())
_MOST_HEAD_LINES, _MOST_LINES_APART, _MOST_LABEL_WORDS, _LEAST_ROWS = 12, 8, 24, 2
_MOST_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A label with numbers and their places; `may_be_parted`: spaces may part the groups of one of them."""

    label: str
    values: tuple[tuple[str, int], ...]
    may_be_parted: bool


def read_lined_tables(text: str, *, is_sheet: bool = False) -> tuple[Table, ...]:
    r"""Read the tables of a text below a line that names a currency.

    Args:
        text: of a file.
        is_sheet: whether it is of a workbook: then no number is separated by spaces.

    >>> text = "Đơn vị tính: triệu đồng\nNội dung Kinh phí\nXây cầu 900\nLàm đường 1.200"
    >>> [table] = read_lined_tables(text)
    >>> [[cell.text for cell in row] for row in table.rows]
    [['Nội dung', 'Kinh phí'], ['Xây cầu', '900'], ['Làm đường', '1.200']]
    """
    if _NAMES_CURRENCY.search(text) is None and not _may_be_decomposed(text):
        return ()
    lines = list(_read_lines(text))
    names = [place for place, line in enumerate(lines) if _is_naming(line)]
    found = []
    for number, place in enumerate(names):
        until = names[number + 1] if number + 1 < len(names) else len(lines)
        table = _read_table(lines[place:until], is_sheet=is_sheet)
        if table is not None:
            found.append(table)
    return tuple(found)


def _may_be_decomposed(text: str) -> bool:
    return "\u0300" in text and _NAMES_CURRENCY.search(normalize_text(text)) is not None


def _read_lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield _Line(line, start)
        start += len(line) + 1


def _is_naming(line: _Line) -> bool:
    normal = normalize_text(line.text)
    return len(normal.split()) <= _LONGEST_NAMING and _NAMES_CURRENCY.search(normal) is not None


def _read_table(lines: Sequence[_Line], *, is_sheet: bool) -> Table | None:
    """Read the table below a line, which is its first; None if there is none."""
    head = [normalize_text(lines[0].text)]
    rows: list[_Row] = []
    apart = 0
    for place, line in enumerate(lines[1:], 1):
        row = _read_row(line, is_sheet=is_sheet)
        following = lines[place + 1].text.lstrip() if place + 1 < len(lines) else ""
        if row is not None and following[:1].islower():
            row = None  # a line of prose that goes on, or a label that does
        if row is not None:
            rows.append(row)
            apart = 0
            continue
        normal = normalize_text(line.text)
        apart += 1
        if apart > (_MOST_LINES_APART if rows else _MOST_HEAD_LINES) or len(normal.split()) > _MOST_LABEL_WORDS:
            break
        if not rows:
            head.append(normal)
    return _make_table(head, rows)


def _read_row(line: _Line, *, is_sheet: bool) -> _Row | None:
    words = list(_WORD.finditer(line.text))
    first = len(words)
    while first and _VALUE.fullmatch(words[first - 1][0]):
        first -= 1
    if first and normalize_text(words[first - 1][0]).lower() in _NAMED_BY_NUMBER:
        first += 1
    label = normalize_text(" ".join(word[0] for word in words[:first]))
    values = [(word[0], line.start + word.start()) for word in words[first:]]
    numbers = [value for value, _ in values]
    if not values or len(values) > _MOST_COLUMNS or _LETTER.search(label) is None:
        return None
    if all(map(_YEAR.fullmatch, numbers)) or first > _MOST_LABEL_WORDS:
        return None
    return _Row(label, tuple(values), not is_sheet and _may_be_parted(line.text, words[first:]))


def _may_be_parted(text: str, numbers: Sequence[re.Match[str]]) -> bool:
    """Return whether spaces may part the groups of one number: "1 500 000". A tab parts two cells."""
    return any(
        _GROUP_BEFORE.fullmatch(one[0]) and _GROUP.fullmatch(other[0]) and "\t" not in text[one.end() : other.start()]
        for one, other in pairwise(numbers)
    )


def _make_table(head: Sequence[str], rows: Sequence[_Row]) -> Table | None:
    sure = [row for row in rows if not row.may_be_parted]
    if any(_POINTED.fullmatch(value) for row in sure for value, _ in row.values):
        # This table parts groups by points: "900 880" is two numbers, if it is as many as other rows have.
        sure_counts = {len(row.values) for row in sure}
        rows = [row for row in rows if not row.may_be_parted or len(row.values) in sure_counts]
    else:
        rows = sure
    counts = Counter(len(row.values) for row in rows)
    columns, count = max(counts.items(), key=lambda one: one[1], default=(0, 0))
    if count < _LEAST_ROWS or 2 * count <= len(rows):
        return None
    cells = [
        (
            Cell(row.label, 0, 1, None),
            *(Cell(value, column, 1, start) for column, (value, start) in enumerate(row.values, 1)),
        )
        for row in rows
        if len(row.values) == columns
    ]
    is_above = len(head) > 1 or _names_unit_only(head[0])
    return Table(
        head[0] if is_above else "", (*_make_heads(head[1:] if is_above else head, columns), *cells), is_lined=True
    )


def _make_heads(lines: Sequence[str], columns: int) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of the head: one of a cell for each column, if a single line shows where they begin.

    Else every line is a cell over all columns.
    """
    names = _cut_names(lines[0]) if len(lines) == 1 else []
    if len(names) <= columns:
        yield from ((Cell(line, 0, columns + 1, None),) for line in lines)
        return
    label = Cell(" ".join(names[:-columns]), 0, 1, None)
    yield (label, *(Cell(name, column, 1, None) for column, name in enumerate(names[-columns:], 1)))


def _cut_names(line: str) -> list[str]:
    """Cut a line into names that begin with a capital, except those in brackets; without a last column of notes.

    >>> _cut_names("TT Nội dung Số hộ Kinh phí (Triệu đồng) Ghi chú")
    ['TT', 'Nội dung', 'Số hộ', 'Kinh phí (Triệu đồng)']
    """
    names: list[list[str]] = []
    depth = 0
    for word in line.split():
        if not names or (word[0].isupper() and depth == 0):
            names.append([])
        names[-1].append(word)
        depth = max(0, depth + word.count("(") - word.count(")"))
    joined = [" ".join(name) for name in names]
    return joined[:-1] if joined[-1:] == ["Ghi chú"] else joined


def _names_unit_only(line: str) -> bool:
    return re.search(r"(?i:đơn vị(?: tính)?|đvt)\s?:", line) is not None
