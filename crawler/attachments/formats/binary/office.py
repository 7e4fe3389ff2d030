"""Read the texts of binary Office files (before 2007): Word with programs of Debian, the others by their records."""

from collections.abc import Collection, Sequence
from pathlib import Path

import olefile
import xlrd

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.binary.sheets import BadSheetsError, LockedSheetsError, read_sheets
from crawler.attachments.formats.binary.slides import BadSlidesError, LockedSlidesError, read_slides
from crawler.attachments.formats.pages import decode_pages, join_pages
from crawler.attachments.formats.system_tools import WORD_READERS, ToolError, run_tool

_SECONDS = 30.0
_COMMANDS = {"antiword": ("antiword", "-m", "UTF-8.txt", "-w", "0"), "catdoc": ("catdoc", "-d", "utf-8", "-w")}


def read_xls(data: bytes) -> TextReading:
    """Read a binary Excel workbook: the name and cells of each sheet, text boxes, notes, titles of charts."""
    tool = f"xlrd {xlrd.__version__}"
    try:
        book = read_sheets(data)
    except LockedSheetsError:
        return TextReading(reason="encrypted", tool=tool)
    except BadSheetsError as error:
        return TextReading(reason="broken", detail=f"not a readable workbook ({error})", tool=tool)
    joined = join_pages(decode_pages(book.pages))
    pages = len(book.pages)
    if not joined.text:
        return TextReading(reason="no-text", tool=tool, pages=pages, pages_read=pages)
    return TextReading(
        joined.text, "xls", detail=name_hidden(book.hidden), tool=tool, pages=pages, pages_read=pages,
        is_cut=joined.is_cut, page_starts=joined.starts,
    )  # fmt: skip


def read_ppt(data: bytes) -> TextReading:
    """Read a binary PowerPoint presentation: each slide with its notes."""
    tool = f"olefile {olefile.__version__}"
    try:
        slides = read_slides(data)
    except LockedSlidesError:
        return TextReading(reason="encrypted", tool=tool)
    except BadSlidesError as error:
        return TextReading(reason="broken", detail=f"not a readable presentation ({error})", tool=tool)
    joined = join_pages(decode_pages(slides))
    if not joined.text:
        return TextReading(reason="no-text", tool=tool, pages=len(slides), pages_read=len(slides))
    return TextReading(
        joined.text, "ppt", tool=tool, pages=len(slides), pages_read=len(slides), is_cut=joined.is_cut,
        page_starts=joined.starts,
    )  # fmt: skip


def name_hidden(sheets: Sequence[str]) -> str | None:
    """Return the note that a workbook's sheets are hidden; None if none is."""
    return f"hidden sheets, read too: {', '.join(sheets)}" if sheets else None


def read_doc(path: Path, tools: Collection[str]) -> TextReading:
    """Read a binary Word document with the first program that gives text."""
    programs = [name for name in WORD_READERS if name in tools]
    if not programs:
        return TextReading(reason="no-tool", detail=f"{WORD_READERS[0]} is not installed", lacks=WORD_READERS[0])
    failed: str | None = None
    for program in programs:
        try:
            out = run_tool([*_COMMANDS[program], str(path)], seconds=_SECONDS).out
        except ToolError as error:
            failed = str(error)
            continue
        joined = join_pages(out.split("\f"))
        if joined.text:
            return TextReading(joined.text, "doc", tool=program, is_cut=joined.is_cut)
    reason = "broken" if failed else "no-text"
    return TextReading(reason=reason, detail=failed, tool=", ".join(programs))
