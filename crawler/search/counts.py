"""Count the articles that a search finds, by period and by category, no further than a page needs."""

import calendar
import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from crawler.language.query.expressions import contains_prefix
from crawler.search.rewriting import rewrite
from crawler.search.sql import (
    NO_FILTERS,
    QUERY_SQL,
    ROWS,
    Filters,
    Statement,
    bound_tier,
    has_words,
    write_candidates,
    write_fit,
    write_source,
)

# Only the newest COUNT_LIMIT articles with the words are examined and counted; beyond that the page shows "1,000+".
# Then each period counts its own newest SPAN_LIMIT, or fewer if the filters' columns must be read.
COUNT_LIMIT, SPAN_LIMIT, FILTERED_SPAN_LIMIT = 1000, 500, 250
MAX_YEARS = 40


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """A year or month, both days included, and its hits. `is_capped` if there can be more."""

    since: date
    until: date
    count: int
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of hits. `is_capped` if there can be more than the `count` that were counted.

    `spans` are months if the filters name days of one year, else years, from the first to the last with hits. A capped
    search with a prefix has no spans: one year costs as much as all. `categories` are ids with their counts, the
    highest count first. `undated` counts the hits without a date, which are in no span.
    """

    count: int
    spans: tuple[PeriodCount, ...]
    categories: tuple[tuple[int, int], ...]
    is_capped: bool = False
    undated: int = 0


@dataclass(frozen=True, slots=True)
class _Examined:
    """The hits among the articles examined, newest first: day (as ordinal) and category.

    `since` is the day of the oldest article examined, hit or not.
    """

    hits: tuple[tuple[int, int | None], ...]
    is_all: bool
    since: int


def count_hits(
    connection: sqlite3.Connection, text: str, *, filters: Filters, newest: Sequence[int] | None = None
) -> Counts:
    """Count the hits of `search_articles`, or without words the articles that the filters leave.

    `newest` is that of a `SearchPage` of the same search: what is known need not be looked for.
    """
    if newest is not None:
        examined = _examine(connection, newest, filters=filters)
    else:
        examined = _examine_newest(connection, text, filters=filters, limit=COUNT_LIMIT)
    if not examined.hits and examined.is_all:
        return Counts(0, (), ())
    categories = Counter(category for _, category in examined.hits if category is not None)
    undated = _count_undated(connection, text, filters=filters, examined=examined)
    days = sorted(day for day, _ in examined.hits if day)
    if examined.is_all:
        ends = [date.fromordinal(day) for day in (days[:1] + days[-1:])]
        spans = [_count_days(span, days) for span in (_make_spans(filters, ends[0], last=ends[-1]) if days else ())]
    elif filters.is_undated or contains_prefix(text):
        spans = []
    else:
        # By ranges of the index's rowids, so that common words cost no more than rare ones.
        first, last = _ends(connection, filters)
        spans = [
            _cap(_count_days(span, days))
            if span.since.toordinal() > examined.since
            else _count_span(connection, text, filters=filters, span=span)
            for span in _make_spans(filters, first, last=last)
        ]
    filled = [place for place, span in enumerate(spans) if span.count or span.is_capped]
    shown = spans[filled[0] : filled[-1] + 1] if filled else []
    return Counts(len(examined.hits), tuple(shown), tuple(categories.most_common()), not examined.is_all, undated)


def count_articles(
    connection: sqlite3.Connection,
    text: str,
    *,
    filters: Filters,
    limit: int,
    query: str = QUERY_SQL,
    tier: int = 0,
    reach: int | None = None,
) -> int:
    """Count the hits of a search for words up to a limit; `query` as in `write_source`, of a `tier` (`bound_tier`)."""
    source = write_source(text, filters, query=query)
    bound = bound_tier(tier, text, filters=filters, reach=reach)
    source = rewrite(connection, Statement(f"{source.sql}{bound}", source.parameters))
    sql = f"select count(*) from (select 1 from {source.sql} limit {int(limit)})"  # noqa: S608
    return int(connection.execute(sql, source.parameters).fetchone()[0])


def _examine(connection: sqlite3.Connection, newest: Sequence[int], *, filters: Filters) -> _Examined:
    fit, examined = write_fit(filters), newest[:COUNT_LIMIT]
    hits = connection.execute(
        f"""select k.value >> {filters.key_bits}, a.category_id from json_each(:newest) k
            cross join {ROWS} on a.sort_key = k.value where {fit.sql}""",  # noqa: S608
        {"newest": json.dumps(examined), **fit.parameters},
    ).fetchall()
    since = examined[-1] >> filters.key_bits if examined else 0
    return _Examined(tuple(map(tuple, hits)), len(newest) <= COUNT_LIMIT, since)


def _examine_newest(connection: sqlite3.Connection, text: str, *, filters: Filters, limit: int) -> _Examined:
    candidates = rewrite(connection, write_candidates(text, filters, limit=limit + 1))
    fit = write_fit(filters)
    rows = connection.execute(
        f"""select c.key >> {filters.key_bits}, a.category_id, {fit.sql} from ({candidates.sql}) c
            cross join {ROWS} on a.sort_key = c.key""",  # noqa: S608
        {**candidates.parameters, **fit.parameters},
    ).fetchall()
    hits = tuple((day, category) for day, category, fits in rows[:limit] if fits)
    return _Examined(hits, len(rows) <= limit, rows[:limit][-1][0] if rows else 0)


def _count_days(span: PeriodCount, days: Sequence[int]) -> PeriodCount:
    """Count a period in the sorted days of hits, which are all that it has."""
    return replace(span, count=bisect_right(days, span.until.toordinal()) - bisect_left(days, span.since.toordinal()))


def _cap(span: PeriodCount) -> PeriodCount:
    return replace(span, count=min(span.count, SPAN_LIMIT), is_capped=span.count > SPAN_LIMIT)


def _count_span(connection: sqlite3.Connection, text: str, *, filters: Filters, span: PeriodCount) -> PeriodCount:
    of_span = replace(filters, since=span.since, until=span.until)
    if write_fit(filters) == write_fit(NO_FILTERS):
        count = _count_candidates(connection, text, filters=of_span, limit=SPAN_LIMIT + 1)
        return _cap(replace(span, count=count))
    is_dear = has_words(text, filters) or filters.has_pictures
    examined = _examine_newest(connection, text, filters=of_span, limit=FILTERED_SPAN_LIMIT if is_dear else SPAN_LIMIT)
    return replace(span, count=len(examined.hits), is_capped=not examined.is_all)


def _count_candidates(connection: sqlite3.Connection, text: str, *, filters: Filters, limit: int) -> int:
    candidates = write_candidates(text, filters, limit=limit)
    return int(connection.execute(f"select count(*) from ({candidates.sql})", candidates.parameters).fetchone()[0])  # noqa: S608


def _make_spans(filters: Filters, first: date, *, last: date) -> list[PeriodCount]:
    """Divide the time between the first and the last hit, within the filters: one year into months, more into years."""
    since, until = filters.since or first, filters.until or last
    if filters.since and filters.until and since.year == until.year:
        ends = [calendar.monthrange(since.year, month)[1] for month in range(1, 13)]
        whole = [(date(since.year, month, 1), date(since.year, month, end)) for month, end in enumerate(ends, 1)]
    else:
        last_year = min(last, until).year
        years = range(max(max(first, since).year, last_year - MAX_YEARS + 1), last_year + 1)
        whole = [(date(year, 1, 1), date(year, 12, 31)) for year in years]
    bounds = (filters.since or date.min, filters.until or date.max)
    cut = [(max(begin, bounds[0]), min(end, bounds[1])) for begin, end in whole]
    return [PeriodCount(begin, end, 0) for begin, end in cut if begin <= end]


def _count_undated(connection: sqlite3.Connection, text: str, *, filters: Filters, examined: _Examined) -> int:
    """Count the hits without a date, up to FILTERED_SPAN_LIMIT beyond those examined. 0 where days are asked for."""
    seen = sum(day == 0 for day, _ in examined.hits)
    if examined.is_all or filters.since or filters.until or filters.is_undated or contains_prefix(text):
        return seen
    of_undated = replace(filters, is_undated=True)
    if write_fit(filters) == write_fit(NO_FILTERS):
        return _count_candidates(connection, text, filters=of_undated, limit=FILTERED_SPAN_LIMIT)
    return len(_examine_newest(connection, text, filters=of_undated, limit=FILTERED_SPAN_LIMIT).hits)


def _ends(connection: sqlite3.Connection, filters: Filters) -> tuple[date, date]:
    dated, bits = f"from articles where sort_key >= {filters.first_dated}", filters.key_bits
    first, last = connection.execute(
        f"select (select min(sort_key) {dated}) >> {bits}, (select max(sort_key) {dated}) >> {bits}"
    ).fetchone()
    return (date.fromordinal(first), date.fromordinal(last)) if first else (date.max, date.min)
