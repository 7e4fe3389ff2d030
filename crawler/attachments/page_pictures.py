"""Draw the pages of an archive's attachments for the reader on the site, each file once."""

import logging
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.attachment_texts import Unread, read_attachment
from crawler.archive.database import open_for_reading
from crawler.archive.lock import hold_archive
from crawler.archive.page_pictures.store import PictureStore, pictures_path
from crawler.attachments.harvest import MAX_FILE_BYTES, Bounds
from crawler.attachments.reader import Drawing, StoppedError, TextReader
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, BadFileError, WarcError, say_fault
from crawler.language.text import show_bytes, show_count

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class DrawnPages:
    """The result of a pass: pages drawn, of how many files; files `left`, and why (`ended`), None if none is."""

    pages: int = 0
    files: int = 0
    left: int = 0
    ended: str | None = None

    @property
    def has_files(self) -> bool:
        """Whether there was any file to draw."""
        return bool(self.files or self.left)

    def line(self) -> str:
        """Format the result in one line."""
        left = f"; left: {show_count(self.left, 'file')} ({self.ended})" if self.left else ""
        return f"pictures of pages: {self.pages} drawn of {show_count(self.files, 'file')}{left}"


def draw_missing(archive: Path, bounds: Bounds, *, most_bytes: int, again: bool = False) -> DrawnPages:
    """Draw the pages of the public attachments that were not drawn yet; drop those of files that are not public.

    The archive is locked only while a file is fetched or pictures are stored. A crawl that begins meanwhile ends the
    pass. So do this many bytes of pictures; with 0, nothing is drawn.

    Args:
        archive: its path.
        bounds: of the pass.
        most_bytes: of all pictures together.
        again: whether files that were not drawn whole are drawn again.

    Raises:
        ArchiveUnusableError: if the archive cannot be read, or the pictures cannot be written.
    """
    done = DrawnPages()
    if not most_bytes and not pictures_path(archive).exists():
        return done
    try:
        with PictureStore(archive) as store:
            store.drop_unpublished()
            undrawn = store.find_undrawn(again=again) if most_bytes else []
            done.left = len(undrawn)
            if undrawn:
                _draw_all(archive, undrawn, store=store, bounds=bounds, most_bytes=most_bytes, done=done)
    except ArchiveLockedError:
        done.ended = "locked"
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise ArchiveUnusableError(f"{pictures_path(archive)}: cannot be written: {say_fault(error)}") from error
        logger.warning("%s: is damaged, and drawn again the next time: %s", pictures_path(archive), error)
        pictures_path(archive).unlink()
        done.ended = "damaged"
    except OSError as error:
        raise ArchiveUnusableError(f"{pictures_path(archive)}: cannot be written: {say_fault(error)}") from error
    return done


def _draw_all(
    archive: Path, undrawn: list[Unread], *, store: PictureStore, bounds: Bounds, most_bytes: int, done: DrawnPages
) -> None:
    until = None if bounds.seconds is None else time.monotonic() + bounds.seconds
    with TextReader((), bounds.is_stopped) as reader:
        for one in undrawn:
            if bounds.is_stopped():
                done.ended = "stopped"
            elif until is not None and time.monotonic() > until:
                done.ended = "out-of-time"
            elif store.size_bytes >= most_bytes:
                done.ended = f"{show_bytes(most_bytes)} are drawn"
            if done.ended:
                return
            try:
                drawing = _draw(archive, one, reader=reader)
            except StoppedError:
                done.ended = "stopped"
                return
            if bounds.is_stopped():
                # A service manager also stops the programs of the service.
                done.ended = "stopped"
                return
            _store(archive, one, store=store, drawing=drawing)
            done.left -= 1
            done.pages += len(drawing.pictures)
            done.files += bool(drawing.pictures)


def _draw(archive: Path, one: Unread, *, reader: TextReader) -> Drawing:
    if one.size_bytes > MAX_FILE_BYTES:
        return Drawing((), 0, "too-large")
    try:
        with hold_archive(archive), closing(open_for_reading(archive)) as connection:
            data = read_attachment(connection, archive.parent / "warc", unread=one, max_bytes=MAX_FILE_BYTES)
    except (WarcError, BadFileError) as error:
        logger.warning("attachment %s cannot be read back: %s", one.sha256, error)
        return Drawing((), 0, "not-in-warc")
    return reader.draw(data, one.name)


def _store(archive: Path, one: Unread, *, store: PictureStore, drawing: Drawing) -> None:
    """Store what was drawn, unless the file was withheld meanwhile: the lock keeps it as it is found."""
    with hold_archive(archive), closing(open_for_reading(archive)) as connection:
        if connection.execute("select 1 from attachments where sha256 = ?", (one.sha256,)).fetchone():
            store.put(one.sha256, drawing.pictures, pages=drawing.pages, reason=drawing.reason)
