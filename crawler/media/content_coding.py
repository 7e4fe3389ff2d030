"""Decode the content codings of a transferred body, with a bound on the decoded size."""

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator

import brotli

from crawler.errors import BadFileError
from crawler.sentences import say

_CHUNK_BYTES = 64 * 1024
_GZIP = 31  # zlib's window bits for a gzip member
_GZIP_NAMES, _GZIP_MAGIC = ("gzip", "x-gzip"), b"\x1f\x8b"
_CONTROL = re.compile(rb"[^\t\n\v\f\r\x1b-\xff]")


def decode_payload(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bytes:
    """Decode the content codings of a body, in the reverse of the order in which they were applied (RFC 9110, 8.4).

    Raises:
        BadFileError: kind `too-large` above `max_bytes`; `bad-encoding` if the body does not fit the header, or the
            coding is unknown.
    """
    for coding in reversed(_codings(content_encoding)):
        if not body:
            return body
        body = _decode_one(body, coding, max_bytes=max_bytes)
    if len(body) > max_bytes:
        raise BadFileError("too-large", say("too-large", bytes=max_bytes))
    return body


def decode_first(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bytes:
    """Return the first `max_bytes` of a decoded text, by its bytes where its header is wrong.

    What begins as gzip is gzip, whatever the header says. A text to which no coding was applied is returned unchanged.

    Raises:
        BadFileError: kind `bad-encoding` if the bytes are neither a text nor of the header's coding, or end early.
    """
    codings = [coding for coding in _codings(content_encoding) if coding not in _GZIP_NAMES]
    if body.startswith(_GZIP_MAGIC) or len(codings) < len(_codings(content_encoding)):
        codings.append("gzip")
    for coding in reversed(codings):
        try:
            body = _first(_decoded(body, coding), max_bytes) if body else body
        except BadFileError:
            if not is_text(body):
                raise
    return body[:max_bytes]


def is_text(body: bytes) -> bool:
    r"""Whether bytes can be a text: no control character in the first KiB, or a Unicode coding of two or four bytes.

    >>> is_text("Thông báo\n".encode()), is_text("Thông".encode("utf-16")), is_text(b"\x1f\x8b\x08\0")
    (True, True, False)
    """
    start = body[:1024]
    is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) or b"\0\0" in (
        start[1:4:2], start[:3:2],
    )  # fmt: skip
    return is_wide or not _CONTROL.search(start)


def _codings(content_encoding: str | None) -> list[str]:
    named = (part.strip().lower() for part in (content_encoding or "").split(","))
    return [coding for coding in named if coding not in ("", "identity", "none")]


def _decode_one(body: bytes, coding: str, *, max_bytes: int) -> bytes:
    return _bounded(_decoded(body, coding), max_bytes)


def _decoded(body: bytes, coding: str) -> Iterator[bytes]:
    """Yield the decoded parts of a body.

    Raises:
        BadFileError: kind `bad-encoding`.
    """
    try:
        if coding in _GZIP_NAMES:
            yield from _inflate(body, _GZIP)
        elif coding == "deflate":
            # Servers send both forms under this name (RFC 9110, 8.4.1.2, note).
            yield from _inflate(body, -15 if body[0] & 0x0F != 8 else 15)
        elif coding == "br":  # some servers send it without a request for it
            yield from _unbrotli(body)
        else:
            raise BadFileError("bad-encoding", say("unknown-coding", coding=coding))
    except (zlib.error, brotli.error, EOFError) as error:
        raise BadFileError("bad-encoding", say("bad-coding", coding_name=coding, error=str(error))) from error


def _inflate(body: bytes, wbits: int) -> Iterable[bytes]:
    while body:
        inflater = zlib.decompressobj(wbits)
        data = body
        while data and not inflater.eof:
            yield inflater.decompress(data, _CHUNK_BYTES)
            data = inflater.unconsumed_tail
        if not inflater.eof:
            yield inflater.flush()
            if not inflater.eof:
                raise EOFError("it ends too early")
        body = inflater.unused_data
        if wbits != _GZIP or not body.startswith(b"\x1f\x8b"):
            # Padding or garbage after the last member. Browsers ignore it.
            return


def _unbrotli(body: bytes) -> Iterable[bytes]:
    decompressor = brotli.Decompressor()
    yield decompressor.process(body, output_buffer_limit=_CHUNK_BYTES)
    while not decompressor.is_finished():
        if decompressor.can_accept_more_data():
            raise EOFError("it ends too early")
        yield decompressor.process(b"", output_buffer_limit=_CHUNK_BYTES)


def _first(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= max_bytes:
            break
    return b"".join(parts)[:max_bytes]


def _bounded(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise BadFileError("too-large", say("too-large-decoded", bytes=max_bytes))
        parts.append(chunk)
    return b"".join(parts)
