"""A stop without waiting: requests under way are cancelled, and left to the next run.

Scrapy waits for every request under way. If a portal hangs, or asks for a wait of five minutes, that takes longer than
a system allows at shutdown.
"""

import asyncio
from asyncio import CancelledError

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.defer import CancelledError as DeferredCancelledError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from crawler.crawl.outcomes import STOPPING, RefusedError
from crawler.sentences import say


class StoppableDownloader(Downloader):
    """Downloads as Scrapy does until `abandon` is called; then every request fails with the kind `stopping`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._under_way: set[Deferred[Response | Request]] = set()
        self._is_abandoned = False

    def fetch(self, request: Request, spider: Spider | None = None) -> "Deferred[Response | Request]":  # noqa: ARG002
        """Fetch a request through the downloader middlewares. `spider` is unused: older Scrapy versions pass it."""
        outer: Deferred[Response | Request] = Deferred()
        if self._is_abandoned:
            outer.errback(_stopping())
            return outer
        fetched: Deferred[Response | Request] = super().fetch(request)
        if fetched.called:
            return fetched
        self._under_way.add(fetched)
        # Two deferreds: cancelling the inner one must not cancel the caller, who waits for the outer one.
        fetched.addBoth(self._hand_on, fetched, outer)
        return outer

    def abandon(self) -> None:
        """Cancel all requests under way, waits included, and fail every later one."""
        self._is_abandoned = True
        for fetched in list(self._under_way):
            fetched.cancel()

    def _hand_on(
        self,
        result: Response | Request | Failure,
        fetched: "Deferred[Response | Request]",
        outer: "Deferred[Response | Request]",
    ) -> None:
        self._under_way.discard(fetched)
        if not isinstance(result, Failure):
            outer.callback(result)
        elif self._is_abandoned and isinstance(result.value, CancelledError | DeferredCancelledError):
            outer.errback(_stopping())
        else:
            outer.errback(result)


def _stopping() -> RefusedError:
    return RefusedError(STOPPING, say("stopping"))


async def stop_soon(crawler: Crawler) -> None:
    """Stop an open crawl: make no new request, cancel those under way, store what was read."""
    stopping = asyncio.ensure_future(crawler.stop_async())
    # Its first step marks the crawl as over. Then no cancelled request counts as a failure of the portal.
    await asyncio.sleep(0)
    downloader = crawler.engine.downloader
    if isinstance(downloader, StoppableDownloader):
        downloader.abandon()
    await stopping
