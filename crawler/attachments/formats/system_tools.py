"""Find and run programs of the system that read formats for which we use no library."""

import re
import shutil
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

OCR, OCR_LANGUAGE = "tesseract", "vie"
# antiword crashes on some documents, not every time on the same; it reads some that catdoc cannot read.
WORD_READERS = ("catdoc", "antiword")
SHEET_READER, SLIDE_READER = "xls2csv", "catppt"
_ASK_SECONDS = 20.0


class ToolError(Exception):
    """Raised when a program of the system fails on a file, by `run_tool`."""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """The output of a program, decoded as UTF-8."""

    out: str


def find_tools() -> frozenset[str]:
    """Return the programs that are installed and usable; Tesseract only with its Vietnamese model."""
    names = {name for name in (*WORD_READERS, SHEET_READER, SLIDE_READER) if shutil.which(name)}
    return frozenset(names | ({OCR} if _has_ocr() else set()))


def find_abilities(tools: Collection[str]) -> frozenset[str]:
    """Return all values of `TextReading.lacks` that are available now: either Word reader counts as both.

    >>> sorted(find_abilities({"antiword"}))
    ['antiword', 'catdoc']
    """
    return frozenset(tools) | (frozenset(WORD_READERS) if set(tools) & set(WORD_READERS) else frozenset())


@lru_cache(1)
def _has_ocr() -> bool:
    if shutil.which(OCR) is None:
        return False
    try:
        return OCR_LANGUAGE in _ask_ocr("--list-langs").split()
    except (OSError, subprocess.SubprocessError):
        return False


@lru_cache(8)
def name_ocr() -> str:
    """Return the name, version and language of the OCR program."""
    version = re.search(r"tesseract v?([0-9][0-9.]*)", _ask_ocr("--version"))
    return f"{OCR} {version[1]} {OCR_LANGUAGE}" if version else f"{OCR} {OCR_LANGUAGE}"


def _ask_ocr(option: str) -> str:
    """Run the OCR program with an option. Return both output streams: versions differ in which they use."""
    done = subprocess.run(  # noqa: S603 - a fixed command
        [OCR, option], capture_output=True, text=True, timeout=_ASK_SECONDS, check=False
    )
    return done.stdout + done.stderr


def run_tool(command: Sequence[str], *, seconds: float, data: bytes | None = None) -> ToolRun:
    """Run a program on a file, or on `data` as its standard input.

    Raises:
        ToolError: if it fails, or takes longer than `seconds`.
    """
    # One thread: other programs need the cores, and more threads hardly speed up one page.
    line = ["env", "OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8", *command]
    try:
        done = subprocess.run(line, input=data or b"", capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{command[0]} took longer than {seconds:.0f} s") from error
    except OSError as error:
        raise ToolError(f"{command[0]} could not be run: {error.strerror}") from error
    if done.returncode != 0:
        raise ToolError(f"{command[0]} ended with {done.returncode}")
    return ToolRun(done.stdout.decode("utf-8", "replace"))
