"""The tables of the queues on the server: made once, brought up to the library's, never changed under a live node."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString, cast

import pytest
from procrastinate import App
from procrastinate.schema import SchemaManager
from procrastinate.testing import InMemoryConnector
from psycopg import Connection

from crawler.errors import WrongUseError
from crawler.fleet.server.connection import make_tables, open_server, put_version, read_version
from crawler.fleet.server.nodes import beat, leave
from crawler.operations.node.queue import NodeQueue, make_queue_tables
from tests.support.nights_harness import wait_until
from tests.support.processes.postgres import Server, serve_postgres

MIGRATIONS = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
NEWEST = MIGRATIONS[-1].name


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serve_postgres() as found:
        yield found


@pytest.fixture
def server(running: Server) -> Server:
    with open_server(running.url) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    return running


def make_older(connection: Connection[tuple[object, ...]], version: str) -> None:
    """Make the tables as an older Procrastinate did, and note its version."""
    for migration in MIGRATIONS:
        if migration.name <= version:
            connection.execute(cast(LiteralString, migration.read_text(encoding="utf-8")))
    put_version(connection, "procrastinate", version=version)


def test_the_queues_of_an_older_library_are_brought_up_once_no_node_is_alive(server: Server) -> None:
    with open_server(server.url) as connection:
        make_tables(connection)
        make_older(connection, "02.14.01_01_add_indexes_for_fetch_job.sql")
        beat(connection, "old", identity="1", share=1)
        with pytest.raises(WrongUseError, match=r"stop the nodes that are alive \(old\)"):
            make_queue_tables(server.url)
        assert read_version(connection, "procrastinate") == "02.14.01_01_add_indexes_for_fetch_job.sql"
        leave(connection, "old")
        make_queue_tables(server.url)
        make_queue_tables(server.url)
        assert read_version(connection, "procrastinate") == NEWEST
    ran = list[tuple[str, str]]()
    queue = NodeQueue(server.url, "a", jobs=1, run_night=lambda *job: ran.append(job), restore=lambda _: None)
    queue.start()
    queue.defer_night("p", "2025-06-01T18:30:00Z")
    wait_until(lambda: ran == [("p", "2025-06-01T18:30:00Z")], seconds=30)
    queue.close()
    # A loop that is left open fails the test. The library holds the application that was made last.
    del queue
    App(connector=InMemoryConnector())
    gc.collect()


def test_the_queues_of_a_newer_library_are_refused(server: Server) -> None:
    make_queue_tables(server.url)
    with open_server(server.url) as connection:
        put_version(connection, "procrastinate", version="99.00.00_01_pre_newer.sql")
        with pytest.raises(WrongUseError, match="upgrade this node"):
            make_queue_tables(server.url)
        put_version(connection, "registry", version="99")
        with pytest.raises(WrongUseError, match="tables of version 99"):
            make_tables(connection)


def test_a_server_of_the_first_version_gets_what_the_registry_lacks(server: Server) -> None:
    make_queue_tables(server.url)
    with open_server(server.url) as connection:
        connection.execute("drop table fleet_versions")
        for column in ("is_stopped", "is_leaving", "trouble", "told_of"):
            connection.execute(f"alter table fleet_nodes drop column {column}")
        connection.execute("alter table fleet_portals drop column moved_at")
        connection.execute("insert into fleet_nodes values ('gone', '1', 1, '-infinity'), ('here', '2', 1, now())")
    make_queue_tables(server.url)
    with open_server(server.url) as connection:
        found = connection.execute("select name, is_stopped, isfinite(heartbeat_at) from fleet_nodes order by name")
        assert found.fetchall() == [("gone", True, True), ("here", False, True)]
        assert read_version(connection, "procrastinate") == NEWEST
