"""The public table `withholdings`: what was withheld and released. It holds no title and no address."""

import re
import sqlite3
from dataclasses import dataclass

from crawler.archive.history.lineage import floor_of
from crawler.archive.warc.ledger import Released, Withheld
from crawler.errors import WarcError

KINDS = ("article", "image", "attachment", "capture")
# What each kind is named by: an id of at most 64 bits, or a SHA-256 in hex.
_ID, _SHA256 = re.compile(r"[0-9]{1,18}"), re.compile(r"[0-9a-f]{64}")
_NAMED_BY = dict(zip(KINDS, (_ID, _SHA256, _SHA256, _ID), strict=True))


@dataclass(frozen=True, slots=True)
class Withholding:
    """One withheld thing: an article or capture by its id, a file by its SHA-256 in hex."""

    id: int
    kind: str
    what: str
    reason: str
    by: str
    withheld_at: str


def put_withheld(connection: sqlite3.Connection, entry: Withheld) -> None:
    """Store that something is withheld from now on, and that its words are to be erased (`Overlay.erase_words`).

    Raises:
        WarcError: if it names nothing that can be withheld: every later start would fail at its row.
    """
    form = _NAMED_BY.get(entry.kind)
    if form is None or not form.fullmatch(entry.what):
        raise WarcError(f"withholding {entry.withholding_id} names no {', '.join(KINDS)} by its id or digest")
    connection.execute(
        "insert into withholdings (id, kind, what, reason, by, withheld_at) values (?, ?, ?, ?, ?, ?)",
        (entry.withholding_id, entry.kind, entry.what, entry.reason, entry.by, entry.at),
    )
    connection.execute("insert or ignore into _unerased values (1)")


def put_released(connection: sqlite3.Connection, entry: Released) -> None:
    """Store that something is no longer withheld.

    Raises:
        WarcError: if there is no such withholding.
    """
    done = connection.execute(
        "update withholdings set released_at = ?, release_reason = ?, released_by = ? where id = ?",
        (entry.at, entry.reason, entry.by, entry.withholding_id),
    )
    if not done.rowcount:
        raise WarcError(f"withholding {entry.withholding_id}, which it releases, is not known")


def read_active(connection: sqlite3.Connection) -> list[Withholding]:
    """Read what is withheld now, in order."""
    rows = connection.execute(
        """select id, kind, what, reason, by, withheld_at from withholdings
           where released_at is null order by id"""
    )
    return [Withholding(*row) for row in rows.fetchall()]


def find_active(connection: sqlite3.Connection, kind: str, *, what: str) -> Withholding | None:
    """Find the active withholding that names this very thing; None without one."""
    row = connection.execute(
        """select id, kind, what, reason, by, withheld_at from withholdings
           where kind = ? and what = ? and released_at is null""",
        (kind, what),
    ).fetchone()
    return Withholding(*row) if row else None


def next_withholding_id(connection: sqlite3.Connection) -> int:
    """Return the id of the next withholding: one more than the highest, or than the one that ids jumped over."""
    (highest,) = connection.execute("select coalesce(max(id), 0) from withholdings").fetchone()
    return max(int(highest), floor_of(connection, "withholding")) + 1
