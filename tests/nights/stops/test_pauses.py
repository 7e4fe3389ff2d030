"""A machine that sleeps in the middle of a night: what it was working on is no failure of the portal, nor of a page."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import rows, start, value, write_profile

pytestmark = pytest.mark.trial

# Longer than what a page may take to be read.
PAUSE_SECONDS = 45


def family(pid: int) -> list[int]:
    """Return a process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def captures(archive: Path) -> int:
    with suppress(sqlite3.OperationalError):  # it is being made
        return int(value(archive, "select coalesce(max(id), 0) from captures"))
    return 0


@pytest.mark.parametrize("at_capture", [60, 300])
def test_a_night_with_a_pause_is_complete(tmp_path: Path, at_capture: int) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=120) as portal:
        crawl = start("crawl", "--portal", write_profile(portal, tmp_path), "--archive", archive, "--full", "--files")
        while captures(archive) < at_capture:
            assert crawl.poll() is None
            time.sleep(0.1)
        paused = family(crawl.pid)
        assert len(paused) >= 3
        signal_all(paused, signal.SIGSTOP)
        time.sleep(PAUSE_SECONDS)
        signal_all(paused, signal.SIGCONT)
        out, err = crawl.communicate()
    assert crawl.returncode == 0, out + err
    kinds = {row["kind"] for row in rows(archive, "select distinct kind from crawl_errors")}
    assert not {kind for kind in kinds if kind.startswith("parser")}, kinds
