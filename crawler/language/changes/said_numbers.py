"""Read numbers that a text has in words or Roman figures: "mười hai hộ", "lần thứ V", "quý III". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.language.money.spoken_sums import find_spoken_numbers
from crawler.language.numbers import MEASURES

# What numbers count, beside measures.
COUNTED = "hộ|người|học sinh|trường hợp|hồ sơ|lượt|khách|khẩu|con|cây|bản|ngày|tháng|năm|xã|thôn"
_UNIT = re.compile(rf"\s(?P<unit>(?i:{COUNTED}|{MEASURES}))(?!\w)")
# After these, a number in words is a name: "tháng ba năm 2026", "thứ hai ngày 5".
NAMED = re.compile(r"(?i:tháng|thứ|mùng|mồng|ngày|số|tổ|nhóm|lớp|khu)\s\Z")
_OF_PLACE = re.compile(r"(?i:lần thứ)\s$")
_ROMAN = re.compile(
    r"(?<!\w)(?i:lần thứ|thứ|kỳ|khóa|khoá|quý|chương|hạng|loại|cấp|phần|đợt|vùng)\s(?P<roman>[IVX]{1,7})(?!\w)"
)
_FIGURES = {"I": 1, "V": 5, "X": 10}
_MADE = (("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))
# Also none: "không người nào".
_NONE = "không"


@dataclass(frozen=True, slots=True)
class SaidNumber:
    """A whole number in words or Roman figures, with what it counts; "" for the place in a row."""

    value: int
    unit: str
    start: int
    end: int


def find_said_numbers(text: str) -> Iterator[SaidNumber]:
    """Yield the numbers in words that count something, and places in a row.

    >>> [(one.value, one.unit) for one in find_said_numbers("Mười hai hộ dự lễ lần thứ XIV, tháng ba năm 2026")]
    [(12, 'hộ'), (14, '')]
    """
    for value, start, end in find_spoken_numbers(text):
        before = text[max(0, start - 10) : start]
        if _OF_PLACE.search(before):
            yield SaidNumber(value, "", start, end)
            continue
        unit = _UNIT.match(text, end)
        if unit is None or text[start:end].lower() == _NONE or NAMED.search(before):
            continue
        yield SaidNumber(value, unit["unit"], start, unit.end())
    for match in _ROMAN.finditer(text):
        number = _read_roman(match["roman"])
        if number is not None:
            yield SaidNumber(number, "", *match.span("roman"))


def _read_roman(figures: str) -> int | None:
    """Read a Roman number below 40; None if it is not written so.

    >>> _read_roman("XIV"), _read_roman("IIX")
    (14, None)
    """
    values = [_FIGURES[figure] for figure in figures]
    number = sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))
    rest, made = number, ""
    for figure, value in _MADE:
        made, rest = made + figure * (rest // value), rest % value
    return number if made == figures else None
