"""The journal's `runs`: every planned night with what became of it, also the nights that no run began for."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.language.dates import to_iso_utc

# What the plan does after a run depends on these notes; others are for people.
STOPPED = "ended with the scheduler; it goes on at the next start"
DIED = "the scheduler died while this run was under way"
MISSED = "missed: no run began before the next night was due"


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One attempt at a planned night, or the note that none was made.

    Times are ISO 8601 in UTC with Z. `began_at` is None for a night that was missed; `ended_at` is None while the run
    is under way. `exit_code` is the crawl's (negative: the signal that killed it), None if nobody saw it end.
    """

    id: int
    portal: str
    planned_at: str
    began_at: str | None
    ended_at: str | None
    exit_code: int | None
    note: str | None


def begin_run(connection: sqlite3.Connection, portal: str, *, planned_at: datetime, now: datetime) -> int:
    """Note that a run begins, in the journal's open transaction; give its id.

    What says that this night, or one after it, was missed was noted by a clock that was wrong, and goes.
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


def end_run(connection: sqlite3.Connection, run_id: int, *, exit_code: int, note: str | None, now: datetime) -> None:
    """Note how a run ended; a note it has already is kept before the new one."""
    connection.execute(
        "update runs set ended_at = ?, exit_code = ? where id = ?",
        (to_iso_utc(now), exit_code, run_id),
    )
    if note is not None:
        add_note(connection, run_id, note=note)


def add_note(connection: sqlite3.Connection, run_id: int, *, note: str) -> None:
    """Add a sentence to what is noted of a run."""
    connection.execute("update runs set note = coalesce(note || '; ', '') || ? where id = ?", (note, run_id))


def close_dead_runs(connection: sqlite3.Connection, *, now: datetime) -> int:
    """Close the runs that a dead scheduler left open; give how many.

    Only the holder of the plan may call it. The crawl of such a run may still be under way: it holds the archive then.
    """
    return connection.execute(
        "update runs set ended_at = ?, note = coalesce(note || '; ', '') || ? where ended_at is null",
        (to_iso_utc(now), DIED),
    ).rowcount


def note_missed(connection: sqlite3.Connection, portal: str, *, nights: Iterable[datetime], now: datetime) -> None:
    """Note nights for which no run began, each once, however often it is called."""
    for planned in nights:
        connection.execute(
            """insert into runs (portal, planned_at, ended_at, note) select :portal, :planned, :now, :note
               where not exists (select 1 from runs where portal = :portal and planned_at = :planned)""",
            {"portal": portal, "planned": to_iso_utc(planned), "now": to_iso_utc(now), "note": MISSED},
        )


def read_runs(connection: sqlite3.Connection, portal: str, *, limit: int) -> list[PlannedRun]:
    """Give the last runs of a portal, the one that began first first; missed nights are left out."""
    found = connection.execute(
        """select id, portal, planned_at, began_at, ended_at, exit_code, note from runs
           where portal = ? and began_at is not null order by id desc limit ?""",
        (portal, limit),
    ).fetchall()
    return [PlannedRun(*row) for row in reversed(found)]
