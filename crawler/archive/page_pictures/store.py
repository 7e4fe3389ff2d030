"""The store of drawn pages: `pages.db` beside the archive. It is not evidence: losing it costs a new drawing.

It holds pictures of public attachments only. A backup, an export and a rebuild leave it out.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from crawler.archive.attachment_texts import Unread, name_in_address
from crawler.archive.database import open_for_reading
from crawler.archive.transaction import transaction
from crawler.errors import ArchiveUnusableError, say_fault

# Raise it when pages are drawn otherwise: every file is then drawn again.
PICTURES_VERSION = 1
_BUSY_SECONDS = 30.0
# A visitor's page does not wait longer for a writer; it is shown without its picture.
_READER_BUSY_SECONDS = 2.0
_SCHEMA = """
create table if not exists drawn (
    sha256 text primary key, version integer not null, pages integer not null, reason text
);
create table if not exists pictures (
    sha256 text not null, page integer not null, width integer not null, height integer not null, data blob not null,
    primary key (sha256, page)
);
"""
# Reasons that another try does not change.
_FINAL = "('too-large', 'unknown-kind', 'encrypted')"
# Files whose text says that they are office files or archives have no pages to draw.
_UNDRAWN_SQL = """select t.sha256, t.size_bytes, t.media_type, t.capture_id,
      (select url from revision_attachments r where r.attachment_sha256 = t.sha256
       order by article_id, number, position limit 1) as url
    from attachments t left join attachment_texts x on x.attachment_sha256 = t.sha256
    where x.method is null or x.method like 'pdf%' or x.method like 'ocr%' order by t.capture_id, t.sha256"""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A drawn page: its number from 1, its size in pixels, and the picture as WebP."""

    page: int
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn of a file: sizes by page; `reason` says why not all of its pages, None if they all were."""

    sizes: dict[int, tuple[int, int]]
    reason: str | None


def pictures_path(archive: Path) -> Path:
    """Return the path of an archive's store of drawn pages.

    >>> pictures_path(Path("/srv/archive.db")).name, pictures_path(Path("/srv/new.db")).name
    ('pages.db', 'new.pages.db')
    """
    return archive.with_name("pages.db" if archive.name == "archive.db" else f"{archive.stem}.pages.db")


class PictureStore:
    """Writes the store; a context manager. Only the process that holds the archive may add pictures."""

    def __init__(self, archive: Path) -> None:
        """Open the store; make it if it does not exist or is damaged.

        Raises:
            ArchiveUnusableError: if it cannot be written.
        """
        self._archive, self._path = archive, pictures_path(archive)
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise ArchiveUnusableError(f"{self._path}: cannot be used: {say_fault(error)}") from error
            self._path.unlink()
            self._connection = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            # What is deleted is overwritten, and no log keeps it.
            connection.execute("pragma secure_delete = on")
            connection.execute("pragma journal_mode = delete")
            connection.executescript(_SCHEMA)
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def size_bytes(self) -> int:
        """The size of all pictures."""
        return int(self._connection.execute("select coalesce(sum(length(data)), 0) from pictures").fetchone()[0])

    def find_undrawn(self, *, again: bool) -> list[Unread]:
        """Find the public attachments that may have pages to draw; with `again`, also those whose drawing failed."""
        sql = f"select sha256 from drawn where version = ? and (reason is null or reason in {_FINAL} or not ?)"  # noqa: S608
        done = {row[0] for row in self._connection.execute(sql, (PICTURES_VERSION, again))}
        with closing(open_for_reading(self._archive)) as public:
            rows = public.execute(_UNDRAWN_SQL).fetchall()
        return [
            Unread(sha256, size_bytes, media_type, capture_id, name_in_address(url))
            for sha256, size_bytes, media_type, capture_id, url in rows
            if sha256 not in done
        ]

    def put(self, sha256: str, pictures: Sequence[PagePicture], *, pages: int, reason: str | None) -> None:
        """Store what was drawn of a file, in place of what was there.

        Args:
            sha256: of the file.
            pictures: of its pages.
            pages: how many it has.
            reason: why not all of them were drawn; None if they all were.
        """
        with transaction(self._connection):
            self._connection.execute("delete from pictures where sha256 = ?", (sha256,))
            self._connection.execute(
                "insert or replace into drawn values (?, ?, ?, ?)", (sha256, PICTURES_VERSION, pages, reason)
            )
            self._connection.executemany(
                "insert into pictures values (?, ?, ?, ?, ?)",
                [(sha256, one.page, one.width, one.height, one.data) for one in pictures],
            )

    def drop_unpublished(self) -> int:
        """Delete the pictures of files that the archive does not publish (any more). Return the number of files."""
        with closing(open_for_reading(self._archive)) as public:
            known = [row[0] for row in self._connection.execute("select sha256 from drawn")]
            find = "select 1 from attachments where sha256 = ?"
            gone = [(sha256,) for sha256 in known if public.execute(find, (sha256,)).fetchone() is None]
        if gone:
            with transaction(self._connection):
                for table in ("pictures", "drawn"):
                    self._connection.executemany(f"delete from {table} where sha256 = ?", gone)  # noqa: S608
        return len(gone)


def drop_unpublished(archive: Path) -> None:
    """Delete the pictures of files that an archive does not publish any more; nothing if it has no pictures.

    Raises:
        ArchiveUnusableError: if the store cannot be written.
    """
    if not pictures_path(archive).exists():
        return
    try:
        with PictureStore(archive) as store:
            store.drop_unpublished()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{pictures_path(archive)}: cannot be written: {say_fault(error)}") from error


def read_drawn(archive: Path, sha256: str) -> Drawn | None:
    """Read what was drawn of a file; None if nothing was tried yet, or the store cannot be read."""
    with _read(archive) as connection:
        if connection is None:
            return None
        row = connection.execute("select reason from drawn where sha256 = ?", (sha256,)).fetchone()
        sizes = connection.execute("select page, width, height from pictures where sha256 = ?", (sha256,))
        return Drawn({page: (width, height) for page, width, height in sizes}, row[0]) if row else None
    return None


def read_picture(archive: Path, sha256: str, *, page: int) -> bytes | None:
    """Read the picture of a page; None if there is none."""
    with _read(archive) as connection:
        if connection is None:
            return None
        sql = "select data from pictures where sha256 = ? and page = ?"
        row = connection.execute(sql, (sha256, page)).fetchone()
        return bytes(row[0]) if row else None
    return None


@contextmanager
def _read(archive: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the store read-only. A store that cannot be read is as none: its pictures can be drawn again."""
    path = pictures_path(archive)
    if not path.is_file():
        yield None
        return
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_READER_BUSY_SECONDS)) as connection:
            yield connection
    except sqlite3.Error:
        return
