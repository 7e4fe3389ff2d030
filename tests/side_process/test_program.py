"""A program of the system ends within its bounds, and nothing that it started outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler.side_process.program import ProgramError, run_program
from tests.support.processes.running import wait_until_gone

MEMORY = 256 * 1024**2
OUTPUT = 1024**2


def run(*command: str, seconds: float = 20, data: bytes = b"") -> bytes:
    return run_program(
        command, seconds=seconds, memory_bytes=MEMORY, output_bytes=OUTPUT, data=data, variables={"WORD": "chữ"}
    )


def make_parent_of_sleeper(tmp_path: Path, *, then: str) -> tuple[str, Path]:
    """Write a program that starts another one, which ignores signals, and notes its id in a file."""
    program, note = tmp_path / "program", tmp_path / "note"
    program.write_text(
        f"#!/bin/sh\n(trap '' TERM INT HUP; exec sleep 300) &\necho $! > {note}.new\nmv {note}.new {note}\n{then}\n"
    )
    program.chmod(0o755)
    return str(program), note


def test_a_program_gets_its_input_and_environment_and_gives_its_output() -> None:
    assert run("sh", "-c", 'cat; printf "$WORD"', data=b"tin ") == "tin chữ".encode()


def test_a_program_that_takes_too_long_ends_with_its_children(tmp_path: Path) -> None:
    program, note = make_parent_of_sleeper(tmp_path, then="sleep 300")
    with pytest.raises(ProgramError, match="took longer than 1 s"):
        run(program, seconds=1)
    wait_until_gone(int(note.read_text()))


def test_what_a_program_leaves_behind_is_ended_and_its_output_is_not_waited_for(tmp_path: Path) -> None:
    program, note = make_parent_of_sleeper(tmp_path, then="echo xong")
    began = time.monotonic()
    assert run(program) == b"xong\n"
    assert time.monotonic() - began < 10
    wait_until_gone(int(note.read_text()))


@pytest.mark.parametrize(
    ("command", "match"),
    [
        (("sh", "-c", "exit 3"), "sh ended with 3"),
        (("sh", "-c", "kill -SEGV $$"), "sh ended with -11"),
        (("no-such-program",), "no-such-program could not be run"),
        (("sh", "-c", "head -c 9000000 /dev/zero"), "sh ended with"),
        ((sys.executable, "-c", "bytes(400 * 1024**2)"), "ended with 1"),
    ],
)
def test_a_program_that_fails_or_goes_beyond_a_bound_raises(command: tuple[str, ...], match: str) -> None:
    with pytest.raises(ProgramError, match=match):
        run(*command)


def test_a_program_ends_with_its_children_when_its_starter_is_killed(tmp_path: Path) -> None:
    program, note = make_parent_of_sleeper(tmp_path, then="sleep 300")
    script = (
        "from crawler.side_process.program import run_program\n"
        f"run_program([{program!r}], seconds=300, memory_bytes={MEMORY}, output_bytes={OUTPUT}, variables={{}})"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[2])
    while not note.exists():
        assert starter.poll() is None
        os.sched_yield()
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    wait_until_gone(int(note.read_text()))
