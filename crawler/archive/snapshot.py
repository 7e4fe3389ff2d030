"""Consistent copies of the database while a run writes it and readers read, and what a copy needs of the WARC files."""

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.warc.writer import sync_folder
from crawler.archive.withheld.withheld_db import read_box, read_state
from crawler.archive.withholdings import read_active
from crawler.errors import ArchiveUnusableError

# Left free beside the copy, for the write-ahead logs of those who go on meanwhile, in bytes.
SPARE_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A WARC file that a database's rows point into: by its final name, and as far as they do, in bytes."""

    name: str
    size_bytes: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy of the database holds.

    `identity` is the record id of the archive's first capture, the same after a rebuild or a restore; None for an
    archive without captures. `schema` names the last migration.
    """

    identity: str | None
    schema: str
    crawls: int
    articles: int
    files: tuple[NeededFile, ...]


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


def read_contents(copy: Path) -> Contents:
    """Read from a copy what it holds and which WARC files it needs; nothing is written beside it."""
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        first = connection.execute("select record_id from captures order by id limit 1").fetchone()
        (schema,) = connection.execute("select name from _sqlite_migrations order by id desc limit 1").fetchone()
        (crawls,) = connection.execute("select count(*) from crawls").fetchone()
        (articles,) = connection.execute("select count(*) from articles").fetchone()
        files = connection.execute("select name, size_bytes, closed from warc_files order by serial").fetchall()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{copy}: cannot be read: {error}") from error
    finally:
        connection.close()
    needed = tuple(NeededFile(name, size, bool(closed)) for name, size, closed in files)
    return Contents(first[0] if first else None, schema, crawls, articles, needed)


def copy_withheld(archive: Path, copy: Path, *, into: Path) -> bool:
    """Copy the withheld database that belongs to a copy of an archive; False if nothing is withheld from it.

    The copy must be of a moment before: the withheld database keeps what an earlier commit of the same run needs.

    Raises:
        ArchiveUnusableError: if it is missing, of another state, or cannot be copied.

    """
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        table = "select 1 from sqlite_master where name = 'withholdings'"
        if connection.execute(table).fetchone() is None or not read_active(connection):
            return False
        state = read_state(connection)
    finally:
        connection.close()
    with read_box(archive, state) as box:
        copy_database(box, into)
    return True


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
