"""Which articles went away: removed for certain, missed lately, only unlisted, or back again; newest first."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from crawler.web.article.absences import Absence
from crawler.web.article.history_queries import read_absences
from crawler.web.news.change_queries import Key

REMOVED, SUSPECT, UNLISTED, RETURNED = "removed", "suspect", "unlisted", "returned"
WHICH = (REMOVED, SUSPECT, UNLISTED, RETURNED)
_EARLIEST, _LATEST = "", "9999"


@dataclass(frozen=True, slots=True)
class NightRange:
    """What is asked for: `since` and `until` are UTC times, both ends in; `before` a place in the list."""

    portal: str | None = None
    since: str = _EARLIEST
    until: str = _LATEST
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """An article that went away. `at` is when: the first miss, when it left the listings, or when it came back.

    `last_capture_id` is the last answer that held it whole; `listing` the last that named it, of an unlisted one.
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
    key: Key
    absence: Absence | None
    last_capture_id: int | None
    listing: str | None
    judged_at: str | None


_FIELDS = (
    "article_id", "title", "url", "byline", "category", "portal", "portal_title", "timezone", "published_on",
    "first_seen_at", "last_seen_at", "state",
)  # fmt: skip
# In the order of _FIELDS.
_COLUMNS = """a.id, a.title, a.url, a.byline, coalesce(c.title, c.slug), a.portal, p.title, p.timezone,
    a.published_on, a.first_seen_at, a.last_seen_at, a.state"""
# Else SQLite walks the events of all kinds by their time. It takes an index of some rows alone only where the very
# condition of that index is asked for.
_EVENTS = "article_events e indexed by article_events_kind"
_OF_INDEX = "e.kind in ('removed', 'returned', 'unlisted')"
_TABLES = "join portals p on p.name = a.portal left join categories c on c.id = a.category_id"


def read_gone(connection: sqlite3.Connection, which: str, *, span: NightRange, limit: int) -> list[Gone]:
    """Read articles that went away, of one of WHICH, newest first, each with its evidence.

    Raises:
        KeyError: if `which` is none of them.

    """
    sql, values = _QUERIES[which](span)
    rows = connection.execute(sql, (*values, limit)).fetchall()
    return [_make_gone(connection, row, which=which) for row in rows]


def read_removals(connection: sqlite3.Connection, *, limit: int) -> list[Gone]:
    """Read the removals that became certain last, in the order in which they did."""
    sql = f"""select {_COLUMNS}, a.removed_at, e.id, null, e.at from {_EVENTS} cross join articles a
          on a.id = e.article_id {_TABLES}
        where {_OF_INDEX} and e.kind = 'removed' and a.state = 'removed' and not exists (
          select 1 from article_events f where f.article_id = a.id and f.kind = 'removed' and f.id > e.id)
        order by e.at desc, e.id desc limit ?"""  # noqa: S608 - names of ours
    return [_make_gone(connection, row, which=REMOVED) for row in connection.execute(sql, (limit,)).fetchall()]


def _make_gone(connection: sqlite3.Connection, row: sqlite3.Row, *, which: str) -> Gone:
    article_id, timezone = row[0], row[7]
    at, key_id, listing, judged_at = tuple(row)[12:]
    absence = None
    if which != UNLISTED:
        absences = read_absences(connection, article_id, timezone=timezone)
        if which == RETURNED:
            absences = tuple(one for one in absences if one.returned and one.returned.at == at)
        absence = absences[-1] if absences else None
    before = absence.first_missed_at if absence else _LATEST
    last = _read_last_capture(connection, article_id, before=before)
    own = dict(zip(_FIELDS, tuple(row), strict=False))
    return Gone(
        **own, at=at, key=Key(at, key_id), absence=absence, last_capture_id=last, listing=listing, judged_at=judged_at
    )


def _read_last_capture(connection: sqlite3.Connection, article_id: int, *, before: str) -> int | None:
    """Give the last answer before a time that held an article whole."""
    row = connection.execute(
        """select max((select c.id from captures c where c.url = u.url and c.fetched_at < ? and c.status = 200
             and not exists (select 1 from misses m where m.article_id = u.article_id and m.capture_id = c.id)
             order by c.id desc limit 1))
           from article_urls u where u.article_id = ?""",
        (before, article_id),
    ).fetchone()
    return row[0] if row else None


_Query = tuple[str, list[object]]


def _of_articles(span: NightRange, column: str, *, state: str) -> _Query:
    """Ask for articles of a state, by a time of theirs."""
    wheres, values = _bounds(span, column, number="a.id")
    # Of its own accord SQLite sorts all articles of a portal to find those few that are missed just now.
    index = "indexed by articles_suspect" if state == SUSPECT else ""
    sql = f"""select {_COLUMNS}, {column}, a.id, null, null from articles a {index} {_TABLES}
        where a.state = '{state}' and {column} is not null and {wheres} order by {column} desc, a.id desc limit ?"""  # noqa: S608
    return sql, values


def _of_events(span: NightRange, kind: str, *, condition: str) -> _Query:
    """Ask for events of a kind, whose articles are in a condition."""
    wheres, values = _bounds(span, "e.at", number="e.id")
    sql = f"""select {_COLUMNS}, e.at, e.id, e.detail, null from {_EVENTS} cross join articles a
          on a.id = e.article_id {_TABLES}
        where {_OF_INDEX} and e.kind = '{kind}' and {condition} and {wheres} order by e.at desc, e.id desc limit ?"""  # noqa: S608
    return sql, values


def _bounds(span: NightRange, at: str, *, number: str) -> tuple[str, list[object]]:
    # The page's place bounds the walk through the index, too: a comparison of pairs alone would only sort out.
    until = min(span.until, span.before.at) if span.before else span.until
    wheres, values = [f"{at} between ? and ?"], list[object]((span.since, until))
    if span.before is not None:
        wheres.append(f"({at}, {number}) < (?, ?)")
        values += [span.before.at, span.before.id]
    if span.portal:
        wheres.append("a.portal = ?")
        values.append(span.portal)
    return " and ".join(wheres), values


# An article left the listings once more whenever it was listed again in between: its last leave counts.
_STILL_UNLISTED = """a.listed = 0 and a.state = 'live' and not exists (
    select 1 from article_events f where f.article_id = a.id and f.kind = 'unlisted' and f.id > e.id)"""

_QUERIES: dict[str, Callable[[NightRange], _Query]] = {
    REMOVED: lambda span: _of_articles(span, "a.removed_at", state=REMOVED),
    SUSPECT: lambda span: _of_articles(span, "a.last_seen_at", state=SUSPECT),
    UNLISTED: lambda span: _of_events(span, UNLISTED, condition=_STILL_UNLISTED),
    RETURNED: lambda span: _of_events(span, RETURNED, condition="1"),
}
