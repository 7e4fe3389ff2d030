"""From WARC records to rows. A rebuild replays all records; the start of a run replays those that a dead run left.

Records are read in order. A response or revisit record becomes a row of `captures`. The entries of a ledger record are
applied: today's reader makes each reading again from its capture. If the new reading differs from the run's, the ledger
decides to which article the page belongs, and the difference is reported (docs/decisions/readers.md). A record that
cannot be used is left out and reported (docs/decisions/losses.md).
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.archive import store
from crawler.archive.frontier.plain_hosts import put_plain_host
from crawler.archive.rereading.another_reading import apply_reread
from crawler.archive.verdicts.decisions import put_decision
from crawler.archive.verdicts.unverified_hosts import put_unverified_host
from crawler.archive.warc.answers import find_holder
from crawler.archive.warc.captures import capture_by_record, next_capture_id, put_capture
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
    UnknownEntry,
    Withheld,
    name_entry,
    read_entries,
)
from crawler.archive.warc.reader import has_true_block_digest
from crawler.archive.warc.record_to_capture import UNKNOWN_METHOD, CaptureReader
from crawler.archive.warc.segments import LedgerPlace, read_ledger
from crawler.archive.warc.shelf.losses import DAMAGED, ENTRY, RECORD, RUN, Loss, record_loss
from crawler.archive.warc.writer import Position
from crawler.archive.withholdings import put_released, put_withheld
from crawler.errors import ArchiveUnusableError, PortalArchiveError, WarcError
from crawler.items import Capture, Purpose
from crawler.profile import Profile, restore_profile
from crawler.rebuild.lost_beginnings import LostBeginnings
from crawler.rebuild.pages import Evidence, PageReplay
from crawler.rebuild.readers.reading import Asker, AskHere, CapturedFileQuestion, CapturedPageQuestion, Pending, Reading
from crawler.rebuild.report import ReadOtherwise

_FALSE_DIGEST = "does not have the digest that it states"
_BEGUN = "is the first of run {} that can be read: the record of the run's beginning is lost"


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One record, ready to be applied: its capture, or its entries with the readings that they need.

    `ledger` is the place of a ledger record in the history. `begun` replaces the beginning of the capture's run if its
    record is lost. `losses` were found while the record was read. `ends_file`: no record, but the end of a file.
    """

    position: Position
    capture: Capture | None = None
    refers_to: str = ""
    entries: tuple[tuple[Entry, Pending | None], ...] = ()
    ledger: LedgerPlace | None = None
    begun: CrawlStarted | None = None
    losses: tuple[Loss, ...] = ()
    ends_file: bool = False


class Replay:
    """Applies records to a database in order: `prepare` each one, and `apply` the steps in the same order."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, *, evidence: Evidence, asker: Asker | None = None,
        profiles: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Begin a replay. `profiles` are those that any run names, by portal: for a run whose beginning is lost."""
        self._connection = connection
        self._folder = folder
        self._asker = asker or AskHere(folder)
        self._pages = PageReplay(connection, folder, evidence=evidence, asker=self._asker)
        self._profiles: dict[str, Profile] = {}
        self._profile_texts: dict[int, str] = {}  # of prepared runs
        self._prepared: dict[str, tuple[Capture, str]] = {}  # captures without a row, and their holders
        self._seen: set[str] = set()  # ledger records
        self._runs = LostBeginnings(connection, profiles or {})
        self._reader = CaptureReader()
        self._quarantine = Quarantine(connection)
        self.captures = 0

    @property
    def otherwise(self) -> list[ReadOtherwise]:
        """The pages and files that are read differently from the ledger, so far."""
        return self._pages.otherwise

    @property
    def losses(self) -> list[Loss]:
        """The records and entries that could not be used, so far."""
        return self._quarantine.losses

    def begin_file(self, crawl_id: int | None = None) -> None:
        """Begin a file. `crawl_id` is its run, if another source than the file's first records names it."""
        self._reader = CaptureReader()
        self._runs.begin_file(crawl_id)

    def prepare(self, record: WarcRecord) -> ReplayStep:
        """Read a record, and ask for the readings of its entries. If it cannot be read, the step has a loss."""
        position = record.position
        try:
            if "warc-block-digest" in record.fields and not has_true_block_digest(record):
                return ReplayStep(
                    position, losses=(record_loss(DAMAGED, _FALSE_DIGEST, position=position, about=_named(record)),)
                )
            return self._prepare_capture(record) or self._prepare_ledger(record)
        except Exception as error:
            # An error in one record must not stop the reading of others.
            if is_fatal(error):
                raise
            return ReplayStep(position, losses=(loss_of(error, RECORD, about=_named(record), position=position),))

    def _prepare_capture(self, record: WarcRecord) -> ReplayStep | None:
        if record.kind == "warcinfo":
            self._runs.note_info(record)
        capture = self._reader.read(record)
        if capture is None:
            return None
        if self._is_held(capture.record_id):
            return ReplayStep(record.position)
        capture = replace(capture, crawl_id=self._runs.crawl_of(capture))
        begun = None
        if capture.crawl_id not in self._profile_texts:
            begun = self._runs.begin_again(capture)
            self._profile_texts[capture.crawl_id] = begun.profile if begun else self._stored_profile(capture.crawl_id)
        refers_to = record.fields.get("warc-refers-to", "") if record.kind == "revisit" else ""
        self._prepared[capture.record_id] = (capture, refers_to)
        unasked = record_loss(RECORD, "has lost its request record", position=record.position, about=_named(record))
        losses = (unasked,) if capture.method == UNKNOWN_METHOD else ()
        return ReplayStep(record.position, capture, refers_to, begun=begun, losses=losses)

    def _is_held(self, record_id: str) -> bool:
        """Return whether a capture was replayed already: its file exists twice, or was split and merged."""
        if record_id in self._prepared:
            return True
        row = self._connection.execute("select 1 from captures where record_id = ?", (record_id,)).fetchone()
        return row is not None

    def _prepare_ledger(self, record: WarcRecord) -> ReplayStep:
        if record.kind != "metadata" or record.record_id in self._seen:
            return ReplayStep(record.position)
        entries: list[tuple[Entry, Pending | None]] = []
        losses = []
        for entry in read_entries(record.block):
            if isinstance(entry, UnknownEntry):
                losses.append(record_loss(ENTRY, entry.what, position=record.position))
                continue
            try:
                entries.append((entry, self._ask(entry)))
            except PortalArchiveError as error:
                losses.append(loss_of(error, ENTRY, about=name_entry(entry), position=record.position))
        if entries:
            self._seen.add(record.record_id)
        return ReplayStep(record.position, entries=tuple(entries), ledger=read_ledger(record), losses=tuple(losses))

    def apply(self, step: ReplayStep) -> None:
        """Apply one record to the database, in the caller's transaction. If it cannot be applied, store a loss.

        Raises:
            sqlite3.Error: if the database cannot be written.
        """
        quarantine, position = self._quarantine, step.position
        quarantine.losses.extend(step.losses)
        if step.begun is not None:
            with quarantine.stored(RUN, f"run {step.begun.crawl_id}", position=position):
                self._apply_entry(step.begun, None)
                quarantine.losses.append(record_loss(RUN, _BEGUN.format(step.begun.crawl_id), position=position))
        if step.capture is not None:
            with quarantine.stored(RECORD, step.capture.url, position=position):
                self._put_capture(step.capture, step.refers_to)
        if step.ledger is not None:
            with quarantine.stored(ENTRY, "what it says of the history", position=position):
                step.ledger.put(self._connection)
        for entry, pending in step.entries:
            with quarantine.stored(ENTRY, name_entry(entry), position=position):
                self._apply_entry(entry, pending)

    def _ask(self, entry: Entry) -> Pending | None:
        if isinstance(entry, CrawlStarted):
            self._profile_texts[entry.crawl_id] = entry.profile
            self._runs.note_started(entry)
        if not isinstance(entry, PageRead | PageReread | FileRead):
            return None
        capture, holder = self._find_capture(entry.capture)
        profile = self._profile_texts.get(capture.crawl_id) or self._stored_profile(capture.crawl_id)
        if isinstance(entry, FileRead):
            return self._asker.ask(CapturedFileQuestion(capture, holder, profile, entry.role, entry.asked))
        if isinstance(entry, PageReread):
            return self._asker.ask(CapturedPageQuestion(capture, holder, profile, Purpose.ARTICLE.value, capture.url))
        return self._asker.ask(
            CapturedPageQuestion(capture, holder, profile, entry.purpose, entry.asked, entry.listing, entry.page)
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
        del self._prepared[capture.record_id]
        if refers_to:
            row = self._connection.execute(
                "select payload_sha256 from captures where record_id = ?", (refers_to,)
            ).fetchone()
            if row is None:
                raise WarcError(f"it repeats the payload of record {refers_to}, which no file holds")
            capture = replace(capture, payload_sha256=row[0])
        put_capture(self._connection, replace(capture, id=next_capture_id(self._connection)))
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


def _named(record: WarcRecord) -> str:
    return f"{record.kind} {record.url[:300]}".strip()


def known_entries(record: WarcRecord) -> list[Entry]:
    """Return the entries of a ledger record that this version can read."""
    return [entry for entry in read_entries(record.block) if not isinstance(entry, UnknownEntry)]


class Quarantine:
    """Collects the losses, in the order of the records."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.losses: list[Loss] = []

    @contextmanager
    def stored(self, kind: str, about: str, *, position: Position) -> Iterator[None]:
        """Run a block that stores something of a record, in a savepoint. If it fails, undo it and note a loss.

        Args:
            kind: of the loss.
            about: names what is stored, for a person; empty if the record itself is the name.

        Raises:
            sqlite3.Error: if the database itself cannot be written.
        """
        self._connection.execute("savepoint quarantine")
        try:
            yield
        except Exception as error:
            # Any error that a record's content causes is reported as a loss. The replay continues.
            if is_fatal(error):
                raise
            self._connection.execute("rollback to quarantine")
            self.losses.append(loss_of(error, kind, about=about, position=position))
        self._connection.execute("release quarantine")


def is_fatal(error: Exception) -> bool:
    """Return whether the cause of an error is not the record: the disk, the memory, or the database as a whole."""
    return isinstance(error, (sqlite3.OperationalError, OSError, MemoryError)) or type(error) is sqlite3.DatabaseError


def loss_of(error: Exception, kind: str, *, about: str, position: Position) -> Loss:
    """Make a loss of an error."""
    said = " ".join(str(error).split())[:300] or type(error).__name__
    return record_loss(kind, f"cannot be brought in: {said}", position=position, about=about)
