"""A disk that is full: what was committed stays readable, and the log is emptied when there is space again."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import ROOT, environment, write_profile

# On a small disk of its own.
PROGRAM = """
import subprocess, sys
from pathlib import Path
from crawler.archive.database import empty_log, open_for_reading, open_for_writing

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
archive, ballast = folder / "archive.db", folder / "ballast"
with open_for_writing(archive) as connection:
    assert empty_log(connection, wait_seconds=0)
    connection.execute("create table filler as select randomblob(2000000) as x")
    try:
        with ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
    except OSError:
        pass
    print(empty_log(connection, wait_seconds=0))
    print(open_for_reading(archive).execute("select length(x) from filler").fetchone()[0])
    ballast.unlink()
    print(empty_log(connection, wait_seconds=0))
"""


CRAWLS = """
import subprocess, sys
from pathlib import Path

folder, profile = map(Path, sys.argv[1:])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
crawl = [sys.executable, "-m", "crawler", "crawl", "--portal", profile, "--archive", folder / "archive.db"]
codes = [subprocess.run(crawl, check=False).returncode for _ in range(2)]
print(codes)
"""


@pytest.fixture
def apart() -> list[str]:
    """The words that run a program with mounts of its own."""
    words = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode != 0:
        pytest.skip("this system gives no mounts to a process")
    return words


def test_a_log_that_the_disk_has_no_space_for_stays_and_is_emptied_later(tmp_path: Path, apart: list[str]) -> None:
    ended = subprocess.run(
        [*apart, sys.executable, "-c", PROGRAM, tmp_path],
        env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.stdout.split() == ["False", "2000000", "True"], ended.stderr


def test_crawls_on_a_full_disk_say_so_in_a_few_lines(tmp_path: Path, apart: list[str]) -> None:
    (disk := tmp_path / "disk").mkdir()
    with Replica(articles=30) as portal:
        ended = subprocess.run(
            [*apart, sys.executable, "-c", CRAWLS, disk, write_profile(portal, tmp_path)],
            env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "[1, 1]", ended.stderr
    assert "the disk is full" in ended.stdout  # in the summary of the first
    assert "the disk is full; make room on it" in ended.stderr
    for word in ("Traceback", "OSError", "OperationalError", "database or disk is full"):
        assert word not in ended.stderr
