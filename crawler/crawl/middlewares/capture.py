"""The capture of every exchange."""

import asyncio
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.crawl.download.reconstruct import reconstruct_exchange
from crawler.crawl.spider import run_of


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
        exchange = getattr(response, "exchange", None) or reconstruct_exchange(request, response)
        writer = run_of(self._crawler).writer
        request.meta["capture"] = await asyncio.wrap_future(writer.record(exchange))
        return response
