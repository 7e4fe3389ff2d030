"""The uncompressed bytes of a WARC file, with the bounds of its gzip members, in any compression.

The archive writes one gzip member for each record. Other tools write one member for the whole file (`zcat | gzip`),
blocks of a fixed size (`bgzip`), or no compression. This module reads all of them, also joined in one file.
"""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from crawler.errors import WarcError

RECORD_START = b"WARC/"
GZIP_MAGIC = b"\x1f\x8b"

_GZIP = 31  # zlib's window bits for a gzip member
_PART_BYTES = 1024 * 1024
_RAW_BYTES = 128 * 1024
# zlib copies the bytes that it was given after the end of a member, and most members are small. The first part also has
# what comes before a body, so that a large body is not copied for it.
_FIRST_BYTES, _NEXT_BYTES = 4 * 1024, 64 * 1024
# The bytes with which a member may begin, or a record in a file without compression.
_MEMBER_START = re.compile(rb"\x1f\x8b\x08")
_ANY_START = re.compile(rb"\x1f\x8b\x08|(?<=\n)WARC/\d\.\d+\r?\n")
RECORD_BEGIN = re.compile(rb"WARC/\d\.\d+\r?\n[A-Za-z-]{1,40}:")
RECORD_BEGIN_BYTES = 64
# A record among others in one member: it follows the end of another record.
_RECORD = re.compile(rb"\r\n\r\n(?=%b)" % RECORD_BEGIN.pattern)
_OVERLAP = 128


class NoMemberError(WarcError):
    """Raised when neither a gzip member nor a record begins at a place of a file, by `Unpacked.begin`."""


class CutError(WarcError):
    """Raised when a file, or the part of it that may be read, ends inside a gzip member, by `Unpacked.more`."""


class Unpacked:
    """Reads a file member by member. A part without compression counts as one member.

    `start` is the offset of the member in the file, `place` the number of uncompressed bytes taken from it. `left` are
    bytes that were read and not taken yet. With `is_over`, the member has no bytes after them, and `length` is its size
    in the file.
    """

    def __init__(self, stream: BinaryIO, *, offset: int = 0, most_bytes: int | None = None) -> None:
        stream.seek(offset)
        self.start, self.place, self.length = offset, 0, 0
        self.left = b""
        self.is_over = True
        self.is_packed = True
        self._stream = stream
        # Bytes of the file, of which `_used` were taken. `_raw_at` is the offset in the file of the next one.
        self._raw = b""
        self._used = 0
        self._raw_at = offset
        self._may_read = most_bytes
        self._inflater = zlib.decompressobj(_GZIP)
        self._given = 0  # uncompressed bytes of the member, taken or left
        self._broken: zlib.error | None = None

    @property
    def at(self) -> tuple[int, int]:
        """The position of the next byte: the offset of its member in the file, and its offset in the member's bytes.

        Without compression, the offset of the byte in the file, and 0.
        """
        return (self.start, self.place) if self.is_packed else (self.start + self.place, 0)

    def begin(self) -> bool:
        """Begin the next member; False at the end of the file.

        Raises:
            NoMemberError: if none begins here.
            CutError: if the file ends within its first bytes.
        """
        while len(self._raw) - self._used <= len(RECORD_START) and self._read():
            pass
        first = self._raw[self._used : self._used + len(RECORD_START) + 1]
        self.start, self.place, self.length, self.left = self._raw_at, 0, 0, b""
        self.is_over = True
        if not first:
            return False
        self.is_packed = first.startswith(GZIP_MAGIC)
        if any(start.startswith(first) for start in (GZIP_MAGIC, RECORD_START)):
            raise CutError("is cut off")  # only the end of a file has so few bytes
        if not self.is_packed and not first.startswith(RECORD_START):
            raise NoMemberError("is no WARC record")
        self._inflater = zlib.decompressobj(_GZIP)
        self.is_over, self._given, self._broken = False, 0, None
        return True

    def more(self) -> bool:
        """Read more bytes of the member into `left`; False at its end.

        Raises:
            CutError: if the file ends inside the member.
            zlib.error: if the member is damaged.
        """
        if self._broken is not None:
            raise self._broken
        while not self.is_over:
            part = self._inflate() if self.is_packed else self._take_plain()
            if part:
                self.left = self.left + part if self.left else part
                return True
        return False

    def take(self, size: int) -> bytes:
        """Take up to `size` bytes of `left`."""
        taken = self.left if size >= len(self.left) else self.left[:size]
        self.left = self.left[len(taken) :]
        self.place += len(taken)
        return taken

    def skip_to(self, place: int) -> None:
        """Take and drop all bytes of the member before a place."""
        while self.place < place and (self.left or self.more()):
            self.take(place - self.place)

    def end_here(self) -> None:
        """End a part without compression at the gzip member that follows it."""
        self._raw, self._used = self.left + self._raw[self._used :], 0
        self._raw_at -= len(self.left)
        self.left, self.is_over, self.length = b"", True, self.place

    def _inflate(self) -> bytes:
        data = self._inflater.unconsumed_tail or self._take_raw(_NEXT_BYTES if self._given else _FIRST_BYTES)
        if not data:
            raise CutError("is cut off")
        try:
            part = self._inflater.decompress(data, _PART_BYTES)
        except zlib.error as error:
            self._broken = error
            part = self._salvage()
            if not part:
                raise
        self._given += len(part)
        if self._inflater.eof:
            unused = len(self._inflater.unused_data)
            self._used -= unused
            self._raw_at -= unused
            self.is_over, self.length = True, self._raw_at - self.start
        return part

    def _salvage(self) -> bytes:
        """Return the bytes before the damage, which the last call lost: a zlib call that fails returns nothing."""
        end = self._stream.tell()
        self._stream.seek(self.start)
        inflater, given, parts = zlib.decompressobj(_GZIP), 0, []
        with suppress(zlib.error):
            while byte := self._stream.read(1):
                part = inflater.decompress(byte)
                parts.append(part[max(0, self._given - given) :])
                given += len(part)
        self._stream.seek(end)
        return b"".join(parts)

    def _take_plain(self) -> bytes:
        taken = bytes(self._take_raw(_RAW_BYTES))
        if not taken:
            self.is_over, self.length = True, self._raw_at - self.start
        return taken

    def _take_raw(self, most: int) -> memoryview:
        """Take up to `most` bytes of the file; none at its end."""
        if self._used == len(self._raw):
            self._read()
        taken = memoryview(self._raw)[self._used : self._used + most]
        self._used += len(taken)
        self._raw_at += len(taken)
        return taken

    def _read(self) -> bool:
        try:
            data = self._stream.read(_RAW_BYTES if self._may_read is None else min(_RAW_BYTES, self._may_read))
        except OSError as error:
            raise WarcError(f"cannot be read: {error.strerror}") from error
        if self._may_read is not None:
            self._may_read -= len(data)
        self._raw, self._used = self._raw[self._used :] + data, 0
        return bool(data)


def find_record(stream: BinaryIO, *, offset: int, place: int) -> Unpacked | None:
    """Find the next record after a damaged one; None if there is none up to the end of the file.

    Args:
        offset: the offset of the member in which the damaged record begins.
        place: the offset of the damaged record in the uncompressed bytes of that member.
    """
    found = _search_member(stream, offset=offset, place=place + 1)
    if found is not None:
        return found
    # A search inside a member without compression would find its records a second time.
    stream.seek(offset)
    starts = _MEMBER_START if stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC else _ANY_START
    for start in _starts(stream, offset + 1, pattern=starts):
        found = _search_member(stream, offset=start, place=0)
        if found is not None:
            return found
    return None


def _search_member(stream: BinaryIO, *, offset: int, place: int) -> Unpacked | None:
    """Find a record in a member, at or after a place."""
    source = Unpacked(stream, offset=offset)
    try:
        if not source.begin():
            return None
        source.skip_to(place)
        while len(source.left) < len(RECORD_START) and source.more():
            pass
        if place == 0 and source.left.startswith(RECORD_START):
            return source
        while True:
            if found := _RECORD.search(source.left):
                source.take(found.end())
                return source
            source.take(max(0, len(source.left) - _OVERLAP))
            if not source.more():
                return None
    except (zlib.error, WarcError):
        return None


def _starts(stream: BinaryIO, offset: int, *, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Yield the offsets at which a pattern matches, from an offset on."""
    at = max(0, offset - 1)
    tail = b""
    while True:
        stream.seek(at + len(tail))
        read = stream.read(_PART_BYTES)
        data = tail + read
        for found in pattern.finditer(data):
            # The first byte is only for the look-behind. The next part finds matches that cross the end of this part.
            if found.start() and (found.start() <= len(data) - _OVERLAP or not read):
                yield at + found.start()
        if not read:
            return
        kept = min(len(data), _OVERLAP)
        at, tail = at + len(data) - kept, data[-kept:]
