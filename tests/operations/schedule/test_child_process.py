"""Children: run to their end, ended when asked or when they hang, killed when they do not listen."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crawler.operations.schedule import child_process as room
from crawler.operations.schedule.child_process import STOP_ASKED, Ended, Stop, end_child, run_child
from tests.support.build import make_archive

DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"])
print("ready", flush=True)
time.sleep(600)
"""

POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
time.sleep(600)
"""


def never() -> str | None:
    return None


def test_a_child_that_ends_by_itself_gives_its_code_at_once() -> None:
    began = time.monotonic()
    assert run_child(["--version"], Stop(), look=never, look_seconds=60) == Ended(0, None)
    assert run_child(["no-such-command"], Stop(), look=never, look_seconds=60) == Ended(2, None)
    assert time.monotonic() - began < 30


def serve(folder: Path) -> list[str]:
    """Give the arguments of a command that runs until it is ended."""
    return ["serve", "--port", "0", "--archive", str(make_archive(folder))]


def test_a_stop_ends_the_child_and_says_so(tmp_path: Path) -> None:
    stop = Stop()
    threading.Timer(0.2, stop.ask).start()
    assert run_child(serve(tmp_path), stop, look=never, look_seconds=60).ended_for == STOP_ASKED


def test_a_sentence_ends_the_child_for_it(tmp_path: Path) -> None:
    said = iter([None, "too long"])
    ended = run_child(serve(tmp_path), Stop(), look=lambda: next(said), look_seconds=0.1)
    assert ended.ended_for == "too long"


def test_a_child_that_does_not_listen_is_killed_with_its_own_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GRACE_SECONDS", 0.2)
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    with process.stdout as out:
        assert {out.readline(), out.readline()} == {b"here\n", b"ready\n"}
        assert end_child(process) == -signal.SIGKILL
        assert out.read() == b""  # the last one that held the pipe is gone


def test_a_stopped_process_is_killed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GRACE_SECONDS", 0.2)
    process = subprocess.Popen([sys.executable, "-c", POLITE], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    with process.stdout as out:
        assert out.readline() == b"ready\n"
        os.kill(process.pid, signal.SIGSTOP)
        assert end_child(process) == -signal.SIGKILL


def test_a_stop_wakes_all_who_wait_and_those_who_come_later() -> None:
    stop = Stop()
    with stop.waiting() as first, stop.waiting() as second:
        assert not first.is_set()
        stop.ask()
        assert first.is_set()
        assert second.is_set()
    with stop.waiting() as late:
        assert late.is_set()


HEARS = """
import signal, threading
from crawler.operations.schedule.child_process import Stop, stop_on_signals
stop = Stop()
stop_on_signals(stop)
with stop.waiting() as event:
    threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), {number})).start()
    print(event.wait(30))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_the_waiting_thread_does_not_get_is_heard_too(number: signal.Signals) -> None:
    began = time.monotonic()
    command = [sys.executable, "-c", HEARS.format(number=int(number))]
    assert subprocess.run(command, capture_output=True, check=True, timeout=60).stdout == b"True\n"
    assert time.monotonic() - began < 20
