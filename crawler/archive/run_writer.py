"""One run's hold on an archive: WARC file and database, written by one thread, in one order, in batches.

The order of calls is the order of WARC records, of rows and of ledger entries. A batch ends with: ledger
record appended, WARC forced to disk, database committed. So no row ever points to bytes that a crash can
take, and what a crash leaves behind the last commit is read back by `replay`.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from crawler.archive import store
from crawler.archive.database import open_for_writing
from crawler.archive.frontier import frontier, listings, rechecks
from crawler.archive.lock import hold_archive
from crawler.archive.verdicts.portal_identity import find_change
from crawler.archive.verdicts.silence import find_silence
from crawler.archive.verdicts.suspect_readings import count_aside
from crawler.archive.warc import captures
from crawler.archive.warc.answers import read_answer, read_validators
from crawler.archive.warc.ledger import (
    CrawlFinished,
    CrawlStarted,
    Entry,
    Failed,
    FileRead,
    ListingWalked,
    PageRead,
    render_entries,
)
from crawler.archive.warc.writer import (
    WarcWriter,
    media_type_of,
    new_record_id,
    payload_sha256,
    render_exchange,
    render_metadata,
    render_warcinfo,
)
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withheld.requests import RequestQueue
from crawler.items import Address, Answer, Capture, Exchange, FileReading, PageReading, PortalIdentity
from crawler.language.dates import to_iso_utc
from crawler.profile import Profile, render_profile

# Operations a batch may hold before it is committed; with the run's timer the other bound. In batches of 100
# or more a full sync costs no more than a normal one (measured).
BATCH_OPERATIONS = 400

P = ParamSpec("P")
T = TypeVar("T")


class RunWriter:
    """Writes one run of one portal. Methods that return a Future are done in order by the session's thread.

    Any error while writing breaks the session: every later call raises it again, so that nothing goes on
    as if it had been kept.
    """

    def __init__(
        self,
        archive: Path,
        profile: Profile,
        *,
        clock: Callable[[], datetime],
        describe: tuple[tuple[str, str], ...],
        full: bool = False,
    ) -> None:
        """Hold the archive and open its files. `describe` are the warcinfo fields that this room cannot know.

        Raises:
            ArchiveLockedError: if another run holds the archive.
            ArchiveUnusableError: if its files cannot be opened or written.
            WrongUseError: if its schema is newer, or the portal moved without a word in the profile.

        """
        self.profile = profile
        self.archive = archive
        self.folder = archive.parent / "warc"
        self.full = full
        self.crawl_id = 0
        self.night = ""
        self.broken: BaseException | None = None
        self.payload_bytes = 0
        self._clock = clock
        self._describe = describe
        self._entries: list[Entry] = []
        self._operations = 0
        self._held = ExitStack()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._held.enter_context(hold_archive(archive))
        try:
            self.connection = open_for_writing(archive)
            self._held.callback(self.connection.close)
            store.check_portal(self.connection, profile)
            self.veil = Overlay(self.connection, archive)
            self._held.callback(self.veil.close)
            self._requests = RequestQueue(archive)
        except BaseException:
            self._held.close()
            raise
        self._warc: WarcWriter | None = None

    def begin(self) -> None:
        """Begin the run: its row, and the first record of its WARC file; a dead run's row is closed first.

        Call after `replay.adopt`, which brings in what a dead run left behind its last commit.
        """
        self._submit(self._begin).result()

    def record(self, exchange: Exchange) -> "Future[Capture]":
        """Append an exchange to the WARC and give its capture; a payload already held becomes a revisit."""
        return self._submit(self._record, exchange)

    def apply_page(
        self, entry: PageRead, reading: PageReading, *, addresses: tuple[Address, ...]
    ) -> "Future[store.PageApplied]":
        """Bring a page's reading into the archive, in one transaction with its frontier entry."""
        return self._submit(self._apply_page, entry, reading, addresses=addresses)

    def apply_file(self, entry: FileRead, reading: FileReading) -> "Future[None]":
        """Bring an examined file into the archive."""
        return self._submit(self._apply_file, entry, reading)

    def fail(self, failure: Failed) -> "Future[None]":
        """Record what could not be had."""
        return self._submit(self._fail, failure)

    def walked(self, entry: ListingWalked) -> "Future[None]":
        """Record how far a listing was read."""
        return self._submit(self._walked, entry)

    def held_files(self, wanted: Sequence[tuple[str, str]]) -> "Future[set[tuple[str, str]]]":
        """Tell which files, each an address and a role, are held already."""
        return self._queue(
            lambda: {
                (url, role)
                for url, role in wanted
                if store.file_sha256(self.connection, self.profile.name, url=url, role=role) is not None
            }
        )

    def validators(self, url: str) -> dict[str, str]:
        """Give the headers that ask for an address only if it changed since it was last had whole; none if unknown."""
        return self._queue(lambda: read_validators(self.connection, self.folder, url=url)).result()

    def answer(self, capture: Capture) -> Answer:
        """Read a capture's answer back from the WARC."""
        return self._queue(lambda: read_answer(self.connection, self.folder, capture=capture)).result()

    def due(self) -> list[frontier.FrontierEntry]:
        """Give what the frontier wants fetched, most urgent first."""
        return self._queue(self._due).result()

    def _due(self) -> list[frontier.FrontierEntry]:
        connection, name, night = self.connection, self.profile.name, self.night
        found = frontier.read_due(connection, name, night=night)
        again = rechecks.read_due_rechecks(connection, name, relook=self.profile.relook, night=night, full=self.full)
        return list({entry.url: entry for entry in (*again, *found)}.values())

    def controls(self) -> list[str]:
        """Give addresses to look at for control, if tonight's looks at held articles mostly found nothing."""
        return self._queue(
            lambda: rechecks.read_controls(self.connection, self.profile.name, night=self.night)
        ).result()

    def looks(self) -> rechecks.Rechecks:
        """Count how tonight's looks at held articles went."""
        return self._queue(
            lambda: rechecks.count_rechecks(self.connection, self.profile.name, night=self.night)
        ).result()

    def portal_change(self, identity: PortalIdentity) -> str | None:
        """Say in words if a home page shows another portal than on the last good night."""
        return self._queue(
            lambda: find_change(self.connection, self.profile, identity=identity, crawl_id=self.crawl_id)
        ).result()

    def put_aside(self) -> int:
        """Count the readings that were put aside tonight as suspect."""
        return self._queue(lambda: count_aside(self.connection, self.profile.name, night=self.night)).result()

    def doubts(self) -> list[str]:
        """Say by which of its own past nights' measures this one is unlike them."""
        return self._queue(self._doubts).result()

    def _doubts(self) -> list[str]:
        silence = find_silence(self.connection, self.profile.name, night=self.night)
        return [*listings.find_collapses(self.connection, self.crawl_id), *([silence] if silence else [])]

    def new_gaps(self) -> int:
        """Count the articles that became known gaps tonight."""
        return self._queue(
            lambda: frontier.count_new_gaps(self.connection, self.profile.name, crawl_id=self.crawl_id)
        ).result()

    def listing_memory(self, listing: str) -> listings.Memory:
        """Tell what the archive knows of a listing, before it is walked."""
        every = self.profile.relook.walk_listings_every_days
        return self._queue(
            lambda: listings.read_memory(
                self.connection, self.profile, listing=listing, night=self.night, every_days=every
            )
        ).result()

    def missing_articles(self) -> int:
        """Count the listed articles that are not held."""
        return self._queue(lambda: frontier.count_missing_listed(self.connection, self.profile.name)).result()

    def article_count(self) -> int:
        """Count the articles of this portal."""
        rows = self.query("select count(*) from articles where portal = ?", self.profile.name)
        return int(rows[0][0])

    def newest_sight(self) -> str | None:
        """Give when the newest article of this portal was first seen, None while there is none."""
        rows = self.query("select max(first_seen_at) from articles where portal = ?", self.profile.name)
        return str(rows[0][0]) if rows[0][0] is not None else None

    def query(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        """Read with one SQL statement, also what is not committed yet."""
        return self._queue(lambda: self.connection.execute(sql, parameters).fetchall()).result()

    def commit(self) -> "Future[None]":
        """End the batch: ledger, sync, commit."""
        return self._guard(self._commit)

    def finish(
        self, outcome: str, reason: str | None, *, ill: str | None = None, clock_offset_seconds: int | None = None
    ) -> None:
        """End the run with its outcome and close the WARC file; `ill` says why no miss of tonight counts.

        If the session is broken, only the row can say so: it becomes `failed` with the error, and the next
        run brings that into the ledger.
        """
        if self.broken is not None:
            self._worker.submit(self._finish_broken, self.broken).result()
            return
        night = None if outcome in ("interrupted", "failed") else self.night
        at = to_iso_utc(self._clock())
        entry = CrawlFinished(self.crawl_id, at, outcome, reason, night, ill, clock_offset_seconds)
        self._submit(self._finish, entry).result()

    def close(self) -> None:
        """Let go of the archive, whatever state the run is in; what is not committed is left to the next run."""
        self._worker.shutdown(wait=True)
        self._held.close()

    # What follows runs in the session's thread.

    def _begin(self) -> None:
        connection = self.connection
        self.crawl_id = store.next_crawl_id(connection)
        profile_json = render_profile(self.profile).decode()
        self._warc = captures.open_writer(
            connection, self.folder, prefix=self.profile.name, clock=self._clock, describe=self._warcinfo
        )
        now = to_iso_utc(self._clock())
        self.night = store.night_of(self.profile, now)
        for dead in store.unfinished_crawls(connection, now):
            store.finish_crawl(connection, dead)
            self._entries.append(dead)
        started = CrawlStarted(self.crawl_id, now, profile_json, self.full)
        store.put_portal(connection, self.profile, profile_json=profile_json)
        store.begin_crawl(connection, started, portal=self.profile.name)
        self._entries.append(started)
        self._commit()

    def _record(self, exchange: Exchange) -> Capture:
        sent = digest = payload_sha256(exchange)
        if exchange.status == 304 and (last := captures.last_whole(self.connection, exchange.url)):
            digest = last.payload_sha256  # what it stands for
        is_known = digest != sent or (exchange.body and not exchange.truncated)
        refers_to = captures.find_payload(self.connection, digest) if is_known else None
        record_id = new_record_id()
        request, response = render_exchange(exchange, record_id, refers_to=refers_to)
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
            status=exchange.status,
            media_type=media_type_of(exchange),
            payload_sha256=digest,
            warc_file=position.warc_file,
            warc_offset=position.offset,
            warc_length=position.length,
            record_type="revisit" if refers_to else "response",
            truncated=exchange.truncated,
        )
        captures.put_capture(self.connection, capture)
        self.payload_bytes += len(exchange.body)
        return capture

    def _apply_page(
        self, entry: PageRead, reading: PageReading, *, addresses: tuple[Address, ...]
    ) -> store.PageApplied:
        applied = store.apply_page(self.connection, self.profile, entry=entry, reading=reading, addresses=addresses)
        self._entries.append(replace(entry, article_id=applied.article_id))
        return applied

    def _apply_file(self, entry: FileRead, reading: FileReading) -> None:
        store.apply_file(self.connection, self.profile, entry=entry, reading=reading)
        self._entries.append(entry)

    def _fail(self, failure: Failed) -> None:
        store.apply_failure(self.connection, self.profile, entry=failure)
        self._entries.append(failure)

    def _walked(self, entry: ListingWalked) -> None:
        store.put_listing_walk(self.connection, self.profile.name, entry=entry)
        self._entries.append(entry)

    def _finish(self, entry: CrawlFinished) -> None:
        store.finish_crawl(self.connection, entry, profile=self.profile)
        self._entries.append(entry)
        self._commit()
        assert self._warc is not None
        self._warc.close()
        captures.note_files(self.connection, self._warc)

    def _commit(self) -> None:
        self._take_requests()
        if not self.connection.in_transaction:
            return
        if not self._entries and not self._operations:
            self._roll_back()  # opened only to read past the veil
            self._requests.settle(self.veil)
            return
        assert self._warc is not None
        self._warc.append(render_metadata(render_entries(self._entries), self._clock()))
        self._warc.sync()
        captures.note_files(self.connection, self._warc)
        self.veil.lower()
        self.connection.execute("commit")
        self.veil.settle()
        self._entries.clear()
        self._operations = 0
        self._requests.settle(self.veil)

    def _take_requests(self) -> None:
        """Withhold and release what was asked for while this run holds the archive."""
        if self._requests.are_there:
            self._enter()
            self._entries += self._requests.apply(self.connection)

    def _enter(self) -> None:
        """Begin a batch's transaction, if none is under way, with what is withheld in its place."""
        if not self.connection.in_transaction:
            self.connection.execute("begin immediate")
        self.veil.lift()

    def _roll_back(self) -> None:
        self.connection.execute("rollback")
        self.veil.forget()

    def _finish_broken(self, error: BaseException) -> None:
        if self.connection.in_transaction:
            self._roll_back()
        now = to_iso_utc(self._clock())
        store.fail_crawl(self.connection, self.crawl_id, at=now, reason=str(error) or type(error).__name__)

    def _warcinfo(self, name: str) -> bytes:
        fields = [*self._describe, ("crawl", str(self.crawl_id)), ("profile", render_profile(self.profile).decode())]
        return render_warcinfo(fields, name, now=self._clock())

    def _submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queue work that writes: inside the batch's transaction, which is committed when it is large."""

        def write() -> T:
            self._enter()
            result = work(*args, **kwargs)
            self._operations += 1
            if self._operations >= BATCH_OPERATIONS:
                self._commit()
            return result

        return self._guard(write)

    def _queue(self, work: Callable[[], T]) -> "Future[T]":
        """Queue work that reads the archive whole; while anything is withheld, within the batch's transaction."""

        def read() -> T:
            if self.veil.is_needed:
                self._enter()
            return work()

        return self._guard(read)

    def _guard(self, work: Callable[[], T]) -> "Future[T]":
        def guarded() -> T:
            if self.broken is not None:
                raise self.broken
            try:
                return work()
            except BaseException as error:
                self.broken = error
                raise

        return self._worker.submit(guarded)
