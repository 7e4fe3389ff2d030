"""Scrapy's own download handler, for machines without pycurl. It gives no heads: the capture reconstructs them."""

import asyncio
import logging

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response

from crawler import settings
from crawler.body import spool_folder
from crawler.crawl.download.address_policy import AddressPolicy
from crawler.crawl.download.raw_reader import RawSetup, fetch_raw
from crawler.crawl.download.times import Times
from crawler.crawl.download.wire_response import make_response
from crawler.crawl.handlers.turns import Turns
from crawler.crawl.spider import run_of

logger = logging.getLogger(__name__)


class ScrapyDownloadHandler(HTTP11DownloadHandler):
    """If Twisted cannot read an answer, let the raw reader fetch it. Otherwise download as Scrapy does.

    Twisted takes answers as cut off that are whole, such as those whose chunk sizes are padded.

    The raw reader fetches all of a host whose key is pinned, since Scrapy knows no pins.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._turns = Turns(run_of(crawler).politeness)

    async def download_request(self, request: Request) -> Response:
        """Download a request, when it is its turn."""
        async with await self._turns.of(request.url):
            return await self._download(request)

    async def _download(self, request: Request) -> Response:
        run = run_of(self.crawler)
        if not request.url.startswith("https:") or not run.profile.tls.pins_of(request.url):
            try:
                response = await super().download_request(request)
                if "dataloss" not in response.flags:
                    return response
                logger.info("%s: read by the raw reader: the answer ended early", request.url)
            except DownloadFailedError as error:
                # It says the same of a malformed head and of a broken connection. The raw reader distinguishes them.
                logger.info("%s: read by the raw reader: %s", request.url, error)
            await asyncio.sleep(run.profile.pace.delay_seconds)
        setup = RawSetup(
            policy=AddressPolicy.of_profile(run.profile),
            times=Times.from_settings(self.crawler.settings),
            tls=run.profile.tls,
            spool_folder=spool_folder(run.writer.archive),
            clock=settings.clock,
        )
        max_bytes = int(request.meta.get("download_maxsize") or self.crawler.settings.getint("DOWNLOAD_MAXSIZE"))
        return make_response(await fetch_raw(request, setup, max_bytes=max_bytes))
