"""The writing half of a run: WARC file and database, written in one order, in batches.

The order of calls is the order of WARC records, of rows and of ledger entries. A batch ends with three steps: the
ledger record is appended, the WARC file is synced, the database commits. So no row points to bytes that a crash can
lose. WARC records after the last commit are read back by `replay`.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from crawler.archive import store
from crawler.archive.database import LOG_BYTES, LOG_WAIT_SECONDS, bound_log, empty_log, open_for_writing
from crawler.archive.frontier.plain_hosts import put_plain_host
from crawler.archive.lock import hold_archive
from crawler.archive.readings import PageApplied, apply_page
from crawler.archive.rereading.outdated import Reread, bring_up_to_date
from crawler.archive.row_digests.row_ledger import RowLedger
from crawler.archive.run_queries import RunIdentity, RunQueries
from crawler.archive.verdicts.nights import night_of
from crawler.archive.verdicts.rules import RULES
from crawler.archive.verdicts.unverified_hosts import put_unverified_host
from crawler.archive.warc import captures, notes
from crawler.archive.warc.ledger import (
    CrawlFinished,
    CrawlStarted,
    Entry,
    Failed,
    FileRead,
    HostPlain,
    HostUnverified,
    ListingWalked,
    PageRead,
    render_entries,
)
from crawler.archive.warc.segments import Opening, append_ledger, history_fields, note_segment, open_segment
from crawler.archive.warc.writer import WarcWriter, new_record_id, payload_chunks, render_exchange, render_warcinfo
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withheld.requests import RequestQueue
from crawler.body import sha256_of, spool_folder
from crawler.errors import name_fault
from crawler.items import Address, Capture, Exchange, FileReading, Outcome, PageReading
from crawler.language.dates import to_iso_utc, to_iso_utc_ms
from crawler.media.http_head import parse_head
from crawler.profile import Profile, render_profile
from crawler.sentences import Sentence

# A batch commits after this many operations, or when the run's timer fires. From 100 operations on, a full sync costs
# no more than a normal one (measured).
BATCH_OPERATIONS = 400

NO_BYTES_SHA256 = sha256_of(())

P = ParamSpec("P")
T = TypeVar("T")


class RunWriter:
    """Writes one run of one portal. Methods that return a future have done their work when they return.

    Any error breaks the writer: every later call raises it again, so that nothing goes on as if it were stored.
    `reread` reads held captures again with today's reader (`rereading`); None compares with older readings as they are.
    """

    queries: RunQueries

    def __init__(
        self,
        archive: Path,
        profile: Profile,
        *,
        clock: Callable[[], datetime],
        warcinfo_fields: tuple[tuple[str, str], ...],
        full: bool = False,
        wait_seconds: float = 1,
    ) -> None:
        """Hold the archive and open its files. `warcinfo_fields` are those that this package cannot know.

        Wait up to `wait_seconds` for another holder of the archive.

        Raises:
            ArchiveLockedError: if another run holds the archive.
            ArchiveUnusableError: if its files cannot be opened or written.
            WrongUseError: if its schema is newer, or the portal moved and the profile does not say so.
        """
        self.profile = profile
        self.archive = archive
        self.folder = archive.parent / "warc"
        self.full = full
        self.crawl_id, self.night = 0, ""
        self.broken: BaseException | None = None
        self.payload_bytes = 0
        self.reread: Reread | None = None
        self._clock = clock
        self._warcinfo_fields = warcinfo_fields
        self._entries: list[Entry] = []
        self._opening: Opening | None = None  # of the run, until its first ledger record is written
        self._noted_chains: set[tuple[str, ...]] = set()
        self._operations = 0
        self._most_log_bytes = 2 * LOG_BYTES  # of the write-ahead log, before it is emptied
        self._batch = ExitStack()  # the transaction of the batch, while one is open
        self._held = ExitStack()
        self._held.enter_context(hold_archive(archive, wait_seconds=wait_seconds))
        self.spool = spool_folder(archive)
        self._remove_spool()
        self._held.callback(self._remove_spool)
        self._warc: WarcWriter | None = None
        try:
            self._open()
        except BaseException:
            self._held.close()
            raise

    def _open(self) -> None:
        """Open the database; what is opened is closed with `_held`."""
        self.connection = open_for_writing(self.archive)
        self._held.callback(self.connection.close)
        store.check_portal(self.connection, self.profile)
        self._rows = RowLedger(self.connection)
        self.overlay = Overlay(self.connection, self.archive)
        self._held.callback(self.overlay.close)
        self._held.callback(self._roll_back)
        self._requests = RequestQueue(self.archive)

    def begin(self) -> None:
        """Begin the run: write its row and the first record of its WARC file, close the rows of dead runs.

        Call after `rebuild.adoption.adopt`, which brings in the records that a dead run left after its last commit.
        """
        self._submit(self._begin).result()

    def record(self, exchange: Exchange) -> "Future[Capture]":
        """Append an exchange to the WARC and give its capture. A payload that is held already becomes a revisit."""
        return self._submit(self._record, exchange)

    def record_unread(self, exchange: Exchange, error: str) -> "Future[Capture | None]":
        """Append an exchange whose answer could not be read, and give its capture.

        If nothing of an answer came, append the request and a metadata record with the error; there is no capture then.
        """
        if exchange.response_head or exchange.body.size_bytes:
            return self._submit(self._record, replace(exchange, truncated=exchange.truncated or "unspecified"))
        return self._submit(self._append_notes, *notes.render_unanswered(exchange, error))

    def note_certificates(self, chain: notes.CertificateChain) -> "Future[None]":
        """Append the certificates that a host showed. In a run each chain of a host is written once."""
        return self._submit(self._note_certificates, chain)

    def note_shared_robots(self, shared: notes.SharedRobots) -> "Future[None]":
        """Append a robots.txt that another crawl fetched, and this one goes by."""
        return self._submit(self._append_notes, notes.render_shared_robots(shared))

    def apply_page(
        self, entry: PageRead, reading: PageReading, *, addresses: tuple[Address, ...]
    ) -> "Future[PageApplied]":
        """Store the reading of a page, in one transaction with its frontier entry."""
        return self._submit(self._apply_page, entry, reading, addresses=addresses)

    def apply_file(self, entry: FileRead, reading: FileReading) -> "Future[None]":
        """Store what was read of a file."""
        return self._put(entry, lambda: store.apply_file(self.connection, self.profile, entry=entry, reading=reading))

    def fail(self, failure: Failed) -> "Future[None]":
        """Store a failed request."""
        return self._put(failure, lambda: store.apply_failure(self.connection, self.profile, entry=failure))

    def walked(self, entry: ListingWalked) -> "Future[None]":
        """Store how far a listing was read."""
        return self._put(entry, lambda: store.put_listing_walk(self.connection, self.profile.name, entry=entry))

    def ask_plainly(self, entry: HostPlain) -> "Future[None]":
        """Store that a host is asked plainly from now on."""
        return self._put(entry, lambda: put_plain_host(self.connection, entry, portal=self.profile.name))

    def note_unverified(self, entry: HostUnverified) -> "Future[None]":
        """Store what a host showed whose certificate was not verified."""
        return self._put(entry, lambda: put_unverified_host(self.connection, entry))

    def read(self, question: Callable[[], T]) -> "Future[T]":
        """Run a question of `RunQueries`. It sees uncommitted rows, and withheld ones.

        While anything is withheld, the question opens the batch's transaction: only there are withheld rows in place.
        """

        def answer() -> T:
            if self.overlay.is_needed:
                self._enter()
            return question()

        return self._guard(answer)

    def commit(self) -> "Future[None]":
        """End the batch: append the ledger record, sync, commit."""
        return self._guard(self._commit)

    def finish(
        self,
        outcome: Outcome,
        reason: tuple[Sentence, ...] = (),
        *,
        ill: Sentence | None = None,
        clock_offset_seconds: int | None = None,
    ) -> None:
        """End the run with its outcome and close the WARC file. `ill` is the reason why no miss of tonight counts.

        A broken writer can only update the row: it becomes `failed` with the error. The next run adds that to the
        ledger.
        """
        if self.broken is not None:
            self._finish_broken(self.broken)
            return
        night = None if outcome in (Outcome.INTERRUPTED, Outcome.FAILED) else self.night
        at = to_iso_utc(self._clock())
        entry = CrawlFinished(self.crawl_id, at, outcome, reason, night, ill, clock_offset_seconds)
        self._submit(self._finish, entry).result()

    def close(self) -> None:
        """Release the archive in any state of the run. The next run brings in what is not committed."""
        self._held.close()

    def _remove_spool(self) -> None:
        shutil.rmtree(self.spool, ignore_errors=True)

    def _begin(self) -> None:
        connection = self.connection
        self._opening = open_segment(connection, self.archive)
        self.crawl_id = store.next_crawl_id(connection)
        profile_json = render_profile(self.profile).decode()
        self._warc = captures.open_writer(
            connection, self.folder, prefix=self.profile.name, clock=self._clock, make_warcinfo=self._warcinfo
        )
        now = to_iso_utc(self._clock())
        self.night = night_of(self.profile, now)
        for dead in store.unfinished_crawls(connection, now):
            store.finish_crawl(connection, dead)
            self._entries.append(dead)
        run = RunIdentity(self.profile, self.crawl_id, self.night, self.full)
        self.queries = RunQueries(connection, self.folder, run=run, read=self.read)
        started = CrawlStarted(self.crawl_id, now, profile_json, self.full, RULES)
        store.put_portal(connection, self.profile, profile_json=profile_json, rules=RULES)
        store.begin_crawl(connection, started, portal=self.profile.name)
        self._entries.append(started)
        for content in self._rows.begin():
            self._append_ledger(content)
        self._commit()
        note_segment(connection, self.archive)

    def _record(self, exchange: Exchange) -> Capture:
        head = parse_head(exchange.response_head)
        sent = digest = sha256_of(payload_chunks(exchange))
        if head.status == 304 and (last := captures.last_whole(self.connection, exchange.url)):
            digest = last.payload_sha256  # a 304 says that this payload is still good
        is_known = digest != sent or (sent != NO_BYTES_SHA256 and not exchange.truncated and exchange.method == "GET")
        refers_to = captures.find_payload(self.connection, digest) if is_known else None
        record_id = new_record_id()
        request, response = render_exchange(exchange, record_id, refers_to=refers_to, payload_sha256=sent)
        assert self._warc is not None
        _, position = self._warc.append(request, response)
        capture = Capture(
            id=captures.next_capture_id(self.connection),
            record_id=record_id,
            crawl_id=self.crawl_id,
            url=exchange.url,
            method=exchange.method,
            request_sha256=hashlib.sha256(exchange.request_body).hexdigest() if exchange.request_body else None,
            fetched_at=to_iso_utc(exchange.fetched_at),
            status=head.status,
            media_type=head.media_type,
            payload_sha256=digest,
            warc_file=position.warc_file,
            warc_offset=position.offset,
            warc_length=position.length,
            record_type="revisit" if refers_to else "response",
            truncated=exchange.truncated,
            warc_date=to_iso_utc_ms(exchange.fetched_at),
        )
        captures.put_capture(self.connection, capture)
        self.payload_bytes += exchange.body.size_bytes
        return capture

    def _append_notes(self, *records: bytes) -> None:
        assert self._warc is not None
        self._warc.append(*records)

    def _note_certificates(self, chain: notes.CertificateChain) -> None:
        if chain.key in self._noted_chains:
            return
        self._append_notes(notes.render_certificates(chain))
        self._noted_chains.add(chain.key)

    def _apply_page(self, entry: PageRead, reading: PageReading, *, addresses: tuple[Address, ...]) -> PageApplied:
        if self.reread is not None:
            made = bring_up_to_date(
                self.connection, self.profile, entry=entry, reading=reading, addresses=addresses, reread=self.reread
            )
            self._entries += [made] if made is not None else []
        applied = apply_page(self.connection, self.profile, entry=entry, reading=reading, addresses=addresses)
        self._entries.append(replace(entry, article_id=applied.article_id))
        self.queries.unnoted += applied.unnoted
        return applied

    def _finish(self, entry: CrawlFinished) -> None:
        store.finish_crawl(self.connection, entry, profile=self.profile)
        self._entries.append(entry)
        self._commit()
        assert self._warc is not None
        self._warc.close()
        captures.note_files(self.connection, self._warc)
        note_segment(self.connection, self.archive)
        empty_log(self.connection, wait_seconds=LOG_WAIT_SECONDS)

    def _commit(self) -> None:
        self._take_requests()
        if not self.connection.in_transaction:
            return
        if not self._entries and not self._operations:
            self._roll_back()  # opened only to read withheld rows
        else:
            assert self._warc is not None
            self._append_ledger(render_entries(self._entries, self._rows.take()))
            self._warc.sync()
            captures.note_files(self.connection, self._warc)
            self._batch.close()
            self._entries.clear()
            self._operations = 0
            self._most_log_bytes = bound_log(self.connection, self.archive, most=self._most_log_bytes)
        self._requests.settle(self.overlay)

    def _append_ledger(self, content: bytes) -> None:
        assert self._warc is not None
        append_ledger(self.connection, self._warc, content=content, now=self._clock(), opening=self._opening)
        self._opening = None

    def _take_requests(self) -> None:
        """Withhold and release what other processes asked for while this run holds the archive."""
        if self._requests.has_requests:
            self._enter()
            self._entries += self._requests.apply(self.connection)

    def _enter(self) -> None:
        """Begin a batch's transaction, with withheld rows in place. If one is open, do nothing."""
        if not self.connection.in_transaction:
            self._batch.enter_context(self.overlay.restored())
            self._rows.clear()

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("rollback")
        self._batch.close()

    def _finish_broken(self, error: BaseException) -> None:
        self._roll_back()
        now = to_iso_utc(self._clock())
        store.fail_crawl(self.connection, self.crawl_id, at=now, error=error)

    def _warcinfo(self, name: str, fields: Sequence[tuple[str, str]]) -> bytes:
        own = (
            ("crawl", str(self.crawl_id)), ("profile", render_profile(self.profile).decode()),
            *history_fields(self.connection),
        )  # fmt: skip
        return render_warcinfo((*self._warcinfo_fields, *own, *fields), name, now=self._clock())

    def _put(self, entry: Entry, work: Callable[[], None]) -> "Future[None]":
        """Do work that stores what a ledger entry says, then the entry."""

        def put() -> None:
            work()
            self._entries.append(entry)

        return self._submit(put)

    def _submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Do work that writes, inside the batch's transaction. A full batch is committed."""

        def write() -> T:
            self._enter()
            result = work(*args, **kwargs)
            self._operations += 1
            if self._operations >= BATCH_OPERATIONS:
                self._commit()
            return result

        return self._guard(write)

    def _guard(self, work: Callable[[], T]) -> "Future[T]":
        future: Future[T] = Future()
        if self.broken is None:
            try:
                future.set_result(work())
            except BaseException as error:
                self.broken = name_fault(error, self.archive)
        if self.broken is not None:
            future.set_exception(self.broken)
        return future
