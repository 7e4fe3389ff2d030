"""Read the texts of binary Office files (before 2007) with programs of Debian: antiword, catdoc."""

from collections.abc import Collection
from pathlib import Path

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.pages import join_pages
from crawler.attachments.formats.system_tools import SHEET_READER, SLIDE_READER, WORD_READERS, ToolError, run_tool

_SECONDS = 30.0
_COMMANDS = {
    "antiword": ("antiword", "-m", "UTF-8.txt", "-w", "0"),
    "catdoc": ("catdoc", "-d", "utf-8", "-w"),
    SHEET_READER: (SHEET_READER, "-d", "utf-8", "-q", "0", "-c", " "),
    SLIDE_READER: (SLIDE_READER, "-d", "utf-8"),
}


def read_doc(path: Path, tools: Collection[str]) -> TextReading:
    """Read a binary Word document with the first program that gives text."""
    return _read(path, "doc", programs=[name for name in WORD_READERS if name in tools], lacks=WORD_READERS[0])


def read_xls(path: Path, tools: Collection[str]) -> TextReading:
    """Read a binary Excel workbook."""
    return _read(path, "xls", programs=[SHEET_READER] if SHEET_READER in tools else [], lacks=SHEET_READER)


def read_ppt(path: Path, tools: Collection[str]) -> TextReading:
    """Read a binary PowerPoint presentation."""
    return _read(path, "ppt", programs=[SLIDE_READER] if SLIDE_READER in tools else [], lacks=SLIDE_READER)


def _read(path: Path, method: str, *, programs: list[str], lacks: str) -> TextReading:
    if not programs:
        return TextReading(reason="no-tool", detail=f"{lacks} is not installed", lacks=lacks)
    failed: str | None = None
    for program in programs:
        try:
            out = run_tool([*_COMMANDS[program], str(path)], seconds=_SECONDS).out
        except ToolError as error:
            failed = str(error)
            continue
        joined = join_pages(out.split("\f"))
        if joined.text:
            return TextReading(joined.text, method, tool=program, is_cut=joined.is_cut)
    reason = "broken" if failed else "no-text"
    return TextReading(reason=reason, detail=failed, tool=", ".join(programs))
