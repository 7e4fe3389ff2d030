"""The process that keeps the index of a folder up with its archives: `python -m crawler.union FOLDER`.

It ends with the process that started it. If another one keeps the index of the folder, it waits for its place.
"""

import logging
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from crawler import settings
from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError, PortalArchiveError
from crawler.fleet.folder import FleetFolder
from crawler.side_process.parent import end_with_parent
from crawler.union.follow import follow
from crawler.union.index import INDEX_NAME, open_index
from crawler.union.members import read_members

# Between two looks with nothing left to do: what is withheld leaves the index within a minute.
LOOK_SECONDS = 10.0


def main() -> None:
    """Keep the index of the folder that is the only argument, for good."""
    end_with_parent()
    logging.basicConfig(level=logging.WARNING, format="index over all archives: %(message)s")
    folder = Path(sys.argv[1])
    while True:
        with (
            suppress(ArchiveLockedError),
            hold_lock(FleetFolder(folder).state / ".union.lock", "another process keeps the index"),
        ):
            _keep(folder)
        time.sleep(LOOK_SECONDS)


def _keep(folder: Path) -> None:
    with closing(open_index(FleetFolder(folder).state / INDEX_NAME)) as index:
        while True:
            is_left = False
            try:
                is_left = follow(index, read_members(folder), now=settings.clock())
            except PortalArchiveError as error:
                logging.getLogger(__name__).warning("%s", error)
            if not is_left:
                time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
