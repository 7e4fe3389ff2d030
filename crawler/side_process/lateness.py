"""Deadlines that count what a process could work, so that a machine that is busy, or slept, makes nothing late."""

import os
import time
from contextlib import suppress
from pathlib import Path

# How often a deadline is looked at, in seconds.
LOOK_SECONDS = 1.0


class Stopwatch:
    """Counts the seconds between looks at it. Of a gap, as a paused machine makes one, only so much counts."""

    def __init__(self, *, most_gap_seconds: float = 2 * LOOK_SECONDS) -> None:
        """Begin now. `most_gap_seconds` should be twice the time between two looks."""
        self._most_gap_seconds = most_gap_seconds
        self._looked = time.monotonic()
        self._counted = 0.0

    def look(self) -> float:
        """Return the seconds counted so far."""
        now = time.monotonic()
        self._counted += min(now - self._looked, self._most_gap_seconds)
        self._looked = now
        return self._counted


class Lateness:
    """Whether a process has had more time for one piece of work than it may take.

    Its CPU time counts, from the first look on. One that uses none may have got none, or hangs: it has ten times as
    long. Where the system does not tell the CPU time, the time between looks counts alone.
    """

    def __init__(self, pid: int, seconds: float, *, hang_seconds: float | None = None) -> None:
        """Begin now.

        Args:
            pid: the process.
            seconds: the CPU time that it may take.
            hang_seconds: the time that it may take without CPU time; default: ten times `seconds`.
        """
        self._pid = pid
        self._seconds = seconds
        self._hang_seconds = hang_seconds or 10 * seconds
        self._watch = Stopwatch()
        self._before: float | None = None

    def is_late(self) -> bool:
        """Look. To be called each `LOOK_SECONDS`."""
        counted, used = self._watch.look(), cpu_seconds(self._pid)
        if used is None:
            return counted >= self._seconds
        if self._before is None:
            self._before = used
        return used - self._before >= self._seconds or counted >= self._hang_seconds


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU time of a process in seconds, all threads, without its children (proc(5)). None if unknown."""
    with suppress(OSError, ValueError, IndexError):
        # The name of the program is in brackets, and may contain brackets.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return None
