"""Which steps of a search by tier can have hits: asked before a step, for less than the step costs."""

import sqlite3
from collections.abc import Sequence

from crawler.language.query.expressions import IN_FILES, NEAR_PHRASES, NEAR_WORDS, Step, build_steps
from crawler.language.query.items import MAX_QUERY_CHARACTERS
from crawler.language.text import normalize_text
from crawler.search.prefixes import spell_prefixes_out
from crawler.search.sql import NEAR_REACH, NO_FILTERS, OWN_SQL, QUERY_SQL, Filters, Statement, with_own, write_source


def has_any(connection: sqlite3.Connection, source: Statement) -> bool:
    """Return whether a search has a hit."""
    spelled = spell_prefixes_out(connection, source)
    return connection.execute(f"select 1 from {spelled.sql} limit 1", spelled.parameters).fetchone() is not None  # noqa: S608


class Lookahead:
    """Looks ahead for the first page of one search; what it found once it keeps."""

    def __init__(self, connection: sqlite3.Connection, text: str, filters: Filters) -> None:
        self._connection, self._text, self._filters = connection, text, filters
        self._steps = build_steps(text)
        self._known: dict[str, bool] = {}
        self._newest: list[int] | None = None

    def find_among(self, number: int, *, most: int) -> list[int] | None:
        """Return the sort keys among which a step, counted from 1, has its newest hits: [] if it has none.

        None if that is not known.
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
        if len(self._newest) > NEAR_REACH and self._filters == NO_FILTERS:
            return _find_near(self._connection, step, newest=self._newest)[:most]
        wider = next((one.wider for one in self._steps if one.wider), "")
        return None if not wider or self._has(wider) else []

    def _has(self, query: str) -> bool:
        if query not in self._known:
            source = write_source(self._text, self._filters, query=OWN_SQL)
            self._known[query] = has_any(self._connection, with_own(source, query))
        return self._known[query]


def _find_newest(connection: sqlite3.Connection, text: str) -> list[int]:
    """Find the newest articles that have all the words, one more than NEAR_REACH at most: their sort keys."""
    sql = f"""select rowid from articles_fts where articles_fts match {QUERY_SQL}
        order by rowid desc limit {NEAR_REACH + 1}"""  # noqa: S608 - a number
    asked = spell_prefixes_out(connection, Statement(sql, {"q": normalize_text(text[:MAX_QUERY_CHARACTERS])}))
    return [int(row[0]) for row in connection.execute(asked.sql, asked.parameters)]


def _find_near(connection: sqlite3.Connection, step: Step, *, newest: Sequence[int]) -> list[int]:
    """Find which of the newest articles, but for the last, have the words as a step does.

    FTS5 looks at the bound of a scan only where it has a hit. So the others are asked for: they are most of them.
    """
    sql = f"""select rowid from articles_fts where articles_fts match {OWN_SQL} and rowid > {newest[-1]}
        order by rowid desc"""  # noqa: S608 - a number
    asked = spell_prefixes_out(connection, Statement(sql, {"own": step.apart}))
    apart = {int(row[0]) for row in connection.execute(asked.sql, asked.parameters)}
    return [key for key in newest[:-1] if key not in apart]
