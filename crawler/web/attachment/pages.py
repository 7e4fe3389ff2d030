"""Cut the text of a file into what one page of the reader shows. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# A longer page of a file is shown in parts.
MOST_CHARACTERS = 12_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one page of the reader shows: a page of a file, or a part of it, with its place in the text.

    `page` and `part` count from 1. A page that has no text, or was not read, is empty.
    """

    page: int
    part: int
    parts: int
    start: int
    end: int


def cut_leaves(text: str, starts: Sequence[int], *, pages: int = 0) -> tuple[Leaf, ...]:
    r"""Cut a text into leaves; at least one, also of an empty text.

    Args:
        text: of the whole file.
        starts: where its pages begin; () if it has none.
        pages: the number of its pages; those after the last start were not read.

    >>> [(leaf.page, leaf.start, leaf.end) for leaf in cut_leaves("một\n\nhai", (0, 5), pages=3)]
    [(1, 0, 5), (2, 5, 8), (3, 8, 8)]
    """
    bounds = [0, *starts[1:], len(text)]
    leaves = [
        leaf
        for page, (start, end) in enumerate(pairwise(bounds), start=1)
        for leaf in _cut_page(text, page, start=start, end=max(start, end))
    ]
    empty = (Leaf(page, 1, 1, len(text), len(text)) for page in range(len(bounds), pages + 1))
    return (*leaves, *empty)


def _cut_page(text: str, page: int, *, start: int, end: int) -> list[Leaf]:
    places = [start, *_find_cuts(text, start, end=end), end]
    parts = len(places) - 1
    return [Leaf(page, part, parts, *bounds) for part, bounds in enumerate(pairwise(places), start=1)]


def _find_cuts(text: str, start: int, *, end: int) -> Iterator[int]:
    """Yield where a long page is cut: at the end of a line, else of a word, else anywhere."""
    while end - start > MOST_CHARACTERS:
        most = start + MOST_CHARACTERS
        half = start + MOST_CHARACTERS // 2
        place = text.rfind("\n", half, most) + 1 or text.rfind(" ", half, most) + 1 or most
        yield place
        start = place


def find_leaves(leaves: Sequence[Leaf], places: Iterable[int]) -> list[int]:
    """Return for each place in the text the number, from 0, of the leaf that holds it."""
    # An empty page begins where the next one does.
    starts = [leaf.start for leaf in leaves]
    return [max(bisect_right(starts, place) - 1, 0) for place in places]
