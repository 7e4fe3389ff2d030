"""What a copy of the database holds, which WARC files it needs, and the withheld database that belongs to it."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.snapshot import copy_database
from crawler.archive.withheld.withheld_db import read_state, read_withheld
from crawler.archive.withholdings import read_active
from crawler.errors import ArchiveUnusableError


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
    with read_withheld(archive, state) as box:
        copy_database(box, into)
    return True
