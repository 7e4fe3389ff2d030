"""Find numbers with their units, sums of money and dates, each with its value and the words around it. Pure.

Two are equal if value and unit are: `1.500 triệu` and `1,5 tỷ`, `10 km` and 10km, m² and `m2`. Whether they say the
same is told by the words around them (`share_context`).
"""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from crawler.language.changes.day_marks import write_slashes
from crawler.language.changes.said_numbers import COUNTED, NAMED
from crawler.language.claims.contexts import LEAST_SHARED, read_context
from crawler.language.claims.spoken_dates import find_spoken_days
from crawler.language.claims.times_and_shares import find_shares, find_times
from crawler.language.money.spoken_sums import find_spoken_numbers, find_spoken_sums, is_magnitude
from crawler.language.money.sums import Sum, find_sums, read_as_one
from crawler.language.numbers import MEASURES, SCALES, SPELLED, measure, read_decimal
from crawler.language.text import HYPHENS

Kind = Literal["sum", "number", "date"]
Value = Fraction | str | tuple[int, ...]

# In other words, this many must be shared: the name of a place or a work is mostly two of them.
LEAST_OF_TOPIC = 4
_MAGNITUDES = {**SCALES, "trăm": 100}
_CURRENCIES = {"VND": "đồng"}
_BETWEEN_ENDS = re.compile(r"\s?-\s?|\s(?:đến|tới)\s", re.IGNORECASE)
# Dollars as people shorten them: `find_sums` does not find them.
_DOLLARS = "đô"
_UNITS = {
    **SPELLED,
    "phần trăm": "%", "điểm phần trăm": "điểm %", "điểm %": "điểm %", "°c": "độ c", "độ c": "độ c",
    "du khách": "khách",
}  # fmt: skip
# Words of two syllables that are counted: 35 công nhân are no 35 công ty.
_LONG_UNITS = (
    "công nhân|công ty|công trình|công chức|công dân|giáo viên|cán bộ|đại biểu|doanh nghiệp|đảng viên|gia đình|lao động"
    "|sản phẩm|bệnh nhân|dự án|thủ tục|phương tiện|chiến sĩ|nạn nhân|thanh niên|phụ nữ|hợp tác xã|cơ sở|đơn vị|hội viên"
    "|đoàn viên|sinh viên|học viên|nhân viên|viên chức|nhân khẩu|tổ chức|tổ hợp tác"
)
_COUNTED = (
    "ha|m2|m3|km2|km|kg|tấn|tạ|m|%|hộ|người|học sinh|trường hợp|hồ sơ|lượt|khách|con|cây|bản|xã|thôn|cháu|em|suất|nhà"
)
_DIGITS = r"[0-9]+(?:[.,][0-9]+){0,7}"
# Groups separated by spaces, before a unit.
_SPACED = rf"[0-9]{{1,3}}(?: [0-9]{{3}})+(?=\s?(?:{_COUNTED}|{MEASURES}|%)(?!\w))"
_MAGNITUDE = r"(?:\s?(?:trăm|nghìn|ngàn|triệu|tỷ|tỉ)(?!\w)){1,2}"
_NUMBER = re.compile(
    rf"(?<![\w.,/])(?:(?P<low>{_DIGITS})\s?-\s?)?(?P<digits>{_SPACED}|{_DIGITS})(?P<magnitude>{_MAGNITUDE})?"
    rf"(?P<more>(?:\s{_DIGITS}{_MAGNITUDE}){{0,2}}(?P<half>\srưỡi)?)(?![\w.,-]{0, 20}/[\w-])",
    re.IGNORECASE,
)
# From one number to the next, whose unit is that of both.
_LEADS_TO = re.compile(r"\s(?:lên thành|lên|thành|xuống còn|giảm còn|xuống|còn|sang)\s(?=[0-9])", re.IGNORECASE)
_MONEY = ("đồng", "đ", "vnđ", "vnd")
_MORE = re.compile(rf"({_DIGITS})({_MAGNITUDE})", re.IGNORECASE)
_UNIT = re.compile(
    rf"\s?(?P<unit>%|{'|'.join(sorted(_UNITS, key=len, reverse=True))}|{_LONG_UNITS}|{_COUNTED}"
    r"|[^\W\d_]+)(?![\w])"
    r"|\s?(?P<sign>%|°C|[mk]m?[²³])",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\s?:?\s?$")
_DATE = re.compile(
    r"(?<![\w/.,-])(?:(?P<d1>[0-9]{1,2})(?P<join>[/.-])(?P<m1>[0-9]{1,2})(?P=join)(?P<y1>[0-9]{4})(?![\w/])"
    r"|(?P<d2>[0-9]{1,2})\stháng\s(?P<m2>[0-9]{1,2})(?:,?\snăm\s(?P<y2>[0-9]{4}))?(?!\w)"
    r"|(?P<y3>(?:19|20)[0-9]{2})-(?P<m3>[0-9]{2})-(?P<d3>[0-9]{2})(?!\w)"
    r"|(?P<d4>[0-9]{1,2})/(?P<m4>[0-9]{1,2})(?![\w/]|[.,][0-9])"
    # A day at the end of a clause: "xong trước 30-4."
    r"|(?:(?<=trước )|(?<=sau )|(?<=đến )|(?<=hạn ))(?P<d5>[0-9]{1,2})-(?P<m5>[0-9]{1,2})"
    r"(?=\s?(?:[.,;:!?)](?![0-9])|\n|$)))",
    re.IGNORECASE,
)
_DAYS = re.compile(
    r"(?<![\w/.,-])(?:(?<=ngày )|(?<=từ )|(?<=mùng )|(?=[0-9]{1,2}-))"
    r"(?P<first>[0-9]{1,2})(?:\s?-\s?|\s(?:đến|tới|và)\s)(?P<last>[0-9]{1,2})"
    r"(?:/(?P<m1>[0-9]{1,2})(?:/(?P<y1>[0-9]{4}))?|\stháng\s(?P<m2>[0-9]{1,2})(?:,?\snăm\s(?P<y2>[0-9]{4}))?)"
    r"(?![\w/]|[.,][0-9])",
    re.IGNORECASE,
)
# Smaller numbers in words need a word that is counted; some are other words, too.
_LEAST_SPOKEN, _NO_NUMBERS = 10, ("một", "năm", "không")
# A number after one of these is a name or a place in a row: "năm 2025", "khoản 2 Điều 5", "tổ dân phố số 4".
_NAMING_WORDS = (
    "năm tháng quý khoản điều điểm mục chương phần tiểu tổ khu thôn số hạng lớp khối khóa khoá tập trang bài thứ đợt"
    " biểu bảng phụ kỳ nhóm loại cấp tuổi"
)
_NAMING = frozenset(_NAMING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, sum or date in a text. `context` are the words of its sentence near it, without small ones.

    `value` of a date is (day, month, year), the year 0 if it is not said; of a number that can be read in two ways, its
    digits; of a range, both ends, which are also in `ends`.
    """

    kind: Kind
    value: Value
    unit: str
    start: int
    end: int
    context: frozenset[str]
    ends: tuple[Fraction, ...] = ()

    def is_same(self, other: "Quantity", *, year: int = 0) -> bool:
        """Whether another one has the same value and unit, or is a range with this end.

        `year` is meant by a date in `other` that says none.
        """
        if "date" in (self.kind, other.kind):
            return self.kind == other.kind and _is_same_day(self.value, other.value, year=year)
        return self.is_of_kind(other) and self.measured in (other.measured, *other.measured_ends)

    def is_of_kind(self, other: "Quantity") -> bool:
        """Whether both are of one kind and count one thing: a length in m and one in km do."""
        return self.kind == other.kind and measure(self.unit)[0] == measure(other.unit)[0]

    @property
    def measured(self) -> Value:
        """Its value in the smallest unit of what it measures."""
        return self.value * measure(self.unit)[1] if isinstance(self.value, Fraction) else self.value

    @property
    def measured_ends(self) -> tuple[Fraction, ...]:
        """The ends of a range, as `measured`."""
        return tuple(one * measure(self.unit)[1] for one in self.ends)

    def share_context(self, other: "Quantity") -> bool:
        """Whether enough of the words around this one are around the other too."""
        return len(self.context & other.context) >= min(LEAST_SHARED, max(1, len(self.context)))

    def share_topic(self, other: "Quantity") -> bool:
        """Whether the words around both may be of one thing, said in other words."""
        return len(self.context & other.context) >= LEAST_OF_TOPIC

    def share_sentence(self, other: "Quantity") -> bool:
        """Whether most of the words around this one are around the other too: both say nearly the same."""
        return len(self.context & other.context) >= max(LEAST_SHARED + 1, -(-2 * len(self.context) // 3))


def is_name(text: str, one: Quantity) -> bool:
    """Return whether a number of a text names something and counts nothing.

    >>> text = "Trong năm 2025, theo khoản 2 Điều 5, có thêm 45 hộ; cả năm 64 hộ"
    >>> [text[one.start : one.end] for one in find_quantities(text) if not is_name(text, one)]
    ['45 hộ', '64 hộ']
    """
    if one.kind != "number" or re.fullmatch(_COUNTED, one.unit):
        return False
    before = _WORD_BEFORE.search(text, max(0, one.start - 20), one.start)
    return before is not None and before[1].lower() in _NAMING


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Find the dates, sums and other numbers of a text in normal form, in its order.

    >>> [(one.kind, str(one.value), one.unit) for one in find_quantities("Chi 1.500 triệu đồng cho 64 hộ, 47,2% xong")]
    [('sum', '1500000000', 'đồng'), ('number', '64', 'hộ'), ('number', '236/5', '%')]
    >>> [one.value for one in find_quantities("ngày 3/6/2024 và 20 tháng 10")]
    [(3, 6, 2024), (20, 10, 0)]
    """
    plain = write_slashes(text.translate(HYPHENS))
    found: list[Quantity] = []
    taken: list[tuple[int, int]] = []
    # In this order: what the first ones take, the others leave.
    for find in (
        _find_shares,
        _find_ends_of_days,
        _find_dates,
        _find_sums,
        _find_spoken_sums,
        _find_times,
        _find_spoken,
    ):
        for one in find(plain):
            if not _is_taken(taken, one):
                found.append(one)
                insort(taken, (one.start, one.end))
    found += _find_numbers(plain, taken)
    return tuple(sorted(found, key=lambda one: one.start))


def find_stated(text: str, sums: Iterable[Sum]) -> Iterator[Quantity]:
    r"""Yield the sums in the cells of a text's tables. The words around one are those of its line: the row.

    >>> from crawler.language.money.table_sums import find_in_html
    >>> html = "<p>ĐVT: đồng</p><table><tr><td>Nội dung</td><td>Vốn</td></tr><tr><td>Cầu</td><td>900.000</td></tr>"
    >>> text = "\n\n".join(("ĐVT: đồng", "Nội dung Vốn", "Cầu 900.000"))
    >>> [(str(one.value), sorted(one.context)) for one in find_stated(text, find_in_html(html, text))]
    [('900000', ['câu²'])]
    """
    for one in sums:
        start = text.rfind("\n", 0, one.start) + 1
        end = text.find("\n", one.end)
        row = text[start : end if end >= 0 else len(text)]
        made = _make(
            "sum",
            Fraction(one.amount or 0),
            unit=_CURRENCIES["VND"],
            span=(one.start - start, one.end - start),
            text=row,
        )
        yield replace(made, start=one.start, end=one.end)


def _find_spoken(plain: str) -> Iterator[Quantity]:
    """Yield the numbers in words that count something: "bảy mươi ba hộ", "ba trăm mười hai gian hàng"."""
    for amount, start, end in find_spoken_numbers(plain):
        unit = _UNIT.match(plain, end)
        word = (unit["unit"] or "").lower() if unit else ""
        word = _UNITS.get(word, word)
        if (
            unit is None
            or not word
            or plain[start:end].lower() in _NO_NUMBERS
            or NAMED.search(plain, max(0, start - 10), start)
        ):
            continue
        if amount >= _LEAST_SPOKEN or re.fullmatch(f"{_COUNTED}|{COUNTED}", word):
            yield _make("number", Fraction(amount), unit=word, span=(start, unit.end()), text=plain)


def _find_times(plain: str) -> Iterator[Quantity]:
    for hours, start, end in find_times(plain):
        yield _make("number", hours, unit="giờ", span=(start, end), text=plain)


def _find_shares(plain: str) -> Iterator[Quantity]:
    for share, start, end in find_shares(plain):
        yield _make("number", share, unit="%", span=(start, end), text=plain)


def _find_spoken_sums(plain: str) -> Iterator[Quantity]:
    for amount, start, end in find_spoken_sums(plain):
        if is_magnitude(plain[start:end]):
            yield _make("sum", Fraction(amount), unit=_CURRENCIES["VND"], span=(start, end), text=plain)


def _find_dates(plain: str) -> Iterator[Quantity]:
    for match in _DATE.finditer(plain):
        value = _read_date(match)
        if value is not None:
            yield _make("date", value, unit="", span=match.span(), text=plain)
    for day, start, end in find_spoken_days(plain):
        if _is_day(day):
            yield _make("date", day, unit="", span=(start, end), text=plain)


def _find_ends_of_days(plain: str) -> Iterator[Quantity]:
    """Yield both days of "12-14/2/2026", "từ 12 đến 14 tháng 2"."""
    for match in _DAYS.finditer(plain):
        month, year = int(match["m1"] or match["m2"]), int(match["y1"] or match["y2"] or 0)
        first, last = (int(match["first"]), month, year), (int(match["last"]), month, year)
        if _is_day(first) and _is_day(last) and first < last:
            yield _make("date", first, unit="", span=match.span("first"), text=plain)
            yield _make("date", last, unit="", span=(match.start("last"), match.end()), text=plain)


def _is_taken(taken: list[tuple[int, int]], one: Quantity) -> bool:
    place = bisect_left(taken, (one.end, 0))
    return place > 0 and taken[place - 1][1] > one.start


def _find_sums(plain: str) -> Iterator[Quantity]:
    """Yield the sums of a text; the two ends of a range are one."""
    low: Sum | None = None
    for one in sorted(find_sums(plain), key=lambda one: one.start):
        is_range = (
            low is not None
            and low.currency == one.currency
            and _BETWEEN_ENDS.fullmatch(plain, low.end, max(low.end, one.start)) is not None
        )
        if low is not None and not is_range:
            yield _make_sum(low, plain)
        if low is not None and is_range:
            yield _make_range(low, one, plain=plain)
        low = None if is_range else one
    if low is not None:
        yield _make_sum(low, plain)


def _make_sum(one: Sum, plain: str) -> Quantity:
    said = plain[one.start : one.end]
    amount = one.amount if one.amount is not None else read_as_one(said)
    value = Fraction(amount) if amount is not None else " ".join(said.split()).lower()
    unit = _CURRENCIES.get(one.currency, one.currency)
    return _make("sum", value, unit=unit, span=(one.start, one.end), text=plain)


def _make_range(low: Sum, high: Sum, *, plain: str) -> Quantity:
    first, last = _make_sum(low, plain), _make_sum(high, plain)
    whole = _make("sum", f"{first.value}-{last.value}", unit=first.unit, span=(low.start, high.end), text=plain)
    return replace(whole, ends=tuple(end.value for end in (first, last) if isinstance(end.value, Fraction)))


def _find_numbers(plain: str, taken: list[tuple[int, int]]) -> Iterator[Quantity]:
    last = 0
    for match in _NUMBER.finditer(plain):
        while last < len(taken) and taken[last][1] <= match.start():
            last += 1
        if last < len(taken) and taken[last][0] < match.end():
            continue
        following = _find_following(plain, match)
        if following is not None:
            value, kind, name, end = following
        else:
            value = _read_value(match)
            kind, name, end = _name_unit(plain, match, unit=_UNIT.match(plain, match.end()))
        if name:
            yield _make(kind, value, unit=name, span=(match.start(), end), text=plain)


def _find_following(plain: str, match: re.Match[str]) -> tuple[Value, Kind, str, int] | None:
    """Read a number whose unit is after the next one: "từ 1.234 lên 1.324 hộ", "từ 2,45 thành 3,15 tỷ đồng"."""
    link = _LEADS_TO.match(plain, match.end())
    other = _NUMBER.match(plain, link.end()) if link and not match["magnitude"] else None
    value = _scale(match["digits"], other["magnitude"]) if other and not match["low"] else None
    if other is None or value is None:
        return None
    kind, name, _ = _name_unit(plain, other, unit=_UNIT.match(plain, other.end()))
    is_money = name in _MONEY
    return value, "sum" if is_money else kind, _CURRENCIES["VND"] if is_money else name, match.end()


def _name_unit(plain: str, match: re.Match[str], *, unit: re.Match[str] | None) -> tuple[Kind, str, int]:
    """Return the kind of a number, its unit, and where both end. The unit is "" if no word says what it counts."""
    word = (unit["unit"] or unit["sign"]).lower() if unit else ""
    word = _UNITS.get(word, word).replace("²", "2").replace("³", "3")
    end = unit.end() if unit else match.end()
    if word == _DOLLARS and not plain.startswith(" la", end):
        return "sum", "USD", end
    if match["magnitude"] and not re.fullmatch(_COUNTED, word):
        # "1,5 tỷ để xây cầu": a sum, whatever word comes next.
        return "sum", "đồng", match.end()
    if word:
        return "number", word, end
    before = _WORD_BEFORE.search(plain, max(0, match.start() - 20), match.start())
    return "number", f"{before[1].lower()} …" if before else "", match.end()


def _read_value(match: re.Match[str]) -> Value:
    high = _scale(match["digits"], match["magnitude"])
    for digits, magnitude in _MORE.findall(match["more"]):
        more = _scale(digits, magnitude)
        high = high + more if high is not None and more is not None else None
    if match["half"] and high is not None:
        smallest = (_MORE.findall(match["more"]) or [("", match["magnitude"] or "")])[-1][1]
        high += (_scale("1", smallest) or Fraction(0)) / 2 if smallest else Fraction(1, 2)
    if high is None:
        return " ".join(match[0].split()).lower()
    if match["low"]:
        low = _scale(match["low"], match["magnitude"])
        return f"{low}-{high}"
    return high


def _scale(digits: str, magnitude: str | None) -> Fraction | None:
    value = read_decimal(digits)
    for word in (magnitude or "").lower().split():
        value = value * _MAGNITUDES[word] if value is not None else None
    return value


def _read_date(match: re.Match[str]) -> tuple[int, ...] | None:
    for number in "12345":
        if match[f"d{number}"]:
            year = int(match[f"y{number}"] or 0) if number < "4" else 0
            day, month = int(match[f"d{number}"]), int(match[f"m{number}"])
            return (day, month, year) if _is_day((day, month, year)) else None
    return None


def _is_day(value: tuple[int, int, int]) -> bool:
    day, month, year = value
    try:
        date(year or 2024, month, day)
    except ValueError:
        return False
    return True


def _is_same_day(one: Value, other: Value, *, year: int) -> bool:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return one[:2] == other[:2] and (not one[2] or one[2] == (other[2] or year))


def _make(kind: Kind, value: Value, *, unit: str, span: tuple[int, int], text: str) -> Quantity:
    return Quantity(kind, value, unit, *span, read_context(text, span))
