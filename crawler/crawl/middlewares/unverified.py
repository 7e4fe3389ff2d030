"""Hosts whose certificates are not verified: said in the log each night, and kept with the key that each showed."""

import asyncio
import logging
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from crawler import settings
from crawler.archive.warc.ledger import HostUnverified
from crawler.crawl.download.tls import examine
from crawler.crawl.spider import run_of
from crawler.language.dates import to_iso_utc

logger = logging.getLogger(__name__)


class UnverifiedHostsMiddleware:
    """With `tls.verify = false`, note what each https host without a pin shows, once a run. Otherwise do nothing.

    `status` names the pins then, which should be in the profile in the place of `tls.verify`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._seen: set[str] = set()
        name = run_of(crawler).profile.name
        logger.warning("%s: tls.verify = false: the certificate of no host is checked; `status` names the pins", name)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler.

        Raises:
            NotConfigured: if the profile wants certificates verified.
        """
        if run_of(crawler).profile.tls.verify:
            raise NotConfigured
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy names it
        """Look at the certificate of a host that answered for the first time."""
        run, parts = run_of(self._crawler), urlsplit(response.url)
        is_new = parts.scheme == "https" and parts.netloc not in self._seen and response.ip_address is not None
        if not is_new or run.profile.tls.pins_of(response.url):
            return response
        self._seen.add(parts.netloc)
        seconds = self._crawler.settings.getfloat("DOWNLOAD_CONNECT_SECONDS")
        seen = await asyncio.to_thread(examine, response.url, address=str(response.ip_address), timeout=seconds)
        if seen is not None:
            at = to_iso_utc(settings.clock())
            entry = HostUnverified(run.writer.crawl_id, at, seen.host, seen.pin, seen.problem)
            await run.writer.note_unverified(entry)
        return response
