"""Show the cells of binary and XML workbooks: values as their number formats do, rows as lines. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from crawler.language.legacy.decoding import Run

# Number formats without a stored code (ECMA-376, 18.8.30); 27 to 36 and 50 to 58 are dates of East Asia.
BUILT_IN_FORMATS = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "d/m/yyyy",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "d/m/yyyy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 49: "@",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "d/m/yyyy"),
}  # fmt: skip
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

# Spreadsheets allow 255 letters.
_LONGEST_CODE = 1_000
# What is shown as it stands: quoted text, a letter after a backslash, a fill letter, a space as wide as a letter.
_LITERAL = re.compile(r'"[^"]*"|\\.|[*_].')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_AM_PM = re.compile(r"am/pm|a/p", re.IGNORECASE)
_GENERAL = re.compile(r"general", re.IGNORECASE)
_MINUTES = re.compile(r"h+[^a-z]*m+|m+[^a-z]*s+", re.IGNORECASE)
# What stands around a number are signs of currencies and brackets of negative ones; digits behind the point are zeros.
_DECIMAL = re.compile(r"[^0#?.,eE%/@a-zA-Z]*[#0?,]*[#0?](?:\.(0+))?[^0#?.,eE%/@]*")
# A text in quotes may hold what parts sections.
_SECTION = re.compile(r'(?:^|;)((?:"[^"]*"|\\.|[^;])*)')
_WITH_NEGATIVE = 2
_CONDITION = re.compile(r"\[[<>=]")
_LARGEST_ROUNDED, _LARGEST_PLAIN = 1e15, 1e21
_ZEROS = re.compile(r"0{2,}")
_PERCENT = re.compile(r"(?:\.(0+))?\s*%")
_HEADER_CODE = re.compile(r'&(?:&|"[^"]*"|\d+|K[0-9A-F]{6}|[A-Z])')
_LAST_SERIAL = 2_958_466  # 31/12/9999
# Day 60 of the system of 1900 is 29/02/1900, which never was.
_FALSE_LEAP_DAY = 60

Shown = Literal["date", "month", "year", "moment", "instant", "time", "seconds", "elapsed", "number"]


def show_number(value: float, code: str, *, is_1904: bool = False) -> str:
    """Show a number as its format code does: dates as 02/09/2023, shares as 15.4%; others plain, as 15000000.

    Args:
        value: the number; a date counts the days since the beginning of its system.
        code: the number format.
        is_1904: whether the workbook counts from 1904, as those from old Macs do.

    >>> show_number(45171, '"Ngày "dd" tháng "mm'), show_number(43709, "d/m/yy", is_1904=True)
    ('02/09/2023', '02/09/2023')
    >>> [show_number(value, code) for value, code in ((0.154, "0.0%"), (15e6, "#,##0"), (7, "000"), (0.3125, "hh:mm"))]
    ['15.4%', '15000000', '007', '07:30']
    """
    code = _choose_section(code, value)
    shown = classify_format(code)
    if shown != "number" and 0 <= value < _LAST_SERIAL:
        return _show_moment(value, shown, is_1904=is_1904)
    plain = _strip_literals(code)
    if shown == "number" and (percent := _PERCENT.search(plain)):
        return f"{_round(value * 100, len(percent[1] or ''))}%"
    places = _count_places(plain)
    text = show_plain_number(value) if places is None else _round(value, places)
    return text.zfill(len(plain)) if _ZEROS.fullmatch(plain) and text.isdigit() else text


@lru_cache(4096)
def _cut_sections(code: str) -> list[str]:
    return _SECTION.findall(code[:_LONGEST_CODE])


def _choose_section(code: str, value: float) -> str:
    """Return the part of a number format that is for a value: positive; negative; zero. The first for conditions.

    >>> [_choose_section('0.0;-0;"không;"', value) for value in (1, -1, 0)]
    ['0.0', '-0', '"không;"']
    """
    sections = _cut_sections(code)
    if len(sections) < _WITH_NEGATIVE or _CONDITION.search(code):
        return sections[0]
    return sections[2] if value == 0 and len(sections) > _WITH_NEGATIVE else sections[1 if value < 0 else 0]


@lru_cache(4096)
def _count_places(code: str) -> int | None:
    """Return how many places a number format shows behind the point; None if it does not say.

    >>> [_count_places(code) for code in ("#,##0.00", "0", "#,##0.0#", "General", "# ?/?", "0.0,", "0.00E+00")]
    [2, 0, None, None, None, None, None]
    """
    found = _DECIMAL.fullmatch(code.strip())
    return len(found[1] or "") if found else None


def _round(value: float, places: int) -> str:
    """Round half away from zero, as spreadsheets do: what a cell shows, not the nearest even."""
    if abs(value) >= _LARGEST_ROUNDED:
        return show_plain_number(value)
    shown = Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{shown if shown else abs(shown):f}"


def show_plain_number(value: float) -> str:
    """Show a number with at most 15 digits, as spreadsheets do: 3.3000000000000003 as 3.3."""
    if float(value).is_integer() and abs(value) < _LARGEST_PLAIN:
        return f"{Decimal(f'{value or 0.0:.15g}'):f}"
    return f"{value:.15g}"


@lru_cache(4096)
def classify_format(code: str) -> Shown:
    """Tell what a number format shows.

    >>> [classify_format(code) for code in ("General", "[$-42A]dd mmmm", "#,##0 [$₫-42A]", "h:mm;@", "m/yy", "[h]:mm")]
    ['number', 'date', 'number', 'time', 'month', 'elapsed']
    """
    first = _cut_sections(code)[0]
    if _ELAPSED.search(first):
        return "elapsed"
    letters = _AM_PM.sub("", _GENERAL.sub("", _strip_literals(first))).lower()
    has_hours = "h" in letters or "s" in letters
    has_days = bool(re.search("[dy]|m", _MINUTES.sub("", letters)))
    if has_days and has_hours:
        return "instant" if "s" in letters else "moment"
    if has_hours:
        return "seconds" if "s" in letters else "time"
    if "d" in letters:
        return "date"
    if "m" in letters:
        return "month" if "y" in letters else "date"
    return "year" if "y" in letters else "number"


def _strip_literals(code: str) -> str:
    return _BRACKETS.sub("", _LITERAL.sub("", code[:_LONGEST_CODE])).strip()


def _show_moment(value: float, shown: Shown, *, is_1904: bool) -> str:
    # To the second: a float cannot hold most times exactly.
    days, seconds = divmod(round(value * 86_400), 86_400)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    if shown == "elapsed":
        return f"{days * 24 + seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if shown in ("time", "seconds"):
        return clock if shown == "time" else f"{clock}:{seconds % 60:02}"
    start = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30 if days > _FALSE_LEAP_DAY else 31)  # noqa: DTZ001
    day = start + timedelta(days=days)
    if shown in ("month", "year"):
        return f"{day.month:02}/{day.year:04}" if shown == "month" else f"{day.year:04}"
    date = f"{day.day:02}/{day.month:02}/{day.year:04}"
    if shown == "date" or not seconds:
        return date
    return f"{date} {clock}" if shown == "moment" else f"{date} {clock}:{seconds % 60:02}"


def name_hidden(sheets: Sequence[str]) -> str | None:
    """Return the note that a workbook's sheets are hidden; None if none is."""
    return f"hidden sheets, read too: {', '.join(sheets)}" if sheets else None


def strip_header_codes(text: str) -> str:
    """Remove the codes from a header or footer of a sheet: &C begins the part in the middle, &P is the page.

    >>> strip_header_codes('&L&"Arial,Bold"&12Sở Y tế&C&P/&N&RA && B')
    'Sở Y tế / A & B'
    """
    return " ".join(
        _HEADER_CODE.sub(lambda code: "&" if code[0] == "&&" else " " if code[0][1] in "LCR" else "", text).split()
    )


def join_cells(cells: Sequence[Sequence[Run]]) -> Iterator[Run]:
    """Join the cells of a row by spaces and end its line; nothing for a row without cells. No cell is empty."""
    for place, runs in enumerate(cells):
        if place:
            yield Run(" ", runs[0].font)
        yield from runs
    if cells:
        yield Run("\n", cells[-1][-1].font)
