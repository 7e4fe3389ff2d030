"""Turns, connections and rests over many machines on PostgreSQL, and what a machine does while the server is away."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from crawler.fleet.folder import FleetFolder
from crawler.fleet.shared_politeness import politeness_of
from crawler.politeness.caps import Cap
from crawler.politeness.node_state import NodeState
from crawler.politeness.server_state import ServerState
from crawler.politeness.state import KeptRobots, SharedState, Slot, StateUnreachableError
from crawler.settings import secrets
from tests.support.portals.fleets import fairness
from tests.support.processes.postgres import Server, serve_postgres

ROOT = Path(__file__).parents[2]
CAP = Cap(20.0, 4)
STEP = CAP.interval


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("psycopg", reason="the package psycopg is not installed: nothing is tested on PostgreSQL")
    with serve_postgres() as server:
        yield server


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[[str], ServerState]]:
    """What opens sessions of machines; all that they share is forgotten before."""
    with ExitStack() as opened:

        def one(node: str = "a") -> ServerState:
            return opened.enter_context(closing(ServerState(server.url, node)))

        for table in ("turns", "connections", "waiting", "rests", "robots", "nodes"):
            one()._connection.execute(f"truncate politeness_{table}")
        yield one


def test_machines_take_turns_in_the_order_they_ask(connect: Callable[[str], ServerState]) -> None:
    one, two = connect("a"), connect("b")
    waits = [state.reserve("host x.vn", CAP) for state in (one, two, one, one, two)]
    assert waits[0] == 0
    # What the statements themselves took is over by then.
    assert all(0 < number * STEP - wait < STEP for number, wait in enumerate(waits[1:], 1))
    assert one.reserve("host y.vn", CAP) == 0


def test_a_connection_is_free_again_when_its_session_ended(connect: Callable[[str], ServerState]) -> None:
    one, two = connect("a"), connect("b")
    caps = [("host x.vn", Cap(20.0, 2)), ("address 192.0.2.1", CAP)]
    assert isinstance(one.begin(caps, "first"), Slot)
    assert isinstance(one.begin(caps, "second"), Slot)
    assert not isinstance(two.begin(caps, "third"), Slot)
    one.disconnect("first", [key for key, _ in caps])
    assert isinstance(two.begin(caps, "third"), Slot)
    assert not isinstance(two.begin(caps, "fourth"), Slot)
    one.close()
    deadline = time.monotonic() + 10
    while not isinstance(two.begin(caps, "fourth"), Slot):
        assert time.monotonic() < deadline, "the connection of a session that ended is held"


def test_machines_get_connections_in_the_order_they_ask(connect: Callable[[str], ServerState]) -> None:
    one, two = connect("a"), connect("b")
    address = ("address 192.0.2.1", Cap(20.0, 2))
    x, y, z = ([(f"host {name}.vn", Cap(20.0, 1)), address] for name in "xyz")
    assert isinstance(one.begin(x, "first"), Slot)
    assert not isinstance(two.begin(x, "second"), Slot)
    assert isinstance(one.begin(y, "third"), Slot), "who waits for another host holds nobody up"
    assert not isinstance(one.begin(z, "fourth"), Slot)
    one.disconnect("first", [key for key, _ in x])
    assert not isinstance(one.begin(x, "again"), Slot), "another waits for it"
    one.disconnect("third", [key for key, _ in y])
    assert isinstance(two.begin(x, "second"), Slot)
    assert not isinstance(two.begin(y, "last"), Slot), "another waits for its address"
    assert isinstance(one.begin(z, "fourth"), Slot)


def test_a_machine_that_is_gone_keeps_nobody_waiting(connect: Callable[[str], ServerState]) -> None:
    one, two = connect("a"), connect("b")
    caps = [("host x.vn", Cap(20.0, 1))]
    assert isinstance(two.begin(caps, "holds"), Slot)
    assert not isinstance(one.begin(caps, "gone"), Slot)
    assert not isinstance(two.begin(caps, "waits"), Slot)
    one.close()
    two.disconnect("holds", ["host x.vn"])
    deadline = time.monotonic() + 20
    while not isinstance(two.begin(caps, "waits"), Slot):
        assert time.monotonic() < deadline, "one that is gone keeps its place"


def test_rests_and_robots_txt_are_those_of_all_machines(connect: Callable[[str], ServerState]) -> None:
    one, two = connect("a"), connect("b")
    one.put_rest("asked", "x.vn", seconds=100)
    two.put_rest("asked", "x.vn", seconds=10)
    assert 90 < two.rest_seconds("asked", "x.vn") <= 100
    two.end_rest("asked", "x.vn")
    assert one.rest_seconds("asked", "x.vn") == 0
    one.put_rest("down", "x.vn", seconds=10**9)
    assert 0 < two.rest_seconds("down", "x.vn") <= 6 * 3600
    assert [state.claim_robots("https://x.vn", seconds=60) for state in (one, two, two)] == [True, False, False]
    kept = KeptRobots("2026-09-01T18:30:00Z", 200, "", b"User-agent: *\n\x00\xff", "a.db", "urn:1")
    assert two.find_robots("https://x.vn") is None
    one.put_robots("https://x.vn", kept)
    assert two.find_robots("https://x.vn") == kept
    assert two.claim_robots("https://x.vn", seconds=60)
    assert (one.nodes, two.nodes) == (1, 2)


def test_while_the_server_is_away_a_machine_takes_its_share_and_comes_back(
    server: Server, connect: Callable[[str], ServerState], tmp_path: Path
) -> None:
    connect("b")
    connect("c")
    now, kept = [0.0], list[int]()
    with closing(
        NodeState(
            lambda: ServerState(server.url, "a"), SharedState(tmp_path / "p.db"), nodes=8, keep_nodes=kept.append,
            monotonic=lambda: now[0],
        )
    ) as state:  # fmt: skip
        assert state.reserve("host x.vn", CAP) == 0
        assert kept == [3]
        state.put_rest("down", "y.vn", seconds=50)
        assert isinstance(state.begin([("host x.vn", CAP)], "one"), Slot)
        server.stop()
        try:
            waits = [state.reserve("host x.vn", CAP) for _ in range(3)]
            assert waits == pytest.approx([0, 3 * STEP, 6 * STEP], abs=STEP)
            assert 0 < state.rest_seconds("down", "y.vn") <= 50
            state.disconnect("one", ["host x.vn"])
            # A third of four connections is one.
            assert isinstance(state.begin([("host x.vn", CAP)], "two"), Slot)
            assert not isinstance(state.begin([("host x.vn", CAP)], "three"), Slot)
        finally:
            server.start()
        now[0] = 60.0
        # It counts by the server again: its tables are empty after a cut, and nobody waits.
        assert state.reserve("host x.vn", CAP) == 0
        assert all(isinstance(state.begin([("host x.vn", CAP)], lease), Slot) for lease in "abcd")


def test_the_setting_of_a_process_is_what_makes_it_one_of_many(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_FLEET_SERVER", server.url)
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    politeness = politeness_of(fleet.archive_of("sapa"))
    assert politeness is not None
    politeness.note_rest("asked", "x.vn", seconds=60)
    with closing(ServerState(server.url, "elsewhere")) as other:
        assert other.rest_seconds("asked", "x.vn") > 0
        other.end_rest("asked", "x.vn")
    assert politeness.rest_seconds("asked", "x.vn") == 0
    politeness.close()
    assert (fleet.state / "nodes").read_text(encoding="utf-8").strip().isdigit()
    assert server.url in secrets()


def test_a_role_that_owns_nothing_says_who_must_upgrade_and_shares_when_it_is_done(server: Server) -> None:
    import psycopg

    url = server.url.replace("/postgres?", "/upgraded?")
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("create database upgraded")
        owner.execute("create role clerk login")
    as_clerk = url.replace("user=postgres", "user=clerk")
    with closing(ServerState(url)) as state:
        # As the version before left it.
        state._connection.execute("drop table politeness_waiting")
        state._connection.execute("alter function politeness_take_2 rename to politeness_take_1")
        state._connection.execute("grant select, insert, update, delete on all tables in schema public to clerk")
    with pytest.raises(StateUnreachableError, match=r"permission denied.*once as the role that owns the tables"):
        ServerState(as_clerk)
    ServerState(url).close()
    with closing(ServerState(as_clerk)) as state:
        with pytest.raises(StateUnreachableError, match=r"politeness_waiting.*grant select, insert"):
            state.begin([("host x.vn", CAP)], "one")
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("grant select, insert, update, delete on all tables in schema public to clerk")
        assert isinstance(state.begin([("host x.vn", CAP)], "one"), Slot)


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    with pytest.raises(StateUnreachableError) as error:
        ServerState("postgresql://u:s3cr3t@127.0.0.1:1/x", "a")
    assert "s3cr3t" not in str(error.value)
    with pytest.raises(StateUnreachableError) as error:
        ServerState("postgres:/u:s3cr3t@db/fleet", "a")
    assert "s3cr3t" not in str(error.value)


STREAMS = """
import asyncio, json, sys, time
from pathlib import Path
from crawler.politeness.caps import Cap, Caps
from crawler.politeness.politeness import Politeness
from crawler.politeness.server_state import ServerState

async def stream(name, one, until, asked):
    while True:
        async with one.turn("x.vn", "192.0.2.1"):
            if time.time() >= until:
                return
            asked.append((time.time(), name))

async def main(url, folder, node, count):
    caps = Caps({"*": Cap(20.0, 16)}, {"*": Cap(1000.0, 500)})
    one = Politeness(Path(folder), caps, shares=32, open_state=lambda: ServerState(url, node))
    asked = []
    one.rest_seconds("asked", "x.vn")
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    await asyncio.sleep(begin - time.time())
    await asyncio.gather(*(stream(f"{node}-{n}", one, begin + 8, asked) for n in range(count)))
    print(json.dumps(asked))

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
"""


@pytest.mark.trial
def test_eight_streams_of_four_processes_keep_the_cap_and_share_it_evenly(
    server: Server, connect: Callable[[str], ServerState], tmp_path: Path
) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", STREAMS, server.url, str(tmp_path / "p.db"), f"n{number}", str(count)],
            cwd=ROOT, env=dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number, count in enumerate((5, 1, 1, 1))
    ]  # fmt: skip
    assert [child.stdout and child.stdout.readline() for child in children] == ["ready\n"] * 4
    begin = f"{time.time() + 1}\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write(begin)
        child.stdin.flush()
    asked = sorted(pair for child in children for pair in json.loads(child.communicate(timeout=60)[0]))
    times = [at for at, _ in asked]
    busiest = max(sum(at <= one < at + 1 for one in times) for at in times)
    counts = [sum(name == one for _, name in asked) for one in {name for _, name in asked}]
    print(f"rate {len(times) / 8:.1f}/s, busiest second {busiest}, fairness {fairness(counts):.3f}, {sorted(counts)}")
    assert busiest <= 25
    assert fairness(counts) >= 0.95
