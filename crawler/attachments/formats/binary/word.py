"""Read the letters of a binary Word document [MS-DOC] in their fonts, with its tables, notes and headers. Pure."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from itertools import groupby

import olefile

from crawler.attachments.formats.binary.word_95 import read_old_tables
from crawler.attachments.formats.binary.word_fonts import (
    CHARACTER_RUNS,
    FONTS,
    LIST_USES,
    LISTS,
    PARAGRAPHS,
    PIECES,
    STYLES,
    Properties,
    Stretches,
    Styles,
    read_font_names,
    read_stretches,
    read_styles,
)
from crawler.attachments.formats.binary.word_lists import read_lists
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN, mark_deleted
from crawler.attachments.formats.fields.codes import is_silent, show_code
from crawler.attachments.formats.list_numbers import LEVELS, Numbering
from crawler.language.legacy.decoding import Run
from crawler.language.legacy.fonts import find_letters
from crawler.language.legacy.tcvn3 import SOFT_HYPHEN

_STREAM = "WordDocument"
_MARK, _FIRST_VERSION = 0xA5EC, 0xC1  # of Word 97; older ones have other tables
# Word 2 writes no compound file: its letters follow its header ("Word for Windows 2.0 Binary File Format").
_WORD_2, _LETTERS_AT, _IN_PIECES = b"\xdb\xa5\x2d\x00", 0x18, 0x0004
_VERSIONS_OF_WORD_6 = range(0x65, 0x6A)
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_COUNTS_AT, _TABLES_AT = 0x4C, 0x9A
_COMPRESSED = 1 << 30
_WIDE_CODECS = frozenset(("utf-16-le", "cp932", "cp949", "gbk", "cp950"))
_CELL_END, _PAGE, _OPTIONAL_HYPHEN = "\x07", "\f", "\x1f"
_FIELD = {"\x13": 1, "\x14": 0, "\x15": -1}
# Signs of Word that stand for others: line and column breaks, and a hyphen that keeps a line together. It is the hyphen
# of numbers of documents, and is searched as one.
_SIGNS = str.maketrans({"\r": "\n", "\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\xa0": " "})
# What gives the text its shape: fields, cells and pages. Hidden text with one of these stays where it is.
_SHAPES = frozenset((*_FIELD, _CELL_END, _PAGE))
# The ends of paragraphs. A cell ends one too; a page break does not always.
_PARAGRAPH_ENDS = ("\r", _CELL_END, "\n")
_LINES = re.compile("[^\r\x07]*[\r\x07]|[^\r\x07]+")
# Pictures, references to notes, hyphens that show only at a line's end.
_UNSEEN = re.compile("[\x00-\x06\x08\x0f-\x12\x16-\x1d\x1f]")


class LockedWordError(Exception):
    """Raised when a document is encrypted, by `read_word`."""


class BadWordError(Exception):
    """Raised when a document has no letters that can be found, by `read_word`."""


@dataclass(frozen=True, slots=True)
class _Document:
    """The streams of a document and what its tables say; the code page of each font, and of all others."""

    stream: bytes
    pieces: list[tuple[int, int, bool]]
    letters: Stretches
    paragraphs: Stretches
    fonts: list[str] = field(default_factory=list)
    styles: Styles = field(default_factory=Styles)
    numbering: Numbering = field(default_factory=Numbering)
    codecs: list[str] = field(default_factory=list)
    codec: str = "cp1252"


@dataclass(frozen=True, slots=True)
class Word:
    """The letters of a document, cut at its page breaks; what changes took out of it or is hidden, in marks.

    `notes` say which of these there is. `codes` are those of its fields. `is_whole` is false for a file that was cut.
    """

    pages: list[list[Run]]
    deleted: list[Run]
    notes: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    is_whole: bool = True


def read_word(data: bytes) -> Word:
    """Read a document of Word 2 to 2003; a row of a table is a line.

    Raises:
        LockedWordError: if it is encrypted.
        BadWordError: if it is older, damaged, or no document.
    """
    try:
        document = _open(data)
        taken_out: list[Run] = []
        notes: set[str] = set()
        runs = list(_read_runs(document, taken_out=taken_out, notes=notes))
    except (LockedWordError, BadWordError, MemoryError):
        raise
    except Exception as error:  # a damaged file raises whatever its damage leads to
        raise BadWordError(type(error).__name__) from error
    pages: list[list[Run]] = [[]]
    codes: set[str] = set()
    for run in map(_show_signs, _drop_fields(runs, codes)):
        first, *others = run.text.split(_PAGE)
        pages[-1].append(Run(_UNSEEN.sub("", first), run.font))
        pages += [[Run(_UNSEEN.sub("", text), run.font)] for text in others]
    shown = frozenset(_UNSEEN.sub("", code) for code in codes)
    return Word(pages, list(_mark_deleted(taken_out)), frozenset(notes), shown, _is_whole(data))


def _is_whole(data: bytes) -> bool:
    if data.startswith(_WORD_2):
        return len(data) >= int(struct.unpack_from("<I", data, _LETTERS_AT + 4)[0])
    with olefile.OleFileIO(BytesIO(data)) as compound:
        return len(compound.openstream(_STREAM).read()) >= int(compound.get_size(_STREAM))


def _show_signs(run: Run) -> Run:
    # In a font of TCVN3 the sign of an optional hyphen is the letter ư.
    text = run.text.replace(_OPTIONAL_HYPHEN, SOFT_HYPHEN) if find_letters(run.font) == "tcvn3" else run.text
    return Run(text.translate(_SIGNS), run.font)


def _mark_deleted(taken_out: list[Run]) -> Iterator[Run]:
    """Give what no page shows, a stretch a line; `taken_out` has a run without letters between two."""
    for _, stretch in groupby(_drop_fields(taken_out, set()), key=lambda run: bool(run.text)):
        shown = (_show_signs(run) for run in stretch)
        yield from mark_deleted([Run(_UNSEEN.sub("", run.text.replace(_PAGE, " ")), run.font) for run in shown])


def _open_word_2(stream: bytes) -> _Document:
    """Find the letters of the text, notes and headers, which have one byte each. Their fonts are not read."""
    flags, start, end = struct.unpack_from("<10xH12xII", stream)
    if flags & _ENCRYPTED:
        raise LockedWordError
    if flags & _IN_PIECES:
        raise BadWordError("of Word 2, saved in pieces")
    return _Document(stream, [(start, end - start, True)], Stretches(), Stretches())


def _open(data: bytes) -> _Document:
    if data.startswith(_WORD_2):
        return _open_word_2(data)
    with olefile.OleFileIO(BytesIO(data)) as compound:
        stream = compound.openstream(_STREAM).read()
        mark, version, flags = struct.unpack_from("<HH6xH", stream)
        if flags & _ENCRYPTED:
            raise LockedWordError
        if version in _VERSIONS_OF_WORD_6:
            old = read_old_tables(stream, flags)
            return _Document(
                stream, old.pieces, old.letters, old.paragraphs, old.fonts, old.styles, codecs=old.codecs,
                codec=old.codec,
            )  # fmt: skip
        if mark != _MARK or version < _FIRST_VERSION:
            raise BadWordError("of an older Word")
        table = compound.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()

    def find(number: int) -> bytes:
        at, size = struct.unpack_from("<II", stream, _TABLES_AT + 8 * number)
        return table[at : at + size]

    definitions = table[struct.unpack_from("<I", stream, _TABLES_AT + 8 * LISTS)[0] :] if find(LISTS) else b""
    fonts = read_font_names(find(FONTS))
    most = sum(struct.unpack_from("<8I", stream, _COUNTS_AT))
    return _Document(
        stream, list(_read_pieces(find(PIECES), most + 1)),
        read_stretches(stream, find(CHARACTER_RUNS), are_paragraphs=False),
        read_stretches(stream, find(PARAGRAPHS), are_paragraphs=True), fonts, read_styles(find(STYLES)),
        read_lists(definitions, find(LIST_USES), fonts=fonts),
    )  # fmt: skip


def _read_pieces(table: bytes, most: int) -> Iterator[tuple[int, int, bool]]:
    """Give the place of each piece of the text, its letters, and whether each has one byte (2.9.38, 2.9.177)."""
    at = 0
    while at + 3 <= len(table) and table[at] == 1:
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if at + 5 > len(table) or table[at] != 2:
        raise BadWordError("no table of pieces")
    size = struct.unpack_from("<I", table, at + 1)[0]
    body = table[at + 5 : at + 5 + size]
    count = (len(body) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", body)
    for index in range(count):
        offset = struct.unpack_from("<I", body, 4 * (count + 1) + 8 * index + 2)[0]
        length = min(places[index + 1], most) - places[index]
        if length <= 0:
            continue
        if offset & _COMPRESSED:
            yield (offset & ~_COMPRESSED) // 2, length, True
        else:
            yield offset, length, False


def _read_runs(document: _Document, *, taken_out: list[Run], notes: set[str]) -> Iterator[Run]:
    """Give the runs of a document.

    Put those that no page shows into `taken_out`, each stretch ended by "", and what they are into `notes`.
    """

    @lru_cache(1024)
    def find_font(own: Properties, of_paragraph: int) -> tuple[str | None, str]:
        """Return the name of a font and its code page."""
        styles = document.styles
        told = (own.font, styles.find_font(own.style), styles.find_font(of_paragraph))
        number = next((one for one in told if one is not None), styles.default)
        if number is None or number >= len(document.fonts):
            return None, document.codec
        return document.fonts[number], document.codecs[number] if document.codecs else document.codec

    is_begun = False  # whether letters of the paragraph were given
    fields = 0  # that are open: the code of one may be hidden, and is no text
    for offset, length, is_narrow in document.pieces:
        end = offset + length * (1 if is_narrow else 2)
        for start, stop in _cut(document, offset, end=end):
            own, paragraph = document.letters.find(start), document.paragraphs.find(start)
            font, codec = find_font(own, paragraph.style or 0)
            text = _decode(document.stream[start:stop], codec if is_narrow else "utf-16-le")
            fields += 0 if own.is_deleted else sum(_FIELD.get(letter, 0) for letter in text)
            if own.is_deleted or (own.is_hidden and not fields and _SHAPES.isdisjoint(text)):
                notes |= (
                    {NOTE_ON_DELETED if own.is_deleted else NOTE_ON_HIDDEN} if any(map(str.isalnum, text)) else set()
                )
                taken_out.append(Run(text.replace(_CELL_END, " ").replace("\r", " "), font))
                if not own.is_deleted and "\r" in text:
                    # The paragraphs before and after it have different words.
                    yield Run("\r", font)
                    is_begun = False
                continue
            taken_out += [Run("")] if taken_out and taken_out[-1].text else []
            text = _end_rows(text, paragraph, has_paragraphs=bool(document.paragraphs.starts))
            # A paragraph may be cut where its look changes; a stretch of one look may hold several.
            for line in _LINES.findall(text):
                label, its_font = ("", None) if is_begun or paragraph.is_row_end else _number(document, paragraph)
                if label:
                    yield Run(label, its_font or font)
                yield Run(line.replace(_CELL_END, " "), font)
                is_begun = not line.endswith(_PARAGRAPH_ENDS)


def _end_rows(text: str, paragraph: Properties, *, has_paragraphs: bool) -> str:
    if paragraph.is_row_end:
        return text.replace(_CELL_END, "\n")
    # If nothing marks the rows: the mark of a row follows that of its last cell.
    return text if has_paragraphs else text.replace(2 * _CELL_END, "\n")


def _number(document: _Document, paragraph: Properties) -> tuple[str, str | None]:
    """Count a paragraph if it is in a list. Return its label, and the label's font."""
    in_list, depth = document.styles.find_list(paragraph.style or 0)
    in_list = in_list if paragraph.in_list is None else paragraph.in_list
    depth = depth if paragraph.depth is None else paragraph.depth
    return document.numbering.count(str(in_list), min(depth, LEVELS - 1)) if in_list else ("", None)


def _cut(document: _Document, start: int, *, end: int) -> Iterator[tuple[int, int]]:
    for first, last in document.letters.cut(start, end):
        yield from document.paragraphs.cut(first, last)


def _decode(data: bytes, codec: str) -> str:
    if codec in _WIDE_CODECS:
        return data.decode(codec, "replace")
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return "".join(_decode_byte(byte, codec) for byte in data)


@lru_cache(1024)
def _decode_byte(byte: int, codec: str) -> str:
    # Bytes without a letter in the code page stay as they are.
    return bytes([byte]).decode(codec, "ignore") or chr(byte)


def _drop_fields(runs: list[Run], told: set[str]) -> Iterator[Run]:
    """Drop the codes of fields, which are before what they show, and put them into `told`.

    The text of a button is in its code, and so is a result that is not shown.
    """
    codes: list[list[str] | None] = []  # for each open field the letters of its code; None after that
    for run in runs:
        if not codes and "\x13" not in run.text:
            yield run
            continue
        kept: list[str] = []
        for letter in run.text:
            within = next((code for code in reversed(codes) if code is not None), None)
            if letter == "\x13":
                codes.append([])
            elif letter == "\x14" and codes:
                told.add(code := "".join(codes[-1] or ()))
                codes[-1] = codes[-1] if is_silent(code) else None
            elif letter == "\x15" and codes:
                code = "".join(codes.pop() or ())
                shown = show_code(code)
                told.update(() if shown else (code,))
                kept += [shown] if not any(code is not None for code in codes) else []
            elif within is None or letter in "\r\f":
                kept.append(letter)
            else:
                within.append(letter)
        yield Run("".join(kept), run.font)
