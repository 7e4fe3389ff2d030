"""The capture of every exchange."""

import asyncio
from typing import Any, Self
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler import settings
from crawler.crawl.spider import run_of
from crawler.items import Exchange


class CaptureMiddleware:
    """Appends every exchange to the WARC and waits until it is written. It is the innermost middleware.

    If the write fails, it raises, so that no part of the crawl uses an answer that was not kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Write the exchange, and put its capture into `request.meta["capture"]`."""
        exchange = Exchange(
            url=urldefrag(response.url)[0],
            method=request.method,
            request_headers=_request_headers(request),
            request_body=request.body,
            fetched_at=settings.clock(),
            status=response.status,
            response_headers=_header_lines(response.headers.items()),
            body=response.body,
            protocol=response.protocol or "HTTP/1.1",
            ip_address=str(response.ip_address) if response.ip_address else None,
            truncated="disconnect" if "dataloss" in response.flags else None,
        )
        writer = run_of(self._crawler).writer
        request.meta["capture"] = await asyncio.wrap_future(writer.record(exchange))
        return response


def _request_headers(request: Request) -> tuple[tuple[bytes, bytes], ...]:
    lines = [(b"Host", urlsplit(request.url).netloc.encode())]
    if request.body:
        lines.append((b"Content-Length", str(len(request.body)).encode()))
    return (*lines, *_header_lines(request.headers.items()))


def _header_lines(items: Any) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name, values in items for value in values)
