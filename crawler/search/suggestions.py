"""Suggest searches if a search finds nothing: fewer words, other spellings, no filters. Bounded in time."""

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from crawler.language.query.abbreviations import rename_places
from crawler.language.query.expressions import QueryPart, split_query
from crawler.language.query.keystrokes import read_keystrokes
from crawler.language.text import contains_marks, fold
from crawler.search.counts import count_articles
from crawler.search.sql import NO_FILTERS, PHRASES_SQL, Filters

# The longest time for suggestions, in seconds. The page shows what was found by then.
HINT_SECONDS = 0.25
HINT_LIMIT = 1000
_MAX_PARTS, _MAX_SPELLINGS, _MIN_LETTERS, _MAX_OFFERS = 8, 3, 3, 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another search, and the number of articles that it finds. HINT_LIMIT + 1 means more than HINT_LIMIT."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggestions for a search. Each of them finds something.

    `unmarked` is the search without marks, `missing` the parts that no article has, `fewer` the search without one of
    its parts, `spellings` the search as it was probably meant: with the words that its keys spell, with quotes around
    the words beside OR, or with words of the archive that differ in one letter; `unfiltered` the search without
    filters.
    """

    missing: tuple[str, ...] = ()
    unmarked: Suggestion | None = None
    fewer: tuple[Suggestion, ...] = ()
    spellings: tuple[Suggestion, ...] = ()
    unfiltered: Suggestion | None = None


def find_suggestions(connection: sqlite3.Connection, text: str, *, filters: Filters) -> Suggestions:
    """Find suggestions for a search that found nothing. Read-only."""
    until = time.monotonic() + HINT_SECONDS
    parts = split_query(text)[:_MAX_PARTS]
    wanted = [part for part in parts if not part.is_excluded]
    missing = [part for part in wanted if not _is_in_index(connection, part.fts)]
    unfiltered = _suggest(connection, text, filters=NO_FILTERS) if filters != NO_FILTERS else None
    plain = fold(text)
    return Suggestions(
        tuple(part.typed for part in missing),
        _suggest(connection, plain, filters=filters) if contains_marks(text) and plain != text else None,
        tuple(_suggest_fewer(connection, parts, missing=missing, filters=filters, until=until)),
        (
            *_suggest_readings(connection, text, filters=filters),
            *_suggest_spellings(connection, parts, missing=missing, filters=filters, until=until),
        ),
        unfiltered,
    )


def offer_places(connection: sqlite3.Connection, text: str, *, filters: Filters) -> tuple[Suggestion, ...]:
    """Offer the search with other names of the places in it, if they find something. They are counted as phrases."""
    until = time.monotonic() + HINT_SECONDS
    offered: list[Suggestion] = []
    for other in rename_places(text):
        if len(offered) == _MAX_OFFERS or time.monotonic() > until:
            break
        count = count_articles(connection, other, filters=filters, limit=HINT_LIMIT + 1, query=PHRASES_SQL)
        offered += [Suggestion(other, count)] if count else []
    return tuple(offered)


def _suggest(connection: sqlite3.Connection, text: str, *, filters: Filters) -> Suggestion | None:
    count = count_articles(connection, text, filters=filters, limit=HINT_LIMIT + 1)
    return Suggestion(text, count) if count else None


def _is_in_index(connection: sqlite3.Connection, fts: str) -> bool:
    return connection.execute("select 1 from articles_fts(?) limit 1", (fts,)).fetchone() is not None


def _write(parts: Sequence[QueryPart]) -> str:
    return " ".join(part.typed for part in parts)


def _suggest_fewer(
    connection: sqlite3.Connection,
    parts: Sequence[QueryPart],
    *,
    missing: Sequence[QueryPart],
    filters: Filters,
    until: float,
) -> Iterator[Suggestion]:
    """Leave out the parts that no article has. If every part is in some article, leave out each in turn."""
    rest = [part for part in parts if part not in missing]
    tries = [rest] if missing else [[*parts[:place], *parts[place + 1 :]] for place in range(len(parts))]
    for left in tries:
        if any(not part.is_excluded for part in left) and time.monotonic() < until:
            found = _suggest(connection, _write(left), filters=filters)
            if found is not None:
                yield found


def _suggest_readings(connection: sqlite3.Connection, text: str, *, filters: Filters) -> Iterator[Suggestion]:
    """Read the search as keys of an input method, and what is beside OR as phrases."""
    for other in (read_keystrokes(text), _quote_beside_or(text)):
        if other != text and (found := _suggest(connection, other, filters=filters)):
            yield found


def _quote_beside_or(text: str) -> str:
    """Put quotes around the words on each side of OR, which joins only the next syllables.

    >>> _quote_beside_or("sạt lở OR lũ quét"), _quote_beside_or('"sạt lở" OR lũ'), _quote_beside_or("sạt lở")
    ('"sạt lở" OR "lũ quét"', '"sạt lở" OR lũ', 'sạt lở')
    """
    sides = re.split(r"\sOR\s", text)
    is_plain = len(sides) > 1 and re.fullmatch(r"[\w\s]+", text)
    return " OR ".join(f'"{side.strip()}"' for side in sides) if is_plain else text


def _suggest_spellings(
    connection: sqlite3.Connection,
    parts: Sequence[QueryPart],
    *,
    missing: Sequence[QueryPart],
    filters: Filters,
    until: float,
) -> Iterator[Suggestion]:
    """Replace words that no article has by similar ones of the index, and leave out those without a similar word."""
    # With other marks, a word is known: the search without marks finds it, and a word in other letters is not meant.
    unmarked = {part.typed: [fold(part.typed)] for part in missing if _is_known_unmarked(connection, part)}
    others = (part for part in missing if part.typed not in unmarked)
    near = {part.typed: _find_near_words(connection, part, until=until) for part in others}
    if not any(near.values()):
        return
    near |= unmarked
    kept = [part.typed for part in parts if near.get(part.typed, True)]
    replaced = [word for word in kept if word in near]
    tries = [[near[word][0] if word in near else word for word in kept]]
    if len(replaced) == 1:
        tries = [[other if word == replaced[0] else word for word in kept] for other in near[replaced[0]]]
    found = (_suggest(connection, " ".join(words), filters=filters) for words in tries if time.monotonic() < until)
    ranked = sorted(filter(None, found), key=lambda suggestion: -suggestion.count)
    yield from ranked[:_MAX_SPELLINGS]


def _is_known_unmarked(connection: sqlite3.Connection, part: QueryPart) -> bool:
    plain = fold(part.typed)
    is_marked_word = part.is_word and contains_marks(part.typed) and plain.isalnum()
    return is_marked_word and _is_in_index(connection, f'"{plain}"')


def _find_near_words(connection: sqlite3.Connection, part: QueryPart, *, until: float) -> list[str]:
    """Find words of the index that differ from a word in one letter, without marks; the most frequent first."""
    word = fold(part.typed)
    if not part.is_word or len(word) < _MIN_LETTERS or not (word.isascii() and word.isalpha()):
        return []
    counted: list[tuple[int, str]] = []
    for candidate in make_near_words(word):
        if time.monotonic() > until:
            break
        sql = "select count(*) from (select 1 from articles_fts(?) limit 50)"
        count = int(connection.execute(sql, (f'"{candidate}"',)).fetchone()[0])
        if count:
            counted.append((-count, candidate))
    return [candidate for _, candidate in sorted(counted)][: _MAX_SPELLINGS * 4]


def make_near_words(word: str) -> list[str]:
    """Make all words that differ in one letter: removed, inserted, replaced, or two neighbours swapped.

    >>> make_near_words("ab")[:3]
    ['b', 'a', 'ba']
    """
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    left_out = [a + b[1:] for a, b in cuts if b]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    others = [a + letter + b[1:] for a, b in cuts if b for letter in ascii_lowercase]
    put_in = [a + letter + b for a, b in cuts for letter in ascii_lowercase]
    return [near for near in dict.fromkeys([*left_out, *swapped, *others, *put_in]) if near and near != word]
