"""Find the pictures of binary Office files, as they are stored in records of drawings [MS-ODRAW 2.2.23]. Pure."""

import re
import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

from crawler.attachments.formats.binary.sheet_records import read_drawings

# Documents hold them beside or behind their text, presentations in a stream of their own.
_STREAMS = (["Data"], ["WordDocument"], ["Pictures"], ["PP97_DUALSTORAGE", "Pictures"])
_SHEETS = ("Workbook", "Book")
# The types of the records of JPEG, PNG and TIFF, and how their pictures begin.
_RECORD = re.compile(rb"[\x1d\x1e\x29\x2a]\xf0(....)", re.DOTALL)
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*")
# Between the head of a record and its picture stand one digest or two, and a byte.
_BEFORE = (17, 33)
# Smaller pictures are seals, signatures and logos.
_LEAST_BYTES = 5_000
_MOST_PICTURES = 500


def find_pictures(data: bytes) -> list[bytes]:
    """Return the pictures of a compound file that can be scans, each once, in their order; [] if it has none."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            streams = [compound.openstream(path).read() for path in _STREAMS if compound.exists(path)]
            sheets = any(compound.exists(name) for name in _SHEETS)
    except Exception:  # a damaged file raises whatever its damage leads to
        return []
    if sheets:
        streams.append(read_drawings(data))
    found = dict.fromkeys(picture for stream in streams for picture in _read_stream(stream))
    return list(found)[:_MOST_PICTURES]


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
