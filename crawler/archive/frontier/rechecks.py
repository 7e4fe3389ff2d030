"""Looking at held articles again: which are due, spread evenly over the nights, and how tonight's looks went."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.archive.frontier.frontier import FrontierEntry
from crawler.items import ArticleState, FrontierState, Purpose
from crawler.profile import Relook

# A removed article is looked at so often, in days: it may come back.
REMOVED_EVERY_DAYS = 7

# When most looks find nothing, articles that should be there are looked at to tell a purge from an outage: one more
# than were missed, but no more than this.
MOST_CONTROLS = 100
CONTROL_FROM_MISSES = 3


@dataclass(frozen=True, slots=True)
class Rechecks:
    """How a night's looks at held articles went: seen, missed, and failed (no answer that says anything)."""

    seen: int
    missed: int
    failed: int


def read_due_rechecks(
    connection: sqlite3.Connection, portal: str, *, relook: Relook, night: str, full: bool
) -> Iterator[FrontierEntry]:
    """Give the articles to look at again tonight, by their canonical address; all of them with `full`.

    An article's turn comes on the nights whose number, with its id, its interval divides: spread evenly, and
    never later than the interval after the last look, however many nights were missed. One whose last look failed
    is left to the frontier, which tries it again.
    """
    rows = connection.execute(
        """with held as (
             select id, url, state, listed,
               julianday(:night) - julianday(coalesce(published_on, first_seen_on)) as age,
               coalesce(julianday(:night) - julianday(looked_on), 100000) as since
             from articles where portal = :portal
           ), planned as (
             select *, case when state = 'suspect' then 1 when state = 'removed' then :removed
               when age < :daily then 1 when age < :weekly then 7 when age < :monthly then 30
               else :then_every end as every
             from held
           )
           select url, state, listed from planned
           where (:full or since >= every or (since >= 1 and (:ordinal + id) % every = 0))
             and not exists (select 1 from frontier f
               where f.portal = :portal and f.url = planned.url and f.state in ('failed', 'gap'))
           order by id""",
        {
            "portal": portal, "night": night, "ordinal": date.fromisoformat(night).toordinal(), "full": int(full),
            "removed": REMOVED_EVERY_DAYS, "daily": relook.daily_for_days, "weekly": relook.weekly_for_days,
            "monthly": relook.monthly_for_days, "then_every": relook.then_every_days,
        },
    )  # fmt: skip
    for row in rows.fetchall():
        # A removed article that is gone still says nothing new.
        state = FrontierState.DONE if row["state"] == ArticleState.LIVE else FrontierState.MISSED
        yield FrontierEntry(row["url"], Purpose.ARTICLE, state, bool(row["listed"]))


def read_controls(connection: sqlite3.Connection, portal: str, *, night: str) -> list[str]:
    """Give addresses of articles that should be there, if tonight's looks mostly found nothing; else none."""
    looks = count_rechecks(connection, portal, night=night)
    if looks.missed < CONTROL_FROM_MISSES or looks.seen >= looks.missed:
        return []
    rows = connection.execute(
        """select url from articles where portal = ? and state = 'live' and listed and looked_on is not ?
           order by sort_key desc limit ?""",
        (portal, night, min(looks.missed + 1, MOST_CONTROLS)),
    )
    return [row["url"] for row in rows.fetchall()]


def count_rechecks(connection: sqlite3.Connection, portal: str, *, night: str) -> Rechecks:
    """Count a night's looks at articles that were held before it, those certain to be removed left out."""
    row = connection.execute(
        """select
             (select count(*) from articles where portal = :portal and seen_on = :night
               and state = 'live' and first_seen_on < :night) as seen,
             (select count(*) from misses m join articles a on a.id = m.article_id where a.portal = :portal
               and m.night = :night and m.counted is null and a.state <> 'removed') as missed,
             (select count(*) from frontier
               where portal = :portal and kind = 'article' and failed_on = :night) as failed""",
        {"portal": portal, "night": night},
    ).fetchone()
    return Rechecks(row["seen"], row["missed"], row["failed"])
