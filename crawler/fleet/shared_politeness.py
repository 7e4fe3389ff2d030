"""The politeness of a crawl: shared with all crawls of its fleet, if its archive lies in one."""

import logging
from pathlib import Path

from crawler import settings
from crawler.errors import ProfileError
from crawler.fleet.fleet_file import read_caps
from crawler.fleet.folder import fleet_of
from crawler.politeness.caps import Caps
from crawler.politeness.politeness import Politeness

logger = logging.getLogger(__name__)


def politeness_of(archive: Path | str) -> Politeness | None:
    """Return the politeness of an archive's fleet. None for an archive by itself: its crawl shares nothing."""
    fleet = fleet_of(Path(archive))
    if fleet is None:
        return None
    try:
        caps = read_caps(fleet)
    except ProfileError as error:
        # A slip of the pen must not end all nights, nor lift the caps.
        logger.error("%s; the caps of a new folder hold", error)  # noqa: TRY400 - the message is for the operator
        caps = Caps({}, {})
    return Politeness(fleet.state / "politeness.db", caps, shares=settings.MOST_JOBS)
