"""Pair rows of a table that moved or were pushed aside with what became of them. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from crawler.language.changes.diff import Paragraph, Piece, diff_lines
from crawler.language.text import normalize_text

_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile("[0-9]")
_OF_MONEY = frozenset(("đồng", "triệu", "tỷ", "tỉ", "nghìn", "ngàn"))
# A row with fewer words, or a longer line, is not known by its words.
_LEAST_WORDS, _LONGEST = 2, 300
_CHANGED = ("changed", "removed", "added")


def label_row(text: str) -> str | None:
    """Return the words of a line with numbers, in a form that is the same for rows of one name; None for other texts.

    >>> label_row("3 Làm đường Tả Van 1.250") == label_row("2. Làm đường Tả Van 900 12%"), label_row("Tổng 900")
    (True, None)
    """
    if len(text) > _LONGEST or "\n" in text or not _DIGIT.search(text):
        return None
    words = [word for word in _WORD.findall(normalize_text(text).lower()) if word not in _OF_MONEY]
    return " ".join(words) if len(words) >= _LEAST_WORDS else None


def pair_rows(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Compare each line with numbers that changed with the line of the same words, if there is one in each text alone.

    A comparison pairs lines in their order, so that a row that moved, or has another number of place, is one that
    went and one that came.
    """
    olds, news = ([one.before for one in paragraphs], [one.after for one in paragraphs])
    changed = [place for place, one in enumerate(paragraphs) if one.kind in _CHANGED]
    was = {label: place for place in changed if (label := label_row(olds[place]))}
    moved = {
        place: was[label]
        for place in changed
        if (label := label_row(news[place])) in was and was[label] != place
        if label
    }
    if not moved:
        return list(paragraphs)
    counts = [Counter(_label_lines(texts)) for texts in (olds, news)]
    pairs = {
        place: before
        for place, before in moved.items()
        if all(counted[label_row(news[place]) or ""] == 1 for counted in counts)
    }
    taken = set(pairs.values())
    return list(_part(paragraphs, pairs=pairs, taken=taken))


def _label_lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (label for line in text.split("\n") if (label := label_row(line)))


def _part(paragraphs: Sequence[Paragraph], *, pairs: dict[int, int], taken: set[int]) -> Iterator[Paragraph]:
    """Yield the paragraphs, with the pairs at the places of the newer lines, and what they leave of others."""
    for place, one in enumerate(paragraphs):
        if place not in pairs and place not in taken:
            yield one
            continue
        if one.before and place not in taken:
            yield replace(one, kind="removed", after="", pieces=(Piece("removed", one.before),))
        if place in pairs:
            before = paragraphs[pairs[place]].before
            yield replace(diff_lines(before, one.after), kind="changed")
        elif one.after:
            yield replace(one, kind="added", before="", pieces=(Piece("added", one.after),))
