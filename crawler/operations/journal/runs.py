"""The journal's `runs` and `job_events`: how every planned night ended, and what APScheduler did with each job."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crawler.language.dates import to_iso_utc

# The notes are for people; no decision depends on them.
STOPPED = "ended with the scheduler; it goes on at the next start"
DIED = "the scheduler died while this run was under way"
MISSED = "missed: no run began before the next night was due"


class EndedFor(StrEnum):
    """Why the scheduler ended a run: it was stopped itself, or the watchdog saw no progress."""

    STOP = "stop"
    WATCHDOG = "watchdog"


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One attempt at a planned night, or the row of a night without one.

    Times are ISO 8601 in UTC with Z. `began_at` is None for a missed night; `ended_at` is None while the run is under
    way. `exit_code` is the crawl's (negative: the signal that killed it), None if its end was not seen. `ended_for` is
    an `EndedFor`, None if the run ended by itself.
    """

    id: int
    portal: str
    planned_at: str
    began_at: str | None
    ended_at: str | None
    exit_code: int | None
    note: str | None
    ended_for: str | None = None


def begin_run(connection: sqlite3.Connection, portal: str, *, planned_at: datetime, now: datetime) -> int:
    """Insert a run that begins, in the journal's open transaction; give its id.

    Rows that say this night or a later one was missed are deleted: a wrong clock wrote them.
    """
    connection.execute(
        "delete from runs where portal = ? and began_at is null and planned_at >= ?", (portal, to_iso_utc(planned_at))
    )
    cursor = connection.execute(
        "insert into runs (portal, planned_at, began_at) values (?, ?, ?)",
        (portal, to_iso_utc(planned_at), to_iso_utc(now)),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_run(
    connection: sqlite3.Connection, run_id: int | None, *, exit_code: int, note: str | None, now: datetime,
    ended_for: EndedFor | None = None,
) -> None:  # fmt: skip
    """Write how a run ended, with a note after those it has; nothing if the run has no row (`run_id` None)."""
    connection.execute(
        "update runs set ended_at = ?, exit_code = ?, ended_for = ? where id = ?",
        (to_iso_utc(now), exit_code, ended_for, run_id),
    )
    if note is not None:
        add_note(connection, run_id, note=note)


def add_note(connection: sqlite3.Connection, run_id: int | None, *, note: str) -> None:
    """Add a sentence to a run's note; nothing if the run has no row (`run_id` None)."""
    connection.execute("update runs set note = coalesce(note || '; ', '') || ? where id = ?", (note, run_id))


def close_dead_runs(connection: sqlite3.Connection, *, now: datetime) -> int:
    """Close the runs that a dead scheduler left open; give their number.

    Only the holder of the plan may call it. The crawl of such a run may still be alive, and hold the archive.
    """
    return connection.execute(
        "update runs set ended_at = ?, note = coalesce(note || '; ', '') || ? where ended_at is null",
        (to_iso_utc(now), DIED),
    ).rowcount


def note_missed(connection: sqlite3.Connection, portal: str, *, nights: Iterable[datetime], now: datetime) -> None:
    """Insert nights without a run, each once, also if called again."""
    for planned in nights:
        connection.execute(
            """insert into runs (portal, planned_at, ended_at, note) select :portal, :planned, :now, :note
               where not exists (select 1 from runs where portal = :portal and planned_at = :planned)""",
            {"portal": portal, "planned": to_iso_utc(planned), "now": to_iso_utc(now), "note": MISSED},
        )


def read_runs(connection: sqlite3.Connection, portal: str, *, limit: int) -> list[PlannedRun]:
    """Read the last runs of a portal, at most `limit`, in the order they began, without missed nights."""
    found = connection.execute(
        """select id, portal, planned_at, began_at, ended_at, exit_code, note, ended_for from runs
           where portal = ? and began_at is not null order by id desc limit ?""",
        (portal, limit),
    ).fetchall()
    return [PlannedRun(*row) for row in reversed(found)]


def record_job_event(
    connection: sqlite3.Connection, job: str, *, event: str, exit_code: int | None, message: str | None, now: datetime
) -> None:
    """Insert an event of a job, in the journal's open transaction; it is for people, no decision depends on it.

    Args:
        connection: the journal.
        job: `night NAME`, `backup`, `drill` or `messages`.
        event: `submitted`, `executed`, `error`, `missed` or `max-instances`.
        exit_code: that of the job's command; None unless it was executed.
        message: the exception of an error.
        now: the time of the event.
    """
    connection.execute(
        "insert into job_events (at, job, event, exit_code, message) values (?, ?, ?, ?, ?)",
        (to_iso_utc(now), job, event, exit_code, message),
    )
