"""The index's database: an archive's schema, of which only what the search reads is filled, and what was read when.

It holds nothing that the archives do not hold. One made by another version is deleted and made again.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from crawler.archive.articles.derived import needs_refill
from crawler.archive.articles.search_index import begin_with_pairs, lacks_pairs, needs_reindex
from crawler.archive.database import open_for_reading, open_for_writing
from crawler.archive.schema import pending_migrations
from crawler.errors import PortalArchiveError

INDEX_NAME = "union.db"
# Rises when what is copied, or its form, changes.
_VERSION = 3
_MADE_BY, _WRITTEN, _COMPACTING = "union_version", "union_written", "union_compacting"

_TABLES = """
create table union_archives (
    name text primary key, number integer not null unique, stamp text, problem text,
    articles integer not null default 0, status text, judged_at text
) without rowid;
create table union_portals (portal text primary key, number integer not null) without rowid;
create index union_portals_of on union_portals(number);
create table union_rows (article_id integer primary key, digest blob not null);
"""


def open_index(path: Path) -> sqlite3.Connection:
    """Open the index for writing. Make it if it is missing, of another version, or no database.

    Raises:
        ArchiveUnusableError: if it cannot be made.
    """
    if not _is_current(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # A site that looks in between sees the former index, or none; never one without its tables.
        new = path.with_name(f"{path.name}-new")
        delete_index(new)
        _make(new)
        delete_index(path)
        new.replace(path)
    return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    connection = open_for_writing(path)
    # Rows of several archives refer to captures and files that stay in these.
    connection.execute("pragma foreign_keys = off")
    # Lost with a power cut, it is made again.
    connection.execute("pragma synchronous = normal")
    return connection


def _make(path: Path) -> None:
    with closing(_open(path)) as connection:
        connection.executescript(f"begin; {_TABLES} commit;")
        # It is not filled again when it has grown large: that would take minutes.
        begin_with_pairs(connection)
        connection.execute("insert into search_meta values (?, ?)", (_MADE_BY, str(_VERSION)))


def delete_index(path: Path) -> None:
    """Delete the index and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_current(path: Path) -> bool:
    if not path.exists():
        return False
    with suppress(sqlite3.Error, PortalArchiveError):
        connection = open_for_reading(path)
        try:
            found = connection.execute("select value from search_meta where key = ?", (_MADE_BY,)).fetchone()
            is_old = needs_reindex(connection) or lacks_pairs(connection) or pending_migrations(connection)
            # It has no revisions to make facts of again.
            has_old_facts = needs_refill(connection)
            return found is not None and found[0] == str(_VERSION) and not is_old and not has_old_facts
        finally:
            connection.close()
    return False


def note_written(index: sqlite3.Connection, count: int) -> None:
    """Count articles that were written since the index was compacted, in the caller's transaction."""
    index.execute("insert or replace into search_meta values (?, ?)", (_WRITTEN, str(read_written(index) + count)))


def read_written(index: sqlite3.Connection) -> int:
    """Return how many articles were written since the index was compacted."""
    row = index.execute("select value from search_meta where key = ?", (_WRITTEN,)).fetchone()
    return int(row[0]) if row else 0


def note_compacting(index: sqlite3.Connection) -> None:
    """Note that compacting began, and count articles again, in the caller's transaction."""
    index.execute("insert or replace into search_meta values (?, '1')", (_COMPACTING,))
    index.execute("delete from search_meta where key = ?", (_WRITTEN,))


def is_compacting(index: sqlite3.Connection) -> bool:
    """True if compacting began, and is not noted as done."""
    return index.execute("select 1 from search_meta where key = ?", (_COMPACTING,)).fetchone() is not None


def note_compacted(index: sqlite3.Connection) -> None:
    """Note that compacting is done, in the caller's transaction."""
    index.execute("delete from search_meta where key = ?", (_COMPACTING,))
