"""Faults of the way to a page: cookie walls, redirects as servers write them, meta refreshes, odd bytes of a text."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace

from crawler.replica.wire import WireReply, redirect

_COOKIE = "tuong=da-qua"
_ASPX = "AspxAutoDetectCookieSupport=1"
# A tracker: no portal reads it, and it makes no other page of an address.
_MARK = "utm_source=chuyen"
_PADDING = b"# " + b"x" * 97 + b"\n"


@dataclass(frozen=True)
class WayContext:
    """What a fault of the way needs: the path and query, the client's cookies, and the proper answer."""

    target: str
    cookies: str
    proper: Callable[[], WireReply]

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]


def _wall(context: WayContext) -> WireReply:
    if _COOKIE in context.cookies:
        return context.proper()
    return _with_header(redirect(context.target), "Set-Cookie", value=f"{_COOKIE}; path=/; HttpOnly")


def _aspx_wall(context: WayContext) -> WireReply:
    if _ASPX in context.cookies:
        return context.proper()
    if _ASPX in context.target:
        return redirect(f"/(X(1)S(lit3py55t21z5v55vlm25s55)){context.path}?{_ASPX}")
    return _with_header(redirect(f"{context.path}?{_ASPX}"), "Set-Cookie", value=f"{_ASPX}; path=/")


def _refresh(context: WayContext) -> WireReply:
    if _MARK in context.target:
        return context.proper()
    page = f"""<html><head><title>Chuyển trang</title>
<META HTTP-EQUIV=Refresh CONTENT='0; URL=&quot;{context.path}?{_MARK}&quot;'></head>
<body>Nếu trình duyệt không tự chuyển, xin bấm <a href="{context.path}?{_MARK}">vào đây</a>.</body></html>"""
    return WireReply(200, page.encode())


def _script_wall(context: WayContext) -> WireReply:
    if _COOKIE in context.cookies:
        return context.proper()
    return WireReply(
        200,
        f"<html><head><script>document.cookie='{_COOKIE}';location.reload(true)</script></head><body></body></html>"
        "".encode(),
    )


def _location(write: Callable[[WayContext], str]) -> Callable[[WayContext], WireReply]:
    def reply(context: WayContext) -> WireReply:
        return context.proper() if _MARK in context.target else redirect(write(context), 301)

    return reply


def _nowhere(_: WayContext) -> WireReply:
    moved = redirect("/")
    return replace(moved, status=301, headers=())


def _as_sent(text: str) -> str:
    """Return a text whose Latin-1 bytes are its UTF-8 bytes: header lines are sent as Latin-1."""
    return text.encode().decode("latin-1")


def _with_header(reply: WireReply, name: str, *, value: str) -> WireReply:
    return replace(reply, headers=(*reply.headers, (name, value)))


def _worn(wear: Callable[[bytes], bytes], coding: str | None = None) -> Callable[[WayContext], WireReply]:
    """Return a fault that changes the bytes of the proper answer, and perhaps says a content coding."""

    def reply(context: WayContext) -> WireReply:
        proper = replace(context.proper(), volatile=False, etag="")
        proper = replace(proper, body=wear(proper.body))
        return _with_header(proper, "Content-Encoding", value=coding) if coding else proper

    return reply


def _in_utf_16(body: bytes) -> bytes:
    try:
        return body.decode().encode("utf-16")
    except UnicodeDecodeError:  # no text: a picture
        return body


_REPLIES: dict[str, Callable[[WayContext], WireReply]] = {
    "cookie-wall": _wall,
    "aspx-cookie-wall": _aspx_wall,
    "script-wall": _script_wall,
    "meta-refresh": _refresh,
    "backslash-location": _location(lambda context: f"{context.path}?{_MARK}".replace("/", "\\")),
    "blank-location": _location(lambda context: f"  {context.path}?{_MARK}&q=tin tuc \t"),
    "raw-location": _location(lambda context: _as_sent(f"{context.path}?{_MARK}&q=thông báo#đầu")),
    "latin-location": _location(lambda context: f"{context.path}?{_MARK}&q=thông-báo"[:-3] + "b\xe1o"),
    "relative-location": _location(lambda context: f"./{context.path.rpartition('/')[2]}?{_MARK}#than"),
    "query-location": _location(lambda _: f"?{_MARK}"),
    "nowhere-location": _nowhere,
    "bom": _worn(lambda body: b"\xef\xbb\xbf" + body),
    "utf-16": _worn(_in_utf_16),
    "cr-lines": _worn(lambda body: body.replace(b"\r\n", b"\n").replace(b"\n", b"\r")),
    "unsaid-gzip": _worn(lambda body: gzip.compress(body, 1, mtime=0)),
    "untrue-gzip": _worn(lambda body: body, "gzip"),
    "padded": _worn(lambda body: body + _PADDING * 12_000),
}
WAY_KINDS = tuple(_REPLIES)


def make_way_reply(kind: str, context: WayContext) -> WireReply:
    """Return the answer of a fault of the way."""
    return _REPLIES[kind](context)
