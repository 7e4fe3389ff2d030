"""Align the lines, or words, of two long texts. Pure, and bounded in time for every text."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Blocks with no more lines on each side are aligned line by line; difflib may take the product of both.
_MOST_LINES = 250


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of two texts in the same place: the same ones, or some that others replaced."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the lines are equal."""
        return self.before == self.after


def align_lines(left: Sequence[str], right: Sequence[str]) -> list[Block]:
    """Align the lines of two texts: first those that are in each of them once, then what lies between.

    >>> [(block.before, block.after) for block in align_lines(["a", "b", "c"], ["a", "x", "c"])]
    [(('a',), ('a',)), (('b',), ('x',)), (('c',), ('c',))]
    """
    found: list[Block] = []
    for block in _align(left, right):
        if found and found[-1].is_same == block.is_same:
            last = found.pop()
            block = Block(last.before + block.before, last.after + block.after)
        found.append(block)
    return found


def _align(left: Sequence[str], right: Sequence[str]) -> Iterator[Block]:
    i = k = 0
    for row, column in [*_find_anchors(left, right), (len(left), len(right))]:
        yield from _align_gap(left[i:row], right[k:column])
        if row < len(left):
            yield Block((left[row],), (right[column],))
        i, k = row + 1, column + 1


def _align_gap(left: Sequence[str], right: Sequence[str]) -> Iterator[Block]:
    shorter = min(len(left), len(right))
    head = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if left[-1 - n] != right[-1 - n]), rest)
    old, new = left[head : len(left) - tail], right[head : len(right) - tail]
    yield from _blocks(left[:head], right[:head])
    if 0 < len(old) <= _MOST_LINES and 0 < len(new) <= _MOST_LINES:
        for _, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield from _blocks(old[i:j], new[k:m])
    else:
        yield from _blocks(old, new)
    yield from _blocks(left[len(left) - tail :], right[len(right) - tail :])


def _blocks(left: Sequence[str], right: Sequence[str]) -> Iterator[Block]:
    if left or right:
        yield Block(tuple(left), tuple(right))


def _find_anchors(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Find lines that are once in each text, as many as have the same order in both (patience diff)."""
    counts = Counter(left), Counter(right)
    place = {line: column for column, line in enumerate(right) if counts[1][line] == 1}
    pairs = [(row, place[line]) for row, line in enumerate(left) if counts[0][line] == 1 and line in place]
    # The longest run of rising columns: `ends` has the lowest last column of a run of each length.
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, column) in enumerate(pairs):
        length = bisect_left(ends, column)
        ends[length : length + 1] = [column]
        last[length : length + 1] = [number]
        before.append(last[length - 1] if length else -1)
    chain: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]
