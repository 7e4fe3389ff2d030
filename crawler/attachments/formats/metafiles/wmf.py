"""Read the texts of a Windows Metafile [MS-WMF]. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.attachments.formats.encodings import FONT_CODECS
from crawler.attachments.formats.metafiles.emf import place_piece
from crawler.attachments.formats.metafiles.pieces import NO_FACE, Face, Piece

_PLACEABLE, _PLACEABLE_BYTES, _HEADER_BYTES = b"\xd7\xcd\xc6\x9a", 22, 18
_BEGINNINGS = (b"\x01\0\x09\0\0\x03", b"\x02\0\x09\0\0\x03", b"\x01\0\x09\0\0\x01", b"\x02\0\x09\0\0\x01")
_HEAD = struct.Struct("<IH")
# Functions of records (2.1.1.1).
_MOVE, _ALIGN, _SELECT, _DELETE, _FONT = 0x0214, 0x012E, 0x012D, 0x01F0, 0x02FB
_TEXT, _LONG_TEXT = 0x0521, 0x0A32
# Those that make an object, which gets the lowest free number.
_MAKES_OBJECT = frozenset((_FONT, 0x02FA, 0x02FC, 0x00F7, 0x01F9, 0x0142, 0x06FF, 0x01F8))
# A drawing of Office has tens.
_MOST_OBJECTS = 1000
_HAS_FRAME, _GLYPHS = 0x06, 0x10
_CHARSET_AT, _NAME_AT, _NAME_BYTES, _OF_SYMBOLS = 13, 18, 32, 2
_SYMBOLS = {byte: 0xF000 + byte for byte in range(0x20, 0x100)}


@dataclass(slots=True)
class _State:
    """What the commands so far have set; an object that is not a font is None."""

    objects: dict[int, Face | None] = field(default_factory=dict)
    face: Face = NO_FACE
    align: int = 0
    at: tuple[float, float] = (0.0, 0.0)


def is_wmf(data: bytes) -> bool:
    """Return whether bytes are a Windows Metafile, with or without the header that says its size."""
    return data.startswith((_PLACEABLE, *_BEGINNINGS))


def read_wmf(data: bytes) -> list[Piece]:
    """Return the pieces of text that a Windows Metafile draws. What is before damage is returned."""
    state = _State()
    pieces: list[Piece] = []
    try:
        for function, content in _records(data):
            if function in (_TEXT, _LONG_TEXT):
                piece = _read_text(content, state) if function == _TEXT else _read_long_text(content, state)
                pieces += [piece] if piece is not None else []
            else:
                _follow(function, content, state=state)
    except struct.error:
        pass
    return pieces


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = _HEADER_BYTES + (_PLACEABLE_BYTES if data.startswith(_PLACEABLE) else 0)
    while at + _HEAD.size <= len(data):
        words, function = _HEAD.unpack_from(data, at)
        if words < _HEAD.size // 2:
            return
        yield function, data[at + _HEAD.size : at + 2 * words]
        at += 2 * words


def _follow(function: int, content: bytes, *, state: _State) -> None:
    if function in _MAKES_OBJECT and len(state.objects) < _MOST_OBJECTS:
        free = next(number for number in range(len(state.objects) + 1) if number not in state.objects)
        state.objects[free] = _read_face(content) if function == _FONT else None
    elif function == _SELECT:
        state.face = state.objects.get(struct.unpack_from("<H", content)[0]) or state.face
    elif function == _DELETE:
        state.objects.pop(struct.unpack_from("<H", content)[0], None)
    elif function == _ALIGN:
        state.align = struct.unpack_from("<H", content)[0]
    elif function == _MOVE:
        top, left = struct.unpack_from("<hh", content)
        state.at = (left, top)


def _read_face(content: bytes) -> Face:
    height = struct.unpack_from("<h", content)[0]
    charset = content[_CHARSET_AT] if len(content) > _CHARSET_AT else 0
    name = content[_NAME_AT : _NAME_AT + _NAME_BYTES].partition(b"\0")[0].decode("cp1252", "replace")
    codec = "symbol" if charset == _OF_SYMBOLS else FONT_CODECS.get(charset, "cp1252")
    return Face(name or None, abs(height), codec)


def _read_text(content: bytes, state: _State) -> Piece | None:
    count = struct.unpack_from("<H", content)[0]
    top, left = struct.unpack_from("<hh", content, 2 + count + count % 2)
    return _place(content[2 : 2 + count], (left, top), width=0, state=state)


def _read_long_text(content: bytes, state: _State) -> Piece | None:
    top, left, count, flags = struct.unpack_from("<hhHH", content)
    if flags & _GLYPHS:
        return None
    start = 16 if flags & _HAS_FRAME else 8
    widths_at = start + count + count % 2
    has_widths = len(content) >= widths_at + 2 * count
    width = sum(struct.unpack_from(f"<{count}h", content, widths_at)) if has_widths else 0
    return _place(content[start : start + count], (left, top), width=width, state=state)


def _place(letters: bytes, place: tuple[float, float], *, width: float, state: _State) -> Piece | None:
    if state.face.codec == "symbol":
        text = letters.decode("latin-1").translate(_SYMBOLS)
    else:
        text = letters.decode(state.face.codec, "replace")
    return place_piece(text, place, width=width, face=state.face, align=state.align, pen=state.at)
