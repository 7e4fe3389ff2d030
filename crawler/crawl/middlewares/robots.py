"""What robots.txt allows (RFC 9309)."""

import asyncio
import logging
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler import settings
from crawler.addresses import is_allowed_host
from crawler.crawl.breakers import HOST_DOWN
from crawler.crawl.outcomes import RefusedError, answer_of, failure_kind
from crawler.crawl.spider import run_of
from crawler.errors import BadFileError
from crawler.items import Refusal
from crawler.language.dates import parse_iso
from crawler.media.payload import transferred
from crawler.politeness.robots_rules import read_rules
from crawler.politeness.state import KeptRobots
from crawler.sentences import Sentence, say

logger = logging.getLogger(__name__)

# More than the rules that count (`robots_rules.RULES_MAX_BYTES`), also where they are compressed.
READ_BYTES = 1024 * 1024
# No less is fetched, so that the part that counts is there (`robots_rules.RULES_MAX_BYTES`).
FETCHED_BYTES = 1024 * 1024
NO_RULES = Protego.parse("")
# RFC 9309, 2.3.1.2 and 2.3.1.3: after five redirects, the file is "unavailable", as with a status of 4xx: there are no
# rules. So it is where it would have to be fetched from a host that the profile does not name.
UNAVAILABLE_KINDS = ("redirect-loop", "redirect-nowhere", "foreign-host")


class RobotsMiddleware:
    """If robots.txt allows a request, pass it on (RFC 9309). Otherwise refuse it.

    If robots.txt answers 5xx or 429, was cut off, or does not answer, its host is not asked now. Any other 4xx means
    that there are no rules, and so do more than five redirects. With `robots = "record"` the file is fetched and kept,
    but not followed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, asyncio.Future[Protego | Refusal]] = {}
        self._fetched: dict[str, KeptRobots] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse a request that robots.txt does not allow.

        Raises:
            RefusedError: kind `robots` if the rules forbid it, `robots-not-now` if the rules cannot be fetched, `tls-…`
                or `private-address` if that is the reason, since the request itself is refused by it, too.
        """
        if request.meta.get("is_robots"):
            return
        profile = run_of(self._crawler).profile
        if not is_allowed_host(request.url, profile):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._find(origin))
        fetching = self._rules[origin]
        rules = await asyncio.shield(fetching)
        if isinstance(rules, Refusal) and rules.kind == HOST_DOWN and self._rules.get(origin) is fetching:
            del self._rules[origin]  # asked again with the host
        if profile.robots == "record":
            return
        if isinstance(rules, Refusal):
            raise RefusedError(rules.kind, rules.message)
        if not rules.can_fetch(request.url, settings.BOT_NAME):
            raise RefusedError("robots", say("robots-disallows"))

    async def _find(self, origin: str) -> Protego | Refusal:
        """Return the rules of an origin: by a robots.txt that another crawl of the fleet fetched lately, or by our own.

        The portal's own is always fetched: it is a page of the portal's archive.
        """
        run = run_of(self._crawler)
        if run.politeness is None or origin == run.profile.origin:
            return await self._fetch(origin)
        kept = await run.politeness.find_robots(origin, now=settings.clock())
        if kept is None:
            try:
                return await self._fetch(origin)
            finally:
                run.politeness.keep_robots(origin, self._fetched.pop(origin, None))
        # Imported here, as few crawls need it.
        from crawler.archive.warc.notes import SharedRobots

        fetched_at = parse_iso(kept.fetched_at)
        await run.writer.note_shared_robots(
            SharedRobots(
                f"{origin}/robots.txt", fetched_at, kept.status, kept.coding, kept.body, kept.archive, kept.record_id
            )
        )
        return _judge(kept.status, kept.body, coding=kept.coding, host=urlsplit(origin).netloc)

    async def _fetch(self, origin: str) -> Protego | Refusal:
        """Return the rules of an origin, or the reason why they cannot be fetched."""
        host = urlsplit(origin).netloc
        url, max_bytes = f"{origin}/robots.txt", max(FETCHED_BYTES, run_of(self._crawler).profile.limits.page_bytes)
        # Of a file without end, the start is kept: only that counts.
        meta = {"is_robots": True, "asked": url, "download_maxsize": max_bytes, "keeps_start": True}
        request = Request(url, meta=meta)
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            kind, message = failure_kind(error)
            if kind in UNAVAILABLE_KINDS:
                return NO_RULES
            logger.warning("robots.txt of %s cannot be fetched: %s: %s", origin, kind, message)
            if kind.startswith("tls-") or kind == "private-address":
                return Refusal(kind, message)
            breakers = run_of(self._crawler).breakers
            if breakers.is_down(origin):
                return Refusal(HOST_DOWN, breakers.refusal(origin).sentence)
            return _not_now(say("robots-unreachable", host=host, error=kind))
        answer = answer_of(response)
        try:
            # The text of an error page says nothing.
            read = transferred(answer).peek(READ_BYTES) if 200 <= response.status < 300 else b""
        except BadFileError as error:
            return _not_now(say("robots-unreadable", host=host, error=str(error)))
        if origin == run_of(self._crawler).profile.origin and read:
            run_of(self._crawler).robots_text = read.decode("latin-1")
        rules = _judge(response.status, read, coding=answer.content_encoding, host=host)
        if not isinstance(rules, Refusal):
            self._note_fetched(origin, response, body=read, coding=answer.content_encoding)
        return rules

    def _note_fetched(self, origin: str, response: Response, *, body: bytes, coding: str | None) -> None:
        """Note what other crawls may go by: an answer of the origin itself that gave rules, or said there are none."""
        assert response.request is not None
        capture = response.request.meta.get("capture")
        if capture is None or not response.url.startswith(f"{origin}/"):
            return
        portal = run_of(self._crawler).profile.name
        self._fetched[origin] = KeptRobots(
            capture.fetched_at, response.status, coding or "", body, portal, capture.record_id
        )


def _judge(status: int, body: bytes, *, coding: str | None, host: str) -> Protego | Refusal:
    """Return the rules that an answer gives, or why there are none now."""
    if 400 <= status < 500 and status != 429:
        return NO_RULES
    if not 200 <= status < 300:
        return _not_now(say("robots-answered", host=host, status=status))
    try:
        return read_rules(body, coding)
    except BadFileError as error:
        return _not_now(say("robots-unreadable", host=host, error=str(error)))


def _not_now(reason: Sentence) -> Refusal:
    return Refusal("robots-not-now", reason)
