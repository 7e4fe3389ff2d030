"""Conditional requests that a server does not understand: at once, and later, it gets requests without conditions."""

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler import settings
from crawler.archive.warc.ledger import HostPlain
from crawler.crawl.spider import run_of
from crawler.language.dates import to_iso_utc

_CONDITIONS = ("If-None-Match", "If-Modified-Since")
# What a sound server says to a conditional request, redirects aside.
_SOUND = (200, 304, 404, 410, 429)


class ConditionsMiddleware:
    """If a conditional request fails, return the same without its conditions. Otherwise pass the answer on.

    If the plain request has an answer then, the failure came from the conditions: the archive remembers the host.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Return a plain request for a conditional one that failed, the answer otherwise."""
        is_conditional = any(name in request.headers for name in _CONDITIONS)
        if is_conditional and response.status not in _SOUND and not 300 <= response.status < 400:
            plain = request.replace(dont_filter=True)
            for name in _CONDITIONS:
                plain.headers.pop(name, None)
            plain.meta.update(failed_conditionally=response.status, is_conditional=False)
            return plain
        failed = request.meta.pop("failed_conditionally", None)
        if failed is not None and response.status == 200:
            writer = run_of(self._crawler).writer
            host, at = urlsplit(request.url).netloc, to_iso_utc(settings.clock())
            await writer.ask_plainly(HostPlain(writer.crawl_id, at, host, failed))
        return response
