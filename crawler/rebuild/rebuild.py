"""Rebuild the database from the WARC files alone, with today's parser, offline."""

import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path

from crawler.archive.database import open_for_writing
from crawler.archive.warc.reader import warc_files
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withheld.withheld_db import withheld_path
from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.rebuild.former_rows import FormerRows
from crawler.rebuild.pool import open_asker, size_of
from crawler.rebuild.replay import Watch, replay_all
from crawler.rebuild.report import Replayed


def rebuild(
    archive: Path, into: Path, *, processes: int | None = None, watch: Watch | None = None, history: str | None = None
) -> Replayed:
    """Make the database `into` from the WARC files beside `archive`. Return what was made and what is read otherwise.

    The files are only read, and `archive` itself need not exist. If it does, its rows keep what today's reader
    refuses. The new database gets its name when it is complete.

    Args:
        processes: how many processes read pages; 0 reads in this one. None is one for each core, and none for a small
            archive.
        watch: called with the bytes of each record that is done.
        history: the beginning of a history's name, if the files hold several.

    Raises:
        ForkError: if the files hold several histories of an archive, and it is not said which.
        WrongUseError: if `into` exists already.
        ArchiveUnusableError: if there are no WARC files, or one is damaged.
    """
    folder = archive.parent / "warc"
    if into.exists():
        raise WrongUseError(f"{into}: exists already; a rebuild makes a new database")
    if not warc_files(folder):
        raise ArchiveUnusableError(f"{folder}: holds no WARC files")
    part = into.with_name(into.name + ".part")
    for name, suffix in product((part, withheld_path(part)), ("", "-wal", "-shm")):
        Path(f"{name}{suffix}").unlink(missing_ok=True)
    try:
        with closing(open_for_writing(part)) as connection, closing(FormerRows(archive)) as former:
            # A half-done rebuild is worthless, so nothing needs to be on disk before it is complete.
            connection.execute("pragma synchronous = off")
            overlay = Overlay(connection, part)
            with open_asker(folder, processes) as asker:
                replayed = replay_all(connection, folder, former=former, asker=asker, watch=watch, history=history)
            connection.execute("pragma synchronous = full")
            _take_out_withheld(overlay)
            connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{into}: cannot be written: {error}") from error
    if (withheld := withheld_path(part)).exists():
        withheld.replace(withheld_path(into))
    part.rename(into)
    return replayed


def archive_bytes(archive: Path) -> int:
    """Return the size of the WARC files beside an archive."""
    return size_of(archive.absolute().parent / "warc")


def _take_out_withheld(overlay: Overlay) -> None:
    """Move what the ledgers withhold to a withheld database beside the new one."""
    with closing(overlay):
        if overlay.is_needed:
            with overlay.restored():
                pass  # nothing is out yet; the end of the block takes it out
            overlay.tidy()
