"""Opening the archive's database: one way to write, one way to read."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler.archive.schema import check_schema, migrate
from crawler.archive.search import register_functions
from crawler.errors import ArchiveUnusableError

# A writer waits so long for another (a `withhold`, a backup), in seconds. Default of sqlite3: 5.
BUSY_SECONDS = 30.0


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the database, made if missing, migrated, in WAL mode with foreign keys; autocommit between transactions.

    The connection may be used from any thread, by one at a time.

    Raises:
        ArchiveUnusableError: if it cannot be opened or written, or is no archive.
        SchemaTooNewError: if a newer version wrote it; it is left untouched.

    """
    with ExitStack() as undo, _as_unusable(path, "cannot be used as an archive"):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        undo.callback(connection.close)
        connection.row_factory = sqlite3.Row
        check_schema(connection)
        connection.execute("pragma journal_mode = wal")
        # Full: a commit that returned is on disk. Batches make it cost no more than "normal" (measured).
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        register_functions(connection)
        migrate(connection)
        undo.pop_all()
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open an existing archive read-only, with the search functions.

    Raises:
        ArchiveUnusableError: if it is missing, unreadable or no archive of this schema.
        SchemaTooNewError: if a newer version wrote it.

    """
    if not path.is_file():
        raise ArchiveUnusableError(f"{path}: there is no archive yet; run a crawl first")
    with ExitStack() as undo, _as_unusable(path, "cannot be read"):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        undo.callback(connection.close)
        connection.row_factory = sqlite3.Row
        check_schema(connection, complete=True)
        register_functions(connection)
        undo.pop_all()
    return connection


@contextmanager
def _as_unusable(path: Path, what: str) -> Iterator[None]:
    """Name the file in whatever keeps it from being used; a newer schema is said as it is."""
    try:
        yield
    except (sqlite3.Error, ArchiveUnusableError) as error:
        raise ArchiveUnusableError(f"{path}: {what}: {error}") from error
