"""Read the numbers of a text with what distinguishes them: kind, unit, value and the nearest words. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, takewhile
from math import prod
from typing import Literal

from crawler.language.changes.day_marks import write_slashes
from crawler.language.changes.said_numbers import COUNTED, SaidNumber, find_said_numbers
from crawler.language.money.amounts import TABLE_UNIT
from crawler.language.money.spoken_sums import NUMBER_WORDS
from crawler.language.money.sums import Sum, find_sums, read_as_one
from crawler.language.money.table_sums import TableLines, merge_sums, place_sums
from crawler.language.numbers import MEASURES, SCALES, measure, read_decimal
from crawler.language.text import HYPHENS, SLASHES, locate_document_numbers

_MAGNITUDES = {**SCALES, "chục": 10, "trăm": 100, "vạn": 10**4}
_MAGNITUDE = "|".join(_MAGNITUDES)
# Groups separated by spaces count only before a unit: the cells of a table are beside each other.
_SPACED = rf"[0-9]{{1,3}}(?:\s[0-9]{{3}})+(?=\s?(?:{COUNTED}|{MEASURES}|học viên|đại biểu|USD)(?!\w))"
# What is not a sum of money (`language.money`). Dashes are hyphens, slashes slashes.
_NUMBER = re.compile(
    r"(?P<date>(?<![\w/.,-])[0-9]{1,2}(?P<join>[/.-])[0-9]{1,2}(?P=join)[0-9]{4}(?![\w/])"
    r"|(?<![\w/.,-])(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![\w/-])"
    r"|(?i:ngày|mùng|mồng|sáng|trưa|chiều|tối|đêm)\s[0-9]{1,2}\s(?i:tháng)\s[0-9]{1,2}(?:,?\s(?i:năm)\s[0-9]{4})?(?!\w)"
    r"|(?i:tháng)\s[0-9]{1,2},?\s(?i:năm)\s[0-9]{4}(?!\w)"
    r"|(?<![\w/.,-])(?:0?[1-9]|1[0-2])/(?:19|20)[0-9]{2}(?![\w/])"
    r"|(?<![\w/.,-])[0-9]{1,2}/[0-9]{1,2}(?![\w/]))"
    r"|(?P<document>(?<![\w/.,-])[0-9]{1,6}[a-z]?(?:/[0-9]{4})?(?:[-/][A-ZĐ][A-ZĐa-zđ]{0,7}[0-9]{0,2}){1,6}(?!\w))"
    r"|(?P<phone>(?<![\w.,/-])(?:\+84[ .]?|0)[0-9]{2,4}[ .-]?[0-9]{3,4}[ .-]?[0-9]{3,4}(?![\w/]|[.,][0-9]))"
    r"|(?<![\w.,:])(?P<hour>[0-9]{1,2})(?:\s?(?:h|giờ)\s?|:(?=[0-5][0-9](?![0-9:])))"
    rf"(?:(?P<minute>[0-5][0-9])(?:\s?phút)?(?![\w:]|\s(?:{COUNTED})(?!\w)))?(?!\w)"
    rf"|(?P<number>(?<![\w.,])(?P<digits>{_SPACED}|[0-9]+(?:[.,][0-9]+)*)"
    rf"(?:\s?(?P<points>điểm\s)?(?P<percent>%|phần trăm(?!\w))|(?P<magnitude>(?:\s?(?:{_MAGNITUDE})(?!\w)){{1,2}})?"
    rf"(?:\s?(?P<unit>đồng(?!\schí)|‰|(?:{COUNTED}|{MEASURES})(?!\w)))?))"
)
_WORD = re.compile(r"[^\W\d_]+|[0-9]+(?:[.,/-][0-9]+)*|[.!?;\n]")
# Every dash and slash as one sign, place by place.
_PLAIN_SIGNS = HYPHENS | SLASHES
# The unit of a table is not a sum: "ĐVT: 1.000 đồng", "Kinh phí (1.000 đồng)".
_UNIT_OF_TABLE = re.compile(rf"{TABLE_UNIT.pattern}|\(1[.,]?000\s?(?i:đồng|đ)\)")
# The place of an item in a list or table, no year: "2. Giải pháp", "1.2) Kinh phí". Without a sign, where others go on.
_ORDINAL = re.compile(
    r"\(?(?!(?:19|20)[0-9]{2}(?![0-9]))(?P<digits>[0-9]{1,4}(?:\.[0-9]{1,2}){0,3})(?P<sign>[.)]{0,2})\s(?=[^\W\d_])"
)
# A step is a place of an item, too: "Bước 2: Nhận kết quả"; and a page is one in a file: "Trang 2/5".
_STEP = re.compile(r"(?:Bước|Câu|Phần|Mục)\s[0-9]{1,2}\s?[:.)]|Trang\s[0-9]{1,4}(?:\s?/\s?[0-9]{1,4})?\s*$")
# The letter of an item says nothing about a number after it; "(hai)" after "02" is the same number.
_ITEM = re.compile(r"(?:^|\n)[a-zđ][).]\s")
_SPELT = re.compile(r"\s?\(([^()]{2,60})\)")
_YEAR_FIRST = re.compile("[0-9]{4}-")
_MINUS = re.compile(r"(?<!\w)âm\s$")
# "/1 ha" is "/ha".
_ONE_OF, _RAISED = re.compile("^0?1 "), str.maketrans("²³", "23")
_BETWEEN_ENDS = re.compile(r"\s?-\s?|\s(?:đến|tới)\s")
_FIRST_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
# A number after one of these names something: "Mục 3 - 15 triệu đồng" is not a range.
_NAMING = ("mục", "khoản", "điều", "điểm", "chương", "phần", "tổ", "số", "năm", "tháng", "quý", "lớp", "khối")
# The words on each side of a number that say what it is of; the letters that are looked at for them.
_NEAR, REACH = 2, 60
_MANY_FIGURES = 3

NumberKind = Literal["money", "date", "document", "number", "sentence"]
Amount = tuple[NumberKind, str, Fraction | str]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text, with its unit."""

    kind: NumberKind
    text: str
    start: int
    end: int
    # "đồng" or "đồng/hộ" for sums, "m2" for all areas (`numbers.measure`), "" for none.
    unit: str
    # Its value in this unit, a day as `1/9/2026`; its digits if these can be read in two ways.
    value: Fraction | str
    # The nearest words before and after it, the nearest first; "#" for a number, "" for the end of a sentence or line.
    left: tuple[str, ...]
    right: tuple[str, ...]
    # Of a cell of a table: the words over its column; "" where they are not known.
    head: str = ""

    @property
    def amount(self) -> Amount:
        """What makes numbers equal, wherever they are: kind, unit and value."""
        return self.kind, self.unit, self.value

    @property
    def first_digits(self) -> str:
        """The figures that it begins with; "" for one in words."""
        return "".join(takewhile(str.isdigit, self.text))

    @property
    def is_weak(self) -> bool:
        """Whether it may be no number: "một người" is also a person, "hằng năm người dân" every year."""
        return self.text.lower().startswith(("một ", "năm ")) and self.value in (1, 5)

    @property
    def is_telling(self) -> bool:
        """Whether it is hardly there twice by chance: a sum, date or document, or three figures."""
        return self.kind != "number" or sum(letter.isdigit() for letter in self.text) >= _MANY_FIGURES


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
    plain = write_slashes(text.translate(_PLAIN_SIGNS))
    left_out = [match.span() for match in _UNIT_OF_TABLE.finditer(plain)]
    start = 0
    for line in text.split("\n"):
        match = _ORDINAL.match(line)
        if match is not None and (
            line in lines or line in rows or (match["sign"] and line[match.end() : match.end() + 1].isupper())
        ):
            left_out.append((start, start + match.end()))
        elif (step := _STEP.match(line)) is not None:
            left_out.append((start, start + step.end()))
        start += len(line) + 1
    return [
        one
        for one in _read_all(text, plain, lines=lines)
        if not any(start <= one.start and one.end <= end for start, end in left_out)
    ]


def find_numbered(texts: Iterable[str]) -> frozenset[str]:
    """Return the lines of a text that begin with a number which the line before or after goes on with.

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
    sums = sorted(find_sums(plain), key=lambda one: one.start)
    if lines:
        sums = merge_sums(sums, place_sums(text, lines))
    others = [_read_said(text, one) for one in find_said_numbers(plain)]
    others += [
        Number("document", text[start:end], start, end, "", number, *_around(text, start, end=end))
        for number, start, end in locate_document_numbers(plain.replace("\n", "\t"))
    ]
    found, end = list[Number](), 0
    for one in sorted([*(_read_sum(text, one) for one in sums), *others], key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            found += [*_read_others(text, plain, span=(end, one.start)), one]
            end = one.end
    found += _read_others(text, plain, span=(end, len(text)))
    return [_share_unit(one, following, plain=plain) for one, following in zip(found, [*found[1:], None], strict=False)]


def _share_unit(low: Number, high: Number | None, *, plain: str) -> Number:
    """Return the beginning of a range with the unit of its end: "5 - 7%", "10 - 15 triệu đồng"."""
    if high is None or low.unit or low.kind != "number" or high.kind not in ("number", "money") or not high.unit:
        return low
    if _BETWEEN_ENDS.fullmatch(plain, low.end, high.start) is None or (low.left and low.left[0] in _NAMING):
        return low
    said = _FIRST_DIGITS.match(plain, high.start)
    number = read_decimal(said[0]) if said is not None else None
    if number is None or not number or not isinstance(low.value, Fraction) or not isinstance(high.value, Fraction):
        return low
    return replace(low, kind=high.kind, unit=high.unit, value=low.value * high.value / number)


def _read_others(text: str, plain: str, *, span: tuple[int, int]) -> list[Number]:
    return [_read_number(text, match) for match in _NUMBER.finditer(plain, *span)]


def _read_said(text: str, one: SaidNumber) -> Number:
    unit, scale = measure(one.unit)
    around = _around(text, one.start, end=one.end)
    return Number("number", text[one.start : one.end], one.start, one.end, unit, Fraction(one.value * scale), *around)


def _read_sum(text: str, found: Sum) -> Number:
    currency = "đồng" if found.currency == "VND" else found.currency
    said = say_sum(text, found)
    # "12 500 000 đồng" is a number with groups, or two: as one, it equals "12.500.000 đồng".
    amount = found.amount if found.amount is not None else read_as_one(text[found.start : found.end])
    value = said if amount is None else Fraction(amount)
    unit = f"{currency}/{_ONE_OF.sub('', found.per).translate(_RAISED)}" if found.per else currency
    around = _around(text, found.start, end=found.rate_end)
    return Number("money", said, found.start, found.rate_end, unit, value, *around, found.head)


def say_sum(text: str, found: Sum) -> str:
    """Return the words of a sum, of a table's cell with the unit that its head states."""
    return f"{text[found.start : found.rate_end]}{f' {found.unit}' if found.unit else ''}"


def _read_number(text: str, match: re.Match[str]) -> Number:
    start, end = match.span()
    if match["hour"]:
        minutes = 60 * int(match["hour"]) + int(match["minute"] or 0)
        said = text[start:end].rstrip()
        end = start + len(said)
        return Number("number", said, start, end, "giờ", Fraction(minutes), *_around(text, start, end=end))
    said, plain, around = text[start:end], match[0], _around(text, start, end=end)
    if match["date"]:
        digits = [str(int(digits)) for digits in re.findall("[0-9]+", plain)]
        day = "/".join(reversed(digits) if _YEAR_FIRST.match(plain) else digits)
        return Number("date", said, start, end, "", day, *around)
    if match["document"]:
        return Number("document", said, start, end, "", plain, *around)
    if match["phone"]:
        called = re.sub("^84", "0", re.sub(r"\D", "", plain))
        return Number("number", said, start, end, "", called, *around)
    return _read_amount(text, match)


def _read_amount(text: str, match: re.Match[str]) -> Number:
    start, end = match.span()
    unit = ("điểm %" if match["points"] else "%") if match["percent"] else match["unit"] or ""
    value, magnitudes = read_decimal(match["digits"]), (match["magnitude"] or "").split()
    # A magnitude alone is mostly money.
    is_money = unit == "đồng" or (not unit and any(word in SCALES for word in magnitudes))
    unit, scale = ("đồng", 1) if is_money else measure(unit)
    amount: Fraction | str = match[0]
    if value is not None:
        amount = value * prod(_MAGNITUDES[word] for word in magnitudes) * scale
    first = start - _count_minus(match)
    if first < start:
        amount = -amount if isinstance(amount, Fraction) else f"-{amount}"
    kind: NumberKind = "money" if is_money else "number"
    return Number(kind, text[first:end], first, end, unit, amount, *_around(text, first, end=end))


def _count_minus(match: re.Match[str]) -> int:
    """Return how many letters a minus has before a number: a sign in a line, or if it is all of its line; "âm"."""
    plain, start, end = match.string, match.start(), match.end()
    word = _MINUS.search(plain, max(0, start - 4), start)
    if word is not None:
        return len(word[0])
    if start == 0 or plain[start - 1] != "-":
        return 0
    before, behind = plain[max(0, start - 2) : start - 1], plain[end : end + 1]
    return int(before in (" ", "(") or (before in ("", "\n") and behind in ("", "\n")))


def _around(text: str, start: int, *, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nearest words before and after a place."""
    before = reversed(_WORD.findall(_ITEM.sub("\n", text[max(0, start - REACH) : start])))
    behind = text[end : end + REACH]
    spelt = _SPELT.match(behind)
    if spelt is not None and NUMBER_WORDS.issuperset(spelt[1].lower().split()):
        behind = behind[spelt.end() :]
    return _neighbours(before), _neighbours(iter(_WORD.findall(behind)))


def _neighbours(words: Iterator[str]) -> tuple[str, ...]:
    found: list[str] = []
    for word in islice(words, _NEAR):
        if not word[0].isalnum():
            break
        found.append("#" if word[0].isdigit() else word.lower())
    return (*found, *[""] * (_NEAR - len(found)))
