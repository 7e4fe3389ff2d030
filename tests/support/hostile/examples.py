"""Texts, addresses and bodies for the tests of properties: what a portal writes, and what nobody should."""

import zlib
from base64 import b64encode

from hypothesis import settings
from hypothesis import strategies as some

# The same examples in every run, so that a check does not fail by chance; `dev fuzz` looks for new ones.
PROPERTY = settings(derandomize=True, max_examples=80, deadline=None, database=None, print_blob=False)

_WORDS = (
    "Thông báo", "hoà", "hòa", "Lê Đình Lợi", "25-NQ/TW", "số 1234/QĐ-UBND", "ngày 28/08/2026", "09:35", "Nguồn:", "…", "“", "”",
    "\u00a0", "\u200b", "\u0301", "\u0323", "e\u0323\u0302", "²", "٣", "\ud800", "\udc00", "\0", "\ufeff", "\u202e", "\r\n", "\t",
    "=1+1", "-5", "'", '"', "(", ")", "*", "OR", "title:", "&amp;", "&#xD800;", "İ", "ß", "ﬁ", "Ð", "ǅ", "한", "👨‍👩‍👧",
)  # fmt: skip
_CHARACTERS = some.characters(exclude_categories=())
TEXTS = some.lists(
    some.one_of(some.sampled_from(_WORDS), some.text(_CHARACTERS, max_size=12), some.just(" ")), max_size=12
).map("".join)
QUERIES = some.lists(
    some.one_of(some.sampled_from((*_WORDS, "NEAR(", "AND", "NOT", "-", "^", "+", "{", "}", ":", "tru*", "Sapa")), some.text(_CHARACTERS, max_size=8)),
    max_size=10,
).map(" ".join)  # fmt: skip

_PARTS = (
    "https://", "http://", "//", "HTTPS:/", "ftp://", "javascript:", "a.gov.vn", "www.a.gov.vn", "A.GOV.VN.", "[::1", "[::1]", "127.0.0.1",
    ":443", ":99999", ":²", ":", "@", "a@b", "/", "//", "/tin-tuc", "/tin-tuc/bai-100001", "/1227/27461/54439/293909/tin-tuc/bai",
    "-100001", "-²", "-9" * 9, "?", "&", "=", "#", "?fbclid=1", "?id=²", "?u=https%3A%2F%2Fa.vn", "%", "%2f", "%00", "%ff", "%e1%bb%87", "%zz",
    "..", "/../", "\\", "(S(abc))", "①", "xn--", "bücher.vn", " ", "\n", "\ud800", "\0", "“", "”.", "web.archive.org/web/2023/",
)  # fmt: skip
URLS = some.lists(some.one_of(some.sampled_from(_PARTS), some.text(_CHARACTERS, max_size=6)), max_size=9).map("".join)

CODINGS = some.lists(
    some.sampled_from(("gzip", "x-gzip", "deflate", "br", "chunked", "identity", "zstd", "GZip", "", "²", "compress", "none")), max_size=4
).map(", ".join)  # fmt: skip


def _gzip(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=31)
    return coder.compress(data) + coder.flush()


def _chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n"


PLAIN = some.one_of(
    some.binary(max_size=200), TEXTS.map(lambda text: text.encode("utf-8", "replace")),
    some.sampled_from((b"<html><body>", b"\x1f\x8b", b"\x1f\x8b\x08\0", b"PK\3\4", b"5\r\nab", b"0\r\n\r\n", b"%PDF-1.4\n", b64encode(b"a" * 99))),
)  # fmt: skip
CODED = some.recursive(
    PLAIN,
    lambda inner: some.one_of(
        inner.map(_gzip), inner.map(zlib.compress), inner.map(_chunked), inner.map(lambda data: data[: len(data) // 2]),
        some.tuples(inner, inner).map(b"".join), inner.map(lambda data: bytes([*data[:3], 255, *data[4:]])),
    ),
    max_leaves=4,
)  # fmt: skip
