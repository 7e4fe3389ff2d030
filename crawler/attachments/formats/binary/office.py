"""Read the texts of binary Office files (before 2007) by their records; Word also with programs of Debian."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import olefile
import xlrd

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.binary.blips import find_metafiles, find_pictures
from crawler.attachments.formats.binary.sheets import BadSheetsError, LockedSheetsError, Workbook, read_sheets
from crawler.attachments.formats.binary.slides import BadSlidesError, LockedSlidesError, read_slides
from crawler.attachments.formats.binary.unlocking import unlock
from crawler.attachments.formats.binary.word import BadWordError, LockedWordError, read_word
from crawler.attachments.formats.cells.shown import name_hidden, note_uncounted
from crawler.attachments.formats.embedded import ReadWithin, find_stored, name_unread, read_embedded
from crawler.attachments.formats.metafiles.reader import read_metafiles
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pages import JoinedText, join_pages, join_runs
from crawler.attachments.formats.pictures import add_scans
from crawler.attachments.formats.system_tools import WORD_READERS, ToolError, run_tool
from crawler.attachments.judgement import choose_reading, doubt_structure
from crawler.language.legacy.decoding import Run
from crawler.language.quality.text_quality import count_words, coverage

# Two programs have half of the time of a file.
_SECONDS = 15.0
# The reader of this package, as `TextReading.tool` names it.
_RECORDS = f"olefile {olefile.__version__}"
_COMMANDS = {"antiword": ("antiword", "-m", "UTF-8.txt", "-w", "0"), "catdoc": ("catdoc", "-d", "utf-8", "-w")}

# Different codes of a document that are stripped from the text of a program.
_MOST_CODES, _CODES_AT_ONCE = 400, 50
# A text of which another has this many words is in it.
_SAID = 0.95
# What antiword gives for a picture; what catdoc says of a file of Windows Write.
_OF_PROGRAMS = re.compile(r"\[(?:pic|Windows Write file\. Some garbage expected)\]")
# The codes of fields, which programs give like words beside what the fields show.
FIELD_CODE = re.compile(
    r'\b(?:HYPERLINK|INCLUDEPICTURE|DOCPROPERTY)\s{1,9}(?:\\\w\s{1,9}){0,3}"[^"\n]{0,2000}"(?:\s{1,9}\\\w(?!\w)){0,3}'
    r"|\b(?:PAGEREF|REF)\s{1,9}_\w{1,40}(?:\s{1,9}\\\w(?!\w)){0,3}|\\\*\s{0,9}MERGEFORMAT\b"
    r'|\bMERGEFIELD\s{1,9}(?:"[^"\n]{0,200}"|\w{1,80})(?:\s{1,9}\\[a-z*@#](?:\s{1,9}(?:"[^"\n]{0,100}"|\w{1,30}))?){0,4}'
    r'|\b(?:TIME|(?:CREATE|SAVE|PRINT)?DATE)\s{1,9}\\@\s{0,9}"[^"\n]{0,100}"'
    r'|\bSYMBOL\s{1,9}\d{1,5}(?:\s{1,9}\\[a-z](?:\s{1,9}(?:"[^"\n]{0,100}"|\d{1,4}\b))?){1,6}'
)


def read_xls(data: bytes, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    """Read a binary Excel workbook: the name and cells of each sheet, text boxes, notes, titles of charts.

    If it has next to no text, its scans are read; of presentations and documents, too.

    Args:
        data: its bytes.
        recogniser: for its scans.
        read: reads a document that is set on a sheet, by its bytes and name.
    """
    return add_scans(_read_xls(data, read), recogniser, find_pictures=lambda: find_pictures(data))


def _read_xls(data: bytes, read: ReadWithin) -> TextReading:
    tool = f"xlrd {xlrd.__version__}"
    within = read_embedded(find_stored(data), read)
    try:
        book = _open_sheets(data, within.texts)
    except LockedSheetsError:
        return TextReading(reason="encrypted", tool=tool)
    except BadSheetsError as error:
        return TextReading(reason="broken", detail=f"not a readable workbook ({error})", tool=tool)
    joined = join_runs([*book.pages, *([Run(text)] for text in within.texts)])
    pages = len(book.pages) + len(within.texts)
    if not joined.text:
        return TextReading(reason="no-text", tool=tool, pages=pages, pages_read=pages)
    unread = name_unread(within.unread)
    notes = (name_hidden(book.hidden), unread, note_uncounted(book.uncounted))
    return TextReading(
        joined.text, "xls", detail="; ".join(filter(None, notes)) or None, tool=tool, pages=pages, pages_read=pages,
        is_cut=joined.is_cut, page_starts=joined.starts,
        # They are shown as 0.
        doubts=(*joined.doubts, *(("structure",) if book.uncounted else ())),
    )  # fmt: skip


def _open_sheets(data: bytes, within: Sequence[str]) -> Workbook:
    try:
        return read_sheets(data, within)
    except LockedSheetsError:
        unlocked = unlock(data)
        if unlocked is None:
            raise
    return read_sheets(unlocked, within)


def read_ppt(data: bytes, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    """Read a binary PowerPoint presentation: each slide with its notes, and with the documents that are set on it.

    Args:
        data: its bytes.
        recogniser: for its scans.
        read: reads a document by its bytes and name.
    """
    return add_scans(_read_ppt(data, read), recogniser, find_pictures=lambda: find_pictures(data))


def _read_ppt(data: bytes, read: ReadWithin) -> TextReading:
    tool = _RECORDS
    try:
        slides = read_slides(data)
    except LockedSlidesError:
        return TextReading(reason="encrypted", tool=tool)
    except BadSlidesError as error:
        return TextReading(reason="broken", detail=f"not a readable presentation ({error})", tool=tool)
    within = [
        read_embedded(((f"slide {number}", held) for held in objects), read)
        for number, objects in enumerate(slides.objects, 1)
    ]
    pages = [[*page, *(Run(f"\n{text}") for text in one.texts)] for page, one in zip(slides.pages, within, strict=True)]
    for page, drawn in zip(pages, slides.metafiles, strict=True):
        page += read_metafiles(drawn, said="".join(run.text for run in page))
    joined = join_runs(pages)
    note = name_unread(name for one in within for name in one.unread)
    if not joined.text:
        return TextReading(reason="no-text", detail=note, tool=tool, pages=len(pages), pages_read=len(pages))
    return TextReading(
        joined.text, "ppt", detail=note, tool=tool, pages=len(pages), pages_read=len(pages),
        is_cut=joined.is_cut or not slides.is_whole, page_starts=joined.starts,
        doubts=(*joined.doubts, *(() if slides.is_whole else ("structure",))),
    )  # fmt: skip


def read_doc(data: bytes, path: Path, *, recogniser: Recogniser, read: ReadWithin) -> TextReading:
    """Read a binary Word document by its records and with the programs there are; take the best of their texts.

    Args:
        data: its bytes.
        path: a file with these bytes.
        recogniser: for its scans; it names the programs that may be used.
        read: reads a document that is set in it, by its bytes and name.
    """
    within = read_embedded(find_stored(data), read)
    reading = _read_doc(data, path, tools=recogniser.tools, within=within.texts)
    if unread := name_unread(within.unread):
        reading = replace(reading, detail="; ".join(filter(None, (reading.detail, unread))))
    return add_scans(reading, recogniser, find_pictures=lambda: find_pictures(data))


def _read_doc(data: bytes, path: Path, *, tools: Collection[str], within: Sequence[str]) -> TextReading:
    programs = [name for name in WORD_READERS if name in tools]
    read: dict[str, JoinedText] = {}
    why: list[str] = []
    notes: Collection[str] = ()
    is_whole = True
    whole: JoinedText | None = None
    codes: Collection[str] = ()
    try:
        word = read_word(data)
        notes, is_whole, codes = word.notes, word.is_whole, word.codes
        drawn = _read_set(data, within, said="".join(run.text for page in word.pages for run in page))
        whole = join_runs([*word.pages[:-1], [*word.pages[-1], *drawn, *word.deleted]])
        plain = join_runs([*word.pages[:-1], [*word.pages[-1], *word.deleted]]) if drawn else whole
        # The programs give no words of pictures, and would not confirm a text with them.
        read[_RECORDS] = plain if plain.text else whole
    except LockedWordError:
        return TextReading(reason="encrypted", tool=_RECORDS)
    except BadWordError as error:
        why.append(str(error))
    for program in programs:
        try:
            out = run_tool([*_COMMANDS[program], str(path)], seconds=_SECONDS).out
            out = FIELD_CODE.sub(" ", _strip_codes(_OF_PROGRAMS.sub(" ", out), codes))
            read[program] = join_pages(out.split("\f"))
        except ToolError as error:
            why.append(str(error))
    texts = {tool: joined.text for tool, joined in read.items() if joined.text}
    if not texts:
        return _without_text(programs, has_read=bool(read), why="; ".join(why))
    # A program that has the same letters confirms them, but ends a word where a field ends in it.
    letters = {tool: "".join(text.split()) for tool, text in texts.items()}
    is_same = any(letters[tool] == letters.get(_RECORDS) for tool in texts if tool != _RECORDS)
    tool, doubts = (_RECORDS, ()) if is_same else choose_reading(texts)
    best = whole if whole is not None and tool == _RECORDS else _add_set(read[tool], data, within=within)
    # The records hold every cell of the tables, though their letters may be bad.
    of_table = doubt_structure(promised=count_words(texts.get(_RECORDS, "")), found=count_words(best.text))
    doubts += (*best.doubts, *(of_table if is_whole else ("structure",)))
    return TextReading(
        best.text, "doc", tool=tool, is_cut=best.is_cut or not is_whole, doubts=doubts,
        detail="; ".join(sorted(notes)) or None if tool == _RECORDS else None,
        page_starts=best.starts if len(best.starts) > 1 else (),
    )  # fmt: skip


def _strip_codes(text: str, codes: Iterable[str]) -> str:
    r"""Strip the codes of fields from the text of a program, which gives them with spaces around.

    >>> _strip_codes("Ngày  FORMTEXT  2/9,  TOC \\\\o  Điều 1, FORMTEXT", ["FORMTEXT", ' TOC \\\\o '])
    'Ngày  2/9,  Điều 1, FORMTEXT'
    """
    forms = [r"\s+".join(map(re.escape, code.split())) for code in sorted(codes, key=len, reverse=True) if code.strip()]
    for start in range(0, min(len(forms), _MOST_CODES), _CODES_AT_ONCE):
        # One space before the code, and one before that: a search for more takes a square of the time in a long gap.
        text = re.sub(rf"(?<=\s)\s(?:{'|'.join(forms[start : start + _CODES_AT_ONCE])})(?=\s)\s*", " ", text)
    return text


def _read_set(data: bytes, within: Sequence[str], *, said: str) -> list[Run]:
    """Return the texts of the documents that are set in a document, and the words that its metafiles draw beside."""
    set_in = [Run(f"\n{text}") for text in within]
    return [*set_in, *read_metafiles(find_metafiles(data), said="\n".join((said, *within)))]


def _add_set(joined: JoinedText, data: bytes, *, within: Sequence[str]) -> JoinedText:
    """Add what `_read_set` gives to the text of a program, which gives none of it, or one document within."""
    within = [text for text in within if coverage(text, joined.text) < _SAID]
    added = join_runs([_read_set(data, within, said=joined.text)]).text
    return replace(joined, text=f"{joined.text}\n{added}") if added and not joined.is_cut else joined


def _without_text(programs: Sequence[str], *, has_read: bool, why: str) -> TextReading:
    if not programs and not has_read:
        lacks = WORD_READERS[0]
        return TextReading(reason="no-tool", detail=f"{why}; {lacks} is not installed", tool=_RECORDS, lacks=lacks)
    reason = "no-text" if has_read else "broken"
    return TextReading(reason=reason, detail=why or None, tool=", ".join((_RECORDS, *programs)))
