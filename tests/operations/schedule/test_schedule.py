"""The scheduler as a person runs it: child processes, signals, exit codes, the journal, the archive."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.lock import hold_archive
from crawler.language.dates import to_iso_utc
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, Clock, Night, read_rows

ROOT = Path(__file__).parents[3]
RUNS = "select planned_at, began_at, ended_at, exit_code, note from runs order by id"


def run(archive: Path, clock: Clock, outcome: str) -> None:
    night = Night(archive, clock)
    night.writer.finish(outcome)
    night.writer.close()


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


def schedule(*arguments: object, now: datetime | None = None, **extra: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_ARCHIVE_")}
    if now is not None:
        environment["PORTAL_ARCHIVE_NOW"] = now.isoformat()
    return subprocess.Popen(
        [sys.executable, str(ROOT / "scheduler.py"), *map(str, arguments)],
        env=environment | extra, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def once(*arguments: object, now: datetime, **extra: str) -> tuple[int, str]:
    """Run `schedule --once` to its end; give its exit code and its standard error."""
    with schedule("--once", *arguments, now=now, **extra) as process:
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    return process.returncode, said


def read_until(process: "subprocess.Popen[str]", is_enough: Callable[[str], object]) -> str:
    """Read the standard error of a process until `is_enough` is true for a line."""
    assert process.stderr is not None
    heard = ""
    for line in process.stderr:
        heard += line
        if is_enough(line):
            return heard
    pytest.fail(f"it ended before it said so: {heard}")


def test_once_runs_what_is_due_as_a_child_and_gives_its_exit_code(archive: Path, refusing: Path) -> None:
    code, said = once("--portal", refusing, "--archive", archive, now=FIRST_NIGHT)
    assert code == 1
    assert "sapa: crawl ended: failed" in said
    plan, _, rest = said.partition("plan: sapa due now, for the night planned at 2026-09-02T01:30:00+07:00")
    assert "crawl begins" not in plan
    assert "crawl begins" in rest
    ((outcome, started_at, reason),) = read_rows(archive, "select outcome, started_at, reason from crawls")
    assert (outcome, started_at) == ("failed", "2026-09-01T18:30:00Z")
    assert reason
    # Its robots.txt could not be fetched: nothing else was requested.
    assert read_rows(archive, "select distinct kind from crawl_errors") == [("host-down",)]
    at = to_iso_utc(FIRST_NIGHT)
    assert journal_rows(archive) == [(at, at, at, 1, None)]


def journal_rows(archive: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(archive.parent / "operations.db")
    try:
        return [tuple(row) for row in connection.execute(RUNS)]
    finally:
        connection.close()


def test_once_tries_a_failed_night_again_each_time_it_is_called(archive: Path, refusing: Path) -> None:
    for count in (1, 2):
        assert once("--portal", refusing, "--archive", archive, now=FIRST_NIGHT)[0] == 1
        assert len(journal_rows(archive)) == count


def test_once_runs_nothing_that_is_not_due(archive: Path, refusing: Path, clock: Clock) -> None:
    run(archive, clock, "complete")
    code, said = once("--portal", refusing, "--archive", archive, now=FIRST_NIGHT)
    assert (code, "crawl begins" in said) == (0, False)
    assert read_rows(archive, "select count(*) from crawls") == [(1,)]


def test_each_missed_night_is_journaled_and_made_up_once(archive: Path, refusing: Path, clock: Clock) -> None:
    run(archive, clock, "complete")
    later = FIRST_NIGHT + timedelta(days=3, hours=5)
    once("--portal", refusing, "--archive", archive, now=later)
    rows = journal_rows(archive)
    assert [row[0] for row in rows] == [f"2026-09-0{day}T18:30:00Z" for day in (2, 3, 4)]
    assert [row[1] for row in rows] == [None, None, to_iso_utc(later)]
    assert [str(row[4]).split(":")[0] for row in rows] == ["missed", "missed", "made up 5 h 0 min later than planned"]


def test_an_archive_that_a_crawl_by_hand_holds_is_answered_with_5_and_tried_again(
    archive: Path, refusing: Path
) -> None:
    with hold_archive(archive):
        assert once("--portal", refusing, "--archive", archive, now=FIRST_NIGHT)[0] == 5
    assert once("--portal", refusing, "--archive", archive, now=FIRST_NIGHT)[0] == 1
    assert [row[3] for row in journal_rows(archive)] == [5, 1]


def test_the_worst_of_several_portals_is_the_exit_code_and_each_has_its_turn(
    archive: Path, refusing: Path, clock: Clock, tmp_path: Path
) -> None:
    run(archive, clock, "complete")
    other = tmp_path / "b.toml"
    other.write_text(refusing.read_text().replace('"sapa"', '"b"'), encoding="utf-8")
    code, said = once("--portal", tmp_path, "--archive", archive, now=FIRST_NIGHT)
    assert code == 1
    assert "b: crawl ended: failed" in said
    assert "sapa: crawl begins" not in said


def test_a_wrong_watchdog_is_wrong_use(archive: Path, refusing: Path) -> None:
    code, said = once(
        "--portal", refusing, "--archive", archive, now=FIRST_NIGHT, PORTAL_ARCHIVE_WATCHDOG_MINUTES="soon"
    )
    assert code == 2
    assert "PORTAL_ARCHIVE_WATCHDOG_MINUTES" in said
    assert not archive.exists()


@pytest.mark.parametrize("arguments", [(), ("--once",)])
def test_a_profile_that_cannot_be_used_stops_the_whole_plan_before_anything_runs(
    archive: Path, tmp_path: Path, refusing: Path, arguments: tuple[str, ...]
) -> None:
    process = schedule("--portal", refusing, "--portal", tmp_path / "none.toml", "--archive", archive, *arguments)
    with process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "none.toml" in said
    assert not archive.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("words", "code"), [([], 0), (["--once"], 130)])
def test_a_scheduler_that_is_stopped_while_it_still_starts_ends_as_a_stopped_one(
    archive: Path, number: signal.Signals, words: list[str], code: int
) -> None:
    # Its log is opened before the plan is read, and so before its signal handlers are set.
    script = f"""
import os, sys
import crawler.cli.terminal.logs
from crawler.cli import main
crawler.cli.terminal.logs.keep_schedule_log = lambda *_: os.kill(os.getpid(), {int(number)})
sys.exit(main(["schedule", "--archive", {str(archive)!r}, *{words!r}]))
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (code, b"")
    assert list(archive.parent.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_waiting_scheduler_ends_cleanly_on_a_signal(archive: Path, refusing: Path, number: signal.Signals) -> None:
    clock = Clock(datetime.now(UTC))
    run(archive, clock, "complete")  # tonight is settled, so it waits for the next night
    process = schedule("--portal", refusing, "--archive", archive)
    with process:
        heard = read_until(process, lambda line: "plan: sapa next at" in line)
        assert process.poll() is None, heard
        process.send_signal(number)
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert read_rows(archive, "select count(*) from crawls") == [(1,)]


def test_a_second_scheduler_ends_at_once_with_5_and_one_line(archive: Path, refusing: Path) -> None:
    run(archive, Clock(datetime.now(UTC)), "complete")
    with schedule("--portal", refusing, "--archive", archive) as process:
        read_until(process, lambda line: "plan: sapa next at" in line)
        for arguments in ((), ("--once",)):
            with schedule("--portal", refusing, "--archive", archive, *arguments) as second:
                _, said = second.communicate(timeout=20)
            assert second.returncode == 5
            assert "another scheduler" in said
            assert len(said.splitlines()) == 1
        process.terminate()
        assert process.wait(30) == 0


def test_runs_that_a_killed_scheduler_left_open_are_closed_by_the_next(archive: Path, refusing: Path) -> None:
    with hold_archive(archive), schedule("--portal", refusing, "--archive", archive) as process:
        # The crawl waits a second for the archive, so the run is under way.
        read_until(process, lambda line: "crawl begins" in line)
        process.kill()
        process.wait(10)
    # The crawl goes on, and may hold the archive for a moment.
    code = once("--portal", refusing, "--archive", archive, now=datetime.now(UTC))[0]
    assert code in (1, 5)
    first, second = journal_rows(archive)
    assert first[2] is not None
    assert "the scheduler died" in str(first[4])
    assert second[3] == code


def test_the_schedulers_log_is_beside_the_archive_and_the_nights_too(archive: Path, refusing: Path) -> None:
    once("--portal", refusing, "--archive", archive, now=FIRST_NIGHT)
    logs = archive.parent / "logs"
    assert {path.name for path in logs.iterdir()} == {"schedule.log", "2026-09-02.log"}
    assert "crawl begins, for the night planned at 2026-09-01T18:30:00Z" in (logs / "schedule.log").read_text()
    assert "summary of crawl 1 of sapa" in (logs / "2026-09-02.log").read_text()


def test_logs_go_where_the_environment_says_as_json_if_configured(
    archive: Path, refusing: Path, tmp_path: Path
) -> None:
    once(
        "--portal", refusing, "--archive", archive, now=FIRST_NIGHT,
        PORTAL_ARCHIVE_LOGS=str(tmp_path / "elsewhere"), PORTAL_ARCHIVE_LOG_FORMAT="json",
    )  # fmt: skip
    assert not (archive.parent / "logs").exists()
    lines = [json.loads(line) for line in (tmp_path / "elsewhere" / "2026-09-02.log").read_text().splitlines()]
    (summary,) = (line["summary"] for line in lines if "summary" in line)
    assert (summary["portal"], summary["outcome"], summary["errors_by_kind"]["host-down"]) == (
        "sapa", "failed", summary["errors"],
    )  # fmt: skip
