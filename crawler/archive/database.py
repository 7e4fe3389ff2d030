"""Opening the archive's database: one way to write, one way to read."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from crawler.archive.articles.search_index import register_functions
from crawler.archive.lock import hold_archive
from crawler.archive.schema import check_schema, migrate, pending_migrations
from crawler.archive.snapshot import copy_database
from crawler.errors import ArchiveUnusableError, SchemaTooOldError, say_archive_fault

# How long a writer waits for another one (a `withhold`, a backup), in seconds. Default of sqlite3: 5.
BUSY_SECONDS = 30.0

# The write-ahead log is cut to this many bytes whenever it begins again. While a program such as the site holds the
# archive, its file would stay as large as it ever was. SQLite's default: no limit. Two automatic checkpoints fill 8 MB.
LOG_BYTES = 16 * 1024**2
# SQLite's default: 2 MB. With it a night in an archive of 100,000 articles reads 14,600 pages of the file, with 8 MB
# 6,500. 32 MB save few more (measured).
CACHE_KIB = 8000
# How long the end of a run waits for readers that are in the middle of something, in seconds.
LOG_WAIT_SECONDS = 2.0


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the database in WAL mode with foreign keys and autocommit. Create it if missing, migrate it if older.

    Any thread may use the connection, one at a time. Before a migration the database is copied
    (`copy_before_migration`).

    Raises:
        ArchiveUnusableError: if it cannot be opened, written or copied, or is not an archive.
        SchemaTooNewError: if a newer version wrote it. It stays untouched.
    """
    refuse_newer(path)
    with ExitStack() as undo, _as_unusable(path, "cannot be used as an archive"):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        undo.callback(connection.close)
        connection.row_factory = sqlite3.Row
        check_schema(connection)
        copy_before_migration(connection, path)
        connection.execute("pragma journal_mode = wal")
        # Full: a finished commit is on disk. With batches it costs no more than "normal" (measured).
        connection.execute("pragma synchronous = full")
        connection.execute(f"pragma journal_size_limit = {LOG_BYTES}")
        connection.execute(f"pragma cache_size = {-CACHE_KIB}")
        connection.execute("pragma foreign_keys = on")
        # Deleted rows are overwritten, so that no words of a withheld article stay in free pages.
        connection.execute("pragma secure_delete = on")
        register_functions(connection)
        migrate(connection)
        undo.pop_all()
    return connection


def empty_log(connection: sqlite3.Connection, *, wait_seconds: float) -> bool:
    """Move the write-ahead log into the database and empty its file. Call between transactions.

    False if a reader was in the middle of something for longer than `wait_seconds`, or the disk is full. The log keeps
    what it holds, and grows.
    """
    (busy_ms,) = connection.execute("pragma busy_timeout").fetchone()
    connection.execute(f"pragma busy_timeout = {round(wait_seconds * 1000)}")
    try:
        (is_busy, *_) = connection.execute("pragma main.wal_checkpoint(truncate)").fetchone()
    except sqlite3.OperationalError as error:
        # What was committed is in the log, and is read from there.
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        return False
    finally:
        connection.execute(f"pragma busy_timeout = {busy_ms}")
    return not is_busy


def bound_log(connection: sqlite3.Connection, path: Path, *, most: int) -> int:
    """Empty a write-ahead log of more than `most` bytes without waiting. Return the bound for the next time.

    If a reader keeps it from being emptied, the next try comes when it has grown by `LOG_BYTES`.
    """
    try:
        size = path.with_name(path.name + "-wal").stat().st_size
    except FileNotFoundError:
        return most
    if size <= most:
        return most
    return 2 * LOG_BYTES if empty_log(connection, wait_seconds=0) else size + LOG_BYTES


def open_for_reading(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open an existing archive read-only, with the search functions. Wait up to `busy_seconds` for a lock.

    Raises:
        ArchiveUnusableError: if it is missing, unreadable or no archive.
        SchemaTooOldError: if an older version wrote it.
        SchemaTooNewError: if a newer version wrote it.
    """
    return _open_read_only(path, complete=True, busy_seconds=busy_seconds)


def open_for_copying(path: Path) -> sqlite3.Connection:
    """Open an existing archive read-only, also one of an older version.

    Raises:
        ArchiveUnusableError: if it is missing, unreadable or no archive.
        SchemaTooNewError: if a newer version wrote it.
    """
    return _open_read_only(path, complete=False, busy_seconds=BUSY_SECONDS)


def open_of_any_version(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open an existing archive of any version read-only: for promised columns, which every version has.

    Raises:
        ArchiveUnusableError: if it is missing or cannot be opened.
    """
    with _as_unusable(path, "cannot be read"):
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_seconds)


def read_mark(path: Path) -> tuple[int, ...]:
    """Return what changes with each commit: number, time and size of the file first, then of its write-ahead log.

    Zeros mean that the file does not exist. A reader makes an empty log, and the last reader removes it: that counts
    as none.
    """
    log = read_file_mark(f"{path}-wal")[1:]
    return *read_file_mark(path), *(log if log[1] else (0, 0))


def read_file_mark(path: Path | str) -> tuple[int, int, int]:
    """Return number, time (ns) and size of a file; zeros if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def is_begun(path: Path) -> bool:
    """True if there is an archive at `path`: its database, or WARC files of it."""
    return path.exists() or any((path.parent / "warc").glob("*.warc.gz*"))


def migrate_if_older(path: Path) -> bool:
    """Migrate an existing archive to this version's schema. True if it was older.

    For programs that only read: a current archive is neither written nor locked.

    Raises:
        ArchiveLockedError: if a run holds the archive, so that it cannot be migrated now.
        ArchiveUnusableError: if it is missing, not an archive, or cannot be copied or migrated.
        SchemaTooNewError: if a newer version wrote it.
    """
    try:
        open_for_reading(path).close()
    except SchemaTooOldError:
        with hold_archive(path):
            open_for_writing(path).close()
        return True
    return False


def copy_before_migration(connection: sqlite3.Connection, path: Path) -> Path | None:
    """Copy a database that lacks migrations to `NAME.before-NUMBER.db` beside it. Give the copy, None if it lacks none.

    The number is that of the first missing migration. An older copy of that name is replaced: migrations are all or
    nothing, so the database is in the last state before that migration.

    Raises:
        ArchiveUnusableError: if there is no room for it, or it cannot be written.
    """
    pending = pending_migrations(connection)
    if not pending:
        return None
    number = re.sub(r"\D.*", "", pending[0].removeprefix("m"))
    copy = path.with_name(f"{path.stem}.before-{number}{path.suffix}")
    try:
        copy_database(connection, copy)
    except ArchiveUnusableError as error:
        raise ArchiveUnusableError(f"not migrated, since no copy could be made before: {error}") from error
    return copy


def refuse_newer(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
    """Refuse a database of a newer version without opening it for writing, which would fold in its write-ahead log.

    Raises:
        SchemaTooNewError: if a newer version wrote it.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return
    log = path.with_name(path.name + "-wal")
    # A read-only connection creates a write-ahead log and leaves it there. An immutable one reads no log.
    how = "mode=ro" if log.is_file() and log.stat().st_size else "mode=ro&immutable=1"
    with suppress(sqlite3.Error, ArchiveUnusableError):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=busy_seconds)
        try:
            connection.row_factory = sqlite3.Row
            check_schema(connection)
        finally:
            connection.close()


def _open_read_only(path: Path, *, complete: bool, busy_seconds: float) -> sqlite3.Connection:
    if not path.is_file():
        raise ArchiveUnusableError(f"{path}: there is no archive yet; run a crawl first")
    refuse_newer(path, busy_seconds=busy_seconds)
    with ExitStack() as undo, _as_unusable(path, "cannot be read"):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_seconds)
        undo.callback(connection.close)
        connection.row_factory = sqlite3.Row
        check_schema(connection, complete=complete)
        register_functions(connection)
        undo.pop_all()
    return connection


@contextmanager
def _as_unusable(path: Path, what: str) -> Iterator[None]:
    """Name the file in errors that keep it from being used. Errors about the schema keep their class."""
    try:
        yield
    except SchemaTooOldError as error:
        raise SchemaTooOldError(f"{path}: {error}") from error
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{path}: {what}: {say_archive_fault(error)}") from error
    except ArchiveUnusableError as error:
        raise ArchiveUnusableError(f"{path}: {what}: {error}") from error
