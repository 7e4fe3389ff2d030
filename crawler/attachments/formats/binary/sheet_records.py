"""Find what a binary workbook [MS-XLS] says outside of cells: text boxes, notes, titles of charts, headers, footers."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO

import olefile

from crawler.attachments.formats.cells.shown import strip_header_codes

_STREAMS = ("Workbook", "Book")
_CONTINUE, _NAME, _NOTE, _NO_RECORD = 0x003C, 0x0018, 0x001C, 0xFFFE
_HEADER, _FOOTER, _TEXT_OBJECT, _SERIES_TEXT = 0x0014, 0x0015, 0x01B6, 0x100D
_DRAWINGS, _STRINGS, _STRINGS_HEAD = 0x00EB, 0x00FC, 8
# Flags of a string: two bytes a letter, what says how it is spoken, its letters have several looks.
_IS_WIDE, _IS_SPOKEN, _HAS_RUNS = 1, 4, 8
# A formula: its cell and form, its last result, flags. So many of the results that no program has counted are 0.
_FORMULA, _RESULT, _COUNT_ON_LOAD, _MOST_COUNTED = 0x0006, struct.Struct("<6x8sH"), 2, 0.1
_ZERO, _NO_LETTERS = bytes(8), b"\x03\0\0\0\0\0\xff\xff"
_BIFF8 = 0x0600
_HEAD = struct.Struct("<HH")


def read_loose_texts(data: bytes) -> list[str]:
    """Return the texts outside of cells, each once, in the order of the file; none if it is older than Excel 97."""
    stream = _open_stream(data)
    if len(stream) < 6 or struct.unpack_from("<H", stream, 4)[0] != _BIFF8:
        return []
    found = (" ".join(text.split(" ")).strip() for text in _read_texts(stream))
    return list(dict.fromkeys(text for text in found if text))


def read_drawings(data: bytes) -> bytes:
    """Return the drawings that all sheets of a workbook share, its pictures among them; b"" if it has none."""
    pieces: list[bytes] = []
    is_drawing = False
    for kind, body in _records(_open_stream(data)):
        # A record holds 8 KiB at most; the rest of a drawing is in those that continue it.
        is_drawing = kind == _DRAWINGS or (is_drawing and kind == _CONTINUE)
        pieces += [body] if is_drawing else []
    return b"".join(pieces)


def count_uncounted(data: bytes) -> int:
    """Return how many formulas a workbook holds whose result no program has counted yet.

    Programs that make workbooks without Excel (Apache POI, JExcelApi) write 0 or no letters for each of them, and ask
    for a count on load. Excel 5 asks for that too, but has counted.
    """
    formulas = (body for kind, body in _records(_open_stream(data)) if kind == _FORMULA and len(body) >= _RESULT.size)
    results = [result for result, flags in map(_RESULT.unpack_from, formulas) if flags & _COUNT_ON_LOAD]
    empty = sum(result in (_ZERO, _NO_LETTERS) for result in results)
    return empty if empty > 1 and len(results) - empty <= _MOST_COUNTED * len(results) else 0


def mend(data: bytes) -> bytes:
    """Return the stream of a workbook without what xlrd stumbles over, though no cell needs it; b"" if it has none.

    Defined names go, whose formulas may be damaged, and the places of notes, whose words are elsewhere. The table of
    strings says how many it holds, not how many it should.
    """
    stream = bytearray(_open_stream(data))
    at = table = end = 0
    strings: list[bytes] = []
    for kind, body in _records(bytes(stream)):
        if kind in (_NAME, _NOTE):
            _HEAD.pack_into(stream, at, _NO_RECORD, len(body))
        at += _HEAD.size
        if kind == _STRINGS:
            table, strings, end = at, [body], at + len(body)
        elif kind == _CONTINUE and strings and at - _HEAD.size == end:
            strings.append(body)
            end = at + len(body)
        at += len(body)
    if strings and len(strings[0]) >= _STRINGS_HEAD:
        count = min(struct.unpack_from("<I", stream, table + 4)[0], count_strings(strings))
        struct.pack_into("<I", stream, table + 4, count)
    return bytes(stream)


def count_strings(pieces: Sequence[bytes]) -> int:
    """Return how many strings the table of a workbook holds, by its record and those that continue it (2.4.265)."""
    count = piece = 0
    at = _STRINGS_HEAD
    with suppress(IndexError, struct.error):
        while piece < len(pieces):
            if at >= len(pieces[piece]):
                at -= len(pieces[piece])
                piece += 1
                continue
            left, flags = struct.unpack_from("<HB", pieces[piece], at)
            at += 3
            behind = 4 * struct.unpack_from("<H", pieces[piece], at)[0] if flags & _HAS_RUNS else 0
            at += 2 if flags & _HAS_RUNS else 0
            behind += struct.unpack_from("<I", pieces[piece], at)[0] if flags & _IS_SPOKEN else 0
            at += 4 if flags & _IS_SPOKEN else 0
            while True:
                width = 2 if flags & _IS_WIDE else 1
                here = min((len(pieces[piece]) - at) // width, left)
                left, at = left - here, at + here * width
                if not left:
                    break
                # The letters go on in the next record, which says again how many bytes each has.
                piece, at = piece + 1, 1
                flags = pieces[piece][0]
            at += behind
            count += 1
    return count


def _open_stream(data: bytes) -> bytes:
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            name = next((name for name in _STREAMS if compound.exists(name)), None)
            return compound.openstream(name).read() if name else b""
    except Exception:  # a damaged file raises whatever its damage leads to
        return b""


def _read_texts(stream: bytes) -> Iterator[str]:
    awaited = 0  # letters of a text object; they are in the records that continue it
    held: list[str] = []
    for kind, body in _records(stream):
        if kind == _TEXT_OBJECT and len(body) >= 12:
            awaited, held = struct.unpack_from("<H", body, 10)[0], []
        elif kind == _CONTINUE and awaited > 0:
            held.append(_letters(body, awaited))
            awaited -= max(len(held[-1]), 1)
        elif held:
            yield "".join(held).replace("\r", "\n")
            awaited, held = 0, []
        if kind in (_HEADER, _FOOTER) and len(body) > 3:
            yield strip_header_codes(_letters(body[2:], struct.unpack_from("<H", body)[0]))
        elif kind == _SERIES_TEXT and len(body) > 4:
            yield _letters(body[3:], body[2])


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEAD.size <= len(stream):
        kind, size = _HEAD.unpack_from(stream, at)
        yield kind, stream[at + _HEAD.size : at + _HEAD.size + size]
        at += _HEAD.size + size


def _letters(body: bytes, count: int) -> str:
    """Read a text whose first byte says whether each letter has two bytes."""
    if body[:1] and body[0] & 1:
        return body[1 : 1 + 2 * count].decode("utf-16-le", "replace")
    return body[1 : 1 + count].decode("latin-1")
