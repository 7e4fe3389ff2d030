"""The journal's `backups`: which copies of the archive were made or tried, and how that ended."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backup:
    """One attempt at a backup.

    `at` is ISO 8601 in UTC with Z. `target` is shown without its secrets. `snapshot` and `size_bytes` (of the
    compressed snapshot) are None where none was written. `message` says what went wrong, None if nothing did.
    """

    at: str
    target: str
    snapshot: str | None
    size_bytes: int | None
    ok: bool
    message: str | None


def record_backup(connection: sqlite3.Connection, backup: Backup) -> None:
    """Note an attempt, in the journal's open transaction."""
    connection.execute(
        "insert into backups (at, target, snapshot, size_bytes, ok, message) values (?, ?, ?, ?, ?, ?)",
        (backup.at, backup.target, backup.snapshot, backup.size_bytes, int(backup.ok), backup.message),
    )


def last_backup(connection: sqlite3.Connection) -> Backup | None:
    """Give the attempt that was noted last, good or not; None if there was none."""
    return _one(connection, "order by id desc")


def last_good(connection: sqlite3.Connection) -> Backup | None:
    """Give the backup that was noted last of those that succeeded, None if there is none."""
    return _one(connection, "where ok = 1 order by id desc")


def last_good_to(connection: sqlite3.Connection, target: str) -> Backup | None:
    """Give the good backup to a target (named as it is shown) that was noted last, None if there is none."""
    return _one(connection, "where ok = 1 and target = ? order by id desc", target)


def first_good(connection: sqlite3.Connection) -> Backup | None:
    """Give the backup that was noted first of those that succeeded, None if there is none."""
    return _one(connection, "where ok = 1 order by id")


def _one(connection: sqlite3.Connection, which: str, *parameters: str) -> Backup | None:
    sql = f"select at, target, snapshot, size_bytes, ok, message from backups {which} limit 1"  # noqa: S608 - constants
    row = connection.execute(sql, parameters).fetchone()
    return Backup(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) if row else None
