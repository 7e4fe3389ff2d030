"""Several nights at once, each in an archive of its own: order, room, signals, journals."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import read_numbers
from crawler.language.dates import to_iso_utc
from crawler.operations.journal.runs import EndedFor
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.jobs import JobRunner
from crawler.operations.schedule.night import Due, NightRunner
from crawler.operations.schedule.places import ArchivePerPortal
from crawler.operations.schedule.portals import Plan
from crawler.operations.schedule.scheduler import NightScheduler, run_once
from crawler.settings import clock
from tests.support.archives.rows import change
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, Clock, Night, read_rows
from tests.support.nights_harness import journal_rows

ROOT = Path(__file__).parents[3]
HOUR = timedelta(hours=1)
RUNS = "select exit_code, ended_for from runs"


@pytest.fixture
def fleet(tmp_path: Path) -> FleetFolder:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    return fleet


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a host that takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def write_profile(fleet: FleetFolder, name: str, *, cron: str = "30 1 * * *", url: str = "", files: str = "") -> None:
    text = PROFILE_TOML.replace('"sapa"', f'"{name}"')
    text = text.replace("https://sapa.example.vn/", url or f"https://{name}.example.vn/")
    text = re.sub("asset_hosts = .*", f'asset_hosts = ["{files or "files.example.vn"}"]', text)
    (fleet.profiles / f"{name}.toml").write_text(f'{text}[schedule]\ncron = "{cron}"\n', encoding="utf-8")


class WritingRunner(NightRunner):
    """Its crawls write the row of a complete night, in place of a child process."""

    def _crawl(self, due: Due, run_id: int | None) -> tuple[int, EndedFor | None, str | None]:
        archive = self.places.archive_of(due.portal)
        with Night(archive, Clock(clock())):
            pass
        change(archive, "update crawls set portal = ?", due.portal)
        return 0, None, None


def make_scheduler(fleet: FleetFolder, jobs: int) -> NightScheduler:
    runner = WritingRunner(ArchivePerPortal(fleet), Stop(), 60.0)
    return NightScheduler(Plan([str(fleet.profiles)]), runner, jobs=jobs)


def start(fleet: FleetFolder, *arguments: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_ARCHIVE_")}
    command = [sys.executable, str(ROOT / "scheduler.py"), "--archives", str(fleet.path), *arguments]
    return subprocess.Popen(
        command, env=environment | {"PORTAL_ARCHIVE_NOW": to_iso_utc(FIRST_NIGHT)}, cwd=ROOT,
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_every_due_portal_is_run_once_in_an_archive_of_its_own(
    fleet: FleetFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcde":
        write_profile(fleet, name)
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + HOUR))
    for _ in range(2):
        assert run_once(make_scheduler(fleet, jobs=3)) == 0
    for name in "abcde":
        assert read_rows(fleet.archive_of(name), "select portal, outcome from crawls") == [(name, "complete")]
        assert journal_rows(fleet.archive_of(name), RUNS) == [(0, None)]
    assert read_numbers(fleet) == {name: number for number, name in enumerate("abcde", 1)}


def test_the_longest_overdue_goes_first_but_hosts_take_turns(
    fleet: FleetFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, hour, files in (("a", 4, "one.vn"), ("b", 1, "one.vn"), ("c", 2, "one.vn"), ("d", 3, "two.vn")):
        write_profile(fleet, name, cron=f"0 {hour} * * *", files=files)
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + 4 * HOUR))
    scheduler = make_scheduler(fleet, jobs=3)
    with JobRunner(scheduler.places, nights_at_once=3) as jobs:
        assert [due.portal for due in scheduler.start_due(jobs, lambda: None)] == ["b", "d", "c"]


def test_a_stop_ends_every_crawl_cleanly_and_journals_why(fleet: FleetFolder, silent: str) -> None:
    for name in "ab":
        write_profile(fleet, name, url=silent)
    with start(fleet, "--jobs", "2", "--once") as process:
        assert process.stderr is not None
        begun = 0
        for line in process.stderr:
            begun += "spider opened" in line.lower() or "crawl begins" in line
            if begun == 2:
                break
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 130
    for name in "ab":
        ((code, ended_for),) = journal_rows(fleet.archive_of(name), RUNS)
        assert (code != 0, ended_for) == (True, "stop")


def test_more_jobs_than_archives_is_wrong_use(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scheduler.py"), "--jobs", "2", "--once", "--archive", str(tmp_path / "a.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert "--archives" in done.stderr


def test_both_kinds_of_place_at_once_are_wrong_use(tmp_path: Path) -> None:
    with start(FleetFolder(tmp_path), "--once", "--archive", str(tmp_path / "a.db")) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "not both" in said
