"""Find the parts of an answer in the bytes of a connection, however malformed, and keep every byte of them.

It reads what curl reads, and more. What it cannot read, it keeps: an answer without a status line is all body.
"""

import re
from typing import Final

from crawler.body import Body, BodySink
from crawler.language.numbers import whole_number
from crawler.media.http_head import STATUS_LINE_BYTES, HttpHead, head_length, parse_head
from crawler.media.transfer_coding import BAD_SIZE_LINE, SIZE_LINE, read_codings

# Servers were seen to send header lines of 150 kB. The limit keeps a stream without end out of memory.
MAX_HEAD_BYTES: Final = 1024 * 1024
_BLANK_LINE = re.compile(rb"\n\r?\n")
_LONGESTSIZE_LINE = 16 * 1024
_BODILESS = (204, 304)


class HeadTooLongError(Exception):
    """Raised when a head does not end within its limit, by `AnswerReader.feed`."""


class AnswerReader:
    """Takes the bytes of one connection and parts them into head and body. Feed it until it `is_over`.

    Attributes:
        head: the head exactly as it came: blank lines before it are kept, interim heads (1xx) are left out. Empty if
            there is no status line.
        status: the status that the head names, 0 for none.
        has_head: whether the head is complete. An answer without a status line has no head to wait for.
        is_over: whether the answer ended by its own account, before the connection did.
    """

    def __init__(self, method: str, sink: BodySink) -> None:
        self.head = b""
        self.status = 0
        self.has_head = False
        self.is_over = False
        self._method = method
        self._sink = sink
        self._begin = b""
        self._interim_bytes = 0
        self._searched = 0
        self._framing: _UntilClose | _Length | _Chunks = _UntilClose()

    @property
    def has_begun(self) -> bool:
        """Whether anything of an answer came. Blank lines and interim heads are nothing."""
        return bool(self.has_head or self._begin.strip())

    @property
    def has_last_chunk(self) -> bool:
        """Whether a chunked body is whole, although the blank line after it did not come yet."""
        return isinstance(self._framing, _Chunks) and self._framing.has_last

    def feed(self, data: bytes) -> None:
        """Take the next bytes. What comes after the end of the answer is dropped.

        Raises:
            HeadTooLongError: if the head is longer than 1 MiB.
            OSError: if the spool file of the body cannot be written.
        """
        if not self.has_head:
            self._begin += data
            data = self._take_head()
        if self.has_head and not self.is_over:
            taken = self._framing.take(data)
            self._sink.write(data[:taken])
            self.is_over = self._framing.is_over

    def finish(self, *, cause: str | None) -> tuple[Body, str | None]:
        """Return the body, and why the answer is not whole, None if it is.

        Args:
            cause: why the connection ended before the answer: `time` or `disconnect`. None if the server closed it.
        """
        if not self.has_head:
            self._give_up_head()
            return self._sink.finish(), cause or ("disconnect" if self.head else None)
        is_whole = self.is_over or self._framing.ends_with(self._sink.size_bytes, is_closed=cause is None)
        return self._sink.finish(), None if is_whole else cause or "disconnect"

    def _take_head(self) -> bytes:
        """Take the head off the bytes that came so far, and return the rest. Pass over interim heads."""
        while True:
            start = len(self._begin) - len(self._begin.lstrip(b"\r\n"))
            if len(self._begin) - start < STATUS_LINE_BYTES:
                return b""
            if not head_length(self._begin[: start + STATUS_LINE_BYTES + 1], is_answer=True):
                self.has_head = True  # no status line: all is body
                rest, self._begin = self._begin, b""
                return rest
            end = _BLANK_LINE.search(self._begin, max(start, self._searched))
            if end is None:
                self._bound(len(self._begin))
                self._searched = max(0, len(self._begin) - 2)
                return b""
            head, self._begin, self._searched = self._begin[: end.end()], self._begin[end.end() :], 0
            parsed = parse_head(head)
            if 100 <= parsed.status < 200 and parsed.status != 101:
                self._interim_bytes += len(head)
                self._bound(0)
                continue
            self._take(head, parsed)
            rest, self._begin = self._begin, b""
            return rest

    def _bound(self, size: int) -> None:
        if self._interim_bytes + size > MAX_HEAD_BYTES:
            raise HeadTooLongError

    def _take(self, head: bytes, parsed: HttpHead) -> None:
        self.has_head = True
        self.head, self.status = head, parsed.status
        self._framing = _choose_framing(parsed)
        self.is_over = self._method == "HEAD" or self.status in _BODILESS or self._framing.is_over

    def _give_up_head(self) -> None:
        """Take what came of a head that does not end: as a head if it has a status line, else as a body."""
        if head_length(self._begin, is_answer=True):
            self.head = self._begin
            self.status = parse_head(self.head).status
        else:
            self._sink.write(self._begin)


def _choose_framing(head: HttpHead) -> "_UntilClose | _Length | _Chunks":
    """Decide what ends the body (RFC 9112, 6.3). A length that is not a number does not count, nor does a foreign one.

    Of lengths that differ, the one counts that the bytes agree with.
    """
    codings = read_codings(head.transfer_encoding)
    values = [value.decode("latin-1") for name, value in head.headers if name.lower() == b"content-length"]
    said = [part.strip() for value in values for part in value.split(",")]
    stated = {whole_number(part) for part in said}
    lengths = set() if None in stated else {length for length in stated if length is not None}
    if codings[-1:] == ("chunked",):
        return _Chunks(lengths)
    if codings:
        return _UntilClose()
    return _Length(lengths.pop()) if len(lengths) == 1 else _UntilClose(lengths)


class _UntilClose:
    """A body that ends with the connection. With `lengths`, its size must be one of them."""

    is_over = False

    def __init__(self, lengths: set[int] | None = None) -> None:
        self._lengths = lengths or set()

    def take(self, data: bytes) -> int:
        """Return how many of the bytes belong to the body."""
        return len(data)

    def ends_with(self, size: int, *, is_closed: bool) -> bool:
        """Whether a body of this size is whole."""
        return size in self._lengths if self._lengths else is_closed


class _Length:
    """A body of a known size."""

    def __init__(self, length: int) -> None:
        self._left = length

    @property
    def is_over(self) -> bool:
        """Whether all of it came."""
        return not self._left

    def take(self, data: bytes) -> int:
        """Return how many of the bytes belong to the body."""
        taken = min(len(data), self._left)
        self._left -= taken
        return taken

    def ends_with(self, size: int, *, is_closed: bool) -> bool:  # noqa: ARG002 - the other framings need them
        """Whether a body of this size is whole."""
        return self.is_over


class _Chunks:
    """A body in chunks, with trailers. Its last chunk ends it; the blank line after the trailers may be missing.

    A body that does not begin with the size of a chunk has no chunks: it ends with the connection. After a malformed
    size in the middle, all that comes is kept, and the body is not whole.
    """

    def __init__(self, lengths: set[int]) -> None:
        self._plain = _UntilClose(lengths)
        self._line = b""
        self._left = 0
        self._state = "begin"  # begin, size, data, trailers, over, plain, broken

    @property
    def is_over(self) -> bool:
        """Whether the blank line after the trailers came."""
        return self._state == "over"

    @property
    def has_last(self) -> bool:
        """Whether the last chunk came."""
        return self._state in ("trailers", "over")

    def take(self, data: bytes) -> int:
        """Return how many of the bytes belong to the body."""
        at = 0
        while at < len(data) and self._state != "over":
            if self._state in ("plain", "broken"):
                return len(data)
            if self._state == "data":
                step = min(self._left, len(data) - at)
                self._left -= step
                self._state = "data" if self._left else "size"
                at += step
                continue
            end = data.find(b"\n", at) + 1 or len(data)
            self._line += data[at:end]
            at = end
            if self._line.endswith(b"\n") or len(self._line) > _LONGESTSIZE_LINE:
                self._end_line(self._line)
                self._line = b""
        return at

    def ends_with(self, size: int, *, is_closed: bool) -> bool:
        """Whether the last chunk came; a body without chunks is whole as one without Transfer-Encoding is."""
        if self._state == "begin" and self._line and not SIZE_LINE.fullmatch(self._line + b"\n"):
            self._state = "plain"
        if self._state == "plain":
            return self._plain.ends_with(size, is_closed=is_closed)
        is_last = self._state == "size" and self._line.strip() and set(self._line.strip()) == {ord("0")}
        return self.has_last or bool(is_last)

    def _end_line(self, line: bytes) -> None:
        if self._state == "trailers":
            self._state = "trailers" if line.strip() else "over"
            return
        size = SIZE_LINE.fullmatch(line)
        if size is not None:
            self._left = int(size[1], 16)
            self._state = "data" if self._left else "trailers"
        elif self._state == "begin" and not BAD_SIZE_LINE.fullmatch(line):
            self._state = "plain"
        elif line.strip():
            self._state = "broken"
