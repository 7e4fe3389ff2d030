"""The exit codes of every command, and which outcome of a run has which (contract)."""

import os
import signal
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end says."""

    OK = 0
    FAILED = 1
    WRONG_USE = 2
    INCOMPLETE = 3
    SUSPECT = 4
    LOCKED = 5
    INTERRUPTED = 130


# A row that still says `running` after its run is one that could not be closed.
EXIT_CODES = {
    "complete": ExitCode.OK,
    "partial": ExitCode.INCOMPLETE,
    "suspect": ExitCode.SUSPECT,
    "failed": ExitCode.FAILED,
    "interrupted": ExitCode.INTERRUPTED,
    "running": ExitCode.FAILED,
}


def end_on_signals(code: ExitCode) -> None:
    """Just end, with this code, on SIGTERM and SIGINT.

    For commands that listen themselves, until they do, which takes a second of imports: nothing is under way yet.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(code))
