"""Cut the body of an article into its paragraphs and the rows of its tables, for a page without its HTML. Pure."""

from collections.abc import Iterator

from crawler.language.tables.grids import Cell
from crawler.language.tables.stored_html import read_tables

Rows = tuple[tuple[Cell, ...], ...]


def cut_blocks(html: str, body: str) -> Iterator[str | Rows]:
    r"""Yield the paragraphs of a body in order, and in place of those that are the rows of one table these rows.

    A row whose cells have several lines, or that is not in the body as the table has it, stays as its paragraphs are.

    >>> html = "<p>Vốn:</p><table><tr><td>Cầu</td><td>900</td></tr><tr><td>Đường</td><td>40</td></tr></table>"
    >>> [[[cell.text for cell in row] for row in one] if not isinstance(one, str) else one
    ...     for one in cut_blocks(html, "Vốn:\n\nCầu 900\n\nĐường 40\n\nHết.")]
    ['Vốn:', [['Cầu', '900'], ['Đường', '40']], 'Hết.']
    """
    known: dict[int, tuple[int, tuple[Cell, ...]]] = {}
    for number, table in enumerate(read_tables(html, body) if "<table" in html else ()):
        above: tuple[Cell, ...] = ()
        for row in table.rows:
            places = [cell.start for cell in row if cell.start is not None]
            if places and all(cell.start is not None or not cell.text or _reaches(cell, above) for cell in row):
                known[min(places)] = (number, row)
            above = row
    rows: list[tuple[Cell, ...]] = []
    last: int | None = None
    start = 0
    for paragraph in body.split("\n\n"):
        found, row = known.get(start, (0, ()))
        of_table = found if _is_whole(row, paragraph) else None
        if rows and of_table != last:
            yield tuple(rows)
            rows = []
        if of_table is not None:
            rows.append(row)
        elif paragraph.strip():
            yield paragraph
        last = of_table
        start += len(paragraph) + 2
    if rows:
        yield tuple(rows)


def _reaches(cell: Cell, above: tuple[Cell, ...]) -> bool:
    """Return whether a cell without a place reaches down from the row above; else it has several lines."""
    return any((one.text, one.column, one.width) == (cell.text, cell.column, cell.width) for one in above)


def _is_whole(row: tuple[Cell, ...], paragraph: str) -> bool:
    """Return whether a paragraph is the cells of a row; those that reach down from above are not in it."""
    return bool(row) and " ".join(cell.text for cell in row if cell.start is not None) == paragraph
