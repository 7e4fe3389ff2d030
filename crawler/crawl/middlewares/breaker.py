"""Requests to hosts that are down fail at once."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.crawl.outcomes import exchange_of, failure_kind
from crawler.crawl.spider import run_of
from crawler.sentences import say


class BreakerMiddleware:
    """If the host of a request is down, refuse it. Otherwise pass it on, and note how it ends.

    It sees what happens on the wire, inside of redirects and retries.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for the outcome of a trial, if the host is tried again.

        Raises:
            RefusedError: kind `host-down`.
        """
        request.meta["is_trial"] = await run_of(self._crawler).breakers.enter(request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note that the host answered, unless the answer fell silent."""
        breakers = run_of(self._crawler).breakers
        exchange = exchange_of(response)
        if exchange is not None and exchange.truncated == "time":
            breakers.note_failure(request.url, say("cut-off"), is_retry=_is_retry(request))
        else:
            breakers.note_answer(request.url)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note that the network failed, or that the request was not sent."""
        breakers = run_of(self._crawler).breakers
        if not isinstance(exception, IgnoreRequest):
            problem = failure_kind(exception)[1]
            breakers.note_failure(request.url, problem, is_retry=_is_retry(request))
        elif request.meta.get("is_trial"):
            breakers.note_nothing(request.url)


def _is_retry(request: Request) -> bool:
    return bool(request.meta.get("retry_times"))
