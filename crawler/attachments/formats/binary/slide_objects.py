"""Walk through the records of a binary presentation, and unpack the documents that are set on its slides. Pure."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

# A record says the size of what it unpacks to; it may be wrong.
_MOST_BYTES = 100 * 1024**2
_HEAD = struct.Struct("<HHI")
_MAX_DEPTH = 40
# Text boxes and the data of tags hold records though they are not containers.
_LIKE_CONTAINERS = (0xF00D, 0x138B)
_PACKED = 1  # instance of a record that holds an object packed


def unpack_object(content: bytes, *, instance: int) -> bytes:
    """Return the compound file that a record of an object holds; b"" if it is damaged or too large."""
    if instance != _PACKED:
        return content
    if len(content) < 4 or struct.unpack_from("<I", content)[0] > _MOST_BYTES:
        return b""
    try:
        return zlib.decompressobj().decompress(content[4:], _MOST_BYTES)
    except zlib.error:
        return b""


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the stream: its type, instance, and where its content begins and ends."""

    kind: int
    instance: int
    is_container: bool
    start: int
    end: int


class Records:
    """A stream of records, which may hold others [MS-PPT 2.3.1]."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream

    def record_at(self, offset: int) -> Record | None:
        """Return the record that begins at a place; None outside of the stream."""
        if not 0 <= offset <= len(self.stream) - _HEAD.size:
            return None
        version, kind, size = _HEAD.unpack_from(self.stream, offset)
        start = offset + _HEAD.size
        is_container = version & 0xF == 0xF
        return Record(kind, version >> 4, is_container, start, min(start + size, len(self.stream)))

    def records(self, start: int, end: int) -> Iterator[Record]:
        """Give the records from one place to another, in their order."""
        while start + _HEAD.size <= end and (record := self.record_at(start)) is not None:
            yield record
            start = record.end

    def children(self, record: Record) -> Iterator[Record]:
        """Give the records right within a container; none for others."""
        return self.records(record.start, record.end) if record.is_container else iter(())

    def walk(self, record: Record, depth: int = 0) -> Iterator[Record]:
        """Give all records within one, each before those within it."""
        for child in self.records(record.start, record.end):
            yield child
            if (child.is_container or child.kind in _LIKE_CONTAINERS) and depth < _MAX_DEPTH:
                yield from self.walk(child, depth + 1)
