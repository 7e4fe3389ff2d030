"""The portals of a fleet without an archive in this folder: those of other machines, and new ones."""

import asyncio
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from crawler import settings
from crawler.errors import PortalArchiveError
from crawler.fleet.folder import FleetFolder
from crawler.locale import LANGUAGES
from crawler.operations.fleet_status import MemberStatus, read_new_members

logger = logging.getLogger(__name__)

# What was read is shown for so long, in seconds; nodes push less often.
_KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The portals without an archive here. `nodes` is a sentence for each machine, by language; none without a server.

    `is_away` if there is a server and it does not answer.
    """

    members: tuple[MemberStatus, ...] = ()
    nodes: dict[str, tuple[str, ...]] | None = None
    is_away: bool = False


_kept: dict[tuple[str, Path], tuple[float, Elsewhere]] = {}


async def read_elsewhere(here: Collection[str], fleet: FleetFolder) -> Elsewhere:
    """Read the portals that are not `here`: of the fleet's server, if the environment names it, and of the folder."""
    url = settings.fleet_server()
    key = url or "", fleet.path
    at, found = _kept.get(key, (float("-inf"), Elsewhere()))
    if time.monotonic() - at >= _KEPT_SECONDS:
        found = await asyncio.to_thread(_read, url, fleet)
        _kept[key] = time.monotonic(), found
    return replace(found, members=tuple(one for one in found.members if one.portal not in here))


def _read(url: str | None, fleet: FleetFolder) -> Elsewhere:
    found = _read_server(url) if url is not None else Elsewhere()
    known = {one.portal for one in found.members}
    try:
        new = read_new_members(fleet, settings.clock())
    except PortalArchiveError as error:
        logger.warning("portals without an archive are not shown: %s", error)
        return found
    return replace(found, members=(*found.members, *(one for one in new if one.portal not in known)))


def _read_server(url: str) -> Elsewhere:
    try:
        from crawler.operations.node.pushed import node_lines, read_pushed_status

        nodes, members = read_pushed_status(url, settings.clock())
    except (PortalArchiveError, ImportError) as error:
        logger.warning("portals of other machines are not shown: %s", error)
        return Elsewhere(is_away=True)
    return Elsewhere(tuple(members), {language: tuple(node_lines(nodes, language)) for language in LANGUAGES})
