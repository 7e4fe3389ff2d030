"""Retries, and waits that a host asks for."""

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.utils.misc import load_object

from crawler import settings
from crawler.crawl.outcomes import PrivateAddressError, RefusedError
from crawler.crawl.spider import run_of
from crawler.sentences import say

# The longest wait that a host may ask for, in seconds. A host that asks for more is not asked again tonight.
LONGEST_WAIT_SECONDS = 300.0


class PatienceMiddleware:
    """If an answer says "not now" (408, 429, 5xx) or was cut off, ask again later. Otherwise pass it on.

    The wait doubles with each retry, and is at least `Retry-After`. No request goes to that host meanwhile. A host that
    asks for more than five minutes is not asked again tonight.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._statuses = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._errors = tuple(load_object(name) for name in crawler.settings.getlist("RETRY_EXCEPTIONS"))
        self._not_before: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Hold a request back until its host may be asked again.

        Raises:
            RefusedError: kind `asked-to-wait` if the wait is longer than five minutes.
        """
        wait = self._not_before.get(urlsplit(request.url).netloc, 0.0) - time.monotonic()
        if wait > LONGEST_WAIT_SECONDS:
            raise RefusedError("asked-to-wait", say("asked-to-wait", seconds=round(wait)))
        if wait > 0:
            await asyncio.sleep(wait)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Return a new request for an answer that says "not now", the answer otherwise.

        Raises:
            RefusedError: kind `truncated` if the answer was cut off at the last try, too.
        """
        is_cut = "dataloss" in response.flags
        if response.status not in self._statuses and not is_cut:
            return response
        stated = _retry_after(response)
        if stated is not None and stated > LONGEST_WAIT_SECONDS:
            self._hold(request, stated)
            return response
        again = self._again(request, "cut off" if is_cut else f"answered {response.status}", stated=stated)
        if again is not None:
            return again
        if is_cut:
            raise RefusedError("truncated", say("cut-off"))
        return response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return a new request after a network failure. None if it is not to be tried again."""
        is_private = isinstance(exception, PrivateAddressError) or isinstance(exception.__cause__, PrivateAddressError)
        if is_private or not isinstance(exception, self._errors):
            return None
        return self._again(request, type(exception).__name__, stated=None)

    def _again(self, request: Request, reason: str, *, stated: float | None) -> Request | None:
        assert self._crawler.spider is not None
        again = get_retry_request(request, reason=reason, spider=self._crawler.spider, give_up_log_level="DEBUG")
        if again is None:
            return None
        delay = run_of(self._crawler).profile.pace.delay_seconds
        wait = max(stated or 0.0, min(60.0, delay * 2 ** again.meta["retry_times"]))
        if wait:
            self._hold(request, wait)
        return again

    def _hold(self, request: Request, seconds: float) -> None:
        host = urlsplit(request.url).netloc
        self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + seconds)


def _retry_after(response: Response) -> float | None:
    """Read `Retry-After` (RFC 9110, 10.2.3) as seconds from now, None if absent or malformed."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    stated = response.headers.get("Date")
    try:
        now = parsedate_to_datetime(stated.decode("latin-1")) if stated else settings.clock()
        return max(0.0, (moment - now).total_seconds())
    except (TypeError, ValueError):
        return None
