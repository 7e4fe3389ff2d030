"""Find what a person probably did not mean in a query."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from crawler.language.query.items import (
    FIELD_NAMES,
    MAX_QUERY_CHARACTERS,
    MAX_QUERY_ITEMS,
    MIN_PREFIX_LETTERS,
    QUOTES,
    TOKEN,
    Item,
    is_operator,
    split_items,
)
from crawler.language.text import fold, normalize_text

FaultKind = Literal[
    "unclosed-quote", "empty-phrase", "short-prefix", "stray-star", "only-excluded", "empty-field", "unknown-field",
    "loose-or", "not-operator", "cut",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueryFault:
    """A fault of a query, and the piece with the fault. The rest of the query is searched all the same."""

    kind: FaultKind
    piece: str


def find_faults(text: str) -> tuple[QueryFault, ...]:
    """Find what a person probably did not mean in a query, in no order of importance. Empty for a query without fault.

    >>> [fault.kind for fault in find_faults('"sạt lở tr*')], find_faults("sạt lở")
    (['unclosed-quote', 'short-prefix'], ())
    """
    shown = normalize_text(text[:MAX_QUERY_CHARACTERS])
    faults: list[QueryFault] = []
    if sum(shown.count(quote) for quote in QUOTES) % 2:
        last = max(shown.rfind(quote) for quote in QUOTES)
        faults.append(QueryFault("unclosed-quote", shown[last:][:40]))
    faults += [QueryFault("empty-phrase", match[0]) for match in _EMPTY_PHRASE.finditer(shown)][:1]
    faults += [QueryFault("short-prefix", match[0]) for match in _STARRED.finditer(shown) if _is_short(match[1])][:3]
    faults += [QueryFault("stray-star", match[0]) for match in _LOOSE_STAR.finditer(shown)][:1]
    faults += [QueryFault("empty-field", match[0]) for match in _EMPTY_FIELD.finditer(shown)][:1]
    faults += [QueryFault("unknown-field", match[0]) for match in _FIELD.finditer(shown) if _is_unknown(match[1])][:3]
    faults += [QueryFault("not-operator", match[0]) for match in _NOT.finditer(shown)][:1]
    items = list(islice(split_items(shown), MAX_QUERY_ITEMS + 1))
    if _has_loose_operator(items[:MAX_QUERY_ITEMS]):
        faults.append(QueryFault("loose-or", "OR"))
    if items and all(item.is_excluded for item in items):
        faults.append(QueryFault("only-excluded", items[0].typed))
    if len(text) > MAX_QUERY_CHARACTERS or len(items) > MAX_QUERY_ITEMS:
        faults.append(QueryFault("cut", ""))
    return tuple(faults)


_EMPTY_PHRASE = re.compile(rf"(?<![^\s:-])[{QUOTES}]\s*[{QUOTES}](?!\S)")
_STARRED = re.compile(rf"({TOKEN})\*")
_LOOSE_STAR = re.compile(r"(?<!\S)\*+\S{0,20}")
_EMPTY_FIELD = re.compile(rf"(?<!\S)-?(?i:{'|'.join(FIELD_NAMES)}):(?!\s?\S)")
_FIELD = re.compile(r"(?<!\S)-?([A-Za-z]{3,12}):(?=[^\s/])")
_NOT = re.compile(r"(?<=\S )NOT(?= \S)|(?<!\S)NEAR\s?\(")


def _is_short(word: str) -> bool:
    return len(fold(word)) < MIN_PREFIX_LETTERS


def _is_unknown(field: str) -> bool:
    return field.lower() not in FIELD_NAMES


def _has_loose_operator(items: Sequence[Item]) -> bool:
    """Return whether an OR has no word on one of its sides."""
    last = len(items) - 1
    places = [place for place, item in enumerate(items) if last and is_operator(item) and item.text == "OR"]
    return any(
        place in (0, last)
        or any(is_operator(items[beside]) or items[beside].is_excluded for beside in (place - 1, place + 1))
        for place in places
    )
