"""Which steps of a search by tier can have hits: asked before a step, for less than the step costs."""

import sqlite3
from collections.abc import Sequence
from itertools import pairwise

from crawler.archive.articles.search_index import has_pairs
from crawler.language.query.expressions import IN_FILES, NEAR_PHRASES, NEAR_WORDS, SCATTERED, Step, build_steps
from crawler.language.query.items import MAX_QUERY_CHARACTERS
from crawler.language.text import normalize_text
from crawler.search.rewriting import rewrite
from crawler.search.sql import (
    NEAR_REACH,
    NO_FILTERS,
    OWN_SQL,
    QUERY_SQL,
    Filters,
    Statement,
    bound_tier,
    with_own,
    write_source,
)


def has_any(connection: sqlite3.Connection, source: Statement) -> bool:
    """Return whether a search has a hit."""
    spelled = rewrite(connection, source)
    return connection.execute(f"select 1 from {spelled.sql} limit 1", spelled.parameters).fetchone() is not None  # noqa: S608


class Lookahead:
    """Looks ahead for the first page of one search; what it found once it keeps."""

    def __init__(self, connection: sqlite3.Connection, text: str, filters: Filters) -> None:
        self._connection, self._text, self._filters = connection, text, filters
        self._steps = build_steps(text)
        self._known: dict[str, bool] = {}
        self._newest: list[int] | None = None

    def find_hits(self, number: int, *, known: Sequence[int], most: int) -> list[int] | None:
        """Return the sort keys of the newest hits of a step, counted from 1, but for the known ones: [] if it has none.

        None if they are not looked for.
        """
        step = self._steps[number - 1]
        if step.tier <= IN_FILES:
            # The third of three steps of phrases finds all that the others do.
            last = next(one for one in self._steps[number - 1 :] if one.tier == IN_FILES)
            return None if self._has(last.own) else []
        if step.tier not in (NEAR_PHRASES, NEAR_WORDS):
            return None
        if self._newest is None:
            self._newest = _find_newest(self._connection, self._text)
        if step.tier == NEAR_PHRASES and has_pairs(self._connection):
            return None  # few articles have one of the phrases
        if len(self._newest) > NEAR_REACH and self._filters == NO_FILTERS:
            return _find_near(self._connection, step, newest=self._newest, known=known, most=most)
        wider = next((one.wider for one in self._steps if one.wider), "")
        return None if not wider or self._has(wider) else []

    def write_bound(self, tier: int) -> str:
        """Write the condition of `bound_tier` with what is known already."""
        if self._newest is None or tier >= SCATTERED:
            return bound_tier(tier) if tier < SCATTERED else ""
        return f" and articles_fts.rowid > {self._newest[-1]}" if len(self._newest) > NEAR_REACH else ""

    @property
    def newest(self) -> tuple[int, ...] | None:
        """The newest articles with all the words, whatever the filters, if they were looked for."""
        return None if self._newest is None else tuple(self._newest)

    def _has(self, query: str) -> bool:
        if query not in self._known:
            source = write_source(self._text, self._filters, query=OWN_SQL)
            self._known[query] = has_any(self._connection, with_own(source, query))
        return self._known[query]


def _find_newest(connection: sqlite3.Connection, text: str) -> list[int]:
    """Find the newest articles that have all the words, one more than NEAR_REACH at most: their sort keys."""
    sql = f"""select rowid from articles_fts where articles_fts match {QUERY_SQL}
        order by rowid desc limit {NEAR_REACH + 1}"""  # noqa: S608 - a number
    asked = rewrite(connection, Statement(sql, {"q": normalize_text(text[:MAX_QUERY_CHARACTERS])}))
    return [int(row[0]) for row in connection.execute(asked.sql, asked.parameters)]


def _find_near(
    connection: sqlite3.Connection, step: Step, *, newest: Sequence[int], known: Sequence[int], most: int
) -> list[int]:
    """Find which of the newest articles, but for the last and the known ones, have the words as a step does.

    FTS5 looks at the bound of a scan only where it has a hit. So the others are asked for: they are most of them.
    """
    found: list[int] = []
    last = len(newest) - 1
    # An eighth is looked at first: mostly it fills the page.
    for start, end in pairwise((0, min(NEAR_REACH // 8, last), last)):
        sql = f"""select rowid from articles_fts where articles_fts match {OWN_SQL}
            and rowid > {newest[end]} and rowid <= {newest[start]} order by rowid desc"""  # noqa: S608 - numbers
        asked = rewrite(connection, Statement(sql, {"own": step.apart}))
        others = {int(row[0]) for row in connection.execute(asked.sql, asked.parameters)}.union(known)
        found += [key for key in newest[start:end] if key not in others]
        if len(found) >= most:
            break
    return found[:most]
