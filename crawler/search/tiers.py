"""Search by tier: fewest seams first, newest first within each, one page at a time."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from crawler.archive.articles.search_index import has_pairs
from crawler.language.query.expressions import IN_ARTICLE, IN_TITLE, Step, build_steps, is_one_run
from crawler.search.few import Placed, count_words_in, find_tier, search_few
from crawler.search.hits import MAX_LIMIT, Search, SearchHit, SearchPage, count_words, fetch_rows, read_hit
from crawler.search.lookahead import APART, NEAR, PHRASES, Lookahead
from crawler.search.sql import (
    NO_FILTERS,
    OWN_SQL,
    PHRASES_SQL,
    QUERY_SQL,
    Filters,
    Statement,
    name_step,
    with_own,
    write_source,
    write_step,
)

# The tiers of phrases, of words near each other, and of words apart.
_GROUPS = (PHRASES, NEAR, APART)
_FEW_WORDS = 3
# A row of `fetch_rows` with its tier.
_Row = tuple[int, tuple[Any, ...]]


def search_by_tier(
    connection: sqlite3.Connection,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    limit: int = 20,
    after: tuple[int, int] | None = None,
) -> SearchPage:
    """Search as `hits.search_articles` does, but tier by tier, newest first within each tier.

    A tier is asked only when those before it did not fill the page. `after` is the step and sort_key of the last hit on
    the previous page (its `next_step` and `next_before`).
    """
    limit = min(max(limit, 1), MAX_LIMIT)
    asked = Search(text, filters, count_words(text), QUERY_SQL)
    ahead = Lookahead(connection, text, filters)
    if after is None:
        found = _find_first(connection, asked, ahead=ahead, limit=limit)
    else:
        found = _find_later(connection, asked, ahead=ahead, most=limit + 1, after=after)
    return replace(_make_page(found, limit), newest=ahead.newest)


def _make_page(found: Placed, limit: int) -> SearchPage:
    hits = tuple(hit for _, hit in found[:limit])
    return SearchPage(hits, None) if len(found) <= limit else SearchPage(hits, hits[-1].sort_key, found[limit - 1][0])


def _find_later(
    connection: sqlite3.Connection, asked: Search, *, ahead: Lookahead, most: int, after: tuple[int, int]
) -> Placed:
    """Find hits of a later page: those of the steps before are not known, so they are left out by `NOT`."""
    first, before = after
    found: Placed = []
    for number, step in _number_steps(asked.text)[first - 1 :]:
        if len(found) < most:
            reach = None if step.tier in PHRASES else ahead.find_reach()
            start = before if number == first else None
            source = write_step(asked.text, asked.filters, number=number, tier=step.tier, before=start, reach=reach)
            search = replace(asked, query=name_step(number), words=count_words_in(step, asked))
            found += _fetch(connection, search, source=source, place=(number, step), most=most - len(found))
    return found


def _find_first(connection: sqlite3.Connection, asked: Search, *, ahead: Lookahead, limit: int) -> Placed:
    steps, search_in = _number_steps(asked.text), partial(search_few, connection, asked, reach=ahead.find_reach)
    few, found = ahead.find_all(), list[tuple[int, SearchHit]]()
    if few is not None and (all_found := search_in(keys=few, steps=steps, most=limit + 1)) is not None:
        return all_found
    for tiers in _GROUPS:
        group, left = [one for one in steps if one[1].tier in tiers], limit + 1 - len(found)
        if left < 1 or not group:
            continue
        known = [hit.sort_key for _, hit in found]
        few = ahead.find_candidates(tiers, known=known)
        more = search_in(keys=few, steps=group, most=left) if few is not None else None
        if more is None and tiers == PHRASES:
            more = _find_phrases(connection, asked, limit=limit)
        if more is None:
            more = _ask_steps(connection, asked, ahead=ahead, steps=group, known=known, most=left)
        found = [*found, *more]
    return found


def _number_steps(text: str) -> list[tuple[int, Step]]:
    return list(enumerate(build_steps(text), start=1))


def _ask_steps(
    connection: sqlite3.Connection,
    asked: Search,
    *,
    ahead: Lookahead,
    steps: Sequence[tuple[int, Step]],
    known: Sequence[int],
    most: int,
) -> Placed:
    """Ask one step after another, until this many hits are found. `known` are all hits of the steps before."""
    found: Placed = []
    for number, step in steps:
        left, placed = most - len(found), [*known, *(hit.sort_key for _, hit in found)]
        keys = ahead.find_hits(number, known=placed, most=left) if left > 0 else []
        if keys == []:
            continue
        source = with_own(write_source(asked.text, asked.filters, query=OWN_SQL), step.own)
        sql = f"{source.sql} and articles_fts.rowid not in (select value from json_each(:known))"  # noqa: S608
        source = Statement(sql + ahead.write_bound(step.tier), {**source.parameters, "known": json.dumps(placed)})
        # After the last hit that is known FTS5 would go on searching. Not all that are looked for need be hits.
        fetched = left if keys is None else min(left, len(keys))
        search = replace(asked, query=OWN_SQL, own=step.own, words=count_words_in(step, asked))
        found += _fetch(connection, search, source=source, place=(number, step), most=fetched)
    return found


def _fetch(
    connection: sqlite3.Connection, search: Search, *, source: Statement, place: tuple[int, Step], most: int
) -> Placed:
    number, step = place
    rows = fetch_rows(connection, source, limit=most)
    return [(number, replace(read_hit(connection, search, row=row), tier=step.tier)) for row in rows]


def _find_others(connection: sqlite3.Connection, phrases: Statement, *, known: Sequence[_Row], most: int) -> list[_Row]:
    """Find the newest hits of phrases, with their tiers; not those in titles, which are all known."""
    keys = json.dumps([row[1] for _, row in known])
    sql = f"{phrases.sql} and articles_fts.rowid not in (select value from json_each(:known))"  # noqa: S608 - ours
    others = Statement(sql, {**phrases.parameters, "known": keys})
    # Mostly none of them is in a file alone: those that fill the page will do.
    found = [(find_tier(row), row) for row in fetch_rows(connection, others, limit=most - len(known))]
    if len(found) < most - len(known) or all(tier == IN_ARTICLE for tier, _ in found):
        return found
    return [(find_tier(row), row) for row in fetch_rows(connection, others, limit=most)]


def _find_phrases(connection: sqlite3.Connection, asked: Search, *, limit: int) -> Placed | None:
    """Find the first hits of the tiers of phrases, with their steps: all, or one more than fit. None if unknown.

    One pass over the index serves three tiers: FTS5 reads all places of the words, for any column.
    """
    if asked.filters.byline or not is_one_run(asked.text):
        return None
    phrases = write_source(asked.text, asked.filters, query=PHRASES_SQL)
    # Many articles have few words side by side, and many in their titles. Without pairs in the index, a phrase in no
    # title costs as much as one in no text.
    is_short = asked.words <= _FEW_WORDS and has_pairs(connection)
    rows = [] if is_short else fetch_rows(connection, phrases, limit=limit + 1)
    placed = [(find_tier(row), row) for row in rows]
    if is_short or len(rows) > limit:
        title = with_own(write_source(asked.text, asked.filters, query=OWN_SQL), build_steps(asked.text)[0].own)
        titles = [(IN_TITLE, row) for row in fetch_rows(connection, title, limit=limit + 1)]
        others = [one for one in placed if one[0] == IN_ARTICLE]
        if len(titles) <= limit and len(titles) + len(others) <= limit:
            others = _find_others(connection, phrases, known=titles, most=limit + 1)
            if len(others) > limit and len([one for one in others if one[0] == IN_ARTICLE]) <= limit - len(titles):
                return None
        placed = sorted([*titles, *others], key=lambda one: one[0])[: limit + 1]
    search = replace(asked, query=PHRASES_SQL)
    hits = [(tier, replace(read_hit(connection, search, row=row), tier=tier)) for tier, row in placed]
    return sorted(hits, key=lambda pair: (pair[0], -pair[1].sort_key))
