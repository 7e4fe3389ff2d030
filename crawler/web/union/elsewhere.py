"""The portals of a fleet of many machines whose archives are not in this folder, as the fleet's server knows them."""

import asyncio
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass

from crawler import settings
from crawler.errors import PortalArchiveError
from crawler.locale import LANGUAGES
from crawler.operations.fleet_status import MemberStatus

logger = logging.getLogger(__name__)

# What the server said is shown for so long, in seconds; nodes push less often.
_KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The portals of other machines. `nodes` is a sentence for each machine, by language; none without a server.

    `is_away` if there is a server and it does not answer.
    """

    members: tuple[MemberStatus, ...] = ()
    nodes: dict[str, tuple[str, ...]] | None = None
    is_away: bool = False


_kept: dict[str, tuple[float, Elsewhere]] = {}


async def read_elsewhere(here: Collection[str]) -> Elsewhere:
    """Read the portals of the fleet that are not `here`, if the environment names its server."""
    url = settings.fleet_server()
    if url is None:
        return Elsewhere()
    at, found = _kept.get(url, (float("-inf"), Elsewhere()))
    if time.monotonic() - at >= _KEPT_SECONDS:
        found = await asyncio.to_thread(_read, url)
        _kept[url] = time.monotonic(), found
    return Elsewhere(tuple(one for one in found.members if one.portal not in here), found.nodes, found.is_away)


def _read(url: str) -> Elsewhere:
    try:
        from crawler.operations.node.pushed import node_lines, read_pushed_status

        nodes, members = read_pushed_status(url, settings.clock())
    except (PortalArchiveError, ImportError) as error:
        logger.warning("portals of other machines are not shown: %s", error)
        return Elsewhere(is_away=True)
    return Elsewhere(tuple(members), {language: tuple(node_lines(nodes, language)) for language in LANGUAGES})
