"""From WARC records to rows: a rebuild replays all records, and a start those that a dead run left uncommitted.

Records are read in order. A response or revisit becomes a row of `captures`. The entries of a ledger record are
applied: each reading is made again from its capture with today's reader. Where it reads otherwise than the run's, the
ledger says which article a page belongs to, and the difference is reported (docs/decisions/readers.md).
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.archive import store
from crawler.archive.frontier.plain_hosts import put_plain_host
from crawler.archive.history.lineage import read_head
from crawler.archive.record_lists import digest_list, write_list
from crawler.archive.rereading.another_reading import apply_reread
from crawler.archive.row_digests.row_ledger import RowLedger
from crawler.archive.run_writer import RunWriter
from crawler.archive.verdicts.decisions import put_decision
from crawler.archive.verdicts.unverified_hosts import put_unverified_host
from crawler.archive.warc.answers import find_holder
from crawler.archive.warc.captures import capture_by_record, next_capture_id, put_capture, put_warc_file
from crawler.archive.warc.files.record import WarcRecord
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
    PageReread,
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
from crawler.archive.warc.record_to_capture import CaptureReader
from crawler.archive.warc.segments import LedgerPlace, read_ledger
from crawler.archive.warc.writer import OPEN_SUFFIX
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withholdings import put_released, put_withheld
from crawler.errors import ArchiveUnusableError
from crawler.items import Capture, Purpose
from crawler.profile import Profile, restore_profile
from crawler.rebuild.former_rows import FormerRows
from crawler.rebuild.histories import Histories, Selection, refuse_foreign
from crawler.rebuild.pages import Evidence, PageReplay, find_lost
from crawler.rebuild.promises import Promises, read_promises
from crawler.rebuild.reading import Asker, AskHere, FileQuestion, PageQuestion, Pending, Reading, make_reread
from crawler.rebuild.report import Adopted, ReadOtherwise, Replayed

# So many questions are asked before their turn. A ledger record has up to `run_writer.BATCH_OPERATIONS` of them: while
# its readings are applied, those of the next one are made. Each waiting reading is some 50 kB.
QUESTIONS_AHEAD = 600

Watch = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One record, ready to be applied: its capture, or its entries with the readings that they need.

    `length` are its bytes, `ended` is the file that ends here, `ledger` is what a ledger record says of the history.
    """

    capture: Capture | None = None
    refers_to: str = ""
    entries: tuple[tuple[Entry, Pending | None], ...] = ()
    length: int = 0
    ended: Path | None = None
    ledger: LedgerPlace | None = None


class Replay:
    """Applies records to a database in order: `prepare` each one, and `apply` the steps in the same order."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, *, evidence: Evidence, asker: Asker | None = None
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._pages = PageReplay(connection, folder, evidence=evidence)
        self._asker = asker or AskHere(folder)
        self._profiles: dict[str, Profile] = {}
        self._profile_texts: dict[int, str] = {}  # of prepared runs
        self._prepared: dict[str, tuple[Capture, str]] = {}  # captures without a row yet, and what they refer to
        self._reader = CaptureReader()
        self.captures = 0

    @property
    def otherwise(self) -> list[ReadOtherwise]:
        """The pages and files that are read otherwise than the ledger says, so far."""
        return self._pages.otherwise

    def prepare(self, record: WarcRecord) -> Step:
        """Read a record, and ask for the readings of its entries.

        Raises:
            WarcError: if the record cannot be read.
        """
        capture = self._reader.read(record)
        if capture is not None:
            refers_to = record.fields.get("warc-refers-to", "") if record.kind == "revisit" else ""
            self._prepared[capture.record_id] = (capture, refers_to)
            return Step(capture, refers_to, length=record.position.length)
        if record.kind != "metadata":
            return Step(length=record.position.length)
        entries = tuple((entry, self._ask(entry)) for entry in parse_entries(record.block))
        return Step(entries=entries, length=record.position.length, ledger=read_ledger(record))

    def apply(self, step: Step) -> None:
        """Apply one record to the database.

        Raises:
            WarcError: if a record that it refers to cannot be read.
        """
        if step.capture is not None:
            self._put_capture(step.capture, step.refers_to)
        if step.ledger is not None:
            step.ledger.put(self._connection)
        for entry, pending in step.entries:
            self._apply_entry(entry, pending)

    def _ask(self, entry: Entry) -> Pending | None:
        if isinstance(entry, CrawlStarted):
            self._profile_texts[entry.crawl_id] = entry.profile
        if not isinstance(entry, PageRead | PageReread | FileRead):
            return None
        capture, holder = self._find_capture(entry.capture)
        profile = self._profile_texts.get(capture.crawl_id) or self._stored_profile(capture.crawl_id)
        if isinstance(entry, FileRead):
            return self._asker.ask(FileQuestion(capture, holder, profile, entry.role, entry.asked))
        if isinstance(entry, PageReread):
            return self._asker.ask(PageQuestion(capture, holder, profile, Purpose.ARTICLE.value, capture.url))
        return self._asker.ask(
            PageQuestion(capture, holder, profile, entry.purpose, entry.asked, entry.listing, entry.page)
        )

    def _find_capture(self, record_id: str) -> tuple[Capture, Capture]:
        """Return a capture, applied or only prepared, and the one that holds its payload."""
        if record_id not in self._prepared:
            capture = capture_by_record(self._connection, record_id)
            return capture, find_holder(self._connection, self._folder, capture=capture)
        capture, refers_to = self._prepared[record_id]
        if not refers_to:
            return capture, capture
        held = self._prepared.get(refers_to)
        return capture, held[0] if held else capture_by_record(self._connection, refers_to)

    def _stored_profile(self, crawl_id: int) -> str:
        row = self._connection.execute(
            "select p.profile from portals p join crawls c on c.portal = p.name where c.id = ?", (crawl_id,)
        ).fetchone()
        if row is None:
            raise ArchiveUnusableError(f"the ledger names crawl {crawl_id}, which never began")
        return str(row[0])

    def _put_capture(self, capture: Capture, refers_to: str) -> None:
        if refers_to:
            original = capture_by_record(self._connection, refers_to)
            capture = replace(capture, payload_sha256=original.payload_sha256)
        put_capture(self._connection, replace(capture, id=next_capture_id(self._connection)))
        del self._prepared[capture.record_id]
        self.captures += 1

    def _apply_entry(self, entry: Entry, pending: Pending | None) -> None:
        connection = self._connection
        if isinstance(entry, PageRead | PageReread | FileRead):
            assert pending is not None
            self._apply_reading(entry, pending.result())
        elif isinstance(entry, CrawlStarted):
            profile = restore_profile(entry.profile)
            self._profiles[profile.name] = profile
            store.put_portal(connection, profile, profile_json=entry.profile, rules=entry.rules)
            store.begin_crawl(connection, entry, portal=profile.name)
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

    def _apply_reading(self, entry: PageRead | PageReread | FileRead, reading: Reading) -> None:
        profile = self._profile_of(entry)
        if isinstance(entry, PageRead):
            self._pages.apply(entry, reading, profile=profile)
        elif isinstance(entry, PageReread):
            if reading.page is not None and reading.reader is not None:
                entry = replace(entry, reader=reading.reader)
                apply_reread(self._connection, profile, entry=entry, reading=reading.page)
        elif reading.file is not None:
            store.apply_file(self._connection, profile, entry=entry, reading=reading.file)
        else:
            self._pages.note(entry, "file", said=f"cannot be read: {reading.error}")

    def _profile_of(self, entry: RunEntry) -> Profile:
        name = store.entry_portal(self._connection, entry)
        if name not in self._profiles:
            row = self._connection.execute("select profile from portals where name = ?", (name,)).fetchone()
            self._profiles[name] = restore_profile(row["profile"])
        return self._profiles[name]


def adopt(writer: RunWriter) -> Adopted:
    """Apply the WARC records after the last commit, and give open files their final names.

    Call before `RunWriter.begin`. A torn last record is cut off. The whole records before it become rows, and their
    ledger entries are applied. The writer gets today's reader for revisions that an older one read.
    """
    writer.reread = make_reread(writer.connection, writer.folder, profile=writer.profile)
    return adopt_records(writer.connection, writer.folder, overlay=writer.overlay)


def adopt_records(connection: sqlite3.Connection, folder: Path, *, overlay: Overlay) -> Adopted:
    """Adopt what a dead run or command left, as `adopt` does. The caller holds the archive."""
    captures, torn_bytes = 0, 0
    otherwise: list[ReadOtherwise] = []
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
            offset = row["size_bytes"] if row else 0
            replay = Replay(connection, folder, evidence=Evidence(read_promises(_records_behind(path, offset))))
            for record in _records_behind(path, offset):
                refuse_foreign(record, read_head(connection))
                replay.apply(replay.prepare(record))
                if record.kind == "metadata":
                    rows.note_stated(record.block)
            captures += replay.captures
            otherwise += replay.otherwise
            rows.check_adopted()
            put_warc_file(
                connection, name, serial=serial_of(path), size_bytes=path.stat().st_size, closed=True,
                list_sha256=_list_of(path, name),
            )  # fmt: skip
        if path.name != name:
            close_open_file(path)
    return Adopted(captures, torn_bytes, tuple(otherwise))


def replay_all(
    connection: sqlite3.Connection, folder: Path, *, former: FormerRows | None = None, asker: Asker | None = None,
    watch: Watch | None = None, history: str | None = None,
) -> Replayed:  # fmt: skip
    """Fill an empty database with the rows of every WARC file of an archive.

    A record that a run is writing at the moment, or was when it died, is left out.

    Args:
        former: the rows that the archive has now: of a page that today's reader refuses, its reading is kept.
        asker: reads the captures. Up to `QUESTIONS_AHEAD` are asked before their turn.
        watch: called with the bytes of each record, when it is applied.
        history: the beginning of a history's name, if the files hold several.

    Raises:
        ForkError: if the files hold several histories, and it is not said which.
        WarcError: if a file is damaged, or not one of this archive's.
    """
    files = warc_files(folder)
    promises, selection = _look_through(files, history)
    replay = Replay(connection, folder, evidence=Evidence(promises, former), asker=asker)
    connection.execute("begin immediate")
    for step in _look_ahead(_prepare_all(replay, files, selection=selection), most=QUESTIONS_AHEAD if asker else 0):
        replay.apply(step)
        if step.ended is not None:
            _put_file(connection, step.ended)
            connection.execute("commit")
            connection.execute("begin immediate")
        if watch is not None:
            watch(step.length)
    connection.execute("commit")
    lost = find_lost(connection, promises, told=replay.otherwise)
    return Replayed(replay.captures, (*replay.otherwise, *lost), selection.left_out)


def _look_through(files: Sequence[Path], history: str | None) -> tuple[Promises, Selection]:
    """Read what the ledgers promise, and which records belong to the history."""
    histories, promises = Histories(), Promises()
    for path in files:
        for record in _whole_records(path, kinds=("warcinfo", "metadata")):
            histories.note(record, path)
            promises.note_record(record)
    selection = histories.select(history)
    if selection != Selection():
        promises = Promises()
        for path in files:
            for record in selection.choose(_whole_records(path, kinds=("warcinfo", "metadata"))):
                promises.note_record(record)
    return promises, selection


def _prepare_all(replay: Replay, files: Iterable[Path], *, selection: Selection) -> Iterator[Step]:
    """Prepare the records of the history in all files, in order. A step without a record ends each file."""
    for path in files:
        if path.name in selection.left_out:
            continue
        for record in selection.choose(_whole_records(path)):
            yield replay.prepare(record)
        yield Step(ended=path)


def _look_ahead(steps: Iterable[Step], *, most: int) -> Iterator[Step]:
    """Yield steps so late that up to `most` questions of the steps behind them are asked already."""
    waiting: deque[Step] = deque()
    asked = 0
    for step in steps:
        waiting.append(step)
        asked += len(step.entries)
        while asked > most or (not most and waiting):
            asked -= len(waiting[0].entries)
            yield waiting.popleft()
    yield from waiting


def _put_file(connection: sqlite3.Connection, path: Path) -> None:
    name = path.name.removesuffix(OPEN_SUFFIX)
    put_warc_file(
        connection, name, serial=serial_of(path), size_bytes=path.stat().st_size, closed=path.name == name,
        list_sha256=digest_list(path.parent, name) if path.name == name else None,
    )  # fmt: skip


def _list_of(path: Path, name: str) -> str | None:
    """Return the digest of a file's record list. Write the list if the run died before it did."""
    held = digest_list(path.parent, name) if path.name == name else None
    return held or write_list(path, name)


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
