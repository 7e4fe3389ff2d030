"""Retries, and waits that a host asks for."""

import asyncio
import time
from collections import Counter, defaultdict
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.utils.misc import load_object

from crawler import settings
from crawler.body import Body
from crawler.crawl.endings import Came, has_whole_file, has_whole_page
from crawler.crawl.outcomes import PrivateAddressError, RefusedError, exchange_of, header_of
from crawler.crawl.spider import run_of
from crawler.items import Purpose
from crawler.language.dates import parse_mail_date
from crawler.language.numbers import whole_number
from crawler.media.http_head import parse_head
from crawler.politeness.politeness import ASKED
from crawler.sentences import Sentence, say

# The longest wait that a host may ask for, in seconds. A host that asks for more is not asked again tonight.
LONGEST_WAIT_SECONDS = 300.0
# A year. If a host asks for more, this is enough.
_FAR_SECONDS = 31_536_000.0
# What all waits of a host may come to in a night. More is taken as one wait that is too long.
MOST_WAITED_SECONDS = 900.0
# This many answers in a row count for their host. One alone may be a fault of its address, or meant to end the night.
_HOST_ANSWERS = 3


class PatienceMiddleware:
    """If an answer says "not now" (408, 429, 5xx), was cut off or is not HTTP, ask again later. Otherwise pass it on.

    An answer that was cut off is passed on if the try before it came as far, and its content has its own end
    (`endings`). The wait doubles with each retry, and is at least `Retry-After`. No request goes to that host
    meanwhile. An address that asks for more than five minutes, or for one wait too many, is not tried again; nor is its
    host tonight, if three answers in a row ask so.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._statuses = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._errors = tuple(load_object(name) for name in crawler.settings.getlist("RETRY_EXCEPTIONS"))
        self._not_before: dict[str, float] = {}
        self._waited: defaultdict[str, float] = defaultdict(float)
        self._asked_in_a_row: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Hold a request back until its host may be asked again.

        Raises:
            RefusedError: kind `asked-to-wait` if the wait is longer than five minutes.
        """
        host = urlsplit(request.url).netloc
        wait = self._not_before.get(host, 0.0) - time.monotonic()
        if (politeness := run_of(self._crawler).politeness) is not None:
            wait = max(wait, politeness.rest_seconds(ASKED, host))
        if wait > LONGEST_WAIT_SECONDS:
            raise RefusedError("asked-to-wait", say("asked-to-wait", seconds=round(wait)))
        if wait > 0:
            await asyncio.sleep(wait)

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """Return a new request for an answer that says "not now", the answer otherwise.

        Raises:
            RefusedError: if the last try was no better: kind `truncated`, `not-http` or `bad-status`.
        """
        fault = self._fault_of(request, response)
        host = urlsplit(request.url).netloc
        if response.status not in self._statuses and fault is None:
            self._asked_in_a_row[host] = 0
            return response
        stated = read_retry_after(response)
        if stated is not None and fault is None and self._is_too_long(host, stated):
            self._asked_in_a_row[host] += 1
            if self._asked_in_a_row[host] >= _HOST_ANSWERS:
                self._hold(request, max(stated, LONGEST_WAIT_SECONDS + MOST_WAITED_SECONDS), is_stated=True)
            return response
        again = self._again(request, str(fault[1]) if fault else f"answered {response.status}", stated=stated)
        if again is not None:
            if fault is not None and fault[0] == "truncated":
                again.meta["came"] = Came.of(request.url, _payload_of(response))
            return again
        if fault is not None:
            raise RefusedError(*fault, capture=request.meta.get("capture"))
        return response

    def _is_too_long(self, host: str, stated: float) -> bool:
        return stated > LONGEST_WAIT_SECONDS or self._waited[host] + stated > MOST_WAITED_SECONDS

    def _fault_of(self, request: Request, response: Response) -> tuple[str, Sentence] | None:
        """Return kind and sentence of an answer that cannot be used as it is. None if it can."""
        exchange = exchange_of(response)
        if exchange is not None and not exchange.response_head:
            return "not-http", say("not-http", begin=repr(exchange.body.peek(40).decode("latin-1")))
        if "dataloss" in response.flags:
            is_head_whole = exchange is None or exchange.response_head.endswith((b"\n\n", b"\n\r\n"))
            # Other answers are not read as content, so a whole head is enough.
            if not is_head_whole or (response.status == 200 and not self._has_own_end(request, response)):
                return "truncated", say("cut-off")
        if not 100 <= response.status <= 599:
            return "bad-status", say("bad-status", status=response.status)
        return None

    def _has_own_end(self, request: Request, response: Response) -> bool:
        """Whether an answer that was cut off may be used, since the try before it brought no more either."""
        earlier: Came | None = request.meta.get("came")
        exchange = exchange_of(response)
        payload = _payload_of(response)
        if earlier is None or exchange is None or not payload.size_bytes:
            return False
        now = Came.of(request.url, payload)
        head = parse_head(exchange.response_head)
        max_bytes = run_of(self._crawler).profile.limits.page_bytes
        purpose = request.meta.get("purpose")
        if purpose is None or purpose == Purpose.REQUISITE:
            return now == earlier and has_whole_file(payload, head, max_bytes=max_bytes)
        is_fragment = request.meta.get("page", 1) > 1
        return now.is_as_much_as(earlier) and has_whole_page(
            response.body, head, is_fragment=is_fragment, max_bytes=max_bytes
        )

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return a new request after a network failure. None if it is not to be tried again, or its host is down."""
        is_private = isinstance(exception, PrivateAddressError) or isinstance(exception.__cause__, PrivateAddressError)
        if is_private or not isinstance(exception, self._errors):
            return None
        if run_of(self._crawler).breakers.is_down(request.url):
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
            more = self._hold(request, wait, is_stated=stated is not None)
            self._waited[urlsplit(request.url).netloc] += more if stated else 0.0
        return again

    def _hold(self, request: Request, seconds: float, *, is_stated: bool) -> float:
        """Send a host no requests for this long; return how much longer it waits. A fleet shares a stated wait."""
        host, now = urlsplit(request.url).netloc, time.monotonic()
        if is_stated and (politeness := run_of(self._crawler).politeness) is not None:
            politeness.note_rest(ASKED, host, seconds=seconds)
        before = max(self._not_before.get(host, 0.0), now)
        self._not_before[host] = max(before, now + seconds)
        return self._not_before[host] - before


def _payload_of(response: Response) -> Body:
    """Return the payload of a response; of a large one its body as it came, which is in a spool file."""
    exchange = exchange_of(response)
    return exchange.body if exchange is not None and exchange.body.file is not None else Body(response.body)


def read_retry_after(response: Response) -> float | None:
    """Read `Retry-After` (RFC 9110, 10.2.3) as seconds from now, a year at most. None if absent or malformed."""
    value = (header_of(response, "Retry-After") or "").strip()
    if (seconds := whole_number(value)) is not None:
        return min(float(seconds), _FAR_SECONDS)
    moment, stated = parse_mail_date(value), header_of(response, "Date")
    now = parse_mail_date(stated) if stated else settings.clock()
    if moment is None or now is None or (moment.tzinfo is None) != (now.tzinfo is None):
        return None
    return min(max(0.0, (moment - now).total_seconds()), _FAR_SECONDS)
