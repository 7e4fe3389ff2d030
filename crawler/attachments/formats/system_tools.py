"""Programs of the system that read what no library of ours reads, where they are installed."""

import re
import shutil
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

OCR, OCR_LANGUAGE = "tesseract", "vie"
# antiword falls over documents now and then, not even always over the same; it reads some that catdoc does not.
WORD_READERS = ("catdoc", "antiword")
SHEET_READER, SLIDE_READER = "xls2csv", "catppt"
_ASK_SECONDS = 20.0


class ToolError(Exception):
    """Raised when a program of the system fails on a file, by `run_tool`."""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """What a program wrote, decoded as UTF-8."""

    out: str


def find_tools() -> frozenset[str]:
    """Name the programs that are installed and usable."""
    names = {name for name in (*WORD_READERS, SHEET_READER, SLIDE_READER) if shutil.which(name)}
    return frozenset(names | ({OCR} if _has_ocr() else set()))


def find_abilities(tools: Collection[str]) -> frozenset[str]:
    """Name what a file may lack (`TextReading.lacks`) and is there now: one Word reader stands for the other.

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
    """Name the OCR program with its version."""
    version = re.search(r"tesseract v?([0-9][0-9.]*)", _ask_ocr("--version"))
    return f"{OCR} {version[1]} {OCR_LANGUAGE}" if version else f"{OCR} {OCR_LANGUAGE}"


def _ask_ocr(option: str) -> str:
    """Give what the OCR program says of itself, on either stream: versions differ."""
    asked = subprocess.run(  # noqa: S603 - a fixed command
        [OCR, option], capture_output=True, text=True, timeout=_ASK_SECONDS, check=False
    )
    return asked.stdout + asked.stderr


def run_tool(command: Sequence[str], *, seconds: float, data: bytes | None = None) -> ToolRun:
    """Run a program on a file or on bytes given to its standard input.

    Raises:
        ToolError: if it fails, or takes longer than so many seconds.

    """
    # One thread: the cores are not ours alone, and more make the recognition of one page hardly faster.
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
