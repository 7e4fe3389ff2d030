"""The journal of operations: `operations.db` beside the archive. Losing it loses no archive.

It holds what no archive can: which planned runs began and how they ended, which backups were made and tried, which
alarms were sent, what verifications found, and what APScheduler did with each job. The archive itself is judged by its
own rows.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from importlib import resources
from pathlib import Path

from crawler.archive.transaction import transaction
from crawler.errors import ArchiveUnusableError, say_fault

JOURNAL_NAME = "operations.db"

# How long a writer waits for another process's transaction, in seconds.
BUSY_SECONDS = 30.0

_MIGRATIONS = resources.files("crawler.operations.journal") / "migrations"
# The statements that lead to each version of the schema.
_STEPS_SQL = tuple((_MIGRATIONS / f"{version}.sql").read_text(encoding="utf-8") for version in (1, 2, 3, 4, 5))
SCHEMA_VERSION = len(_STEPS_SQL)


def journal_path(archive: Path) -> Path:
    """Return the path of the journal of the archive at `archive`."""
    return archive.parent / JOURNAL_NAME


@contextmanager
def write_journal(archive: Path) -> Iterator[sqlite3.Connection]:
    """Open the journal, created if missing, for one transaction: committed at the block's end, undone if it raises.

    Raises:
        ArchiveUnusableError: if it cannot be opened or written, or a newer version wrote it.
    """
    path = journal_path(archive)
    if not path.exists():
        _make_empty(path)
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            with transaction(connection):
                _upgrade(connection, path)
                yield connection
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{path}: cannot be written: {say_fault(error)}") from error


@contextmanager
def read_journal(archive: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the journal read-only; give None if it does not exist yet.

    Raises:
        ArchiveUnusableError: if it cannot be read, or a newer version wrote it.
    """
    path = journal_path(archive)
    if not path.is_file() or path.stat().st_size == 0:
        yield None
        return
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.row_factory = sqlite3.Row
            if _check_version(connection, path) == SCHEMA_VERSION:
                yield connection
            else:  # an older version wrote it, and a reader never writes: upgrade a copy
                with closing(sqlite3.connect(":memory:")) as copy:
                    connection.backup(copy)
                    copy.row_factory = sqlite3.Row
                    _upgrade(copy, path)
                    yield copy
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{path}: cannot be read: {say_fault(error)}") from error


def _make_empty(path: Path) -> None:
    """Make an empty journal of this version at once, unless another process does: half the cost of its statements.

    What fails here fails again where the journal is opened, and is said there.
    """
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_empty_journal())
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            # Unlike a rename, a link never takes the place of a journal that came in between.
            os.link(name, path)
        finally:
            Path(name).unlink()


@cache
def _empty_journal() -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _upgrade(connection, Path(JOURNAL_NAME))
        return connection.serialize()


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    version = _check_version(connection, path)
    for step in _STEPS_SQL[version:]:
        for statement in step.split(";"):
            connection.execute(statement)
    if version < SCHEMA_VERSION:
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("pragma user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise ArchiveUnusableError(f"{path}: a newer version of portal-archive wrote this journal; update it")
    return version
