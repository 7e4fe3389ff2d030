"""The capture of every exchange."""

from dataclasses import replace
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.crawl.download.reconstruct import reconstruct_exchange
from crawler.crawl.endings import ends_early
from crawler.crawl.outcomes import exchange_of
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
        """Write the exchange, and put its capture into `request.meta["capture"]`.

        The download handler itself writes an exchange whose answer could not be read, before it asks again.
        """
        exchange = self._judged(request, response)
        writer = run_of(self._crawler).writer
        request.meta["capture"] = await writer.record(exchange)
        return response

    def _judged(self, request: Request, response: Response) -> Exchange:
        """Return the exchange of a response; marked as truncated, as the response is, if its content lacks its end."""
        exchange = exchange_of(response)
        if exchange is None:
            return reconstruct_exchange(request, response)
        max_bytes = run_of(self._crawler).profile.limits.page_bytes
        is_fragment = request.meta.get("page", 1) > 1
        if exchange.truncated or not ends_early(exchange, response.body, is_fragment=is_fragment, max_bytes=max_bytes):
            return exchange
        response.flags.append("dataloss")
        return replace(exchange, truncated="disconnect")
