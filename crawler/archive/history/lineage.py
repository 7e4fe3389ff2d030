"""The table `history`: the runs and acts that made an archive, each with the ledger record before it.

A segment holds the ledger records of one run or one operator's act, in order. The first of them names the archive, the
history and the last record before it (`HistoryLink`). If two copies of an archive both get new runs, they share only
their first segments: a fork. A copy has reached the `Head` of another copy only if it holds all its records.
"""

import secrets
import sqlite3
import uuid
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from crawler.archive.history import place

# No id is used twice: a lost or unknown continuation of this history may have used this many ids.
_MARGINS = {"article": 1_000_000, "capture": 100_000_000, "crawl": 100_000, "serial": 100_000, "withholding": 100_000}
# The highest ids. An article's has 32 bits in `articles.sort_key`; JSON numbers are exact up to 2**53.
_LIMITS = {"article": 2**32, "capture": 2**53, "crawl": 2**32, "serial": 2**32, "withholding": 2**32}
# Copies of one archive jump to random places in this part of the free ids, so that their ids differ.
_WINDOW = 16


@dataclass(frozen=True, slots=True)
class Ids:
    """The highest id of each kind: `serial` is that of a WARC file, `withholding` the number of a withholding."""

    article: int
    capture: int
    crawl: int
    serial: int
    withholding: int


@dataclass(frozen=True, slots=True)
class HistoryLink:
    """What the first ledger record of a segment says about the history before it.

    `archive` identifies the archive, `history` its history since the last jump; both are UUIDs. `parent` is the id of
    the ledger record before it, None if there was none. With `above`, the ids jump: all later ids are higher. `taken`
    are the highest ids before it. If a rebuild lacks the record before, its ids jump above them.
    """

    archive: str
    history: str
    parent: str | None
    above: Ids | None = None
    taken: Ids | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a history: its last segment (`record_id` of the segment's first record), and its number of `records`.

    `last_record_id` is the id of the last ledger record; empty before the first.
    """

    archive: str
    history: str
    record_id: str
    records: int
    last_record_id: str


def make_link(connection: sqlite3.Connection, archive: Path) -> HistoryLink:
    """Make the link of a run or act that begins now. Read-only; the caller holds the archive.

    The ids jump if another copy of the archive may have used higher ids: the archive was restored, copied or moved, or
    it is older than the note in its folder (`place`).
    """
    head, known = read_head(connection), place.read_place(archive)
    if head is None:
        needs_jump = known is not None and not (known.is_here and known.head is None)
        name = _name_archive(connection)
        link = HistoryLink(name, name, None)
    else:
        needs_jump = known is None or not known.is_here or not (known.head is None or _has(connection, known.head))
        link = HistoryLink(head.archive, head.history, head.last_record_id)
    taken = read_ids(connection)
    if not needs_jump:
        return replace(link, taken=taken)
    if known is not None and known.ids is not None:
        taken = highest(taken, Ids(*(int(known.ids.get(one.name) or 0) for one in fields(Ids))))
    return HistoryLink(link.archive, str(uuid.uuid4()), link.parent, _jump(taken), taken)


def begin_segment(connection: sqlite3.Connection, record_id: str, *, link: HistoryLink) -> None:
    """Begin a segment, in the caller's transaction. From now on, new ids are above the ids of the link."""
    head = read_head(connection)
    is_gap = link.parent != (head.last_record_id if head else None)
    jump = link.above or (link.taken if is_gap else None)
    above = astuple(jump) if jump else (None,) * len(fields(Ids))
    connection.execute(
        """insert into history (record_id, parent, archive, history, records, last_record_id, article_above,
             capture_above, crawl_above, serial_above, withholding_above) values (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)""",
        (record_id, link.parent, link.archive, link.history, link.parent or "", *above),
    )


def count_record(connection: sqlite3.Connection, record_id: str) -> None:
    """Count a ledger record in the last segment. Records from before the first segment are not counted."""
    connection.execute(
        """update history set records = records + 1, last_record_id = ?
           where id = (select max(id) from history)""",
        (record_id,),
    )


def read_head(connection: sqlite3.Connection) -> Head | None:
    """Return the end of the history; None before its first segment."""
    row = connection.execute(
        "select archive, history, record_id, records, last_record_id from history order by id desc limit 1"
    ).fetchone()
    return Head(*row) if row else None


def has_reached(connection: sqlite3.Connection, head: Head) -> bool:
    """Return whether this history contains all records up to a head of another copy."""
    row = connection.execute("select records from history where record_id = ?", (head.record_id,)).fetchone()
    return row is not None and int(row[0]) >= head.records


def floor_of(connection: sqlite3.Connection, kind: str) -> int:
    """Return the id that all new ids of a kind (a field of `Ids`) must exceed; 0 if the ids never jumped."""
    sql = f"select max({kind}_above) from history where article_above is not null"  # noqa: S608 - fields of ours
    return int(connection.execute(sql).fetchone()[0] or 0)


def read_ids(connection: sqlite3.Connection) -> Ids:
    """Return the highest id of each kind that was used or jumped over."""
    row = connection.execute(
        """select (select max(id) from (
               select max(id) as id from articles union all select max(id) from article_redirects)),
             (select max(id) from captures), (select max(id) from crawls), (select max(serial) from warc_files),
             (select max(id) from withholdings)"""
    ).fetchone()
    names = [one.name for one in fields(Ids)]
    return highest(Ids(*(value or 0 for value in row)), Ids(*(floor_of(connection, name) for name in names)))


def highest(one: Ids, other: Ids) -> Ids:
    """Return the higher id of each kind."""
    return Ids(*map(max, astuple(one), astuple(other)))


def _jump(taken: Ids) -> Ids:
    def beyond(kind: str) -> int:
        start = getattr(taken, kind) + _MARGINS[kind]
        return int(start + secrets.randbelow(max(1, (_LIMITS[kind] - start) // _WINDOW)))

    return Ids(*(beyond(one.name) for one in fields(Ids)))


def _has(connection: sqlite3.Connection, record_id: str) -> bool:
    return connection.execute("select 1 from history where record_id = ?", (record_id,)).fetchone() is not None


def _name_archive(connection: sqlite3.Connection) -> str:
    """Return a name for an archive. If an older version made it, use its first capture, so that copies get one name."""
    first = connection.execute("select record_id from captures order by id limit 1").fetchone()
    return str(first[0]).removeprefix("urn:uuid:") if first else str(uuid.uuid4())
