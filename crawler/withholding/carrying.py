"""Carry out an operator's act: at once, or through the run that holds the archive. One WARC record, one commit."""

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from crawler.archive.database import migrate_if_older
from crawler.archive.lock import hold_archive
from crawler.archive.warc.ledger import Decided, Released, Withheld
from crawler.archive.withheld.requests import OperatorRequest, drop_request, is_taken, leave_request
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, WrongUseError
from crawler.rebuild.comparison.outside_run import Origin, write_outside_run

# A command waits this many seconds for the run that holds the archive. A crawl takes a request after a few seconds.
# From then on the command waits until the request is done.
WAIT_SECONDS = 60.0
_TRY_SECONDS = 0.5

WARC_PREFIX = "withholdings"

T = TypeVar("T")
Act = Withheld | Released | Decided


def prepare_act(archive: Path, *, reason: str, by: str) -> None:
    """Check that an act has an archive, a reason and a person. Migrate an archive of an older version.

    Raises:
        ArchiveUnusableError: if there is no archive.
        WrongUseError: if the reason or the person is empty.
    """
    if not archive.is_file():
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")
    if not reason.strip() or not by.strip():
        raise WrongUseError("--reason and --by must say something")
    migrate_if_older(archive)


def do_or_leave(archive: Path, request: OperatorRequest, *, do_now: Callable[[], T], read_done: Callable[[], T]) -> T:
    """Carry out a request if the archive is free, or leave it for the crawl that holds the archive.

    Args:
        do_now: called while this process holds the archive.
        read_done: called when a crawl took the request.

    Raises:
        ArchiveLockedError: if another run held the archive all the time and did not take the request.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    left: Path | None = None
    try:
        while True:
            try:
                with hold_archive(archive, wait_seconds=_TRY_SECONDS):
                    return do_now()
            except ArchiveLockedError:
                if left is None:
                    left = leave_request(archive, request)
                if not left.exists():
                    return read_done()
                if time.monotonic() > deadline and not is_taken(left):
                    raise
    finally:
        if left is not None:
            drop_request(left)


def write_act(
    archive: Path, make: Callable[[sqlite3.Connection], Act | None], *, clock: Callable[[], datetime],
    warcinfo_fields: tuple[tuple[str, str], ...], tell: Callable[[Act], None] = lambda _: None,
) -> tuple[Act | None, bool]:  # fmt: skip
    """Store what `make` stores, and the entry that it returns, in one transaction. The caller holds the archive.

    Args:
        tell: called with the entry after the commit; the words of withheld rows are erased after that.

    Returns:
        The entry, None if `make` found nothing to do. And True if the words of withheld rows are erased.
    """
    with write_outside_run(archive, Origin(WARC_PREFIX, clock, warcinfo_fields)) as writing:
        done: list[Act] = []

        def make_one(connection: sqlite3.Connection) -> list[Act]:
            done.extend(entry for entry in [make(connection)] if entry is not None)
            return done

        if not writing.write(make_one):
            return None, True
        writing.close()
        tell(done[0])
        return done[0], not writing.overlay.has_to_erase or writing.overlay.erase_words()
