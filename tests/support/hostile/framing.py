"""Hostile frames of HTTP, statuses, cookies, media types and codings; pages whose refreshes, bases and numbers lie."""

import gzip
import json
import zlib
from collections.abc import Iterator

import brotli

from tests.support.hostile.answers import HTML, Ask, Catalogue, Hostile, Steps, head, page, whole

_PAGE = page().encode()
_CHUNKED = "Transfer-Encoding: chunked"
_LENGTH = f"Content-Length: {len(_PAGE)}"
_DIGITS = "9" * 4301


def _chunk(data: bytes, size: bytes = b"") -> bytes:
    return (size or b"%x" % len(data)) + b"\r\n" + data + b"\r\n"


def _with(*lines: str | bytes, kind: str = HTML, first: str = "HTTP/1.1 200 OK", refused: tuple[str, ...] | None = ()) -> Hostile:  # fmt: skip
    return Hostile(lambda _: whole(_PAGE, *lines, kind=kind, first=first), refused)


def _sent(*parts: bytes | float, refused: tuple[str, ...] | None = None) -> Hostile:
    return Hostile(lambda _: list(parts), refused)


def _interims(number: int, line: str, inner: str) -> Steps:
    for _ in range(number // 50):
        yield f"{line}\r\n{inner}\r\n\r\n".encode() * 50
    yield from whole(_PAGE)


def _parts() -> Steps:
    yield head("Content-Type: multipart/x-mixed-replace; boundary=x")
    while True:
        yield b"--x\r\nContent-Type: text/html\r\n\r\n" + _PAGE + b"\r\n"
        yield 0.2


def _events() -> Steps:
    yield head("Content-Type: text/event-stream")
    while True:
        yield b"data: thong bao\n\n" * 100
        yield 0.1


def _endless_redirect(ask: Ask) -> Iterator[bytes | float]:
    yield head(HTML, f"Location: {ask.target}?sau=1", first="HTTP/1.1 302 Found")
    while True:
        yield b"<p>moved</p>" * 5000


FRAMES: Catalogue = {
    "http-0-9": _sent(_PAGE, refused=("not-http",)),
    "lines-lf": _sent(b"HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nConnection: close\n\n" + _PAGE),
    "lines-cr": _sent(b"HTTP/1.1 200 OK\rContent-Type: text/html\rConnection: close\r\r" + _PAGE),
    "both-lengths": _sent(head(HTML, _CHUNKED, "Content-Length: 7") + _chunk(_PAGE) + b"0\r\n\r\n"),
    "chunks-lf": _sent(head(HTML, _CHUNKED) + b"%x\n" % len(_PAGE) + _PAGE + b"\n0\n\n"),
    "chunks-of-one": _sent(head(HTML, _CHUNKED) + b"".join(_chunk(_PAGE[n : n + 1]) for n in range(len(_PAGE))) + b"0\r\n\r\n", refused=()),
    "chunk-size-blanks": _sent(head(HTML, _CHUNKED) + _chunk(_PAGE, b"  %x  " % len(_PAGE)) + b"0\r\n\r\n"),
    "chunk-0x": _sent(head(HTML, _CHUNKED) + _chunk(_PAGE, b"0x%x" % len(_PAGE)) + b"0\r\n\r\n"),
    "chunks-not-ended": _sent(head(HTML, _CHUNKED) + _chunk(_PAGE)),
    "trailer-coding": _sent(head(HTML, _CHUNKED, "Trailer: Content-Encoding") + _chunk(_PAGE)
                            + b"0\r\nContent-Encoding: gzip\r\nSet-Cookie: a=b\r\nLocation: /x\r\nContent-Length: 3\r\n\r\n"),
    "trailer-megabyte": _sent(head(HTML, _CHUNKED) + _chunk(_PAGE) + b"0\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n"),
    "transfer-identity": _with("Transfer-Encoding: identity", refused=None),
    "transfer-odd": _with("Transfer-Encoding: xchunked, ;q=1", refused=None),
    "transfer-twice": _sent(head(HTML, _CHUNKED, _CHUNKED) + _chunk(_PAGE) + b"0\r\n\r\n"),
    "interims-199": Hostile(lambda _: _interims(5_000, "HTTP/1.1 199 Misc", "X: y")),
    "interims-with-location": Hostile(lambda ask: _interims(50, "HTTP/1.1 103 H", f"Location: http://{ask.trap}/\r\nSet-Cookie: a=b")),
    "interim-long": Hostile(lambda _: _interims(50, "HTTP/1.1 103 H", "Link: " + "a" * 60_000)),
    "head-names-empty": _sent(b"HTTP/1.1 200 OK\r\n: a\r\n : b\r\n\t\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + _PAGE),
    "head-no-colon": _sent(b"HTTP/1.1 200 OK\r\nthong bao\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + _PAGE),
    "head-folded-5000": _sent(b"HTTP/1.1 200 OK\r\nX: a" + b"\r\n b" * 5_000 + b"\r\nConnection: close\r\n\r\n" + _PAGE),
    "head-nul": _with(b"X: a\0b", b"X\0Y: c", refused=None),
    "head-high-bytes": _with(b"Server: \xff\xfe\xed\xa0\x80", b"X-\xe1\xba\xa1: b", refused=None),
    "head-none": _sent(b"HTTP/1.1 200\r\n\r\n" + _PAGE),
    "version-3": _sent(b"HTTP/3 200 OK\r\nConnection: close\r\n\r\n" + _PAGE),
    "version-1-0-kept": _sent(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + f"{HTML}\r\n{_LENGTH}\r\n\r\n".encode() + _PAGE, refused=()),
    "status-line-icy": _sent(b"ICY 200 OK\r\n\r\n" + _PAGE),
    "answer-before-asked": _sent(b"\r\n\r\n" + b"".join(whole(_PAGE))),
    "tls-alert": _sent(b"\x15\x03\x01\x00\x02\x02\x16", refused=("*",)),
    "ends-in-letter": _sent(head(HTML) + _PAGE[:-3] + b"\xe1", refused=None),
    "redirect-endless-body": Hostile(_endless_redirect, None),
    "parts-endless": Hostile(lambda _: _parts(), None),
    "events-endless": Hostile(lambda _: _events(), None),
}  # fmt: skip
STATUSES: Catalogue = {
    f"status-{status}": Hostile(lambda _, line=f"HTTP/1.1 {status} X": whole(_PAGE, "Retry-After: 86400", first=line))
    for status in (202, 203, 204, 205, 226, 304, 402, 405, 406, 410, 416, 418, 421, 425, 428, 431, 451, 500, 501, 505, 511, 520, 599, 600, 999)
}  # fmt: skip
COOKIES: Catalogue = {
    # 50 cookies of 4 kB: a healthy server refuses a request with such a long head.
    "cookies-200-kilobytes": _with(*(f"Set-Cookie: c{n}={'a' * 4000}; path=/" for n in range(50))),
    "cookies-49-of-4-kilobytes": _with(*(f"Set-Cookie: d{n}={'a' * 4000}; path=/; HttpOnly; Secure" for n in range(49))),
    "cookie-paths": _with(*(f"Set-Cookie: c=1; path=/{'a' * n}" for n in range(400))),
    "cookie-expired-999": _with("Set-Cookie: a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=-" + _DIGITS),
    "cookie-quoted": _with('Set-Cookie: a="b; c=d; path=/', "Set-Cookie: \"=\"; ;;;=", "Set-Cookie: a=\"" + "\\" * 4000),
    "cookie-host-prefix": _with("Set-Cookie: __Host-a=b; Secure; path=/; domain=.gov.vn", "Set-Cookie: __Secure-x=y"),
    "set-cookie-2": _with('Set-Cookie2: a=b; Port="80,²,99999"; Version="1"'),
    "clear-site-data": _with('Clear-Site-Data: "*"', "Alt-Svc: h3=\":1\"; ma=99999999999", "Strict-Transport-Security: max-age=" + _DIGITS),
}  # fmt: skip


def _doctype(entities: str) -> bytes:
    return f"<!DOCTYPE html [{entities}]>".encode() + _PAGE.removeprefix(b"<!DOCTYPE html>")


_LAUGHS = '<!ENTITY a "chữ">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
_JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"
TYPES: Catalogue = {
    "xhtml-laughs": Hostile(lambda _: whole(_doctype(_LAUGHS), kind="Content-Type: application/xhtml+xml")),
    "doctype-file": Hostile(lambda _: whole(_doctype('<!ENTITY e SYSTEM "file:///etc/passwd">'))),
    "type-twice": _with("Content-Type: image/png", refused=None),
    "type-none": _with(kind=""),
    "type-odd": _with(kind="Content-Type: ;;;=,"),
    "type-upper": _with(kind="CONTENT-TYPE: TEXT/HTML; CHARSET=UTF-8"),
    "type-png": _with(kind="Content-Type: image/png", refused=None),
    "type-download": _with("Content-Disposition: attachment; filename=\"../x.html\"", refused=None),
    "is-pdf": Hostile(lambda _: whole(b"%PDF-1.4\n%%EOF", kind="Content-Type: application/pdf")),
    "is-jpeg": Hostile(lambda _: whole(_JPEG, kind="Content-Type: image/jpeg")),
    "is-zip-of-8-megabytes": Hostile(lambda _: whole(b"PK\3\4" + bytes(7_900_000), kind="Content-Type: application/zip")),
    "charset-utf-16-said": _with(kind="Content-Type: text/html; charset=utf-16", refused=None),
    "charset-utf-32-said": _with(kind="Content-Type: text/html; charset=utf-32", refused=None),
    "charset-iso-2022-jp": Hostile(lambda _: whole(b"\x1b$B" + _PAGE + b"\x1b(B", kind="Content-Type: text/html; charset=iso-2022-jp")),
    "charset-gb18030": _with(kind="Content-Type: text/html; charset=gb18030", refused=None),
    "charset-quoted": _with(kind="Content-Type: text/html; charset=\"utf-8", refused=None),
    "mark-utf-16": Hostile(lambda _: whole(b"\xff\xfe" + _PAGE)),
    "bytes-ff": Hostile(lambda _: whole(b"\xff" * 3_000_000)),
    "overlong": Hostile(lambda _: whole(_PAGE.replace(b"<p>", b"<p>\xc0\xbcscript\xc0\xbe\xf8\x88\x80\x80\x80\xfc"))),
    "coding-br-as-gzip": _with("Content-Encoding: gzip", refused=None),
    "coding-really-br": Hostile(lambda _: whole(brotli.compress(_PAGE), "Content-Encoding: gzip")),
    "coding-blank": _with("Content-Encoding: ,, ,identity, ,", refused=None),
    "coding-upper": Hostile(lambda _: whole(gzip.compress(_PAGE), "CONTENT-ENCODING: GZIP"), ()),
    "coding-junk-behind": Hostile(lambda _: whole(gzip.compress(_PAGE) + b"\xff" * 5_000_000, "Content-Encoding: gzip")),
    "coding-cut": Hostile(lambda _: whole(gzip.compress(_PAGE)[:-30], "Content-Encoding: gzip")),
    "coding-raw-deflate": Hostile(lambda _: whole(zlib.compress(_PAGE)[2:-4], "Content-Encoding: deflate")),
    "coding-compress": _with("Content-Encoding: compress, aes128gcm, exi", refused=None),
}  # fmt: skip


def _swing(ask: Ask) -> Steps:
    """Two pages that refresh to each other."""
    other = ask.target.removesuffix("?kia") if ask.target.endswith("?kia") else f"{ask.target}?kia"
    return whole(f'<html><head><meta http-equiv="refresh" content="0;url={other}"></head><body></body></html>')


def _challenge(ask: Ask) -> Steps:
    value = "a" * 1_000_000 if ask.number == 1 else f"{ask.number:032x}"
    return whole(
        f'<html><body><script>document.cookie="D1N={value}"+"; path=/";window.location.reload(true);</script></body></html>'
    )


def _style_chain(number: int) -> str:
    return f'<link rel="stylesheet" href="/sitefolders/vo-tan-{number}.css">'


def _shown(inner: str = "", refused: tuple[str, ...] | None = None, **more: str) -> Hostile:
    return Hostile(lambda _: whole(page(inner, **more)), refused)


PAGES: Catalogue = {
    "refresh-swing": Hostile(_swing, ("*",)),
    "refresh-many": _shown(top="".join(f'<meta http-equiv=refresh content="{n};url=/x{n}">' for n in range(10_000))),
    "refresh-data": Hostile(lambda _: whole('<meta http-equiv=refresh content="0;url=data:text/html,<h1>x">'), ("*",)),
    "refresh-number": Hostile(lambda _: whole('<meta http-equiv=refresh content="1e999;URL=\'//[">'), ("*",)),
    "challenge-endless": Hostile(_challenge, ("*",)),
    "base-data": _shown('<img src="a.png"><a href="b-1">x</a>', (), top='<base href="data:text/html,x">'),
    "base-megabytes": _shown('<img src="a.png">' * 2000, top=f'<base href="/{"a" * 500_000}/">'),
    "srcset-numbers": _shown('<p><img src="/a.png" srcset="/a 1e308x, /b -1w, /c 1e-400x, /d nanx, /e infw, data:image/png;base64,AAA= 2x">', ()),
    "image-numbers": _shown('<p><img src="/a.png" width="-1" height="1e99"><img src="/b.png" width="99999999999999999999%" sizes="((((">', ()),
    "data-svg": _shown('<p><img src="data:image/svg+xml,' + "%3Cg%3E" * 100_000 + '">'),
    "data-nested": _shown("<p><img src='data:image/png;base64," + "data:image/png;base64," * 50_000 + "'>"),
    "style-chain": _shown(top=_style_chain(0)),
    "style-imports": _shown(top="<style>" + "@import url(/x.css);" * 50_000 + "</style>", ),
    "style-expression": _shown('<p style="width:expression(alert(1));background:url(javascript:alert(1));-moz-binding:url(//x)">x', ()),
    "ids-64-bits": _shown("".join(f'<a href="/danh-sach-la/x-{n}">x</a>' for n in (2**31, 2**63 - 1, 2**63, 2**64, 10**30)), ()),
    "links-slashes": _shown(f'<a href="{"/" * 100_000}">a</a><a href="{"/.." * 50_000}/a">b</a><a href="/a/{"%25" * 50_000}">c</a>', ()),
    "links-to-actions": _shown('<a href="/logout">x</a><a href="/admin/xoa-bai-1">y</a><a href="/khong/xoa?id=1&amp;delete=1">z</a>', ()),
    "viewstate": _shown(f'<input type="hidden" name="__VIEWSTATE" value="{"a" * 3_000_000}">', ()),
    "viewers": _shown('<iframe src="/viewer.html?file=/viewer.html?file=/viewer.html?file=a.pdf"></iframe>' * 3_000),
    "counter-huge": _shown(f'<div class="view">Lượt xem: {_DIGITS}</div>', ()),
    "json-ld-odd": _shown(top='<script type="application/ld+json">' + json.dumps({"@type": "NewsArticle", "headline": {"a": [1] * 9},
                          "datePublished": 1e300, "author": [[[[]]]], "x": "\ud800"}) + "</script>", refused=()),
    "json-ld-numbers": _shown(top='<script type="application/ld+json">{"@type":"NewsArticle","datePublished":-1e9999,"a":NaN}</script>', refused=()),
    "published-number": _shown(top=f'<meta property="article:published_time" content="{_DIGITS}-01-01T00:00:00Z">', refused=()),
    "title-marks": _shown(title="e" + "\u0301\u0323" * 30_000),
    "title-emoji": _shown(title="👨‍👩‍👧‍👦" * 1_000),
    "title-separators": _shown(title="Thông báo\u2028một\u2029hai\x85ba", refused=()),
    "word-joined": _shown("<p>" + "\u0e01" * 500_000),
    "pictures-one-name": _shown("".join(f'<img src="/sitefolders/x.png?{n}">' for n in range(600))),
    "file-link-500-kilobytes": _shown(f'<a class="link-download" href="/sitefolders/{"a" * 500_000}.pdf">x</a>'),
    "frames": Hostile(lambda ask: whole(f'<frameset><frame src="{ask.target}"><frame src="http://{ask.trap}/"></frameset>')),
    "another-title": Hostile(lambda ask: whole(page(top=f'<meta property="og:url" content="http://{ask.host}/"><link rel="canonical" href="/">'))),
}  # fmt: skip
FRAMING: Catalogue = {**FRAMES, **STATUSES, **COOKIES, **TYPES, **PAGES}
