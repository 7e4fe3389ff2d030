"""What a copy of the database holds, which WARC files it needs, and the withheld database that belongs to it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.history.lineage import Head, Ids, has_reached, read_head, read_ids
from crawler.archive.snapshot import copy_database
from crawler.archive.withheld.withheld_db import read_state, read_withheld
from crawler.archive.withholdings import read_active
from crawler.errors import ArchiveUnusableError


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A WARC file that rows point into: its final name, and its length in bytes up to the last commit."""

    name: str
    size_bytes: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy of the database holds.

    `identity` is the record id of the first capture, which a rebuild or a restore does not change; None without
    captures. `schema` is the name of the last migration. `head` is the end of its history, None if the archive is of
    an older version and no run of this one was made; `ids` are the highest ids.
    """

    identity: str | None
    schema: str
    crawls: int
    articles: int
    files: tuple[NeededFile, ...]
    head: Head | None
    ids: Ids | None


def read_contents(copy: Path) -> Contents:
    """Read from a copy what it holds and which WARC files it needs. Writes no file beside it.

    Raises:
        ArchiveUnusableError: if the copy cannot be read.
    """
    with closing(_open_copy(copy)) as connection:
        try:
            first = connection.execute("select record_id from captures order by id limit 1").fetchone()
            (schema,) = connection.execute("select name from _sqlite_migrations order by id desc limit 1").fetchone()
            (crawls,) = connection.execute("select count(*) from crawls").fetchone()
            (articles,) = connection.execute("select count(*) from articles").fetchone()
            files = connection.execute("select name, size_bytes, closed from warc_files order by serial").fetchall()
            has_history = _has_table(connection, "history")
            head, ids = (read_head(connection), read_ids(connection)) if has_history else (None, None)
        except sqlite3.Error as error:
            raise ArchiveUnusableError(f"{copy}: cannot be read: {error}") from error
    needed = tuple(NeededFile(name, size, bool(closed)) for name, size, closed in files)
    return Contents(first[0] if first else None, schema, crawls, articles, needed, head, ids)


def has_come_by(copy: Path, head: Head) -> bool:
    """Tell whether the history of a copy has come by a place of it or of another copy."""
    with closing(_open_copy(copy)) as connection:
        return _has_table(connection, "history") and has_reached(connection, head)


def copy_withheld(archive: Path, copy: Path, *, into: Path) -> bool:
    """Copy the withheld database that belongs to a copy of an archive; False if nothing is withheld from it.

    Make the copy of the archive first: the withheld database keeps the rows of the state before the newest one.

    Raises:
        ArchiveUnusableError: if it is missing, belongs to another state, or cannot be copied.
    """
    with closing(_open_copy(copy)) as connection:
        if not _has_table(connection, "withholdings") or not read_active(connection):
            return False
        state = read_state(connection)
    with read_withheld(archive, state) as withheld:
        copy_database(withheld, into, mode=0o600)
    return True


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute("select 1 from sqlite_master where name = ?", (name,)).fetchone() is not None


def _open_copy(copy: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
