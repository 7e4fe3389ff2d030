"""The journal of operations: `operations.db` beside the archive. Losing it loses no archive.

It holds what no archive can: which planned runs were begun and how they ended, which copies were made and tried,
which alarms a person was told of. The archive itself is judged by its own rows.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.errors import ArchiveUnusableError

JOURNAL_NAME = "operations.db"

# A writer waits so long for another process's, in seconds.
BUSY_SECONDS = 30.0

SCHEMA_VERSION = 1

# Times are ISO 8601 in UTC with Z. `ok` is 1 or 0.
_TABLES_SQL = """
create table runs (
    id integer primary key, portal text not null, planned_at text not null, began_at text,
    ended_at text, exit_code integer, note text
);
create index runs_portal on runs(portal, planned_at);
create table profile_faults (portal text primary key, since text not null, message text not null);
create table plans (portal text primary key, plan text not null, since text);
create table backups (
    id integer primary key, at text not null, target text not null, snapshot text, size_bytes integer,
    ok integer not null, message text
);
create table drills (
    id integer primary key, at text not null, target text not null, snapshot text, ok integer not null, message text
);
create table alarms (
    id integer primary key, kind text not null, subject text not null, since text not null, sentence text not null,
    told_at text, ended_at text, end_told_at text
);
create unique index alarms_open on alarms(kind, subject) where ended_at is null;
create table digests (id integer primary key, sent_at text not null, until_crawl_id integer not null);
"""


def journal_path(archive: Path) -> Path:
    """Give the path of the journal of the archive at `archive`."""
    return archive.parent / JOURNAL_NAME


@contextmanager
def write_journal(archive: Path) -> Iterator[sqlite3.Connection]:
    """Open the journal, made if missing, for one transaction: committed when the block ends, undone if it raises.

    Raises:
        ArchiveUnusableError: if it cannot be opened or written, or a newer version wrote it.

    """
    path = journal_path(archive)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("begin immediate")
            _check(connection, path)
            yield connection
            connection.execute("commit")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{path}: cannot be written: {error}") from error


@contextmanager
def read_journal(archive: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the journal read-only; give None where there is none yet.

    Raises:
        ArchiveUnusableError: if it cannot be read, or a newer version wrote it.

    """
    path = journal_path(archive)
    if not path.is_file() or path.stat().st_size == 0:
        yield None
        return
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        try:
            connection.row_factory = sqlite3.Row
            _check_version(connection, path)
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{path}: cannot be read: {error}") from error


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("pragma user_version").fetchone()[0] == 0:
        for statement in _TABLES_SQL.split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
    _check_version(connection, path)


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise ArchiveUnusableError(f"{path}: a newer version of portal-archive wrote this journal; update it")
