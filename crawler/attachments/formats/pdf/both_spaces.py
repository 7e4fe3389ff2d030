"""Take the spaces of a line from two readers that have the same letters, each of which splits or joins other words."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from crawler.language.quality.text_quality import measure_text

_SPACES = re.compile(r"\s+")
_DIGITS = re.compile("[0-9]+")
# A word is cut into this many at most.
_MOST_PIECES = 12


def mix_spaces(text: str, second: str) -> str:
    """Return a text whose lines have the better spaces of two readers, where both have the line.

    Tried are the spaces of each, those that both have, and those that one of them has.

    >>> mix_spaces("The Metropoli s Towe r , Ltd", "T he M e t r opolis Tower, L t d")
    'The Metropolis Tower, Ltd'
    >>> mix_spaces("chủ tịchxã báo cáo", "chủtịch xã báo cáo")
    'chủ tịch xã báo cáo'
    """
    others: dict[str, str] = {}
    for line in second.splitlines():
        others.setdefault(_SPACES.sub("", line), line)
    return "\n".join(_choose(line, others.get(_SPACES.sub("", line), line)) for line in text.splitlines())


def _choose(line: str, other: str) -> str:
    words, others = line.split(), other.split()
    if words == others:
        return line
    letters = "".join(words)
    own, given = _ends(words), _ends(others)
    tried = [own, given, own & given, own | given]
    # The first of equals: that of the better reader.
    return min((_part(letters, ends) for ends in tried), key=_count_wrong)


def _ends(words: Sequence[str]) -> frozenset[int]:
    return frozenset(accumulate(map(len, words)))


def _part(letters: str, ends: frozenset[int]) -> str:
    places = [0, *sorted(ends)]
    return " ".join(letters[start:end] for start, end in pairwise(places))


def _count_wrong(line: str) -> int:
    # Numbers of narrow columns, and crosses after them, are neither better joined nor parted.
    measures = measure_text(_DIGITS.sub(" ", line))
    return 2 * (measures.words - measures.right - measures.lost) + measures.single


def join_pieces(text: str, whole: str) -> str:
    """Return a text in which words of another text that are cut into pieces are whole; only if pieces are no words.

    >>> join_pieces("Ro tat io n of a page", "Rotation of a page"), join_pieces("cung cấp", "cungcấp")
    ('Rotation of a page', 'cung cấp')
    """
    lacking = Counter(whole.split()) - Counter(text.split())
    return " ".join(_join(text.split(), lacking)) if lacking else text


def _join(words: Sequence[str], lacking: Counter[str]) -> Iterator[str]:
    place = 0
    while place < len(words):
        pieces = _count_pieces(words[place : place + _MOST_PIECES], lacking)
        joined = "".join(words[place : place + pieces])
        lacking[joined] -= pieces > 1
        yield joined
        place += pieces


def _count_pieces(words: Sequence[str], lacking: Counter[str]) -> int:
    """Return how many of these words are pieces of one that lacks, from the first one on; 1 if they are none."""
    for count in range(2, len(words) + 1):
        joined = "".join(words[:count])
        if lacking[joined] > 0 and not _count_wrong(joined) and _count_wrong(" ".join(words[:count])):
            return count
    return 1
