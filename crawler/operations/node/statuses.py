"""How the portals of a node are, pushed to the server whenever their archives changed."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from psycopg import Connection

from crawler import settings
from crawler.errors import ArchiveUnusableError
from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.portals import Portal, put_status
from crawler.operations.backup.storage import show
from crawler.operations.health.status import read_status_or_problem
from crawler.operations.journal.backups import last_good_to
from crawler.operations.journal.database import read_journal
from crawler.operations.node.jobs import place_of
from crawler.operations.schedule.places import ArchivePerPortal, Mark

# A status is pushed again after this long, in seconds: a missed night changes no file.
_AGAIN_SECONDS = 3600.0


@dataclass(slots=True)
class StatusPusher:
    """Pushes `status --json` of each portal's archive, and when it was last shipped to the storage of the fleet."""

    fleet: FleetFolder
    places: ArchivePerPortal
    _pushed: dict[str, tuple[int, Mark, float]] = field(default_factory=dict)

    def push(self, connection: Connection[tuple[object, ...]], portals: Iterable[Portal]) -> None:
        """Push the status of those portals whose archives changed since."""
        found = list(portals)
        marks = self.places.read_marks(portal.name for portal in found)
        storage = self.places.storage
        for portal in found:
            epoch, mark, at = self._pushed.get(portal.name, (0, (), 0.0))
            is_known = epoch == portal.epoch and mark == marks[portal.name]
            archive = self.fleet.archive_of(portal.name)
            if not archive.is_file() or (is_known and time.monotonic() - at < _AGAIN_SECONDS):
                continue
            status = read_status_or_problem(archive, settings.clock(), backups_planned=storage is not None)
            put_status(connection, portal, status=status.as_json(), shipped_at=self._shipped_at(portal.name, storage))
            self._pushed[portal.name] = portal.epoch, marks[portal.name], time.monotonic()

    def _shipped_at(self, portal: str, storage: str | None) -> str | None:
        if storage is None:
            return None
        try:
            with read_journal(self.fleet.archive_of(portal)) as journal:
                good = last_good_to(journal, show(place_of(storage, portal))) if journal is not None else None
        except ArchiveUnusableError:
            return None
        return good.at if good is not None else None
