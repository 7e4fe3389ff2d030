"""The journal's `backups` and `drills`: which backups were made and tried, and how that ended."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backup:
    """One attempt at a backup.

    `at` is ISO 8601 in UTC with Z. `target` is without its secrets. `snapshot` and `size_bytes` (of the compressed
    snapshot) are None if none was written. `message` says what went wrong, None if nothing did. `held` is the history
    that the target held then and its newest snapshot, None if they are not known.
    """

    at: str
    target: str
    snapshot: str | None
    size_bytes: int | None
    ok: bool
    message: str | None
    held: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Drill:
    """One restore of a backup for trial.

    `at` is ISO 8601 in UTC with Z. `target` is without its secrets. `snapshot` is None if none was found. `message`
    has the counts, or says what went wrong.
    """

    at: str
    target: str
    snapshot: str | None
    ok: bool
    message: str | None


def record_backup(connection: sqlite3.Connection, backup: Backup) -> None:
    """Insert an attempt, in the journal's open transaction."""
    connection.execute(
        """insert into backups (at, target, snapshot, size_bytes, ok, message, held_history, held_snapshot)
           values (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            backup.at,
            backup.target,
            backup.snapshot,
            backup.size_bytes,
            int(backup.ok),
            backup.message,
            *(backup.held or (None, None)),
        ),
    )


def last_backup(connection: sqlite3.Connection) -> Backup | None:
    """Return the last attempt, good or not; None if there was none."""
    return _one_backup(connection, "order by id desc")


def last_good(connection: sqlite3.Connection) -> Backup | None:
    """Return the last good backup, None if there is none."""
    return _one_backup(connection, "where ok = 1 order by id desc")


def last_good_to(connection: sqlite3.Connection, target: str) -> Backup | None:
    """Return the last good backup to a target (named without its secrets), None if there is none."""
    return _one_backup(connection, "where ok = 1 and target = ? order by id desc", target)


def first_good(connection: sqlite3.Connection) -> Backup | None:
    """Return the first good backup, None if there is none."""
    return _one_backup(connection, "where ok = 1 order by id")


def last_of_each(connection: sqlite3.Connection) -> list[Backup]:
    """Return the last attempt to each target, good or not."""
    return _read_backups(connection, "where id in (select max(id) from backups group by target) order by id")


def last_held(connection: sqlite3.Connection) -> list[Backup]:
    """Return, of each target, the last attempt that saw which history it holds."""
    known = "select max(id) from backups where held_history is not null group by target"
    return _read_backups(connection, f"where id in ({known}) order by target")


def _one_backup(connection: sqlite3.Connection, which: str, *parameters: str) -> Backup | None:
    return next(iter(_read_backups(connection, f"{which} limit 1", *parameters)), None)


def _read_backups(connection: sqlite3.Connection, which: str, *parameters: str) -> list[Backup]:
    columns = "at, target, snapshot, size_bytes, ok, message, held_history, held_snapshot"
    rows = connection.execute(f"select {columns} from backups {which}", parameters)  # noqa: S608 - constants
    return [
        Backup(row[0], row[1], row[2], row[3], bool(row[4]), row[5], (row[6], row[7]) if row[6] else None)
        for row in rows.fetchall()
    ]


def record_drill(connection: sqlite3.Connection, drill: Drill) -> None:
    """Insert a drill, in the journal's open transaction."""
    connection.execute(
        "insert into drills (at, target, snapshot, ok, message) values (?, ?, ?, ?, ?)",
        (drill.at, drill.target, drill.snapshot, int(drill.ok), drill.message),
    )


def last_drill(connection: sqlite3.Connection) -> Drill | None:
    """Return the last drill, good or not; None if there was none."""
    return _one_drill(connection, "order by id desc")


def last_good_drill(connection: sqlite3.Connection) -> Drill | None:
    """Return the last good drill, None if there is none."""
    return _one_drill(connection, "where ok = 1 order by id desc")


def _one_drill(connection: sqlite3.Connection, which: str) -> Drill | None:
    sql = f"select at, target, snapshot, ok, message from drills {which} limit 1"  # noqa: S608 - constants
    row = connection.execute(sql).fetchone()
    return Drill(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None
