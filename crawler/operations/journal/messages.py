"""The journal's `alarms`: which troubles a person was told of, and whether of their end."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.language.dates import to_iso_utc


@dataclass(frozen=True, slots=True)
class Alarm:
    """A trouble, from when it was noticed to when a person was told that it is over.

    Times are ISO 8601 in UTC with Z, None for what has not come to pass. `sentence` is the one that was told.
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
        """What tells one trouble from another."""
        return self.kind, self.subject


def read_standing(connection: sqlite3.Connection) -> list[Alarm]:
    """Give the alarms that are not settled: those that stand, and those whose end a person is still to be told of."""
    rows = connection.execute(
        """select id, kind, subject, since, sentence, told_at, ended_at from alarms
           where ended_at is null or (told_at is not null and end_told_at is null) order by id"""
    )
    return [Alarm(*row) for row in rows.fetchall()]


def open_alarm(connection: sqlite3.Connection, kind: str, *, subject: str, since: str, sentence: str) -> None:
    """Note a trouble that nobody was told of yet; of one that is noted so already, the sentence of now."""
    connection.execute(
        """insert into alarms (kind, subject, since, sentence) values (?, ?, ?, ?)
           on conflict (kind, subject) where ended_at is null do update set sentence = excluded.sentence""",
        (kind, subject, since, sentence),
    )


def end_alarms(connection: sqlite3.Connection, alarms: Iterable[Alarm], *, now: datetime) -> None:
    """Note that troubles are over."""
    at = to_iso_utc(now)
    connection.executemany("update alarms set ended_at = ? where id = ?", [(at, alarm.id) for alarm in alarms])


def reopen_alarms(connection: sqlite3.Connection, alarms: Iterable[Alarm]) -> None:
    """Note that troubles whose end nobody was told of are back."""
    connection.executemany("update alarms set ended_at = null where id = ?", [(alarm.id,) for alarm in alarms])


def mark_told(connection: sqlite3.Connection, *, now: datetime) -> None:
    """Note that a person was told of every trouble that stands, and of the end of those that are over."""
    at = to_iso_utc(now)
    connection.execute("update alarms set told_at = ? where told_at is null and ended_at is null", (at,))
    connection.execute(
        "update alarms set end_told_at = ? where told_at is not null and ended_at is not null and end_told_at is null",
        (at,),
    )
