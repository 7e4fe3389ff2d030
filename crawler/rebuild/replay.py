"""From WARC records to rows: a rebuild replays all records, and a start those that a dead run left uncommitted.

Records are read in order. A response or revisit becomes a row of `captures`. The entries of a ledger record are
applied: each reading is made again from its capture with today's parser.
"""

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.archive import store
from crawler.archive.frontier.plain_hosts import put_plain_host
from crawler.archive.readings import apply_page
from crawler.archive.row_digests.row_ledger import RowLedger
from crawler.archive.run_writer import RunWriter
from crawler.archive.verdicts.decisions import put_decision
from crawler.archive.verdicts.unverified_hosts import put_unverified_host
from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.captures import capture_by_record, next_capture_id, put_capture, put_warc_file
from crawler.archive.warc.ledger import (
    CrawlStarted,
    Decided,
    Entry,
    Failed,
    FileRead,
    HostPlain,
    HostUnverified,
    ListingWalked,
    PageRead,
    Released,
    RunEntry,
    Withheld,
    parse_entries,
)
from crawler.archive.warc.reader import (
    TornFileError,
    close_open_file,
    mend_torn_tail,
    read_records,
    serial_of,
    warc_files,
)
from crawler.archive.warc.record import WarcRecord
from crawler.archive.warc.record_to_capture import CaptureReader
from crawler.archive.warc.writer import OPEN_SUFFIX
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withholdings import put_released, put_withheld
from crawler.items import Answer, Capture, FileRole, Purpose
from crawler.profile import Profile, restore_profile


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a start adopted: the number of captures without a row, and the bytes of torn records that were cut off."""

    captures: int
    torn_bytes: int


class Replay:
    """Applies records to a database in order. `floor` is the highest article id that the ledgers give."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, *, floor: int = 0) -> None:
        self._connection = connection
        self._folder = folder
        self._floor = floor
        self._profiles: dict[str, Profile] = {}
        self._reader = CaptureReader()
        self.captures = 0

    def apply(self, record: WarcRecord) -> None:
        """Apply one record to the database.

        Raises:
            WarcError: if the record, or one it refers to, cannot be read.
        """
        capture = self._reader.read(record)
        if capture is not None:
            self._put_capture(capture, record)
        elif record.kind == "metadata":
            for entry in parse_entries(record.block):
                self._apply_entry(entry)

    def _put_capture(self, capture: Capture, record: WarcRecord) -> None:
        if record.kind == "revisit":
            original = capture_by_record(self._connection, record.fields.get("warc-refers-to", ""))
            capture = replace(capture, payload_sha256=original.payload_sha256)
        put_capture(self._connection, replace(capture, id=next_capture_id(self._connection)))
        self.captures += 1

    def _apply_entry(self, entry: Entry) -> None:
        connection = self._connection
        if isinstance(entry, CrawlStarted):
            profile = restore_profile(entry.profile)
            self._profiles[profile.name] = profile
            store.put_portal(connection, profile, profile_json=entry.profile, rules=entry.rules)
            store.begin_crawl(connection, entry, portal=profile.name)
        elif isinstance(entry, PageRead):
            self._apply_page(entry)
        elif isinstance(entry, FileRead):
            self._apply_file(entry)
        elif isinstance(entry, Failed):
            store.apply_failure(connection, self._profile_of(entry), entry=entry)
        elif isinstance(entry, ListingWalked):
            store.put_listing_walk(connection, store.entry_portal(connection, entry), entry=entry)
        elif isinstance(entry, HostPlain | HostUnverified):
            self._apply_host(entry)
        elif isinstance(entry, Withheld):
            put_withheld(connection, entry)
        elif isinstance(entry, Released):
            put_released(connection, entry)
        elif isinstance(entry, Decided):
            put_decision(connection, entry)
        else:
            store.finish_crawl(connection, entry, profile=self._profile_of(entry))

    def _apply_host(self, entry: HostPlain | HostUnverified) -> None:
        if isinstance(entry, HostPlain):
            portal = store.entry_portal(self._connection, entry)
            put_plain_host(self._connection, entry, portal=portal)
        else:
            put_unverified_host(self._connection, entry)

    def _apply_file(self, entry: FileRead) -> None:
        from crawler.extract.answer import read_file  # the parsers; most crawls have nothing to replay

        profile = self._profile_of(entry)
        reading = read_file(self._answer(entry.capture), FileRole(entry.role), asked=entry.asked, profile=profile)
        store.apply_file(self._connection, profile, entry=entry, reading=reading)

    def _apply_page(self, entry: PageRead) -> None:
        from crawler.extract.answer import read_page

        profile = self._profile_of(entry)
        reading, addresses = read_page(
            self._answer(entry.capture),
            Purpose(entry.purpose),
            asked=entry.asked,
            listing=entry.listing,
            page=entry.page,
            profile=profile,
        )
        apply_page(self._connection, profile, entry=entry, reading=reading, addresses=addresses, floor=self._floor)

    def _profile_of(self, entry: RunEntry) -> Profile:
        name = store.entry_portal(self._connection, entry)
        if name not in self._profiles:
            row = self._connection.execute("select profile from portals where name = ?", (name,)).fetchone()
            self._profiles[name] = restore_profile(row["profile"])
        return self._profiles[name]

    def _answer(self, record_id: str) -> Answer:
        """Read the answer of a record. The payload of a revisit is in the record it refers to."""
        capture = capture_by_record(self._connection, record_id)
        return read_answer(self._connection, self._folder, capture=capture)


def adopt(writer: RunWriter) -> Adopted:
    """Apply the WARC records after the last commit, and give open files their final names.

    Call before `RunWriter.begin`. A torn last record is cut off. The whole records before it become rows, and their
    ledger entries are applied.
    """
    return adopt_records(writer.connection, writer.folder, overlay=writer.overlay)


def adopt_records(connection: sqlite3.Connection, folder: Path, *, overlay: Overlay) -> Adopted:
    """Adopt what a dead run or command left, as `adopt` does. The caller holds the archive."""
    captures, torn_bytes = 0, 0
    for path in warc_files(folder):
        name = path.name.removesuffix(OPEN_SUFFIX)
        row = connection.execute("select size_bytes, closed from warc_files where name = ?", (name,)).fetchone()
        if row and row["closed"] and path.name == name:
            continue
        if path.name != name:
            torn_bytes += mend_torn_tail(path) or 0
        rows = RowLedger(connection)
        with overlay.restored():
            rows.clear()
            replay = Replay(connection, folder)
            for record in _records_behind(path, row["size_bytes"] if row else 0):
                replay.apply(record)
                if record.kind == "metadata":
                    rows.note_stated(record.block)
            captures += replay.captures
            rows.check_adopted()
            put_warc_file(connection, name, serial=serial_of(path), size_bytes=path.stat().st_size, closed=True)
        if path.name != name:
            close_open_file(path)
    return Adopted(captures, torn_bytes)


def replay_all(connection: sqlite3.Connection, folder: Path) -> int:
    """Fill an empty database with the rows of every WARC file of an archive. Give the number of captures.

    A record that a run is writing at the moment, or was when it died, is left out.

    Raises:
        WarcError: if a file is damaged, or not one of this archive's.
    """
    files = warc_files(folder)
    replay = Replay(connection, folder, floor=_highest_article_id(files))
    for path in files:
        connection.execute("begin immediate")
        for record in _whole_records(path):
            replay.apply(record)
        name = path.name.removesuffix(OPEN_SUFFIX)
        put_warc_file(
            connection, name, serial=serial_of(path), size_bytes=path.stat().st_size, closed=path.name == name
        )
        connection.execute("commit")
    return replay.captures


def _records_behind(path: Path, offset: int) -> Iterator[WarcRecord]:
    """Yield the records behind an offset, after the file's own warcinfo."""
    if offset:
        yield next(read_records(path))
    yield from read_records(path, offset)


def _whole_records(path: Path, *, kinds: Collection[str] | None = None) -> Iterator[WarcRecord]:
    try:
        yield from read_records(path, kinds=kinds)
    except TornFileError:
        if not path.name.endswith(OPEN_SUFFIX):
            raise


def _highest_article_id(files: list[Path]) -> int:
    highest = 0
    for path in files:
        for record in _whole_records(path, kinds=("metadata",)):
            ids = [entry.article_id or 0 for entry in parse_entries(record.block) if isinstance(entry, PageRead)]
            highest = max([highest, *ids])
    return highest
