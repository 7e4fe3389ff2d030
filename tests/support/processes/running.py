"""Processes that a test watches, by their ids."""

import time
from contextlib import suppress
from pathlib import Path

# An idle machine needs under two, also where a thread looks for the end of its parent each second.
GONE_SECONDS = 10.0


def is_running(pid: int) -> bool:
    """Whether a process runs. One that ended and was not reaped does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def wait_until_gone(*pids: int) -> None:
    """Wait until none of the processes runs. Fail after GONE_SECONDS."""
    until = time.monotonic() + GONE_SECONDS
    while running := [pid for pid in pids if is_running(pid)]:
        assert time.monotonic() < until, f"still there: {running}"
        time.sleep(0.01)
