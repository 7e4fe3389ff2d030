"""The journal's `digests`: what was told of the archive's growth, and up to which run."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from crawler.language.dates import to_iso_utc


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A digest that was sent: when (ISO 8601 in UTC with Z), and the id of the last run that it told of."""

    sent_at: str
    until_crawl_id: int


def last_digest(connection: sqlite3.Connection) -> SentDigest | None:
    """Give the digest that was sent last, None if there was none."""
    row = connection.execute("select sent_at, until_crawl_id from digests order by id desc limit 1").fetchone()
    return SentDigest(row[0], row[1]) if row else None


def record_digest(connection: sqlite3.Connection, until_crawl_id: int, *, now: datetime) -> None:
    """Note that a digest was sent, in the journal's open transaction."""
    connection.execute("insert into digests (sent_at, until_crawl_id) values (?, ?)", (to_iso_utc(now), until_crawl_id))
