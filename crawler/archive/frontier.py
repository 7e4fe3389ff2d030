"""The frontier: what was found, and whether it was fetched. A table, so that it survives any death.

Its rows are written in the transaction of the page that named them. States: `pending` (to be fetched),
`done` (held), `failed` (tried, not had; tried again next night), `missed` (held before, answered as gone;
looked at again next night), `dead` (a file that was tried once; its
absence is on record and it is not asked for every night).
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from crawler.items import Purpose


class Priority(IntEnum):
    """What is fetched first: higher goes before lower."""

    LISTING = 30
    FEED = 20
    ARTICLE = 10
    REQUISITE = 0


@dataclass(frozen=True, slots=True)
class FrontierEntry:
    """One address to fetch."""

    url: str
    purpose: Purpose
    state: str
    listed: bool


def add_found(
    connection: sqlite3.Connection,
    portal: str,
    urls: Iterable[str],
    purpose: Purpose,
    *,
    capture_id: int,
    at: str,
    listed: bool = False,
) -> None:
    """Add addresses that a capture names; one that is there already only learns that it is listed."""
    priority = Priority.ARTICLE if purpose is Purpose.ARTICLE else Priority.REQUISITE
    rows = [(portal, url, purpose.value, int(listed), int(priority), at, capture_id) for url in urls]
    connection.executemany(
        """insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in)
           values (?, ?, ?, 'pending', ?, ?, ?, ?)
           on conflict (portal, url) do update set listed = 1 where excluded.listed and not listed""",
        rows,
    )


def mark(
    connection: sqlite3.Connection,
    portal: str,
    urls: Iterable[str],
    state: str,
    *,
    at: str,
    crawl_id: int,
    reason: str | None = None,
) -> None:
    """Set the state of addresses after an attempt; addresses that are not in the frontier are passed over."""
    connection.executemany(
        """update frontier set state = ?, attempts = attempts + 1, attempted_at = ?, crawl_id = ?, reason = ?
           where portal = ? and url = ?""",
        [(state, at, crawl_id, reason, portal, url) for url in urls],
    )


def read_due(connection: sqlite3.Connection, portal: str, *, full: bool = False) -> Iterator[FrontierEntry]:
    """Give what is to be fetched, most urgent first: pending, failed and missed; with `full` every article again.

    A page requisite that was had or tried already, as an article's picture, is not fetched once more.
    """
    rows = connection.execute(
        """select url, kind, state, listed from frontier
           where portal = ? and (state in ('pending', 'failed', 'missed') or (? and kind = ?))
             and not (kind = ? and exists (select 1 from files f where f.portal = frontier.portal
               and f.url = frontier.url))
           order by priority desc, rowid""",
        (portal, int(full), Purpose.ARTICLE.value, Purpose.REQUISITE.value),
    )
    for row in rows.fetchall():
        yield FrontierEntry(row["url"], Purpose(row["kind"]), row["state"], bool(row["listed"]))


def count_missing_listed(connection: sqlite3.Connection, portal: str) -> int:
    """Count the listed articles that are not held."""
    row = connection.execute(
        "select count(*) from frontier where portal = ? and kind = ? and listed and state in ('pending', 'failed')",
        (portal, Purpose.ARTICLE.value),
    ).fetchone()
    return int(row[0])
