"""Count the articles that a search finds, by period and by category, no further than a page needs."""

import calendar
import json
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from crawler.language.query.expressions import contains_prefix
from crawler.search.rewriting import keep_fitting, read_newest, rewrite
from crawler.search.sql import (
    NO_FILTERS,
    QUERY_SQL,
    ROWS,
    Filters,
    Statement,
    bound_tier,
    has_words,
    write_candidates,
    write_count,
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
    """The hits among the articles examined: their days (as ordinals), newest first, and the counts of `Counts`.

    `since` is the day of the oldest article examined, hit or not.
    """

    days: tuple[int, ...]
    categories: tuple[tuple[int, int], ...]
    is_all: bool
    since: int


def count_hits(
    connection: sqlite3.Connection, text: str, *, filters: Filters, newest: Sequence[int] | None = None
) -> Counts:
    """Count the hits of `search_articles`, or without words the articles that the filters leave.

    `newest` is that of a `SearchPage` of the same search: what is known need not be looked for.
    """
    if newest is None:
        newest = read_newest(connection, text, filters=filters, limit=COUNT_LIMIT + 1)
    examined = _examine(connection, newest, filters=filters)
    if not examined.days and examined.is_all:
        return Counts(0, (), ())
    undated = _count_undated(connection, text, filters=filters, examined=examined)
    days = [day for day in reversed(examined.days) if day]
    if examined.is_all:
        ends = [date.fromordinal(day) for day in (days[:1] + days[-1:])]
        spans = [_count_days(span, days) for span in (_make_spans(filters, ends[0], last=ends[-1]) if days else ())]
    elif filters.is_undated or contains_prefix(text):
        spans = []
    else:
        # By ranges of the index's rowids, so that common words cost no more than rare ones.
        first, last = _ends(connection, filters)
        spans = _make_spans(filters, first, last=last)
        known = [_cap(_count_days(span, days)) for span in spans if span.since.toordinal() > examined.since]
        spans = [*_count_spans(connection, text, filters=filters, spans=spans[: len(spans) - len(known)]), *known]
    filled = [place for place, span in enumerate(spans) if span.count or span.is_capped]
    shown = spans[filled[0] : filled[-1] + 1] if filled else []
    return Counts(len(examined.days), tuple(shown), examined.categories, not examined.is_all, undated)


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
    examined = list(newest[:COUNT_LIMIT])
    hits = keep_fitting(connection, examined, filters=filters)
    days, since = tuple(key >> filters.key_bits for key in hits), examined[-1] >> filters.key_bits if examined else 0
    return _Examined(days, _count_by_category(connection, hits), len(newest) <= COUNT_LIMIT, since)


def _count_by_category(connection: sqlite3.Connection, keys: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Count articles by category, the highest count first, then the category of the newest article."""
    rows = connection.execute(
        f"""select a.category_id, count(*) from json_each(:keys) k cross join {ROWS} on a.sort_key = k.value
            where a.category_id is not null group by a.category_id order by count(*) desc, max(k.value) desc""",  # noqa: S608
        {"keys": json.dumps(keys)},
    )
    return tuple((category, count) for category, count in rows)


def _examine_span(connection: sqlite3.Connection, text: str, *, filters: Filters, limit: int) -> tuple[int, bool]:
    """Return how many of the newest articles with the words are hits, and whether there are no more articles."""
    candidates = rewrite(connection, write_candidates(text, filters, limit=limit + 1))
    fit = write_fit(filters)
    rows = connection.execute(
        f"select {fit.sql} from ({candidates.sql}) c cross join {ROWS} on a.sort_key = c.key",  # noqa: S608
        {**candidates.parameters, **fit.parameters},
    ).fetchall()
    return sum(bool(row[0]) for row in rows[:limit]), len(rows) <= limit


def _count_days(span: PeriodCount, days: Sequence[int]) -> PeriodCount:
    """Count a period in the sorted days of hits, which are all that it has."""
    return replace(span, count=bisect_right(days, span.until.toordinal()) - bisect_left(days, span.since.toordinal()))


def _cap(span: PeriodCount) -> PeriodCount:
    return replace(span, count=min(span.count, SPAN_LIMIT), is_capped=span.count > SPAN_LIMIT)


def _count_spans(
    connection: sqlite3.Connection, text: str, *, filters: Filters, spans: Sequence[PeriodCount]
) -> list[PeriodCount]:
    if write_fit(filters) != write_fit(NO_FILTERS):
        return [_count_span(connection, text, filters=filters, span=span) for span in spans]
    bits = filters.key_bits
    ranges = [(span.since.toordinal() << bits, (span.until.toordinal() + 1 << bits) - 1) for span in spans]
    counts = _count_within(connection, text, filters=filters, ranges=ranges, limit=SPAN_LIMIT + 1)
    return [_cap(replace(span, count=count)) for span, count in zip(spans, counts, strict=True)]


def _count_span(connection: sqlite3.Connection, text: str, *, filters: Filters, span: PeriodCount) -> PeriodCount:
    of_span = replace(filters, since=span.since, until=span.until)
    is_dear = has_words(text, filters) or filters.has_pictures
    limit = FILTERED_SPAN_LIMIT if is_dear else SPAN_LIMIT
    count, is_all = _examine_span(connection, text, filters=of_span, limit=limit)
    return replace(span, count=count, is_capped=not is_all)


def _count_within(
    connection: sqlite3.Connection, text: str, *, filters: Filters, ranges: Sequence[tuple[int, int]], limit: int
) -> list[int]:
    if not ranges:
        return []
    # Rewritten once for all.
    count = rewrite(connection, write_count(text, filters, limit=limit))
    asked = ({**count.parameters, "low": low, "high": high} for low, high in ranges)
    return [int(connection.execute(count.sql, one).fetchone()[0]) for one in asked]


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
    seen = examined.days.count(0)
    if examined.is_all or filters.since or filters.until or filters.is_undated or contains_prefix(text):
        return seen
    if write_fit(filters) == write_fit(NO_FILTERS):
        undated = (0, filters.first_dated - 1)
        return _count_within(connection, text, filters=filters, ranges=[undated], limit=FILTERED_SPAN_LIMIT)[0]
    of_undated = replace(filters, is_undated=True)
    return _examine_span(connection, text, filters=of_undated, limit=FILTERED_SPAN_LIMIT)[0]


def _ends(connection: sqlite3.Connection, filters: Filters) -> tuple[date, date]:
    dated, bits = f"from articles where sort_key >= {filters.first_dated}", filters.key_bits
    first, last = connection.execute(
        f"select (select min(sort_key) {dated}) >> {bits}, (select max(sort_key) {dated}) >> {bits}"
    ).fetchone()
    return (date.fromordinal(first), date.fromordinal(last)) if first else (date.max, date.min)
