"""Whether a crawl makes progress, judged from outside by its files and rows."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.database import open_for_copying
from crawler.errors import PortalArchiveError


@dataclass(frozen=True, slots=True)
class Trace:
    """What a crawl has written so far.

    `files` are name, size and time of change of the archive's files. `stored` are the ids of the last capture and the
    last event, `failed` the id of the last failure; None if they could not be read.
    """

    files: tuple[tuple[str, int, int], ...]
    stored: tuple[int, int] | None
    failed: int | None


class Watchdog:
    """Watches one crawl. It makes no progress if it writes nothing, or only failures.

    A portal that hangs on every request keeps a crawl busy for days otherwise: each time-out is a row.
    """

    def __init__(
        self, archive: Path, *, patience_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._archive = archive
        self._patience_seconds = patience_seconds
        self._monotonic = monotonic
        self._last = self._last_good = read_trace(archive)
        self._written_at = self._stored_at = monotonic()

    def idle_seconds(self) -> float | None:
        """Read the trace again; give the seconds without progress if they are too many, else None."""
        now, trace = self._monotonic(), read_trace(self._archive)
        if trace.files != self._last.files:
            self._written_at = now
        self._last = trace
        # Without a new failure it waits, or works on stored data (a dead run's records, the judgement of the night);
        # then its files change.
        if trace.stored != self._last_good.stored or trace.failed == self._last_good.failed:
            self._last_good, self._stored_at = trace, now
        idle = now - min(self._written_at, self._stored_at)
        return idle if idle >= self._patience_seconds else None


def read_trace(archive: Path) -> Trace:
    """Read what is on the disk now."""
    database = [archive.with_name(archive.name + suffix) for suffix in ("", "-wal")]
    files = []
    # The lock beside the WARC files changes when a process checks whether it is held.
    for path in [*database, *sorted((archive.parent / "warc").glob("[!.]*"))]:
        with suppress(FileNotFoundError):
            found = path.stat()
            files.append((path.name, found.st_size, found.st_mtime_ns))
    stored, failed = _read_last_rows(archive)
    return Trace(tuple(files), stored, failed)


def _read_last_rows(archive: Path) -> tuple[tuple[int, int] | None, int | None]:
    if not archive.is_file():
        return None, None
    try:
        with closing(open_for_copying(archive)) as connection:
            captures, events, failed = (
                connection.execute(f"select coalesce(max(id), 0) from {table}").fetchone()[0]  # noqa: S608 - constants
                for table in ("captures", "article_events", "crawl_errors")
            )
    except (PortalArchiveError, sqlite3.Error):
        return None, None
    return (captures, events), failed
