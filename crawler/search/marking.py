"""Mark in texts what a search finds in them: by FTS5 in memory, with the tokens and the queries of the index."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from crawler.archive.articles.search_index import FOLDED_COLUMNS, TONED_COLUMNS, open_twin_of_texts
from crawler.language.query.expressions import (
    MATCH_NOTHING,
    NEAR_PHRASES,
    NEAR_WORDS,
    build_phrase_query,
    build_steps,
    split_query,
)
from crawler.search.snippets import MarkedText, unite_marks

How = Literal["phrase", "near", "words"]


@dataclass(frozen=True, slots=True)
class Marking:
    """What a search finds in some texts, by field.

    `how`: the words are side by side (`phrase`), near each other (`near`), or only some of them are found (`words`);
    None if nothing is found.
    """

    how: How | None
    texts: Mapping[str, MarkedText]


def mark_texts(texts: Mapping[str, str], typed: str) -> Marking:
    """Mark what a search finds in texts: its phrases, if there are none its words near each other, else any word.

    Args:
        texts: by field of the index: `title`, `summary`, `body`, `captions`, `byline`, `files`. In normal form.
        typed: the search. What it excludes is not looked for.

    >>> mark_texts({"body": "Đường Má Tra bị sạt lở."}, "sat lo").texts["body"].spans
    ((16, 22),)
    """
    with closing(open_twin_of_texts(texts)) as connection:
        for how, query in _list_queries(typed):
            found = _mark(connection, texts, query=query)
            if any(marked.spans for marked in found.values()):
                return Marking(how, found)
    return Marking(None, {field: MarkedText(text, ()) for field, text in texts.items()})


def _list_queries(typed: str) -> Iterator[tuple[How, str]]:
    parts = [part for part in split_query(typed) if not part.is_excluded]
    if len(parts) < len(split_query(typed)):
        typed = " ".join(part.typed for part in parts)
    yield "phrase", build_phrase_query(typed)
    for step in build_steps(typed):
        if step.tier in (NEAR_PHRASES, NEAR_WORDS):
            yield "near", step.own
    if parts:
        yield "words", " OR ".join(f"({part.fts})" for part in parts)


def _mark(connection: sqlite3.Connection, texts: Mapping[str, str], *, query: str) -> dict[str, MarkedText]:
    if query == MATCH_NOTHING:
        return {}
    places = [place for field in texts for place in (FOLDED_COLUMNS[field], TONED_COLUMNS[field])]
    wanted = ", ".join(f"highlight(articles_fts, {place}, char(1), char(2))" for place in places)
    sql = f"select {wanted} from articles_fts where articles_fts match ?"  # noqa: S608 - numbers of ours
    row = connection.execute(sql, (query,)).fetchone()
    if row is None:
        return {}
    return {field: unite_marks(row[2 * place], row[2 * place + 1]) for place, field in enumerate(texts)}
