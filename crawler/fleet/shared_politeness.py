"""The politeness of a crawl: shared with all crawls of its fleet, if its archive is in one."""

import logging
import socket
from collections.abc import Callable
from pathlib import Path

from crawler import settings
from crawler.errors import ProfileError
from crawler.fleet.fleet_file import read_caps
from crawler.fleet.folder import FleetFolder, fleet_of, write_whole
from crawler.politeness.caps import Caps
from crawler.politeness.node_state import NodeState
from crawler.politeness.politeness import Politeness
from crawler.politeness.server_state import ServerState
from crawler.politeness.state import PolitenessState, SharedState

logger = logging.getLogger(__name__)

# A machine that never reached the server goes on as one of this many.
_NODES_UNKNOWN = 8


def politeness_of(archive: Path | str) -> Politeness | None:
    """Return the politeness of an archive's fleet. None for an archive by itself: its crawl shares nothing."""
    fleet = fleet_of(Path(archive))
    return politeness_in(fleet) if fleet is not None else None


def politeness_in(fleet: FleetFolder) -> Politeness:
    """Return the politeness of a fleet: shared by all processes of its folder, and with a server by all machines."""
    try:
        caps = read_caps(fleet)
    except ProfileError as error:
        # A slip of the pen must not end all nights, nor lift the caps.
        logger.error("%s; the caps of a new folder hold", error)  # noqa: TRY400 - the message is for the operator
        caps = Caps({}, {})
    path, server = fleet.state / "politeness.db", settings.fleet_server()
    if server is None:
        return Politeness(path, caps, shares=settings.MOST_JOBS)
    nodes = _read_nodes(fleet)
    return Politeness(path, caps, shares=settings.MOST_JOBS * nodes, open_state=_of_node(fleet, path, server=server))


def politeness_at(server: str) -> Politeness:
    """Return the politeness of who asks a fleet's hosts from no folder of it: by its server, and the usual caps."""
    return Politeness(
        # What messages name; an address may hold a password.
        Path("the fleet's server"),
        Caps({}, {}),
        shares=settings.MOST_JOBS * _NODES_UNKNOWN,
        open_state=lambda: ServerState(server),
    )


def _of_node(fleet: FleetFolder, path: Path, *, server: str) -> Callable[[], PolitenessState]:
    """Return what opens the state of a machine that is one of many."""

    def open_state() -> PolitenessState:
        return NodeState(
            lambda: ServerState(server, f"{socket.gethostname()}:{fleet.path}"),
            SharedState(path),
            nodes=_read_nodes(fleet),
            keep_nodes=lambda count: _keep_nodes(fleet, count),
        )

    return open_state


def _read_nodes(fleet: FleetFolder) -> int:
    """Read how many machines the server knew last."""
    try:
        return max(1, int(_nodes_file(fleet).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return _NODES_UNKNOWN


def _keep_nodes(fleet: FleetFolder, count: int) -> None:
    try:
        write_whole(_nodes_file(fleet), f"{count}\n")
    except OSError as error:
        logger.warning("%s: cannot be written: %s", _nodes_file(fleet), error)


def _nodes_file(fleet: FleetFolder) -> Path:
    return fleet.state / "nodes"
