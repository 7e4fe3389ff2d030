"""Our commands as child processes. A stop ends them within seconds, a watchdog when they hang."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crawler import settings

logger = logging.getLogger(__name__)

# How long a child that is asked to stop may take to end its exchanges and close its files, in seconds. Then it is
# killed, which an archive survives.
GRACE_SECONDS = 20.0

# The signals that ask for a stop.
_STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})

# The reason if a child was ended for a stop.
STOP_ASKED = "asked to stop"


class Stop:
    """A request to stop, which wakes every thread that waits."""

    def __init__(self) -> None:
        self.is_asked = False
        self._waiting: list[threading.Event] = []
        self._parts: list[Stop] = []

    def ask(self) -> None:
        """Ask all threads to stop."""
        self.is_asked = True
        for event in list(self._waiting):
            event.set()
        for part in list(self._parts):
            part.ask()

    @contextlib.contextmanager
    def part(self) -> "Iterator[Stop]":
        """Return a stop for a part of the work, which this one asks too."""
        part = Stop()
        self._parts.append(part)
        if self.is_asked:
            part.ask()
        try:
            yield part
        finally:
            self._parts.remove(part)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[threading.Event]:
        """Return an event that is set when the stop is asked; other code may set it too, to wake the waiting thread."""
        event = threading.Event()
        self._waiting.append(event)
        if self.is_asked:
            event.set()
        try:
            yield event
        finally:
            self._waiting.remove(event)


def stop_on_signals(stop: Stop) -> None:
    """Let SIGTERM and SIGINT ask for a stop, at once.

    The interpreter writes each signal into a socket, and a thread reads them there. A handler alone is not enough: it
    runs in the main thread, which does not notice a signal that comes just before its wait begins, or that the system
    gave to another thread, before that wait ends.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    for number in _STOPPING:
        signal.signal(number, lambda *_: None)
    reading = {"heard": heard, "told": told}
    threading.Thread(target=_ask_when_heard, args=(stop,), kwargs=reading, name="signals", daemon=True).start()


def _ask_when_heard(stop: Stop, *, heard: socket.socket, told: socket.socket) -> None:
    """Ask for a stop at each of our signals, as long as the writing end `told` is open."""
    while told.fileno() >= 0 and (numbers := heard.recv(64)):
        if not _STOPPING.isdisjoint(numbers):
            stop.ask()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code (negative: the signal), and the reason if we ended it, else None."""

    code: int
    ended_for: str | None


def run_child(
    arguments: Sequence[str], stop: Stop, *, look: Callable[[], str | None], look_seconds: float,
    inherited: Sequence[int] = (),
) -> Ended:  # fmt: skip
    """Run one of our commands to its end.

    Args:
        arguments: of `python -m crawler`.
        stop: ends the child when it is asked.
        look: called every `look_seconds`; a sentence from it ends the child.
        look_seconds: the longest time between two calls.
        inherited: files that the child keeps open, by number.

    Raises:
        OSError: if it cannot be started.
    """
    # It outlives a killed scheduler: a crawl then settles its night. In a new session: Ctrl-C on a terminal must reach
    # it once, from us.
    command = [sys.executable, "-m", "crawler", *arguments]
    child = subprocess.Popen(  # noqa: S603 - ours
        command, env=settings.child_environment(), stdin=subprocess.DEVNULL, start_new_session=True,
        pass_fds=tuple(inherited),
    )  # fmt: skip
    why = None
    with stop.waiting() as event:
        threading.Thread(target=_wait_and_wake, args=(child, event), daemon=True).start()
        while child.poll() is None and why is None:
            event.wait(look_seconds)
            if child.poll() is None:
                why = STOP_ASKED if stop.is_asked else look()
    return Ended(end_child(child) if why is not None else child.wait(), why)


def end_child(child: "subprocess.Popen[bytes]") -> int:
    """Ask a child to end, and kill it with its children if it does not; give its exit code."""
    child.terminate()
    try:
        return child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        logger.error("a child did not end within %.0f s of being asked to, and is killed", GRACE_SECONDS)  # noqa: TRY400 - the trace would say nothing more
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        return child.wait()


def _wait_and_wake(child: "subprocess.Popen[bytes]", event: threading.Event) -> None:
    child.wait()
    event.set()
