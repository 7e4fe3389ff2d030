"""Put an exchange together again from a response of Scrapy's own download handler, which does not pass heads on.

The warcinfo record says whether a run does so.
"""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.utils.misc import load_object

from crawler import settings
from crawler.body import Body
from crawler.items import Exchange

_RECONSTRUCTED = (
    "Reconstructed, since the HTTP engine does not hand them on: reason phrases, order and case of "
    "header names, the request's Host, Connection and Content-Length lines. Transfer codings are undone "
    "and Transfer-Encoding is not recorded, nor the Content-Length of a 204 or 304; content codings are kept. "
    "Answers that the engine cannot read are the bytes of the wire."
)
_EXACT = (
    "Nothing is reconstructed: heads and bodies of requests and answers are the bytes of the wire, with transfer "
    "codings and content codings. Interim answers (1xx) are left out. An answer that one reader could not read, or "
    "whose folded header lines it joined, was fetched once more; what it handed on of the first is recorded as "
    "truncated (unspecified). Over TLS the joining shows only at a host's robots.txt: a host that folds other heads "
    "has those lines joined."
)


def describe_capture(handler: str | type) -> str:
    """Return what the warcinfo record says of a download handler, given by its class or class path.

    A handler whose responses have an `exchange` says so with a true class attribute `is_exact`.
    """
    return _EXACT if getattr(load_object(handler), "is_exact", False) else _RECONSTRUCTED


def reconstruct_exchange(request: Request, response: Response) -> Exchange:
    """Return the exchange of a response without one.

    Reason phrase, order and case of header names are not those of the wire. The transfer coding is undone, so
    no Transfer-Encoding is stated.
    """
    return Exchange(
        url=urldefrag(response.url)[0],
        method=request.method,
        request_head=_request_head(request, response.url),
        request_body=request.body,
        fetched_at=settings.clock(),
        status=response.status,
        response_head=_response_head(response),
        body=Body(response.body),
        ip_address=str(response.ip_address) if response.ip_address else None,
        truncated="disconnect" if "dataloss" in response.flags else None,
    )


def _request_head(request: Request, url: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    own = [(b"Host", parts.netloc.encode())]
    if request.body:
        own.append((b"Content-Length", str(len(request.body)).encode()))
    return _head(f"{request.method} {target} HTTP/1.1".encode(), [*own, *_lines(request.headers)])


def _response_head(response: Response) -> bytes:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    unknown = {b"transfer-encoding"}
    if response.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED) and not response.body:
        unknown.add(b"content-length")  # the engine adds a length of 0 to answers that have no body
    lines = [(name, value) for name, value in _lines(response.headers) if name.lower() not in unknown]
    return _head(f"{response.protocol or 'HTTP/1.1'} {response.status} {phrase}".encode(), lines)


def _head(first_line: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join([first_line, b"\r\n", *(name + b": " + value + b"\r\n" for name, value in headers), b"\r\n"])


def _lines(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, values in headers.items() for value in values]
