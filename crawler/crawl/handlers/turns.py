"""The turns of a crawl among all crawls of its fleet, between Scrapy's slot and the connection.

So a wait counts neither as a time-out nor as latency, and AutoThrottle does not see it.
"""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from urllib.parse import urlsplit

from crawler.crawl.download.lookup import look_up
from crawler.politeness.politeness import Politeness
from crawler.profile import DEFAULT_PORTS


class Turns:
    """Gives a turn for each request; at once for a crawl by itself."""

    def __init__(self, politeness: Politeness | None) -> None:
        self._politeness = politeness
        self._addresses: dict[str, asyncio.Future[str | None]] = {}
        self._known_tls: set[str] = set()

    async def of(self, url: str) -> AbstractAsyncContextManager[None]:
        """Return the turn of a request, to be entered before its connection is made."""
        if self._politeness is None:
            return nullcontext()
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2].lower()
        if netloc not in self._addresses:
            port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
            self._addresses[netloc] = asyncio.ensure_future(_address_of(parts.hostname or "", port))
        address = await asyncio.shield(self._addresses[netloc])
        return self._politeness.turn(netloc, address)

    def is_first_over_tls(self, url: str) -> bool:
        """True for the first request to a host over TLS whose robots.txt may have come from another crawl."""
        parts = urlsplit(url)
        if self._politeness is None or parts.scheme != "https" or parts.netloc in self._known_tls:
            return False
        self._known_tls.add(parts.netloc)
        return True


async def _address_of(host: str, port: int) -> str | None:
    """Return the first address of a name, as a connection takes it. None if it has none."""
    try:
        found = await look_up(host, port)
    except OSError:
        return None
    return found[0] if found else None
