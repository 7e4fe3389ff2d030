"""The journal's `verifications`: those that found a fault, and those that found it repaired."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VerificationRun:
    """One verification of an archive.

    `at` is ISO 8601 in UTC with Z. `is_whole` is False for `verify --quick`. `lost` are those of the differences that
    are WARC files or records, missing or damaged.
    """

    at: str
    is_whole: bool
    differences: int
    lost: int


def note_verification(connection: sqlite3.Connection, run: VerificationRun) -> None:
    """Insert a verification, in the journal's open transaction."""
    connection.execute(
        "insert into verifications (at, is_whole, differences, lost) values (?, ?, ?, ?)",
        (run.at, int(run.is_whole), run.differences, run.lost),
    )


def read_unmended(connection: sqlite3.Connection) -> VerificationRun | None:
    """Return the last verification that found something, unless a whole one after it found nothing."""
    row = connection.execute(
        """select at, is_whole, differences, lost from verifications where differences > 0 and id > coalesce(
             (select max(id) from verifications where differences = 0 and is_whole), 0) order by id desc limit 1"""
    ).fetchone()
    return VerificationRun(row[0], bool(row[1]), row[2], row[3]) if row else None
