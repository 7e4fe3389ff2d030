r"""Find what a text of a file mentions: numbers of documents, sums of money, and dates, each with its place. Pure.

Texts of files are not in the archive's normal form: lines end within numbers, and letters are composed or not. So each
paragraph is searched in its normal form, but a tab stays: it parts the cells of a table. Places are those in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from math import prod
from typing import Literal

from crawler.language.spoken_sums import find_spoken_sums
from crawler.language.text import HYPHENS, locate_document_numbers, normalize_text

# Of each kind, at most so many different ones of a text are found: the first. A file may be a register of thousands.
MOST_OF_A_KIND = 1000

Kind = Literal["document", "sum", "date"]

# A digit, or the currency behind a sum in words, composed or not.
_MAY_MENTION = re.compile("[0-9]|(?i:[đ]o\u0302\u0300ng|đồng)")
_GROUPS = r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,3})?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,3})?|[0-9]+(?:[.,][0-9]+)?"
_UNITS = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_UNIT = "(?i:(?:(?:nghìn|ngàn|triệu) )?(?:nghìn|ngàn|triệu|tỷ|tỉ))"
# The others are dollars and euros.
_DONG = ("đồng", "đ", "vnđ", "vnd")
# Not "5 đồng chí", nor "5 Đồng Tháp", nor the money of others: "5 đồng yên", "5 đô la Úc".
_NO_MONEY = (
    "chí|bào|bằng|đội|loạt|thời|hồ|ruộng|phục|nghiệp|ý|tiền|minh|tác|lúa|thuận|yên|euro|rúp|bảng|kíp|bạt|won|nhân"
)
_NO_US_DOLLARS = "(?! (?:Úc|Hồng|Hong|Sing|Xinh|Canada|Đài|New|Niu))"
_DOLLARS = f"USD|(?i:đô ?la(?: Mỹ)?){_NO_US_DOLLARS}"
_CURRENCY = rf"(?:(?:đồng|ĐỒNG)(?!\s(?i:{_NO_MONEY})\b)|VNĐ|vnđ|VND|vnd|{_DOLLARS}|EUR|(?i:euro)|đ)"
# "2 tỷ 500 triệu đồng": each number with its unit, the last with the currency.
_PART = f"(?:{_GROUPS}) ?{_UNIT}"
_SUM = re.compile(
    rf"(?<![\w.,/])(?P<apart>(?:[0-9]{{1,3}} ){{1,5}}(?=[0-9]{{3}}(?![0-9])))?"
    rf"(?P<parts>(?:{_PART} ){{0,3}}(?:{_PART}|(?:{_GROUPS}))) ?(?P<currency>{_CURRENCY})(?!\w)"
)
_PIECE = re.compile(f"(?P<number>{_GROUPS})(?: ?(?P<unit>{_UNIT}))?")
_DATE = re.compile(
    r"(?<![\w/.,])(?P<day>[0-9]{1,2})\s?(?P<join>[/.])\s?(?P<month>[0-9]{1,2})\s?(?P=join)\s?(?P<year>[0-9]{4})"
    r"(?![\w/]|[.,][0-9])"
    r"|(?<![\w/.,-])(?P<day2>[0-9]{1,2})-(?P<month2>[0-9]{1,2})-(?P<year2>[0-9]{4})(?![\w/]|[.,-][0-9])"
    r"|(?<![\w/.,-])(?P<year3>[0-9]{4})-(?P<month3>[0-9]{2})-(?P<day3>[0-9]{2})(?![\w/]|[.,-][0-9])"
    r"|\b(?i:ngày)\s?(?P<day4>[0-9]{1,2})\s?(?i:tháng)\s?(?P<month4>[0-9]{1,2})\s?(?i:năm)\s?(?P<year4>[0-9]{4})(?!\w)"
)
_CURRENCY_BEHIND = re.compile(rf"\s(?:đồng|Đồng|ĐỒNG)(?!\s(?i:{_NO_MONEY})\b)(?!\w)")
# "Đơn vị tính: triệu đồng" over a table is said of all its numbers, unless a column has a measure of its own. Of these
# numbers only the first in the row of the total is surely money.
_HEAD = re.compile(rf"(?i:đơn vị(?: tính)?|đvt)\s?:\s?(?:(?P<unit>{_UNIT})\s)?(?i:đồng)(?!\w|/)")
_TOTAL = re.compile(
    rf"(?i:\btổng (?:cộng|số|kinh phí|chi|thu))(?!\w)[^0-9]{{0,40}}?(?P<number>{_GROUPS})(?![\w.,/%]|\s?%)"
)
_OTHER_MEASURE = re.compile(r"(?i:số lượng|số hộ|số người|diện tích|tỷ lệ|tỉ lệ|đơn giá|\bha\b|%)")
_LONGEST_NUMBER = 24
# No record of an office is older, and no plan reaches further.
_YEARS = range(1800, 2201)


@dataclass(frozen=True, slots=True)
class Mention:
    """What a text mentions first at a place.

    `value` is the number of a document, an amount with its currency ("12000000 VND"), or a day ("2024-06-03"). It is
    None for a sum that can be read in two ways ("1,500 tỷ đồng"). The text says it in `[start:end]`.
    """

    kind: Kind
    value: str | None
    start: int
    end: int


def find_mentions(text: str) -> tuple[Mention, ...]:
    r"""Find document numbers, sums and dates in a text, each value once, where the text has it first; in its order.

    A sum needs a currency, a date its year: "5 tỷ" may be of people, "3/6" of any year.

    >>> found = find_mentions("Quyết định 12/QĐ-\nUBND ngày 3/6/2024: 1,5 tỷ đồng, 3 tỷ, 30/2/2024")
    >>> [(one.kind, one.value) for one in found]
    [('document', '12/QĐ-UBND'), ('date', '2024-06-03'), ('sum', '1500000000 VND')]
    """
    found: dict[Kind, dict[str, Mention]] = {"document": {}, "sum": {}, "date": {}}
    for place, paragraph in _paragraphs(text):
        if _MAY_MENTION.search(paragraph) is None:
            continue
        normal, starts, ends = _normalize_with_places(paragraph)
        for kind, value, start, end in _locate(normal):
            own = found[kind]
            key = normal[start:end] if value is None else value
            if key not in own and len(own) < MOST_OF_A_KIND:
                own[key] = Mention(kind, value, place + starts[start], place + ends[end - 1])
    every = [mention for own in found.values() for mention in own.values()]
    return tuple(sorted(every, key=lambda one: (one.start, one.kind)))


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a text, which blank lines part, each with its place."""
    begin = end = 0
    for line in text.split("\n"):
        if (not line or line.isspace()) and end > begin:
            yield begin, text[begin:end]
            begin = end
        end += len(line) + 1
    yield begin, text[begin:]


def _locate(normal: str) -> Iterator[tuple[Kind, str | None, int, int]]:
    for number, start, end in locate_document_numbers(normal):
        yield "document", number, start, end
    plain = normal.translate(HYPHENS)
    for match in _SUM.finditer(plain):
        if not _is_negative(plain, match.start()):
            yield "sum", _read_sum(match), match.start(), match.end()
    for amount, start, end in find_spoken_sums(normal):
        if _CURRENCY_BEHIND.match(normal, end) is not None:
            yield "sum", f"{amount} VND", start, normal.index(" ", end) + len("đồng") + 1
    yield from _find_totals(plain)
    for match in _DATE.finditer(plain):
        day = _read_date(match)
        if day is not None:
            yield "date", day, match.start(), match.end()


def _find_totals(plain: str) -> Iterator[tuple[Kind, str | None, int, int]]:
    """Yield the totals of tables whose head names the unit of all their numbers."""
    heads = list(_HEAD.finditer(plain))
    for head, following in zip_longest(heads, heads[1:]):
        end = following.start() if following else len(plain)
        total = _TOTAL.search(plain, head.end(), end)
        if total is None or _OTHER_MEASURE.search(plain, head.end(), total.end()):
            continue
        number = _read_number(total["number"], has_unit=True)
        if number is not None:
            scale = prod(_UNITS[unit] for unit in (head["unit"] or "").lower().split())
            yield "sum", f"{(number * scale).normalize():f} VND", total.start("number"), total.end("number")


def _is_negative(plain: str, start: int) -> bool:
    """Return whether a minus stands before a number: a hyphen that is not part of a range, as in "5-7 triệu đồng"."""
    return plain[start - 1 : start] == "-" and not plain[max(start - 2, 0) : start - 1].isdigit()


def _read_sum(match: re.Match[str]) -> str | None:
    """Return the amount with its currency; None if it can be read in two ways."""
    if match["apart"]:
        return None  # "12 500 000 đồng", or 12 of something and 500.000 đồng
    amount, least = Decimal(0), None
    for piece in _PIECE.finditer(match["parts"]):
        units = (piece["unit"] or "").lower().split()
        number = _read_number(piece["number"], has_unit=bool(units))
        scale = prod(_UNITS[unit] for unit in units)
        if number is None or (least is not None and number * scale >= least):
            return None  # two sums beside each other, of which one lacks its currency
        amount, least = amount + number * scale, scale
    shown = f"{amount.normalize():f}"
    currency = match["currency"].lower()
    return f"{shown} {'VND' if currency in _DONG else 'EUR' if currency.startswith('eur') else 'USD'}"


def _read_number(text: str, *, has_unit: bool) -> Decimal | None:
    """Read a number as Vietnamese is written: groups parted by points, and a decimal comma.

    Other texts part groups by commas. One comma before three digits says either, unless the unit is the đồng itself,
    which has no parts.
    """
    if len(text) > _LONGEST_NUMBER:
        return None
    commas, points = text.count(","), text.count(".")
    if commas == 1 and points == 0 and re.search(",[0-9]{3}$", text) and has_unit:
        return None
    is_foreign = commas > 1 or (commas == 1 and not points and not has_unit and re.search(",[0-9]{3}$", text))
    is_foreign = is_foreign or (commas >= 1 and points == 1 and text.rindex(".") > text.rindex(","))
    if is_foreign:
        plain = text.replace(",", "")
    elif points and re.search(r"^[0-9]{1,3}(\.[0-9]{3})+(,|$)", text):
        plain = text.replace(".", "").replace(",", ".")
    else:
        plain = text.replace(",", ".")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _read_date(match: re.Match[str]) -> str | None:
    """Return the day of a date; None if the calendar has no such day."""
    for suffix in ("", "2", "3", "4"):
        if match[f"year{suffix}"]:
            year, month, day = (int(match[part + suffix]) for part in ("year", "month", "day"))
            try:
                return date(year, month, day).isoformat() if year in _YEARS else None
            except ValueError:
                return None
    return None


def _normalize_with_places(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return a paragraph in normal form, and for each character of it where it starts and ends in the paragraph."""
    if normalize_text(text) == text:
        return text, range(len(text)), range(1, len(text) + 1)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _RUN.finditer(text):
        run, start, end = match[0], match.start(), match.end()
        if run.isspace():
            pieces = [("\t" if "\t" in run else " ", start, end)]
        elif normalize_text(run) == run:
            letters.append(run)
            starts += range(start, end)
            ends += range(start + 1, end + 1)
            continue
        else:
            pieces = [
                (normalize_text(one[0]), start + one.start(), start + one.end()) for one in _CLUSTER.finditer(run)
            ]
        for normal, begin, stop in pieces:
            letters.append(normal)
            starts += [begin] * len(normal)
            ends += [stop] * len(normal)
    return "".join(letters), starts, ends


_RUN = re.compile(r"\s+|\S+")
# A letter with the marks that are composed with it, so that the normal forms of all make that of the whole.
_CLUSTER = re.compile(rf"\S[{chr(0x300)}-{chr(0x36F)}]*")
