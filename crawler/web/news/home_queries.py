"""What the home page reads: the latest articles, how much the archive holds, and the last run of each portal."""

import sqlite3
from dataclasses import dataclass

from crawler.web.cards import CARD_COLUMNS, CARD_TABLES, Card, make_record

_MAX_PORTALS = 50  # in a list; search finds the others
LATEST_ARTICLES = 12


@dataclass(frozen=True, slots=True)
class LatestRun:
    """The latest run over a portal. Its articles are those of all runs of its night."""

    id: int
    portal: str
    title: str
    timezone: str
    started_at: str
    finished_at: str | None
    outcome: str
    reason: str | None
    reason_kind: str | None
    reason_args: str | None
    articles_new: int
    articles_changed: int
    articles_removed: int
    errors: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much the archive holds, and since when; articles by month of publication (YYYY-MM), and without a date."""

    articles: int
    images: int
    attachments: int
    captures: int
    since: str | None
    by_month: dict[str, int]
    undated: int


def read_holdings(connection: sqlite3.Connection) -> Holdings:
    """Count what the archive holds. Captures are numbered without gaps, so the highest id is their count."""
    row = connection.execute(
        """select (select count(*) from images), (select count(*) from attachments),
             (select coalesce(max(id), 0) from captures), (select min(started_at) from crawls)"""
    ).fetchone()
    months: dict[str, int] = {}
    undated = 0
    # By day: the index alone answers this, and a portal has fewer days than articles.
    for day, count in connection.execute("select published_on, count(*) from articles group by published_on"):
        if day is None:
            undated = count
        else:
            months[day[:7]] = months.get(day[:7], 0) + count
    articles = sum(months.values()) + undated
    return Holdings(articles, row[0], row[1], row[2], row[3], months, undated)


def read_last_runs(connection: sqlite3.Connection) -> list[LatestRun]:
    """Read the latest run of each portal, the latest first, with the articles of all runs of its night."""
    sql = """select c.id, c.portal, p.title, p.timezone, c.started_at, c.finished_at, c.outcome, c.reason,
          c.reason_kind, c.reason_args, sum(n.articles_new), sum(n.articles_changed), sum(n.articles_removed), c.errors
        from portals p join crawls c on c.id = (
          select id from crawls where portal = p.name order by started_at desc, id desc limit 1)
        join crawls n on n.portal = c.portal and n.started_at between date(c.started_at, '-1 day') and c.started_at
          and date(n.started_at, coalesce(p.utc_offset, '+00:00'))
            = date(c.started_at, coalesce(p.utc_offset, '+00:00'))
        group by c.id order by c.started_at desc, c.id desc limit ?"""
    return [LatestRun(*row) for row in connection.execute(sql, (_MAX_PORTALS,))]


def read_latest(connection: sqlite3.Connection) -> list[Card]:
    """Read the latest articles, newest first. Those without a date only fill the rest of the list."""
    sql = f"select {CARD_COLUMNS} from {CARD_TABLES} order by a.sort_key desc limit ?"  # noqa: S608 - our own words
    return [make_record(Card, row) for row in connection.execute(sql, (LATEST_ARTICLES,))]
