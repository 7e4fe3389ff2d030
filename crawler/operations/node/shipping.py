"""Whether a backup of a node's archive may still count, asked again at its end: an upload may take hours."""

from pathlib import Path

from crawler.fleet.epoch import read_mark
from crawler.fleet.folder import fleet_of
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.portals import read_portal
from crawler.operations.backup.forks import Fence
from crawler.operations.node.own_portals import find_fault, has_joined, read_identity


def fence_of(archive: Path, *, server: str) -> Fence | None:
    """Return the fence of an archive in a node's folder. None for one that the fleet of `server` does not know.

    Raises:
        ArchiveUnusableError: if the files that say so cannot be read.
    """
    fleet, portal = fleet_of(archive), archive.absolute().parent.name
    if fleet is None or not has_joined(fleet):
        return None
    mark, node = read_mark(fleet, portal), read_identity(fleet, None).name
    if mark is None:
        return None

    def find() -> str | None:
        with open_server(server) as connection:
            return find_fault(fleet, read_portal(connection, portal), node=node)

    return Fence(mark.epoch, find)
