"""The process in which files are read: one after the other, with little memory, and gone with whoever started it."""

import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats import legacy_office as legacy
from crawler.attachments.formats import ocr, plain
from crawler.attachments.formats import office as package
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.layout import lay_out
from crawler.attachments.formats.pdf import read_pdf
from crawler.attachments.formats.system_tools import OCR, ToolError, name_ocr
from crawler.attachments.reader import READY

# Of address space: what a file makes us ask for beyond that is refused, by us or by the library.
MAX_MEMORY_BYTES = 2 * 1024**3
# Once a file has made it hold so much, the process ends, and the next file gets a new one.
_WORN_KILOBYTES = 700_000


def work() -> None:
    """Read the files named on standard input, one JSON object a line; write what came of each, one a line.

    Each line also says whether it `is_last`: the process ends then.
    """
    # Libraries that write what nobody asked for must not be taken for us.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    # A service manager tells every process to end; what is under way here ends with whoever asked for it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    # What whoever started us has held at most counts as ours: it outlives exec (Linux).
    held_before = _held_kilobytes()
    answers.write(READY)
    answers.flush()
    for line in sys.stdin.buffer:
        job = json.loads(line)
        reading = read_text(Path(job["path"]), job["name"], tools=job["tools"])
        is_worn = _held_kilobytes() > max(_WORN_KILOBYTES, held_before)
        answer = {"reading": asdict(reading), "is_last": is_worn}
        answers.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        answers.flush()
        if is_worn:
            return


def _held_kilobytes() -> int:
    """Give the most memory that this process has held, which macOS tells in bytes."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held // 1024 if sys.platform == "darwin" else held


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def read_text(path: Path, name: str, *, tools: Collection[str]) -> TextReading:
    """Read the text of a file; whatever goes wrong becomes a reason.

    Args:
        path: where it lies.
        name: by which it was offered.
        tools: programs that may be used (`tools.find_tools`).

    """
    try:
        return _read(path, name, tools=tools)
    except MemoryError:
        return TextReading(reason="out-of-memory")
    except RecursionError:
        return TextReading(reason="broken", detail="nested too deeply")
    except Exception as error:
        return TextReading(reason="broken", detail=type(error).__name__)


def _read(path: Path, name: str, *, tools: Collection[str]) -> TextReading:
    data = path.read_bytes()
    kind = find_kind(data, name)
    if kind in _BY_BYTES:
        return _BY_BYTES[kind](data)
    if kind in _BY_PROGRAM:
        return _BY_PROGRAM[kind](path, tools)
    if kind == "pdf":
        return read_pdf(data, tools)
    if kind == "picture":
        return _read_picture(data, Path(name).suffix, tools=tools)
    return TextReading(reason="encrypted" if kind == "locked" else "unknown-kind")


_BY_BYTES = {
    "docx": package.read_docx,
    "xlsx": package.read_xlsx,
    "pptx": package.read_pptx,
    "odf": package.read_odf,
    "rtf": plain.read_rtf,
    "plain": plain.read_plain,
}
_BY_PROGRAM = {"doc": legacy.read_doc, "xls": legacy.read_xls, "ppt": legacy.read_ppt}


def _read_picture(data: bytes, suffix: str, *, tools: Collection[str]) -> TextReading:
    """Read a picture of a document, which some offices attach in place of the document."""
    if OCR not in tools:
        return TextReading(reason="no-tool", detail=f"{OCR} is not installed", lacks=OCR)
    try:
        laid = lay_out(ocr.recognise(data, suffix if suffix.isascii() else "").split("\f"))
    except ToolError as error:
        return TextReading(reason="broken", detail=str(error), tool=name_ocr())
    if not laid.text:
        return TextReading(reason="no-text", tool=name_ocr(), pages=1, pages_read=1)
    return TextReading(laid.text, "ocr", is_ocr=True, tool=name_ocr(), pages=1, pages_read=1)
