"""Following a node that leaves, for the person who asked for it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.exit_codes import ExitCode
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.nodes import read_nodes
from crawler.fleet.server.portals import read_portals

# How often the server is asked, in seconds.
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A portal that the node handed over, and its new home."""

    portal: str
    home: str


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say of the node; after an end nothing follows, and `code` is the exit code."""

    sentence: str
    is_end: bool = False
    code: int = ExitCode.OK


def follow_leaving(url: str, node: str) -> Iterator[HandedOver | Told]:
    """Yield what a node that leaves hands over, and what keeps it, until it has no portal or is away.

    Raises:
        ServerAwayError: if the server does not answer. The node goes on.
    """
    with open_server(url) as connection:
        left = {portal.name for portal in read_portals(connection) if portal.home == node}
        count, said = len(left), None
        while True:
            homes = {portal.name: portal.home for portal in read_portals(connection)}
            for name in sorted(left):
                if homes.get(name) != node:
                    left.discard(name)
                    yield HandedOver(name, homes.get(name) or "no node yet")
            found = next(one for one in read_nodes(connection) if one.name == node)
            if not left:
                yield Told(f"{node}: {count} handed over; it may be stopped now", is_end=True)
                return
            if not found.is_alive:
                yield Told(
                    f"{node}: is away, and {len(left)} portals are still its own. When it is back it goes on. If it is "
                    "lost, the same command moves them, with the backups that were shipped",
                    is_end=True, code=ExitCode.INCOMPLETE,
                )  # fmt: skip
                return
            if not found.is_leaving:
                yield Told(f"{node}: was asked to keep its portals: {len(left)}", is_end=True, code=ExitCode.INCOMPLETE)
                return
            if found.trouble is not None and found.trouble != said:
                said = found.trouble
                yield Told(f"{node}: cannot hand over: {found.trouble}; it tries again each minute")
            time.sleep(_LOOK_SECONDS)
