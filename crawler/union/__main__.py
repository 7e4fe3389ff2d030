"""The process that keeps the index of a folder up with its archives: `python -m crawler.union FOLDER`.

It ends with the process that started it. If another one keeps the index of the folder, it waits for its place.
"""

import logging
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from crawler import settings
from crawler.archive.database import read_file_mark
from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError, PortalArchiveError
from crawler.fleet.folder import FleetFolder
from crawler.side_process.parent import end_with_parent
from crawler.union.follow import follow
from crawler.union.index import INDEX_NAME, delete_index, open_index
from crawler.union.members import read_members

# Between two looks with nothing left to do: what is withheld leaves the index within a minute.
LOOK_SECONDS = 10.0

_log = logging.getLogger(__name__)


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
            continue
        time.sleep(LOOK_SECONDS)


def _keep(folder: Path) -> None:
    """Keep the index until another file has its name, or it is found damaged; then it is made again."""
    path = FleetFolder(folder).state / INDEX_NAME
    with closing(open_index(path)) as index:
        number = read_file_mark(path)[0]
        while read_file_mark(path)[0] == number:
            is_left = False
            try:
                is_left = follow(index, read_members(folder), now=settings.clock())
            except PortalArchiveError as error:
                _log.warning("%s", error)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _log.warning("the index is damaged, and is built again: %s", error)
                delete_index(path)
                return
            if not is_left:
                time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
