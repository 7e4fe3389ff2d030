"""Which hosts and addresses may be asked."""

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred

from crawler.addresses import is_allowed_host
from crawler.crawl.download.address_policy import is_public
from crawler.crawl.outcomes import PrivateAddressError, RefusedError
from crawler.crawl.spider import run_of
from crawler.sentences import say


class PublicAddressResolver(CachingThreadedResolver):
    """Resolves names for Scrapy's own handler, and refuses addresses that are not public.

    Our handler decides at the socket (`download.address_policy`). The connection goes to the address returned here.
    `localhost` and literal addresses pass, since `AllowedHostMiddleware` lets them through only where the profile names
    them.
    """

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":  # noqa: N802 - Twisted's name
        """Resolve a name to an IPv4 address."""
        found = super().getHostByName(name, timeout)
        return found.addCallback(_refuse_private, name)


def _refuse_private(address: str, name: str) -> str:
    if name != "localhost" and name != address and not is_public(address):
        raise PrivateAddressError(str(say("resolves-to-private", host=name, address=address)))
    return address


class AllowedHostMiddleware:
    """If a request goes to the portal's host or a file host of its profile, pass it on. Otherwise refuse it.

    A redirect is a new request, so it is checked here too.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse a request to another host.

        Raises:
            RefusedError: kind `foreign-host`.
        """
        if not is_allowed_host(request.url, run_of(self._crawler).profile):
            raise RefusedError("foreign-host", say("page-off-host", host=urlsplit(request.url).netloc))
