"""A message tells once of a node that is away and once that it is back; what was not shipped meanwhile is shipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.fleet.epoch import EpochMark, write_mark
from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import beat, is_to_tell
from crawler.fleet.server.portals import add_portal
from crawler.operations.node.away import notify_of_nodes
from crawler.operations.node.jobs import NodeJobs
from crawler.operations.notices.notify import NotificationSettings
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.night import NightRunner
from crawler.operations.schedule.places import ArchivePerPortal
from tests.support.operations import Mailbox
from tests.support.processes.postgres import Server, serve_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve_postgres() as found:
        with open_server(found.url) as connection:
            make_tables(connection)
            for name in ("a", "b", "c"):
                beat(connection, name, identity=name, share=1)
            for name in ("a", "b"):
                add_portal(connection, f"of-{name}", profile="", home=name, origin="disk")
        yield found


def test_an_absence_is_told_once_and_so_is_its_end(server: Server, mailbox: Mailbox) -> None:
    told, unreached = (NotificationSettings((target,), "en") for target in (mailbox.target, "nothing://"))
    with open_server(server.url) as connection:
        assert not is_to_tell(connection)
        connection.execute("update fleet_nodes set heartbeat_at = now() - interval '1 hour' where name in ('b', 'c')")
        assert is_to_tell(connection)
        # Nobody took it, so it is told again; c has no portal.
        assert notify_of_nodes(server.url, unreached).failed == ("nothing://…",)
        ((message, sent),) = notify_of_nodes(server.url, told).messages
        assert sent.reached == ("json://…",)
        assert message.title == "1 machine of the fleet is away"
        assert message.body.startswith("• b: not heard of since ")
        assert (notify_of_nodes(server.url, told).messages, is_to_tell(connection)) == ((), False)
        beat(connection, "b", identity="b", share=1)
        assert is_to_tell(connection)
        ((message, _),) = notify_of_nodes(server.url, told).messages
        assert (message.tone, "b is back." in message.body) == ("success", True)
        assert not is_to_tell(connection)


def test_only_the_archive_that_the_fleet_goes_on_with_is_shipped_and_the_rest_waits(
    server: Server, tmp_path: Path
) -> None:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    runner = NightRunner(ArchivePerPortal(fleet), Stop(), 60.0)
    jobs = NodeJobs(server.url, "a", fleet, runner, lambda *_: None)
    assert not jobs.may_ship("of-a")
    write_mark(fleet, "of-a", mark=EpochMark(1))
    write_mark(fleet, "of-b", mark=EpochMark(1))
    assert [jobs.may_ship(name) for name in ("of-a", "of-b")] == [True, False]
    assert jobs.take_unshipped() == set()
    server.stop()
    try:
        assert not jobs.may_ship("of-a")
    finally:
        server.start()
    assert [jobs.take_unshipped(), jobs.take_unshipped()] == [{"of-a"}, set()]
