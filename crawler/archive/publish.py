"""A copy of the database to give away: what is public, and nothing that was taken out of it."""

import sqlite3
from pathlib import Path

from crawler.archive.snapshot import check_room
from crawler.errors import ArchiveUnusableError


def write_public_copy(connection: sqlite3.Connection, into: Path) -> None:
    """Write all rows of an open archive to a new file, in one read transaction; a writer does not wait.

    Written row by row (`vacuum into`), so that no word of a deleted row is left in its free pages. The copy is no
    WAL database, so it can be read from a read-only disk.

    Raises:
        ArchiveUnusableError: if there is no room for it, or it cannot be written.

    """
    check_room(connection, into.parent, what="the snapshot")
    try:
        connection.execute("vacuum into ?", (str(into),))
        copy = sqlite3.connect(into, isolation_level=None)
        try:
            copy.execute("pragma journal_mode = delete")
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{into}: no snapshot could be written: {error}") from error


def drop_thumbnails(copy: Path) -> None:
    """Take the thumbnails out of a copy, which makes it smaller. The pictures themselves lie in the WARC files.

    Raises:
        ArchiveUnusableError: if it cannot be written.

    """
    try:
        connection = sqlite3.connect(copy, isolation_level=None)
        try:
            connection.execute("update images set thumbnail = null")
            connection.execute("vacuum")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{copy}: the thumbnails could not be taken out: {error}") from error
