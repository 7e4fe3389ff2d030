"""Put an exchange together again from a response of Scrapy's own download handler, which hands on no heads."""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.http import Headers, Response

from crawler import settings
from crawler.body import Body
from crawler.items import Exchange


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
    lines = [(name, value) for name, value in _lines(response.headers) if name.lower() != b"transfer-encoding"]
    return _head(f"{response.protocol or 'HTTP/1.1'} {response.status} {phrase}".encode(), lines)


def _head(first_line: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join([first_line, b"\r\n", *(name + b": " + value + b"\r\n" for name, value in headers), b"\r\n"])


def _lines(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, values in headers.items() for value in values]
