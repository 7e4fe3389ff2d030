"""Answers that HTTP does not allow, or hardly, and that servers send all the same; and a server that sends them.

Each has what must come of it: the payload with its codings undone, or the kind under which it is refused. What curl
reads is the measure (`tests/crawl/download/test_odd_answers.py` asks it).
"""

import gzip
import random
import zlib
from dataclasses import dataclass

import brotli

PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Thị xã Sa Pa</title></head>\n"
    "<body><h1>Thông báo</h1><p>Ủy ban nhân dân thị xã thông báo lịch tiếp công dân.</p></body></html>\n"
).encode()
HALF, REST = PAGE[: len(PAGE) // 2], PAGE[len(PAGE) // 2 :]


@dataclass(frozen=True)
class OddAnswer:
    """What a server writes, and what must come of it.

    Attributes:
        wire: the bytes of the answer.
        payload: the payload, with transfer and content codings undone. None if the answer is refused.
        refused: the kind under which it is refused. None if it is read.
        is_cut: it ends before its end, so it bears the mark `truncated`.
        stays_open: the server keeps the connection open, so the reader must find the end itself.
        is_reset: the server resets the connection after the bytes.
    """

    wire: bytes
    payload: bytes | None = PAGE
    refused: str | None = None
    is_cut: bool = False
    stays_open: bool = False
    is_reset: bool = False


def head(*lines: str | bytes, first: str | bytes = "HTTP/1.1 200 OK", end: bytes = b"\r\n") -> bytes:
    """Return a head: the first line, the others, and the blank line."""
    coded = [line.encode() if isinstance(line, str) else line for line in (first, *lines)]
    return end.join([*coded, b"", b""])


def chunked(body: bytes, *, size: str = "{:x}", end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> bytes:
    """Return a body in chunks of 40 bytes. `size` is the form of the size line, `end` the line ends."""
    parts = [body[start : start + 40] for start in range(0, len(body), 40)]
    return b"".join(size.format(len(part)).encode() + end + part + end for part in parts) + last


HTML = "Content-Type: text/html; charset=utf-8"
LENGTH = f"Content-Length: {len(PAGE)}"
CHUNKED = "Transfer-Encoding: chunked"
PLAIN = head(HTML, LENGTH) + PAGE
_GZIP = gzip.compress(PAGE, mtime=0)


def _of(*lines: str | bytes, first: str | bytes = "HTTP/1.1 200 OK", end: bytes = b"\r\n") -> bytes:
    """Return the page with a Content-Length and these header lines."""
    return head(*lines, HTML, LENGTH, first=first, end=end) + PAGE


def _coded(coding: str, body: bytes) -> bytes:
    """Return a body with a Content-Encoding."""
    return head(HTML, f"Content-Encoding: {coding}", f"Content-Length: {len(body)}") + body


def _deflate(body: bytes, window_bits: int) -> bytes:
    packer = zlib.compressobj(wbits=window_bits)
    return packer.compress(body) + packer.flush()


_TRANSFER = {
    "te-chunked": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE), stays_open=True),
    "te-identity": OddAnswer(head(HTML, "Transfer-Encoding: identity", LENGTH) + PAGE),
    "te-identity-until-close": OddAnswer(head(HTML, "Transfer-Encoding: identity") + PAGE),
    "te-gzip-chunked": OddAnswer(head(HTML, "Transfer-Encoding: gzip, chunked") + chunked(_GZIP), stays_open=True),
    "te-x-gzip-chunked": OddAnswer(head(HTML, "Transfer-Encoding: x-gzip, chunked") + chunked(_GZIP)),
    "te-gzip-line-chunked-line": OddAnswer(head(HTML, "Transfer-Encoding: gzip", CHUNKED) + chunked(_GZIP)),
    "te-deflate-chunked": OddAnswer(head(HTML, "Transfer-Encoding: deflate, chunked") + chunked(zlib.compress(PAGE))),
    "te-gzip": OddAnswer(head(HTML, "Transfer-Encoding: gzip") + _GZIP),
    "te-identity-chunked": OddAnswer(head(HTML, "Transfer-Encoding: identity, chunked") + chunked(PAGE)),
    "te-double-line": OddAnswer(head(HTML, CHUNKED, CHUNKED) + chunked(PAGE)),
    "te-chunked-said-twice": OddAnswer(head(HTML, "Transfer-Encoding: chunked, chunked") + chunked(PAGE)),
    "te-other-case": OddAnswer(head(HTML, "TRANSFER-ENCODING: Chunked") + chunked(PAGE), stays_open=True),
    "te-blanks": OddAnswer(head(HTML, "Transfer-Encoding:\t chunked  ") + chunked(PAGE), stays_open=True),
    "te-empty-member": OddAnswer(head(HTML, "Transfer-Encoding: , chunked") + chunked(PAGE)),
    "te-unknown": OddAnswer(head(HTML, "Transfer-Encoding: utf-8", LENGTH) + PAGE),
    "te-not-chunked": OddAnswer(head(HTML, CHUNKED, LENGTH) + PAGE),
    "te-in-http-1.0": OddAnswer(head(HTML, CHUNKED, first="HTTP/1.0 200 OK") + chunked(PAGE)),
}
_CHUNKS = {
    "chunk-size-padded": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="{:x}     "), stays_open=True),
    "chunk-size-tab": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="{:x}\t")),
    "chunk-size-blank-before": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="  {:x}")),
    "chunk-size-zeros": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="{:08x}"), stays_open=True),
    "chunk-size-many-zeros": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="{:040x}")),
    "chunk-size-upper-case": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="{:X}"), stays_open=True),
    "chunk-last-zeros": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, last=b"0000\r\n\r\n"), stays_open=True),
    "chunk-extension": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size='{:x};ten="x y"'), stays_open=True),
    "chunk-extension-blank": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="{:x} ; a=b"), stays_open=True),
    "chunk-trailers": OddAnswer(
        head(HTML, CHUNKED, "Trailer: X-Sum") + chunked(PAGE, last=b"0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
        stays_open=True,
    ),
    "chunk-bare-lf": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, end=b"\n", last=b"0\n\n"), stays_open=True),
    "chunk-last-without-blank-line": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, last=b"0\r\n")),
    "chunk-last-without-line-end": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, last=b"0")),
    "chunk-size-garbage": OddAnswer(
        head(HTML, CHUNKED) + chunked(HALF, last=b"") + b"xyz\r\n" + PAGE, None, "truncated", is_cut=True
    ),
    "chunk-size-0x": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, size="0x{:x}"), None, "truncated", is_cut=True),
    "chunk-size-negative": OddAnswer(
        head(HTML, CHUNKED) + chunked(HALF, last=b"-5\r\nhello"), None, "truncated", is_cut=True
    ),
    "chunk-size-huge": OddAnswer(head(HTML, CHUNKED) + b"f" * 30 + b"\r\n" + PAGE, None, "truncated", is_cut=True),
    "chunk-no-last": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE, last=b""), None, "truncated", is_cut=True),
    "chunk-cut-within": OddAnswer(head(HTML, CHUNKED) + chunked(PAGE)[:90], None, "truncated", is_cut=True),
    "chunk-without-line-end": OddAnswer(
        head(HTML, CHUNKED) + b"%x\r\n" % len(HALF) + HALF + b"%x\r\n" % len(REST) + REST + b"\r\n0\r\n\r\n"
    ),
    "chunk-none": OddAnswer(head(HTML, CHUNKED) + b"0\r\n\r\n", b"", stays_open=True),
}
_LENGTHS = {
    "length-too-long": OddAnswer(
        head(HTML, f"Content-Length: {len(PAGE) + 50}") + PAGE, None, "truncated", is_cut=True
    ),
    "length-too-long-and-reset": OddAnswer(
        head(HTML, f"Content-Length: {len(PAGE) + 50}") + PAGE, None, "truncated", is_cut=True, is_reset=True
    ),
    "length-too-short": OddAnswer(head(HTML, f"Content-Length: {len(HALF)}") + PAGE, HALF),
    "length-zero": OddAnswer(head(HTML, "Content-Length: 0") + PAGE, b"", stays_open=True),
    "length-zeros": OddAnswer(head(HTML, f"Content-Length: 000{len(PAGE)}") + PAGE, stays_open=True),
    "length-blanks": OddAnswer(head(HTML, f"Content-Length:   {len(PAGE)}  \t") + PAGE, stays_open=True),
    "length-negative": OddAnswer(head(HTML, "Content-Length: -1") + PAGE),
    "length-empty": OddAnswer(head(HTML, "Content-Length:") + PAGE),
    "length-plus": OddAnswer(head(HTML, f"Content-Length: +{len(PAGE)}") + PAGE),
    "length-word": OddAnswer(head(HTML, "Content-Length: abc") + PAGE),
    "length-unit": OddAnswer(head(HTML, f"Content-Length: {len(PAGE)} bytes") + PAGE),
    "length-hexadecimal": OddAnswer(head(HTML, f"Content-Length: {len(PAGE):#x}") + PAGE),
    "length-fraction": OddAnswer(head(HTML, f"Content-Length: {len(PAGE)}.0") + PAGE),
    "length-astronomic": OddAnswer(head(HTML, f"Content-Length: {10**30}") + PAGE),
    "length-list-equal": OddAnswer(head(HTML, f"Content-Length: {len(PAGE)}, {len(PAGE)}") + PAGE),
    "length-list-differing": OddAnswer(head(HTML, f"Content-Length: 5, {len(PAGE)}") + PAGE),
    "length-double-equal": OddAnswer(head(HTML, LENGTH, LENGTH) + PAGE, stays_open=True),
    "length-double-second-right": OddAnswer(head(HTML, "Content-Length: 5", LENGTH) + PAGE),
    "length-double-first-right": OddAnswer(head(HTML, LENGTH, "Content-Length: 9999") + PAGE),
    "length-double-both-wrong": OddAnswer(
        head(HTML, "Content-Length: 5", "Content-Length: 9999") + PAGE, None, "truncated", is_cut=True
    ),
    "length-with-chunked": OddAnswer(head(HTML, "Content-Length: 5", CHUNKED) + chunked(PAGE), stays_open=True),
    "length-none": OddAnswer(head(HTML) + PAGE),
    "length-none-cut": OddAnswer(head(HTML) + HALF, HALF),
    "body-cut-by-close": OddAnswer(head(HTML, LENGTH) + HALF, None, "truncated", is_cut=True),
    "body-cut-by-reset": OddAnswer(head(HTML, LENGTH) + HALF, None, "truncated", is_cut=True, is_reset=True),
    "body-missing": OddAnswer(head(HTML, LENGTH), None, "truncated", is_cut=True),
}
_HEADS = {
    "head-line-of-17-kB": OddAnswer(_of("X-Long: " + "a" * 17_000), stays_open=True),
    "head-line-of-150-kB": OddAnswer(_of("X-Long: " + "a" * 150_000), stays_open=True),
    "head-of-300-lines": OddAnswer(_of(*(f"X-{number}: {number}" for number in range(300))), stays_open=True),
    "head-of-3000-lines": OddAnswer(_of(*(f"X-{number}: {number}" for number in range(3000)))),
    "head-folded": OddAnswer(_of("X-Note: a", "  b", "\tc"), stays_open=True),
    "head-folded-type": OddAnswer(head("Content-Type: text/html;", " charset=utf-8", LENGTH) + PAGE),
    "head-folded-length": OddAnswer(head(HTML, "Content-Length:", f" {len(PAGE)}") + PAGE),
    "head-first-line-folded": OddAnswer(_of(" X-Note: a"), stays_open=True),
    "head-without-colon": OddAnswer(_of("a line without colon"), stays_open=True),
    "head-without-colon-first": OddAnswer(_of("Warning 199", "X-A: b"), stays_open=True),
    "head-html-line": OddAnswer(_of("<!-- PHP Notice -->"), stays_open=True),
    "head-nul": OddAnswer(_of(b"X-Nul: a\0b"), stays_open=True),
    "head-nul-name": OddAnswer(_of(b"X\0Nul: ab"), stays_open=True),
    "head-bare-cr": OddAnswer(_of(b"X-Cr: a\rb"), stays_open=True),
    "head-cr-before-crlf": OddAnswer(_of(b"X-Cr: a\r"), stays_open=True),
    "head-bare-lf": OddAnswer(_of("X-A: b", end=b"\n"), stays_open=True),
    "head-mixed-ends": OddAnswer(
        b"HTTP/1.1 200 OK\nX-A: b\r\n" + HTML.encode() + b"\n" + LENGTH.encode() + b"\r\n\n" + PAGE, stays_open=True
    ),
    "head-blank-before-colon": OddAnswer(head(HTML, LENGTH.replace(":", " :"), "X-A \t: b") + PAGE),
    "head-empty-name": OddAnswer(_of(": x"), stays_open=True),
    "head-empty-value": OddAnswer(_of("X-Empty:"), stays_open=True),
    "head-only-colon": OddAnswer(_of(":"), stays_open=True),
    "head-vietnamese-name": OddAnswer(_of("X-Thông-Tin: Cổng thị xã"), stays_open=True),
    "head-name-with-blanks": OddAnswer(_of("Ten co quan: UBND"), stays_open=True),
    "head-8-bit-value": OddAnswer(_of(b"X-Powered: \xff\xfe\x80"), stays_open=True),
    "head-controls": OddAnswer(_of(b"X-Controls: \x01\x07\x7f"), stays_open=True),
    "head-no-headers": OddAnswer(head() + PAGE),
    "head-crlf-before": OddAnswer(b"\r\n" + PLAIN, stays_open=True),
    "head-crlfs-before": OddAnswer(b"\r\n\r\n\n" + PLAIN, stays_open=True),
    "head-junk-before": OddAnswer(b"<!-- cache -->\r\n" + PLAIN, None, "not-http"),
    "head-bom-before": OddAnswer(b"\xef\xbb\xbf" + PLAIN, None, "not-http"),
    "head-cut": OddAnswer(PLAIN[:40], None, "truncated", is_cut=True),
    "head-cut-after-status-line": OddAnswer(b"HTTP/1.1 200 OK\r\n", None, "truncated", is_cut=True),
}
_FIRST_LINES = {
    "status-http-1.0": OddAnswer(head(HTML, first="HTTP/1.0 200 OK") + PAGE),
    "status-http-1.0-length": OddAnswer(_of(first="HTTP/1.0 200 OK"), stays_open=True),
    "status-http-1.2": OddAnswer(_of(first="HTTP/1.2 200 OK"), stays_open=True),
    "status-http-2": OddAnswer(_of(first="HTTP/2 200"), stays_open=True),
    "status-http-2.0": OddAnswer(_of(first="HTTP/2.0 200 OK"), stays_open=True),
    "status-http-1": OddAnswer(_of(first="HTTP/1 200 OK"), stays_open=True),
    "status-icy": OddAnswer(_of(first="ICY 200 OK"), stays_open=True),
    "status-lower-case": OddAnswer(_of(first="http/1.1 200 ok"), stays_open=True),
    "status-tab": OddAnswer(_of(first="HTTP/1.1\t200\tOK"), stays_open=True),
    "status-two-blanks": OddAnswer(_of(first="HTTP/1.1  200  OK"), stays_open=True),
    "status-no-phrase": OddAnswer(_of(first="HTTP/1.1 200"), stays_open=True),
    "status-blank-phrase": OddAnswer(_of(first="HTTP/1.1 200 "), stays_open=True),
    "status-8-bit-phrase": OddAnswer(_of(first="HTTP/1.1 200 Thành công"), stays_open=True),
    "status-long-phrase": OddAnswer(_of(first="HTTP/1.1 200 " + "O" * 9000), stays_open=True),
    "status-glued-phrase": OddAnswer(_of(first="HTTP/1.1 200OK"), stays_open=True),
    "status-only-version": OddAnswer(_of(first="HTTP/1.1"), None, "bad-status"),
    "status-099": OddAnswer(_of(first="HTTP/1.1 099 OK"), None, "bad-status"),
    "status-20": OddAnswer(_of(first="HTTP/1.1 20 OK"), None, "bad-status"),
    "status-2000": OddAnswer(_of(first="HTTP/1.1 2000 OK"), None, "bad-status"),
    "status-600": OddAnswer(_of(first="HTTP/1.1 600 OK"), None, "bad-status"),
    "status-999": OddAnswer(_of(first="HTTP/1.1 999 Request denied"), None, "bad-status"),
    "status-0": OddAnswer(_of(first="HTTP/1.1 0 OK"), None, "bad-status"),
    "status-000": OddAnswer(_of(first="HTTP/1.1 000 OK"), None, "bad-status"),
    "status-negative": OddAnswer(_of(first="HTTP/1.1 -1 OK"), None, "bad-status"),
    "status-word": OddAnswer(_of(first="HTTP/1.1 abc OK"), None, "bad-status"),
    "status-fraction": OddAnswer(_of(first="HTTP/1.1 200.5 OK"), stays_open=True),
    "status-cut": OddAnswer(b"HTTP/1.1 20", None, "truncated", is_cut=True),
    "interim-100": OddAnswer(head(first="HTTP/1.1 100 Continue") + PLAIN, stays_open=True),
    "interim-102": OddAnswer(head("X-A: b", first="HTTP/1.1 102 Processing") + PLAIN, stays_open=True),
    "interim-103": OddAnswer(
        head("Link: </a.css>; rel=preload", first="HTTP/1.1 103 Early Hints") + PLAIN, stays_open=True
    ),
    "interim-several": OddAnswer(
        head(first="HTTP/1.1 100 Continue") + head(first="HTTP/1.1 103 Early Hints") * 2 + PLAIN, stays_open=True
    ),
    "interim-101": OddAnswer(
        head("Upgrade: h2c", "Connection: Upgrade", first="HTTP/1.1 101 Switching Protocols") + b"\0\0\0",
        None,
        "http-101",
    ),
    "interim-only": OddAnswer(head(first="HTTP/1.1 100 Continue"), None, "no-answer"),
    "body-with-204": OddAnswer(_of(first="HTTP/1.1 204 No Content"), b"", stays_open=True),
    "body-with-304": OddAnswer(_of(first="HTTP/1.1 304 Not Modified"), b"", stays_open=True),
}
_CODINGS = {
    "coding-gzip": OddAnswer(_coded("gzip", _GZIP)),
    "coding-x-gzip": OddAnswer(_coded("X-GZip", _GZIP)),
    "coding-deflate-zlib": OddAnswer(_coded("deflate", zlib.compress(PAGE))),
    "coding-deflate-raw": OddAnswer(_coded("deflate", _deflate(PAGE, -15))),
    "coding-br-unasked": OddAnswer(_coded("br", brotli.compress(PAGE))),
    "coding-utf-8": OddAnswer(_coded("utf-8", PAGE)),
    "coding-none": OddAnswer(_coded("none", PAGE)),
    "coding-empty": OddAnswer(_coded("", PAGE)),
    "coding-identity": OddAnswer(_coded("identity", PAGE)),
    "coding-binary": OddAnswer(_coded("binary", PAGE)),
    "coding-8bit": OddAnswer(_coded("8bit", PAGE)),
    "coding-aws-chunked": OddAnswer(_coded("aws-chunked", PAGE)),
    "coding-text-html": OddAnswer(_coded("text/html", PAGE)),
    "coding-chunked": OddAnswer(_coded("chunked", PAGE)),
    "coding-gzip-on-plain": OddAnswer(_coded("gzip", PAGE)),
    "coding-deflate-on-plain": OddAnswer(_coded("deflate", PAGE)),
    "coding-br-on-plain": OddAnswer(_coded("br", PAGE)),
    "coding-gzip-said-twice": OddAnswer(_coded("gzip, gzip", _GZIP)),
    "coding-gzip-twice": OddAnswer(_coded("gzip, gzip", gzip.compress(_GZIP, mtime=0))),
    "coding-gzip-twice-in-lines": OddAnswer(
        head(HTML, "Content-Encoding: gzip", "Content-Encoding: gzip", f"Content-Length: {len(_GZIP)}") + _GZIP
    ),
    "coding-gzip-identity": OddAnswer(_coded("gzip, identity", _GZIP)),
    "coding-identity-gzip": OddAnswer(_coded("identity,gzip", _GZIP)),
    "coding-blanks": OddAnswer(_coded("  gzip\t ,", _GZIP)),
    "coding-gzip-utf-8": OddAnswer(_coded("gzip, utf-8", _GZIP)),
    "coding-deflate-is-gzip": OddAnswer(_coded("deflate", _GZIP)),
    "coding-gzip-is-zlib": OddAnswer(_coded("gzip", zlib.compress(PAGE))),
    "coding-unsaid-gzip": OddAnswer(head(HTML, f"Content-Length: {len(_GZIP)}") + _GZIP),
    "coding-zstd": OddAnswer(_coded("zstd", b"\x28\xb5\x2f\xfd\x20\x00" + bytes(range(256))), None, "bad-encoding"),
    "coding-aes": OddAnswer(_coded("aes128gcm", bytes(range(256)) * 3), None, "bad-encoding"),
    "coding-gzip-garbage": OddAnswer(_coded("gzip", b"\x1f\x8b\x08\0" + bytes(range(256))), None, "bad-encoding"),
    "coding-gzip-with-garbage-behind": OddAnswer(_coded("gzip", _GZIP + b"\0" * 20)),
    "coding-gzip-members": OddAnswer(
        _coded("gzip", gzip.compress(HALF, mtime=0) + gzip.compress(PAGE[len(HALF) :], mtime=0))
    ),
    "coding-gzip-cut": OddAnswer(_coded("gzip", _GZIP[:-30]), None, "truncated", is_cut=True),
    "coding-gzip-without-sum": OddAnswer(_coded("gzip", _GZIP[:-8]), None, "truncated", is_cut=True),
    "coding-gzip-empty": OddAnswer(_coded("gzip", b""), b""),
    "coding-gzip-in-chunks": OddAnswer(head(HTML, "Content-Encoding: gzip", CHUNKED) + chunked(_GZIP), stays_open=True),
    "type-none": OddAnswer(head(LENGTH) + PAGE, stays_open=True),
    "type-empty": OddAnswer(head("Content-Type:", LENGTH) + PAGE, stays_open=True),
    "type-double": OddAnswer(
        head("Content-Type: text/html", "Content-Type: text/plain", LENGTH) + PAGE, stays_open=True
    ),
    "type-double-differing": OddAnswer(head("Content-Type: text/html;;charset", HTML, LENGTH) + PAGE, stays_open=True),
    "coding-utf-8-without-type": OddAnswer(head("Content-Encoding: utf-8", LENGTH) + PAGE),
}
_NO_ANSWERS = {
    "no-answer": OddAnswer(b"", None, "no-answer"),
    "no-answer-reset": OddAnswer(b"", None, "no-answer", is_reset=True),
    "no-answer-blank-lines": OddAnswer(b"\r\n\r\n", None, "no-answer"),
    "http-0.9": OddAnswer(PAGE, None, "not-http"),
    "http-0.9-short": OddAnswer(b"OK", None, "not-http"),
    "not-http-smtp": OddAnswer(b"220 mail.example ESMTP\r\n", None, "not-http"),
    "not-http-ssh": OddAnswer(b"SSH-2.0-OpenSSH_9.6\r\n", None, "not-http"),
    "not-http-tls-alert": OddAnswer(b"\x15\x03\x01\x00\x02\x02\x16", None, "not-http"),
    "not-http-binary": OddAnswer(bytes(range(256)) * 8, None, "not-http"),
}

ODD_ANSWERS: dict[str, OddAnswer] = {
    **_TRANSFER, **_CHUNKS, **_LENGTHS, **_HEADS, **_FIRST_LINES, **_CODINGS, **_NO_ANSWERS,
}  # fmt: skip


def make_shapes(count: int, seed: int) -> dict[str, OddAnswer]:
    """Make answers of many shapes: heads of any length, bodies of any size, every framing; the same for a seed."""
    draw = random.Random(seed)
    made = {}
    for number in range(count):
        body = draw.randbytes(draw.choice((0, 1, 40, 4_000, 70_000)))
        lines = [f"X-{draw.randrange(99)}: {'a' * draw.randrange(300)}" for _ in range(draw.randrange(30))]
        end = draw.choice((b"\r\n", b"\r\n", b"\n"))
        framing = draw.choice(("length", "chunks", "close"))
        size = draw.choice(("{:x}", "{:X}", "{:06x}", "{:x};a=b", "{:x}  "))
        if framing == "chunks":
            wire = head(*lines, CHUNKED, end=end) + chunked(body, size=size)
        elif framing == "length":
            wire = head(*lines, f"Content-Length: {len(body)}", end=end) + body
        else:
            wire = head(*lines, end=end) + body
        made[f"shape-{number}"] = OddAnswer(wire, body, stays_open=framing != "close")
    return made
