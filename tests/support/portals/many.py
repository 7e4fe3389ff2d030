"""Archives of several portals, and the reading room over them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import httpx

from crawler.fleet.folder import FleetFolder
from crawler.profile import parse_profile
from crawler.union.follow import follow
from crawler.union.index import INDEX_NAME, open_index
from crawler.union.members import read_members
from crawler.web.request import DATABASE_NAME
from crawler.web.serve import make_datasette
from crawler.web.union.databases import UnionDatabase
from crawler.web.union.entrance import lead_in
from crawler.web.union.rooms import Rooms
from tests.support.build import PROFILE_TOML, Clock, Night, small_portal

LATER = Clock().now + timedelta(days=9)


def make_small(archive: Path, name: str, *, nights: int = 1) -> Path:
    """Make an archive of the small portal under this name."""
    archive.parent.mkdir(parents=True)
    clock = Clock()
    profile = parse_profile(PROFILE_TOML.replace('"sapa"', f'"{name}"').replace("Thị xã Sa Pa", f"Xã {name}"))
    for edition in range(1, nights + 1):
        with Night(archive, clock, profile) as night:
            small_portal(night, edition=edition)
        clock.go_on(days=1)
    return archive


def bring_up(folder: Path) -> None:
    """Bring the folder's index up with its archives."""
    with closing(open_index(FleetFolder(folder).state / INDEX_NAME)) as index:
        while follow(index, read_members(folder), now=LATER):
            pass


@asynccontextmanager
async def open_room(folder: Path, *, most: int = 16) -> AsyncIterator[tuple[httpx.AsyncClient, Rooms]]:
    """Give a client of the reading room over a folder, and its rooms."""
    fleet = FleetFolder(folder)
    datasette = make_datasette(fleet.state / INDEX_NAME, kind=UnionDatabase)
    await datasette.invoke_startup()
    rooms = Rooms(most=most)
    names = {member.number: name for name, member in read_members(folder).items()}
    app = lead_in(
        datasette.app(), rooms, name_of=names.get,
        archive_of=lambda name: fleet.archive_of(name) if fleet.archive_of(name).is_file() else None,
    )  # fmt: skip
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://room") as client:
        try:
            yield client, rooms
        finally:
            rooms.close()
            datasette.get_database(DATABASE_NAME).close()
