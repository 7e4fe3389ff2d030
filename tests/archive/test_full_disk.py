"""A disk that is full: what was committed stays readable, and the log is emptied when there is space again."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.crawling import environment

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


def test_a_log_that_the_disk_has_no_space_for_stays_and_is_emptied_later(tmp_path: Path) -> None:
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode != 0:
        pytest.skip("this system gives no mounts to a process")
    ended = subprocess.run(
        [*apart, sys.executable, "-c", PROGRAM, tmp_path],
        env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.stdout.split() == ["False", "2000000", "True"], ended.stderr
