"""What a browser may do with an answer: content policies, and headers that every answer has.

Captured bytes are the portal's, not ours. They can never run a script, load anything from another host, be taken for
another kind of file, or appear in a search engine under this site's name.
"""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from datasette.utils.asgi import Response

from crawler import settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

IMMUTABLE = "public, max-age=31536000, immutable"

# The site's pages: only files of this host, and no script. `formatting` filters the styles in an article's HTML down
# to alignment, weight and slant.
SITE_POLICY = (
    "default-src 'self'; script-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Datasette's pages contain small inline scripts. Only those with the answer's nonce run.
_TABLES_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MATERIAL_POLICY = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
# A captured page, made safe, in its frame: it may load the archive's pictures, sheets and fonts; its links work.
PAGE_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
# The page around that frame. Its text is ours; the frame inherits this policy and has a second sandbox.
# Allowed is what its links need: downloads, navigation of the top window, and new tabs without this sandbox.
FRAME_POLICY = (
    "sandbox allow-downloads allow-top-navigation-by-user-activation allow-popups "
    "allow-popups-to-escape-sandbox; default-src 'none'; script-src 'none'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

# A version that other sites show in a frame: our text and style sheet alone. Its links open in new windows.
EMBED_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"

_nonce: ContextVar[str] = ContextVar("nonce", default="")
_READ_METHODS = ("GET", "HEAD", "OPTIONS")


def add_security_headers(app: App) -> App:
    """Wrap an ASGI application: add the headers that every answer has, and refuse methods that write.

    A header that an answer sets itself stays. POST is allowed only to Datasette's tools below `/-/`, and to the page
    that looks a draft up.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_defaults(message.get("headers", ()))}
            await send(message)

        _nonce.set(secrets.token_urlsafe(16))
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["method"] in _READ_METHODS or (scope["method"] == "POST" and _may_be_sent_to(scope["path"])):
            await app(scope, receive, send_with_headers)
        else:
            headers = [(b"allow", b"GET, HEAD"), (b"content-type", b"text/plain; charset=utf-8")]
            await send_with_headers({"type": "http.response.start", "status": 405, "headers": headers})
            await send_with_headers({"type": "http.response.body", "body": b"This archive is only read.\n"})

    return wrapped


def _may_be_sent_to(path: str) -> bool:
    return "/-/" in path or path.endswith("/draft")


def csp_nonce() -> str:
    """Return the nonce of the answer that is being made (Content Security Policy 3, 2.3.1)."""
    return _nonce.get()


async def name_databases(datasette: Any) -> Response:
    """Answer as Datasette's own page of its databases, as JSON, with the names of their files only."""
    named = [
        {"name": name, "route": one.route, "path": Path(one.path).name if one.path else None, "size": one.size,
         "is_mutable": one.is_mutable, "is_memory": one.is_memory, "hash": one.hash}
        for name, one in datasette.databases.items()
        if name != "_internal"
    ]  # fmt: skip
    return Response.json(named)


async def hide_page() -> Response:
    """Answer 404."""
    return Response("Not found\n", status=404, content_type="text/plain; charset=utf-8")


def _with_defaults(headers: Any) -> list[tuple[bytes, bytes]]:
    found = {bytes(name).lower(): bytes(value) for name, value in headers}
    is_page = found.get(b"content-type", b"").startswith(b"text/html")
    defaults = {
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"same-origin",
        # A captured page may ask the browser to resolve host names in advance; no content policy forbids this.
        b"x-dns-prefetch-control": b"off",
        b"content-security-policy": (_TABLES_POLICY.format(nonce=csp_nonce()) if is_page else MATERIAL_POLICY).encode(),
    }
    if (settings.site_address() or "").startswith("https:"):
        # RFC 6797. Browsers heed it over TLS only, which the proxy brings.
        defaults[b"strict-transport-security"] = b"max-age=31536000"
    missing = [(name, value) for name, value in defaults.items() if name not in found]
    return [*((bytes(name), bytes(value)) for name, value in headers), *missing]


def material_headers(etag: str, *, cache: str = IMMUTABLE) -> dict[str, str]:
    """Return the headers of captured bytes; `etag` must be a digest or another name without quotes."""
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
    """Return the headers of a picture, sheet or font of a captured page.

    The page is in a sandbox, so its origin is opaque: the browser treats these files as cross-origin.
    """
    return {
        **material_headers(etag, cache=cache),
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
    }
