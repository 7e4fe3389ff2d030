"""Read the texts of the attachments of an archive: after a crawl, after a rebuild, or on request."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.attachment_texts import (
    TEXT_READER_VERSION,
    HeldText,
    TextReading,
    Unread,
    find_unread,
    find_unread_withheld,
    put_text,
    read_attachment,
    read_held,
)
from crawler.archive.database import LOG_WAIT_SECONDS, empty_log, open_for_reading, open_for_writing
from crawler.archive.lock import hold_archive
from crawler.archive.withheld.open_whole import open_whole
from crawler.attachments.changes import FileChange, decide
from crawler.attachments.formats.system_tools import find_abilities, find_tools
from crawler.attachments.reader import StoppedError, TextReader
from crawler.body import Body
from crawler.errors import (
    ArchiveLockedError,
    ArchiveUnusableError,
    BadFileError,
    PortalArchiveError,
    WarcError,
    say_archive_fault,
)

logger = logging.getLogger(__name__)

# Larger files are mostly videos or scans of whole books.
MAX_FILE_BYTES = 100 * 1024**2


@dataclass(frozen=True, slots=True)
class Harvest:
    """The result of a pass over the attachments.

    `reasons` counts the files without text by reason, `doubts` the doubtful texts by doubt. Of `kept` files the
    text that was held stays, since the new one is worse. `left` files remain unread because of `ended`: `stopped`,
    `out-of-time`, or `locked` by another run; None if all were read.
    """

    with_text: int
    recognised: int
    reasons: tuple[tuple[str, int], ...]
    left: int
    ended: str | None
    doubtful: int = 0
    doubts: tuple[tuple[str, int], ...] = ()
    kept: int = 0

    @property
    def has_files(self) -> bool:
        """Whether there was any file to read."""
        return bool(self.with_text or self.reasons or self.left)

    def line(self) -> str:
        """Format the result in one line."""
        without, doubts = (
            ", ".join(f"{name} {count}" for name, count in counts) for counts in (self.reasons, self.doubts)
        )
        parts = [f"texts of attachments: {self.with_text} read"]
        parts += [f"{self.recognised} of them by OCR"] if self.recognised else []
        parts += [f"doubtful: {self.doubtful} ({doubts})"] if self.doubtful else []
        parts += [f"kept as they were, since the new text is worse: {self.kept}"] if self.kept else []
        parts += [f"without text: {without}"] if without else []
        parts += [f"left for the next time: {self.left} ({self.ended})"] if self.left else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a pass: seconds, None for no limit; `is_stopped` ends it within a second."""

    seconds: float | None
    is_stopped: Callable[[], bool]


def log_change(change: FileChange) -> None:
    """Log what a new reading of a file changed of its text."""
    if change.before is not None and change.kind != "same":
        logger.info("attachment %s", change.line)


def harvest_texts(
    archive: Path, bounds: Bounds, *, again: bool = False, tell: Callable[[FileChange], None] = log_change
) -> Harvest:
    """Read the unread attachments of an archive. The archive is locked only while a file is fetched or a text stored.

    Each file is read once, also a withheld one. It is read again when a program that it lacked is installed, and by a
    newer reader; with `again`, also if it gave no text. A new text that is worse than the held one is not taken. A
    crawl that begins meanwhile ends the pass.

    Raises:
        ArchiveLockedError: if a run holds the archive.
        ArchiveUnusableError: if the archive cannot be read or written.
    """
    with hold_archive(archive):
        open_for_writing(archive).close()
    harvester = _Harvester(archive, archive.parent / "warc", lambda: hold_archive(archive), tell)
    return harvester.harvest(bounds, again=again)


def harvest_rebuilt(database: Path, folder: Path, *, bounds: Bounds, archive: Path | None = None) -> Harvest:
    """Read the attachments of a database that no other process uses yet, from the WARC files of a folder.

    A text that `archive` kept because today's reader reads the file worse is kept here, too.

    Raises:
        ArchiveUnusableError: if the database cannot be read or written.
    """
    return _Harvester(database, folder, nullcontext, log_change, archive).harvest(bounds, again=False)


@dataclass(frozen=True, slots=True)
class _Harvester:
    """Reads the files of one database; `hold` locks it while a file is fetched or a text stored.

    `kept_in` is another archive of the same files, whose kept texts count.
    """

    database: Path
    folder: Path
    hold: Callable[[], AbstractContextManager[None]]
    tell: Callable[[FileChange], None]
    kept_in: Path | None = None

    def harvest(self, bounds: Bounds, *, again: bool) -> Harvest:
        tools = find_tools()
        unread = _find_all(self.database, find_abilities(tools), again=again)
        if not unread:
            return Harvest(0, 0, (), 0, None)
        changes: list[FileChange] = []
        ended: str | None = None
        try:
            with closing(open_for_writing(self.database)) as connection, TextReader(tools, bounds.is_stopped) as reader:
                for one, reading in _read_all(unread, self._fetch, reader=reader, bounds=bounds):
                    changes.append(self._store(connection, one, reading=reading))
                    self.tell(changes[-1])
                empty_log(connection, wait_seconds=LOG_WAIT_SECONDS)
            if len(changes) < len(unread):
                ended = "stopped" if bounds.is_stopped() else "out-of-time"
        except ArchiveLockedError:
            ended = "locked"
        except (sqlite3.Error, OSError) as error:
            raise ArchiveUnusableError(
                f"{self.database}: texts of attachments cannot be stored: {say_archive_fault(error)}"
            ) from error
        return _sum_up(changes, len(unread) - len(changes), ended=ended)

    def _fetch(self, unread: Unread) -> Body:
        """Read a file from the WARC. The lock keeps withholdings unchanged, so one of the databases has its capture."""
        with self.hold(), closing(open_whole(self.database)) as connection:
            return read_attachment(connection, self.folder, unread=unread, max_bytes=MAX_FILE_BYTES)

    def _store(self, connection: sqlite3.Connection, unread: Unread, *, reading: TextReading) -> FileChange:
        """Store the better of a reading and what is held of the file."""
        with self.hold():
            with closing(open_whole(self.database)) as whole:
                held = read_held(whole, unread.sha256) or self._read_kept(unread.sha256)
            public = connection.execute("select 1 from attachments where sha256 = ?", (unread.sha256,)).fetchone()
            # The lines of changes may be kept: they do not name a withheld file.
            name = unread.name if public else "withheld file"
            better, change = decide(held, reading, sha256=unread.sha256, name=name, version=TEXT_READER_VERSION)
            put_text(connection, self.database, sha256=unread.sha256, held=better)
        return change

    def _read_kept(self, sha256: str) -> HeldText | None:
        """Read the text that the other archive kept; None if it kept none, or cannot be read: it may be damaged."""
        if self.kept_in is None or not self.kept_in.is_file():
            return None
        try:
            with closing(open_whole(self.kept_in)) as whole:
                held = read_held(whole, sha256)
        except (PortalArchiveError, sqlite3.Error, ValueError, TypeError) as error:
            logger.warning("%s: what it kept of attachment %s cannot be read: %s", self.kept_in, sha256, error)
            return None
        if held is None or held.tried is None:
            return None
        return held if isinstance(held.reading.text, str) and isinstance(held.version, int) else None


def _find_all(database: Path, tools: Collection[str], *, again: bool) -> list[Unread]:
    """Find the unread files: first the public ones, by index; then the withheld ones, which are few."""
    with closing(open_for_reading(database)) as connection:
        public = find_unread(connection, version=TEXT_READER_VERSION, tools=tools, again=again)
    with closing(open_whole(database)) as whole:
        return public + find_unread_withheld(whole, version=TEXT_READER_VERSION, tools=tools, again=again)


def _read_all(
    unread: Sequence[Unread], fetch: Callable[[Unread], Body], *, reader: TextReader, bounds: Bounds
) -> Iterator[tuple[Unread, TextReading]]:
    """Read one file after another, until all are read, the time is over, or a stop is requested."""
    until = None if bounds.seconds is None else time.monotonic() + bounds.seconds
    for one in unread:
        if bounds.is_stopped() or (until is not None and time.monotonic() > until):
            return
        try:
            reading = _read_one(one, fetch, reader=reader)
        except StoppedError:
            return
        if bounds.is_stopped():
            # A service manager also stops the programs of the service: this reading may come from a killed program.
            return
        yield one, reading


def _read_one(unread: Unread, fetch: Callable[[Unread], Body], *, reader: TextReader) -> TextReading:
    if unread.size_bytes > MAX_FILE_BYTES:
        return TextReading(reason="too-large", detail=f"{unread.size_bytes} bytes; up to {MAX_FILE_BYTES} are read")
    try:
        data = fetch(unread)
    except (WarcError, BadFileError) as error:
        logger.warning("attachment %s cannot be read back: %s", unread.sha256, error)
        return TextReading(reason="not-in-warc", detail=str(error))
    reading = reader.read(data, unread.name)
    if reading.text is None:
        why = ": ".join(part for part in (reading.reason, reading.detail) if part)
        logger.info("attachment %s gives no text: %s", unread.sha256, why)
    return reading


def _sum_up(changes: list[FileChange], left: int, *, ended: str | None) -> Harvest:
    readings = [change.after for change in changes]
    reasons = Counter(reading.reason for reading in readings if reading.reason is not None)
    doubts = Counter(doubt for reading in readings for doubt in reading.doubts)
    return Harvest(
        sum(reading.text is not None for reading in readings),
        sum(reading.is_ocr for reading in readings),
        tuple(sorted(reasons.items())),
        left,
        ended,
        sum(bool(reading.doubts) for reading in readings),
        tuple(sorted(doubts.items())),
        sum(change.kind == "kept" for change in changes),
    )
