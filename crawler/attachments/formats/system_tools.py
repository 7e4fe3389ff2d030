"""Find and run programs of the system that read formats for which we use no library."""

import importlib
import logging
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.attachments.limits import TOOL_MEMORY_BYTES, TOOL_OUTPUT_BYTES
from crawler.side_process.program import ProgramError, run_program

OCR, OCR_LANGUAGE = "tesseract", "vie"
# antiword crashes on some documents, not every time on the same; it reads some that catdoc cannot read.
WORD_READERS = ("catdoc", "antiword")
# A second reader of pages whose letters seem wrong.
PDF_READER = "pdftotext"
# Reads what no other reader can. It needs a second to start.
SUITE = "soffice"
# The library that reads archives other than ZIP. Tesseract of Debian brings it.
ARCHIVES = "libarchive"
_ASK_SECONDS = 20.0
_NO_VARIABLES: Mapping[str, str] = {}


class ToolError(Exception):
    """Raised when a program of the system fails on a file, by `run_tool`."""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """The output of a program, decoded as UTF-8."""

    out: str


def find_tools() -> frozenset[str]:
    """Return the programs that are installed and usable; Tesseract only with its Vietnamese model."""
    names = {name for name in (*WORD_READERS, PDF_READER, SUITE) if shutil.which(name)}
    return frozenset(names | ({OCR} if _has_ocr() else set()) | ({ARCHIVES} if _has_archives() else set()))


def find_abilities(tools: Collection[str]) -> frozenset[str]:
    """Return all values of `TextReading.lacks` that are available now: either Word reader counts as both.

    >>> sorted(find_abilities({"antiword"}))
    ['antiword', 'catdoc']
    """
    return frozenset(tools) | (frozenset(WORD_READERS) if set(tools) & set(WORD_READERS) else frozenset())


@lru_cache(1)
def _has_archives() -> bool:
    # It says which functions this build of the library lacks; nobody can do anything about it.
    logging.getLogger(ARCHIVES).setLevel(logging.WARNING)
    # The binding loads the library; if there is none, it finds no functions in what it loads instead.
    try:
        importlib.import_module("libarchive")
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    return True


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


def run_tool(
    command: Sequence[str], *, seconds: float, data: bytes | None = None, memory_bytes: int = TOOL_MEMORY_BYTES,
    output_bytes: int = TOOL_OUTPUT_BYTES, variables: Mapping[str, str] = _NO_VARIABLES,
) -> ToolRun:  # fmt: skip
    """Run a program on a file, or on `data` as its standard input. What it started ends with it, at the latest.

    Args:
        command: the program and its arguments.
        seconds: the time limit.
        data: its standard input.
        memory_bytes: for each of its processes.
        output_bytes: the largest output, and the largest file that it may write.
        variables: of its environment, beside those of this process.

    Raises:
        ToolError: if it fails, takes longer than `seconds`, or needs more than it may have.
    """
    try:
        out = run_program(
            command, seconds=seconds, memory_bytes=memory_bytes, output_bytes=output_bytes, data=data or b"",
            # One thread: other programs need the cores, and more threads hardly speed up one page.
            variables={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8", **variables},
        )  # fmt: skip
    except ProgramError as error:
        raise ToolError(str(error)) from error
    return ToolRun(out.decode("utf-8", "replace"))
