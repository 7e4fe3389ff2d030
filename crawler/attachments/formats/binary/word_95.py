"""Read the tables of a document of Word 6 and 95: as in Word 97, but with shorter codes. Pure.

Letters have one byte, or two in editions for Asia.

The layout is that of "Microsoft Word 6.0 Binary File Format" (Microsoft, 1993).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.attachments.formats.binary.word_fonts import (
    Layout,
    Properties,
    Stretches,
    Styles,
    read_stretches,
    read_styles,
)
from crawler.attachments.formats.encodings import FONT_CODECS

_IN_PIECES = 0x0004
# Set by editions of Word 95 for the languages of Asia: each letter has two bytes.
_WIDE = 0x1000
_MACINTOSH, _LETTERS_OF_AT = 256, 0x14
_LETTERS_AT, _COUNTS_AT = 0x18, 0x34
# Where the header says offset and size of a table, in the stream of the text.
_STYLES, _CHARACTER_RUNS, _PARAGRAPHS, _FONTS, _PIECES = 0x60, 0xB8, 0xC0, 0xD0, 0x160
_CHARSET_AT, _FONT_NAME_AT = 4, 6
_WESTERN = "cp1252"
# Codes of changes. Of all others that have more than one byte, the bytes; -1 if the next byte says it, -2 two bytes.
_FONT, _STYLE, _DELETED, _HIDDEN, _ROW_END = 93, 80, 65, 92, 25
_BYTES = {
    **dict.fromkeys((2, *range(16, 20), 21, 22, 26, 27, 28, *range(30, 37), *range(38, 44), *range(45, 50)), 2), 20: 4,
    **dict.fromkeys((69, 72, 80, 93, 96, 97, 99, 101, 107, 109, 110, 111, 112), 2), 70: 4, 73: 3, 95: 3, 83: 0, 52: 0,
    **dict.fromkeys((3, 12, 15, 23, 64, 68, 74, 77, 79, 81, 82, 103, 105, 106, 108, 113, 115, 116, 120, 191), -1),
    **dict.fromkeys((182, 183, 184, 189, 195, 197, 198), 2), 187: 12, 188: -2, 190: -2,
    **dict.fromkeys((192, 194, 196, 200), 4), **dict.fromkeys((193, 199), 5),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OldTables:
    """What the tables of a document say: its pieces, looks, fonts, the code page of each font and of all others."""

    pieces: list[tuple[int, int, bool]]
    letters: Stretches
    paragraphs: Stretches
    fonts: list[str]
    styles: Styles
    codecs: list[str]
    codec: str


def read_old_tables(stream: bytes, flags: int) -> OldTables:
    """Read the tables of a document by the flags of its header. If they are damaged, its letters have no fonts.

    Raises:
        struct.error: if the header is cut, or the table of pieces that the letters are in.
    """
    start, end = struct.unpack_from("<II", stream, _LETTERS_AT)
    is_narrow = not flags & _WIDE
    length = (end - start) // (1 if is_narrow else 2)
    pieces = _read_pieces(stream) if flags & _IN_PIECES else [(start, length)]
    cut = [(at, letters, is_narrow) for at, letters in pieces]
    is_macintosh = struct.unpack_from("<H", stream, _LETTERS_OF_AT)[0] == _MACINTOSH
    codec = "mac-roman" if is_macintosh else _WESTERN
    try:
        fonts, codecs = _read_fonts(_find(stream, _FONTS))
        letters = read_stretches(stream, _find(stream, _CHARACTER_RUNS), are_paragraphs=False, layout=_LAYOUT)
        paragraphs = read_stretches(stream, _find(stream, _PARAGRAPHS), are_paragraphs=True, layout=_LAYOUT)
        styles = read_styles(_find(stream, _STYLES), _LAYOUT)
    except (struct.error, IndexError):
        return OldTables(cut, Stretches(), Stretches(), [], Styles(), [], codec)
    return OldTables(cut, letters, paragraphs, fonts, styles, codecs, codec)


def _find(stream: bytes, at: int) -> bytes:
    start, size = struct.unpack_from("<II", stream, at)
    return stream[start : start + size]


def _read_pieces(stream: bytes) -> Iterator[tuple[int, int]]:
    """Give the place of each piece of the text, and how many letters it has."""
    table, most = _find(stream, _PIECES), sum(struct.unpack_from("<8I", stream, _COUNTS_AT)) + 1
    at = 0
    while at + 3 <= len(table) and table[at] == 1:
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    size = struct.unpack_from("<I", table, at + 1)[0]
    body = table[at + 5 : at + 5 + size]
    count = (len(body) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", body)
    for index in range(count):
        length = min(places[index + 1], most) - places[index]
        if length > 0:
            yield struct.unpack_from("<I", body, 4 * (count + 1) + 8 * index + 2)[0], length


def _read_fonts(table: bytes) -> tuple[list[str], list[str]]:
    """Return the names of the fonts, and their code pages."""
    names: list[str] = []
    codecs: list[str] = []
    at = 2
    while at < len(table) and table[at] >= _FONT_NAME_AT:
        record = table[at : at + 1 + table[at]]
        names.append(record[_FONT_NAME_AT:].partition(b"\0")[0].decode("latin-1"))
        codecs.append(FONT_CODECS.get(record[_CHARSET_AT], _WESTERN))
        at += len(record)
    return names, codecs


def _parse_changes(changes: bytes) -> Properties:
    """Read a list of property changes; a damaged one up to its damage."""
    values: dict[int, int] = {}
    at = 0
    while at + 2 <= len(changes):
        code = changes[at]
        at += 1
        size = _BYTES.get(code, 1)
        if size == -1:
            size = changes[at] + 1
        elif size == -2:
            size = int.from_bytes(changes[at : at + 2], "little") + 1
        values[code] = int.from_bytes(changes[at : at + min(size, 4)], "little")
        at += size
    return Properties(
        values.get(_FONT), values.get(_STYLE), values.get(_DELETED) == 1, values.get(_ROW_END) == 1,
        is_hidden=values.get(_HIDDEN) == 1,
    )  # fmt: skip


_LAYOUT = Layout(page_number="H", paragraph_bytes=7, letter_bytes=1, default_font_at=14, parse=_parse_changes)
