"""Decode the content codings of a transferred body, with a bound on the decoded size."""

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator

import brotli

from crawler.body import SPOOL_ABOVE_BYTES, Body, collect
from crawler.errors import BadFileError
from crawler.media.signatures import sniff_media_type
from crawler.sentences import say

_CHUNK_BYTES = 64 * 1024
_GZIP = 31  # zlib's window bits for a gzip member
_GZIP_NAMES, _GZIP_MAGIC = ("gzip", "x-gzip"), b"\x1f\x8b"
_TEXT_BYTES, _LEAST_TEXT_BYTES = 1024, 16
# A small body can decode to a large one. Pages stay in memory.
_SPOOL_DECODED_ABOVE_BYTES = 16 * 1024 * 1024
_CONTROL = re.compile(rb"[^\t\n\v\f\r\x1b-\xff]")


def decode_payload(body: bytes, content_encoding: str | None, *, max_bytes: int, is_cut: bool = False) -> bytes:
    """Decode the content codings of a body in memory, as `decode_body` does."""
    return decode_body(Body(body), content_encoding, max_bytes=max_bytes, is_cut=is_cut).read()


def decode_body(body: Body, content_encoding: str | None, *, max_bytes: int, is_cut: bool = False) -> Body:
    """Decode the content codings of a body, in the reverse of the order in which they were applied (RFC 9110, 8.4).

    Servers state codings that they did not apply, and words that are not codings. If a body is readable without the
    coding (a text, or a file with a known signature), the coding is ignored. A large result is a spool file, in the
    folder of the body's spool file.

    Args:
        body: the body as transferred.
        content_encoding: the header's value, None if there is no header.
        max_bytes: the largest decoded size.
        is_cut: whether the body is known to end early. Then the result is the part that can be decoded.

    Raises:
        BadFileError: kind `too-large` above `max_bytes`; `bad-encoding` if the body neither has its coding nor is
            readable without it.
    """
    for coding in reversed(_codings(content_encoding)):
        if not body.size_bytes:
            return body
        folder, above = (body.path.parent, SPOOL_ABOVE_BYTES) if body.path else (None, _SPOOL_DECODED_ABOVE_BYTES)
        try:
            parts = _bounded(_decoded(body, coding, is_cut=is_cut), max_bytes)
            body = collect(parts, folder, spool_above=above)
        except BadFileError as error:
            if error.kind != "bad-encoding" or not _is_plain(body, error):
                raise
    if body.size_bytes > max_bytes:
        raise BadFileError("too-large", say("too-large", bytes=max_bytes))
    return body


def decode_page(body: bytes, content_encoding: str | None, *, max_bytes: int, is_cut: bool = False) -> bytes:
    """Decode a page as `decode_payload` does. If a page begins as gzip, decode it even without a header."""
    page = decode_payload(body, content_encoding, max_bytes=max_bytes, is_cut=is_cut)
    return decode_payload(page, "gzip", max_bytes=max_bytes, is_cut=is_cut) if page.startswith(_GZIP_MAGIC) else page


def find_misfit(body: bytes, content_encoding: str | None, *, max_bytes: int) -> BadFileError | None:
    """Return the error if a body does not have the codings in its header; None if it has them.

    Rules 1 refuse such a body, even if it is readable without the coding.
    """
    rest = Body(body)
    try:
        for coding in reversed(_codings(content_encoding)):
            if rest.size_bytes:
                rest = collect(_bounded(_decoded(rest, coding), max_bytes), spool_above=_SPOOL_DECODED_ABOVE_BYTES)
    except BadFileError as error:
        return error
    return None


def is_cut_short(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bool:
    """Return whether the compressed stream of a body lacks its end. False above `max_bytes`, and without a stream."""
    codings = _codings(content_encoding)
    if not codings or not body:
        return False
    size = 0
    try:
        for part in _decoded(Body(body), codings[-1]):
            size += len(part)
            if size > max_bytes:
                return False
    except BadFileError as error:
        return isinstance(error.__cause__, EOFError) and not _is_plain(Body(body), error)
    return False


def _is_plain(body: Body, error: BadFileError) -> bool:
    """Return whether bytes that could not be decoded are readable anyway: a text, or a file of a known format.

    If the header's word is not a coding and the bytes are gzip, the next coding decides.
    """
    start = body.peek(_TEXT_BYTES)
    if isinstance(error.__cause__, EOFError):
        # The body begins like the coding. A few letters do so, too, but a compressed body is never UTF-8.
        return body.size_bytes >= _LEAST_TEXT_BYTES and is_text(start) and _is_utf_8(body)
    if error.__cause__ is None and start.startswith(_GZIP_MAGIC):
        return True
    return is_text(start) or sniff_media_type(start) is not None


def _is_utf_8(body: Body) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in body.chunks():
            decoder.decode(chunk)  # not final: the last letter may be cut
    except UnicodeDecodeError:
        return False
    return True


def decode_first(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bytes:
    """Return the first `max_bytes` of a decoded text. If the header is wrong, the bytes decide.

    Bytes that begin as gzip are gzip, also if the header says otherwise. A text without a coding is returned unchanged.

    Raises:
        BadFileError: kind `bad-encoding` if the bytes are neither a text nor of the header's coding, or end early.
    """
    codings = [coding for coding in _codings(content_encoding) if coding not in _GZIP_NAMES]
    if body.startswith(_GZIP_MAGIC) or len(codings) < len(_codings(content_encoding)):
        codings.append("gzip")
    for coding in reversed(codings):
        try:
            body = _first(_decoded(Body(body), coding), max_bytes) if body else body
        except BadFileError:
            if not is_text(body):
                raise
    return body[:max_bytes]


def is_text(body: bytes) -> bool:
    r"""Return whether bytes can be a text: no control character in the first KiB, or UTF-16 or UTF-32.

    >>> is_text("Thông báo\n".encode()), is_text("Thông".encode("utf-16")), is_text(b"\x1f\x8b\x08\0")
    (True, True, False)
    """
    start = body[:_TEXT_BYTES]
    is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) or b"\0\0" in (
        start[1:4:2], start[:3:2],
    )  # fmt: skip
    return is_wide or not _CONTROL.search(start)


def _codings(content_encoding: str | None) -> list[str]:
    named = (part.strip().lower() for part in (content_encoding or "").split(","))
    return [coding for coding in named if coding not in ("", "identity", "none")]


def _decoded(body: Body, coding: str, *, is_cut: bool = False) -> Iterator[bytes]:
    """Yield the decoded parts of a body. With `is_cut`, it may end early.

    Raises:
        BadFileError: kind `bad-encoding`.
    """
    try:
        if coding in (*_GZIP_NAMES, "deflate"):
            yield from _inflate(body.chunks(), _window_bits(body.peek(), coding))
        elif coding == "br":  # some servers send it without a request for it
            yield from _unbrotli(body.chunks())
        else:
            raise BadFileError("bad-encoding", say("unknown-coding", coding=coding))
    except EOFError as error:
        if not is_cut:
            raise BadFileError("bad-encoding", say("bad-coding", coding_name=coding, error=str(error))) from error
    except (zlib.error, brotli.error) as error:
        raise BadFileError("bad-encoding", say("bad-coding", coding_name=coding, error=str(error))) from error


def _window_bits(start: bytes, coding: str) -> int:
    """Return zlib's window bits by the first bytes: servers send gzip, zlib and raw deflate under any of the names."""
    if start.startswith(_GZIP_MAGIC) or (coding != "deflate" and start[0] & 0x0F != 8):
        return _GZIP
    return 15 if start[0] & 0x0F == 8 else -15


def _inflate(chunks: Iterator[bytes], wbits: int) -> Iterator[bytes]:
    data = b""
    while True:
        inflater = zlib.decompressobj(wbits)
        while not inflater.eof:
            data = data or next(chunks, b"")
            if not data:
                yield inflater.flush()
                if not inflater.eof:
                    raise EOFError("it ends too early")
                break
            yield inflater.decompress(data, _CHUNK_BYTES)
            data = inflater.unconsumed_tail
        data = inflater.unused_data
        while len(data) < len(_GZIP_MAGIC) and (more := next(chunks, b"")):
            data += more
        if wbits != _GZIP or not data.startswith(_GZIP_MAGIC):
            # Padding or garbage after the last member. Browsers ignore it.
            return


def _unbrotli(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = brotli.Decompressor()
    while not decompressor.is_finished():
        data = next(chunks, b"") if decompressor.can_accept_more_data() else b""
        if not data and decompressor.can_accept_more_data():
            raise EOFError("it ends too early")
        yield decompressor.process(data, output_buffer_limit=_CHUNK_BYTES)


def _first(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= max_bytes:
            break
    return b"".join(parts)[:max_bytes]


def _bounded(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise BadFileError("too-large", say("too-large-decoded", bytes=max_bytes))
        yield chunk
