"""Read the numbers of a text with what tells them apart: kind, unit, value and the nearest words. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import prod
from typing import Literal

from crawler.language.money.amounts import TABLE_UNIT
from crawler.language.money.sums import Sum, find_sums
from crawler.language.money.table_sums import TableLines, merge_sums, place_sums
from crawler.language.text import HYPHENS, SLASHES

_MAGNITUDES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_MAGNITUDE = "|".join(_MAGNITUDES)
_COUNTED = (
    "ha|m2|m²|m3|m³|km2|km²|km|kg|tấn|tạ|hộ|người|học sinh|trường hợp|hồ sơ|lượt|khách|con|cây|bản|ngày|tháng|năm"
)
# What is no sum of money (`language.money`). Dashes are hyphens, slashes slashes.
_NUMBER = re.compile(
    r"(?P<date>(?<![\w/.,-])[0-9]{1,2}(?P<join>[/.-])[0-9]{1,2}(?P=join)[0-9]{4}(?![\w/])"
    r"|(?i:ngày)\s[0-9]{1,2}\s(?i:tháng)\s[0-9]{1,2}(?:\s(?i:năm)\s[0-9]{4})?"
    r"|(?<![\w/.,-])[0-9]{1,2}/[0-9]{1,2}(?![\w/]))"
    r"|(?P<document>(?<![\w/.,-])[0-9]{1,6}[a-z]?(?:/[0-9]{4})?(?:[-/][A-ZĐ][A-ZĐa-zđ]{0,7}[0-9]{0,2}){1,6}(?!\w))"
    r"|(?P<phone>(?<![\w.,/-])(?:\+84|0)[0-9]{2,4}[ .-]?[0-9]{3,4}[ .-]?[0-9]{3,4}(?![\w/]|[.,][0-9]))"
    r"|(?P<number>(?<![\w.,])(?P<digits>[0-9]+(?:[.,][0-9]+)*)"
    rf"(?:\s?(?P<points>điểm\s)?(?P<percent>%|phần trăm(?!\w))|(?P<magnitude>(?:\s?(?:{_MAGNITUDE})(?!\w)){{1,2}})?"
    rf"(?:\s?(?P<unit>đồng(?!\schí)|{_COUNTED})(?!\w))?))"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_PLAIN = re.compile(r"[0-9]+(?:,(?:[0-9]{1,2}|[0-9]{4,}))?|0,[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+(?:[.,/-][0-9]+)*|[.!?;\n]")
# Every dash and slash as one sign, place by place.
_PLAIN_SIGNS = HYPHENS | SLASHES
# The unit of a table is no sum: "ĐVT: 1.000 đồng", "Kinh phí (1.000 đồng)".
_UNIT_OF_TABLE = re.compile(rf"{TABLE_UNIT.pattern}|\(1[.,]?000\s?(?i:đồng|đ)\)")
# The place of an item in a list or table, no year: "2. Giải pháp", "1.2) Kinh phí". Without a sign, where others go on.
_ORDINAL = re.compile(
    r"\(?(?!(?:19|20)[0-9]{2}(?![0-9]))(?P<digits>[0-9]{1,4}(?:\.[0-9]{1,2}){0,3})(?P<sign>[.)]{0,2})\s(?=[^\W\d_])"
)
# The words on each side of a number that say what it is of; the letters that are looked at for them.
_NEAR, REACH = 2, 60

NumberKind = Literal["money", "date", "document", "number", "sentence"]
Amount = tuple[NumberKind, str, Fraction | str]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text, with its unit."""

    kind: NumberKind
    text: str
    start: int
    end: int
    # "đồng" or "đồng/hộ" for sums, "" for none.
    unit: str
    # Its value, a day as `1/9/2026`; its digits if these can be read in two ways.
    value: Fraction | str
    # The nearest words before and behind it, the nearest first; "#" for a number, "" for the end of a sentence or line.
    left: tuple[str, ...]
    right: tuple[str, ...]
    # Of a cell of a table: the words over its column; "" where they are not known.
    head: str = ""

    @property
    def amount(self) -> Amount:
        """What makes numbers equal, wherever they stand: kind, unit and value."""
        return self.kind, self.unit, self.value


def read_numbers(text: str, lines: TableLines, *, rows: Collection[str] = ()) -> list[Number]:
    """Read the numbers of a text, in its order.

    The places of items (`2. Giải pháp`, the first cell of a table's row) are none: they move with what is inserted
    above. Neither is the unit of a table (`ĐVT: 1.000 đồng`).

    Args:
        text: one version, or a part of it.
        lines: the sums in the cells of its tables (`table_sums.by_line`).
        rows: its lines that begin with their place in a table or list (`find_numbered`).

    >>> [one.text for one in read_numbers("2. Giải pháp cho 15 hộ, mức -2,5%", {})]
    ['15 hộ', '-2,5%']
    """
    plain = text.translate(_PLAIN_SIGNS)
    left_out = [match.span() for match in _UNIT_OF_TABLE.finditer(plain)]
    start = 0
    for line in text.split("\n"):
        match = _ORDINAL.match(line)
        if match is not None and (
            line in lines or line in rows or (match["sign"] and line[match.end() : match.end() + 1].isupper())
        ):
            left_out.append((start, start + match.end()))
        start += len(line) + 1
    return [
        one
        for one in _read_all(text, plain, lines=lines)
        if not any(start <= one.start and one.end <= end for start, end in left_out)
    ]


def find_numbered(texts: Iterable[str]) -> frozenset[str]:
    """Return the lines of a text that begin with a number which the line before or behind goes on with.

    Args:
        texts: the text in pieces of whole lines.

    >>> sorted(find_numbered(["1 Nà Ư 856", "2 Lao Sín 639", "5 xã được hỗ trợ"]))
    ['1 Nà Ư 856', '2 Lao Sín 639']
    """
    found: set[str] = set()
    last, last_number = "", None
    for line in (line for text in texts for line in text.split("\n")):
        match = _ORDINAL.match(line)
        number = int(match["digits"]) if match is not None and match["digits"].isdigit() else None
        if number is not None and last_number is not None and number == last_number + 1:
            found |= {last, line}
        if number is not None:
            last, last_number = line, number
    return frozenset(found)


def _read_all(text: str, plain: str, *, lines: TableLines) -> list[Number]:
    found, end = [], 0
    sums = sorted(find_sums(plain), key=lambda one: one.start)
    if lines:
        sums = merge_sums(sums, place_sums(text, lines))
    for one in sums:
        if one.start >= end:
            found += _read_others(text, plain, span=(end, one.start))
            found.append(_read_sum(text, one))
            end = one.rate_end
    return found + _read_others(text, plain, span=(end, len(text)))


def _read_others(text: str, plain: str, *, span: tuple[int, int]) -> list[Number]:
    return [_read_number(text, match) for match in _NUMBER.finditer(plain, *span)]


def _read_sum(text: str, found: Sum) -> Number:
    currency = "đồng" if found.currency == "VND" else found.currency
    said = say_sum(text, found)
    value = said if found.amount is None else Fraction(found.amount)
    unit = f"{currency}/{found.per}" if found.per else currency
    around = _around(text, found.start, end=found.rate_end)
    return Number("money", said, found.start, found.rate_end, unit, value, *around, found.head)


def say_sum(text: str, found: Sum) -> str:
    """Return the words of a sum, of a table's cell with the unit that its head states."""
    return f"{text[found.start : found.rate_end]}{f' {found.unit}' if found.unit else ''}"


def _read_number(text: str, match: re.Match[str]) -> Number:
    start, end = match.span()
    said, plain, around = text[start:end], match[0], _around(text, start, end=end)
    if match["date"]:
        day = "/".join(str(int(digits)) for digits in re.findall("[0-9]+", plain))
        return Number("date", said, start, end, "", day, *around)
    if match["document"]:
        return Number("document", said, start, end, "", plain, *around)
    if match["phone"]:
        return Number("number", said, start, end, "", re.sub(r"\D", "", plain), *around)
    unit = ("điểm %" if match["points"] else "%") if match["percent"] else match["unit"] or ""
    # A magnitude alone is mostly money.
    is_money = unit == "đồng" or bool(match["magnitude"] and not unit)
    value, magnitudes = _read_digits(match["digits"]), (match["magnitude"] or "").split()
    amount = value * prod(_MAGNITUDES[word] for word in magnitudes) if value is not None else plain
    unit = "đồng" if is_money else unit.replace("²", "2").replace("³", "3")
    kind: NumberKind = "money" if is_money else "number"
    if not _is_negative(match):
        return Number(kind, said, start, end, unit, amount, *around)
    negative = -amount if isinstance(amount, Fraction) else f"-{amount}"
    return Number(kind, text[start - 1 : end], start - 1, end, unit, negative, *_around(text, start - 1, end=end))


def _is_negative(match: re.Match[str]) -> bool:
    """Return whether a minus sign stands directly before a number: in a line, or if it is all of its line."""
    plain, start, end = match.string, match.start(), match.end()
    if start == 0 or plain[start - 1] != "-":
        return False
    before, behind = plain[max(0, start - 2) : start - 1], plain[end : end + 1]
    return before in (" ", "(") or (before in ("", "\n") and behind in ("", "\n"))


def _around(text: str, start: int, *, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nearest words before and behind a place."""
    before = reversed(_WORD.findall(text[max(0, start - REACH) : start]))
    return _neighbours(before), _neighbours(iter(_WORD.findall(text[end : end + REACH])))


def _read_digits(digits: str) -> Fraction | None:
    """Read a number as Vietnamese writes it; None where a comma may group or part.

    >>> _read_digits("1.500"), _read_digits("1,5"), _read_digits("1,500")
    (Fraction(1500, 1), Fraction(3, 2), None)
    """
    if _GROUPED.fullmatch(digits):
        whole = digits.replace(".", "") if "." in digits else digits.replace(",", "")
        return Fraction(whole.replace(",", "."))
    return Fraction(digits.replace(",", ".")) if _PLAIN.fullmatch(digits) else None


def _neighbours(words: Iterator[str]) -> tuple[str, ...]:
    found: list[str] = []
    for word in islice(words, _NEAR):
        if not word[0].isalnum():
            break
        found.append("#" if word[0].isdigit() else word.lower())
    return (*found, *[""] * (_NEAR - len(found)))
