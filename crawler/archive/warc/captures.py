"""The tables of captures and of WARC files."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from crawler.archive.history.lineage import floor_of
from crawler.archive.history.record_lists import ListedFile
from crawler.archive.warc.files.folder import find_files, serial_in
from crawler.archive.warc.writer import MakeWarcinfo, RefersTo, WarcWriter
from crawler.errors import ArchiveUnusableError
from crawler.items import Capture


def put_capture(connection: sqlite3.Connection, capture: Capture) -> None:
    """Insert the row of a capture. Its records are in the WARC file already."""
    connection.execute(
        "insert into captures values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            capture.id, capture.record_id, capture.crawl_id, capture.url, capture.method, capture.request_sha256,
            capture.fetched_at, capture.status, capture.media_type, capture.payload_sha256, capture.warc_file,
            capture.warc_offset, capture.warc_length, capture.record_type, capture.truncated, capture.warc_date,
        ),
    )  # fmt: skip
    connection.execute("update crawls set requests = requests + 1 where id = ?", (capture.crawl_id,))


def put_warc_file(
    connection: sqlite3.Connection, name: str, *, serial: int, size_bytes: int, closed: bool,
    list_sha256: str | None = None,
) -> None:  # fmt: skip
    """Store a WARC file: the size in bytes up to which its records have rows, and the digest of its record list."""
    connection.execute(
        """insert into warc_files (name, serial, size_bytes, closed, list_sha256) values (?, ?, ?, ?, ?)
           on conflict (name) do update set size_bytes = excluded.size_bytes, closed = excluded.closed,
             list_sha256 = excluded.list_sha256""",
        (name, serial, size_bytes, int(closed), list_sha256),
    )


def note_files(connection: sqlite3.Connection, writer: WarcWriter) -> None:
    """Store the sizes of a writer's files, now that their records have rows."""
    for file in writer.take_changed():
        put_warc_file(
            connection, file.name, serial=file.serial, size_bytes=file.size_bytes, closed=file.closed,
            list_sha256=file.list_sha256,
        )  # fmt: skip


def open_writer(
    connection: sqlite3.Connection, folder: Path, *, prefix: str, clock: Callable[[], datetime],
    make_warcinfo: MakeWarcinfo,
) -> WarcWriter:  # fmt: skip
    """Make a writer. Its files get serials above those of all rows and files, and above a jump of the ids."""
    held = max((serial_in(file.name) or 0 for file in find_files(folder)), default=0)
    serial = max(last_serial(connection), held, floor_of(connection, "serial")) + 1
    return WarcWriter(
        folder, prefix, next_serial=serial, clock=clock, make_warcinfo=make_warcinfo, previous=_last_listed(connection)
    )


def _last_listed(connection: sqlite3.Connection) -> ListedFile | None:
    row = connection.execute(
        "select name, list_sha256 from warc_files where list_sha256 is not null order by serial desc limit 1"
    ).fetchone()
    return ListedFile(*row) if row else None


def last_serial(connection: sqlite3.Connection) -> int:
    """Return the highest serial of a WARC file in the rows, also of a lost file; 0 without rows."""
    return int(connection.execute("select coalesce(max(serial), 0) from warc_files").fetchone()[0])


def capture_by_record(connection: sqlite3.Connection, record_id: str) -> Capture:
    """Return a capture by its WARC-Record-ID.

    Raises:
        ArchiveUnusableError: if there is none. The ledger names only records that come before its own record.
    """
    row = connection.execute("select * from captures where record_id = ?", (record_id,)).fetchone()
    if row is None:
        raise ArchiveUnusableError(f"the ledger names record {record_id}, which no WARC file holds")
    return as_capture(row)


def as_capture(row: sqlite3.Row) -> Capture:
    """Make a Capture from a row of `captures`."""
    return Capture(**{key: row[key] for key in row.keys()})  # noqa: SIM118 - sqlite3.Row iterates over values


def last_whole(connection: sqlite3.Connection, url: str) -> Capture | None:
    """Return the last capture with a complete answer of an address; None if there is none."""
    row = connection.execute(
        """select * from captures where url = ? and status = 200 and truncated is null and method = 'GET'
           order by id desc limit 1""",
        (url,),
    ).fetchone()
    return as_capture(row) if row else None


def count_runs_with(connection: sqlite3.Connection, url: str, *, payload_sha256: str, before: int) -> int:
    """Return how many runs before a run got a payload from an address."""
    (runs,) = connection.execute(
        "select count(distinct crawl_id) from captures where url = ? and payload_sha256 = ? and crawl_id < ?",
        (url, payload_sha256, before),
    ).fetchone()
    return int(runs)


def next_capture_id(connection: sqlite3.Connection) -> int:
    """Return the id of the next capture: one above the highest id, also above a jump of the ids."""
    (highest,) = connection.execute("select coalesce(max(id), 0) from captures").fetchone()
    return max(int(highest), floor_of(connection, "capture")) + 1


def find_payload(connection: sqlite3.Connection, digest: str) -> RefersTo | None:
    """Find the first record of a GET with a complete payload of this digest; None if there is none.

    Answers to a POST do not count: replay tools find the record of a revisit by address and time, and all answers of a
    pager share one address.
    """
    row = connection.execute(
        """select record_id, url, coalesce(warc_date, fetched_at) from captures
           where payload_sha256 = ? and record_type = 'response' and truncated is null and method = 'GET'
           order by id limit 1""",
        (digest,),
    ).fetchone()
    return RefersTo(*row) if row else None
