"""The registry on the server: numbers, homes, epochs, and what happens to the portals of a lost node."""

from collections.abc import Iterator

import pytest

from crawler.errors import ServerAwayError, WrongUseError
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.homes import choose_home
from crawler.fleet.server.nodes import beat, leave, read_nodes
from crawler.fleet.server.portals import (
    Portal,
    add_portal,
    give_homes,
    move_portals,
    note_on_disk,
    put_status,
    read_portal,
    read_portals,
    read_statuses,
)
from tests.support.processes.postgres import Server, serve_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve_postgres() as found:
        yield found


@pytest.fixture
def connection(server: Server) -> Iterator[object]:
    with open_server(server.url) as found:
        found.execute("drop table if exists fleet_portals, fleet_nodes, fleet_versions")
        make_tables(found)
        make_tables(found)
        yield found


def test_a_node_more_takes_its_share_of_the_portals_and_moves_no_other() -> None:
    portals = [f"p{number}" for number in range(3000)]
    before = {portal: choose_home(portal, {"a": 1, "b": 1}) for portal in portals}
    after = {portal: choose_home(portal, {"a": 1, "b": 1, "c": 2}) for portal in portals}
    moved = {portal for portal in portals if before[portal] != after[portal]}
    assert {after[portal] for portal in moved} == {"c"}
    assert 1400 < len(moved) < 1600


def test_a_portal_waits_for_its_home_until_a_node_is_alive(connection) -> None:
    assert add_portal(connection, "p", profile="x").home is None
    give_homes(connection)
    beat(connection, "a", identity="1", share=1)
    give_homes(connection)
    assert read_portal(connection, "p") == Portal("p", 1, "x", "a", 1, "nothing")


def test_a_number_is_given_once_and_a_name_too(connection) -> None:
    add_portal(connection, "p", profile="", number=7)
    assert add_portal(connection, "q", profile="").number == 8
    with pytest.raises(WrongUseError, match="number 7 is another portal's"):
        add_portal(connection, "r", profile="", number=7)
    with pytest.raises(WrongUseError, match="is in the fleet already"):
        add_portal(connection, "p", profile="")
    add_portal(connection, "s", profile="", number=4095)
    with pytest.raises(WrongUseError, match="no more have a number"):
        add_portal(connection, "t", profile="")


def test_an_empty_disk_cannot_join_under_a_name_that_another_disk_has(connection) -> None:
    beat(connection, "a", identity="1", share=1)
    beat(connection, "a", identity="1", share=2)
    assert [node.share for node in read_nodes(connection)] == [2]
    with pytest.raises(WrongUseError, match="another disk joined"):
        beat(connection, "a", identity="2", share=1)


def test_only_portals_with_a_shipped_backup_or_nothing_to_lose_move(connection) -> None:
    for name in ("a", "b"):
        beat(connection, name, identity=name, share=1)
    for name in ("new", "shipped", "unshipped"):
        portal = add_portal(connection, name, profile="", home="a")
        if name != "new":
            assert note_on_disk(connection, portal)
    shipped = read_portal(connection, "shipped")
    put_status(connection, shipped, status={"problems": []}, shipped_at="2026-01-01T00:00:00Z")
    with pytest.raises(WrongUseError, match="is alive"):
        move_portals(connection, "a", without_backup=False)
    leave(connection, "a")
    moved = move_portals(connection, "a", without_backup=False)
    assert [(one.name, one.home, one.origin) for one in moved] == [
        ("new", "b", "nothing"), ("shipped", "b", "backup"), ("unshipped", None, "nothing"),
    ]  # fmt: skip
    assert [(one.name, one.home, one.epoch, one.origin) for one in read_portals(connection)] == [
        ("new", "b", 2, "nothing"), ("shipped", "b", 2, "backup"), ("unshipped", "a", 1, "disk"),
    ]  # fmt: skip
    assert [one.name for one in move_portals(connection, "a", without_backup=True)] == ["unshipped"]
    # What its former home still knows is of a former epoch.
    assert not note_on_disk(connection, shipped)
    put_status(connection, shipped, status={"problems": ["late"]}, shipped_at=None)
    assert {one.name: one.status for one in read_statuses(connection)}["shipped"] == {"problems": []}


def test_portals_move_only_from_a_known_node_to_one_that_is_alive(connection) -> None:
    with pytest.raises(WrongUseError, match="no node of this name"):
        move_portals(connection, "a", without_backup=False)
    beat(connection, "a", identity="a", share=1)
    leave(connection, "a")
    with pytest.raises(WrongUseError, match="no other node is alive"):
        move_portals(connection, "a", without_backup=False)


def test_a_server_that_is_not_there_or_no_address_is_an_error_for_a_person(server: Server) -> None:
    with pytest.raises(ServerAwayError, match="does not answer"), open_server("postgresql:///x?host=/nowhere"):
        pass
    # What is mistyped is not quoted: it may hold a password.
    for address in ("no address", "postgres:/u:s3cr3t@db/fleet", "postgresql://u:s3cr3t@db/fleet?nothing=1"):
        with pytest.raises(WrongUseError, match="cannot be read") as error, open_server(address):
            pass
        assert "s3cr3t" not in str(error.value)
