"""Cut the passage of a text around what was found, from the marked texts of FTS5's `highlight()`. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from crawler.language.text import fold

SNIPPET_CHARACTERS = 240
_LEAD_CHARACTERS = 60  # shown before the first mark
_MAX_STARTS = 50  # marks tried as the first one
# Around what was found.
START, END = "\1", "\2"


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text and the spans found in it: (start, end), in order, not overlapping."""

    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """The part of a text with most of the words searched for: its first mark, and the number of different words."""

    first: tuple[int, int]
    words: int


def unite_marks(folded: str | None, toned: str | None) -> MarkedText:
    """Unite the two marked forms of a text: a search can hit both columns of a field, each with other words.

    One of them may be missing.
    """
    marked = folded or toned or ""
    if START not in marked and START not in (toned or ""):
        return MarkedText(marked, ())
    spans: list[tuple[int, int]] = []
    for start, end in sorted(chain(_read_spans(folded or ""), _read_spans(toned or ""))):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return MarkedText(marked.replace(START, "").replace(END, ""), tuple(spans))


def find_passage(marked: MarkedText) -> Passage:
    """Find the passage of a text that holds the most different words searched for."""
    text, spans = marked.text, marked.spans
    if not spans:
        return Passage((0, 0), 0)
    # How often each word is marked in the passage that begins with a span; two neighbouring words are one span.
    best, words, counted = Passage(spans[0], 0), list[tuple[str, ...]](), dict[str, int]()
    for place, span in enumerate(spans[:_MAX_STARTS]):
        limit = span[0] + SNIPPET_CHARACTERS - _LEAD_CHARACTERS
        for start, end in islice(spans, len(words), None):
            if end > limit:
                break
            words.append(_fold_words(text[start:end]))
            for word in words[-1]:
                counted[word] = counted.get(word, 0) + 1
        if len(counted) > best.words:
            best = Passage(span, len(counted))
        if place == len(words):  # longer than a passage
            words.append(())
        for word in words[place]:
            counted[word] -= 1
            if not counted[word]:
                del counted[word]
    return best


def cut_snippet(marked: MarkedText, passage: Passage) -> str:
    """Cut a passage out of a text at word boundaries, with char(1) and char(2) around what was found."""
    text, spans, first = marked.text, marked.spans, passage.first
    start = max(first[0] - _LEAD_CHARACTERS, 0)
    end = min(start + SNIPPET_CHARACTERS, len(text))
    if start:
        start = text.find(" ", start, first[0]) + 1 or first[0]
    if end < len(text):
        end = max(text.rfind(" ", start, end), first[1])
    inside = tuple((a - start, b - start) for a, b in spans if a >= start and b <= end)
    cut = " ".join(put_marks(MarkedText(text[start:end], inside)).split())
    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"


def put_marks(marked: MarkedText) -> str:
    r"""Return a text with char(1) and char(2) around what was found.

    >>> put_marks(MarkedText("Sa Pa", ((3, 5),)))
    'Sa \x01Pa\x02'
    """
    pieces, place = [], 0
    for start, end in marked.spans:
        pieces += [marked.text[place:start], "\1", marked.text[start:end], "\2"]
        place = end
    return "".join((*pieces, marked.text[place:]))


def _read_spans(marked: str) -> Iterator[tuple[int, int]]:
    # By `find`: a pattern would look at each letter, and a page of hits has 50,000.
    start, marks = marked.find(START), 0
    while (end := marked.find(END, start)) > start >= 0:
        yield start - marks, end - marks - 1
        start, marks = marked.find(START, end), marks + 2


@lru_cache(1024)
def _fold_words(text: str) -> tuple[str, ...]:
    return tuple(fold(text).split())
