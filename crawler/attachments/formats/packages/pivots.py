"""Count the cells of pivot tables: some programs write the definition alone, and Excel fills the table later."""

import re
from dataclasses import dataclass

from crawler.attachments.formats.elements.names import local_name
from crawler.attachments.formats.packages.package import Package

# Cells are named by letters and a number (ECMA-376, 18.18.62): at most XFD and 1048576.
_AREA = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(slots=True)
class Pivot:
    """A pivot table: its first and last column and row, and how many of its cells show something."""

    columns: tuple[int, int]
    rows: tuple[int, int]
    shown: int = 0

    def count(self, cell: str | None) -> None:
        """Count a cell that shows something; one without a name may be any."""
        place = _CELL.fullmatch(cell or "")
        is_within = place is None or (
            self.columns[0] <= _column(place[1]) <= self.columns[1] and self.rows[0] <= int(place[2]) <= self.rows[1]
        )
        self.shown += is_within

    def is_unfilled(self) -> bool:
        """Return whether the table shows less than one cell in each of its rows."""
        return self.shown <= self.rows[1] - self.rows[0]


def find_pivots(package: Package, sheet: str) -> list[Pivot]:
    """Return the pivot tables of a sheet."""
    pivots: list[Pivot] = []
    for path in package.related(sheet, "pivotTable"):
        for _, element in package.parse(path, events=("end",)):
            area = _AREA.fullmatch(element.get("ref", "")) if local_name(element) == "location" else None
            if area is not None:
                columns = (_column(area[1]), _column(area[3] or area[1]))
                pivots.append(Pivot(columns, (int(area[2]), int(area[4] or area[2]))))
    return pivots


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
