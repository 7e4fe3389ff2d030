"""The process that reads files: one after another, in bounded memory. It ends when its parent ends."""

import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.drawing.pages import DrawingEnd, DrawnPage, draw_pages
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.readers import read_document
from crawler.attachments.judgement import judge
from crawler.attachments.limits import READER_MEMORY_BYTES
from crawler.attachments.reader import READY, SCANNING
from crawler.side_process.parent import end_with_parent

# Once a file has used this much, the process ends, and the next file gets a new process.
_WORN_KILOBYTES = 300_000
_STATUS = Path("/proc/self/status")


def work() -> None:
    """Read or draw the files named on standard input, one JSON object a line; write one answer a line.

    If a line `is_last`, the process ends after it.
    """
    # Output of libraries goes to standard error, so that it is not read as an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # A request for more raises MemoryError, in our code or in a library. Of data, not of address space: a large font or
    # model that is mapped from a file takes no memory that others need.
    resource.setrlimit(resource.RLIMIT_DATA, (READER_MEMORY_BYTES, READER_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    end_with_parent()
    # A service manager signals every process. The parent decides when this one ends.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    answers.write(READY)
    answers.flush()
    for line in sys.stdin.buffer:
        job = json.loads(line)
        # What is written for the programs goes with the reader's folder, even if this process is killed.
        tempfile.tempdir = str(Path(job["path"]).parent)
        answer: dict[str, object]
        if "into" in job:
            answer = {"drawing": asdict(draw_file(Path(job["path"]), job["name"], into=Path(job["into"])))}
        else:
            reading = read_text(Path(job["path"]), job["name"], tools=job["tools"], on_scan=_say_once(answers))
            answer = {"reading": asdict(reading)}
        is_worn = _held_kilobytes() > _WORN_KILOBYTES
        answer["is_last"] = is_worn
        answers.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        answers.flush()
        if is_worn:
            return


def _held_kilobytes() -> int:
    """Return the peak memory of this process.

    On Linux by /proc: there `getrusage` counts the parent's peak too, which survives exec. macOS says bytes.
    """
    with suppress(FileNotFoundError):
        return next(int(line.split()[1]) for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held // 1024 if sys.platform == "darwin" else held


def _say_once(answers: BinaryIO) -> Callable[[], None]:
    """Return a function whose first call reports to the parent that the file has scans, which may take longer."""
    said: list[bytes] = []

    def say() -> None:
        if not said:
            said.append(SCANNING)
            answers.write(SCANNING)
            answers.flush()

    return say


def draw_file(path: Path, name: str, *, into: Path) -> DrawingEnd:
    """Draw the pages of a file into a folder, each as a whole file. Every error becomes a `reason`."""

    def keep(page: DrawnPage) -> None:
        written = into / "page"
        written.write_bytes(page.data)
        # The parent may end this process at any time; what has its name is whole.
        written.rename(into / f"{page.page}-{page.width}-{page.height}.webp")

    try:
        return draw_pages(path.read_bytes(), name, keep=keep)
    except MemoryError:
        return DrawingEnd(0, "out-of-memory")
    except Exception:
        return DrawingEnd(0, "broken")


def read_text(
    path: Path, name: str, *, tools: Collection[str], on_scan: Callable[[], None] | None = None
) -> TextReading:
    """Read the text of a file and judge it. Every error becomes a `reason`.

    Args:
        path: the file.
        name: its name on the page.
        tools: programs that may be used (`system_tools.find_tools`).
        on_scan: called before each page that is recognised.
    """
    try:
        recogniser = Recogniser(tools, on_scan=on_scan)
        return judge(read_document(path.read_bytes(), name, recogniser=recogniser, path=path))
    except MemoryError:
        return TextReading(reason="out-of-memory")
    except RecursionError:
        return TextReading(reason="broken", detail="nested too deeply")
    except Exception as error:
        return TextReading(reason="broken", detail=type(error).__name__)
