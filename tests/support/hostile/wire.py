"""Hostile answers of the wire: heads and bodies without end, untrue lengths, bombs, floods."""

import gzip
import zlib
from collections.abc import Iterator
from functools import cache

import brotli

from tests.support.hostile.answers import HTML, Ask, Catalogue, Hostile, Steps, head, page, whole

_PAGE = page().encode()
_CHUNKED = "Transfer-Encoding: chunked"
_LENGTH = f"Content-Length: {len(_PAGE)}"
_SIZE = ("too-large", "too-slow", "bad-head", "head-too-large")
BOMB_BYTES = 64_000_000


def _endless(start: bytes, part: bytes) -> Steps:
    yield start
    while True:
        yield part * (65536 // len(part) + 1)


def _drip(start: bytes, part: bytes) -> Steps:
    yield start
    while True:
        yield part
        yield 0.05


def _zeros(size: int) -> Iterator[bytes]:
    for _ in range(size // 1_000_000):
        yield bytes(1_000_000)


@cache
def _packed(bits: int, size: int = BOMB_BYTES) -> bytes:
    packer = zlib.compressobj(9, wbits=bits)
    return b"".join(map(packer.compress, _zeros(size))) + packer.flush()


@cache
def _brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join(map(packer.process, _zeros(BOMB_BYTES))) + packer.finish()


def _coded(coding: str, body: bytes) -> Steps:
    return whole(body, f"Content-Encoding: {coding}")


def _endless_gzip() -> Steps:
    packer = zlib.compressobj(1, wbits=31)
    yield head(HTML, "Content-Encoding: gzip")
    while True:
        yield packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)


def _interims(number: int, status: str) -> Steps:
    for _ in range(number // 100):
        yield f"HTTP/1.1 {status}\r\nX-A: b\r\n\r\n".encode() * 100
    yield from whole(_PAGE)


def _with(*lines: str | bytes) -> Hostile:
    return Hostile(lambda _: whole(_PAGE, *lines), ())


def _retry_after(value: str) -> Hostile:
    """A busy server, once; then the page."""

    def write(ask: Ask) -> Steps:
        if ask.number > 1:
            return whole(_PAGE)
        return whole("busy", f"Retry-After: {value}", first="HTTP/1.1 503 Busy")

    return Hostile(write)


_DIGITS = "9" * 4301
ENDLESS: Catalogue = {
    "endless-head-lines": Hostile(lambda _: _endless(b"HTTP/1.1 200 OK\r\n", b"X-Dong: " + b"a" * 90 + b"\r\n")),
    "endless-head-line": Hostile(lambda _: _endless(b"HTTP/1.1 200 OK\r\nX-Dong: ", b"a")),
    "endless-status-line": Hostile(lambda _: _endless(b"HTTP/1.1 200 ", b"O")),
    "endless-blank-lines": Hostile(lambda _: _endless(b"", b"\r\n")),
    "endless-body": Hostile(lambda _: _endless(head(HTML), b"<p>thong bao</p>\n"), ("too-large",)),
    "endless-body-with-length": Hostile(
        lambda _: _endless(head(HTML, "Content-Length: 999999999999"), b"<p>thong bao</p>\n"), ("too-large",)
    ),
    "endless-chunks": Hostile(lambda _: _endless(head(HTML, _CHUNKED), b"5\r\nthong\r\n"), ("too-large",)),
    "endless-chunk-size": Hostile(lambda _: _endless(head(HTML, _CHUNKED), b"0")),
    "endless-chunk-extension": Hostile(lambda _: _endless(head(HTML, _CHUNKED) + b"5;ten=", b"x")),
    "endless-trailers": Hostile(lambda _: _endless(head(HTML, _CHUNKED) + b"5\r\nthong\r\n0\r\n", b"X-Sau: a\r\n")),
    "endless-interims": Hostile(lambda _: _endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")),
    "endless-gzip": Hostile(lambda _: _endless_gzip(), ("too-large", "truncated")),
}
SLOW: Catalogue = {
    "drip-status-line": Hostile(lambda _: _drip(b"HTTP", b" ")),
    "drip-head": Hostile(lambda _: _drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), ("timeout", "too-slow")),
    "drip-body": Hostile(lambda _: _drip(head(HTML), b"<p>"), ("truncated",)),
    "drip-chunks": Hostile(lambda _: _drip(head(HTML, _CHUNKED), b"1\r\na\r\n"), ("truncated",)),
    "drip-interims": Hostile(lambda _: _drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), ("timeout", "too-slow")),
    "silent": Hostile(lambda _: [30.0], ("timeout",)),
    "silent-after-head": Hostile(lambda _: [head(HTML, _LENGTH), 30.0], ("truncated",)),
    "silent-in-body": Hostile(lambda _: [head(HTML, _LENGTH) + _PAGE[:200], 30.0], ("truncated",)),
    "reset-at-once": Hostile(lambda _: [-1.0], ("no-answer", "connection-lost")),
    "reset-in-head": Hostile(lambda _: [b"HTTP/1.1 200", -1.0]),
    "reset-in-body": Hostile(lambda _: [head(HTML, _LENGTH) + _PAGE[:200], -1.0]),
}
LENGTHS: Catalogue = {
    "length-too-long": Hostile(lambda _: [head(HTML, f"Content-Length: {len(_PAGE) + 500}") + _PAGE]),
    "length-too-short": Hostile(lambda _: [head(HTML, "Content-Length: 300") + _PAGE]),
    "length-negative": Hostile(lambda _: [head(HTML, "Content-Length: -300") + _PAGE]),
    "length-plus": Hostile(lambda _: [head(HTML, f"Content-Length: +{len(_PAGE)}") + _PAGE]),
    "length-beyond-64-bits": Hostile(lambda _: [head(HTML, "Content-Length: 18446744073709551617") + _PAGE]),
    "length-4301-digits": Hostile(lambda _: [head(HTML, f"Content-Length: {_DIGITS}") + _PAGE]),
    "length-superscript": Hostile(lambda _: [head(HTML, "Content-Length: 300²") + _PAGE]),
    "length-hundred-times": Hostile(
        lambda _: [head(HTML, *(f"Content-Length: {number}" for number in range(100))) + _PAGE]
    ),
    "chunk-beyond-64-bits": Hostile(lambda _: [head(HTML, _CHUNKED) + b"1ffffffffffffffff\r\n" + _PAGE]),
    "chunk-negative": Hostile(lambda _: [head(HTML, _CHUNKED) + b"-5\r\n" + _PAGE]),
    "chunk-no-number": Hostile(lambda _: [head(HTML, _CHUNKED) + b"xyz\r\n" + _PAGE]),
    "transfer-thousand-times": Hostile(
        lambda _: [head(HTML, "Transfer-Encoding: " + ", ".join(["gzip"] * 1000)) + _PAGE]
    ),
    "coding-thousand-times": Hostile(lambda _: _coded(", ".join(["gzip"] * 1000), gzip.compress(_PAGE))),
    "coding-onion": Hostile(lambda _: _coded(", ".join(["gzip"] * 200), _onion(200))),
}


def _onion(layers: int) -> bytes:
    body = _PAGE
    for _ in range(layers):
        body = gzip.compress(body, 1, mtime=0)
    return body


BOMBS: Catalogue = {
    "bomb-gzip": Hostile(lambda _: _coded("gzip", _packed(31)), ("too-large",)),
    "bomb-deflate": Hostile(lambda _: _coded("deflate", _packed(15)), ("too-large",)),
    "bomb-deflate-raw": Hostile(lambda _: _coded("deflate", _packed(-15)), ("too-large",)),
    "bomb-br": Hostile(lambda _: _coded("br", _brotli_bomb()), ("too-large",)),
    "bomb-gzip-twice": Hostile(lambda _: _coded("gzip, gzip", gzip.compress(_packed(31))), ("too-large",)),
    "bomb-unsaid": Hostile(lambda _: whole(_packed(31)), ("too-large",)),
    "bomb-transfer": Hostile(
        lambda _: [
            head(HTML, "Transfer-Encoding: gzip, chunked") + b"%x\r\n" % len(b := _packed(31)) + b + b"\r\n0\r\n\r\n"
        ],
        ("too-large",),
    ),
    "bomb-gzip-members": Hostile(lambda _: _coded("gzip", gzip.compress(b"", mtime=0) * 50_000 + gzip.compress(_PAGE))),
    "bomb-gzip-behind": Hostile(lambda _: _coded("gzip", gzip.compress(_PAGE) + _packed(31))),
    "bomb-gzip-name": Hostile(
        lambda _: _coded("gzip", b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"a" * 500_000 + b"\0" + gzip.compress(_PAGE)[10:])
    ),
}
FLOODS: Catalogue = {
    "head-5000-lines": Hostile(lambda _: whole(_PAGE, *(f"X-{n}: {n}" for n in range(5_000)))),
    "head-1-megabyte": Hostile(lambda _: whole(_PAGE, "X-Dai: " + "a" * 1_000_000)),
    "head-name-1-megabyte": Hostile(lambda _: whole(_PAGE, "X" * 1_000_000 + ": a")),
    "head-one-name-2000-times": Hostile(lambda _: whole(_PAGE, *["X-A: b"] * 2_000)),
    "interims-10000": Hostile(lambda _: _interims(10_000, "100 Continue")),
    "interims-103": Hostile(lambda _: _interims(3_000, "103 Early Hints")),
    "interim-101": Hostile(lambda _: [head("Upgrade: h2c", first="HTTP/1.1 101 Switching Protocols") + b"\0" * 99]),
    "cookies-2000": Hostile(lambda _: whole(_PAGE, *(f"Set-Cookie: c{n}={n}; path=/" for n in range(2_000)))),
    "cookie-500-kilobytes": Hostile(lambda _: whole(_PAGE, f"Set-Cookie: c={'a' * 500_000}; path=/")),
    "cookie-of-others": _with("Set-Cookie: a=b; domain=.vn", "Set-Cookie: c=d; domain=example.com; path=/"),
    "cookie-controls": _with(b"Set-Cookie: a=\x01\x02\x7f\xff; path=/", b"Set-Cookie: =; =;", b"Set-Cookie: "),
    "cookie-lines": _with(b"Set-Cookie: a=b\rX-Injected: 1", "Set-Cookie: a=b%0d%0aX-Injected: 1"),
    "cookie-age": _with(f"Set-Cookie: a=b; Max-Age={_DIGITS}", "Set-Cookie: c=d; Max-Age=²; expires=Thu, 99 Foo 99999"),
    "many-answers-at-once": Hostile(lambda _: [b"".join(whole(_PAGE)) * 50], ()),
    "other-answer-behind": Hostile(
        lambda _: [b"".join(whole(_PAGE)) + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nKhong!"], ()
    ),
}  # fmt: skip
VALUES: Catalogue = {
    "retry-after-superscript": _retry_after("²"),
    "retry-after-4301-digits": _retry_after(_DIGITS),
    "retry-after-negative": _retry_after("-5"),
    "retry-after-year": _retry_after("Fri, 31 Dec 99999 23:59:59 GMT"),
    "retry-after-nothing": _retry_after(""),
    "retry-after-infinite": _retry_after("inf"),
    "date-zone": _with("Date: Mon, 01 Jan 2024 00:00:00 +99999999"),
    "date-year": _with("Date: Mon, 01 Jan 0000 00:00:00 GMT", f"Age: {_DIGITS}"),
    "age-superscript": _with("Date: Mon, 01 Jan 2024 00:00:00 GMT", "Age: ²"),
    "last-modified-odd": _with(f"Last-Modified: {_DIGITS}", "ETag: " + '"' * 999),
    "etag-surrogate": _with(b'ETag: "\xed\xa0\x80"'),
    "etag-100-kilobytes": _with(f'ETag: "{"e" * 100_000}"'),
    "status-superscript": Hostile(lambda _: whole(_PAGE, first="HTTP/1.1 2²0 OK")),
    "status-4301-digits": Hostile(lambda _: whole(_PAGE, first=f"HTTP/1.1 {_DIGITS} OK")),
    "status-negative": Hostile(lambda _: whole(_PAGE, first="HTTP/1.1 -200 OK")),
    "version-long": Hostile(lambda _: whole(_PAGE, first=f"HTTP/{_DIGITS} 200 OK")),
    "phrase-controls": Hostile(lambda _: whole(_PAGE, first=b"HTTP/1.1 200 \x1b[2J\x07\xed\xa0\x80 OK"), ()),
    "http-2-preface": Hostile(lambda _: [b"\0\0\x12\x04\0\0\0\0\0" + b"\0\3\0\0\0\x64" * 3], ("not-http", "no-answer")),
    "type-100-kilobytes": Hostile(lambda _: whole(_PAGE, kind="Content-Type: text/html; " + "a=b; " * 20_000)),
    "type-nul": Hostile(lambda _: whole(_PAGE, kind="Content-Type: text/html\0; charset=\0")),
}
FORMS: Catalogue = {
    "zstd-that-is-none": Hostile(lambda _: _coded("zstd", _PAGE)),
    "gzip-wrong-sum": Hostile(lambda _: _coded("gzip", gzip.compress(_PAGE)[:-8] + bytes(8))),
    "deflate-dictionary": Hostile(lambda _: _coded("deflate", b"\x78\xbb\0\0\0\1" + b"x" * 99)),
    "range-unasked": Hostile(
        lambda _: whole(_PAGE, f"Content-Range: bytes 0-10/{_DIGITS}", first="HTTP/1.1 206 Partial")
    ),
    "status-2000": Hostile(lambda _: whole(_PAGE, first="HTTP/1.1 2000 OK")),
    "length-with-underscore": Hostile(lambda _: [head(HTML, "Content-Length: 1_000") + _PAGE]),
    "length-hexadecimal": Hostile(lambda _: [head(HTML, "Content-Length: 0x10") + _PAGE]),
    "chunk-with-underscore": Hostile(lambda _: [head(HTML, _CHUNKED) + b"1_0\r\n" + bytes(16) + b"\r\n0\r\n\r\n"]),
    "chunk-of-many-noughts": Hostile(lambda _: [head(HTML, _CHUNKED) + b"0" * 100_000 + b"5\r\nabcde\r\n0\r\n\r\n"]),
    "head-folded-at-first": Hostile(lambda _: [b"HTTP/1.1 200 OK\r\n  gap: x\r\nConnection: close\r\n\r\n" + _PAGE]),
    "other-protocol": Hostile(lambda _: [b"SSH-2.0-OpenSSH_9\r\n"], ("not-http", "no-answer")),
    "cookie-version": _with(f"Set-Cookie: a=b; Version={_DIGITS}", "Set-Cookie: c=d; version=²; Domain=[::1]"),
}  # fmt: skip
CHARSETS: Catalogue = {
    f"charset-{place}": Hostile(lambda _, name=name: whole(_PAGE, kind=f"Content-Type: text/html; charset={name}"), ())
    for place, name in enumerate(
        ("idna", "zlib", "rot13", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "hex", "base64",
         "bz2", "uu", "quopri", "mbcs", "oem", "utf-7", "../../etc/passwd", "a" * 5000, "²", "\0", "utf_8_sig",
         "none", "x-user-defined", "replacement", "encodings.idna", "__main__")
    )
}  # fmt: skip
CHARSETS_IN_PAGES: Catalogue = {
    f"meta-charset-{name}": Hostile(
        lambda _, name=name: whole(_PAGE.replace(b"utf-8", name.encode()), kind="Content-Type: text/html"), None
    )
    for name in ("idna", "zlib", "rot13", "undefined", "punycode", "utf-16", "utf-32", "x-user-defined", "utf-7")
}
WIRE: Catalogue = {
    **ENDLESS, **SLOW, **LENGTHS, **BOMBS, **FLOODS, **VALUES, **FORMS, **CHARSETS, **CHARSETS_IN_PAGES,
}  # fmt: skip


def prepare() -> None:
    """Make the bombs now, so that no answer waits for them."""
    for bits in (31, 15, -15):
        _packed(bits)
    _brotli_bomb()
