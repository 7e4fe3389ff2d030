"""Find the numbers by which two versions of a text differ. Pure.

A number replaced another only where context and unit say so; else a passage replaced a passage.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import prod
from typing import Literal

from crawler.language.changes.diff import Paragraph, Piece

_MAGNITUDES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9}
_MAGNITUDE = "|".join(_MAGNITUDES)
_CURRENCY = r"đồng(?!\s(?:chí|bào|bằng|đội|loạt|thời))|VNĐ|VND|USD|đô la|đ"
_COUNTED = (
    "ha|m2|m²|m3|m³|km2|km²|km|kg|tấn|tạ|hộ|người|học sinh|trường hợp|hồ sơ|lượt|khách|con|cây|bản|ngày|tháng|năm"
)
_NUMBER = re.compile(
    r"(?P<date>(?<![\w/.,-])[0-9]{1,2}(?P<join>[/.-])[0-9]{1,2}(?P=join)[0-9]{4}(?![\w/])"
    r"|(?i:ngày)\s[0-9]{1,2}\s(?i:tháng)\s[0-9]{1,2}(?:\s(?i:năm)\s[0-9]{4})?"
    r"|(?<![\w/.,-])[0-9]{1,2}/[0-9]{1,2}(?![\w/]))"
    r"|(?P<document>(?<![\w/.,–-])[0-9]{1,6}[a-z]?(?:/[0-9]{4})?(?:[-/][A-ZĐ][A-ZĐa-zđ]{0,7}[0-9]{0,2}){1,6}(?!\w))"
    r"|(?P<number>(?<![\w.,])(?P<digits>[0-9]+(?:[.,][0-9]+)*)"
    rf"(?:\s?(?P<percent>%)|(?P<magnitude>(?:\s?(?:{_MAGNITUDE})(?!\w)){{1,2}})?"
    rf"(?:\s?(?P<unit>{_CURRENCY}|{_COUNTED})(?!\w))?))"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_PLAIN = re.compile(r"[0-9]+(?:,(?:[0-9]{1,2}|[0-9]{4,}))?")
_FOREIGN = {"USD", "đô la"}
_WORD = re.compile(r"[^\W\d_]+|[0-9]+(?:[.,/-][0-9]+)*|[.!?;|]")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|\n")
# Two numbers have like context if this many of the two words before and the two behind are the same.
_NEAR, _LIKE = 2, 2
# A number is compared with this many of the numbers that came, so that long runs of numbers cost linear time.
_WINDOW = 12
# The letters of a text that are looked at for the words around a number.
_REACH = 60

NumberKind = Literal["money", "date", "document", "number", "sentence"]


_Amount = tuple[NumberKind, str, Fraction | str]


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number and the one that replaced it, with their units. "" if it was only removed or only added.

    Of kind `sentence`: words with numbers that others replaced, so that no number can be said to have become another.
    """

    kind: NumberKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Number:
    kind: NumberKind
    text: str
    start: int
    end: int
    # "đồng" for sums, "" for none.
    unit: str
    # Its value; its digits if these can be read in two ways.
    value: Fraction | str
    # The nearest words before and behind it, the nearest first; "#" for a number, "" for the end of a sentence.
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def amount(self) -> _Amount:
        """What makes numbers equal, wherever they stand: kind, unit and value."""
        return self.kind, self.unit, self.value


def find_number_changes(paragraphs: Sequence[Paragraph]) -> tuple[NumberChange, ...]:
    """Find the numbers that changed: sums of money, dates, document numbers and others, each change once.

    Equal values are no change (`1.500 triệu` and `1,5 tỷ`). Where a passage with numbers replaced another, and no
    number of one stands as a number of the other did, the passages are given.

    >>> from crawler.language.changes.diff import diff_texts
    >>> found = find_number_changes(diff_texts("Hỗ trợ 12.000.000 đồng/hộ", "Hỗ trợ 15.000.000 đồng/hộ"))
    >>> [(one.kind, one.before, one.after) for one in found]
    [('money', '12.000.000 đồng', '15.000.000 đồng')]
    """
    found: dict[NumberChange, None] = {}
    for paragraph in paragraphs:
        if paragraph.kind in ("changed", "removed", "added"):
            found.update(dict.fromkeys(_find_in(paragraph)))
    return tuple(found)


def _find_in(paragraph: Paragraph) -> Iterator[NumberChange]:
    numbers = {"removed": _read_numbers(paragraph.before), "added": _read_numbers(paragraph.after)}
    for run in _runs(paragraph.pieces):
        gone, come = (_touched(numbers[kind], run, kind=kind) for kind in ("removed", "added"))
        yield from _pair(gone, come, paragraph=paragraph)


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the changed pieces that no kept word parts."""
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind != "same":
            run.append(piece)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _touched(numbers: Sequence[_Number], run: Sequence[Piece], *, kind: str) -> list[_Number]:
    """Return the numbers in the pieces of one kind; all are in the order of their text."""
    found: list[_Number] = []
    for piece in run:
        if piece.kind == kind:
            first = bisect_right(numbers, piece.start, key=lambda one: one.end)
            behind = bisect_left(numbers, piece.start + len(piece.text), key=lambda one: one.start)
            found += numbers[first:behind]
    return list(dict.fromkeys(found))


def _pair(gone: Sequence[_Number], come: Sequence[_Number], *, paragraph: Paragraph) -> Iterator[NumberChange]:
    """Yield what became of the numbers of one changed passage."""
    pairs = _alike(gone, come)
    yield from (NumberChange(old.kind, old.text, new.text) for old, new in pairs if old.amount != new.amount)
    paired = [{number.start for number in side} for side in zip(*pairs, strict=True)] or [set(), set()]
    left = [[one for one in side if one.start not in known] for side, known in zip((gone, come), paired, strict=True)]
    # Numbers that stand in both, though elsewhere, did not change.
    amounts = [Counter(one.amount for one in side) for side in left]
    lost, found = (
        list(_first(side, ours - theirs)) for side, ours, theirs in zip(left, amounts, amounts[::-1], strict=True)
    )
    if lost and found:
        yield NumberChange("sentence", _passage(paragraph.before, lost), _passage(paragraph.after, found))
    else:
        yield from (NumberChange(one.kind, one.text, "") for one in lost)
        yield from (NumberChange(one.kind, "", one.text) for one in found)


def _first(numbers: Iterable[_Number], wanted: Counter[_Amount]) -> Iterator[_Number]:
    for one in numbers:
        if wanted[one.amount] > 0:
            wanted[one.amount] -= 1
            yield one


def _alike(gone: Sequence[_Number], come: Sequence[_Number]) -> list[tuple[_Number, _Number]]:
    """Pair numbers of like unit in like context, in the order of both texts."""
    pairs, first = [], 0
    for old in gone:
        near = range(first, min(first + _WINDOW, len(come)))
        fits = [(_context(old, come[place]), -place) for place in near if _is_like(old, come[place])]
        if fits:
            place = -max(fits)[1]
            pairs.append((old, come[place]))
            first = place + 1
    return pairs


def _is_like(old: _Number, new: _Number) -> bool:
    if old.kind != new.kind or old.unit != new.unit:
        return False
    is_counted = old.kind != "number" or old.unit or old.right[0] == new.right[0] or "" in (old.right[0], new.right[0])
    return bool(is_counted) and _context(old, new) >= _LIKE


def _context(old: _Number, new: _Number) -> int:
    """Return how many of the nearest words are the same, counted from the numbers outwards."""
    count = 0
    for ours, theirs in ((old.left, new.left), (old.right, new.right)):
        for one, other in zip(ours, theirs, strict=True):
            if one != other:
                break
            count += 1
    return count


def _passage(text: str, numbers: Sequence[_Number]) -> str:
    """Return the sentences from the first number to the last."""
    start = max((match.end() for match in _SENTENCE_END.finditer(text, 0, numbers[0].start)), default=0)
    end = _SENTENCE_END.search(text, numbers[-1].end)
    return text[start : end.end() if end else len(text)].strip()


def _read_numbers(text: str) -> list[_Number]:
    return [_read_number(text, match) for match in _NUMBER.finditer(text)]


def _read_number(text: str, match: re.Match[str]) -> _Number:
    start, end = match.span()
    before = reversed(_WORD.findall(text[max(0, start - _REACH) : start]))
    around = (_neighbours(before), _neighbours(iter(_WORD.findall(text[end : end + _REACH]))))
    if match["date"] or match["document"]:
        return _Number("date" if match["date"] else "document", match[0], start, end, "", match[0], *around)
    unit = match["percent"] or match["unit"] or ""
    is_money = unit in _FOREIGN or bool(re.fullmatch(_CURRENCY, unit)) or bool(match["magnitude"] and not unit)
    if is_money:
        unit = "USD" if unit in _FOREIGN else "đồng"
    value, magnitudes = _read_digits(match["digits"]), (match["magnitude"] or "").split()
    amount = value * prod(_MAGNITUDES[word] for word in magnitudes) if value is not None else match[0]
    unit = unit.replace("²", "2").replace("³", "3")
    return _Number("money" if is_money else "number", match[0], start, end, unit, amount, *around)


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
