"""The fleet's commands with a server, and their wrong use."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.fleet.server.connection import open_server
from crawler.fleet.server.nodes import beat, leave
from crawler.fleet.server.portals import add_portal, put_status
from crawler.replica import Replica
from tests.support.crawling import command
from tests.support.processes.postgres import Server, serve_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve_postgres() as found:
        yield found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("move", "--from", "a"), "Missing option '--server'"),
        (("join", "--disk", "x"), "Missing option '--server'"),
        (("status",), "give --archives FOLDER, or --server URL"),
        (("status", "--archives", "x", "--server", "postgresql:///x"), "not both"),
        (("status", "--server", "postgresql:///x?host=/nowhere"), "the fleet's server does not answer"),
    ],
)
def test_a_command_without_its_place_or_server_says_so_in_one_line(words: tuple[str, ...], said: str) -> None:
    ended = command("fleet", *words)
    assert (ended.code, ended.out) == (1 if "answer" in said else 2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_password_in_an_argument_is_warned_of_and_not_shown() -> None:
    ended = command("fleet", "status", "--server", "postgresql://u:s3cr3t@127.0.0.1:1/x")
    assert (ended.code, "PGPASSFILE" in ended.err, "s3cr3t" in ended.err) == (1, True, False)
    named = command(
        "fleet", "move", "--from", "a", extra={"PORTAL_ARCHIVE_FLEET_SERVER": "postgresql://u:s3cr3t@127.0.0.1:1/x"}
    )
    assert (named.code, "PGPASSFILE" in named.err, "s3cr3t" in named.err) == (1, False, False)


def test_an_address_is_added_on_the_server_and_the_status_shows_nodes_and_portals(
    server: Server, tmp_path: Path
) -> None:
    where = ("--server", server.url)
    assert command("fleet", "status", *where).code == 2
    with open_server(server.url) as connection:
        beat(connection, "a", identity="1", share=1)
    with Replica() as portal:
        (tmp_path / "addresses.txt").write_text(portal.base_url, encoding="utf-8")
        assert command("fleet", "add", tmp_path / "addresses.txt", *where).code == 0
        again = command("fleet", "add", tmp_path / "addresses.txt", *where)
    assert (again.code, "is there already" in again.out) == (0, True), again
    new = command("fleet", "status", *where)
    assert (new.code, "due since" in new.out, "next never" in new.out) == (0, True, False)
    with open_server(server.url) as connection:
        ill = add_portal(connection, "ill", profile="")
        problem = {"kind": "failed", "since": None, "sentence_en": "it failed", "sentence_vi": "hỏng"}
        put_status(connection, ill, status={"problems": [problem], "portals": []}, shipped_at=None)
        leave(connection, "a")
    shown = command("fleet", "status", *where, "--json")
    found = json.loads(shown.out)
    assert shown.code == 1
    assert next((one["portal"], one["verdict"]) for one in found["portals"]) == ("ill", "node-stopped")
    assert [one["kind"] for one in found["portals"][0]["problems"]] == ["node-stopped", "failed"]
    assert found["nodes"] == [
        {
            "name": "a", "share": 1.0, "is_alive": False, "portals": 2, "heartbeat_at": None, "is_leaving": False,
            "trouble": None,
        }
    ]  # fmt: skip
    assert "a: stopped; 2 portals" in command("fleet", "status", *where).out


def test_a_portal_of_a_lost_node_without_a_backup_stays_and_both_ways_out_are_said() -> None:
    text = 'name = "sapa"\ntitle = "Sa Pa"\ncms = "vnpt"\nbase_url = "https://sapa.laocai.gov.vn/"\n'
    with serve_postgres() as server:
        where = ("--server", server.url)
        command("fleet", "status", *where)
        with open_server(server.url) as connection:
            for node in ("a", "b"):
                beat(connection, node, identity=node, share=1)
            # Its archive begins, and the node has pushed no status of it yet.
            add_portal(connection, "sapa", profile=text, home="a", origin="disk")
            leave(connection, "a")
        shown = command("fleet", "status", *where).out
        moved = command("fleet", "move", "--from", "a", *where)
    assert "laocai.gov.vn (1)" in shown
    assert "next 20" in shown
    assert "due since" not in shown
    assert (moved.code, "0 moved, 1 stay" in moved.out) == (3, True), moved
    assert "start the node again, or let it begin with nothing (--without-backup)" in moved.out
