"""Consistent copies of the database, made while a run writes it and readers read."""

import os
import shutil
import sqlite3
from pathlib import Path

from crawler.archive.warc.writer import sync_folder
from crawler.errors import ArchiveUnusableError

# Left free beside the copy, for the write-ahead logs of those who go on meanwhile, in bytes.
SPARE_BYTES = 16 * 1024**2


def copy_database(connection: sqlite3.Connection, into: Path) -> int:
    """Copy the database of an open connection page by page, on disk when this returns; give its size in bytes.

    All pages are copied in one read transaction, so the copy is of one moment and a writer neither waits nor makes
    it begin again. `into` appears under its name only when it is whole; an earlier file there is replaced.

    Raises:
        ArchiveUnusableError: if there is no room for it, it cannot be written, or the database is damaged.

    """
    part = into.with_name(into.name + ".part")
    try:
        check_room(connection, into.parent, what="the copy of the database")
        part.unlink(missing_ok=True)
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            connection.backup(copy, pages=-1)
        finally:
            copy.close()
        _check_pages(part)
        _sync(part)
        part.replace(into)
        sync_folder(into.parent)
    except (sqlite3.Error, OSError) as error:
        raise ArchiveUnusableError(f"{into}: no copy of the database could be made: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return into.stat().st_size


def check_room(connection: sqlite3.Connection, folder: Path, *, what: str) -> None:
    """Refuse to copy a database, all its pages, into a folder that has no room for it.

    Raises:
        ArchiveUnusableError: if there is none.

    """
    pages = connection.execute("pragma page_count").fetchone()[0]
    size = pages * connection.execute("pragma page_size").fetchone()[0]
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        raise ArchiveUnusableError(
            f"{folder}: {megabytes(free)} free, where {what} needs {megabytes(size + SPARE_BYTES)}"
        )


def megabytes(size: int) -> str:
    """Give a size as a person reads it, in MB of 1,000,000 bytes, rounded up.

    >>> megabytes(16 * 1024**2)
    '17 MB'
    """
    return f"{-(-size // 1_000_000):,} MB"


def _check_pages(copy: Path) -> None:
    """Refuse a damaged copy: the pages are copied as they are, so it would only be found when it is needed."""
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (verdict,) = connection.execute("pragma quick_check(1)").fetchone()
    finally:
        connection.close()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged: {' '.join(verdict.split())}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
