"""A crawl stops at once, also if the portal hangs; requests under way are left to the next run."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, start, value, write_profile

SOON_SECONDS = 10


def wait_for(process: "subprocess.Popen[str]", condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)  # another process makes the progress, and signals nothing


def stopped(process: "subprocess.Popen[str]", *numbers: signal.Signals) -> str:
    """Stop a crawl, and check that it ends soon, with 130 and without a traceback."""
    began = time.monotonic()
    for number in numbers:
        process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert time.monotonic() - began < SOON_SECONDS
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("fault", "profile", "asked"),
    [
        (None, {"pace": {"delay_seconds": 1.0}}, 2),
        ("hang", {}, 12),
        ("slow", {"pace": {"delay_seconds": 0.5}}, 6),
        ("503-retry-after", {}, 8),
    ],
)
def test_a_crawl_ends_soon_at_any_fault_of_the_portal_and_the_next_goes_on(
    tmp_path: Path, fault: str | None, profile: dict[str, Any], asked: int
) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        if fault is not None:
            portal.faults.set("@articles", fault, retry_after=280)
        process = start("crawl", "--portal", write_profile(portal, tmp_path, **profile), "--archive", archive)
        wait_for(process, lambda: len(portal.requests) > asked)
        stopped(process, signal.SIGTERM)
        assert value(archive, "select outcome from crawls") == "interrupted"
        # A cancelled request is not a failure of the portal.
        assert value(archive, "select count(*) from crawl_errors where kind in ('stopping', 'timeout')") == 0
        portal.faults.clear()
        assert crawl(portal, tmp_path).code == 0
        expected = [article for article in portal.truth().articles if article.state == "live" and article.found_in]
    assert value(archive, "select count(*) from articles") == len(expected)
    assert command("verify", "--archive", archive).code == 0


def test_more_signals_than_one_change_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=60) as portal:
        portal.faults.set("@files", "slow")
        process = start("crawl", "--portal", write_profile(portal, tmp_path), "--archive", archive)
        wait_for(process, lambda: len(portal.requests) > 60)
        stopped(process, signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGTERM)
    assert value(archive, "select outcome from crawls") == "interrupted"
    assert command("verify", "--archive", archive).code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_the_first_request_stops_the_crawl(tmp_path: Path, number: signal.Signals) -> None:
    with Replica(articles=10) as portal:
        process = start("crawl", "--portal", write_profile(portal, tmp_path), "--archive", tmp_path / "archive.db")
        # The lock file is made when the archive is first locked, before Scrapy begins.
        wait_for(process, (tmp_path / "warc" / ".lock").exists)
        stopped(process, number)


def test_a_stop_leaves_a_summary_in_the_nights_log(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("@articles", "hang")
        process = start("crawl", "--portal", write_profile(portal, tmp_path), "--archive", tmp_path / "archive.db")
        wait_for(process, lambda: len(portal.requests) > 12)
        stopped(process, signal.SIGTERM)
    (log,) = (tmp_path / "logs").iterdir()
    assert "outcome   interrupted: stopped on request" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--once",), 130)])
def test_a_stopped_scheduler_ends_its_crawl_soon_and_the_next_one_resumes_it(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        portal.faults.set("@articles", "hang")
        line = ("schedule", "--portal", write_profile(portal, tmp_path), "--archive", archive)
        process = start(*line, *arguments)
        wait_for(process, lambda: len(portal.requests) > 12)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in said) == (code, False)
        assert time.monotonic() - began < SOON_SECONDS
        assert "ended with the scheduler" in value(tmp_path / "operations.db", "select note from runs")
        portal.faults.clear()
        assert command(*line, "--once").code == 0
    assert [row["outcome"] for row in rows(archive, "select outcome from crawls order by id")] == [
        "interrupted", "complete",
    ]  # fmt: skip
