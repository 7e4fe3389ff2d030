"""Start the process that reads and draws files when it is needed; end it when a file takes too long."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgspec

from crawler.archive.attachment_texts import TextReading
from crawler.archive.page_pictures.store import PagePicture
from crawler.attachments.limits import FILE_SECONDS, OCR_SECONDS, PAGE_SECONDS
from crawler.body import Body
from crawler.errors import TextReaderError
from crawler.side_process.lateness import Stopwatch

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


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawn pages of a file, the number of its pages, and why not all were drawn; None if all were."""

    pictures: tuple[PagePicture, ...]
    pages: int
    reason: str | None


def _read_picture(path: Path) -> PagePicture:
    page, width, height = map(int, path.stem.split("-"))
    return PagePicture(page, width, height, path.read_bytes())


class TextReader:
    """Reads files in a separate process; a context manager."""

    def __init__(self, tools: Collection[str], is_stopped: Callable[[], bool]) -> None:
        self._tools = sorted(tools)
        self._is_stopped = is_stopped
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = Stopwatch()
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
        allowed = seconds or FILE_SECONDS
        process, answer = self._ask(data, {"name": name, "tools": self._tools}, seconds=allowed)
        if answer is not None and answer.startswith(SCANNING):
            # Only now is it known that the file has scans, which may be in a document or archive.
            more = 0.0 if seconds else OCR_SECONDS + PAGE_SECONDS
            allowed += more
            answer = answer.removeprefix(SCANNING) or self._wait(process, self._watch, seconds=allowed)
        if answer is None:
            self._end()
            return TextReading(reason="timed-out", detail=f"longer than {allowed:.0f} s")
        if not answer:
            return self._report_death(process)
        return msgspec.convert(self._open(answer)["reading"], TextReading)

    def draw(self, data: bytes | Body, name: str, *, seconds: float = FILE_SECONDS) -> Drawing:
        """Draw the pages of a file. Those that were drawn before the process died or took too long are kept.

        Args:
            data: the file.
            name: its name on the page.
            seconds: the time limit.

        Raises:
            StoppedError: within a second after a stop is requested.
            TextReaderError: if the process cannot be started.
        """
        into = Path(self._folder.name) / "pages"
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        process, answer = self._ask(data, {"name": name, "into": str(into)}, seconds=seconds)
        said: dict[str, Any]
        if answer is None:
            self._end()
            said = {"pages": 0, "reason": "timed-out"}
        elif not answer:
            said = {"pages": 0, "reason": self._report_death(process).reason}
        else:
            said = self._open(answer)["drawing"]
        pictures = tuple(sorted(map(_read_picture, into.glob("*.webp")), key=lambda one: one.page))
        return Drawing(pictures, said["pages"] or len(pictures), said["reason"])

    def _ask(
        self, data: bytes | Body, job: dict[str, object], *, seconds: float
    ) -> tuple["subprocess.Popen[bytes]", bytes | None]:
        """Give a file to the process. Return the process and its answer (`_wait`)."""
        body = data if isinstance(data, Body) else Body(data)
        path = Path(self._folder.name) / "file"
        with path.open("wb") as file:
            file.writelines(body.chunks())
        process = self._find_process()
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps({"path": str(path), **job}).encode() + b"\n")
            process.stdin.flush()
        self._watch = Stopwatch()
        return process, self._wait(process, self._watch, seconds=seconds)

    def _open(self, answer: bytes) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(answer)
        if said["is_last"]:
            self._end()
        return said

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
        if self._wait(self._process, Stopwatch(), seconds=_START_SECONDS) != READY:
            self._end()
            raise TextReaderError("the process that reads attachments cannot be started; is the installation whole?")
        return self._process

    def _wait(self, process: "subprocess.Popen[bytes]", watch: Stopwatch, *, seconds: float) -> bytes | None:
        """Return the answer of the process: empty if it died, None if there is no answer in time."""
        assert process.stdout is not None
        pieces: list[bytes] = []
        while watch.look() < seconds:
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
