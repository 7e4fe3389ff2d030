"""Runs that die: killed, stopped, out of disk. The next run goes on, and nothing is lost or twice."""

import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.replica import Replica
from tests.support.crawling import (
    command,
    content,
    crawl,
    kill,
    kill_writer,
    rows,
    run,
    start,
    tables,
    value,
    write_profile,
)


def _wait_for_captures(archive: Path, count: int, process: object) -> None:
    """Wait until a running crawl has written so many requests to its WARC file."""
    deadline = time.monotonic() + 60
    folder = archive.parent / "warc"
    while time.monotonic() < deadline:
        size = sum(path.stat().st_size for path in folder.glob("*.open")) if folder.is_dir() else 0
        if size > count or getattr(process, "poll")() is not None:  # noqa: B009
            return
        time.sleep(0.01)  # what is waited for is another process's progress, which nothing signals


@pytest.mark.parametrize("end", [kill, kill_writer])
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_is_resumed_to_the_same_archive(
    tmp_path: Path, seed: int, end: Callable[["subprocess.Popen[str]"], int]
) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    whole.mkdir()
    torn.mkdir()
    archive = torn / "archive.db"
    with Replica(articles=60) as portal:
        assert crawl(portal, whole).code == 0
        profile = write_profile(portal, torn)
        process = start("crawl", "--portal", profile, "--archive", archive)
        _wait_for_captures(archive, random.Random(seed).randrange(20_000, 1_200_000), process)
        code = end(process)
        ended = command("crawl", "--portal", profile, "--archive", archive)
        assert ended.code == 0, ended.err
    assert content(archive) == content(whole / "archive.db")
    outcomes = [row["outcome"] for row in rows(archive, "select outcome from crawls order by id")]
    assert outcomes[-1] == "complete"
    assert outcomes[:-1] in ([], ["interrupted"], ["complete"]), code
    assert value(archive, "select count(*) from revisions where number > 1") == 0
    assert command("verify", "--archive", archive).code == 0
    ended = command("rebuild", "--archive", archive, "--into", torn / "new.db")
    assert ended.code == 0, ended.err
    assert tables(archive) == tables(torn / "new.db")


def test_a_run_that_is_asked_to_stop_ends_soon_and_says_so(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=120) as portal:
        profile = write_profile(portal, tmp_path, pace={"delay_seconds": 0.05, "concurrency": 2})
        process = start("crawl", "--portal", profile, "--archive", archive)
        _wait_for_captures(archive, 60_000, process)
        began = time.monotonic()
        assert kill(process, signal.SIGTERM) == 130
        assert time.monotonic() - began < 20
        assert value(archive, "select outcome from crawls") == "interrupted"
        assert command("verify", "--archive", archive).code == 0
        assert crawl(portal, tmp_path).code == 0
        expected = [article for article in portal.truth().articles if article.state == "live" and article.found_in]
    assert value(archive, "select count(*) from articles") == len(expected)


def test_a_capture_that_cannot_be_written_ends_the_run_as_failed(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    open_for_writing(archive).close()
    limit = archive.stat().st_size + 600_000

    def allow_small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with Replica(articles=60) as portal:
        profile = write_profile(portal, tmp_path)
        ended = command("crawl", "--portal", profile, "--archive", archive, preexec_fn=allow_small_files_only)
        assert ended.code == 1, ended.err
        assert value(archive, "select outcome from crawls") in ("failed", "running")
        ended = command("crawl", "--portal", profile, "--archive", archive)
        assert ended.code == 0, ended.err
        expected = [article for article in portal.truth().articles if article.state == "live" and article.found_in]
    assert value(archive, "select count(*) from articles") == len(expected)
    assert value(archive, "select outcome from crawls order by id limit 1") in ("failed", "interrupted")
    assert command("verify", "--archive", archive).code == 0


def test_a_disk_that_runs_low_ends_the_night_as_partial(tmp_path: Path) -> None:
    with Replica(articles=200) as portal:
        # More than any disk has: the reserve is touched at once.
        ended = crawl(portal, tmp_path, limits={"disk_reserve_bytes": 2**62}, pace={"delay_seconds": 0.1})
    assert ended.code in (1, 3), ended.err
    outcome, reason = rows(tmp_path / "archive.db", "select outcome, reason from crawls")[0]
    assert outcome in ("partial", "failed")
    assert re.search(r"only [\d.]+ [kMGT]B are free on the disk; 4611686\.0 TB are reserved", reason)


def test_a_reader_that_holds_the_database_hinders_no_crawl(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        assert crawl(portal, tmp_path).code == 0
        reader = sqlite3.connect(archive)
        reader.execute("begin")
        before = reader.execute("select count(*) from captures").fetchone()
        portal.night = 2
        assert crawl(portal, tmp_path).code == 0
        assert reader.execute("select count(*) from captures").fetchone() == before
        reader.close()
    assert value(archive, "select count(*) from captures") > before[0]


def test_a_server_that_hangs_ends_in_a_partial_night(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        profile = write_profile(portal, tmp_path)
        portal.faults.set("@articles", "hang", share=0.2)
        scrapy = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={profile}"]
        settings = ["-s", f"ARCHIVE={tmp_path / 'archive.db'}", "-s", "DOWNLOAD_TIMEOUT=1", "-s", "RETRY_TIMES=0"]
        ended = run([*scrapy, *settings])
        assert ended.code == 0, ended.err
        assert value(tmp_path / "archive.db", "select outcome from crawls") == "partial"
        assert value(tmp_path / "archive.db", "select count(*) from crawl_errors where kind = 'timeout'") > 0
        portal.faults.clear()
        assert crawl(portal, tmp_path).code == 0


def test_a_clock_that_jumps_back_and_a_machine_off_for_nights_lose_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        for night, now in ((1, "2025-06-02"), (2, "2025-06-03"), (3, "2024-01-01"), (7, "2025-06-08")):
            portal.night = night
            ended = crawl(portal, tmp_path, extra={"PORTAL_ARCHIVE_NOW": f"{now}T18:30:00Z"})
            assert ended.code in (0, 3), ended.err
        expected = [article for article in portal.truth().articles if article.state == "live" and article.listed]
    held = {row["url"] for row in rows(archive, "select url from article_urls")}
    assert [article.url for article in expected if not held & {article.url, article.old_url}] == []
    assert value(archive, "select count(*) from articles where last_seen_at < first_seen_at") == 0
    assert command("verify", "--archive", archive).code == 0
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "new.db").code == 0
    assert tables(archive) == tables(tmp_path / "new.db")
