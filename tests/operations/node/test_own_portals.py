"""Which portals a node crawls: its own, with the archive of their epoch on its disk, and no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import Connection

from crawler.errors import WrongUseError
from crawler.fleet.epoch import EpochMark, read_mark, write_mark
from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import number_portals, read_numbers
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import beat, leave
from crawler.fleet.server.portals import Portal, add_portal, move_portals, put_status, read_portal
from crawler.operations.node.own_portals import OwnPortals, find_fault, read_identity
from tests.support.processes.postgres import Server, serve_postgres

PROFILE = 'name = "p"\ntitle = "P"\ncms = "vnpt"\nbase_url = "https://p.example.vn/"\n'


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve_postgres() as found:
        yield found


@pytest.fixture
def connection(server: Server) -> Iterator[Connection[tuple[object, ...]]]:
    with open_server(server.url) as found:
        found.execute("drop table if exists fleet_portals, fleet_nodes, fleet_versions")
        make_tables(found)
        for name in ("a", "b"):
            beat(found, name, identity=name, share=1)
        yield found


def make_node(folder: Path, name: str) -> OwnPortals:
    fleet = FleetFolder(folder / name)
    fleet.prepare()
    return OwnPortals(fleet, name)


def test_a_new_portal_is_begun_on_the_disk_of_its_home_with_its_number_and_profile(connection, tmp_path: Path) -> None:
    a, b = make_node(tmp_path, "a"), make_node(tmp_path, "b")
    add_portal(connection, "p", profile=PROFILE, number=9, home="a")
    for node in (a, b):
        node.follow(connection, busy=set())
    assert (list(a.ready), list(b.ready), read_numbers(a.fleet)) == (["p"], [], {"p": 9})
    assert a.profile_of("p").read_text(encoding="utf-8") == PROFILE
    assert (read_mark(a.fleet, "p"), (b.fleet.path / "p").exists()) == (EpochMark(1), False)
    a.profile_of("p").write_text(PROFILE + "# edited\n", encoding="utf-8")
    a.follow(connection, busy=set())
    found = read_portal(connection, "p")
    assert found == Portal("p", 9, PROFILE + "# edited\n", "a", 1, "disk")


def test_a_portal_that_moved_is_awaited_at_its_new_home_and_set_aside_at_the_old(connection, tmp_path: Path) -> None:
    a, b = make_node(tmp_path, "a"), make_node(tmp_path, "b")
    add_portal(connection, "p", profile=PROFILE, home="a")
    a.follow(connection, busy=set())
    a.fleet.archive_of("p").write_bytes(b"epoch 1")
    put_status(connection, a.ready["p"], status={}, shipped_at="2026-01-01T00:00:00Z")
    leave(connection, "a")
    move_portals(connection, "a", without_backup=False)
    b.follow(connection, busy=set())
    assert (list(b.ready), list(b.awaited), read_mark(b.fleet, "p")) == ([], ["p"], EpochMark(2, is_whole=False))
    a.follow(connection, busy={"p"})
    assert a.fleet.archive_of("p").exists()
    a.follow(connection, busy=set())
    assert (a.fleet.path / ".former" / "p-1" / "archive.db").read_bytes() == b"epoch 1"
    write_mark(b.fleet, "p", mark=EpochMark(2))
    b.follow(connection, busy=set())
    assert (list(b.ready), read_portal(connection, "p").origin) == (["p"], "disk")


def test_a_folder_joins_with_its_archives_and_numbers_or_not_at_all(connection, tmp_path: Path) -> None:
    a = make_node(tmp_path, "a")
    number_portals(a.fleet, ["p"])
    a.profile_of("p").write_text(PROFILE, encoding="utf-8")
    a.fleet.archive_of("p").parent.mkdir()
    a.fleet.archive_of("p").write_bytes(b"kept")
    add_portal(connection, "q", profile=PROFILE, number=1, home="b")
    with pytest.raises(WrongUseError, match="number 1 is another portal's"):
        a.adopt(connection)
    connection.execute("delete from fleet_portals")
    a.adopt(connection)
    a.follow(connection, busy=set())
    assert a.ready["p"] == Portal("p", 1, PROFILE, "a", 1, "disk")
    a.adopt(connection)


def test_a_disk_without_the_archive_that_was_begun_never_begins_it_again(connection, tmp_path: Path) -> None:
    a = make_node(tmp_path, "a")
    add_portal(connection, "p", profile=PROFILE, home="a", origin="disk")
    a.follow(connection, busy=set())
    assert (a.ready, a.awaited, (a.fleet.path / "p").exists()) == ({}, {}, False)
    portal = read_portal(connection, "p")
    assert find_fault(a.fleet, portal, node="a") == "the archive of its epoch 1 is not on this disk"
    assert find_fault(a.fleet, portal, node="b") == "its home is a, not b"
    write_mark(a.fleet, "p", mark=EpochMark(3))
    assert "archive of its epoch 3" in str(find_fault(a.fleet, portal, node="a"))


def test_one_portal_that_cannot_be_used_keeps_no_other_from_its_nights(connection, tmp_path: Path) -> None:
    a = make_node(tmp_path, "a")
    for name in ("p", "q"):
        add_portal(connection, name, profile=PROFILE, home="a")
    (a.fleet.path / "p").mkdir()
    (a.fleet.path / "p" / "epoch.json").write_text("{", encoding="utf-8")
    a.follow(connection, busy=set())
    assert list(a.ready) == ["q"]


def test_a_folder_keeps_the_name_with_which_it_joined(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    known = read_identity(fleet, "a")
    assert read_identity(fleet, None) == known
    with pytest.raises(WrongUseError, match="joined its fleet as a"):
        read_identity(fleet, "b")
    (tmp_path / "node.json").unlink()
    assert read_identity(fleet, "a").id != known.id
    (tmp_path / "node.json").unlink()
    with pytest.raises(WrongUseError, match="no name of a node"):
        read_identity(fleet, "A B")
