"""The file of a shared state: a database of SQLite that may be locked, moved, deleted or damaged at any time.

It has a rollback journal. A write-ahead log has an index beside it that is found by name: after the database alone was
deleted, the processes that still have it open would share that index with those of the new one.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

logger = logging.getLogger(__name__)

# How long a statement waits for another process, in seconds, while nothing else of the crawl goes on. The others need
# microseconds. A process that finds the file locked for longer asks again later.
_LOCKED_SECONDS = 0.02

_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

# What is the same for two paths only if they lead to one file.
_Identity = tuple[int, int]


class StateBusyError(Exception):
    """Raised when the file is locked now, or was just thrown away, by `StateFile.use`: ask again a little later."""


class StateFile:
    """Opens the file, and opens it again if another file has its name. One that is damaged is deleted, and made again.

    Args:
        path: of the database, made if missing.
        schema: statements that make its tables if they are missing.
        moved: is called with the new database after another file was opened.
    """

    def __init__(self, path: Path, schema: str, *, moved: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path
        self._schema = schema
        self._moved = moved
        self._connection: sqlite3.Connection | None = None
        self._identity: _Identity | None = None
        self._was_open = False

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        """Give the database that has the name now. A transaction that fails in the block is rolled back.

        Raises:
            StateBusyError: if it is locked, or was damaged.
            sqlite3.Error: if it cannot be used at all.
        """
        try:
            yield self._open()
        except sqlite3.Error as error:
            self._roll_back()
            code = getattr(error, "sqlite_errorcode", 0)
            if code & 0xFF in _LOCKED:
                raise StateBusyError(str(error)) from error
            if code == sqlite3.SQLITE_READONLY_DBMOVED:
                self.close()
                raise StateBusyError(str(error)) from error
            if code & 0xFF in _DAMAGED:
                self._throw_away(error)
                raise StateBusyError(str(error)) from error
            raise
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the database for one transaction, as `use` does."""
        with self.use() as connection:
            connection.execute("begin immediate")
            yield connection
            connection.execute("commit")

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and _identity_of(self._path) == self._identity:
            return self._connection
        self.close()
        connection = sqlite3.connect(self._path, timeout=_LOCKED_SECONDS, isolation_level=None)
        self._identity = _identity_of(self._path)
        try:
            # It may be lost: a power cut also ends the crawls.
            connection.execute("pragma synchronous = off")
            # Fails for a file that another version of ours has open with a log; then it has the log on.
            with suppress(sqlite3.OperationalError):
                connection.execute("pragma journal_mode = persist")
            connection.executescript(self._schema)
            if self._was_open:
                self._moved(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._was_open = connection, True
        return connection

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("rollback")

    def _throw_away(self, error: sqlite3.Error) -> None:
        """Delete a damaged file, unless another one has its name by now. SQLite deletes the files beside it."""
        self.close()
        if _identity_of(self._path) == self._identity:
            logger.warning("%s: is damaged (%s); a new one is made", self._path, error)
            self._path.unlink(missing_ok=True)


def _identity_of(path: Path) -> _Identity | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
