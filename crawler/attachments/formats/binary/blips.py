"""Find the pictures of binary Office files, as they are stored in records of drawings [MS-ODRAW 2.2.23]. Pure.

The properties of a shape name its picture, and hold its letters if it is WordArt.
"""

import re
import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

from crawler.attachments.formats.binary.sheet_records import read_drawings
from crawler.attachments.formats.metafiles.reader import unpack_metafile

# Documents hold them beside or after their text, presentations in a stream of their own.
_STREAMS = (["Data"], ["WordDocument"], ["Pictures"], ["PP97_DUALSTORAGE", "Pictures"])
_SHEETS = ("Workbook", "Book")
# The types of the records of JPEG, PNG and TIFF, and how their pictures begin.
_RECORD = re.compile(rb"[\x1d\x1e\x29\x2a]\xf0(....)", re.DOTALL)
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*")
# Between the head of a record and its picture are one digest or two, and a byte.
_BEFORE = (17, 33)
# Smaller pictures are seals, signatures and logos.
_LEAST_BYTES = 5_000
_MOST_PICTURES = 500
# EMF and WMF: between the digests and the picture are its size, and whether it is packed.
_DRAWN = re.compile(rb"(.)[\x3d\x21][\x1a\x1b]\xf0(....)", re.DOTALL)
_DRAWN_HEAD, _DIGEST_BYTES = struct.Struct("<I24xIBB"), 16
# Properties of shapes (2.3.23.2, 2.3.22.1): the number of its picture, and the letters of WordArt.
_PICTURE, _LETTERS, _NUMBER_OF_PROPERTY, _IS_LONG = 0x0104, 0x00C0, 0x3FFF, 0x8000
_PROPERTY = struct.Struct("<HI")


def find_pictures(data: bytes) -> list[bytes]:
    """Return the pictures of a compound file that can be scans, each once, in their order; [] if it has none."""
    found = dict.fromkeys(picture for stream in _read_streams(data) for picture in _read_stream(stream))
    return list(found)[:_MOST_PICTURES]


def find_metafiles(data: bytes) -> Iterator[bytes]:
    """Give the metafiles of a compound file that holds a document or workbook, unpacked, in their order."""
    for stream in _read_streams(data):
        for record in _DRAWN.finditer(stream):
            yield read_metafile_at(stream, record.start())


def _read_streams(data: bytes) -> list[bytes]:
    """Return the streams of a compound file that hold drawings; [] if it is damaged."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            streams = [compound.openstream(path).read() for path in _STREAMS if compound.exists(path)]
            has_sheets = any(compound.exists(name) for name in _SHEETS)
    except Exception:  # a damaged file raises whatever its damage leads to
        return []
    return [*streams, read_drawings(data)] if has_sheets else streams


def read_metafile_at(stream: bytes, at: int) -> bytes:
    """Return the metafile whose record begins at a place, unpacked; b"" if there is none."""
    record = _DRAWN.match(stream, at) if at >= 0 else None
    if record is None:
        return b""
    # The last bit of its instance says that it has two digests.
    start = record.end() + _DIGEST_BYTES * (1 + (record[1][0] >> 4 & 1))
    if start + _DRAWN_HEAD.size > len(stream):
        return b""
    _, size, packing, _ = _DRAWN_HEAD.unpack_from(stream, start)
    picture = stream[start + _DRAWN_HEAD.size : start + _DRAWN_HEAD.size + size]
    return picture if packing else unpack_metafile(picture)


def find_picture_number(properties: bytes, count: int) -> int | None:
    """Return the number of the picture that a shape shows, counted from 1; None if it shows none.

    Args:
        properties: the content of the record of its properties.
        count: of the properties: the instance of the record.
    """
    given = (code for code in _read_properties(properties, count) if code[0] & _NUMBER_OF_PROPERTY == _PICTURE)
    return next((value for code, value in given if not code & _IS_LONG), None)


def read_word_art(properties: bytes, count: int) -> str:
    """Return the letters of a shape that is WordArt, "" for others; see `find_picture_number` for the arguments."""
    at = _PROPERTY.size * count
    for code, value in _read_properties(properties, count):
        if code & _NUMBER_OF_PROPERTY == _LETTERS and code & _IS_LONG:
            return properties[at : at + value].decode("utf-16-le", "replace").partition("\0")[0]
        at += value if code & _IS_LONG else 0
    return ""


def _read_properties(properties: bytes, count: int) -> list[tuple[int, int]]:
    return list(_PROPERTY.iter_unpack(properties[: min(len(properties) // _PROPERTY.size, count) * _PROPERTY.size]))


def _read_stream(stream: bytes) -> Iterator[bytes]:
    at = 0
    while (record := _RECORD.search(stream, at)) is not None:
        size = struct.unpack("<I", record[1])[0]
        end = record.end() + size
        start = next(
            (record.end() + skip for skip in _BEFORE if stream.startswith(_BEGINNINGS, record.end() + skip)), None
        )
        if start is None or end > len(stream):
            at = record.start() + 1
            continue
        at = end
        if end - start >= _LEAST_BYTES:
            yield stream[start:end]
