"""Undo the transfer codings of a message body (RFC 9112, 7) while it streams.

The WARC record holds the body as it came. Pages and files are read from the payload, which has no transfer coding.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator

_CHUNK_BYTES = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
SIZE_LINE = re.compile(rb"[ \t]*(0*[0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
# A line that looks like a size, but is not valid. No page and no file begins with it.
BAD_SIZE_LINE = re.compile(rb"[ \t]*[+-]?(?:0[xX])?[0-9A-Fa-f]+[ \t]*(?:;.*)?\r?\n", re.DOTALL)
# A gzip header with a long name or comment gives no output. A body with a later fault is compressed, and damaged.
_MAX_HEAD_BYTES = 64 * 1024
# The longest line with the size of a chunk: curl reads extensions of 16 KiB.
_LONGEST_LINE = 16 * 1024


def read_codings(transfer_encoding: str | None) -> tuple[str, ...]:
    """Return the transfer codings of a Transfer-Encoding value that change the bytes, in the order of the header.

    A second `chunked` is ignored, as in curl: servers repeat the header, not the coding.

    >>> read_codings("identity"), read_codings("GZip, chunked, chunked")
    ((), ('gzip', 'chunked'))
    """
    named = [part.partition(";")[0].strip().lower() for part in (transfer_encoding or "").split(",")]
    return tuple(dict.fromkeys(name for name in named if name in _DECODERS))


class TransferDecoder:
    """Decodes the transfer codings of one body, which is fed in parts.

    A coding is ignored if it is unknown, or if the body does not begin with it: some servers state a coding that they
    do not use. At a fault in the middle, the payload ends.
    """

    def __init__(self, transfer_encoding: str | None) -> None:
        self._steps = [_DECODERS[name]() for name in reversed(read_codings(transfer_encoding))]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode more bytes of the body, and yield the payload in parts of bounded size."""
        parts: Iterable[bytes] = (data,)
        for step in self._steps:
            parts = _pass_on(step, parts)
        yield from parts

    def finish(self) -> Iterator[bytes]:
        """Yield the remaining payload bytes at the end of the body."""
        for number, step in enumerate(self._steps):
            parts: Iterable[bytes] = step.finish()
            for later in self._steps[number + 1 :]:
                parts = _pass_on(later, parts)
            yield from parts

    @property
    def is_whole(self) -> bool:
        """Return whether every coding reached its end: the last chunk, the end of a stream. True without a coding."""
        return all(step.is_whole for step in self._steps)


def undo(body: Iterable[bytes], transfer_encoding: str | None) -> Iterator[bytes]:
    """Yield the payload of a body in parts of bounded size."""
    decoder = TransferDecoder(transfer_encoding)
    for data in body:
        yield from decoder.feed(data)
    yield from decoder.finish()


def undo_bytes(body: bytes, transfer_encoding: str | None) -> bytes:
    r"""Return the payload of a body in memory.

    >>> undo_bytes(b"  2 ;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "chunked")
    b'abc'
    """
    return b"".join(undo([body], transfer_encoding)) if read_codings(transfer_encoding) else body


class _Chunked:
    """Decodes `chunked`. Sizes may be padded with blanks, and lines may end with a bare LF. Trailers are dropped."""

    def __init__(self) -> None:
        self._line = b""  # the beginning of a size line that is not complete
        self._left = 0  # remaining bytes of the current chunk
        self._is_after_data = False
        self._has_begun = False
        self._is_plain = False
        self._is_over = False
        self.is_whole = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(data) and not self._is_over:
            if self._left:
                part = data[at : at + self._left]
                at += len(part)
                self._left -= len(part)
                self._is_after_data = not self._left
                yield part
                continue
            if not self._is_plain:
                at = self._read_line(data, at)
            if self._is_plain:
                yield self._line + data[at:]
                self._line = b""
                return

    def finish(self) -> Iterator[bytes]:
        if not self._has_begun and self._line:
            yield self._line  # no line with a size was complete, so the body is not chunked

    def _read_line(self, data: bytes, at: int) -> int:
        """Read the line with the size of a chunk, and return the position after it."""
        end = data.find(b"\n", at, at + _LONGEST_LINE) + 1 or min(len(data), at + _LONGEST_LINE)
        self._line += data[at:end]
        size = SIZE_LINE.fullmatch(self._line)
        if size is not None:
            self._left = int(size[1], 16)
            self._is_over = self.is_whole = not self._left
            self._has_begun = True
        elif self._is_after_data and self._line in (b"\r\n", b"\n"):
            self._is_after_data = False
        elif not self._line.endswith(b"\n") and len(self._line) < _LONGEST_LINE:
            return end  # the line continues in the next part
        else:
            self._is_over = self._has_begun or BAD_SIZE_LINE.fullmatch(self._line) is not None
            self._is_plain = not self._is_over
            return end
        self._line = b""
        return end


class _Inflated:
    """Decodes `gzip` and `deflate`, the latter with or without its zlib wrapper, as for content codings.

    The result does not depend on how the body is split into parts: a crawl gets the parts of the network, a rebuild
    those of a file.
    """

    def __init__(self, window_bits: int | None) -> None:
        self._window_bits = window_bits
        self._between = b""  # the first byte after a gzip member
        self._held = b""  # bytes without output yet, which may be plain
        self._inflater: zlib._Decompress | None = None
        self._has_begun = False
        self._is_plain = False
        self._is_over = False
        self.is_whole = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        data, self._between = self._between + data, b""
        while data and not self._is_over:
            if self._is_plain:
                yield data
                return
            if self._inflater is None and not self._begin_member(data):
                return
            assert self._inflater is not None
            before = self._inflater.copy()
            try:
                part = self._inflater.decompress(data, _CHUNK_BYTES)
            except zlib.error:
                part, taken = _inflate_to_fault(before, data)
                self._is_over = self._has_begun or bool(part) or len(self._held) + taken > _MAX_HEAD_BYTES
                self._is_plain = self.is_whole = not self._is_over
                data = self._held + data
                yield part
                continue
            self.is_whole = self._inflater.eof
            self._note_begin(data, has_given=bool(part) or self.is_whole)
            yield part
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data
                self._inflater = None

    def _note_begin(self, data: bytes, *, has_given: bool) -> None:
        if not self._has_begun:
            self._held += data
            self._has_begun = has_given or len(self._held) > _MAX_HEAD_BYTES
        if self._has_begun:
            self._held = b""

    def finish(self) -> Iterator[bytes]:
        yield from ()

    def _begin_member(self, data: bytes) -> bool:
        """Begin the stream, or another gzip member. Return False if none begins here, or bytes are missing."""
        if self._has_begun and not (self._window_bits and data.startswith(_GZIP_MAGIC)):
            # Padding or garbage after a stream is ignored, as in browsers.
            self._is_over = not (self._window_bits and _GZIP_MAGIC.startswith(data))
            self._between = data
            return False
        self._inflater = zlib.decompressobj(self._window_bits or (15 if data[0] & 0x0F == 8 else -15))
        return True


def _inflate_to_fault(inflater: "zlib._Decompress", data: bytes) -> tuple[bytes, int]:
    """Return the output before a fault in compressed bytes, and the number of intact bytes."""
    parts, at, step = [], 0, len(data)
    while step:
        trial = inflater.copy()
        try:
            parts.append(trial.decompress(data[at : at + step]))
        except zlib.error:
            step //= 2
        else:
            inflater, at = trial, at + step
    return b"".join(parts), at


_DECODERS: dict[str, Callable[[], "_Chunked | _Inflated"]] = {
    "chunked": _Chunked,
    "gzip": lambda: _Inflated(31),
    "x-gzip": lambda: _Inflated(31),
    "deflate": lambda: _Inflated(None),
}


def _pass_on(step: "_Chunked | _Inflated", parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield from step.feed(part)
