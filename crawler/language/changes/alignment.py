"""Align two sequences of words, lines or paragraphs. Pure, and bounded in time for every text."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher

Opcode = tuple[str, int, int, int, int]
Items = Sequence[Hashable]
# Longer sequences are cut at what is once in each of them: difflib may take the product of both lengths.
_LONG = 250
# The highest number of steps (`estimate_cost`) for one pair of texts; a passage beyond it counts as replaced. Measured:
# two texts of 40,000 words each, half of them unlike, take at most 0.7 s with this limit.
MOST_COMPARISONS = 10_000_000


def align(left: Items, right: Items, *, may_compare: Callable[[Items, Items], bool]) -> list[Opcode]:
    """Return how one sequence becomes the other, as difflib's opcodes.

    Args:
        left: the one before.
        right: the one after.
        may_compare: whether two pieces without a common beginning or end may be compared item by item; else one
            replaces the other.

    >>> align("abc", "axc", may_compare=lambda old, new: True)
    [('equal', 0, 1, 0, 1), ('replace', 1, 2, 1, 2), ('equal', 2, 3, 2, 3)]
    """
    found: list[Opcode] = []
    for opcode in _align(left, right, may_compare=may_compare):
        if found and found[-1][0] == opcode[0]:
            last = found.pop()
            opcode = (opcode[0], last[1], opcode[2], last[3], opcode[4])
        elif found and "equal" not in (found[-1][0], opcode[0]):
            last = found.pop()
            opcode = ("replace", last[1], opcode[2], last[3], opcode[4])
        found.append(opcode)
    return found


def estimate_cost(left: Items, right: Items) -> int:
    """Return the most steps that difflib takes: its rounds, times the equal pairs that each may look at.

    >>> estimate_cost("a1b2c3", "a4b5c6")
    27
    """
    counts = Counter(right)
    rounds = sum(counts[item] > 0 and (row == 0 or not counts[left[row - 1]]) for row, item in enumerate(left))
    return (len(left) + sum(counts[item] for item in left)) * rounds


class Budget:
    """The number of word comparisons that are left."""

    def __init__(self) -> None:
        self._left = MOST_COMPARISONS

    def may_compare(self, old: Items, new: Items) -> bool:
        """Subtract the most that a comparison costs. False, without subtracting it, if too little is left."""
        cost = estimate_cost(old, new)
        if cost > self._left:
            return False
        self._left -= cost
        return True


def _align(left: Items, right: Items, *, may_compare: Callable[[Items, Items], bool]) -> Iterator[Opcode]:
    is_long = len(left) > _LONG and len(right) > _LONG
    anchors = _find_anchors(left, right) if is_long else []
    i = k = 0
    for row, column in [*anchors, (len(left), len(right))]:
        for name, a, b, c, d in _align_gap(left[i:row], right[k:column], may_compare=may_compare):
            yield name, a + i, b + i, c + k, d + k
        if row < len(left):
            yield "equal", row, row + 1, column, column + 1
        i, k = row + 1, column + 1


def _align_gap(left: Items, right: Items, *, may_compare: Callable[[Items, Items], bool]) -> Iterator[Opcode]:
    """Align what is between two anchors: first the common beginning and end, then the rest by difflib."""
    shorter = min(len(left), len(right))
    head = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if left[-1 - n] != right[-1 - n]), rest)
    old, new = left[head : len(left) - tail], right[head : len(right) - tail]
    if head:
        yield "equal", 0, head, 0, head
    if old and new and may_compare(old, new):
        for name, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield name, i + head, j + head, k + head, m + head
    elif old or new:
        name = "replace" if old and new else "delete" if old else "insert"
        yield name, head, head + len(old), head, head + len(new)
    if tail:
        yield "equal", len(left) - tail, len(left), len(right) - tail, len(right)


def _find_anchors(left: Items, right: Items) -> list[tuple[int, int]]:
    """Find what is once in each sequence, as much as has the same order in both (patience diff)."""
    counts = Counter(left), Counter(right)
    place = {item: column for column, item in enumerate(right) if counts[1][item] == 1}
    pairs = [(row, place[item]) for row, item in enumerate(left) if counts[0][item] == 1 and item in place]
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
