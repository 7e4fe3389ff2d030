"""Send large files in pieces and in ranges (RFC 9110, 14), only as long as the reader is connected."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from datasette.utils.asgi import Request, Response

from crawler.web.security_headers import Receive, Send

_PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"\s*+bytes\s*+=\s*+(?P<first>[0-9]{0,18})\s*+-\s*+(?P<last>[0-9]{0,18})\s*+")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A range of a file's bytes."""

    start: int
    length: int


class FileAnswer(Response):  # type: ignore[misc]
    """An answer whose body is read from a file while it is sent."""

    def __init__(
        self,
        path: Path,
        span: ByteRange,
        *,
        receive: Receive,
        status: int,
        headers: Mapping[str, str],
        content_type: str,
    ) -> None:
        said = {**headers, "content-length": str(span.length)}
        super().__init__(b"", status=status, headers=said, content_type=content_type)
        self._path, self._span, self._receive = path, span, receive

    async def asgi_send(self, send: Send) -> None:
        """Send the head, then the bytes, until all are sent or the reader disconnects."""
        headers = {**self.headers, "content-type": self.content_type}
        lines = [[name.encode("latin-1"), value.encode("latin-1")] for name, value in headers.items()]
        with await asyncio.to_thread(self._path.open, "rb") as file:
            await send({"type": "http.response.start", "status": self.status, "headers": lines})
            gone = asyncio.ensure_future(_wait_until_gone(self._receive))
            try:
                await asyncio.to_thread(file.seek, self._span.start)
                left = self._span.length
                while left and not gone.done():
                    piece = await asyncio.to_thread(file.read, min(left, _PIECE_BYTES))
                    if not piece:
                        break  # the file is shorter than announced: the reader sees that bytes are missing
                    left -= len(piece)
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                gone.cancel()
                with suppress(asyncio.CancelledError):
                    await gone


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def send_file(request: Request, path: Path, *, size: int, etag: str, headers: Mapping[str, str], kind: str) -> Response:
    """Answer with a file, or with the range of it that was requested.

    Args:
        request: the request.
        path: the file; the caller has made sure that it may be sent.
        size: its size in bytes.
        etag: a strong validator, in quotes.
        headers: further headers of the answer.
        kind: its media type.
    """
    said = {**headers, "etag": etag, "accept-ranges": "bytes"}
    asked = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in [tag.removeprefix("W/") for tag in asked] or "*" in asked:
        return Response(b"", status=304, headers=said, content_type=kind)
    wanted = request.headers.get("range", "")
    if wanted and request.headers.get("if-range", etag) == etag and (match := _RANGE.fullmatch(wanted)):
        span = find_span(match["first"], match["last"], size=size)
        if span is None:
            return Response(b"", status=416, headers={**said, "content-range": f"bytes */{size}"}, content_type=kind)
        said["content-range"] = f"bytes {span.start}-{span.start + span.length - 1}/{size}"
        status = 206
    else:
        span, status = ByteRange(0, size), 200
    if request.method == "HEAD":
        return Response(b"", status=status, headers={**said, "content-length": str(span.length)}, content_type=kind)
    return FileAnswer(path, span, receive=request.receive, status=status, headers=said, content_type=kind)


def find_span(first: str, last: str, *, size: int) -> ByteRange | None:
    """Return the bytes of a requested range; None if it is outside of the file.

    >>> [find_span(a, b, size=100) for a, b in (("0", "9"), ("90", ""), ("", "5"), ("100", ""))]
    [ByteRange(start=0, length=10), ByteRange(start=90, length=10), ByteRange(start=95, length=5), None]
    """
    if not first:
        length = min(int(last or 0), size)
        return ByteRange(size - length, length) if length else None
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    return ByteRange(start, end - start + 1) if start <= end else None
