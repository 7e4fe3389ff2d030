"""Scrapy's download handler on libcurl: exchanges as they are on the wire, at the pace that the profile allows."""

import asyncio
import logging
import time
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler import settings
from crawler.body import spool_folder
from crawler.crawl.download.address_policy import AddressPolicy
from crawler.crawl.download.libcurl.client import CurlClient
from crawler.crawl.download.libcurl.failures import UnreadableAnswerError
from crawler.crawl.download.libcurl.transfer import Setup
from crawler.crawl.download.raw_reader import RawSetup, fetch_raw
from crawler.crawl.download.times import Times
from crawler.crawl.download.wire_response import WireResponse, make_response
from crawler.crawl.handlers.turns import Turns
from crawler.crawl.spider import run_of
from crawler.items import Exchange
from crawler.media.http_head import has_folded_lines
from crawler.profile import DEFAULT_PORTS

logger = logging.getLogger(__name__)


class CurlDownloadHandler(BaseDownloadHandler):
    """Downloads with libcurl. If libcurl refuses or changes an answer, the raw reader fetches it once more.

    If a host folded a header line, later requests to it go through the raw reader. libcurl joins such lines without a
    report; over TLS nothing shows it, so there the raw reader fetches robots.txt, the first request to a host. A host
    never has more open requests than the profile allows: Scrapy starts more if there is no delay between them.
    """

    lazy = False
    is_exact = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        run = run_of(crawler)
        self._client = CurlClient(
            Setup(
                times=Times.from_settings(crawler.settings),
                policy=AddressPolicy.of_profile(run.profile),
                spool_folder=spool_folder(run.writer.archive),
                clock=settings.clock,
                tls=run.profile.tls,
            )
        )
        setup = self._client.setup
        self._raw = RawSetup(setup.policy, setup.times, setup.tls, setup.spool_folder, setup.clock)
        self._folding: set[str] = set()
        self._concurrency = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._noted: set[tuple[str, int]] = set()
        self._turns = Turns(run.politeness)

    async def download_request(self, request: Request) -> Response:
        """Download a request, as soon as its host has a place on the wire."""
        slot = request.meta.get("download_slot") or urlsplit(request.url).hostname or ""
        gate = self._gates.setdefault(slot, asyncio.Semaphore(self._concurrency))
        async with gate:
            async with await self._turns.of(request.url):
                response = await self._download(request, slot)
            if response is not None:
                return response
            await self._wait_for_turn(slot)
            async with await self._turns.of(request.url):
                return make_response(await self._fetch_raw(request, slot))

    async def _download(self, request: Request, slot: str) -> Response | None:
        """Download a request. None if libcurl cannot read the answer, which is kept then."""
        breakers = run_of(self.crawler).breakers
        if breakers.is_down(request.url) and not request.meta.get("is_trial"):
            raise breakers.refusal(request.url)  # it was down only after this request was queued
        if slot in self._folding or self._is_first_over_tls(request):
            return make_response(await self._fetch_raw(request, slot))
        try:
            return await self._fetch(request)
        except UnreadableAnswerError as error:
            logger.info("%s: read by the raw reader: %s", request.url, error)
            unread = run_of(self.crawler).writer.record_unread(error.exchange, str(error))
        await unread
        return None

    def _is_first_over_tls(self, request: Request) -> bool:
        is_robots = bool(request.meta.get("is_robots")) and urlsplit(request.url).scheme == "https"
        return self._turns.is_first_over_tls(request.url) or is_robots

    async def _fetch_raw(self, request: Request, slot: str) -> Exchange:
        """Fetch by the raw reader, and remember a host that folds header lines."""
        exchange = await fetch_raw(request, self._raw, max_bytes=self._max_bytes(request))
        if has_folded_lines(exchange.response_head):
            self._folding.add(slot)
        return exchange

    async def _fetch(self, request: Request) -> WireResponse:
        """Fetch by libcurl. The certificates of a host are noted once in a run."""
        parts = urlsplit(request.url)
        server = parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        wants_certificates = parts.scheme == "https" and server not in self._noted
        response = await self._client.fetch(
            request, max_bytes=self._max_bytes(request), wants_certificates=wants_certificates
        )
        if response.certificates:
            # Imported here: the import takes as long as ten pages.
            from crawler.archive.warc.notes import CertificateChain

            self._noted.add(server)
            exchange = response.exchange
            chain = CertificateChain(*server, exchange.fetched_at, response.certificates, exchange.ip_address)
            await run_of(self.crawler).writer.note_certificates(chain)
        return response

    async def close(self) -> None:
        """End all downloads now."""
        await self._client.close()

    def _max_bytes(self, request: Request) -> int:
        return int(request.meta.get("download_maxsize") or self.crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    async def _wait_for_turn(self, slot: str) -> None:
        """Wait until the host may be asked again, and count this request as its last one."""
        assert self.crawler.engine is not None
        pace = self.crawler.engine.downloader.slots.get(slot)
        if pace is None:
            return
        while (wait := pace.lastseen + pace.delay - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        pace.lastseen = time.monotonic()
