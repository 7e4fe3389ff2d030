"""What a job does before it crawls or restores anything: it asks whether it may, and whether it is still to be done."""

import fcntl
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.lock import hold_archive
from crawler.errors import ServerAwayError
from crawler.fleet.epoch import EpochMark, read_mark, write_mark
from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import beat, forget_old_nodes, read_nodes
from crawler.fleet.server.portals import add_portal
from crawler.operations.node.jobs import NodeJobs
from crawler.operations.node.own_portals import read_identity
from crawler.operations.node.shipping import fence_of
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.night import NightRunner
from crawler.operations.schedule.places import ArchivePerPortal
from crawler.politeness.caps import Cap
from crawler.politeness.server_state import ServerState, forget_old
from tests.support.crawling import ROOT, command, environment, value
from tests.support.nights_harness import wait_until
from tests.support.portals.many import make_small
from tests.support.processes.postgres import Server, serve_postgres

MARKER = ".restoring.json"
PROFILE = 'name = "p"\ntitle = "P"\ncms = "vnpt"\nbase_url = "https://p.example.vn/"\n'
NIGHT = "2025-06-01T18:30:00Z"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve_postgres() as found:
        with open_server(found.url) as connection:
            make_tables(connection)
            beat(connection, "a", identity="1", share=1)
            beat(connection, "b", identity="2", share=1)
            for home in ("a", "b"):
                add_portal(connection, f"of-{home}", profile=PROFILE, home=home, origin="disk")
        yield found


@pytest.fixture
def ended() -> list[tuple[str, int | None]]:
    return []


@pytest.fixture
def jobs(server: Server, tmp_path: Path, ended: list[tuple[str, int | None]]) -> NodeJobs:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    runner = NightRunner(ArchivePerPortal(fleet), Stop(), 60.0)
    return NodeJobs(server.url, "a", fleet, runner, lambda *job: ended.append(job))


@pytest.mark.parametrize(
    ("portal", "why"),
    [
        ("of-b", "its home is b, not a"), ("of-a", "the archive of its epoch 1 is not on this disk"),
        ("none", "the fleet has no such portal"), ("../x", "the fleet has no such portal"),
    ],
)  # fmt: skip
def test_a_night_that_this_node_may_not_run_is_refused_before_anything_is_made(
    jobs: NodeJobs, ended: list[tuple[str, int | None]], caplog: pytest.LogCaptureFixture, portal: str, why: str
) -> None:
    before = sorted(jobs.fleet.path.rglob("*"))
    jobs.run_night(portal, NIGHT)
    jobs.restore(portal)
    assert f"{portal}: the night of {NIGHT} is refused: {why}" in caplog.text
    assert f"{portal}: the restore is refused" in caplog.text
    assert sorted(jobs.fleet.path.rglob("*")) == before
    assert ended == [(portal, None)] * 2


def test_a_night_waits_while_another_run_holds_the_archive(
    jobs: NodeJobs, ended: list[tuple[str, int | None]], caplog: pytest.LogCaptureFixture
) -> None:
    write_mark(jobs.fleet, "of-a", mark=EpochMark(1))
    with hold_archive(jobs.fleet.archive_of("of-a")), caplog.at_level(logging.INFO):
        jobs.run_night("of-a", NIGHT)
    assert "another run holds the archive" in caplog.text
    assert (ended, jobs.runner.held_back["of-a"] > time.monotonic()) == ([("of-a", 5)], True)


def test_a_job_that_fails_is_logged_and_waits_before_it_is_tried_again(
    jobs: NodeJobs, ended: list[tuple[str, int | None]], caplog: pytest.LogCaptureFixture
) -> None:
    write_mark(jobs.fleet, "of-a", mark=EpochMark(1))
    jobs.run_night("of-a", NIGHT)
    assert "of-a: the night of 2025-06-01T18:30:00Z is not done" in caplog.text  # there is no profile
    assert (ended, jobs.runner.held_back["of-a"] > time.monotonic(), jobs.busy()) == ([("of-a", None)], True, set())
    write_mark(jobs.fleet, "of-a", mark=EpochMark(1, is_whole=False))
    jobs.restore("of-a")
    assert "of-a: the restore is not done: " in caplog.text
    assert "names no `storage`" in caplog.text
    assert read_mark(jobs.fleet, "of-a") == EpochMark(1, is_whole=False)


def test_a_restore_that_was_killed_is_taken_up_again_and_is_whole_only_then(
    jobs: NodeJobs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    storage = tmp_path_factory.mktemp("storage")
    shipped = make_small(tmp_path_factory.mktemp("lost") / "of-a" / "archive.db", "of-a")
    assert command("backup", "--to", storage / "of-a", "--archive", shipped).code == 0
    jobs.fleet.file.write_text(f'storage = "{storage}"\n', encoding="utf-8")
    write_mark(jobs.fleet, "of-a", mark=EpochMark(1, is_whole=False))
    archive = jobs.fleet.archive_of("of-a")
    words = ["restore", "--from", str(storage / "of-a"), "--into", str(archive)]
    with subprocess.Popen([sys.executable, "-m", "crawler", *words], cwd=ROOT, env=environment({})) as child:
        wait_until(lambda: child.poll() is not None or (archive.parent / MARKER).exists() or archive.exists())
        child.kill()
    assert read_mark(jobs.fleet, "of-a") == EpochMark(1, is_whole=False)
    jobs.restore("of-a")
    assert read_mark(jobs.fleet, "of-a") == EpochMark(1)
    assert command("verify", "--archive", archive).code == 0
    articles = "select count(*) from articles"
    assert value(archive, articles) == value(shipped, articles) > 0


def test_a_backup_of_a_portal_that_moved_is_taken_back_by_whoever_makes_it(server: Server, tmp_path: Path) -> None:
    fleet, extra = FleetFolder(tmp_path / "fleet"), {"PORTAL_ARCHIVE_FLEET_SERVER": server.url}
    fleet.prepare()
    archive, place = make_small(fleet.archive_of("of-a"), "of-a"), tmp_path / "storage"
    read_identity(fleet, "a")
    write_mark(fleet, "of-a", mark=EpochMark(1))
    words = ("backup", "--to", place, "--archive", archive)
    assert command(*words, extra=extra).code == 0
    shipped = sorted(place.rglob("*.json"))
    (manifest,) = place.glob("snapshots/*.json")
    assert json.loads(manifest.read_text())["epoch"] == 1
    with open_server(server.url) as connection:
        connection.execute("update fleet_portals set epoch = 2 where name = 'of-a'")
        refused = command(*words, extra=extra)
        connection.execute("update fleet_portals set epoch = 1 where name = 'of-a'")
    assert refused.code == 1
    assert "the fleet goes on with epoch 2" in refused.err
    assert sorted(place.rglob("*.json")) == shipped


def test_a_backup_waits_for_a_server_that_is_away_and_counts_only_by_its_answer(server: Server, tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    read_identity(fleet, "a")
    write_mark(fleet, "of-a", mark=EpochMark(1))
    fence, hasty = (
        fence_of(fleet.archive_of("of-a"), server=server.url, patience_seconds=seconds) for seconds in (60, 0)
    )
    assert fence is not None
    assert hasty is not None
    server.stop()
    with ThreadPoolExecutor(1) as pool:
        try:
            with pytest.raises(ServerAwayError):
                hasty.find_fault()
            found = pool.submit(fence.find_fault)
        finally:
            server.start()
        assert found.result(60) is None


def test_what_hosts_and_machines_left_behind_is_forgotten_and_no_more(server: Server) -> None:
    with closing(ServerState(server.url, "now")) as state, open_server(server.url) as connection:
        state.begin([("host now.vn", Cap(20.0, 4))], "lease")
        for number in range(100):
            state.reserve(f"host old{number}.vn", Cap(20.0, 4))
            state.put_rest("down", f"old{number}.vn", seconds=60)
            state.claim_robots(f"https://old{number}.vn", seconds=60)
        state.put_rest("down", "now.vn", seconds=60)
        connection.execute("update politeness_turns set next_at = next_at - 2 * 86400 where key like 'host old%'")
        connection.execute("update politeness_rests set until = until - 3600 where host like 'old%'")
        connection.execute("update politeness_robots set fetching_until = fetching_until - 3600")
        connection.execute("insert into politeness_nodes values ('old', extract(epoch from now()) - 30 * 86400)")
        connection.execute(
            "insert into politeness_connections values ('host gone.vn', 'l', 1, now() - interval '1 day')"
        )
        forget_old(connection)
        kept = {
            table: connection.execute(f"select count(*) from politeness_{table}").fetchone()
            for table in ("turns", "rests", "robots", "nodes", "connections")
        }
    assert kept == {"turns": (1,), "rests": (1,), "robots": (0,), "nodes": (1,), "connections": (1,)}


def test_only_a_machine_that_is_long_gone_and_has_no_portal_is_forgotten(server: Server) -> None:
    with open_server(server.url) as connection:
        for name in ("gone", "lately"):
            beat(connection, name, identity=name, share=1)
        connection.execute(
            "update fleet_nodes set heartbeat_at = now() - interval '31 days' where name in ('gone', 'b')"
        )
        forget_old_nodes(connection)
        left = {node.name for node in read_nodes(connection)}
        beat(connection, "b", identity="2", share=1)
        connection.execute("delete from fleet_nodes where name = 'lately'")
    assert left == {"a", "b", "lately"}


def test_a_crawl_that_outlived_its_node_keeps_its_night_from_the_first_moment_on(
    jobs: NodeJobs, ended: list[tuple[str, int | None]]
) -> None:
    write_mark(jobs.fleet, "of-a", mark=EpochMark(1))
    lock = jobs.fleet.archive_of("of-a").with_name(".crawl.lock")
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    line = [sys.executable, "-c", "input()"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, pass_fds=(held,)) as crawl:
        os.close(held)  # as if the node had died
        jobs.run_night("of-a", NIGHT)
        assert ended == [("of-a", 5)]
        crawl.communicate(b"\n")
    jobs.run_night("of-a", NIGHT)
    assert ended == [("of-a", 5), ("of-a", None)]  # there is no profile
