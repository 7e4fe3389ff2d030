"""The scheduler: what is due, each crawl a child process, and a stop that is heard."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from build import FIRST_NIGHT, PROFILE_TOML, Clock, Night, make_profile, read_rows

from crawler.errors import ProfileError
from crawler.schedule import CrawlRunner, Planned, due, last_start, run_once, run_until_stopped

ROOT = Path(__file__).parent.parent
PLAN = [Planned("sapa.toml", make_profile())]  # 01:30 at the portal, 18:30 in UTC


def run(archive: Path, clock: Clock, outcome: str) -> None:
    night = Night(archive, clock)
    night.session.finish(outcome, None)
    night.session.close()


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[Path]:
    """The profile of a portal whose port is taken and answers nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        path = tmp_path / "dead.toml"
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        text = PROFILE_TOML.replace("https://sapa.example.vn/", address)
        path.write_text(text + 'listings = ["/tin-tuc"]\n[pace]\ndelay_seconds = 0\n', encoding="utf-8")
        yield path


def test_a_portal_that_was_never_crawled_is_due(archive: Path) -> None:
    assert due(PLAN, archive, FIRST_NIGHT) == PLAN
    assert not archive.exists()


@pytest.mark.parametrize(
    ("outcome", "is_due"),
    [
        ("complete", False),
        ("partial", False),
        ("suspect", False),
        ("failed", True),
        ("interrupted", True),
    ],
)
def test_a_night_that_ran_to_its_end_is_not_due_again(archive: Path, clock: Clock, outcome: str, is_due: bool) -> None:
    run(archive, clock, outcome)
    assert bool(due(PLAN, archive, clock())) == is_due
    assert due(PLAN, archive, clock() + timedelta(hours=23)) == (PLAN if is_due else [])


def test_a_portal_is_due_from_its_planned_minute_on(archive: Path, clock: Clock) -> None:
    run(archive, clock, "complete")
    assert due(PLAN, archive, FIRST_NIGHT + timedelta(days=1, seconds=-1)) == []
    assert due(PLAN, archive, FIRST_NIGHT + timedelta(days=1)) == PLAN
    assert due(PLAN, archive, FIRST_NIGHT + timedelta(days=40)) == PLAN


def test_a_run_by_hand_before_the_planned_minute_does_not_stand_for_the_night(archive: Path, clock: Clock) -> None:
    clock.go_on(minutes=-5)
    run(archive, clock, "complete")
    assert due(PLAN, archive, FIRST_NIGHT) == PLAN


def test_portals_of_one_archive_are_due_by_themselves(archive: Path, clock: Clock) -> None:
    run(archive, clock, "complete")
    other = Planned("b.toml", make_profile().__class__(name="b", title="B", cms="vnpt", base_url="https://b.vn/"))
    assert due([*PLAN, other], archive, clock()) == [other]


def test_the_last_start_is_of_the_last_run_that_was_not_cut_short(archive: Path, clock: Clock) -> None:
    assert last_start(archive, "sapa") is None
    run(archive, clock, "complete")
    clock.go_on(days=1)
    run(archive, clock, "interrupted")
    assert last_start(archive, "sapa") == FIRST_NIGHT
    assert last_start(archive, "elsewhere") is None


@pytest.mark.parametrize("run_plan", [run_once, run_until_stopped])
def test_a_profile_that_cannot_be_used_stops_the_whole_plan_before_anything_runs(
    archive: Path, tmp_path: Path, refusing: Path, run_plan: object
) -> None:
    with pytest.raises(ProfileError, match="none"):
        run_plan([str(refusing), str(tmp_path / "none.toml")], archive)  # type: ignore[operator]
    assert not archive.exists()


def test_a_stopped_runner_begins_nothing_more(archive: Path, refusing: Path) -> None:
    runner = CrawlRunner(archive)
    runner.stop()
    assert runner.run(str(refusing)) == 130
    assert not archive.exists()


def schedule(*arguments: str, now: datetime | None = None) -> "subprocess.Popen[str]":
    environment = dict(os.environ)
    environment.pop("PORTAL_ARCHIVE_NOW", None)
    if now is not None:
        environment["PORTAL_ARCHIVE_NOW"] = now.isoformat()
    return subprocess.Popen(
        [sys.executable, str(ROOT / "scheduler.py"), *arguments],
        env=environment, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_once_runs_what_is_due_as_a_child_and_gives_its_exit_code(archive: Path, refusing: Path) -> None:
    with schedule("--once", "--portal", str(refusing), "--archive", str(archive), now=FIRST_NIGHT) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert f"{refusing}: crawl ended: failed" in said
    ((outcome, started_at, reason),) = read_rows(archive, "select outcome, started_at, reason from crawls")
    assert (outcome, started_at) == ("failed", "2026-09-01T18:30:00Z")
    assert reason
    # Its robots.txt could not be had, which means "not now" (RFC 9309): nothing else was asked.
    assert read_rows(archive, "select distinct kind from crawl_errors") == [("robots-not-now",)]


def test_once_runs_nothing_that_is_not_due(archive: Path, refusing: Path, clock: Clock) -> None:
    run(archive, clock, "complete")
    with schedule("--once", "--portal", str(refusing), "--archive", str(archive), now=FIRST_NIGHT) as process:
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "crawl begins" in said) == (0, False)
    assert read_rows(archive, "select count(*) from crawls") == [(1,)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_waiting_scheduler_ends_cleanly_on_a_signal(archive: Path, refusing: Path, number: signal.Signals) -> None:
    clock = Clock(datetime.now(UTC))
    run(archive, clock, "complete")  # tonight's is done, so it waits for the next
    process = schedule("--portal", str(refusing), "--archive", str(archive))
    with process:
        assert process.stderr is not None
        heard = ""
        for line in process.stderr:
            heard += line
            if "plan: sapa next at" in line:
                break
        assert process.poll() is None, heard
        process.send_signal(number)
        assert process.wait(10) == 0
        assert "Traceback" not in process.stderr.read()
    assert read_rows(archive, "select count(*) from crawls") == [(1,)]
