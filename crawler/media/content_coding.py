"""Decode the content codings of a transferred body, with a bound on the decoded size."""

import zlib
from collections.abc import Iterable

import brotli

from crawler.errors import BadFileError
from crawler.sentences import say

_CHUNK_BYTES = 64 * 1024
_GZIP = 31  # zlib's window bits for a gzip member


def decode_payload(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bytes:
    """Decode the content codings of a body, in the reverse of the order in which they were applied (RFC 9110, 8.4).

    Raises:
        BadFileError: kind `too-large` above `max_bytes`; `bad-encoding` if the body does not fit the header, or the
            coding is unknown.
    """
    codings = [part.strip().lower() for part in (content_encoding or "").split(",")]
    for coding in reversed([coding for coding in codings if coding not in ("", "identity", "none")]):
        if not body:
            return body
        body = _decode_one(body, coding, max_bytes=max_bytes)
    if len(body) > max_bytes:
        raise BadFileError("too-large", say("too-large", bytes=max_bytes))
    return body


def _decode_one(body: bytes, coding: str, *, max_bytes: int) -> bytes:
    try:
        if coding in ("gzip", "x-gzip"):
            return _bounded(_inflate(body, _GZIP), max_bytes)
        if coding == "deflate":
            # Servers send both forms under this name (RFC 9110, 8.4.1.2, note).
            raw = -15 if body[0] & 0x0F != 8 else 15
            return _bounded(_inflate(body, raw), max_bytes)
        if coding == "br":  # some servers send it without a request for it
            return _bounded(_unbrotli(body), max_bytes)
    except (zlib.error, brotli.error, EOFError) as error:
        raise BadFileError("bad-encoding", say("bad-coding", coding_name=coding, error=str(error))) from error
    raise BadFileError("bad-encoding", say("unknown-coding", coding=coding))


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


def _bounded(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise BadFileError("too-large", say("too-large-decoded", bytes=max_bytes))
        parts.append(chunk)
    return b"".join(parts)
