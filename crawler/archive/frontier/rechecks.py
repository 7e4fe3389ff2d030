"""Rechecks of held articles: which are due tonight, spread evenly over the nights, and how they went."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.archive.frontier.frontier import FrontierEntry
from crawler.items import ArticleState, FrontierState, Purpose
from crawler.profile import Relook

# A removed article is rechecked every so many days: it may come back.
REMOVED_EVERY_DAYS = 7

# If most rechecks find nothing, articles that should be there are fetched as a control, to distinguish a purge from an
# outage: one more than were missed, but at most this many.
MOST_CONTROLS = 100
CONTROL_FROM_MISSES = 3


@dataclass(frozen=True, slots=True)
class Rechecks:
    """How a night's rechecks went: seen, missed, and failed (without an answer that counts)."""

    seen: int
    missed: int
    failed: int


def read_due_rechecks(
    connection: sqlite3.Connection, portal: str, *, relook: Relook, night: str, full: bool
) -> Iterator[FrontierEntry]:
    """Yield the articles to recheck tonight, by their canonical address; all of them with `full`.

    An article is due on the nights where (day number + id) is divisible by its interval, so that rechecks are spread
    evenly, and at the latest one interval after its last recheck, also if nights were missed. The frontier retries
    failed rechecks, so they are left out.
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
        # A removed article that is still gone is nothing new.
        state = FrontierState.DONE if row["state"] == ArticleState.LIVE else FrontierState.MISSED
        yield FrontierEntry(row["url"], Purpose.ARTICLE, state, bool(row["listed"]))


def read_controls(connection: sqlite3.Connection, portal: str, *, night: str) -> list[str]:
    """Return addresses to fetch as a control if most of tonight's rechecks found nothing; else none."""
    tonight = count_rechecks(connection, portal, night=night)
    if tonight.missed < CONTROL_FROM_MISSES or tonight.seen >= tonight.missed:
        return []
    rows = connection.execute(
        """select url from articles where portal = ? and state = 'live' and listed and looked_on is not ?
           order by sort_key desc limit ?""",
        (portal, night, min(tonight.missed + 1, MOST_CONTROLS)),
    )
    return [row["url"] for row in rows.fetchall()]


def count_rechecks(connection: sqlite3.Connection, portal: str, *, night: str) -> Rechecks:
    """Count a night's rechecks of articles that were held before it and are not removed."""
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
