"""What a browser may do with an answer: content policies, safe media types, safe file names.

Captured material is the portal's, not ours: it is never given a way to run a script, to load anything from
elsewhere, to be taken for another kind of file, or to stand in a search engine under this site's name.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

IMMUTABLE = "public, max-age=31536000, immutable"

# Our own pages: nothing but what this host sends, and no script at all. The styles that an article's HTML
# keeps are filtered down to alignment, weight and slant by `showing`.
SITE_POLICY = (
    "default-src 'self'; script-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Datasette's pages carry small scripts of their own in the page.
TABLES_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MATERIAL_POLICY = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
# A captured page, made safe, by itself: it may show the archive's pictures, sheets and fonts, and its links lead on.
PAGE_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
# The page around a captured page. Its own text is ours; the frame has a sandbox of its own and inherits all of this.
# What its links need is allowed: downloads, the frame's way out to the top, and other tabs without this sandbox.
FRAME_POLICY = (
    "sandbox allow-downloads allow-top-navigation-by-user-activation allow-popups "
    "allow-popups-to-escape-sandbox; default-src 'none'; script-src 'none'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_READING = ("GET", "HEAD", "OPTIONS")


def wrap_with_shelter(app: App) -> App:
    """Put the headers that every answer carries on those of an ASGI application, and let nobody ask to write.

    What an answer says itself stays. Only Datasette's own tools below `/-/` may be posted to.
    """

    async def sheltered(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_sheltered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_defaults(message.get("headers", ()))}
            await send(message)

        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["method"] in _READING or "/-/" in scope["path"]:
            await app(scope, receive, send_sheltered)
        else:
            headers = [(b"allow", b"GET, HEAD"), (b"content-type", b"text/plain; charset=utf-8")]
            await send_sheltered({"type": "http.response.start", "status": 405, "headers": headers})
            await send_sheltered({"type": "http.response.body", "body": b"This archive is only read.\n"})

    return sheltered


def _with_defaults(headers: Any) -> list[tuple[bytes, bytes]]:
    found = {bytes(name).lower(): bytes(value) for name, value in headers}
    is_page = found.get(b"content-type", b"").startswith(b"text/html")
    defaults = {
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"same-origin",
        # A captured page may ask browsers to look its hosts up in advance, which no content policy forbids.
        b"x-dns-prefetch-control": b"off",
        b"content-security-policy": (TABLES_POLICY if is_page else MATERIAL_POLICY).encode(),
    }
    missing = [(name, value) for name, value in defaults.items() if name not in found]
    return [*((bytes(name), bytes(value)) for name, value in headers), *missing]


def material_headers(etag: str, *, cache: str = IMMUTABLE) -> dict[str, str]:
    """Give the headers of captured bytes; `etag` must be a digest or another name without quotes."""
    return {
        "content-security-policy": MATERIAL_POLICY,
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, noarchive",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "etag": f'"{etag}"',
        "cache-control": cache,
    }


def page_part_headers(etag: str, *, cache: str) -> dict[str, str]:
    """Give the headers of a picture, sheet or font of a captured page.

    The page stands in a sandbox, and so is of no site at all to a browser: what it shows must be open to such.
    """
    return {
        **material_headers(etag, cache=cache),
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
    }
