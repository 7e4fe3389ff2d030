"""Compare whole pages: two askings of one address show what of a page varies, and all the rest must be equal.

A page is the digests of its tags and texts in order (`page_marks.PageForm`): of each, one with the asked address masked
and one without. Two pieces are equal if either is.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECE_BYTES, _HALF = 16, 8
# A longer part between the common beginning and end is not aligned: it varies as a whole.
_MOST_ALIGNED = 2_000
_FEW_PIECES = 3
# A varying place of this many pieces is a box: the number of its rows may vary, too.
_BOX_PIECES = 6


@dataclass(frozen=True, slots=True)
class Pattern:
    """What stays of a page, with how many pieces vary before each part and at the end (0: none)."""

    gaps: tuple[int, ...]
    parts: tuple[tuple[bytes, ...], ...]


def find_pattern(first: bytes, second: bytes) -> Pattern | None:
    """Return what two askings of an address have in common. None if that is under half of the page.

    >>> page = [number.to_bytes(8, "big") * 2 for number in range(9)]
    >>> varied = [*page[:4], b"x" * 16, *page[5:]]
    >>> pattern = find_pattern(b"".join(page), b"".join(varied))
    >>> matches(pattern, b"".join([*page[:4], b"y" * 16, *page[5:]])), matches(pattern, b"".join(page[:4]))
    (True, False)
    """
    one, other = _split(first), _split(second)
    gaps, parts, at, other_at, stable = [], [], 0, 0, 0
    times = Counter(one)
    for start, other_start, size in _blocks(one, other):
        is_inside = start > 0 and start + size < len(one)
        if is_inside and all(times[piece] > 1 for piece in one[start : start + size]):
            stable += size  # the tags of a box's rows, between what varies
            continue
        gaps.append(_width(start - at, other_start - other_at))
        parts.append(tuple(one[start : start + size]))
        at, other_at, stable = start + size, other_start + size, stable + size
    gaps.append(_width(len(one) - at, len(other) - other_at))
    if not stable or stable * 2 < max(len(one), len(other)):
        return None
    return Pattern(tuple(gaps), tuple(parts))


def matches(pattern: Pattern, page: bytes) -> bool:
    """True if a page is equal to a pattern outside what varies."""
    pieces = _split(page)
    ends = {0}
    for gap, part in zip(pattern.gaps, pattern.parts, strict=False):
        starts = {end + width for end in ends for width in range(gap + 1)}
        ends = {start + len(part) for start in starts if _is_equal(pieces[start : start + len(part)], part)}
    return any(0 <= len(pieces) - end <= pattern.gaps[-1] for end in ends)


def _is_equal(pieces: Sequence[bytes], part: Sequence[bytes]) -> bool:
    return len(pieces) == len(part) and all(
        one[:_HALF] == other[:_HALF] or one[_HALF:] == other[_HALF:] for one, other in zip(pieces, part, strict=True)
    )


def is_alike(one: bytes, other: bytes) -> bool:
    """True if two pages differ in a few pieces at most, such as the names of two addresses."""
    left, right = (Counter(piece[_HALF:] for piece in _split(page)) for page in (one, other))
    return max((left - right).total(), (right - left).total()) <= _FEW_PIECES


def _width(one: int, other: int) -> int:
    """Return the most pieces of a varying place: as many as were seen; twice as many for a box, or if they vary."""
    return one if one == other < _BOX_PIECES else 2 * max(one, other)


def _blocks(one: Sequence[bytes], other: Sequence[bytes]) -> list[tuple[int, int, int]]:
    """Return the runs of equal pieces: place in both, and length."""
    shorter = min(len(one), len(other))
    head = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    tail = next((n for n in range(shorter - head) if one[-1 - n] != other[-1 - n]), shorter - head)
    found = [(0, 0, head)] if head else []
    middle, other_middle = one[head : len(one) - tail], other[head : len(other) - tail]
    if max(len(middle), len(other_middle)) <= _MOST_ALIGNED:
        matcher = SequenceMatcher(None, middle, other_middle, autojunk=False)
        found += [(head + m.a, head + m.b, m.size) for m in matcher.get_matching_blocks() if m.size]
    return [*found, (len(one) - tail, len(other) - tail, tail)] if tail else found


def _split(page: bytes) -> list[bytes]:
    return [page[place : place + PIECE_BYTES] for place in range(0, len(page), PIECE_BYTES)]
