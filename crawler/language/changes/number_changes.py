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
    rf"(?:\s?(?P<percent>%|phần trăm(?!\w))|(?P<magnitude>(?:\s?(?:{_MAGNITUDE})(?!\w)){{1,2}})?"
    rf"(?:\s?(?P<unit>đồng(?!\schí)|{_COUNTED})(?!\w))?))"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_PLAIN = re.compile(r"[0-9]+(?:,(?:[0-9]{1,2}|[0-9]{4,}))?|0,[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+(?:[.,/-][0-9]+)*|[.!?;\n]")
# Every dash and slash as one sign, place by place.
_PLAIN_SIGNS = HYPHENS | SLASHES
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|\n")
# Two numbers have like context if this many of the two words before and the two behind are the same.
_NEAR, _LIKE = 2, 2
# A number is compared with this many of the numbers that came, so that long runs of numbers cost linear time.
_WINDOW = 12
# The letters of a text that are looked at for the words around a number.
_REACH = 60

_CHANGED = ("changed", "removed", "added")
_END = Paragraph("same", "", "", ())

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
    # "đồng" or "đồng/hộ" for sums, "" for none.
    unit: str
    # Its value; its digits if these can be read in two ways.
    value: Fraction | str
    # The nearest words before and behind it, the nearest first; "#" for a number, "" for the end of a sentence or line.
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def amount(self) -> _Amount:
        """What makes numbers equal, wherever they stand: kind, unit and value."""
        return self.kind, self.unit, self.value


def find_number_changes(
    paragraphs: Sequence[Paragraph], *, tables: tuple[TableLines, TableLines] = ({}, {})
) -> tuple[NumberChange, ...]:
    """Find the numbers that changed: sums of money, dates, document numbers and others, each change once.

    Equal values are no change (`1.500 triệu` and `1,5 tỷ`). Where a passage with numbers replaced another, and no
    number of one stands as a number of the other did, the passages are given.

    Args:
        paragraphs: of the comparison.
        tables: the sums in the cells of tables, by line, of the older and the newer text (`table_sums.by_line`).

    >>> from crawler.language.changes.diff import diff_texts
    >>> found = find_number_changes(diff_texts("Hỗ trợ 12.000.000 đồng/hộ", "Hỗ trợ 15.000.000 đồng/hộ"))
    >>> [(one.kind, one.before, one.after) for one in found]
    [('money', '12.000.000 đồng/hộ', '15.000.000 đồng/hộ')]
    """
    found: dict[NumberChange, None] = {}
    cells = _pair_cells(paragraphs, tables)
    for place, paragraph in enumerate(paragraphs):
        if place in cells:
            found.update(dict.fromkeys(cells[place]))
        elif paragraph.kind in _CHANGED:
            found.update(dict.fromkeys(_find_in(paragraph, tables)))
    return tuple(found)


def _pair_cells(
    paragraphs: Sequence[Paragraph], tables: tuple[TableLines, TableLines]
) -> dict[int, list[NumberChange]]:
    """Pair the numbers of table cells, each a paragraph, behind a label that stayed: the changes by place.

    A cell became another only if its row has as many new ones as old ones.
    """
    found: dict[int, list[NumberChange]] = {}
    is_labelled = False
    gone: list[tuple[int, _Number]] = []
    come: list[tuple[int, _Number]] = []
    for place, paragraph in enumerate((*paragraphs, _END)):
        old, new = _only_number(paragraph.before, tables[0]), _only_number(paragraph.after, tables[1])
        is_cell = all(one is not None for one, text in ((old, paragraph.before), (new, paragraph.after)) if text)
        if paragraph.kind in _CHANGED and is_cell and is_labelled:
            gone += [(place, old)] if old else []
            come += [(place, new)] if new else []
            continue
        if gone and len(gone) == len(come) and all(_is_same_unit(a[1], b[1]) for a, b in zip(gone, come, strict=True)):
            found.update({place: [] for place, _ in (*gone, *come)})
            for (at, before), (_, after) in zip(gone, come, strict=True):
                if before.amount != after.amount:
                    found[at].append(NumberChange(before.kind, before.text, after.text))
        gone, come = [], []
        is_labelled = paragraph.kind == "same" and (is_labelled if is_cell else True)
    return found


def _only_number(text: str, lines: TableLines) -> _Number | None:
    """Return the number that a text consists of; None for every other text."""
    if not text or len(text) > _REACH:
        return None
    numbers = _read_numbers(text, lines)
    return numbers[0] if len(numbers) == 1 and text[numbers[0].start : numbers[0].end] == text.strip() else None


def _is_same_unit(old: _Number, new: _Number) -> bool:
    return old.kind == new.kind and old.unit == new.unit


def _find_in(paragraph: Paragraph, tables: tuple[TableLines, TableLines]) -> Iterator[NumberChange]:
    before, after = (
        _read_numbers(text, lines) for text, lines in zip((paragraph.before, paragraph.after), tables, strict=True)
    )
    numbers = {"removed": before, "added": after}
    for run in _runs(paragraph.pieces):
        gone, come = (_touched(numbers[kind], run, kind=kind) for kind in ("removed", "added"))
        yield from _pair(gone, come, paragraph=paragraph)


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the changed pieces that no kept end of a sentence parts."""
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind != "same":
            run.append(piece)
        elif run and _SENTENCE_END.search(piece.text):
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
    if not _is_same_unit(old, new):
        return False
    is_counted = old.kind != "number" or old.unit or old.right[0] == new.right[0] or "" in (old.right[0], new.right[0])
    return bool(is_counted) and _context(old, new) >= _LIKE


def _context(old: _Number, new: _Number) -> int:
    """Return how many of the nearest words are the same, counted from the numbers outwards.

    The end of a sentence counts behind a word that is the same; other numbers count only beside such a word. The words
    behind the number that follows are its own: in a table's row the label stands before all numbers.
    """
    count, words = 0, 0
    for ours, theirs, lone in ((old.left, new.left, ("",)), (old.right, new.right, ("", "#"))):
        alike = 0
        for one, other in zip(ours, theirs, strict=True):
            if one != other or (one in lone and not alike):
                break
            alike += 1
            words += one not in ("", "#")
        count += alike
    return count if words else 0


def _passage(text: str, numbers: Sequence[_Number]) -> str:
    """Return the sentences from the first number to the last."""
    start = max((match.end() for match in _SENTENCE_END.finditer(text, 0, numbers[0].start)), default=0)
    end = _SENTENCE_END.search(text, numbers[-1].end)
    return text[start : end.end() if end else len(text)].strip()


def _read_numbers(text: str, lines: TableLines) -> list[_Number]:
    plain = text.translate(_PLAIN_SIGNS)
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


def _read_others(text: str, plain: str, *, span: tuple[int, int]) -> list[_Number]:
    return [_read_number(text, match) for match in _NUMBER.finditer(plain, *span)]


def _read_sum(text: str, found: Sum) -> _Number:
    currency = "đồng" if found.currency == "VND" else found.currency
    said = f"{text[found.start : found.rate_end]}{f' {found.unit}' if found.unit else ''}"
    value = said if found.amount is None else Fraction(found.amount)
    unit = f"{currency}/{found.per}" if found.per else currency
    return _Number(
        "money", said, found.start, found.rate_end, unit, value, *_around(text, found.start, end=found.rate_end)
    )


def _read_number(text: str, match: re.Match[str]) -> _Number:
    start, end = match.span()
    said, plain, around = text[start:end], match[0], _around(text, start, end=end)
    if match["date"] or match["document"]:
        return _Number("date" if match["date"] else "document", said, start, end, "", plain, *around)
    if match["phone"]:
        return _Number("number", said, start, end, "", re.sub(r"\D", "", plain), *around)
    unit = "%" if match["percent"] else match["unit"] or ""
    # A magnitude alone is mostly money.
    is_money = unit == "đồng" or bool(match["magnitude"] and not unit)
    value, magnitudes = _read_digits(match["digits"]), (match["magnitude"] or "").split()
    amount = value * prod(_MAGNITUDES[word] for word in magnitudes) if value is not None else plain
    unit = "đồng" if is_money else unit.replace("²", "2").replace("³", "3")
    return _Number("money" if is_money else "number", said, start, end, unit, amount, *around)


def _around(text: str, start: int, *, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nearest words before and behind a place."""
    before = reversed(_WORD.findall(text[max(0, start - _REACH) : start]))
    return _neighbours(before), _neighbours(iter(_WORD.findall(text[end : end + _REACH])))


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
