"""The journal's `drills`: when a backup was last restored for trial, and whether it proved whole."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drill:
    """One restore for trial.

    `at` is ISO 8601 in UTC with Z. `target` is shown without its secrets. `snapshot` is None where none was found.
    `message` says what it came to: the counts, or what went wrong.
    """

    at: str
    target: str
    snapshot: str | None
    ok: bool
    message: str | None


def record_drill(connection: sqlite3.Connection, drill: Drill) -> None:
    """Note a drill, in the journal's open transaction."""
    connection.execute(
        "insert into drills (at, target, snapshot, ok, message) values (?, ?, ?, ?, ?)",
        (drill.at, drill.target, drill.snapshot, int(drill.ok), drill.message),
    )


def last_drill(connection: sqlite3.Connection) -> Drill | None:
    """Give the drill that was noted last, good or not; None if there was none."""
    return _one(connection, "order by id desc")


def last_good_drill(connection: sqlite3.Connection) -> Drill | None:
    """Give the drill that was noted last of those that succeeded, None if there is none."""
    return _one(connection, "where ok = 1 order by id desc")


def _one(connection: sqlite3.Connection, which: str) -> Drill | None:
    sql = f"select at, target, snapshot, ok, message from drills {which} limit 1"  # noqa: S608 - constants
    row = connection.execute(sql).fetchone()
    return Drill(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None
