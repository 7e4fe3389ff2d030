"""Read with LibreOffice what no reader of ours can read: as the OpenDocument file, or workbook, that it makes of it."""

import re
import time
import zipfile
from dataclasses import replace

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.archives.entries import Allowance
from crawler.attachments.formats.cells.shown import UNCOUNTED, UNFILLED
from crawler.attachments.formats.embedded import ReadWithin
from crawler.attachments.formats.kinds import Kind
from crawler.attachments.formats.markup.open_document import read_odf
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.workbook import read_xlsx
from crawler.attachments.formats.structure.foreign import Foreign, find_foreign
from crawler.attachments.formats.suite.counted import leave_out_counted
from crawler.attachments.formats.suite.program import convert
from crawler.attachments.formats.suite.volatile import Stored, leave_out_volatile
from crawler.attachments.formats.system_tools import SUITE, WORD_READERS, ToolError
from crawler.attachments.judgement import is_believable
from crawler.language.quality.text_quality import coverage

_LEAST_SECONDS = 5.0
_WORKBOOK = "xlsx"
# What LibreOffice makes of kinds that we read; its filter for texts, which are never read as what they are not.
_OURS: dict[Kind, Foreign] = {
    "doc": Foreign("Word", "odt", "MS Word 97"), "docx": Foreign("Word", "odt", "MS Word 2007 XML"),
    "wordml": Foreign("Word", "odt", "MS Word 2003 XML"), "rtf": Foreign("Rich Text", "odt", "Rich Text Format"),
    "xls": Foreign("Excel", "xlsx"), "xlsx": Foreign("Excel", "xlsx"), "xlsb": Foreign("Excel", "xlsx"),
    "sheetml": Foreign("Excel", "xlsx"), "ppt": Foreign("PowerPoint", "odp"), "pptx": Foreign("PowerPoint", "odp"),
}  # fmt: skip
# Another reader of the same cells may pass over some, such as those of hidden rows.
_LEAST_KEPT = 0.9
# A date by a format without a code of its own, which LibreOffice stores as another format.
_TWICE = re.compile(r"\S+ \((\d\d/\d\d/\d{4})\)")


def read_foreign(data: bytes, name: str, *, recogniser: Recogniser, left: Allowance, read: ReadWithin) -> TextReading:
    """Read a document that only LibreOffice reads.

    Args:
        data: its bytes.
        name: its name, whose suffix may show its kind.
        recogniser: for its scans; it names the programs that may be used.
        left: how long LibreOffice may still read of the attachment.
        read: reads a document that is set on a sheet, by its bytes and name.
    """
    foreign = find_foreign(data, name)
    if foreign is None:
        return TextReading(reason="unknown-kind")
    if SUITE not in recogniser.tools:
        return TextReading(
            reason="no-tool", detail=f"a document of {foreign.title}; {SUITE} is not installed", lacks=SUITE
        )
    try:
        return _read(data, foreign, recogniser=recogniser, left=left, read=read)[0]
    except ToolError as error:
        reason = "timed-out" if _seconds_left(left) < _LEAST_SECONDS else "broken"
        return TextReading(reason=reason, detail=f"a document of {foreign.title}; {error}", tool=SUITE)


def read_failed(
    reading: TextReading, data: bytes, *, kind: Kind, name: str, recogniser: Recogniser, left: Allowance,
    read: ReadWithin,
) -> TextReading:  # fmt: skip
    """Return the reading of a document, or that of LibreOffice if ours failed or the file holds no results of formulas.

    Pivot tables whose cells were never filled are without results, too.

    What is read of a damaged file is doubtful: there may have been more.

    Args:
        reading: that of our reader.
        data: the document.
        kind: its kind.
        name: its name.
        recogniser: as for `read_foreign`.
        left: as for `read_foreign`.
        read: as for `read_foreign`.
    """
    ours = _OURS.get(kind)
    has_note = any(note in (reading.detail or "") for note in (UNCOUNTED, UNFILLED))
    is_uncounted = has_note and "structure" in reading.doubts
    has_failed = reading.reason == "broken" or reading.lacks in WORD_READERS
    if ours is None or not (is_uncounted or has_failed):
        return reading
    if SUITE not in recogniser.tools:
        return replace(reading, lacks=reading.lacks or SUITE) if is_uncounted else reading
    foreign = (find_foreign(data, name) or ours) if has_failed else ours
    try:
        other, stored = _read(data, foreign, recogniser=recogniser, left=left, read=read)
    except ToolError:
        return reading
    if other.text is None:
        return reading
    if is_uncounted:
        return _take_counted(reading, other, stored=stored)
    if not is_believable(other.text):
        return reading
    why = "; ".join(filter(None, (f"read by {SUITE} alone", reading.detail, other.detail)))
    return replace(other, detail=why, doubts=tuple(dict.fromkeys((*other.doubts, "structure"))))


def _take_counted(reading: TextReading, read: TextReading, *, stored: Stored) -> TextReading:
    """Return the cells as LibreOffice counted them, if they have those that we read, and more."""
    assert reading.text is not None
    assert read.text is not None
    ours, counted = (_TWICE.sub(r"\1", text) for text in (reading.text, read.text))
    said = " ".join(word for word in ours.split() if word != "0")
    if coverage(said, counted) < _LEAST_KEPT or coverage(counted, ours) == 1:
        return reading
    details = (reading.detail, f"counted by {SUITE}, not stored in the file", *_note_left_out(stored))
    doubts = [doubt for doubt in reading.doubts if doubt != "structure"]
    doubts += ["structure"] if "structure" in read.doubts else []
    return replace(
        reading, text=read.text, tool=read.tool, detail="; ".join(filter(None, details)), doubts=tuple(doubts),
        is_cut=read.is_cut, pages=read.pages, pages_read=read.pages_read, page_starts=read.page_starts,
    )  # fmt: skip


def _read(
    data: bytes, foreign: Foreign, *, recogniser: Recogniser, left: Allowance, read: ReadWithin
) -> tuple[TextReading, Stored]:
    seconds = _seconds_left(left)
    if seconds < _LEAST_SECONDS:
        raise ToolError(f"no time is left for {SUITE}")
    is_workbook = foreign.target == _WORKBOOK
    leave_out = leave_out_counted if is_workbook else leave_out_volatile
    try:
        stored = leave_out(convert(data, foreign, seconds=seconds))
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise ToolError(f"what {SUITE} made of it cannot be read") from error
    other = read_xlsx(stored.data, recogniser, read=read) if is_workbook else read_odf(stored.data, recogniser)
    doubts = [*other.doubts, *(["structure"] if stored.results or stored.uncounted else [])] if other.text else []
    detail = "; ".join(filter(None, (other.detail, *_note_left_out(stored)))) or None
    tool = f"LibreOffice {stored.version}".strip()
    return replace(other, tool=tool, detail=detail, doubts=tuple(dict.fromkeys(doubts))), stored


def _note_left_out(stored: Stored) -> list[str]:
    notes = [
        f"not stored in the file, left out: {count} {what}"
        for count, what in ((stored.fields, "fields of the day or place"), (stored.results, "results of formulas"))
        if count
    ]
    return notes + ([f"formulas that {SUITE} cannot count: {stored.uncounted}"] if stored.uncounted else [])


def _seconds_left(left: Allowance) -> float:
    return left.suite_until - time.monotonic()
