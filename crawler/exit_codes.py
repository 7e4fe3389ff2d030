"""The exit codes of every command, and which outcome of a run has which (contract)."""

import os
import signal
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.items import Outcome


class ExitCode(IntEnum):
    """The exit code of a command."""

    OK = 0
    FAILED = 1
    WRONG_USE = 2
    INCOMPLETE = 3
    SUSPECT = 4
    LOCKED = 5
    INTERRUPTED = 130


# The profile leads to a site that is not a portal of its CMS.
_WRONG_PORTALS = ("another-cms", "no-portal")


def exit_code_of(outcome: "Outcome", reason_kind: str | None = None) -> ExitCode:
    """Return the exit code of an outcome. A row still `running` when its run is over could not be closed: FAILED.

    Args:
        outcome: of the run.
        reason_kind: the kind of its first reason. A run that failed because there is no such portal is a wrong use.
    """
    # Imported here: every command imports this module at its start.
    from crawler.items import Outcome

    if outcome == Outcome.FAILED and reason_kind in _WRONG_PORTALS:
        return ExitCode.WRONG_USE
    return {
        Outcome.COMPLETE: ExitCode.OK,
        Outcome.PARTIAL: ExitCode.INCOMPLETE,
        Outcome.SUSPECT: ExitCode.SUSPECT,
        Outcome.FAILED: ExitCode.FAILED,
        Outcome.INTERRUPTED: ExitCode.INTERRUPTED,
        Outcome.RUNNING: ExitCode.FAILED,
    }[outcome]


def end_on_signals(code: ExitCode) -> None:
    """End at once, with this code, on SIGTERM and SIGINT.

    For commands that handle signals themselves. Their imports take a second, and nothing needs an orderly end yet.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(code))
