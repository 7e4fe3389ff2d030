"""Which articles a search by tier can find: asked before its steps, for less than the steps cost."""

import sqlite3
from collections.abc import Sequence
from itertools import pairwise

from crawler.archive.articles.search_index import has_pairs
from crawler.language.query.expressions import (
    IN_ARTICLE,
    IN_FILES,
    IN_TITLE,
    NEAR_PHRASES,
    NEAR_WORDS,
    SCATTERED,
    SCATTERED_IN_FILES,
    Step,
    build_fts_query,
    build_steps,
    is_one_run,
)
from crawler.language.query.items import MAX_QUERY_CHARACTERS, read_items
from crawler.language.query.pairs import ask_pairs_alone, list_title_pairs
from crawler.language.text import fold, normalize_text
from crawler.search.few import VERY_FEW, count_as_few
from crawler.search.rewriting import keep_fitting, read_keys, read_newest, rewrite
from crawler.search.sql import NEAR_REACH, NO_FILTERS, OWN_SQL, Filters, Statement, find_reach, with_own, write_source

PHRASES, NEAR, APART = (IN_TITLE, IN_ARTICLE, IN_FILES), (NEAR_PHRASES, NEAR_WORDS), (SCATTERED, SCATTERED_IN_FILES)
_FEW_WORDS = 3
_MOST_HALVES, _MOST_MARKS, _ENOUGH = 2000, 8, 8


class Lookahead:
    """Looks ahead for the first page of one search; what it found once it keeps."""

    def __init__(self, connection: sqlite3.Connection, text: str, filters: Filters) -> None:
        self._connection, self._text, self._filters = connection, text, filters
        self._steps = build_steps(text)
        self._known: dict[str, bool] = {}
        self._newest: list[int] | None = None
        self._fitting: list[int] | None = None
        self._is_long = len(read_items(text)) > _FEW_WORDS
        few = count_as_few(connection)
        # Few words cost little in the index of the archive, and so do those within filters.
        is_dear = filters == NO_FILTERS and (self._is_long or not is_one_run(text))
        self._few = few if is_dear else min(few, VERY_FEW)
        self._wide: set[int] | None = None
        self._mark: str | None = None
        self._are_several = any(step.tier == NEAR_WORDS for step in self._steps)

    @property
    def newest(self) -> tuple[int, ...] | None:
        """The newest articles with all the words, of the days and author asked for, if they were looked for."""
        return None if self._newest is None else tuple(self._newest)

    def find_all(self) -> list[int] | None:
        """Find all articles that the search finds: their sort keys. None if there are many, or one word is searched."""
        if not self._are_several:
            return None
        is_all = len(self._find_newest()) <= NEAR_REACH
        return self._find_fitting() if is_all and len(self._find_fitting()) <= self._few else None

    def find_candidates(self, tiers: Sequence[int], *, known: Sequence[int]) -> list[int] | None:
        """Find the articles among which all hits of a group of tiers are, without the known ones.

        None if there are many, or it would cost too much.
        """
        group = [step for step in self._steps if step.tier in tiers]
        found: list[int] | None = None
        if not self._are_several or (tiers == PHRASES and self._filters != NO_FILTERS and is_one_run(self._text)):
            return None
        if tiers == PHRASES:
            own = group[-1].own
            found = self._find_few(OWN_SQL, own=self._loosen(own))
            if len(found) > self._few and not is_one_run(self._text) and self._loosen(own) != own:
                found = self._find_few(OWN_SQL, own=own)
        elif tiers == APART:
            found = None if self._is_capped else self._find_newest()
        elif not self._is_capped:
            found = self._find_near_each_other(group[0])
        elif self._is_dear(group[0]):
            first = group[0]
            found = self._find_near(first.wider, others=first.beyond, known=known, most=NEAR_REACH)
            self._wide = set(found)
        if found is None:
            return None
        fitting = set(found) if tiers == PHRASES else set(found).intersection(self._find_fitting())
        left = sorted(fitting.difference(known), reverse=True)
        return left if len(left) <= self._few else None

    def find_hits(self, number: int, *, known: Sequence[int], most: int) -> list[int] | None:
        """Find the newest hits of a step, counted from 1, without the known ones: their sort keys, or a few too many.

        [] if it has none, None if they are not looked for.
        """
        step = self._steps[number - 1]
        if step.tier <= IN_FILES:
            # The third of three steps of phrases finds all that the others do.
            last = next(one for one in self._steps[number - 1 :] if one.tier == IN_FILES)
            return None if self._has(last.own) else []
        if step.tier not in NEAR:
            return None if self._is_capped else self._leave(self._find_newest(), known)[:most]
        if step.tier == NEAR_PHRASES and has_pairs(self._connection):
            return self._find_halves(step, known=known) if self._is_dear(step) else None
        # If this many may have them, some have: so a scan for them does not run far beyond its bound.
        if self._is_capped and (self._wide is None or len(self._wide.difference(known)) < _ENOUGH):
            # Which of them pass the filters is seen afterwards.
            looked = NEAR_REACH if self._find_fitting() is not self._find_newest() else most
            return self._leave(self._find_near(step.own, others=step.apart, known=known, most=looked), known)[:most]
        return None

    @property
    def _is_capped(self) -> bool:
        return len(self._find_newest()) > NEAR_REACH

    def _leave(self, found: Sequence[int], known: Sequence[int]) -> list[int]:
        """Leave those found that pass the filters and are not known."""
        return sorted(set(found).intersection(self._find_fitting()).difference(known), reverse=True)

    def find_reach(self) -> int:
        """Find the sort key above which words near each other are looked for."""
        return find_reach(self._find_newest())

    def write_bound(self, tier: int) -> str:
        """Write the condition of `sql.bound_tier` with what is known already."""
        return f" and articles_fts.rowid > {self.find_reach()}" if tier in NEAR else ""

    def _find_newest(self) -> list[int]:
        """Find the newest articles that have all the words, one more than NEAR_REACH at most."""
        if self._newest is None:
            self._newest = read_newest(self._connection, self._text, filters=self._filters, limit=NEAR_REACH + 1)
        return self._newest

    def _find_fitting(self) -> list[int]:
        """Find which of the newest articles pass the filters."""
        if self._fitting is None:
            self._fitting = keep_fitting(self._connection, self._find_newest(), filters=self._filters)
        return self._fitting

    def _find_few(self, query: str, *, own: str = "") -> list[int]:
        """Find hits of a query within the filters, one more than a few at most."""
        source = with_own(write_source(self._text, self._filters, query=query), own)
        # In no order, as below: newest first, FTS5 reads each page of the index forward and then back.
        sql = f"select articles_fts.rowid from {source.sql} limit {self._few + 1}"  # noqa: S608
        return self._read_keys(Statement(sql, source.parameters))

    def _find_near_each_other(self, first: Step) -> list[int]:
        """Find all that the steps of words near each other find, of which this is the first, and perhaps more."""
        newest = self._find_newest()
        if not newest:
            return []
        sql = f"select rowid from articles_fts where articles_fts match {OWN_SQL} and rowid between :end and :start"  # noqa: S608
        bounds = {"end": newest[-1], "start": newest[0]}
        return self._read_keys(Statement(sql, {"own": self._by_author(first.wider or first.own), **bounds}))

    def _by_author(self, query: str) -> str:
        author = normalize_text(self._filters.byline or "")
        if not author:
            return query
        byline = build_fts_query(f'byline:"{author}"')
        return f"({query}) AND ({byline})"

    def _find_near(self, query: str, *, others: str, known: Sequence[int], most: int) -> list[int]:
        """Find which of the newest articles, without the last and the known ones, a query finds.

        FTS5 looks at the bound of a scan only where it has a hit. So the scan asks for what only the last one has, too.
        Otherwise `others` is asked, what the query does not find: they are most of them.
        """
        newest, found = self._find_newest(), list[int]()
        last = len(newest) - 1
        sql = f"""select rowid from articles_fts where articles_fts match {OWN_SQL}
            and rowid > :end and rowid <= :start"""  # noqa: S608
        if mark := self._find_mark_of_last():
            bounds = {"end": newest[last], "start": newest[0], "most": most + len(known)}
            own = self._by_author(f"({query}) OR ({mark})")
            # If all are wanted, none that could be near is cut off, in any order.
            order = "order by rowid desc" if most < NEAR_REACH else ""
            keys = self._read_keys(Statement(f"{sql} {order} limit :most", {"own": own, **bounds}))
            near = sorted(set(keys).intersection(newest).difference(known), reverse=True)
            # Other articles, with the title of the last or by a wider query, can have cut some off.
            if len(near) >= most or len(keys) < bounds["most"]:
                return near[:most]
        # Unless sums are asked for, those with the words are all among the newest.
        sql += f" order by rowid desc limit {NEAR_REACH}" if self._filters.has_sums else ""
        # An eighth is looked at first: mostly it fills the page.
        for start, end in pairwise((0, min(NEAR_REACH // 8, last), last) if most < NEAR_REACH else (0, last)):
            bounds = {"end": newest[end], "start": newest[start]}
            left_out = set(self._read_keys(Statement(sql, {"own": self._by_author(others), **bounds}))).union(known)
            found += [key for key in newest[start:end] if key not in left_out]
            if len(found) >= most:
                break
        return found[:most]

    def _find_mark_of_last(self) -> str:
        """Find words of the index that of the newest articles only the last one has. "" if none are found."""
        if self._mark is None:
            row = self._connection.execute(
                "select title from articles where sort_key = ?", (self.find_reach(),)
            ).fetchone()
            pairs = list_title_pairs(fold(row[0] or "")) if row and has_pairs(self._connection) else []
            mark = " AND ".join(f'"{pair}"' for pair in pairs[:_MOST_MARKS])
            self._mark = mark if mark and self._is_of_last(mark) else ""
        return self._mark

    def _is_of_last(self, mark: str) -> bool:
        sql = f"""select rowid from articles_fts where articles_fts match {OWN_SQL} and rowid <= :start
            order by rowid desc limit 1"""  # noqa: S608
        own = self._by_author(f"{self._words} AND {mark}")
        return self._read_keys(Statement(sql, {"own": own, "start": self._find_newest()[0]})) == [self.find_reach()]

    @property
    def _words(self) -> str:
        return f"({build_fts_query(normalize_text(self._text[:MAX_QUERY_CHARACTERS]))})"

    def _find_halves(self, step: Step, *, known: Sequence[int]) -> list[int] | None:
        """Find which other articles have a half of the words side by side, as all hits of two phrases have.

        None if they may be many.
        """
        newest = self._find_newest()
        if not newest:
            return []
        sql = f"""select rowid from articles_fts where articles_fts match {OWN_SQL}
            and rowid between :end and :start limit {_MOST_HALVES}"""  # noqa: S608
        bounds = {"end": newest[-1], "start": newest[0]}
        found = self._read_keys(Statement(sql, {"own": self._by_author(self._loosen(step.halves)), **bounds}))
        left = set(found).intersection(self._find_fitting()).difference(known)
        left &= left if self._wide is None else self._wide
        return sorted(left, reverse=True) if len(found) < _MOST_HALVES else None

    def _loosen(self, query: str) -> str:
        """Return a query that finds at least as much, for which the places of words are not read, if there is one."""
        return ask_pairs_alone(query) if has_pairs(self._connection) and " NOT " not in query else query

    def _has(self, query: str) -> bool:
        if query not in self._known:
            source = write_source(self._text, self._filters, query=OWN_SQL)
            spelled = rewrite(self._connection, with_own(source, query))
            found = self._connection.execute(f"select 1 from {spelled.sql} limit 1", spelled.parameters).fetchone()  # noqa: S608
            self._known[query] = found is not None
        return self._known[query]

    def _read_keys(self, statement: Statement) -> list[int]:
        return read_keys(self._connection, statement)

    def _is_dear(self, step: Step) -> bool:
        """Return whether a step has many phrases near each other. Those of three words cost no more than a look."""
        return step.tier == NEAR_PHRASES and self._is_long
