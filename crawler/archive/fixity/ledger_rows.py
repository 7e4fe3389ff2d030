"""The final digests of rows by the ledger, in a scratch database, because archives have more rows than memory holds."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from operator import itemgetter

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import (
    CrawlFinished,
    CrawlStarted,
    Entry,
    FileRead,
    PageRead,
    parse_entries,
    parse_rows,
)
from crawler.archive.warc.segments import LedgerPlace, read_ledger
from crawler.errors import WarcError

# The place of a ledger record: the serial of its file, and its number in the file.
Place = tuple[int, int]

NOWHERE: Place = (-1, -1)


class LedgerRows:
    """Takes ledger records in any order, and gives the digest that each row should have.

    `lost` is the place of the last lost ledger record. Its rows are not known, so only digests after it are certain.
    `readers` counts the pages and files by the version of their reader. `closed_runs` are the runs whose end is in the
    ledger. `has_rows` is True if any run wrote digests of rows. `segments` are the places of ledger records in the
    history.
    """

    def __init__(self) -> None:
        self.lost = NOWHERE
        self.readers: dict[int, int] = {}
        self.closed_runs: set[int] = set()
        self.stated: str | None = None
        self.has_rows = False
        self.segments: list[tuple[Place, LedgerPlace]] = []
        self._anew = NOWHERE
        self._scratch = sqlite3.connect("", isolation_level=None)
        self._scratch.executescript(
            """pragma journal_mode = off; pragma synchronous = off;
               create table stated (name text, key text, digest text, serial integer, place integer,
                 primary key (name, key)) without rowid;"""
        )
        self._scratch.execute("begin")

    def close(self) -> None:
        """Drop the scratch database."""
        self._scratch.close()

    def note_lost(self, place: Place) -> None:
        """Note that a ledger record is lost."""
        self.lost = max(self.lost, place)

    def take(self, record: WarcRecord, place: Place) -> None:
        """Take the digests and entries of a ledger record. Ignore another metadata record."""
        content = record.block
        with suppress(WarcError):
            segment = read_ledger(record)
            if segment is not None:
                self.segments.append((place, segment))
        entries: list[Entry] = []
        with suppress(WarcError):  # of a newer version, which a rebuild names
            entries = parse_entries(content)
            for entry in entries:
                if isinstance(entry, PageRead | FileRead):
                    version = entry.reader or 1
                    self.readers[version] = self.readers.get(version, 0) + 1
                elif isinstance(entry, CrawlFinished):
                    self.closed_runs.add(entry.crawl_id)
        rows = parse_rows(content)
        if rows is None:
            return
        self.has_rows = self.has_rows or any(isinstance(entry, CrawlStarted) for entry in entries)
        if rows.anew:
            self._anew = max(self._anew, place)
        self._put([(name, key, one, *place) for name, digests in rows.digests.items() for key, one in digests.items()])

    def in_order(self) -> list[LedgerPlace]:
        """Return the places of ledger records in the history in order, each record once."""
        ordered = {segment.record_id: segment for _, segment in sorted(self.segments, key=itemgetter(0))}
        return list(ordered.values())

    def override(self, name: str, digests: dict[str, str | None]) -> None:
        """Take digests that are not in the ledger yet. They are newer than all digests in it."""
        place = (2**62, 0)
        self._put([(name, key, digest, *place) for key, digest in digests.items()])

    def _put(self, rows: list[tuple[str, str, str | None, int, int]]) -> None:
        self._scratch.executemany(
            """insert into stated values (?, ?, ?, ?, ?) on conflict (name, key) do update set
                 digest = excluded.digest, serial = excluded.serial, place = excluded.place
               where (excluded.serial, excluded.place) >= (serial, place)""",
            rows,
        )

    def match(self, name: str, key: str, *, digest: str) -> bool | None:
        """Compare a row's digest with the ledger: True if equal, False if certainly different, None if not known.

        After the call, `stated` is the ledger's digest of the row, None if it has none.
        """
        row = self._scratch.execute(
            "select digest, serial, place from stated where name = ? and key = ?", (name, key)
        ).fetchone()
        is_stated = row is not None and row[1:] >= self._anew
        self.stated = row[0] if is_stated else None
        if is_stated:
            self._scratch.execute("delete from stated where name = ? and key = ?", (name, key))
            if row[0] == digest:
                return True
            return False if row[1:] > self.lost else None
        return False if self.lost < max(self._anew, (0, 0)) else None

    def all_stated(self, name: str) -> list[tuple[str, str | None]]:
        """Return key and digest of all rows of a table in the ledger, without rows that a lost record may have changed.

        The digest of a deleted row is None.
        """
        rows = self._scratch.execute(
            "select key, digest from stated where name = ? and (serial, place) >= (?, ?) and (serial, place) > (?, ?)",
            (name, *self._anew, *self.lost),
        )
        return rows.fetchall()

    def left(self, name: str) -> Iterator[tuple[str, str, bool]]:
        """Yield key and digest of the missing rows of a table, and whether it is certain that they should exist."""
        rows = self._scratch.execute(
            """select key, digest, (serial, place) > (?, ?) from stated
               where name = ? and digest is not null and (serial, place) >= (?, ?) order by key""",
            (*self.lost, name, *self._anew),
        )
        for key, digest, is_certain in rows.fetchall():
            yield key, digest, bool(is_certain)
