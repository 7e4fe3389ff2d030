"""Start the process that reads files when it is needed; end it when a file takes too long."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.limits import FILE_SECONDS, OCR_SECONDS, PAGE_SECONDS
from crawler.body import Body
from crawler.errors import TextReaderError

# Imports take a second on a slow disk.
_START_SECONDS = 60.0
# The first line that the process writes.
READY = b"ready\n"
# The line that it writes before its answer, if a file has scans.
SCANNING = b"scanning\n"
_POLL_SECONDS = 0.2
# Wait at most this long for the end of a process whose output has ended.
_EXIT_SECONDS = 10.0
_PIECE_BYTES = 1024 * 1024


class StoppedError(Exception):
    """Raised when a stop is requested while a file is read, by `TextReader.read`."""


class TextReader:
    """Reads files in a separate process; a context manager."""

    def __init__(self, tools: Collection[str], is_stopped: Callable[[], bool]) -> None:
        self._tools = sorted(tools)
        self._is_stopped = is_stopped
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="portal-archive-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._folder.cleanup()

    def read(self, data: bytes | Body, name: str, *, seconds: float | None = None) -> TextReading:
        """Read the text of a file. If the file kills the process or takes too long, the reading has that as its reason.

        Args:
            data: the file.
            name: its name on the page.
            seconds: the time limit; default: a minute, more if the file has scans.

        Raises:
            StoppedError: within a second after a stop is requested.
            TextReaderError: if the process cannot be started.
        """
        body = data if isinstance(data, Body) else Body(data)
        path = Path(self._folder.name) / "file"
        with path.open("wb") as file:
            file.writelines(body.chunks())
        allowed = seconds or FILE_SECONDS
        job = json.dumps({"path": str(path), "name": name, "tools": self._tools}).encode()
        process = self._find_process()
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(job + b"\n")
            process.stdin.flush()
        began = time.monotonic()
        answer = self._wait(process, began + allowed)
        if answer is not None and answer.startswith(SCANNING):
            # Only now is it known that the file has scans, which may lie in a document or archive.
            allowed = seconds or FILE_SECONDS + OCR_SECONDS + PAGE_SECONDS
            answer = answer.removeprefix(SCANNING) or self._wait(process, began + allowed)
        if answer is None:
            self._end()
            return TextReading(reason="timed-out", detail=f"longer than {allowed:.0f} s")
        if not answer:
            return self._report_death(process)
        said = json.loads(answer)
        if said["is_last"]:
            self._end()
        return msgspec.convert(said["reading"], TextReading)

    def _find_process(self) -> "subprocess.Popen[bytes]":
        """Return the running process. Start one if none runs, or if it died while idle."""
        if self._process is not None and self._process.poll() is not None:
            self._end()
        return self._process or self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        # A separate session: the programs it starts end with it, and Ctrl-C in a terminal reaches only us.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawler.attachments"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._wait(self._process, time.monotonic() + _START_SECONDS) != READY:
            self._end()
            raise TextReaderError("the process that reads attachments cannot be started; is the installation whole?")
        return self._process

    def _wait(self, process: "subprocess.Popen[bytes]", until: float) -> bytes | None:
        """Return the answer of the process: empty if it died, None if there is no answer in time."""
        assert process.stdout is not None
        pieces: list[bytes] = []
        while time.monotonic() < until:
            if self._is_stopped():
                self._end()
                raise StoppedError
            if not select.select([process.stdout], [], [], _POLL_SECONDS)[0]:
                continue
            piece = os.read(process.stdout.fileno(), _PIECE_BYTES)
            pieces.append(piece)
            if not piece:
                return b""
            if piece.endswith(b"\n"):
                return b"".join(pieces)
        return None

    def _report_death(self, process: "subprocess.Popen[bytes]") -> TextReading:
        with suppress(subprocess.TimeoutExpired):
            # The output of a process ends a moment before the process.
            process.wait(_EXIT_SECONDS)
        code = process.returncode
        self._end()
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return TextReading(reason="crashed", detail=f"the reader died of it: {how}")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
