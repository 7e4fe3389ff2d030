"""Ask the process to compare, while other parts of the archive are verified."""

import os
import socket
import subprocess
from pathlib import Path
from typing import BinaryIO, Self, cast

from crawler import side_process
from crawler.archive.fixity.side_process.comparison import ComparedTexts, decode
from crawler.side_process.cores import count_cores

# Below this, the start of a process takes longer than the comparison.
LEAST_BYTES = 8 * 1024 * 1024


class SideComparison:
    """The process that compares. `with` begins and ends it. Nothing begins for a small archive, or with one core."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._is_worthwhile = archive.stat().st_size >= LEAST_BYTES and count_cores() > 1
        self._running: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self._result: ComparedTexts | None = None

    def __enter__(self) -> Self:
        if self._is_worthwhile:
            try:
                self._running = side_process.start(
                    "crawler.archive.fixity.side_process",
                    str(self._archive.absolute()),
                    str(os.getpid()),
                    own_group=True,
                )
            except OSError:
                self._running = None  # this process compares by itself
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            self._running[1].close()
            side_process.end_group(self._running[0])

    def result(self) -> ComparedTexts:
        """Wait for the comparisons. Those that the process did not make, because it died or did not begin, are None."""
        if self._result is None:
            self._result = ComparedTexts()
            if self._running is not None:
                with cast(BinaryIO, self._running[1].makefile("rb")) as stream:
                    reply = side_process.receive(stream)
                self._result = decode(reply) if reply is not None else self._result
        return self._result
