"""Requests to Datasette's own pages: which are refused before Datasette reads them, and what is said when it fails."""

import logging
from http.cookies import CookieError, SimpleCookie
from traceback import walk_tb
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from datasette.database import QueryInterrupted
from datasette.utils import tilde_decode
from datasette.utils.asgi import Base400
from datasette.views.base import DatasetteError

from crawler.web.security_headers import App, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from datasette.app import Datasette

# A table page repeats its query in each of its links: 500 facets made a page of 135 MB, which took 22 s.
MAX_PARAMETERS, MAX_FACETS = 100, 10
# A draft of 30,000 Vietnamese letters, percent-encoded, is 270 kB. Datasette's check of forms reads a whole body first.
MAX_BODY_BYTES = 400_000
# Percent-encoded. Vietnamese SQL of 2,000 characters fits.
MAX_QUERY_BYTES = 20_000

_log = logging.getLogger(__name__)


class _VisitorGoneError(BaseException):
    """Raised when a visitor left before the form was whole. No handler of Datasette's takes it for a failure."""


def bound_requests(app: App, datasette: "Datasette") -> App:
    """Wrap an ASGI application: refuse a query that would make a page of Datasette huge, drop cookies it cannot read.

    Each request has its cookies read, on the site's own pages too, where none is needed. Datasette fails at a cookie
    that is not UTF-8, or has a name that RFC 6265 forbids; another site on the same domain may have set it.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif _is_table_page(scope["path"], datasette) and (refusal := _too_much(scope["query_string"])):
            await _refuse(send, 400, words=refusal)
        else:
            headers = [(name, value) for name, value in scope["headers"] if name != b"cookie" or _is_cookie(value)]
            readable = {**scope, "headers": headers}
            if scope["method"] == "POST":
                await _answer_form(app, readable, receive=receive, send=send)
            else:
                await app(readable, receive, send)

    return wrapped


async def _answer_form(app: App, scope: Scope, *, receive: Receive, send: Send) -> None:
    """Answer a POST. Its body is bounded, and neither it nor what is wrong with it is logged.

    Datasette's check of forms reads the whole body, and fails at bytes that are not UTF-8 and at forms without a
    boundary. Of a body that is too long it gets the beginning; then its answer is replaced.
    """
    read, has_begun = 0, False

    async def receive_bounded() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _VisitorGoneError
        read += len(message.get("body", b""))
        return message if read <= MAX_BODY_BYTES else {"type": "http.request", "body": b"", "more_body": False}

    async def send_noted(message: Message) -> None:
        nonlocal has_begun
        if read <= MAX_BODY_BYTES:
            await send(message)
        elif not has_begun:
            await _refuse(
                send, 413, words=f"Nội dung gửi lên dài quá {MAX_BODY_BYTES} byte. This form has more bytes than that."
            )
        has_begun = True

    try:
        await app(scope, receive_bounded, send_noted)
    except _VisitorGoneError:
        return
    except (UnicodeDecodeError, IndexError, AssertionError) as error:
        _log.warning("Datasette cannot read a form: %s", type(error).__name__)
        if not has_begun:
            await _refuse(send, 400, words="Không đọc được nội dung gửi lên. This form cannot be read.")


async def _refuse(send: Send, status: int, *, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{words}\n".encode()})


def describe_failure(failure: Exception) -> Exception:
    """Return the exception to show to a visitor in place of `failure`; `failure` itself if it may be shown.

    Datasette reads many parameters unchecked (`_timelimit=x`, `_through=1`), and shows the text of any exception, which
    may name files of the server. A failure within its own code alone is taken as a wrong request.
    """
    shown: Exception = failure
    if isinstance(failure, DatasetteError) and failure.status == 500:
        shown = DatasetteError(failure.message, title=failure.title, error_dict=failure.error_dict, status=400)
    elif isinstance(failure, (Base400, DatasetteError)):
        pass
    elif isinstance(failure, QueryInterrupted):  # Datasette's CSV does not expect it
        shown = DatasetteError("This query takes longer than a visitor's may", title="SQL Interrupted", status=400)
    elif any(frame.f_globals.get("__name__", "").startswith("crawler.") for frame, _ in walk_tb(failure.__traceback__)):
        _log.error("a page failed", exc_info=failure)
        shown = DatasetteError("This page cannot be made now; the reason is in the site's log", status=500)
    else:
        _log.warning("Datasette cannot read a request: %s", type(failure).__name__)
        shown = DatasetteError("This request cannot be read: an unknown value or address", status=400)
    return shown


def _is_table_page(path: str, datasette: "Datasette") -> bool:
    base = datasette.setting("base_url").rstrip("/")
    first = path.removeprefix(base).lstrip("/").partition("/")[0]
    return tilde_decode(first).partition(".")[0] in datasette.databases


def _too_much(query: bytes) -> str | None:
    """Return in words which bound a query breaks."""
    if len(query) > MAX_QUERY_BYTES:
        return f"The query of this address is longer than {MAX_QUERY_BYTES} bytes."
    names = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    if len(names) > MAX_PARAMETERS:
        return f"This address has more than {MAX_PARAMETERS} parameters."
    if sum(name.startswith("_facet") for name in names) > MAX_FACETS:
        return f"This address asks for more than {MAX_FACETS} facets."
    return None


def _is_cookie(value: bytes) -> bool:
    try:
        SimpleCookie(value.decode())
    except (UnicodeDecodeError, CookieError):
        return False
    return True
