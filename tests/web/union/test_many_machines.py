"""`/fleet` where the fleet has many machines: those of this folder, and what the others pushed to the server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import beat, leave
from crawler.fleet.server.portals import add_portal, put_status
from tests.support.portals.many import bring_up, make_small, open_room
from tests.support.processes.postgres import Server, serve_postgres


@pytest.fixture
def server() -> Iterator[Server]:
    with serve_postgres() as found:
        yield found


def test_portals_of_other_machines_are_on_the_page_of_the_fleet(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(FleetFolder(tmp_path).archive_of("sapa"), "sapa")
    bring_up(tmp_path)
    with open_server(server.url) as connection:
        make_tables(connection)
        for name in ("a", "b"):
            beat(connection, name, identity=name, share=1)
        add_portal(connection, "sapa", profile="", home="a")
        other = add_portal(connection, "bat-xat", profile="", home="b")
        told = {
            "portal": "bat-xat",
            "base_url": "https://batxat.laocai.gov.vn/",
            "next_planned_at": "2020-01-01T18:30:00Z",
        }
        put_status(connection, other, status={"problems": [], "portals": [told]}, shipped_at=None)
        leave(connection, "b")

    async def read() -> str:
        async with open_room(tmp_path) as (client, _):
            return (await client.get("/fleet", params={"lang": "en"})).text

    monkeypatch.setenv("PORTAL_ARCHIVE_FLEET_SERVER", server.url)
    page = asyncio.run(read())
    assert 'href="/portal/sapa/' in page
    assert "bat-xat" in page
    assert 'href="/portal/bat-xat/' not in page
    assert "Its node b is stopped since" in page
    assert "<strong>overdue</strong>" in page.partition("bat-xat")[2].partition("</tr>")[0]
    monkeypatch.setenv("PORTAL_ARCHIVE_FLEET_SERVER", "postgresql:///x?host=/nowhere")
    away = asyncio.run(read())
    assert "The server of the fleet does not answer" in away
    assert 'href="/portal/sapa/' in away
