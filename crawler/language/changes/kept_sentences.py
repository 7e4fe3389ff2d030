"""Find the sentences that two versions of a text share, wherever they are. Pure."""

import re
from collections import Counter
from collections.abc import Iterator

from crawler.language.money.table_sums import TableLines

SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|\n")
_DIGIT = re.compile("[0-9]")


def find_kept_sentences(text: str, other: str, *, tables: tuple[TableLines, TableLines]) -> list[tuple[int, int]]:
    """Return the places of the sentences of a text that the other has too, at any place: their numbers did not change.

    Rows of tables are left out: the head says what their numbers are.
    """
    found = []
    left = Counter(_key_of(other[start:end]) for start, end in _cut_sentences(other))
    for start, end in _cut_sentences(text):
        key = _key_of(text[start:end])
        if left[key] > 0 and not any(text[start:end].strip() in lines for lines in tables):
            left[key] -= 1
            found.append((start, end))
    return found


def _cut_sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in SENTENCE_END.finditer(text):
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _key_of(sentence: str) -> tuple[str, ...]:
    """Return what equal sentences share. If each clause has numbers of its own, their order does not count.

    >>> _key_of("Đợt 1 cấp 2 tỷ, đợt 2 cấp 3 tỷ.") == _key_of("Đợt 2 cấp 3 tỷ, đợt 1 cấp 2 tỷ.")
    True
    """
    clauses = sentence.lower().strip(" .!?…\n").split(", ")
    return tuple(sorted(clauses)) if all(_DIGIT.search(one) for one in clauses) else tuple(clauses)
