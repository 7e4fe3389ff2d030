"""What a job does before it crawls or restores anything: it asks whether it may, and whether it is still to be done."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.lock import hold_archive
from crawler.fleet.epoch import EpochMark, read_mark, write_mark
from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import beat
from crawler.fleet.server.portals import add_portal
from crawler.operations.node.jobs import NodeJobs
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.night import NightRunner
from crawler.operations.schedule.places import ArchivePerPortal
from tests.support.processes.postgres import Server, serve_postgres

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
    assert (ended, jobs.runner.held_back["of-a"] > time.monotonic()) == ([("of-a", None)], True)


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
