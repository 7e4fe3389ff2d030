"""Reading the texts of attachments as part of a command: within its bounds, until a signal, after what matters more."""

import logging
import signal
from collections.abc import Callable
from pathlib import Path

from crawler import settings as own
from crawler.attachments.harvest import Bounds, Harvest, harvest_rebuilt, harvest_texts
from crawler.errors import ArchiveUnusableError, PortalArchiveError

logger = logging.getLogger(__name__)


def read_attachments(archive: Path, *, again: bool) -> Harvest:
    """Read all that is to be read, however long it takes; with `again` also what yielded nothing.

    Raises:
        ArchiveLockedError: if a run holds the archive.
        ArchiveUnusableError: if there is none, or it cannot be read or written.

    """
    if not archive.is_file():
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")
    return harvest_texts(archive, Bounds(None, _listen()), again=again)


def read_attachments_rebuilt(database: Path, folder: Path) -> Harvest | None:
    """Read the attachments of a database just rebuilt from the WARC files of a folder, however long it takes.

    None if the environment says that none are to be read.

    Raises:
        ArchiveUnusableError: if it cannot be read or written.

    """
    return harvest_rebuilt(database, folder, bounds=Bounds(None, _listen())) if own.texts_minutes() else None


def read_attachments_after_crawl(archive: Path) -> Harvest | None:
    """Read for so long as the environment allows. None if that is not at all, or if it failed, which is only logged.

    Nothing that becomes of it changes the outcome of the crawl.
    """
    try:
        minutes = own.texts_minutes()
        if not minutes:
            return None
        harvest = harvest_texts(archive, Bounds(minutes * 60, _listen()))
    except PortalArchiveError as error:
        logger.warning("the texts of attachments were not all read: %s", error)
        return None
    except Exception:
        logger.exception("the texts of attachments were not all read")
        return None
    if harvest.is_anything:
        logger.info(harvest.line())
    return harvest


def _listen() -> Callable[[], bool]:
    """Note SIGTERM and SIGINT from now on; give what tells whether one came."""
    heard: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: heard.append(number))
    return lambda: bool(heard)
