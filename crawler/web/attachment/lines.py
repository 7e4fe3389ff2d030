"""Align the lines, or words, of two long texts. Pure, and bounded in time for every text."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.language.changes.alignment import align

# Blocks with no more lines on each side are aligned line by line.
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
    """Align the lines of two texts.

    >>> [(block.before, block.after) for block in align_lines(["a", "b", "c"], ["a", "x", "c"])]
    [(('a',), ('a',)), (('b',), ('x',)), (('c',), ('c',))]
    """
    opcodes = align(left, right, may_compare=lambda old, new: max(len(old), len(new)) <= _MOST_LINES)
    return [Block(tuple(left[i:j]), tuple(right[k:m])) for _, i, j, k, m in opcodes]
