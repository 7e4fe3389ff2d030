"""Between the spider and the network: which hosts may be asked, robots.txt, retries, and the capture."""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urldefrag, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.misc import load_object
from twisted.internet.defer import Deferred

from crawler import settings
from crawler.addresses import is_allowed_host
from crawler.crawl.outcomes import PrivateAddressError, RefusedError, failure_kind
from crawler.crawl.spider import run_of
from crawler.errors import BadFileError
from crawler.items import Exchange
from crawler.media.content_coding import decode_payload
from crawler.sentences import Sentence, say

logger = logging.getLogger(__name__)

# The longest wait that a host may ask for, in seconds. A host that asks for more is not asked again tonight.
LONGEST_WAIT_SECONDS = 300.0
# RFC 9309, 2.5: a crawler must read at least 500 KiB of a robots.txt.
ROBOTS_MAX_BYTES = 1024 * 1024


class PublicAddressResolver(CachingThreadedResolver):
    """Resolves names, and refuses private, loopback and link-local addresses, so that no name leads inside.

    The connection goes to the address returned here. `localhost` and literal addresses pass, since
    `AllowedHostMiddleware` lets them through only where the profile names them.
    """

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":  # noqa: N802 - Twisted's name
        """Resolve a name to an IPv4 address."""
        found = super().getHostByName(name, timeout)
        return found.addCallback(_refuse_private, name)


def _refuse_private(address: str, name: str) -> str:
    if name != "localhost" and name != address and not ipaddress.ip_address(address).is_global:
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

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy names it
        """Refuse an answer from an address that is not public, unless the host is a literal address.

        Raises:
            RefusedError: kind `private-address`.
        """
        host = urlsplit(response.url).hostname or ""
        address = response.ip_address
        if address is not None and not address.is_global and host != "localhost" and not _is_literal(host):
            raise RefusedError("private-address", say("answered-from-private", host=host, address=str(address)))
        return response


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class RobotsMiddleware:
    """If robots.txt allows a request, pass it on (RFC 9309). Otherwise refuse it.

    If robots.txt answers 5xx or 429, or does not answer, its host is not asked now. Any other 4xx means that there
    are no rules. With `robots = "record"` the file is fetched and kept, but not followed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, asyncio.Future[Protego | Sentence]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse a request that robots.txt does not allow.

        Raises:
            RefusedError: kind `robots` if the rules forbid it, `robots-not-now` if the rules cannot be fetched.
        """
        if request.meta.get("is_robots"):
            return
        profile = run_of(self._crawler).profile
        if not is_allowed_host(request.url, profile):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin))
        rules = await asyncio.shield(self._rules[origin])
        if profile.robots == "record":
            return
        if isinstance(rules, Sentence):
            raise RefusedError("robots-not-now", rules)
        if not rules.can_fetch(request.url, settings.BOT_NAME):
            raise RefusedError("robots", say("robots-disallows"))

    async def _fetch(self, origin: str) -> Protego | Sentence:
        """Return the rules of an origin, or a sentence that says why they cannot be fetched."""
        host = urlsplit(origin).netloc
        request = Request(f"{origin}/robots.txt", meta={"is_robots": True, "asked": f"{origin}/robots.txt"})
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except RefusedError as error:
            if error.kind == "foreign-host":
                return Protego.parse("")
            return say("robots-unreachable", host=host, error=str(error))
        except Exception as error:
            kind, message = failure_kind(error)
            logger.warning("robots.txt of %s cannot be fetched: %s: %s", origin, kind, message)
            return say("robots-unreachable", host=host, error=kind)
        if response.status >= 500 or response.status == 429:
            return say("robots-answered", host=host, status=response.status)
        if response.status != 200:
            return Protego.parse("")
        encoding = response.headers.get("Content-Encoding")
        try:
            body = decode_payload(
                response.body, encoding.decode("latin-1") if encoding else None, max_bytes=ROBOTS_MAX_BYTES
            )
        except BadFileError as error:
            return say("robots-unreadable", host=host, error=str(error))
        return Protego.parse(body.decode("utf-8", "replace"))


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


class CaptureMiddleware:
    """Appends every exchange to the WARC and waits until it is written. It is the innermost middleware.

    If the write fails, it raises, so that no part of the crawl uses an answer that was not kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Write the exchange, and put its capture into `request.meta["capture"]`."""
        exchange = Exchange(
            url=urldefrag(response.url)[0],
            method=request.method,
            request_headers=_request_headers(request),
            request_body=request.body,
            fetched_at=settings.clock(),
            status=response.status,
            response_headers=_header_lines(response.headers.items()),
            body=response.body,
            protocol=response.protocol or "HTTP/1.1",
            ip_address=str(response.ip_address) if response.ip_address else None,
            truncated="disconnect" if "dataloss" in response.flags else None,
        )
        writer = run_of(self._crawler).writer
        request.meta["capture"] = await asyncio.wrap_future(writer.record(exchange))
        return response


def _request_headers(request: Request) -> tuple[tuple[bytes, bytes], ...]:
    lines = [(b"Host", urlsplit(request.url).netloc.encode())]
    if request.body:
        lines.append((b"Content-Length", str(len(request.body)).encode()))
    return (*lines, *_header_lines(request.headers.items()))


def _header_lines(items: Any) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name, values in items for value in values)
