"""The ways to a page: redirects as servers write them, and pages that are only a meta refresh."""

from typing import Self
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.crawl.middlewares.locations import MAX_REFRESH_BYTES, read_location
from crawler.crawl.outcomes import RefusedError, answer_of, header_of
from crawler.sentences import say

REDIRECTS = (301, 302, 303, 307, 308)
# Of the first address, not of the one it leads to.
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
_BODY_HEADERS = ("Content-Type", "Content-Length")


class WaysInMiddleware:
    """If an answer leads elsewhere, return a request for where it leads. Otherwise pass it on.

    Each step is a separate exchange, and keeps what the request was `asked` for. A redirect to the same address is
    followed, since a cookie may have come with it. A page that is only a meta refresh is followed in the same way; one
    that leads to itself only if a cookie came. The hosts are checked when the new request passes.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._max_redirects = crawler.settings.getint("REDIRECT_MAX_TIMES")
        self._priority = crawler.settings.getint("REDIRECT_PRIORITY_ADJUST")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Follow a redirect.

        Raises:
            RefusedError: kind `redirect-loop` after five steps, `redirect-nowhere` for a redirect without an address.
        """
        has_new_cookies = request.meta.pop("has_new_cookies", False)
        if request.meta.get("dont_redirect"):
            return response
        if response.status in REDIRECTS:
            _note_step(request, response)
            return self._follow(request, location_of(response), keeps_method=response.status in (307, 308))
        if response.status != 200 or len(response.body) > MAX_REFRESH_BYTES:
            return response
        if "dataloss" in response.flags or request.meta.get("is_robots"):
            return response
        # Imported here: it needs the parsers, which a crawl of larger pages does not load.
        from crawler.crawl.middlewares.refresh import read_refresh

        target = read_refresh(answer_of(response), header_of(response, "Refresh"))
        if target is None or (target == urldefrag(response.url)[0] and not has_new_cookies):
            return response
        _note_step(request, response)
        return self._follow(request, target, keeps_method=False)

    def _follow(self, request: Request, target: str, *, keeps_method: bool) -> Request:
        steps = request.meta.get("redirect_times", 0) + 1
        if steps > self._max_redirects:
            raise RefusedError("redirect-loop", say("redirect-loop"))
        following = request.replace(url=target, priority=request.priority + self._priority)
        following.meta["redirect_times"] = steps
        dropped = [] if target == urldefrag(request.url)[0] else list(_CONDITIONS)
        if urlsplit(target).netloc != urlsplit(request.url).netloc:
            dropped.append("Referer")
            following.meta.pop("download_slot", None)  # the other host has its own pace
        if request.method == "POST" and not keeps_method:
            following = following.replace(method="GET", body=b"")
            dropped += _BODY_HEADERS
        for name in dropped:
            following.headers.pop(name, None)
        return following


def _note_step(request: Request, response: Response) -> None:
    """Note the status of an answer that leads elsewhere: how a portal leads on is part of its answer."""
    request.meta["chain"] = f"{request.meta.get('chain', '')} {response.status}".strip()


def location_of(response: Response) -> str:
    """Return the address that an answer leads to.

    Raises:
        RefusedError: of kind `redirect-nowhere`, if it names none.
    """
    location = header_of(response, "Location") or ""
    target = read_location(location, response.url)
    if target is None:
        raise RefusedError(
            "redirect-nowhere", say("redirect-nowhere", status=response.status, location=location.strip()[:300])
        )
    return target
