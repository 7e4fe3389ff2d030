"""Commands of ours run as child processes, which a stop ends within seconds and a watchdog when they hang."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crawler import settings as own

logger = logging.getLogger(__name__)

# A child that is asked to stop has so long to end its exchanges and close its files, in seconds; then it is killed,
# which an archive survives.
GRACE_SECONDS = 20.0

# Why a child was ended, where it was for a stop.
STOP_ASKED = "asked to stop"


class Stop:
    """A wish to stop, which wakes whoever waits, in any thread."""

    def __init__(self) -> None:
        self.is_asked = False
        self._waiting: list[threading.Event] = []

    def ask(self) -> None:
        """Ask everybody to stop."""
        self.is_asked = True
        for event in list(self._waiting):
            event.set()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[threading.Event]:
        """Give an event that is set when the stop is asked; others may set it for the one who waits, too."""
        event = threading.Event()
        self._waiting.append(event)
        if self.is_asked:
            event.set()
        try:
            yield event
        finally:
            self._waiting.remove(event)


def stop_on_signals(stop: Stop) -> None:
    """Let SIGTERM and SIGINT ask for a stop."""

    def handle(_signal: int, _frame: object) -> None:
        # A handler must not wait: the thread it interrupts may hold the lock it needs.
        threading.Thread(target=stop.ask, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code (negative: the signal), and why it was ended if it was, else None."""

    code: int
    ended_for: str | None


def run_child(arguments: Sequence[str], stop: Stop, *, look: Callable[[], str | None], look_seconds: float) -> Ended:
    """Run one of our commands to its end.

    Args:
        arguments: of `python -m crawler`.
        stop: ends the child when it is asked.
        look: called every `look_seconds`; a sentence from it ends the child.
        look_seconds: at least so often, in seconds.

    Raises:
        OSError: if it cannot be started.

    """
    command = [sys.executable, "-m", "crawler", *arguments]
    # A session of its own: Ctrl-C on a terminal must reach the child once, from us.
    child = subprocess.Popen(  # noqa: S603 - ours
        command, env=own.child_environment(), stdin=subprocess.DEVNULL, start_new_session=True
    )
    why = None
    with stop.waiting() as event:
        threading.Thread(target=_wait_and_wake, args=(child, event), daemon=True).start()
        while child.poll() is None and why is None:
            event.wait(look_seconds)
            if child.poll() is None:
                why = STOP_ASKED if stop.is_asked else look()
    return Ended(end_child(child) if why is not None else child.wait(), why)


def end_child(child: "subprocess.Popen[bytes]") -> int:
    """Ask a child to end, kill it with its own children if it does not; give its exit code."""
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
