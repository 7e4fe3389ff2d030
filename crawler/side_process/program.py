"""Run a program of the system on bytes of strangers: bounded in time, memory and output, with all that it starts."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from crawler.side_process import guard
from crawler.side_process.lateness import LOOK_SECONDS, Stopwatch

_GUARD = Path(guard.__file__)
# How long the guard may take to kill and to report.
_END_SECONDS = 10.0


class ProgramError(Exception):
    """Raised when a program cannot be run, fails, or goes beyond a bound, by `run_program`."""


def run_program(
    command: Sequence[str], *, seconds: float, memory_bytes: int, output_bytes: int, data: bytes = b"",
    variables: Mapping[str, str],
) -> bytes:  # fmt: skip
    """Run a program to its end. Return what it wrote to its standard output.

    It ends, with every process that it started, after `seconds`, and also if this process is killed meanwhile.

    Args:
        command: the program and its arguments.
        seconds: the time limit; what the machine was paused for does not count.
        memory_bytes: for each of its processes (RLIMIT_DATA; macOS does not hold it).
        output_bytes: the largest output, and the largest file that it may write.
        data: its standard input.
        variables: set in its environment.

    Raises:
        ProgramError: if it cannot be run, ends with another status than 0, or takes longer.
    """
    watched, held = os.pipe()
    # Isolated and without site packages: it starts in a few milliseconds.
    line = [sys.executable, "-I", "-S", str(_GUARD), str(watched), str(memory_bytes), str(output_bytes)]
    line += ["env", *(f"{name}={value}" for name, value in variables.items()), *command]
    # Files, not pipes: what a program left running could hold a pipe open, and no output is held in memory.
    with TemporaryFile() as given, TemporaryFile() as out:
        given.write(data)
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is the caller's
                line, stdin=given, stdout=out, stderr=subprocess.DEVNULL, pass_fds=(watched,), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            os.close(held)
            raise ProgramError(f"{command[0]} could not be run: {error.strerror}") from error
        finally:
            os.close(watched)
        try:
            code = _wait(process, seconds=seconds)
        finally:
            os.close(held)
            process.wait(_END_SECONDS)
        if code is None:
            raise ProgramError(f"{command[0]} took longer than {seconds:.0f} s")
        if code == guard.NOT_STARTED:
            raise ProgramError(f"{command[0]} could not be run")
        if code != 0:
            raise ProgramError(f"{command[0]} ended with {code}")
        out.seek(0)
        return out.read()


def _wait(process: "subprocess.Popen[bytes]", *, seconds: float) -> int | None:
    """Wait for the end of a process, and return its exit code. None if it takes longer."""
    watch = Stopwatch()
    while (left := seconds - watch.look()) > 0:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(min(left, LOOK_SECONDS))
    return None
