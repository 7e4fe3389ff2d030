"""Find sums of money in a text, as Vietnamese is written: value, currency, and what a rate is for. Pure.

A sum needs its currency, or words of money before a bare magnitude: "5 tỷ" may be of people.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import zip_longest

from crawler.language.money.amounts import GROUPS, SHORT_UNIT, TABLE_UNIT, UNIT, read_number, scale_of
from crawler.language.money.spoken_sums import find_spoken_sums, is_magnitude
from crawler.language.numbers import LARGEST
from crawler.language.text import HYPHENS

# The others are dollars and euros.
_DONG, _EURO = ("đồng", "đ", "vnđ", "vnd"), ("eur", "euro", "€")
# Not "5 đồng chí", nor "5 Đồng Tháp", nor the money of others: "5 đồng yên", "5 đô la Úc".
_NO_MONEY = (
    "chí|bào|bằng|đội|loạt|thời|hồ|ruộng|phục|nghiệp|ý|tiền|minh|tác|lúa|thuận|yên|euro|rúp|bảng|kíp|bạt|won|nhân"
)
_NO_US_DOLLARS = "(?! (?:Úc|Hồng|Hong|Sing|Xinh|Canada|Đài|New|Niu))"
_DOLLARS = f"USD|(?i:đô ?la(?: Mỹ)?){_NO_US_DOLLARS}"
_CURRENCY = rf"(?:(?:đồng|ĐỒNG)(?!\s(?i:{_NO_MONEY})\b)|VNĐ|vnđ|VND|vnd|{_DOLLARS}|EUR|(?i:euro)|đ|[$€])"
# "2 tỷ 500 triệu đồng": each number with its unit, the last with the currency.
_PART = f"(?:{GROUPS}) ?{UNIT}"
_SUM = re.compile(
    rf"(?<![\w.,/'’])(?P<apart>(?:[0-9]{{1,3}} ){{1,5}}(?=[0-9]{{3}}(?![0-9])))?"
    rf"(?P<parts>(?:{_PART} ){{0,3}}(?:{_PART}(?P<half> rưỡi)?|(?:{GROUPS})(?: ?{SHORT_UNIT}\.?)?)),?[-–]?"
    rf" ?(?P<currency>{_CURRENCY})(?!\w)"
)
_PIECE = re.compile(f"(?P<number>{GROUPS})(?: ?(?P<unit>{UNIT}|{SHORT_UNIT}))?")
# What a rate is for: "/người/tháng", "/1 ha", "mỗi hộ".
_RATED = (
    "học sinh|sinh viên|thành viên|hộ gia đình|hộ nghèo|người|tháng|năm|ngày|hộ|ha|kg|tấn|tạ|yến|con|cây|km|m[²³23]?"
    "|suất|lượt|giờ|quý|em|cháu|khẩu|bữa|lít|chiếc|cái|vé|lần|buổi|sào|bao|bộ|nhà|căn|xã|thôn|bản"
)
# A magnitude without a currency, at the end of what it says.
_ENDS = rf"(?=\s*(?:[,.;:)\]!?]|$|\n|/ ?(?:{_RATED})\b|(?:cho|từ|để|vào|và|trong|năm|thuộc|do|bằng|so|xây|mua)\b))"
_BARE = re.compile(
    rf"(?<![\w.,/'’])(?P<parts>(?:{_PART} ){{0,2}}(?:{GROUPS}) ?"
    rf"(?i:(?:chục |trăm )?(?:nghìn |ngàn |triệu )?(?:triệu|tỷ|tỉ))(?P<half> rưỡi)?){_ENDS}"
)
# As people shorten it: "5tr", "1tr250" (1.250.000), "500k".
_SHORTENED = re.compile(
    rf"(?<![\w.,/'’])(?i:(?P<whole>[0-9]{{1,4}})tr(?P<more>[0-9]{{1,3}})"
    rf"|(?P<number>[0-9]{{1,4}}(?:[.,][0-9]{{1,2}})?)tr"
    rf"|(?P<thousands>[1-9][0-9]{{1,3}})k)(?!\w){_ENDS}"
)
_ENDS_BARE = re.compile(_ENDS)
# "VNĐ 5.000.000", "$1.2 triệu", but not the currency of the number before: "100 USD 1.2 triệu".
_CURRENCY_BEFORE = re.compile(
    r"(?<![\w.$€])(?<![0-9] )(?<!(?:triệu|nghìn) )(?<!ngàn )(?<!t[ỷỉ] )"
    r"(?P<currency>VNĐ|vnđ|VND|vnd|USD|US\$|\$|EUR|€) ?"
    rf"(?P<parts>(?>(?:{_PART} ){{0,3}}(?:{_PART}(?P<half> rưỡi)?|(?:{GROUPS}))))"
    rf"(?!\w|[.,/-][0-9]| ?{_CURRENCY}(?!\w))"
)
_BEFORE_FIGURES = ("vnđ", "vnd", "usd", "$", "eur", "€")
# What a code before a number must have to be its currency: "USD 15" may be of something else.
_LARGE = re.compile(f"[0-9]{{3}}|{UNIT}")
# The beginning of a range whose end has the currency: "từ 1,2 tỷ đến 1,5 tỷ đồng", "từ 10 đến 15 triệu đồng",
# "10-15 triệu đồng". Without a unit, it needs "từ" or a dash without spaces: else it may be a number of a list.
_RANGE_START = re.compile(
    rf"(?<![\w.,/'’-])(?:(?P<parts>(?:{_PART} ){{0,3}}{_PART}) ?(?:đến|tới|-|–) ?|(?P<tight>{GROUPS})[-–]"
    rf"|(?<=[Tt]ừ )(?P<wide>{GROUPS}) ?(?:đến|tới|-|–) ?)$"
)
_REACH_OF_RANGE, _THOUSAND = 48, 1000
# What is between the two, with a blank and a line break after it.
_JOINS, _REACH_OF_JOIN = ("đến", "tới", "-", "–"), 5
_OF_MONEY = re.compile(
    r"(?i:\b(?:kinh phí|vốn|đầu tư|hỗ trợ|trị giá|giá trị|số tiền|tiền|ngân sách|thu ngân|doanh thu|dự toán|quyết toán"
    r"|thu nhập|trợ cấp|phụ cấp|học phí|viện phí|chi phí|chi trả|đóng góp|giá|thưởng|quà"
    r"|tổng mức|ủng hộ|quyên góp|giải ngân|thiệt hại|bồi thường|tài trợ|vay|dư nợ|xử phạt|phạt|nộp|quỹ|lãi|lương)\b)"
    r"[^.,;:!?\n]{0,40}$"
)
_REACH_OF_MONEY = 60
_PER = re.compile(
    rf" ?/ ?(?P<slash>(?:(?:0?1|100?|1\.?000) ?)?(?:{_RATED}|[^\W\d_]+[²³23]?)(?:/(?:{_RATED}|[^\W\d_]+))*)(?!\w)"
    rf"| (?:cho |trên )?(?:mỗi|một) (?P<each>{_RATED})(?: (?:mỗi|một) (?P<also>{_RATED}))?(?!\w)"
)
_CURRENCY_BEHIND = re.compile(rf"\s(?:đồng|Đồng|ĐỒNG)(?!\s(?i:{_NO_MONEY})\b)(?!\w)")
# The unit over a table (TABLE_UNIT) is said of all its numbers, unless a column has its own measure. Where only
# the words of a text are known, only the first number in the row of the total is surely money.
_TOTAL = re.compile(
    rf"(?i:\btổng (?:cộng|số|kinh phí|chi|thu))(?!\w)[^0-9]{{0,40}}?(?P<number>{GROUPS})(?![\w.,/%]|\s?%)"
)
# In a workbook, 12 and a half with three places, or typed by hand as twelve thousand and a half.
_TYPED_OR_SHORT = re.compile(r"[0-9]{1,3}\.[0-9]{3}")
_OTHER_MEASURE = re.compile(r"(?i:số lượng|số hộ|số người|diện tích|tỷ lệ|tỉ lệ|đơn giá|\bha\b|%)")
_DIGITS = re.compile("[0-9]+")
_PARTED = re.compile("(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")
# Figures, separated by spaces or not, with the first letters of a unit or currency after them: not "3 tháng".
_FIGURES = re.compile(
    r"[0-9](?<![0-9][0-9])(?<![0-9][., ][0-9])[0-9.,]*+(?: [0-9][0-9.,]*+)*+[-–]?[ .]?"
    r"(?=[tT][rRỷỶỉỈ]|[đĐ](?:[ồỒôÔ]|(?!\w))|[cC][hH]|[nN][gG]|[kK](?:[đĐ]|(?!\w))|[vV][nN]|[uU][sS]|[eE][uU]|[$€])"
)
_HEAD_WORDS = ("đơn vị", "đvt")
# Only a text with one of these, or with a lone "đ", or "5tr", can have a sum.
_WORDS = ("đồng", "triệu", "tỷ", "tỉ", "đô la", "đôla", *_BEFORE_FIGURES)
_LONE_CURRENCY = re.compile(r"(?:đ|(?<=[0-9])(?:k|tr[0-9]{0,3}))(?!\w)")


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that a text says in `[start:end]`.

    Args:
        amount: None if it can be read in two ways ("1,500 tỷ đồng").
        currency: VND, USD or EUR.
        per: what a rate is for, such as `người/tháng`; None for a total.
        rate_end: where the words of the rate end; of a total, where the sum ends.
        said_end: where the words end that say it: of "10" in "10-15 triệu đồng", where the range ends.
        unit: of a cell of a table, the unit in the table's head, such as `triệu đồng`; None where the text says it.
        head: of a cell of a table, the words over its column without the unit; "" where they are not known.
    """

    amount: Decimal | None
    currency: str
    per: str | None
    start: int
    end: int
    rate_end: int
    said_end: int
    unit: str | None = None
    head: str = field(default="", compare=False)

    @property
    def dong(self) -> int | None:
        """The amount in đồng, rounded to whole ones; None for other money, and if it is not known."""
        if self.amount is None or self.currency != "VND":
            return None
        whole = int(self.amount.to_integral_value(ROUND_HALF_UP))
        return whole if whole <= LARGEST else None

    @property
    def value(self) -> str | None:
        """The amount with its currency, such as `12000000 VND`."""
        return None if self.amount is None else f"{self.amount.normalize():f} {self.currency}"


def find_sums(plain: str, *, is_sheet: bool = False) -> Iterator[Sum]:
    """Yield the sums of a text in normal form, those in figures first.

    Args:
        plain: the text.
        is_sheet: whether it is of a workbook, in whose numbers our reader parts the groups by commas.

    >>> [(one.dong, one.per) for one in find_sums("Chi 1,5 tỷ đồng, mức 500.000 đ/người/tháng; vốn 3 tỷ.")]
    [(1500000000, None), (500000, 'người/tháng'), (3000000000, None)]
    >>> [(one.dong, one.value) for one in find_sums("vay 1,500 tỷ đồng và 20.000 USD; 8 tỷ người")]
    [(None, None), (None, '20000 USD')]
    """
    lower = plain.lower()
    if not _may_have_some(lower):
        return
    heads = list(TABLE_UNIT.finditer(plain)) if any(word in lower for word in _HEAD_WORDS) else []
    units = {head.start("unit") for head in heads}
    last = 0
    for figures in _FIGURES.finditer(plain):
        for digits in _DIGITS.finditer(plain, figures.start(), figures.end()):
            if digits.start() < last:
                continue
            match = _SUM.match(plain, digits.start()) or _match_bare(plain, digits.start(), behind=last)
            if match is None:
                continue
            # "Đơn vị: 1.000 đồng" is a unit.
            if match.start() not in units and not _is_negative(plain, match.start()):
                found = _make_sum(_read_sum(match), _currency_of(match), plain=plain, span=match.span())
                yield from _find_range_start(plain, match, end=found, behind=last)
                yield found
            last = match.end()
    yield from _find_behind_currencies(plain, lower)
    yield from _find_spoken(plain)
    yield from _find_totals(plain, heads, is_sheet=is_sheet)


def read_as_one(said: str) -> Decimal | None:
    """Return the amount of a sum whose groups are separated by spaces, read as one number; None for every other.

    `find_sums` says nothing of it, since it may be two numbers. Use this to compare what two texts say.

    >>> read_as_one("12 500 000 đồng"), read_as_one("1,500 tỷ đồng")
    (Decimal('12500000'), None)
    """
    joined = _PARTED.sub(".", said)
    found = list(find_sums(joined)) if joined != said else []
    return found[0].amount if len(found) == 1 else None


def read_dong(said: str) -> int | None:
    """Return the đồng of the words of one sum, with groups separated by spaces as one number; None for other money.

    >>> read_dong("1,5 tỷ đồng"), read_dong("12 500 000 đồng/hộ"), read_dong("5 USD")
    (1500000000, 12500000, None)
    """
    found = list(find_sums(_PARTED.sub(".", said)))
    return found[0].dong if len(found) == 1 else None


def is_bare(said: str) -> bool:
    """Return whether the words of a sum are the number of a table's cell alone: its unit is in a head.

    >>> is_bare("1.250,5"), is_bare("5 tỷ"), is_bare("$20.000")
    (True, False, False)
    """
    return not any(letter.isalpha() or letter in "$€" for letter in said)


def cut_around(around: str, said: str) -> tuple[str, str, str]:
    """Cut the words around a sum into those before it, its own, and those after.

    The number of a table's cell may be within another one of its row, or number the row.

    >>> cut_around("2 Xây cầu 12 2", "2"), cut_around("Chi 1.900, còn 900", "900")
    (('2 Xây cầu 12 ', '2', ''), ('Chi 1.900, còn ', '900', ''))
    """
    places = [one.start() for one in re.finditer(rf"(?<![\w.,]){re.escape(said)}(?![.,]?\w)", around)]
    start = places[-1 if is_bare(said) else 0] if places else max(0, around.find(said))
    return around[:start], around[start : start + len(said)], around[start + len(said) :]


def _may_have_some(lower: str) -> bool:
    """Return whether a text in lower case has a word of money. It takes a tenth of the time of the search."""
    return any(word in lower for word in _WORDS) or _LONE_CURRENCY.search(lower) is not None


def _match_bare(plain: str, start: int, *, behind: int) -> re.Match[str] | None:
    match = _BARE.match(plain, start) or _SHORTENED.match(plain, start)
    if match is None or not _is_of_money(plain, start):
        return None
    return None if _CURRENCY_BEFORE.search(plain, max(behind, start - 4), match.end()) else match


def _is_of_money(plain: str, start: int) -> bool:
    """Return whether words of money are shortly before a place."""
    return _OF_MONEY.search(plain, max(0, start - _REACH_OF_MONEY), start) is not None


def _find_spoken(plain: str) -> Iterator[Sum]:
    """Yield the sums in words: with their currency, or as a bare magnitude is read in figures."""
    for amount, start, end in find_spoken_sums(plain):
        if (behind := _CURRENCY_BEHIND.match(plain, end)) is not None:
            yield _make_sum(Decimal(amount), "VND", plain=plain, span=(start, behind.end()))
        elif is_magnitude(plain[start:end]) and _ENDS_BARE.match(plain, end) and _is_of_money(plain, start):
            yield _make_sum(Decimal(amount), "VND", plain=plain, span=(start, end))


def _find_behind_currencies(plain: str, lower: str) -> Iterator[Sum]:
    """Yield the sums that are after their currency."""
    if not any(word in lower for word in _BEFORE_FIGURES):
        return
    for match in _CURRENCY_BEFORE.finditer(plain):
        if match["currency"][-1] in "$€" or _LARGE.search(match["parts"]):
            yield _make_sum(_read_sum(match), _currency_of(match), plain=plain, span=match.span())


def _find_range_start(plain: str, match: re.Match[str], *, end: Sum, behind: int) -> Iterator[Sum]:
    """Yield the beginning of the range that ends with a sum, in the sum's currency, with its rate."""
    before = plain[max(behind, match.start() - _REACH_OF_JOIN) : match.start()]
    if end.amount is None or not before.rstrip(" \n").endswith(_JOINS):
        return  # most sums, without the search
    first = _RANGE_START.search(plain, max(behind, match.start() - _REACH_OF_RANGE), match.start())
    if first is None:
        return
    if first["parts"]:
        amount, span = _read_sum(first), first.span("parts")
    else:
        span = first.span("tight") if first["tight"] else first.span("wide")
        amount = _read_without_unit(plain[slice(*span)], match)
    if amount is not None and amount < end.amount:
        yield Sum(amount, end.currency, end.per, *span, span[1], end.end)


def _read_without_unit(low: str, match: re.Match[str]) -> Decimal | None:
    """Read the beginning of a range by the unit of its end; None if it can be meant in two ways.

    It is in this unit if its number is the smaller one: "10-15 triệu". Else it is in đồng: "từ 500.000 đến 1 triệu".
    """
    pieces = _pieces_of(match)
    said, unit = pieces[0]
    number, high = read_number(low, has_unit=False), read_number(said, has_unit=bool(unit))
    if number is None or high is None or len(pieces) > 1:
        return None
    if not unit:
        return number if len(low) > 3 or high < _THOUSAND else None  # "10-15.000 đồng"
    if number < high:
        return number * scale_of(unit)
    return number if "." in low and number >= _THOUSAND else None


def _pieces_of(match: re.Match[str]) -> list[tuple[str, str | None]]:
    """Return the numbers of a sum, each with its unit."""
    if match.re is not _SHORTENED:
        return [(piece["number"], piece["unit"]) for piece in _PIECE.finditer(match["parts"])]
    if match["thousands"]:
        return [(match["thousands"], "k")]
    more = [(match["more"], None)] if match["more"] else []
    return [(match["number"] or match["whole"], "tr"), *more]


def _currency_of(match: re.Match[str]) -> str:
    currency = (match["currency"] if "currency" in match.re.groupindex else "đ").lower()
    return "VND" if currency in _DONG else "EUR" if currency in _EURO else "USD"


def _make_sum(amount: Decimal | None, currency: str, *, plain: str, span: tuple[int, int]) -> Sum:
    rate = _PER.match(plain, span[1])
    per = "/".join(filter(None, rate.group("slash", "each", "also"))).lower() if rate else None
    return Sum(amount, currency, per, *span, rate.end() if rate else span[1], span[1])


def _find_totals(plain: str, heads: Sequence[re.Match[str]], *, is_sheet: bool) -> Iterator[Sum]:
    """Yield the totals of tables whose head names the unit of all their numbers."""
    for head, following in zip_longest(heads, heads[1:]):
        total = _TOTAL.search(plain, head.end(), following.start() if following else len(plain))
        if total is None or _OTHER_MEASURE.search(plain, head.end(), total.end()):
            continue
        if is_sheet and _TYPED_OR_SHORT.fullmatch(total["number"]):
            continue
        number = read_number(total["number"], has_unit=not is_sheet)
        if number is not None:
            amount, (start, end) = number * scale_of(head["unit"]), total.span("number")
            yield Sum(amount, "VND", None, start, end, end, end)


def _is_negative(plain: str, start: int) -> bool:
    """Return whether a minus is before a number: a dash that is not part of a range, as in "5-7 triệu đồng"."""
    return start > 0 and ord(plain[start - 1]) in HYPHENS and not plain[max(start - 2, 0) : start - 1].isdigit()


def _read_sum(match: re.Match[str]) -> Decimal | None:
    """Return the amount; None if it can be read in two ways."""
    if match.re is _SHORTENED:
        return _read_shortened(match)
    if "apart" in match.re.groupindex and match["apart"]:
        return None  # "12 500 000 đồng", or 12 of something and 500.000 đồng
    amount, least, scale = Decimal(0), None, 1
    for piece in _PIECE.finditer(match.string, match.start("parts"), match.end()):
        if piece.start() >= match.end("parts"):
            break
        number = read_number(piece["number"], has_unit=bool(piece["unit"]))
        scale = scale_of(piece["unit"])
        if number is None or (least is not None and number * scale >= least):
            return None  # two sums beside each other, of which one lacks its currency
        amount, least = amount + number * scale, scale
    return amount + Decimal(scale) / 2 if "half" in match.re.groupindex and match["half"] else amount


def _read_shortened(match: re.Match[str]) -> Decimal:
    """Read "5tr", "1tr2" (1.200.000) or "500k"."""
    if match["thousands"]:
        return Decimal(match["thousands"]) * scale_of("k")
    number = f"{match['whole']}.{match['more']}" if match["more"] else match["number"].replace(",", ".")
    return Decimal(number) * scale_of("tr")
