"""The list of changes by article: what one article changed within a night or a week is one entry."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from crawler.web.news.by_night import NIGHT_AT, read_last_moment
from crawler.web.news.change_queries import CHANGE_COLUMNS, CHANGE_TABLES, Key, ListedChange, add_numbers, make_change
from crawler.web.news.kinds_of_changes import bind_kind, write_kind

NIGHT, WEEK = "night", "week"
PERIODS = (NIGHT, WEEK)
# The first night of a row's period; a week begins on Monday.
_FIRST_DAY = {NIGHT: NIGHT_AT, WEEK: f"date({NIGHT_AT}, 'weekday 0', '-6 days')"}
# The changes of one entry that are shown; its comparison covers all.
_MOST_OF_ONE = 20
# A period's changes are counted up to this number.
COUNT_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes: of one portal, of one class (`change_kinds.CLASSES`); None for all. `period` is one of PERIODS."""

    portal: str | None = None
    kind: str | None = None
    period: str = NIGHT


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """What one article changed within a period: its changes, the newest first, and the number of them all."""

    changes: tuple[ListedChange, ...]
    count: int
    oldest_number: int

    @property
    def newest(self) -> ListedChange:
        """The last of the changes; its cursor is that of the entry."""
        return self.changes[0]


@dataclass(frozen=True, slots=True)
class Period:
    """A night or week, by its first day, with its entries on this page, and the counts of the whole.

    The counts stop at COUNT_LIMIT changes; then `is_capped`.
    """

    first_day: str
    entries: tuple[ChangedArticle, ...]
    articles: int
    changes: int
    is_capped: bool


def read_changed_articles(
    connection: sqlite3.Connection, wanted: ChangeFilter, *, limit: int, before: Key | None
) -> tuple[list[Period], Key | None]:
    """Read a page of at most `limit` entries, those with the newest change first.

    Return it with the cursor of the next page, None on the last.

    An entry is at the place of its newest change, so that none is on two pages.
    """
    rows = _read_newest(connection, wanted, limit=limit + 1, before=before)
    shown = rows[:limit]
    entries = [(row["first_day"], _read_entry(connection, wanted, row=row)) for row in shown]
    periods = [
        _count(connection, wanted, first_day=day, entries=[entry for _, entry in of_day])
        for day, of_day in groupby(entries, key=lambda pair: str(pair[0]))
    ]
    return periods, entries[-1][1].newest.key if len(rows) > limit else None


def _read_newest(
    connection: sqlite3.Connection, wanted: ChangeFilter, *, limit: int, before: Key | None
) -> list[sqlite3.Row]:
    """Read the changes that no other one of the same article follows within the period."""
    later = _FIRST_DAY[wanted.period].format(at="n.seen_at")
    followed = f"""exists (select 1 from revisions n where n.article_id = r.article_id and n.number > r.number
        and {write_kind("n")} and {later} = {_first_day(wanted)})"""  # noqa: S608
    conditions, values = [f"not {followed}"], _values(wanted)
    if before is not None:
        conditions.append("(r.seen_at, r.article_id, r.number) < (:at, :id, :number)")
        values |= {"at": before.at, "id": before.id, "number": before.number}
    return _select(connection, wanted, conditions=conditions, values={**values, "limit": limit})


def _read_entry(connection: sqlite3.Connection, wanted: ChangeFilter, *, row: sqlite3.Row) -> ChangedArticle:
    own = {"id": row["article_id"], "newest": row["number"], "day": row["first_day"]}
    conditions = ["r.article_id = :id", "r.number <= :newest", f"{_first_day(wanted)} = :day"]
    values = {**_values(wanted), **own}
    changes = [
        make_change(one)
        for one in _select(connection, wanted, conditions=conditions, values={**values, "limit": _MOST_OF_ONE})
    ]
    count, oldest = connection.execute(
        f"""select count(*), min(r.number) from revisions r join articles a on a.id = r.article_id
            join portals p on p.name = a.portal
            where r.number > 1 and {_matches()} and {" and ".join(conditions)}""",  # noqa: S608 - conditions of ours
        values,
    ).fetchone()
    return ChangedArticle(tuple(add_numbers(connection, changes)), int(count), int(oldest))


def _count(
    connection: sqlite3.Connection, wanted: ChangeFilter, *, first_day: str, entries: Sequence[ChangedArticle]
) -> Period:
    # The range of times is wider than the period in any zone, so that the index is used.
    last = date.fromisoformat(first_day) + timedelta(days=1 if wanted.period == NIGHT else 7)
    sql = f"""select count(distinct article_id), count(*) from (
        select r.article_id from revisions r cross join articles a on a.id = r.article_id
          join portals p on p.name = a.portal
        where r.number > 1 and r.seen_at between date(:day, '-1 day') and :until
          and {_matches()} and {_first_day(wanted)} = :day limit {COUNT_LIMIT + 1})"""  # noqa: S608
    values = {**_values(wanted), "day": first_day, "until": read_last_moment(connection, last)}
    articles, changes = connection.execute(sql, values).fetchone()
    return Period(first_day, tuple(entries), articles, min(changes, COUNT_LIMIT), changes > COUNT_LIMIT)


def _select(
    connection: sqlite3.Connection, wanted: ChangeFilter, *, conditions: Sequence[str], values: dict[str, object]
) -> list[sqlite3.Row]:
    sql = f"""select {CHANGE_COLUMNS}, {_first_day(wanted)} as first_day {CHANGE_TABLES}
        where r.number > 1 and {_matches()} and {" and ".join(conditions)}
        order by r.seen_at desc, r.article_id desc, r.number desc limit :limit"""
    return connection.execute(sql, values).fetchall()


def _first_day(wanted: ChangeFilter) -> str:
    return _FIRST_DAY[wanted.period].format(at="r.seen_at")


def _matches() -> str:
    return f"(:portal is null or a.portal = :portal) and {write_kind('r')}"


def _values(wanted: ChangeFilter) -> dict[str, object]:
    return {"portal": wanted.portal, **bind_kind(wanted.kind)}
