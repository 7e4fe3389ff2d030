"""A file may kill the process that reads it, or take too long; the next file is read."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from crawler.attachments import reader as reader_module
from crawler.attachments.limits import READER_MEMORY_BYTES
from crawler.attachments.reader import StoppedError, TextReader
from crawler.errors import TextReaderError
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.processes.memory import tree_of
from tests.support.processes.running import wait_until_gone

PDF = write_pdf(("Số: 1/QĐ-UBND",))


def never() -> bool:
    return False


def test_files_are_read_one_after_another_in_one_process() -> None:
    with TextReader((), never) as reader:
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"
        assert reader.read(write_docx(("hai",)), "b.docx").text == "hai"
        assert reader.read(b"MZ", "c.exe").reason == "unknown-kind"


# No known PDF kills the reader; this program stands in for one that does.
KILLER = "import os, sys; sys.stdout.buffer.write(b'ready\\n'); sys.stdout.flush(); sys.stdin.readline(); {}"


def make_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str) -> None:
    """Make the reader start a program that does this with its first file."""
    program = tmp_path / "program"
    program.write_text(f"#!/usr/bin/env python3\n{KILLER.format(does)}\n")
    program.chmod(0o755)
    monkeypatch.setattr(reader_module.sys, "executable", str(program))


def make_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: str) -> None:
    """Make the reader start the real process, which runs `first` before."""
    program = tmp_path / "program"
    program.write_text(
        "#!/usr/bin/env python3\nimport sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        f"sys.path[1:1] = {[path for path in sys.path if 'site-packages' in path]!r}\n"
        "from crawler.attachments import worker\nfrom crawler.attachments.formats import readers\n"
        f"{first}\nworker.work()\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(reader_module.sys, "executable", str(program))


def test_a_file_that_kills_the_process_gives_a_reason_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with TextReader((), never) as reader:
        with monkeypatch.context() as patched:
            make_process(patched, tmp_path, "os.kill(os.getpid(), 11)")
            reading = reader.read(PDF, "a.pdf")
        assert (reading.reason, reading.detail) == ("crashed", "the reader died of it: signal 11")
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"


def test_a_process_that_died_idle_is_replaced_without_a_failed_file() -> None:
    with TextReader((), never) as reader:
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"
        process = reader._process
        assert process is not None
        process.kill()
        process.wait()
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"


def test_a_process_with_much_memory_is_replaced_without_a_failed_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held = "len(b'x' * (400 * 1024**2))"
    reading = f"worker.TextReading(method='docx', text='lớn', pages={held})"
    make_worker(monkeypatch, tmp_path, f"readers._BY_BYTES['docx'] = lambda data: {reading}")
    with TextReader((), never) as reader:
        assert reader.read(write_docx(("hai",)), "b.docx").text == "lớn"
        assert reader._process is None, "it was to end"
        for _ in range(3):
            assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"


HEAVY = """
import sys
sys.path.insert(0, {root!r})
from crawler.attachments.reader import TextReader
held = b"x" * (900 * 1024**2)
del held
with TextReader((), lambda: False) as reader:
    for number in (1, 2):
        print(reader.read(b"tin", "a.txt").text, reader._process is not None)
"""


def test_memory_of_the_parent_does_not_end_the_process() -> None:
    script = HEAVY.format(root=str(Path(__file__).parents[2]))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["tin True", "tin True"]


def test_a_file_that_takes_too_long_gives_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with TextReader((), never) as reader:
        with monkeypatch.context() as patched:
            make_process(patched, tmp_path, "sys.stdin.read()")
            reading = reader.read(PDF, "a.pdf", seconds=0.3)
        assert reading.reason == "timed-out"
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"


def test_a_stop_ends_the_reading_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_process(monkeypatch, tmp_path, "sys.stdin.read()")
    began = time.monotonic()
    with TextReader((), lambda: time.monotonic() - began > 0.3) as reader, pytest.raises(StoppedError):
        reader.read(PDF, "a.pdf")
    assert time.monotonic() - began < 5


def test_a_process_that_cannot_start_raises_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(reader_module.sys, "executable", str(program))
    with TextReader((), never) as reader, pytest.raises(TextReaderError, match="installation"):
        reader.read(PDF, "a.pdf")


def test_a_file_that_needs_too_much_memory_gives_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_worker(monkeypatch, tmp_path, f"readers._BY_BYTES['docx'] = lambda data: bytes({READER_MEMORY_BYTES})")
    with TextReader((), never) as reader:
        assert reader.read(write_docx(("hai",)), "b.docx").reason == "out-of-memory"
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"


def test_signals_to_every_process_fail_no_file() -> None:
    with TextReader((), never) as reader:
        assert reader.read(PDF, "a.pdf").text
        process = reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGTERM)
        assert reader.read(PDF, "a.pdf").text == "Số: 1/QĐ-UBND"
        assert reader._process is process


BUSY = """
import sys
sys.path.insert(0, {root!r})
from crawler.attachments.reader import StoppedError, TextReader
with TextReader(("tesseract",), lambda: bool(sys.argv[2:]) and {note!r}.is_file()) as reader:
    try:
        reader.read(open(sys.argv[1], "rb").read(), "a.png")
    except StoppedError:
        print("stopped", flush=True)
"""


def start_busy_reader(tmp_path: Path, *more: str) -> "tuple[subprocess.Popen[str], Path]":
    """Let a reader read a picture with a program that starts another, whose id is noted, and never ends."""
    note, tool, picture = tmp_path / "note", tmp_path / "tesseract", tmp_path / "a.png"
    tool.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {note}.new\nmv {note}.new {note}\nsleep 300\n")
    tool.chmod(0o755)
    Image.new("L", (8, 8)).save(picture)
    script = "from pathlib import Path, PosixPath\n" + BUSY.format(root=str(Path(__file__).parents[2]), note=note)
    command = [sys.executable, "-c", script, str(picture), *more]
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PATH": path})
    while not note.exists():
        assert process.poll() is None
        os.sched_yield()
    return process, note


def test_nothing_outlives_a_reader_that_is_killed_while_a_program_runs(tmp_path: Path) -> None:
    process, note = start_busy_reader(tmp_path)
    pids = tree_of(process.pid)
    assert int(note.read_text()) in pids
    process.kill()
    process.communicate()
    wait_until_gone(*pids)


def test_nothing_outlives_a_reading_that_is_stopped_while_a_program_runs(tmp_path: Path) -> None:
    process, note = start_busy_reader(tmp_path, "stop")
    assert process.communicate()[0] == "stopped\n"
    wait_until_gone(int(note.read_text()))
