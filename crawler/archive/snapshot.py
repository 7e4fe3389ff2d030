"""Copies of the database, made while a run writes it and readers read: exact ones, and public ones to give away."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from crawler.archive.warc.writer import sync_path
from crawler.errors import ArchiveUnusableError, say_archive_fault

# Bytes that stay free beside the copy: the write-ahead log of a running crawl grows meanwhile.
SPARE_BYTES = 16 * 1024**2


def copy_database(connection: sqlite3.Connection, into: Path, *, mode: int = 0o666) -> int:
    """Copy the database of an open connection page by page, and sync the copy; give its size in bytes.

    One read transaction copies all pages, so the copy shows one moment. A writer does not wait, and does not make the
    copy begin again. `into` appears only when it is complete; it replaces an earlier file. It has the permissions that
    the umask leaves of `mode`.

    Raises:
        ArchiveUnusableError: if there is no space for it, it cannot be written, or the database is damaged.
    """
    part = into.with_name(into.name + ".part")
    try:
        require_space(connection, into.parent, what="the copy of the database")
        part.unlink(missing_ok=True)
        part.touch(mode=mode)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            connection.backup(copy, pages=-1)
        _check_pages(part)
        sync_path(part)
        part.replace(into)
        sync_path(into.parent)
    except (sqlite3.Error, OSError) as error:
        raise ArchiveUnusableError(
            f"{into}: no copy of the database could be made: {say_archive_fault(error)}"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return into.stat().st_size


def write_public_copy(connection: sqlite3.Connection, into: Path) -> None:
    """Write all rows of an open archive to a new file, in one read transaction; a writer does not wait.

    `vacuum into` writes row by row, so that free pages hold no words of deleted rows. The copy is not in WAL mode, so
    it can be read from a read-only disk.

    Raises:
        ArchiveUnusableError: if there is no space for it, or it cannot be written.
    """
    require_space(connection, into.parent, what="the snapshot")
    try:
        connection.execute("vacuum into ?", (str(into),))
        with closing(sqlite3.connect(into, isolation_level=None)) as copy:
            copy.execute("pragma journal_mode = delete")
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{into}: no snapshot could be written: {say_archive_fault(error)}") from error


def drop_thumbnails(copy: Path) -> None:
    """Remove the thumbnails from a copy, which makes it smaller. The pictures themselves are in the WARC files.

    Raises:
        ArchiveUnusableError: if it cannot be written.
    """
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("update images set thumbnail = null")
            connection.execute("vacuum")
    except sqlite3.Error as error:
        raise ArchiveUnusableError(
            f"{copy}: the thumbnails could not be taken out: {say_archive_fault(error)}"
        ) from error


def require_space(connection: sqlite3.Connection, folder: Path, *, what: str) -> None:
    """Check that a folder has the space for a copy of all pages of a database.

    Raises:
        ArchiveUnusableError: if it has not.
    """
    pages = connection.execute("pragma page_count").fetchone()[0]
    size = pages * connection.execute("pragma page_size").fetchone()[0]
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        raise ArchiveUnusableError(
            f"{folder}: {megabytes(free)} free, where {what} needs {megabytes(size + SPARE_BYTES)}"
        )


def megabytes(size: int) -> str:
    """Return a size as a person reads it, in MB of 1,000,000 bytes, rounded up.

    >>> megabytes(16 * 1024**2)
    '17 MB'
    """
    return f"{-(-size // 1_000_000):,} MB"


def _check_pages(copy: Path) -> None:
    """Refuse a damaged copy. Damaged pages are copied too, and would be found only at a restore."""
    with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        (verdict,) = connection.execute("pragma quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged: {' '.join(verdict.split())}")
