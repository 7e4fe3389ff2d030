"""Leave out of a workbook what LibreOffice counted anew, and the cells that follow from it. Pure.

It counts the day, the time, chance and places of files when it opens a workbook. What it shows of them stood in no
file.
"""

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from crawler.attachments.formats.suite.volatile import MOST_BYTES, Stored

_APP, _BOOK, _SHEET, _CHART = "docProps/app.xml", "xl/workbook.xml", "xl/worksheets/sheet{}.xml", "xl/charts/chart"
_GENERATOR = re.compile(r"<Application>LibreOffice/([0-9.]{1,20})")
# LibreOffice writes these elements so: well-formed, without `>` in a value, its sheets numbered in their order.
_NAME = re.compile(r'<sheet name="([^"]*)"')
_CELL = re.compile(r'<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
_FORMULA = re.compile(
    r'<c r="(?P<place>[A-Z]{1,3}[0-9]{1,7})"[^>]*><f\b(?P<said>[^>]*)>(?P<code>[^<]*)</f>'
    r"(?:<v>(?P<value>[^<]*)</v>)?</c>"
)
_ARRAY = re.compile(r'\bref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
# What LibreOffice puts on the pages of workbooks that say nothing of it: the number of the page.
_FOOTER = re.compile(r"(?:&amp;(?:C|\d+|&quot;[^&]*&quot;))*Page &amp;P(?=</odd)")
# What it writes for a formula that it does not know, or whose cells it does not have. `#DIV/0!` is a result.
_UNCOUNTED = frozenset(("#NAME?", "#REF!", "#VALUE!", "#NULL!"))
_ANEW = re.compile(
    r"\b(?:TODAY|NOW|CELL|INFO|RAND(?:BETWEEN|ARRAY)?(?:\.NV)?|WEBSERVICE|DDE|INDIRECT)\s*\("
    # Cells of other files, which are not fetched.
    r"|\[[0-9]+\]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"[^"]*"')
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_AREA = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|[\w.]+)!)?(?:\$?(?P<left>[A-Z]{1,3})\$?(?P<top>[0-9]{1,7})"
    r"(?::\$?(?P<right>[A-Z]{1,3})\$?(?P<bottom>[0-9]{1,7}))?"
    r"|\$?(?P<first>[A-Z]{1,3}):\$?(?P<last>[A-Z]{1,3})|\$?(?P<from>[0-9]{1,7}):\$?(?P<to>[0-9]{1,7}))(?![\w(.!:])"
)
# A name may stand for any cells. Functions are names, too, but for one that shows other cells than it is given.
_OTHER_NAME = re.compile(r"\b(?!TRUE\b|FALSE\b)[^\W\d][\w.]*(?![\w.(])|\bOFFSET\(", re.IGNORECASE)
_LAST = 10_000_000
# Formulas that are followed, and pairs of a cell and an area that are compared, at most; beyond it, every result may
# follow from what is new.
_MOST_FOLLOWED, _MOST_PAIRS = 20_000, 20_000_000

# A sheet, a column and a row, all from 1; and a sheet, two columns and two rows.
_Place = tuple[int, int, int]
_Area = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Formula:
    """A formula: whether it is new each time, whether it may show any cell, the areas that it names."""

    is_anew: bool
    is_open: bool
    areas: tuple[_Area, ...]


def leave_out_counted(data: bytes) -> Stored:
    """Leave out formulas that ask for what is new each time, those that follow from them, and those without a result.

    Raises:
        ValueError, KeyError, OSError, zipfile.BadZipFile: if it is no workbook that LibreOffice wrote, or too large.
    """
    with zipfile.ZipFile(BytesIO(data)) as package:
        if sum(part.file_size for part in package.infolist() if part.filename.endswith(".xml")) > MOST_BYTES:
            raise ValueError("it is too large")
        version = _GENERATOR.search(package.read(_APP).decode("utf-8"))
        names = [html.unescape(name).lower() for name in _NAME.findall(package.read(_BOOK).decode("utf-8"))]
        paths = {_SHEET.format(number): number for number in range(1, len(names) + 1)}
        sheets = {path: package.read(path).decode("utf-8") for path in paths.keys() & set(package.namelist())}
        by_number = {paths[path]: text for path, text in sheets.items()}
        anew = _find_anew(by_number, names)
        uncounted = {
            _read_place(sheet, one["place"]) for sheet, one in _formulas(by_number) if one["value"] in _UNCOUNTED
        } - anew
        arrays = [area for sheet, one in _formulas(by_number) if (area := _read_array(sheet, one))] if anew else []
        within = [area for area in arrays if _reaches(area, anew)]
        gone = anew | uncounted
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as made:
            for part in package.namelist():
                content = package.read(part)
                if part in sheets:
                    content = _cut(sheets[part], paths[part], gone=gone, within=within).encode("utf-8")
                elif part.startswith(_CHART) and anew:
                    # Charts show results, too.
                    content = b"<chart/>"
                made.writestr(part, content)
    return Stored(packed.getvalue(), version[1] if version else "", results=len(anew), uncounted=len(uncounted))


def _cut(text: str, sheet: int, *, gone: set[_Place], within: list[_Area]) -> str:
    """Return a sheet without some cells, and without the footer that LibreOffice adds."""
    bare = _FOOTER.sub("", text)
    if not gone:
        return bare

    def keep(cell: re.Match[str]) -> str:
        place = _read_place(sheet, cell[1])
        return "" if place in gone or any(_has(area, place) for area in within) else cell[0]

    return _CELL.sub(keep, bare)


def _formulas(sheets: dict[int, str]) -> Iterator[tuple[int, re.Match[str]]]:
    for sheet, text in sheets.items():
        for one in _FORMULA.finditer(text):
            yield sheet, one


def _find_anew(sheets: dict[int, str], names: list[str]) -> set[_Place]:
    """Return the cells that are new each time or follow from one that is."""
    if not any(_ANEW.search(_read_code(one)) for _, one in _formulas(sheets)):
        return set()
    places = {_read_place(sheet, one["place"]) for sheet, one in _formulas(sheets)}
    if len(places) > _MOST_FOLLOWED:
        return places
    formulas: dict[_Place, _Formula] = {}
    for sheet, one in _formulas(sheets):
        formula, filled = _read_formula(one, sheet, names=names), _read_array(sheet, one)
        if filled and _count_cells(filled) > _MOST_FOLLOWED - len(formulas):
            return places
        own = _cells_of(filled) if filled else [_read_place(sheet, one["place"])]
        formulas |= dict.fromkeys(own, formula)
    if len(formulas) * sum(len(formula.areas) for formula in formulas.values()) > _MOST_PAIRS:
        return places
    new = {place for place, formula in formulas.items() if formula.is_anew or formula.is_open}
    found: set[_Place] = set()
    left = {place: formula.areas for place, formula in formulas.items() if place not in new}
    while new:
        found |= new
        new = {place for place, areas in left.items() if any(_reaches(area, new) for area in areas)}
        left = {place: areas for place, areas in left.items() if place not in new}
    return found


def _count_cells(area: _Area) -> int:
    return (area[3] - area[1] + 1) * (area[4] - area[2] + 1)


def _cells_of(area: _Area) -> list[_Place]:
    sheet, left, top, right, bottom = area
    return [(sheet, column, row) for row in range(top, bottom + 1) for column in range(left, right + 1)]


def _reaches(area: _Area, places: set[_Place]) -> bool:
    return any(_has(area, place) for place in places)


def _has(area: _Area, place: _Place) -> bool:
    sheet, left, top, right, bottom = area
    return sheet == place[0] and left <= place[1] <= right and top <= place[2] <= bottom


def _read_code(found: re.Match[str]) -> str:
    """Return a formula without the texts in it."""
    return _QUOTED.sub("", html.unescape(found["code"]))


def _read_formula(found: re.Match[str], sheet: int, *, names: list[str]) -> _Formula:
    code = _read_code(found)
    areas = list(_read_areas(code, sheet, names=names))
    return _Formula(
        is_anew=_ANEW.search(code) is not None,
        is_open=None in areas or _OTHER_NAME.search(_AREA.sub(" ", code)) is not None,
        areas=tuple(area for area in areas if area is not None),
    )


def _read_areas(code: str, sheet: int, *, names: list[str]) -> Iterator[_Area | None]:
    """Give the areas that a formula names; None for one of a sheet that is not there."""
    for one in _AREA.finditer(code):
        named = (one["sheet"] or "").strip("'").replace("''", "'").lower()
        if named and named not in names:
            yield None
            continue
        number = names.index(named) + 1 if named else sheet
        if one["first"]:
            yield number, _column(one["first"]), 1, _column(one["last"]), _LAST
        elif one["from"]:
            yield number, 1, int(one["from"]), _LAST, int(one["to"])
        else:
            left, top = _column(one["left"]), int(one["top"])
            yield number, left, top, _column(one["right"] or one["left"]), int(one["bottom"] or one["top"])


def _read_array(sheet: int, formula: re.Match[str]) -> _Area | None:
    """Return the cells that a formula fills; None if it fills its own alone."""
    filled = _ARRAY.search(formula["said"])
    area = _AREA.fullmatch(filled[1]) if filled else None
    if area is None:
        return None
    return sheet, _column(area["left"]), int(area["top"]), _column(area["right"]), int(area["bottom"])


def _read_place(sheet: int, place: str) -> _Place:
    found = _PLACE.fullmatch(place)
    assert found is not None
    return sheet, _column(found[1]), int(found[2])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
