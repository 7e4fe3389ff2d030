"""Whether a backup of a node's archive may still count, asked again at its end: an upload may take hours."""

import time
from pathlib import Path

from crawler.errors import ServerAwayError
from crawler.fleet.epoch import read_mark
from crawler.fleet.folder import fleet_of
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.portals import read_portal
from crawler.operations.backup.forks import Fence
from crawler.operations.node.own_portals import find_fault, has_joined, read_identity

# A server that is away is waited for this long, in seconds: the next backup comes in an hour, or after the next night.
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 2.0


def fence_of(archive: Path, *, server: str, patience_seconds: float = _PATIENCE_SECONDS) -> Fence | None:
    """Return the fence of an archive in a node's folder. None for one that the fleet of `server` does not know.

    It waits this long for a server that is away, each time it is asked.

    Raises:
        ArchiveUnusableError: if the files that state it cannot be read.
    """
    fleet, portal = fleet_of(archive), archive.absolute().parent.name
    if fleet is None or not has_joined(fleet):
        return None
    mark, node = read_mark(fleet, portal), read_identity(fleet, None).name
    if mark is None:
        return None

    def find() -> str | None:
        ends = time.monotonic() + patience_seconds
        while True:
            try:
                with open_server(server) as connection:
                    return find_fault(fleet, read_portal(connection, portal), node=node)
            except ServerAwayError:
                if time.monotonic() >= ends:
                    raise
                time.sleep(_LOOK_SECONDS)

    return Fence(mark.epoch, find)
