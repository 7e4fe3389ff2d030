"""Find the numbers by which two versions of a text differ. Pure.

A number replaced another only where context and unit say so; else a passage replaced a passage.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.language.changes.diff import Paragraph, Piece
from crawler.language.changes.kept_sentences import SENTENCE_END, find_kept_sentences
from crawler.language.changes.row_pairs import label_row, pair_rows
from crawler.language.changes.stated_numbers import (
    REACH,
    Amount,
    Number,
    NumberKind,
    find_numbered,
    read_numbers,
    say_sum,
)
from crawler.language.money.table_sums import TableLines

_FIGURES = re.compile(r"(?<=[0-9])(?![.,]?[0-9]).*", re.DOTALL)
# What parts the groups of a number: texts that differ by it alone have the same numbers.
_GROUP_SIGN = re.compile(r"(?<=[0-9])[ .](?=[0-9]{3}(?![0-9]))")
# Two numbers have like context if this many of the two words before and the two after are the same.
_LIKE = 2
# A number is compared with this many of the numbers that came, so that long runs of numbers cost linear time.
_WINDOW = 12
_CHANGED, _KEPT = ("changed", "removed", "added"), ("same", "moved-to")
_END = Paragraph("same", "", "", ())


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number and the one that replaced it, with their units. "" if it was only removed or only added.

    Of kind `sentence`: words with numbers that others replaced, so that no number can be said to have become another.
    """

    kind: NumberKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an article, such as its summary, in two versions.

    `tables` has the sums in the cells of tables, by line, of the older and the newer text (`table_sums.by_line`). A
    part that is not told is only looked at for what moved out of or into the others.
    """

    paragraphs: Sequence[Paragraph]
    tables: tuple[TableLines, TableLines] = ({}, {})
    is_told: bool = True


@dataclass(slots=True)
class _Passage:
    """A changed passage, and the numbers that are in one version of it alone."""

    paragraph: Paragraph
    lost: list[Number]
    come: list[Number]


def find_number_changes(
    paragraphs: Sequence[Paragraph], *, tables: tuple[TableLines, TableLines] = ({}, {})
) -> tuple[NumberChange, ...]:
    """Find the numbers that changed in one text, as `find_in_parts` does in several.

    >>> from crawler.language.changes.diff import diff_texts
    >>> found = find_number_changes(diff_texts("Hỗ trợ 12.000.000 đồng/hộ", "Hỗ trợ 15.000.000 đồng/hộ"))
    >>> [(one.kind, one.before, one.after) for one in found]
    [('money', '12.000.000 đồng/hộ', '15.000.000 đồng/hộ')]
    """
    return find_in_parts([Part(paragraphs, tables)])[0]


def find_in_parts(parts: Sequence[Part]) -> list[tuple[NumberChange, ...]]:
    """Find the numbers that changed in each part: sums of money, dates, document numbers and others, each change once.

    Equal values are not a change (`1.500 triệu` and `1,5 tỷ`, `1,2 ha` and `12.000 m2`), nor is one that moved from
    one passage or part to another; equal figures under another unit of their table are a change. Where a passage with
    numbers replaced another, and no number of one is as a number of the other did, the passages are given.
    """
    read = [list(_read_part(one)) for one in parts]
    _drop_moved([passage for items in read for passage in items if isinstance(passage, _Passage)])
    return [
        tuple(dict.fromkeys(change for item in items for change in _tell(item))) if part.is_told else ()
        for part, items in zip(parts, read, strict=True)
    ]


def _read_part(part: Part) -> Iterator[NumberChange | _Passage]:
    paragraphs, tables = part.paragraphs, part.tables
    rows = tuple(find_numbered(texts) for texts in ([p.before for p in paragraphs], [p.after for p in paragraphs]))
    paragraphs = pair_rows(paragraphs)
    cells = _pair_cells(paragraphs, tables)
    for place, paragraph in enumerate(paragraphs):
        if place in cells:
            yield from cells[place]
        elif paragraph.kind in _CHANGED:
            yield from _find_in(paragraph, tables, rows=rows)
        elif paragraph.kind in _KEPT and all(tables):
            yield from _find_restated(paragraph.after, tables)


def _drop_moved(passages: Sequence[_Passage]) -> None:
    """Take the numbers out of passages that one lost and another got."""
    come: dict[Amount, list[tuple[int, Number]]] = {}
    for at, passage in enumerate(passages):
        for one in passage.come:
            come.setdefault(one.amount, []).append((at, one))
    gone: list[set[int]] = [set() for _ in passages]
    got: list[set[int]] = [set() for _ in passages]
    for at, passage in enumerate(passages):
        for old in passage.lost:
            places = come.get(old.amount, [])
            near = range(min(_WINDOW, len(places)))
            place = next((one for one in near if old.is_telling or _share_word(old, places[one][1])), None)
            if place is not None:
                to, new = places.pop(place)
                gone[at].add(old.start)
                got[to].add(new.start)
    for passage, lost, found in zip(passages, gone, got, strict=True):
        passage.lost, passage.come = _without(passage.lost, lost), _without(passage.come, found)


def _share_word(old: Number, new: Number) -> bool:
    """Return whether the word after both numbers is the same; at the end of a sentence, the word before."""
    ours, theirs = (one.right[0] or one.left[0] for one in (old, new))
    return ours == theirs and ours not in ("", "#")


def _tell(item: NumberChange | _Passage) -> Iterator[NumberChange]:
    """Yield the changes of a passage."""
    if isinstance(item, NumberChange):
        yield item
        return
    lost, come = ([one for one in side if not one.is_weak] for side in (item.lost, item.come))
    if lost and come:
        yield NumberChange("sentence", _passage(item.paragraph.before, lost), _passage(item.paragraph.after, come))
    else:
        yield from (NumberChange(one.kind, one.text, "") for one in lost)
        yield from (NumberChange(one.kind, "", one.text) for one in come)


def _find_restated(text: str, tables: tuple[TableLines, TableLines]) -> Iterator[NumberChange]:
    """Yield the sums of lines that stayed whose table states another unit now."""
    for line in text.split("\n"):
        was = {one.start: one for one in tables[0].get(line, ())}
        for one in tables[1].get(line, ()):
            before = was.get(one.start)
            if before is not None and before.amount != one.amount:
                yield NumberChange("money", say_sum(line, before), say_sum(line, one))


def _pair_cells(
    paragraphs: Sequence[Paragraph], tables: tuple[TableLines, TableLines]
) -> dict[int, list[NumberChange]]:
    """Pair the numbers of table cells, each a paragraph, after a label that stayed: the changes by place.

    A cell became another only if its row has as many new ones as old ones.
    """
    found: dict[int, list[NumberChange]] = {}
    is_labelled = False
    gone: list[tuple[int, Number]] = []
    come: list[tuple[int, Number]] = []
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


def _only_number(text: str, lines: TableLines) -> Number | None:
    """Return the number that a text consists of; None for every other text."""
    if not text or len(text) > REACH:
        return None
    numbers = read_numbers(text, lines)
    return numbers[0] if len(numbers) == 1 and text[numbers[0].start : numbers[0].end] == text.strip() else None


def _is_same_unit(old: Number, new: Number) -> bool:
    return old.kind == new.kind and old.unit == new.unit


def _find_in(
    paragraph: Paragraph, tables: tuple[TableLines, TableLines], *, rows: Sequence[frozenset[str]]
) -> Iterator[NumberChange | _Passage]:
    texts = (paragraph.before, paragraph.after)
    if _GROUP_SIGN.sub("", texts[0]) == _GROUP_SIGN.sub("", texts[1]):
        units = [
            {one.unit for line in text.split("\n") for one in lines.get(line, ())}
            for text, lines in zip(texts, tables, strict=True)
        ]
        if not all(units) or units[0] == units[1]:
            return
    before, after = (read_numbers(text, lines, rows=of) for text, lines, of in zip(texts, tables, rows, strict=True))
    columns = _pair_columns(before, after) if label_row(paragraph.before) == label_row(paragraph.after) else []
    yield from (NumberChange("money", old.text, new.text) for old, new in columns if old.amount != new.amount)
    known = [{one.start for one in side} for side in zip(*columns, strict=True)] or [set(), set()]
    before, after = (
        [one for one in side if one.start not in starts] for side, starts in zip((before, after), known, strict=True)
    )
    kept = [find_kept_sentences(text, other, tables=tables) for text, other in (texts, texts[::-1])]
    before, after = (_outside(side, spans) for side, spans in zip((before, after), kept, strict=True))
    numbers = {"removed": before, "added": after}
    passages, paired = [], list[tuple[Number, Number]]()
    for run in _runs(paragraph.pieces):
        gone, come = (_touched(numbers[kind], run, kind=kind) for kind in ("removed", "added"))
        pairs = _alike(gone, come)
        yield from (NumberChange(old.kind, old.text, new.text) for old, new in pairs if not _is_equal(old, new))
        paired += pairs
        gone, come = (_without(side, known) for side, known in zip((gone, come), _sides(pairs), strict=True))
        passages.append(_Passage(paragraph, gone, come))
    before, after = (_without(side, known) for side, known in zip((before, after), _sides(paired), strict=True))
    yield from _settle(passages, before, after=after)


def _settle(
    passages: Sequence[_Passage], before: Sequence[Number], *, after: Sequence[Number]
) -> Iterator[NumberChange | _Passage]:
    """Yield what is left of the passages of a paragraph.

    Args:
        passages: with their numbers that are not paired.
        before: all numbers of the older paragraph that are not paired, in its order.
        after: those of the newer one.
    """
    kept = _pair_kept(before, after)
    starts = _sides(kept)
    touched = (
        {one.start for passage in passages for one in passage.lost},
        {one.start for passage in passages for one in passage.come},
    )
    for old, new in kept:
        is_touched = old.start in touched[0] or new.start in touched[1]
        if is_touched and _is_same_unit(old, new) and not _is_equal(old, new):
            yield NumberChange(old.kind, old.text, new.text)
    before, after = _without(before, starts[0]), _without(after, starts[1])
    # Numbers that are in both, though elsewhere, did not change.
    amounts = [Counter(one.amount for one in side) for side in (before, after)]
    lost, come = amounts[0] - amounts[1], amounts[1] - amounts[0]
    for passage in passages:
        passage.lost = list(_first(_without(passage.lost, starts[0]), lost))
        passage.come = list(_first(_without(passage.come, starts[1]), come))
        if passage.lost or passage.come:
            yield passage


def _pair_kept(before: Sequence[Number], after: Sequence[Number]) -> list[tuple[Number, Number]]:
    """Pair numbers of one place that begin alike: "8 giờ 30" and "8 giờ"; "từ 5 đến 7%" and "từ 5% đến 7%".

    The words of such a change are in one text alone, so that it is not a pair of a removed and an added number.
    """
    places: dict[tuple[tuple[str, ...], str], list[Number]] = {}
    for new in after:
        places.setdefault((new.left, new.first_digits), []).append(new)
    pairs = []
    for old in before:
        found = places.get((old.left, old.first_digits))
        if found and old.first_digits and old.left[0] and _begins_alike(old, found[0]):
            pairs.append((old, found.pop(0)))
    return pairs


def _begins_alike(old: Number, new: Number) -> bool:
    if _is_same_unit(old, new):
        return True
    return "" in (old.unit, new.unit) and len({_FIGURES.sub("", one.text) for one in (old, new)}) == 1


def _sides(pairs: Sequence[tuple[Number, Number]]) -> tuple[frozenset[int], frozenset[int]]:
    """Return where the older and the newer numbers of pairs start."""
    return frozenset(old.start for old, _ in pairs), frozenset(new.start for _, new in pairs)


def _outside(numbers: Iterable[Number], spans: Sequence[tuple[int, int]]) -> list[Number]:
    """Return the numbers that are in none of the spans, which are in order."""
    ends = [end for _, end in spans]
    places = ((one, bisect_right(ends, one.start)) for one in numbers)
    return [one for one, place in places if place == len(spans) or one.start < spans[place][0]]


def _without(numbers: Iterable[Number], starts: Collection[int]) -> list[Number]:
    return [one for one in numbers if one.start not in starts]


def _pair_columns(before: Sequence[Number], after: Sequence[Number]) -> list[tuple[Number, Number]]:
    """Pair the sums of one row that are below the same words of the table's head, if no other column has these."""
    heads = [Counter(one.head for one in side) for side in (before, after)]
    new = {one.head: one for one in after}
    return [
        (one, new[one.head])
        for one in before
        if one.head and all(counted[one.head] == 1 for counted in heads) and one.unit == new[one.head].unit
    ]


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the changed pieces that no kept end of a sentence parts."""
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind != "same":
            run.append(piece)
        elif run and SENTENCE_END.search(piece.text):
            yield run
            run = []
    if run:
        yield run


def _touched(numbers: Sequence[Number], run: Sequence[Piece], *, kind: str) -> list[Number]:
    """Return the numbers in the pieces of one kind; all are in the order of their text."""
    found: list[Number] = []
    for piece in run:
        if piece.kind == kind:
            first = bisect_right(numbers, piece.start, key=lambda one: one.end)
            behind = bisect_left(numbers, piece.start + len(piece.text), key=lambda one: one.start)
            found += numbers[first:behind]
    return list(dict.fromkeys(found))


def _is_equal(old: Number, new: Number) -> bool:
    """Return whether two numbers of one place are equal. A day with its year is the day without it."""
    if old.kind == new.kind == "date":
        short, long = sorted((str(old.value).split("/"), str(new.value).split("/")), key=len)
        return short == long[: len(short)] and len(short) > 1
    return old.amount == new.amount


def _first(numbers: Iterable[Number], wanted: Counter[Amount]) -> Iterator[Number]:
    for one in numbers:
        if wanted[one.amount] > 0:
            wanted[one.amount] -= 1
            yield one


def _alike(gone: Sequence[Number], come: Sequence[Number]) -> list[tuple[Number, Number]]:
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


def _is_like(old: Number, new: Number) -> bool:
    if not _is_same_unit(old, new):
        return False
    is_counted = old.kind != "number" or old.unit or old.right[0] == new.right[0] or "" in (old.right[0], new.right[0])
    return bool(is_counted) and _context(old, new) >= _LIKE


def _context(old: Number, new: Number) -> int:
    """Return how many of the nearest words are the same, counted from the numbers outwards.

    The end of a sentence counts after a word that is the same; other numbers count only beside such a word. The words
    after the number that follows are its own: in a table's row the label is before all numbers.
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


def _passage(text: str, numbers: Sequence[Number]) -> str:
    """Return the sentences from the first number to the last."""
    start = max((match.end() for match in SENTENCE_END.finditer(text, 0, numbers[0].start)), default=0)
    end = SENTENCE_END.search(text, numbers[-1].end)
    return text[start : end.end() if end else len(text)].strip()
