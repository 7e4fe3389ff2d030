"""Read the texts of Rich Text documents (RTF 1.9.1), each run with its font. Pure."""

import re
from dataclasses import dataclass, replace
from itertools import groupby

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN, mark_deleted
from crawler.attachments.formats.metafiles.in_rich_text import find_metafiles
from crawler.attachments.formats.metafiles.reader import read_metafiles
from crawler.attachments.formats.pages import join_runs
from crawler.language.legacy.decoding import Run
from crawler.language.legacy.fonts import find_letters
from crawler.language.legacy.symbols import read_symbols
from crawler.language.legacy.tcvn3 import SOFT_HYPHEN
from crawler.language.text import join_surrogates

# A control word, a byte in hexadecimal, a control sign, a brace, letters, or what has no meaning.
_TOKEN = re.compile(
    rb"\\([a-zA-Z]+)(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+|\\",
    re.DOTALL,
)
# Pictures and embedded files in hexadecimal, passed over in one step.
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F\r\n]{1000,}")
_SIGNS = {
    "par": "\n", "line": "\n", "lbr": "\n", "column": "\n", "row": "\n", "nestrow": "\n", "sect": "\f", "page": "\f",
    "tab": "\t", "cell": " ", "nestcell": " ", "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018",
    "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d", "bullet": "\u2022", "emspace": " ",
    "enspace": " ", "qmspace": " ",
}  # fmt: skip
# The hyphen that keeps a line together (_) is in numbers of documents, and is searched for as a hyphen.
_ESCAPED = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n", b"\t": "\t"}
_OPTIONAL_HYPHEN, _EXPLAINED = b"-", b"*"
# Groups without text of a page. Of a group that begins with \* only those below have text.
_UNSEEN = frozenset((
    "colortbl", "stylesheet", "info", "pict", "nonshppict", "shprslt", "sp", "sn", "sv", "fldinst", "tc", "tcn", "xe",
    "rxe", "txe", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "filetbl", "listtable",
    "listoverridetable", "revtbl", "upr", "template", "private", "nonesttables", "falt", "panose", "objdata",
    "themedata", "datastore",
))  # fmt: skip
_SEEN_THOUGH_EXPLAINED = frozenset(("shpinst", "do", "shpgrp", "shptxt", "dptxbxtext", "annotation", "footnote"))
# The second form of a text, in Unicode, beside one that is passed over.
_UNICODE_FORM = "ud"
# They are in the midst of a paragraph, but are read after it.
_APART = frozenset(("footnote", "annotation", "shptxt", "dptxbxtext"))
_HEADERS = frozenset(("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"))
_PARAGRAPH_SIGNS = frozenset(("par", "sect", "page", "row"))
# Code pages of the character sets of fonts.
_CHARSETS = {
    0: 1252, 77: 10000, 78: 932, 79: 949, 80: 936, 81: 950, 85: 10006, 86: 10081, 88: 10029, 89: 10007, 128: 932,
    129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874,
    238: 1250, 254: 437, 255: 850,
}  # fmt: skip
_CODECS = {
    65001: "utf-8", 10000: "mac-roman", 10001: "cp932", 10002: "cp950", 10003: "cp949", 10006: "mac-greek",
    10007: "mac-cyrillic", 10008: "cp936", 10029: "mac-latin2", 10081: "mac-turkish",
    **{page: f"cp{page}" for page in (
        437, 850, 852, 855, 857, 866, 874, 932, 936, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
    )},
}  # fmt: skip
_WESTERN = "cp1252"
_OF_TWO_BYTES, _UNKNOWN = frozenset(("cp932", "cp949", "gbk", "cp950")), "\ufffd"
_MOST_SKIPPED = 64
# What is between two stretches of a paragraph that no page shows.
_BETWEEN = (" ", None)


@dataclass(frozen=True, slots=True)
class _State:
    r"""What holds within a group.

    Args:
        font: its number; None before any is named.
        is_unseen: it has no text of a page.
        is_unseen_before: so it was outside of the group that has none.
        is_explained: it began with \*, so that its first word tells whether it has text.
        is_font: it is in the table of fonts.
        is_deleted: a tracked change took it out.
        is_hidden: it is hidden.
        is_apart: it is a note or a text box.
        ends_line: a line ends with it.
        in_table: the paragraph is in a cell.
        skips: letters after one in Unicode that stand for it, for programs that know no Unicode.
    """

    font: int | None = None
    is_unseen: bool = False
    is_unseen_before: bool = False
    is_explained: bool = False
    is_font: bool = False
    is_deleted: bool = False
    is_hidden: bool = False
    is_apart: bool = False
    ends_line: bool = False
    in_table: bool = False
    skips: int = 1


@dataclass(slots=True)
class _Font:
    name: str = ""
    code_page: str | None = None


def read_rtf(data: bytes) -> TextReading:
    """Read a Rich Text document: body, text boxes, notes, comments, headers, metafiles; no other pictures and files."""
    pages: list[list[Run]] = [[]]
    reader = _Reader(data)
    for run in reader.read():
        first, *others = run.text.split("\f")
        pages[-1].append(Run(first, run.font))
        pages += [[Run(text, run.font)] for text in others]
    said = "".join(run.text for page in pages for run in page)
    pages[-1] += [*read_metafiles(find_metafiles(data), said=said), *reader.deleted]
    joined = join_runs(pages)
    if not joined.text:
        return TextReading(reason="no-text")
    starts = joined.starts if len(joined.starts) > 1 else ()
    notes = [*sorted(reader.notes), *([] if reader.is_whole else ["the end of the file is missing"])]
    return TextReading(
        joined.text, "rtf", is_cut=joined.is_cut, page_starts=starts, detail="; ".join(notes) or None,
        doubts=(*joined.doubts, *(() if reader.is_whole else ("structure",))),
    )  # fmt: skip


class _Reader:
    """Reads a document token by token.

    Attributes:
        deleted: what tracked changes took out and what is hidden, paragraph by paragraph, in marks.
        notes: which of them there is.
        is_whole: whether all groups are closed; a file that was cut ends within one.
    """

    def __init__(self, data: bytes) -> None:
        self.deleted: list[Run] = []
        self.notes: set[str] = set()
        self.is_whole = True
        self._taken_out: list[tuple[str, int | None]] = []
        self._data = _HEXADECIMAL.sub(b"", data)
        self._state = _State()
        self._outer: list[_State] = []
        self._fonts: dict[int, _Font] = {}
        self._default_font: int | None = None
        self._code_page = _WESTERN
        self._raw = bytearray()  # bytes that are not decoded yet: a letter may have two
        self._to_skip = 0
        self._body: list[tuple[str, int | None]] = []
        self._apart: list[tuple[str, int | None]] = []

    def read(self) -> list[Run]:
        at = begun = 0  # begun: where the last group did
        while token := _TOKEN.match(self._data, at):
            at = token.end()
            word, number, byte, sign, brace, letters = token.groups()
            if word is not None:
                at += self._read_word(word.decode().lower(), None if number is None else int(number))
            elif byte is not None or letters is not None:
                self._read_letters(bytes.fromhex(byte.decode()) if byte is not None else letters)
            elif sign == _EXPLAINED and begun == at - 2:
                self._state = replace(self._state, is_explained=True)
            elif sign is not None:
                self._read_sign(sign)
            elif brace == b"{":
                self._decode_raw()
                self._outer.append(self._state)
                self._state = replace(self._state, ends_line=False)
                begun = at
            elif brace == b"}" and not self._close():
                break
        self.is_whole = not self._outer
        self._decode_raw()
        self._put_apart()
        self._end_deleted()
        return self._as_runs(self._body)

    def _as_runs(self, pieces: list[tuple[str, int | None]]) -> list[Run]:
        return [self._as_run(list(group), font) for font, group in groupby(pieces, key=lambda piece: piece[1])]

    def _end_deleted(self) -> None:
        """Keep what changes took out of the paragraph that ends."""
        self.deleted += mark_deleted(self._as_runs(self._taken_out))
        self._taken_out.clear()

    def _as_run(self, pieces: list[tuple[str, int | None]], font: int | None) -> Run:
        text = "".join(text for text, _ in pieces)
        # Letters beyond U+FFFF come as two.
        text = join_surrogates(text)
        return Run(text, self._font_name(font))

    def _font_name(self, font: int | None) -> str | None:
        return self._fonts[font].name if font in self._fonts else None

    def _close(self) -> bool:
        """Leave a group. Return whether the document goes on."""
        self._decode_raw()
        self._to_skip = 0
        if not self._outer:
            return False
        ended, self._state = self._state, self._outer.pop()
        if ended.ends_line and not ended.is_unseen:
            self._put("\n", is_apart=ended.is_apart)
        return bool(self._outer)

    def _read_word(self, word: str, number: int | None) -> int:
        """Obey a control word. Return how many bytes after it are binary."""
        self._decode_raw()
        state = self._state
        if word == "bin":
            return max(number or 0, 0)
        if self._to_skip and word in _SIGNS:
            self._to_skip -= 1
        elif word == "u" and number is not None:
            self._put(chr(number & 0xFFFF))
            self._to_skip = min(max(state.skips, 0), _MOST_SKIPPED)
        elif word in _SIGNS:
            self._read_break(word)
        elif state.is_explained:
            is_unseen = state.is_unseen or word not in _SEEN_THOUGH_EXPLAINED
            is_unseen = state.is_unseen_before if word == _UNICODE_FORM else is_unseen
            self._state = replace(state, is_explained=False, is_unseen=is_unseen)
            self._begin(word)
        elif word == "fonttbl":
            self._state = replace(state, is_font=True, is_unseen=True)
        elif word in _UNSEEN:
            self._state = replace(state, is_unseen=True, is_unseen_before=state.is_unseen)
        else:
            self._begin(word)
            self._change(word, number)
        return 0

    def _read_break(self, word: str) -> None:
        if word == "par" and self._state.in_table:
            self._put(" ")
            return
        self._put(_SIGNS[word])
        if word in _PARAGRAPH_SIGNS:
            self._end_deleted()
        if word in _PARAGRAPH_SIGNS and not self._state.is_apart and not self._state.is_unseen:
            self._put_apart()

    def _begin(self, word: str) -> None:
        """Begin a group of text that is not in the line where it is."""
        if word in _APART:
            self._state = replace(self._state, is_apart=True, ends_line=True, in_table=False)
        elif word in _HEADERS:
            self._state = replace(self._state, ends_line=True)

    def _change(self, word: str, number: int | None) -> None:
        """Change what holds from here on in the group."""
        state = self._state
        if word == "f" and number is not None:
            self._state = replace(state, font=number)
            if state.is_font:
                self._fonts[number] = _Font()
        elif word in ("fcharset", "cpg") and state.is_font and state.font in self._fonts:
            page = _CHARSETS.get(number or 0) if word == "fcharset" else number
            self._fonts[state.font].code_page = _CODECS.get(page or 0, self._fonts[state.font].code_page)
        elif word == "ansicpg":
            self._code_page = _CODECS.get(number or 0, _WESTERN)
        elif word == "mac":
            self._code_page = _CODECS[10000]
        elif word in ("deff", "plain"):
            self._default_font = number if word == "deff" else self._default_font
            self._state = replace(state, font=self._default_font, is_deleted=False, is_hidden=False)
        elif word == "uc":
            self._state = replace(state, skips=1 if number is None else number)
        elif word in ("deleted", "v"):
            is_on = number != 0
            self._state = replace(state, is_deleted=is_on) if word == "deleted" else replace(state, is_hidden=is_on)
        elif word in ("intbl", "pard"):
            self._state = replace(state, in_table=word == "intbl")

    def _read_letters(self, data: bytes) -> None:
        if self._state.is_explained:
            self._state = replace(self._state, is_explained=False, is_unseen=True)
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        self._raw += data[skipped:]

    def _read_sign(self, sign: bytes) -> None:
        self._decode_raw()
        if self._to_skip:
            self._to_skip -= 1
        elif sign == _OPTIONAL_HYPHEN:
            # In a font of TCVN3 this sign is the letter ư.
            self._put(SOFT_HYPHEN if find_letters(self._font_name(self._state.font)) == "tcvn3" else "")
        else:
            self._put(_ESCAPED.get(sign, ""))

    def _decode_raw(self) -> None:
        if not self._raw:
            return
        data = bytes(self._raw)
        self._raw.clear()
        font = self._fonts.get(-1 if self._state.font is None else self._state.font)
        if self._state.is_font and font is not None:
            font.name += data.decode(self._code_page, "replace").partition(";")[0]
            return
        symbols = read_symbols(data, font.name if font else None)
        if symbols is not None:
            self._put(symbols)
            return
        page = (font.code_page if font else None) or self._code_page
        # Fonts of legacy letters draw them from the bytes, whatever code page they name.
        page = _WESTERN if font and find_letters(font.name) else page
        text = data.decode(page, "replace")
        if text == _UNKNOWN and page in _OF_TWO_BYTES and len(data) == 1:
            # Half a letter: some programs write bullets so, in the document's code page.
            text = data.decode(self._code_page, "replace")
        self._put(text)

    def _put(self, text: str, *, is_apart: bool | None = None) -> None:
        # A hidden end of a paragraph parts the words before and behind it.
        is_hidden = self._state.is_hidden and not text.isspace()
        if (self._state.is_deleted or is_hidden) and not self._state.is_unseen:
            self._taken_out.append((" " if text.isspace() else text, self._state.font))
            if any(map(str.isalnum, text)):
                self.notes.add(NOTE_ON_DELETED if self._state.is_deleted else NOTE_ON_HIDDEN)
        elif text and not self._state.is_unseen:
            to = self._apart if (self._state.is_apart if is_apart is None else is_apart) else self._body
            to.append((text, self._state.font))
            self._taken_out += [_BETWEEN] if self._taken_out and self._taken_out[-1] != _BETWEEN else []

    def _put_apart(self) -> None:
        """Put notes and text boxes after the paragraph that they belong to."""
        if self._apart:
            self._body += [("\n", None), *self._apart]
            self._apart.clear()
