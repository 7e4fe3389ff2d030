"""The progress of a crawl on a terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from crawler.replica import Replica
from tests.support.crawling import ROOT, environment, write_profile


def _on_a_terminal(*arguments: str | Path) -> tuple[int, str]:
    """Run a command whose standard error is a terminal of 120 columns. Return its exit code and what was shown."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    line = [sys.executable, "-m", "crawler", *map(str, arguments)]
    process = subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65_536):
            shown += data
    except OSError:
        pass  # Linux's way to say that the other end is closed
    finally:
        os.close(ours)
    return process.wait(), shown.decode()


def test_a_terminal_shows_requests_of_a_total_the_time_left_and_articles(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        profile = write_profile(portal, tmp_path)
        code, shown = _on_a_terminal("crawl", "--portal", profile, "--archive", tmp_path / "archive.db")
    assert code == 0, shown
    bars = re.findall(r" (\d+)/(\d+) \[\d+:\d+<[\d:?]+, [^\]]*?(?:, (\d+) articles)?\]", shown)
    done, total, articles = bars[-1]
    assert done == total
    assert int(articles) >= 20
    assert all(int(one) <= int(of) for one, of, _ in bars)
