"""Whole nights of a fleet: one host of files for all, kills at any moment, each night settled once."""

import base64
import json
import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from crawler.archive.warc.reader import warc_files
from tests.support.crawling import command, rows
from tests.support.nights_harness import children_of, wait_until
from tests.support.portals.fleets import Fleet, is_running, serve_fleet
from tests.support.wire.warc_records import read_records

SHARED_ROBOTS = "portal-archive-shared-robots/1"


def robots_notes(archive: Path) -> list[dict[str, object]]:
    """Read the robots.txt of other crawls that a crawl went by."""
    found = [record for path in warc_files(archive.parent / "warc") for record in read_records(path)]
    notes = [json.loads(record.block) for record in found if record.kind == "metadata"]
    return [note for note in notes if note["format"] == SHARED_ROBOTS]


def kill_all(process: "subprocess.Popen[str]", chosen: list[int]) -> None:
    """Kill a scheduler, and some of its crawls; wait until all its crawls have ended."""
    crawls = children_of(process.pid)
    for pid in [process.pid, *(crawls[number] for number in chosen if number < len(crawls))]:
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=60)
    wait_until(lambda: not any(map(is_running, crawls)))


def test_a_killed_fleet_goes_on_and_settles_each_night_once_with_one_robots_txt(tmp_path: Path) -> None:
    with serve_fleet(tmp_path, 6, articles=4, requests_per_second=20) as fleet:
        process = fleet.start("--jobs", "3")
        wait_until(lambda: len(children_of(process.pid)) == 3 and len(fleet.files.asked) > 3, seconds=60)
        kill_all(process, [1])
        assert set(fleet.settled().values()) <= {0, 1}
        assert fleet.once("--jobs", "3") == 0
        assert set(fleet.settled().values()) == {1}
        assert fleet.once("--jobs", "3") == 0
        assert set(fleet.settled().values()) == {1}
        assert fleet.busiest_second() <= 25
        _each_archive_says_by_which_robots_txt_it_went(fleet)


def _each_archive_says_by_which_robots_txt_it_went(fleet: Fleet) -> None:
    asked = Counter(path for _, _, path in fleet.files.asked)
    # A crawl that is killed while it asks leaves it to another one.
    assert asked["/robots.txt"] <= 2
    sql = "select record_id, status from captures where url like ? order by id"
    fetched = {
        row["record_id"]: row["status"]
        for archive in fleet.folder.archives().values()
        for row in rows(archive, sql, f"http://{fleet.files.files_host}/robots.txt")
    }
    relying = 0
    for archive in fleet.folder.archives().values():
        for note in robots_notes(archive):
            relying += 1
            assert fetched[str(note["record_id"])] == note["status"]
            assert base64.b64decode(str(note["body_base64"])) == b""
    assert relying >= 5
    assert command("verify", "--archive", fleet.folder.archive_of("p5")).code == 0


@pytest.mark.trial
def test_sixty_portals_share_one_host_through_kills_at_random(tmp_path: Path) -> None:
    drawn = random.Random(18)
    with serve_fleet(tmp_path, 60, articles=12, requests_per_second=20) as fleet:
        for _ in range(4):
            process = fleet.start("--jobs", "8")
            seen = len(fleet.files.asked) + drawn.randrange(40, 200)
            _wait_for_requests(fleet, process, count=seen)
            if process.poll() is None:
                kill_all(process, drawn.sample(range(8), drawn.randrange(0, 5)))
            assert set(fleet.settled().values()) <= {0, 1}
        assert fleet.once("--jobs", "8") == 0
        assert set(fleet.settled().values()) == {1}
        assert fleet.busiest_second() <= 25
        print(f"busiest second {fleet.busiest_second()}, requests {len(fleet.files.asked)}")


def _wait_for_requests(fleet: Fleet, process: "subprocess.Popen[str]", *, count: int) -> None:
    wait_until(lambda: len(fleet.files.asked) > count or process.poll() is not None, seconds=300)
