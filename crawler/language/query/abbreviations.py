"""Abbreviations of administration and what they stand for; old and other names of places. The tables are data."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from crawler.language.query.amounts import Spelling
from crawler.language.query.forms import Span
from crawler.language.query.items import TOKEN
from crawler.language.text import contains_marks, fold, mark_tones

_LONGEST = 10  # tokens of a name


@dataclass(frozen=True, slots=True)
class _Named:
    """An entry of a table: what a text has, and what another text has for it."""

    tokens: Spelling
    others: tuple[Spelling, ...]


def find_expansions(tokens: Sequence[str]) -> Iterator[Span]:
    """Find abbreviations among tokens, with the name in full; and names in full, with the abbreviation.

    They are written with marks if any token is, else without.

    >>> [(span.start, span.end, " ".join(span.tokens)) for span in find_expansions(("UBND", "Tả", "Van"))]
    [(0, 1, 'Ủy ban nhân dân')]
    >>> [(span.start, span.end, " ".join(span.tokens)) for span in find_expansions(("uy", "ban", "nhan", "dan", "xa"))]
    [(0, 4, 'ubnd')]
    """
    is_marked = any(map(contains_marks, tokens))
    for start, end, named in _find_names(_read_abbreviations(), tokens):
        for other in named.others:
            yield Span(start, end, other if is_marked else tuple(map(fold, other)))


def rename_places(text: str) -> Iterator[str]:
    """Yield a query with another name in place of each name of a place: other spellings, and what a merger joined.

    A name that only differs in its blanks is left out if it is typed without marks: a search finds it as it is.

    >>> list(rename_places("lễ hội đắk lắk"))[:2], list(rename_places("Sapa"))
    (['lễ hội Đắc Lắc', 'lễ hội Daklak'], ['Chapa'])
    """
    places = [(match.start(), match.end()) for match in re.finditer(TOKEN, text)]
    tokens = [text[start:end] for start, end in places]
    for first, last, named in _find_names(_read_places(), tokens):
        typed = "".join(tokens[first:last])
        for other in named.others:
            if contains_marks(typed) or fold("".join(other)) != fold(typed):
                yield f"{text[: places[first][0]]}{' '.join(other)}{text[places[last - 1][1] :]}"


def _find_names(table: dict[Spelling, tuple[_Named, ...]], tokens: Sequence[str]) -> Iterator[tuple[int, int, _Named]]:
    """Yield the longest name at each place of the tokens, from left to right, without overlaps."""
    folded, start = [fold(token) for token in tokens], 0
    while start < len(folded):
        ends = range(min(start + _LONGEST, len(folded)), start, -1)
        found = [(end, one) for end in ends for one in table.get(tuple(folded[start:end]), ())]
        fitting = [(end, one) for end, one in found if _is_typed_so(tokens[start:end], one.tokens)]
        if fitting:
            longest = fitting[0][0]
            yield from ((start, end, one) for end, one in fitting if end == longest)
            start = longest
        else:
            start += 1


def _is_typed_so(typed: Sequence[str], tokens: Sequence[str]) -> bool:
    """Return whether typed tokens are those of a name: the ones with marks must have its marks. Case never counts."""
    if len(typed) == 1 and len(tokens) == 1 and not contains_marks(tokens[0]):
        return fold(typed[0]) == typed[0].lower()
    pairs = zip(typed, tokens, strict=True)
    return all(not contains_marks(one) or mark_tones(one) == mark_tones(other) for one, other in pairs)


@cache
def _read_abbreviations() -> dict[Spelling, tuple[_Named, ...]]:
    by_name: dict[Spelling, list[Spelling]] = {}
    for short, full in _read_table("abbreviations"):
        by_name.setdefault(full, []).append(short)
    return _index([full, *shorts] for full, shorts in by_name.items())


@cache
def _read_places() -> dict[Spelling, tuple[_Named, ...]]:
    return _index(_read_table("places"))


def _index(rows: Iterable[Sequence[Spelling]]) -> dict[Spelling, tuple[_Named, ...]]:
    """Index the names of each row by their tokens without marks; the other names of the row go with each."""
    found: dict[Spelling, list[_Named]] = {}
    for names in rows:
        for one in names:
            others = tuple(other for other in names if other != one)
            found.setdefault(tuple(map(fold, one)), []).append(_Named(one, others))
    return {key: tuple(names) for key, names in found.items()}


def _read_table(name: str) -> Iterator[tuple[Spelling, ...]]:
    """Yield the rows of a table: names of one thing, each as tokens."""
    text = (resources.files("crawler.language.query") / f"{name}.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield tuple(tuple(cell.split()) for cell in line.split("\t"))
