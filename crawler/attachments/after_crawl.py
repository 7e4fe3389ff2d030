"""Read the texts of attachments as part of a command: within its time limit, or until a signal."""

import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import settings
from crawler.errors import ArchiveUnusableError, PortalArchiveError

if TYPE_CHECKING:
    # Imported where it is used: a crawl that reads no texts has no use for it.
    from crawler.attachments.changes import FileChange
    from crawler.attachments.harvest import Bounds, Harvest
    from crawler.attachments.page_pictures import DrawnPages

logger = logging.getLogger(__name__)


def read_attachments(archive: Path, *, tell: "Callable[[FileChange], None] | None" = None) -> "Harvest":
    """Read all unread attachments and those of an older reader, without a time limit.

    With `tell`, also read those that gave no text, and report the result of each file.

    Raises:
        ArchiveLockedError: if a run holds the archive.
        ArchiveUnusableError: if the archive does not exist, or cannot be read or written.
    """
    from crawler.attachments.harvest import Bounds, harvest_texts

    if not archive.is_file():
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")
    bounds = Bounds(None, _catch_signals())
    return harvest_texts(archive, bounds, again=True, tell=tell) if tell else harvest_texts(archive, bounds)


def draw_attachments(archive: Path, *, again: bool = False) -> "DrawnPages | None":
    """Draw the pages of all attachments that were not drawn yet, without a time limit. None after an error.

    With `again`, also those whose drawing failed. An error is logged: the pictures are not part of the archive.
    """
    from crawler.attachments.harvest import Bounds

    return _draw(archive, Bounds(None, _catch_signals()), again=again)


def read_attachments_rebuilt(database: Path, archive: Path) -> "Harvest | None":
    """Read the attachments of a database that was rebuilt from an archive's WARC files, without a time limit.

    What the archive's own database kept of an older reader is kept, if it can be read. None if the environment turns
    the reading off.

    Raises:
        ArchiveUnusableError: if it cannot be read or written.
    """
    if not settings.texts_minutes():
        return None
    from crawler.attachments.harvest import Bounds, harvest_rebuilt

    folder = archive.absolute().parent / "warc"
    return harvest_rebuilt(database, folder, bounds=Bounds(None, _catch_signals()), archive=archive)


def read_attachments_after_crawl(archive: Path) -> "Harvest | None":
    """Read attachments for the minutes that the environment allows. None for 0 minutes, and after an error.

    An error is logged and does not change the outcome of the crawl.
    """
    try:
        minutes = settings.texts_minutes()
        if not minutes:
            return None
        from crawler.attachments.harvest import Bounds, harvest_texts

        bounds, began = Bounds(minutes * 60, _catch_signals()), time.monotonic()
        harvest = harvest_texts(archive, bounds)
        left = max(minutes * 60 - (time.monotonic() - began), 0.0)
        drawn = _draw(archive, Bounds(left, bounds.is_stopped), again=False)
        if drawn is not None and drawn.has_files:
            logger.info(drawn.line())
    except PortalArchiveError as error:
        logger.warning("the texts of attachments were not all read: %s", error)
        return None
    except Exception:
        logger.exception("the texts of attachments were not all read")
        return None
    if harvest.has_files:
        # As the summary of the run: a text log leaves it to standard output.
        logger.info(harvest.line(), extra={"summary": None})
    return harvest


def _draw(archive: Path, bounds: "Bounds", *, again: bool) -> "DrawnPages | None":
    from crawler.attachments.page_pictures import draw_missing

    try:
        return draw_missing(archive, bounds, most_bytes=settings.page_pictures_bytes(), again=again)
    except ArchiveUnusableError as error:
        logger.warning("the pages of attachments were not drawn: %s", error)
        return None


def _catch_signals() -> Callable[[], bool]:
    """Catch SIGTERM and SIGINT from now on. Return a function that says whether one came."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: received.append(number))
    return lambda: bool(received)
