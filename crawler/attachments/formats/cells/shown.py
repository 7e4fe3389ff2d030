"""Show the cells of binary and XML workbooks: values as their number formats do, rows as lines. Pure."""

import operator
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from crawler.attachments.formats.cells.date_forms import parse_date_form
from crawler.attachments.formats.cells.number_forms import parse_number_form, show_plain_number
from crawler.language.legacy.decoding import Run

# Number formats without a stored code (ECMA-376, 18.8.30); 27 to 36 and 50 to 58 are dates of East Asia, 5 to 8, 42 and
# 44 sums in the currency of the reader's own system.
BUILT_IN_FORMATS = {
    **dict.fromkeys((3, 5, 6, 37, 38, 41, 42), "#,##0"), **dict.fromkeys((4, 7, 8, 39, 40, 43, 44), "#,##0.00"),
    1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "d/m/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "d/m/yyyy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 37), *range(50, 59)), "d/m/yyyy"),
}  # fmt: skip
# Those of them that show a date as the reader's own system does, even if the file says something else.
SYSTEM_DATES = (14, 22)
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

# Programs that are no spreadsheets write formulas without their results.
UNCOUNTED = "formulas without a result"
UNFILLED = "pivot tables without their cells"

# Spreadsheets allow 255 letters.
_LONGEST_CODE = 1_000
# What is shown as it is: quoted text, a letter after a backslash, a fill letter, a space as wide as a letter.
_LITERAL = re.compile(r'"[^"]*"|\\.|[*_].')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_AM_PM = re.compile(r"am/pm|a/p", re.IGNORECASE)
_GENERAL = re.compile(r"general", re.IGNORECASE)
_MINUTES = re.compile(r"h+[^a-z]*m+|m+[^a-z]*s+", re.IGNORECASE)
# A text in quotes may hold what parts sections.
_SECTION = re.compile(r'(?:^|;)((?:"[^"]*"|\\.|[^;])*)')
_WITH_NEGATIVE = 2
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)\]")
_COMPARISONS = {
    "<": operator.lt, ">": operator.gt, "=": operator.eq, "<=": operator.le, ">=": operator.ge, "<>": operator.ne,
}  # fmt: skip
_HEADER_CODE = re.compile(r'&(?:&|"[^"]*"|\d+|K[0-9A-F]{6}|[A-Z])')
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001
_LAST_SERIAL = 2_958_466  # 31/12/9999

Shown = Literal["date", "month", "year", "moment", "instant", "time", "seconds", "elapsed", "number"]


def show_number(value: float, code: str, *, is_1904: bool = False) -> str:
    """Show a number as its format code does: 15,000,000 đồng, 15.4%; a date as 02/09/2023 too.

    A date whose format has other words than 02/09/2023 is shown as its format does, with that after it: the author saw
    `2-Sep-23`, and a search needs all of it. Groups are parted by commas, as spreadsheets do in the language in which
    formats are written.

    Args:
        value: the number; a date counts the days since the beginning of its system.
        code: the number format.
        is_1904: whether the workbook counts from 1904, as those from old Macs do.

    >>> show_number(45171, '"Ngày "dd" tháng "mm'), show_number(43709, "d/m/yy", is_1904=True)
    ('Ngày 02 tháng 09 (02/09/2023)', '2/9/23 (02/09/2023)')
    >>> [show_number(value, code) for value, code in ((0.154, "0.0%"), (15e6, "#,##0"), (7, "000"), (0.3125, "hh:mm"))]
    ['15.4%', '15,000,000', '007', '07:30']
    """
    section = _choose_section(code, value)
    shown = classify_format(section)
    if shown != "number" and 0 <= value < _LAST_SERIAL:
        return parse_date_form(section).show(value, is_1904=is_1904)
    return parse_number_form(section).show(value) if shown == "number" else show_plain_number(value)


@lru_cache(4096)
def _cut_sections(code: str) -> list[str]:
    return _SECTION.findall(code[:_LONGEST_CODE])


def _choose_section(code: str, value: float) -> str:
    """Return the part of a number format that is for a value: positive, negative, zero, or by its condition.

    >>> [_choose_section('0.0;-0;"không;"', value) for value in (1, -1, 0)]
    ['0.0', '-0', '"không;"']
    >>> [_choose_section("[=0]0;[<10]0.0;[hh]:mm", value) for value in (0, 5, 12)]
    ['[=0]0', '[<10]0.0', '[hh]:mm']
    """
    sections = _cut_sections(code)
    if _CONDITION.search(code):
        return next((section for section in sections if _is_for(section, value)), sections[0])
    if len(sections) < _WITH_NEGATIVE:
        return sections[0]
    return sections[2] if value == 0 and len(sections) > _WITH_NEGATIVE else sections[1 if value < 0 else 0]


def _is_for(section: str, value: float) -> bool:
    """Return whether the condition of a section holds; True for a section without one."""
    condition = _CONDITION.search(section)
    try:
        return condition is None or bool(_COMPARISONS[condition[1]](value, float(condition[2])))
    except ValueError:
        return False


@lru_cache(4096)
def classify_format(code: str) -> Shown:
    """Return what a number format shows.

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


def show_date(moment: datetime, code: str) -> str:
    """Show a date or time that a file holds as such, by its format code; as 02/09/2023 07:30 if that shows a number.

    >>> moment = datetime(2023, 9, 2, 7, 30)
    >>> show_date(moment, "General"), show_date(moment, "d-mmm")
    ('02/09/2023 07:30', '2-Sep (02/09/2023)')
    """
    if classify_format(code) != "number":
        return show_number((moment.replace(tzinfo=None) - _FIRST_DAY) / timedelta(days=1), code)
    return f"{moment:%d/%m/%Y}" if moment.time() == time() else f"{moment:%d/%m/%Y %H:%M}"


def show_text(runs: list[Run], code: str) -> list[Run]:
    """Return the text of a cell with the words that its number format puts around texts: "Xã " before @.

    >>> [run.text for run in show_text([Run("Tả Van")], '0;-0;0;"Xã "@')], show_text([Run("a")], "_(* #,##0_);_(@_)")
    (['Xã ', 'Tả Van', ''], [Run(text='a', font=None)])
    """
    before, after = _find_around(code) if "@" in code else ("", "")
    return [Run(before, runs[0].font), *runs, Run(after, runs[-1].font)] if runs and (before or after) else runs


@lru_cache(4096)
def _find_around(code: str) -> tuple[str, str]:
    section = next((one for one in reversed(_cut_sections(code)) if "@" in _strip_literals(one)), "")
    form = parse_number_form(section)
    return (form.before, form.after) if section else ("", "")


def name_hidden(sheets: Sequence[str]) -> str | None:
    """Return the note that a workbook's sheets are hidden; None if none is."""
    return f"hidden sheets, read too: {', '.join(sheets)}" if sheets else None


def note_uncounted(count: int) -> str | None:
    """Return the note that formulas have no stored result; None if all have one."""
    return f"{UNCOUNTED}: {count}" if count else None


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
