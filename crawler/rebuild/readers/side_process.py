"""Read captures in a child process. A page that crashes it or takes far too long cannot stop this process."""

import os
import pickle
import select
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from crawler import side_process
from crawler.rebuild.readers.reading import Pending, Question, Reading
from crawler.side_process.lateness import LOOK_SECONDS, Lateness

# The same as for a page of a crawl.
DEADLINE_SECONDS = 30.0
_START_SECONDS = 60.0
_PART_BYTES = 1024 * 1024

_read_reply = msgspec.json.Decoder(Reading).decode


class SideReader:
    """Reads in a child process, which the first question starts. A page that it cannot read gives an error."""

    def __init__(self, folder: Path, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Read the WARC files of `folder`. One question may take up to `deadline_seconds` (`Lateness`)."""
        self._folder = folder
        self._deadline_seconds = deadline_seconds
        self._running: tuple[subprocess.Popen[bytes], socket.socket] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._end()

    def ask(self, question: Question) -> Pending:
        """Remember to read."""
        return _Unasked(self, question)

    def read(self, question: Question) -> Reading:
        """Read, and wait for it."""
        message = side_process.frame(pickle.dumps(question))
        try:
            ours = self._start()
            ours.sendall(message)
            reply = self._receive(ours, seconds=self._deadline_seconds)
        except TimeoutError:
            self._end()
            return Reading(error=f"the reader was not done with it in {self._deadline_seconds:g} s")
        except OSError as error:
            self._end()
            return Reading(error=f"the reader could not be asked: {error.strerror or error}")
        if reply is None:
            self._end()
            return Reading(error="the reader died of it")
        return _read_reply(reply)

    def _start(self) -> socket.socket:
        if self._running is None:
            self._running = side_process.start(
                "crawler.rebuild.readers", str(self._folder), str(os.getpid()), own_group=True
            )
            # Wait until the process is ready, so that its start does not count as time of the question.
            self._receive(self._running[1], seconds=_START_SECONDS)
        return self._running[1]

    def _receive(self, ours: socket.socket, *, seconds: float) -> bytes | None:
        """Receive a message. None if the process died.

        Raises:
            TimeoutError: if the process took longer than `seconds`.
        """
        assert self._running is not None
        lateness = Lateness(self._running[0].pid, seconds)
        frame = bytearray()
        while len(frame) < side_process.LENGTH_BYTES + side_process.length_in(frame):
            if not select.select([ours], [], [], LOOK_SECONDS)[0]:
                if lateness.is_late():
                    raise TimeoutError
            elif part := ours.recv(_PART_BYTES):
                frame += part
            else:
                return None
        return bytes(frame[side_process.LENGTH_BYTES :])

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running[1].close()
            with suppress(ProcessLookupError):
                side_process.end_group(running[0])


@dataclass(frozen=True, slots=True)
class _Unasked:
    asker: SideReader
    question: Question

    def result(self) -> Reading:
        return self.asker.read(self.question)
