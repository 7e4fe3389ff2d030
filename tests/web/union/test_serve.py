"""`serve --archives` as a process: its index follows the archives by itself, and ends with it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from crawler.archive.lock import hold_lock
from crawler.exit_codes import ExitCode
from crawler.fleet.folder import FleetFolder
from tests.support.crawling import ROOT, command
from tests.support.portals.many import LATER, make_small
from tests.support.withholding import act

NAME = "sapa"


def wait_for(what: Callable[[], bool], *, seconds: float = 60) -> None:
    """Ask until it is so; the promise is a minute."""
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it did not come about within its time"


def test_what_is_withheld_leaves_the_search_within_a_minute_and_nothing_stays_behind(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    archive = make_small(fleet.archive_of(NAME), NAME)
    line = [sys.executable, "-m", "crawler", "serve", "--archives", str(tmp_path), "--port", "0"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env) as child:
        try:
            assert child.stdout is not None
            said = child.stdout.readline()
            found = re.search(r"http://\S+", said)
            assert found, said
            with httpx.Client(base_url=found[0], timeout=30) as client:

                def titles() -> list[str]:
                    answer = client.get("/search.json", params={"q": "phong trao"})
                    # In the moment between two indexes.
                    return [] if answer.status_code == 503 else [hit["title"] for hit in answer.json()["hits"]]

                wait_for(lambda: len(titles()) == 3)
                act(archive, "withhold", "article:2", at=LATER)
                wait_for(lambda: len(titles()) == 2)
                # Also when the index is thrown away while it is asked: another one is made, and asked from then on.
                for file in fleet.state.glob("union.db*"):
                    file.unlink()
                act(archive, "withhold", "article:1", at=LATER)
                wait_for(lambda: len(titles()) == 1)
                wait_for((fleet.state / "union.db").exists)
        finally:
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=30)
    assert child.returncode == ExitCode.INTERRUPTED
    # The process of the index has ended: nobody holds its lock.
    with hold_lock(fleet.state / ".union.lock", "held", wait_seconds=10):
        pass


@pytest.mark.parametrize("more", [("--archives", "missing"), ("--archives", "tests", "--archive", "archive.db")])
def test_wrong_use_is_refused_in_one_line(more: tuple[str, ...]) -> None:
    ended = command("serve", *more)
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
