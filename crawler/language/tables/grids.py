"""A table as rows of cells, each with its columns and its place in a text. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text in normal form, its first column (from 0), the columns that it spans.

    `start` is the place of its text in the text of the article or file; None if it is not known.
    """

    text: str
    column: int
    width: int
    start: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the line directly above it.

    Args:
        above: the text of that line, "" if there is none.
        rows: the cells of each row. A cell that spans rows is in each of them, its place only in the first.
        is_lined: read from lines of text, where an empty column leaves no sign. The head is one cell over all columns
            if nothing shows which words of it are over which numbers.
    """

    above: str
    rows: tuple[tuple[Cell, ...], ...]
    is_lined: bool = False
