"""The hits of a search in the order of a feed: what was archived last comes first. Read-only.

What was archived after the first run of its portal leads, by the day on which it was first seen. After it comes what
the first run brought, by date: for a reader that is not news. Words typed side by side must be side by side.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.search.rewriting import rewrite
from crawler.search.sql import PHRASES_SQL, Filters, Statement, has_words, write_listing, write_source

# A page looks first at this many of the articles archived last: some weeks of many portals.
_WINDOW = 5000
# The day on which an article was first seen hardly ever falls while ids ascend; zones of portals may move it by one.
_NOISE_DAYS = 1
_ID_MASK = (1 << 32) - 1
_CHUNK = 500
# A first run that died brought only a part.
_FIRST_ENDS = """select portal, min(finished_at) as at from crawls
    where finished_at is not null and outcome not in ('interrupted', 'failed') group by portal"""
_BEGAN = f"with began as materialized ({_FIRST_ENDS}) "
_IS_LATER = "a.first_seen_at > (select b.at from began b where b.portal = a.portal)"
_DAY = "cast(julianday(a.first_seen_on) - 1721424.5 as integer)"


@dataclass(frozen=True, slots=True, order=True)
class FollowKey:
    """The place of an article in a feed; a greater one is newer.

    `day` is the ordinal of the day on which it was first seen, 0 for what the first run of its portal brought.
    """

    day: int
    sort_key: int

    def __str__(self) -> str:
        """Write it as in addresses."""
        return f"{self.day}-{self.sort_key}"


@dataclass(frozen=True, slots=True)
class Followed:
    """A search that is followed: what was typed, and the filters."""

    text: str
    filters: Filters

    @property
    def has_words(self) -> bool:
        """Whether the search asks the index."""
        return has_words(self.text, self.filters)

    def write(self) -> Statement:
        """Write its `from` part; the alias of the rows is `a`."""
        if self.has_words:
            return write_source(self.text, self.filters, query=PHRASES_SQL)
        return write_listing(self.filters)

    @property
    def article_id(self) -> str:
        """The id of an article in SQL; of a hit in the index without its row."""
        return f"(articles_fts.rowid & {_ID_MASK})" if self.has_words else "a.id"

    @property
    def key(self) -> str:
        """The sort key in SQL."""
        return "articles_fts.rowid" if self.has_words else "a.sort_key"


def list_older(
    connection: sqlite3.Connection, followed: Followed, *, before: FollowKey | None, limit: int
) -> list[FollowKey]:
    """List the places after one, at most `limit`, the newest first. Without `before`, begin with the newest."""
    found: list[FollowKey] = []
    if before is None or before.day:
        found = _list_later(connection, followed, before=before, limit=limit)
    if len(found) < limit:
        start = before if before is not None and not before.day else None
        bound = f"{followed.key} < :place" if start else "1"
        place = {"place": start.sort_key} if start else {}
        sql = f"not coalesce({_IS_LATER}, 0) and {bound} order by {followed.key} desc"
        found += _ask(connection, followed, where=sql, parameters=place, limit=limit - len(found), day="0")
    return found


def list_newer(connection: sqlite3.Connection, followed: Followed, *, after: FollowKey, limit: int) -> list[FollowKey]:
    """List the places before one, at most `limit`, the oldest first."""
    found: list[FollowKey] = []
    if not after.day:
        sql = f"not coalesce({_IS_LATER}, 0) and {followed.key} > :place order by {followed.key}"
        found = _ask(connection, followed, where=sql, parameters={"place": after.sort_key}, limit=limit, day="0")
    if len(found) < limit:
        low = _first_id_since(connection, after.day - _NOISE_DAYS) if after.day else _first_later_id(connection)
        bound = f"({_DAY}, a.sort_key) > (:day, :place)"
        sql = f"{followed.article_id} >= :low and {_IS_LATER} and {bound} order by 2, 1"
        parameters = {"low": low, "day": after.day, "place": after.sort_key if after.day else 0}
        found += _ask(connection, followed, where=sql, parameters=parameters, limit=limit - len(found))
    return found


def read_first_ends(connection: sqlite3.Connection) -> dict[str, str]:
    """Read when the first run of each portal ended; what it brought is not news."""
    return {row[0]: row[1] for row in connection.execute(_FIRST_ENDS)}


def find_matching(connection: sqlite3.Connection, followed: Followed, *, keys: Sequence[int]) -> set[int]:
    """Return those of the sort keys whose articles a search finds."""
    found: set[int] = set()
    for start in range(0, len(keys), _CHUNK):
        some = ", ".join(str(int(key)) for key in keys[start : start + _CHUNK])
        source = rewrite(connection, followed.write())
        sql = f"select {followed.key} from {source.sql} and {followed.key} in ({some})"  # noqa: S608 - numbers
        found.update(int(row[0]) for row in connection.execute(sql, source.parameters))
    return found


def count_followed(connection: sqlite3.Connection, followed: Followed) -> int:
    """Count the articles of a search."""
    source = rewrite(connection, followed.write())
    return int(connection.execute(f"select count(*) from {source.sql}", source.parameters).fetchone()[0])  # noqa: S608


def _list_later(
    connection: sqlite3.Connection, followed: Followed, *, before: FollowKey | None, limit: int
) -> list[FollowKey]:
    """List what was archived after the first runs: among the last ids if these suffice, else among all."""
    high = (_first_id_since(connection, before.day + 1 + _NOISE_DAYS) if before else _last_id(connection) + 1) - 1
    lowest = _first_later_id(connection)
    low = max(high - _WINDOW, lowest)
    place = {"day": before.day, "place": before.sort_key} if before else {}
    bound = f"({_DAY}, a.sort_key) < (:day, :place)" if before else "1"
    sql = f"{followed.article_id} between :low and :high and {_IS_LATER} and {bound} order by 2 desc, 1 desc"
    found = _ask(connection, followed, where=sql, parameters={"low": low, "high": high, **place}, limit=limit)
    if low == lowest:
        return found
    # Of the earliest days in the window some articles may be below it.
    surely = _seen_on(connection, low) + _NOISE_DAYS
    if len(found) == limit and found[-1].day > surely:
        return found
    return _ask(connection, followed, where=sql, parameters={"low": lowest, "high": high, **place}, limit=limit)


def _ask(
    connection: sqlite3.Connection,
    followed: Followed,
    *,
    where: str,
    parameters: dict[str, int],
    limit: int,
    day: str = _DAY,
) -> list[FollowKey]:
    source = rewrite(connection, followed.write())
    sql = f"{_BEGAN} select a.sort_key, {day} from {source.sql} and {where} limit {int(limit)}"  # noqa: S608
    rows = connection.execute(sql, {**source.parameters, **parameters}).fetchall()
    return [FollowKey(int(row[1]), int(row[0])) for row in rows]


def _first_later_id(connection: sqlite3.Connection) -> int:
    """Return the lowest id of what was archived after the first run that ended; one above all ids if none has ended.

    Mostly a first run brings nearly all that an archive holds.
    """
    first = min(read_first_ends(connection).values(), default=None)
    return _last_id(connection) + 1 if first is None else _find_first_id(connection, lambda _, at: at > first)


def _first_id_since(connection: sqlite3.Connection, day: int) -> int:
    """Return about the lowest id of an article first seen on a day or later; one above all ids if there is none."""
    return _find_first_id(connection, lambda on, _: date.fromisoformat(on).toordinal() >= day)


def _find_first_id(connection: sqlite3.Connection, fits: Callable[[str, str], bool]) -> int:
    """Return the lowest id of an article that fits, by the day and time at which it was first seen; then all later fit.

    One above all ids if none fits.
    """
    low, high = 0, _last_id(connection) + 1
    sql = "select first_seen_on, first_seen_at from articles where id >= ? order by id limit 1"
    while low < high:
        middle = (low + high) // 2
        if fits(*connection.execute(sql, (middle,)).fetchone()):
            high = middle
        else:
            low = middle + 1
    return low


def _seen_on(connection: sqlite3.Connection, article_id: int) -> int:
    """Return the day on which the article with this id, or the next one, was first seen."""
    sql = "select first_seen_on from articles where id >= ? order by id limit 1"
    row = connection.execute(sql, (article_id,)).fetchone()
    return date.fromisoformat(row[0]).toordinal() if row else (date.max - timedelta(days=2)).toordinal()


def _last_id(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select max(id) from articles").fetchone()[0] or 0)
