"""The list of vanished articles: removed for certain, missed lately, only unlisted, or returned; newest first."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.items import EventKind
from crawler.web.article.absences import ShownAbsence
from crawler.web.article.history_queries import read_absences
from crawler.web.article.standing import STANDING_COLUMNS, Standing
from crawler.web.cards import make_record
from crawler.web.news.by_night import NIGHT_AT, read_last_moment, start_of_day
from crawler.web.news.change_queries import Key

REMOVED, CHECKING, UNLISTED, RETURNED = EventKind.REMOVED, "checking", EventKind.UNLISTED, EventKind.RETURNED
WHICH = (REMOVED, CHECKING, UNLISTED, RETURNED)
# Names of former versions, which bookmarks have.
FORMER_NAMES = {"suspect": CHECKING}
# Articles of a night are counted up to this number.
COUNT_LIMIT = 5000
_EARLIEST, _LATEST = "", "9999"


@dataclass(frozen=True, slots=True)
class NightRange:
    """The range of a list: the nights from `since` to `until`, both included; `before` is a cursor."""

    portal: str | None = None
    since: date | None = None
    until: date | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A vanished article. `at` is the time of the first miss, of leaving the listings, or of the return, in `night`.

    `last_capture_id` is the last answer with the article; `listing` is the last one that named an unlisted article.
    `revised_to` is the version as which it came back, if it came back changed.
    """

    article_id: int
    title: str
    url: str
    byline: str | None
    category: str | None
    portal: str
    portal_title: str
    timezone: str
    published_on: str | None
    first_seen_at: str
    last_seen_at: str
    state: str
    at: str
    night: str
    key: Key
    absence: ShownAbsence | None
    last_capture_id: int | None
    listing: str | None
    judged_at: str | None
    standing: Standing
    revised_to: int | None = None


_COLUMNS = f"""a.id as article_id, a.title, a.url, a.byline, coalesce(c.title, c.slug) as category, a.portal,
    p.title as portal_title, p.timezone, a.published_on, a.first_seen_at, a.last_seen_at, a.state, {STANDING_COLUMNS}"""
# Without `indexed by`, SQLite walks the events of all kinds by time. It uses a partial index only if the query repeats
# the condition of that index.
EVENTS = "article_events e indexed by article_events_kind"
OF_INDEX = "e.kind in ('removed', 'returned', 'unlisted')"
_TABLES = "join portals p on p.name = a.portal left join categories c on c.id = a.category_id"


def read_gone(connection: sqlite3.Connection, which: str, *, span: NightRange, limit: int) -> list[Gone]:
    """Read vanished articles of one of WHICH, at most `limit`, newest first, each with its evidence.

    Raises:
        KeyError: if `which` is not one of WHICH.
    """
    sql, values = _QUERIES[which](_bound(connection, span))
    rows = connection.execute(sql, (*values, limit)).fetchall()
    return [_make_gone(connection, row, which=which) for row in rows]


def read_removals(connection: sqlite3.Connection, event_ids: Sequence[int]) -> list[Gone]:
    """Read the removals that these events made certain, newest first."""
    marks = ",".join("?" * len(event_ids))
    sql = f"""select {_COLUMNS}, a.removed_at as at, {_night("a.removed_at")} as night, e.id as key_id, null as listing,
        e.at as judged_at
        from article_events e cross join articles a on a.id = e.article_id {_TABLES}
        where e.id in ({marks}) order by e.at desc, e.id desc"""  # noqa: S608 - names of ours, and marks
    return [_make_gone(connection, row, which=REMOVED) for row in connection.execute(sql, tuple(event_ids)).fetchall()]


def count_gone(connection: sqlite3.Connection, which: str, *, span: NightRange) -> int:
    """Count vanished articles of one of WHICH, up to COUNT_LIMIT and one more."""
    sql, values = _QUERIES[which](_bound(connection, span))
    return int(connection.execute(f"select count(*) from ({sql})", (*values, COUNT_LIMIT + 1)).fetchone()[0])  # noqa: S608


def _make_gone(connection: sqlite3.Connection, row: sqlite3.Row, *, which: str) -> Gone:
    absence = None
    if which != UNLISTED:
        absences = read_absences(connection, row["article_id"], timezone=row["timezone"])
        if which == RETURNED:
            absences = tuple(one for one in absences if one.returned and one.returned.at == row["at"])
        absence = absences[-1] if absences else None
    before = absence.first_missed_at if absence else _LATEST
    last = _read_last_capture(connection, row["article_id"], before=before)
    return make_record(
        Gone, row, key=Key(row["at"], row["key_id"]), absence=absence, last_capture_id=last,
        standing=make_record(Standing, row),
    )  # fmt: skip


def _read_last_capture(connection: sqlite3.Connection, article_id: int, *, before: str) -> int | None:
    """Return the last answer with an article before a time."""
    row = connection.execute(
        """select max((select c.id from captures c where c.url = u.url and c.fetched_at < ? and c.status = 200
             and not exists (select 1 from misses m where m.article_id = u.article_id and m.capture_id = c.id)
             order by c.id desc limit 1))
           from article_urls u where u.article_id = ?""",
        (before, article_id),
    ).fetchone()
    return row[0] if row else None


_Query = tuple[str, list[object]]


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A range of nights with times in UTC that hold all of it, so that an index by time is used."""

    span: NightRange
    since: str
    until: str


def _bound(connection: sqlite3.Connection, span: NightRange) -> _Bounds:
    since = start_of_day(span.since) if span.since else _EARLIEST
    return _Bounds(span, since, read_last_moment(connection, span.until) if span.until else _LATEST)


def _night(at: str) -> str:
    return NIGHT_AT.format(at=at)


def _of_removed(bounds: _Bounds) -> _Query:
    wheres, values = _bounds(bounds, "a.removed_at", number="a.id")
    sql = f"""select {_COLUMNS}, a.removed_at as at, {_night("a.removed_at")} as night, a.id as key_id, null as listing,
        null as judged_at
        from articles a {_TABLES}
        where a.state = 'removed' and a.removed_at is not null and {wheres}
        order by a.removed_at desc, a.id desc limit ?"""  # noqa: S608
    return sql, values


def _of_checked(bounds: _Bounds) -> _Query:
    """Write the query for the articles that are absent without certainty, or cannot be read for long."""
    wheres, values = _bounds(bounds, "a.last_seen_at", number="a.id")
    # Without this index SQLite sorts all articles of a portal to find the few. It is used for its very condition only.
    sql = f"""select {_COLUMNS}, a.last_seen_at as at, {_night("a.last_seen_at")} as night, a.id as key_id,
        null as listing, null as judged_at
        from articles a indexed by articles_checking {_TABLES}
        where (a.state = 'suspect' or a.unread_since is not null) and {wheres}
        order by a.last_seen_at desc, a.id desc limit ?"""  # noqa: S608
    return sql, values


def _of_events(bounds: _Bounds, kind: str, *, condition: str) -> _Query:
    """Write the query for events of a kind whose articles meet a condition."""
    wheres, values = _bounds(bounds, "e.at", number="e.id")
    sql = f"""select {_COLUMNS}, e.at, {_night("e.at")} as night, e.id as key_id, e.detail as listing,
          null as judged_at,
          (select min(r.number) from revisions r where r.article_id = a.id and r.number > 1 and r.seen_at = e.at
             and '{kind}' = '{RETURNED}') as revised_to
        from {EVENTS} cross join articles a on a.id = e.article_id {_TABLES}
        where {OF_INDEX} and e.kind = '{kind}' and {condition} and {wheres} order by e.at desc, e.id desc limit ?"""  # noqa: S608
    return sql, values


def _bounds(bounds: _Bounds, at: str, *, number: str) -> tuple[str, list[object]]:
    span = bounds.span
    # The cursor also bounds the walk through the index: the comparison of pairs alone would only filter.
    until = min(bounds.until, span.before.at) if span.before else bounds.until
    wheres, values = [f"{at} between ? and ?"], list[object]((bounds.since, until))
    for night, sign in ((span.since, ">="), (span.until, "<=")):
        if night is not None:
            wheres.append(f"{_night(at)} {sign} ?")
            values.append(night.isoformat())
    if span.before is not None:
        wheres.append(f"({at}, {number}) < (?, ?)")
        values += [span.before.at, span.before.id]
    if span.portal:
        wheres.append("a.portal = ?")
        values.append(span.portal)
    return " and ".join(wheres), values


# An article may be listed again and leave the listings again: only its last leave counts.
_STILL_UNLISTED = """a.listed = 0 and a.state = 'live' and not exists (
    select 1 from article_events f where f.article_id = a.id and f.kind = 'unlisted' and f.id > e.id)"""

# An article that came back more than once in a night is one entry.
_LAST_OF_NIGHT = f"""not exists (select 1 from article_events f where f.article_id = e.article_id
    and f.kind = 'returned' and f.id > e.id and {_night("f.at")} = {_night("e.at")})"""  # noqa: S608

_QUERIES: dict[str, Callable[[_Bounds], _Query]] = {
    REMOVED: _of_removed,
    CHECKING: _of_checked,
    UNLISTED: lambda bounds: _of_events(bounds, UNLISTED, condition=_STILL_UNLISTED),
    RETURNED: lambda bounds: _of_events(bounds, RETURNED, condition=_LAST_OF_NIGHT),
}
