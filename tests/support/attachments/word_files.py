"""Write binary Word documents [MS-DOC] as Word 97 does: letters, fonts, styles, rows of tables."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.attachments.compound_files import write_compound

_TEXT_AT = 2048
_PAGE = 512


@dataclass(frozen=True, slots=True)
class Part:
    """Letters with one look. Paragraphs end with a line feed, cells with U+0007, a row with U+0007 in its own part.

    Args:
        text: the letters.
        font: its own font; None for the font of its style.
        is_deleted: a tracked change took it out.
        is_hidden: no page shows it.
        is_row_end: it is the mark at the end of a row.
        is_narrow: stored with one byte a letter (Windows-1252).
        in_list: number of the list that its paragraph is in; None for that of its style.
        depth: its level there.
    """

    text: str
    font: str | None = None
    is_deleted: bool = False
    is_row_end: bool = False
    is_narrow: bool = False
    in_list: int | None = None
    depth: int = 0
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ListLevel:
    """A level of a list: its label with U+0000 for the number of the first level; how it is written and counted."""

    label: str
    style: int = 0
    start: int = 1
    counts_anew: bool = True


def write_word(
    text: str | Sequence[Part], *, font: str = "Times New Roman", flags: int = 0,
    lists: Sequence[Sequence[ListLevel]] = (), restart: tuple[int, int] | None = None,
) -> bytes:  # fmt: skip
    """Return a document.

    Args:
        text: its letters.
        font: of its style Normal.
        flags: more bits of its header (0x0100: locked).
        lists: its lists, numbered from 1, with all their levels.
        restart: one more list, the use of list 1 that begins a level, by its number, with a number.
    """
    return write_compound(write_word_streams(text, font=font, flags=flags, lists=lists, restart=restart))


def write_word_streams(
    text: str | Sequence[Part], *, font: str = "Times New Roman", flags: int = 0,
    lists: Sequence[Sequence[ListLevel]] = (), restart: tuple[int, int] | None = None,
) -> dict[str, bytes]:  # fmt: skip
    """Return the streams of a document by their names; the arguments are those of `write_word`."""
    parts = [Part(text)] if isinstance(text, str) else list(text)
    fonts = list(dict.fromkeys([font, *(part.font for part in parts if part.font)]))
    bounds, letters, pieces = [_TEXT_AT], b"", []
    for part in parts:
        shown = part.text.replace("\n", "\r")
        pieces.append((len(shown), bounds[-1]))
        letters += shown.encode("latin-1" if part.is_narrow else "utf-16-le")
        bounds.append(_TEXT_AT + len(letters))
    body = letters.ljust(-(-len(letters) // _PAGE) * _PAGE, b"\0")
    look_at = _TEXT_AT + len(body)
    looks = _write_page(bounds, [_look(part, fonts) for part in parts], width=1)
    rows = [b"\0\0" + _row(part) for part in parts]
    marks = _write_page(bounds, rows, width=13)
    table, places = _lay_out({
        1: _styles(fonts.index(font)), 12: _bin_table(bounds, look_at // _PAGE),
        13: _bin_table(bounds, look_at // _PAGE + 1), 15: _fonts(fonts), 33: _pieces(pieces, parts),
        74: _list_uses(len(lists), restart), 73: _list_definitions(lists),
    })  # fmt: skip
    header = _header(sum(count for count, _ in pieces), end=bounds[-1], places=places, flags=flags)
    return {"WordDocument": header + body + looks + marks, "1Table": table}


def _header(count: int, *, end: int, places: dict[int, tuple[int, int]], flags: int) -> bytes:
    header = bytearray(_TEXT_AT)
    struct.pack_into("<HHHHHHH", header, 0, 0xA5EC, 0x00C1, 0, 0x042A, 0, 0x0200 | 0x1000 | flags, 0x00BF)
    struct.pack_into("<II", header, 0x18, _TEXT_AT, end)
    struct.pack_into("<H", header, 0x20, 14)
    struct.pack_into("<H", header, 0x3E, 22)
    struct.pack_into("<II", header, 0x40, end, 0)
    struct.pack_into("<I", header, 0x4C, count)
    struct.pack_into("<H", header, 0x98, 0x5D)
    for number, place in places.items():
        struct.pack_into("<II", header, 0x9A + 8 * number, *place)
    return bytes(header)


def _row(part: Part) -> bytes:
    in_list = b"" if part.in_list is None else struct.pack("<HHHB", 0x460B, part.in_list, 0x260A, part.depth)
    return in_list + (struct.pack("<HB", 0x2417, 1) if part.is_row_end else b"")


def _list_definitions(lists: Sequence[Sequence[ListLevel]]) -> bytes:
    """Write the definitions of lists; their levels come after the table, and do not count in its size."""
    heads = b"".join(struct.pack("<i22xBx", 100 + number, len(levels) == 1) for number, levels in enumerate(lists))
    levels = b"".join(_list_level(level) for one in lists for level in one)
    return struct.pack("<H", len(lists)) + heads + levels


def _list_level(level: ListLevel) -> bytes:
    flags = 0 if level.counts_anew else 0x08
    head = struct.pack("<iBB9xB8xBBBx", level.start, level.style, flags, 0, 4, 3, 0)
    text = level.label.encode("utf-16-le")
    return head + b"\x0f\x84\0" + struct.pack("<HH", 0x4A51, 0) + struct.pack("<H", len(text) // 2) + text


def _list_uses(count: int, restart: tuple[int, int] | None) -> bytes:
    uses = [(100 + number, 0) for number in range(count)] + ([(100, 1)] if restart else [])
    data = b"".join(b"\xff" * 4 for _ in range(count))
    if restart:
        data += b"\xff" * 4 + struct.pack("<iI", restart[1], restart[0] | 0x10)
    return struct.pack("<I", len(uses)) + b"".join(struct.pack("<i8xB3x", *use) for use in uses) + data


def _look(part: Part, fonts: list[str]) -> bytes:
    look = (
        b""
        if part.font is None
        else struct.pack("<HHHH", 0x4A4F, fonts.index(part.font), 0x4A51, fonts.index(part.font))
    )
    look += struct.pack("<HB", 0x083C, 1) if part.is_hidden else b""
    return look + (struct.pack("<HB", 0x0800, 1) if part.is_deleted else b"")


def _write_page(bounds: list[int], looks: list[bytes], *, width: int) -> bytes:
    """Write a page of formatted runs (width 1) or paragraphs (13)."""
    page = bytearray(_PAGE)
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    at = _PAGE - 1
    for index, look in enumerate(looks):
        size = (
            bytes([len(look)])
            if width == 1
            else bytes([(len(look) + 1) // 2] if len(look) % 2 else [0, len(look) // 2])
        )
        at -= len(size + look) + (at - len(size + look)) % 2
        page[at : at + len(size + look)] = size + look
        page[4 * len(bounds) + width * index] = at // 2
    page[-1] = len(looks)
    return bytes(page)


def _bin_table(bounds: list[int], page: int) -> bytes:
    return struct.pack("<III", bounds[0], bounds[-1], page)


def _fonts(names: list[str]) -> bytes:
    records = b""
    for name in names:
        record = bytes(39) + name.encode("utf-16-le") + b"\0\0"
        records += bytes([len(record)]) + record
    return struct.pack("<HH", len(names), 0) + records


def _styles(font: int) -> bytes:
    """Write a style sheet of Normal alone."""
    looks = struct.pack("<HH", 0x4A51, font)
    name = "Normal".encode("utf-16-le")
    changes = struct.pack("<HH", 2, 0) + struct.pack("<H", len(looks)) + looks
    style = struct.pack("<HHHHH", 0, 0xFFF << 4 | 1, 2, 0, 0) + struct.pack("<H", 6) + name + b"\0\0" + changes
    head = struct.pack("<HHHHHHHHH", 1, 10, 1, 0, 0, 0, 0, 0, 0)
    return struct.pack("<H", len(head)) + head + struct.pack("<H", len(style)) + style


def _pieces(pieces: list[tuple[int, int]], parts: Sequence[Part]) -> bytes:
    places = [0]
    for count, _ in pieces:
        places.append(places[-1] + count)
    body = struct.pack(f"<{len(places)}I", *places)
    for (_, at), part in zip(pieces, parts, strict=True):
        body += struct.pack("<HIH", 0, at * 2 | 1 << 30 if part.is_narrow else at, 0)
    return b"\x02" + struct.pack("<I", len(body)) + body


def _lay_out(tables: dict[int, bytes]) -> tuple[bytes, dict[int, tuple[int, int]]]:
    table, places = b"", {}
    for number, data in tables.items():
        places[number] = (len(table), len(data))
        table += data
    return table, places


@dataclass(frozen=True, slots=True)
class OldPart:
    """Bytes with one look in a document of Word 6; a paragraph ends with a carriage return.

    Args:
        data: the letters.
        font: number of its font; None for the font of its style, which is the first.
        is_deleted: a tracked change took it out.
        is_hidden: no page shows it.
        is_row_end: it is the mark at the end of a row.
    """

    data: bytes
    font: int | None = None
    is_deleted: bool = False
    is_hidden: bool = False
    is_row_end: bool = False


def write_word_6(
    parts: Sequence[OldPart], fonts: Sequence[tuple[str, int]], *, order: Sequence[int] | None = None,
    width: int = 1,
) -> bytes:  # fmt: skip
    """Return a document of Word 6.

    Args:
        parts: its letters.
        fonts: their names and character sets.
        order: how the parts follow each other in the text, if they are pieces that stand otherwise.
        width: bytes of each letter in `data`; 2 in editions of Word 95 for Asia.
    """
    letters = b"".join(part.data for part in parts)
    bounds = [_TEXT_AT]
    for part in parts:
        bounds.append(bounds[-1] + len(part.data))
    body = letters.ljust(-(-len(letters) // _PAGE) * _PAGE, b"\0")
    page = (_TEXT_AT + len(body)) // _PAGE
    looks = _write_page(bounds, [_old_look(part) for part in parts], width=1)
    rows = [b"\0\0" + (b"\x19\x01" if part.is_row_end else b"") for part in parts]
    marks = _write_page(bounds, rows, width=7)
    tables = {
        0x60: _old_styles(), 0xB8: struct.pack("<IIH", bounds[0], bounds[-1], page),
        0xC0: struct.pack("<IIH", bounds[0], bounds[-1], page + 1), 0xD0: _old_fonts(fonts),
        0x160: _old_pieces(parts, bounds, order=order or range(len(parts)), width=width),
    }  # fmt: skip
    table, places = _lay_out(tables)
    header = bytearray(_TEXT_AT)
    struct.pack_into("<HHHHHH", header, 0, 0xA5DC, 0x65, 0, 0x042A, 0, 4 * (order is not None) + 0x1000 * (width > 1))
    struct.pack_into("<II", header, 0x18, _TEXT_AT, bounds[-1])
    struct.pack_into("<I", header, 0x34, len(letters) // width)
    for at, (start, size) in places.items():
        struct.pack_into("<II", header, at, (page + 2) * _PAGE + start, size)
    return write_compound({"WordDocument": bytes(header) + body + looks + marks + table})


def _old_look(part: OldPart) -> bytes:
    # The sign of bold letters has a byte of its own, and a picture says its own size.
    look = b"\x55\x01\x44\x04abcd"
    return (
        look
        + (b"" if part.font is None else struct.pack("<BH", 93, part.font))
        + b"A\x01" * part.is_deleted
        + b"\\\x01" * part.is_hidden
    )


def _old_fonts(fonts: Sequence[tuple[str, int]]) -> bytes:
    records = b"".join(
        bytes([6 + len(name), 0, 0x90, 1, charset, 0]) + name.encode("ascii") + b"\0" for name, charset in fonts
    )
    return struct.pack("<H", 2 + len(records)) + records


def _old_styles() -> bytes:
    """Write a style sheet of Normal alone, in the first font."""
    look = struct.pack("<BH", 93, 0)
    changes = struct.pack("<HH", 2, 0) + struct.pack("<H", len(look)) + look
    style = struct.pack("<HHHH", 0, 0xFFF << 4 | 1, 2, 0) + b"\x06Normal\0" + changes
    head = struct.pack("<HHHHHHH", 1, 8, 1, 0, 0, 0, 1)
    return struct.pack("<H", len(head)) + head + struct.pack("<H", len(style)) + style


def _old_pieces(parts: Sequence[OldPart], bounds: list[int], *, order: Sequence[int], width: int) -> bytes:
    places = [0]
    for number in order:
        places.append(places[-1] + len(parts[number].data) // width)
    body = struct.pack(f"<{len(places)}I", *places) + b"".join(struct.pack("<HIH", 0, bounds[one], 0) for one in order)
    return b"\x01\x02\0ab\x02" + struct.pack("<I", len(body)) + body
