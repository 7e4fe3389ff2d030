"""Deadlines by what a process could work: not by what a machine that was busy or asleep took from it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crawler.side_process.lateness import Lateness, Stopwatch, cpu_seconds

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has proc(5)")


@contextmanager
def running(code: str) -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", f"print(flush=True)\n{code}"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


def seconds_until_late(lateness: Lateness) -> float:
    began = time.monotonic()
    while not lateness.is_late():
        time.sleep(0.05)
        assert time.monotonic() - began < 60
    return time.monotonic() - began


@linux
def test_a_process_that_works_is_late_after_its_cpu_time() -> None:
    with running("while True: pass") as pid:
        lateness = Lateness(pid, 1)
        lateness.is_late()
        before = cpu_seconds(pid)
        seconds_until_late(lateness)
        used = cpu_seconds(pid)
    assert before is not None
    assert used is not None
    assert used - before >= 0.9


@linux
def test_a_process_that_could_not_work_has_longer() -> None:
    with running("while True: pass") as pid:
        os.kill(pid, signal.SIGSTOP)
        assert seconds_until_late(Lateness(pid, 0.2)) >= 2


def test_a_process_of_which_nothing_is_told_is_late_by_the_clock() -> None:
    with running("pass") as pid:
        pass
    assert cpu_seconds(pid) is None
    assert seconds_until_late(Lateness(pid, 0.2, hang_seconds=60)) < 30


def test_a_pause_counts_as_one_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    watch = Stopwatch(most_gap_seconds=2)
    now[0] += 1
    assert watch.look() == 1
    now[0] += 3600
    assert watch.look() == 3
    now[0] += 0.5
    assert watch.look() == 3.5
