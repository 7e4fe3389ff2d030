"""The journal's `alarms` and `digests`: which problems and which growth a person was notified of."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.language.dates import to_iso_utc


@dataclass(frozen=True, slots=True)
class Alarm:
    """A problem, from when it was noticed until a person was notified that it is over.

    Times are ISO 8601 in UTC with Z, None for what has not happened. `sentence` is the one that was sent.
    """

    id: int
    kind: str
    subject: str
    since: str
    sentence: str
    told_at: str | None
    ended_at: str | None

    @property
    def key(self) -> tuple[str, str]:
        """The kind and the subject, which together identify a problem."""
        return self.kind, self.subject


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A digest that was sent: when (ISO 8601 in UTC with Z), and the id of the last run that it covers."""

    sent_at: str
    until_crawl_id: int


def read_unsettled(connection: sqlite3.Connection) -> list[Alarm]:
    """Read the alarms that are not over, and those whose end nobody was notified of."""
    rows = connection.execute(
        """select id, kind, subject, since, sentence, told_at, ended_at from alarms
           where ended_at is null or (told_at is not null and end_told_at is null) order by id"""
    )
    return [Alarm(*row) for row in rows.fetchall()]


def open_alarm(connection: sqlite3.Connection, kind: str, *, subject: str, since: str, sentence: str) -> None:
    """Insert a problem that nobody was notified of yet; if it is open already, update its sentence."""
    connection.execute(
        """insert into alarms (kind, subject, since, sentence) values (?, ?, ?, ?)
           on conflict (kind, subject) where ended_at is null do update set sentence = excluded.sentence""",
        (kind, subject, since, sentence),
    )


def end_alarms(connection: sqlite3.Connection, alarms: Iterable[Alarm], *, now: datetime) -> None:
    """Mark alarms as over."""
    at = to_iso_utc(now)
    connection.executemany("update alarms set ended_at = ? where id = ?", [(at, alarm.id) for alarm in alarms])


def reopen_alarms(connection: sqlite3.Connection, alarms: Iterable[Alarm]) -> None:
    """Mark alarms as open again whose end nobody was notified of."""
    connection.executemany("update alarms set ended_at = null where id = ?", [(alarm.id,) for alarm in alarms])


def mark_sent(connection: sqlite3.Connection, *, now: datetime) -> None:
    """Mark every open alarm, and the end of every alarm that is over, as sent."""
    at = to_iso_utc(now)
    connection.execute("update alarms set told_at = ? where told_at is null and ended_at is null", (at,))
    connection.execute(
        "update alarms set end_told_at = ? where told_at is not null and ended_at is not null and end_told_at is null",
        (at,),
    )


def last_digest(connection: sqlite3.Connection) -> SentDigest | None:
    """Return the last digest, None if none was sent."""
    row = connection.execute("select sent_at, until_crawl_id from digests order by id desc limit 1").fetchone()
    return SentDigest(row[0], row[1]) if row else None


def record_digest(connection: sqlite3.Connection, until_crawl_id: int, *, now: datetime) -> None:
    """Insert a digest that was sent, in the journal's open transaction."""
    connection.execute("insert into digests (sent_at, until_crawl_id) values (?, ?)", (to_iso_utc(now), until_crawl_id))
