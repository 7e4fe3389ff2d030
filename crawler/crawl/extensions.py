"""The extension that runs a crawl in rounds: commits, limits, and the outcome at the end."""

import asyncio
import logging
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler import settings
from crawler.body import spooled_bytes
from crawler.crawl.listings.walk_item import walk_entry
from crawler.crawl.outcomes import RunFacts, find_illness, judge_clock, judge_run, read_clock_offset
from crawler.crawl.spider import PortalSpider, run_of
from crawler.crawl.stoppable import StoppableDownloader
from crawler.crawl.summary import read_summary
from crawler.cron import next_planned
from crawler.errors import Fault, PortalArchiveError, fault_of, say_fault
from crawler.items import Outcome, PageItem, Purpose
from crawler.language.dates import parse_iso, to_iso_utc
from crawler.language.text import show_bytes
from crawler.sentences import Sentence, say

logger = logging.getLogger(__name__)
_SCRAPY = logging.getLogger("scrapy")


class DiscreetLogFormatter(LogFormatter):
    """Logs like Scrapy, but shows the address of an item instead of the item, which has the article's text.

    Lines for each answer and item are made only where the log shows them; Scrapy logs nothing for None.
    """

    def crawled(  # type: ignore[override]
        self, request: Request, response: Response, spider: Spider
    ) -> LogFormatterResult | None:
        """Log an answer."""
        return super().crawled(request, response, spider) if _SCRAPY.isEnabledFor(logging.DEBUG) else None

    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult | None:
        """Log a stored item."""
        return super().scraped(_name_of(item), response, spider) if _SCRAPY.isEnabledFor(logging.DEBUG) else None

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Log a dropped item."""
        return super().dropped(_name_of(item), exception, response, spider)

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Log an item that failed."""
        return super().item_error(_name_of(item), exception, response, spider)


def _name_of(item: Any) -> str:
    """Name an item by its kind and the requested address."""
    address = getattr(item, "asked", None) or getattr(item, "url", None) or "?"
    return f"{type(item).__name__} of {address}"


class RunExtension:
    """Starts the rounds of a run, commits its batches, stops it at a limit, and judges it at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stopped: Sentence | None = None
        self._internal_errors = 0
        self._read_articles = 0
        self._unread_articles = 0
        self._single_pages = 0
        self._clock_offsets: list[float] = []
        self._began = 0.0
        self._timer: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler and connect it to the signals."""
        extension = cls(crawler)
        for handler, signal in (
            (extension.spider_opened, signals.spider_opened),
            (extension.spider_idle, signals.spider_idle),
            (extension.spider_closed, signals.spider_closed),
            (extension.item_scraped, signals.item_scraped),
            (extension.note_error, signals.spider_error),
            (extension.note_error, signals.item_error),
            (extension.item_dropped, signals.item_dropped),
            (extension.note_date, signals.response_downloaded),
        ):
            crawler.signals.connect(handler, signal=signal)
        return extension

    @property
    def _run(self) -> PortalSpider:
        return run_of(self._crawler)

    def spider_opened(self) -> None:
        """Start the timer that commits batches and watches the limits."""
        self._began = time.monotonic()
        self._timer = asyncio.ensure_future(self._tick())

    def spider_idle(self) -> None:
        """If the frontier has addresses that this run has not requested, start a round. Otherwise let the run end.

        Raises:
            DontCloseSpider: if there is another round.
        """
        if self._stopped or self._run.writer.broken is not None:
            return
        if self._run.bounds.are_articles_read:
            self._stopped = say("bound-read", count=self._crawler.settings.getint("LIMIT"))
            return
        requests = self._run.next_round()
        assert self._crawler.engine is not None
        for request in requests:
            self._crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def item_scraped(self, item: Any) -> None:
        """Count the pages that were read as articles, and those that were not."""
        if isinstance(item, PageItem) and item.addresses:
            if item.reading.article is not None:
                self._read_articles += 1
                self._run.bounds.note_article()
            self._single_pages += item.purpose in (Purpose.MENU, Purpose.LISTING)
        if isinstance(item, PageItem) and item.reading.refusal is not None and item.purpose is Purpose.ARTICLE:
            # An address that was gone or unreadable before is not a new sign about the layout.
            self._unread_articles += not item.is_retry

    def note_date(self, response: Response) -> None:
        """Store the offset of the sender's clock, if the answer shows it."""
        machine_now = datetime.now(UTC) if settings.is_rehearsed() else None
        offset = read_clock_offset(response, now=settings.clock(), machine_now=machine_now)
        if offset is not None:
            self._clock_offsets.append(offset)

    def item_dropped(self) -> None:
        """Count a dropped item as an error of our own, unless the run is stopping."""
        self._internal_errors += self._crawler.crawling and not self._run.is_ending

    def note_error(self) -> None:
        """Count an error of our own. The log has its traceback."""
        self._internal_errors += 1

    def spider_closed(self, reason: str) -> None:
        """Judge the run and close its row."""
        if self._timer is not None:
            self._timer.cancel()
        writer = self._run.writer
        try:
            outcome, why, ill = self._judge(reason)
            writer.finish(outcome, why, ill=ill, clock_offset_seconds=judge_clock(self._clock_offsets))
        except Exception as error:
            is_known = isinstance(error, PortalArchiveError) or fault_of(error) is not Fault.OTHER
            said = "the run could not be closed in the archive; the next one will close it: %s"
            logger.log(logging.ERROR, said, say_fault(error), exc_info=None if is_known else error)
        finally:
            writer.close()
            self._run.parser.close()
        self._summarise()

    def _judge(self, reason: str) -> tuple[Outcome, tuple[Sentence, ...], Sentence | None]:
        """Return the outcome, its reasons, and the reason why no miss of tonight counts."""
        writer = self._run.writer
        if writer.broken is not None:
            return Outcome.FAILED, (say("not-written", error=str(writer.broken)),), None
        self._record_open_walks()
        if reason not in ("finished", "shutdown") and self._stopped is None:
            self._stopped = say("stopped-early", error=reason)
        archived, bounds = self._run.queries.facts(), self._run.bounds
        left = self._run.queries.left() if self._stopped is not None or bounds.may_leave else None
        newest = archived.newest_seen_at
        ill = self._run.home.handover or self._run.home.other_system or find_illness(archived.rechecks)
        facts = RunFacts(
            walks=[walk.report() for walk in self._run.walks.values()],
            expected_listings=len(self._run.profile.listings or ()) - self._run.single_listings,
            missing_articles=max(0, archived.missing_articles - (left.listed if left is not None else 0)),
            read_articles=self._read_articles,
            unread_articles=self._unread_articles,
            held_articles=archived.held_articles,
            days_since_new=(settings.clock() - parse_iso(newest)).days if newest else None,
            expected_articles=self._run.profile.expect.articles,
            expected_new_within_days=self._run.profile.expect.new_within_days,
            new_gaps=archived.new_gaps,
            put_aside=archived.put_aside,
            unlike_before=archived.unlike_before,
            file_gaps=(*archived.file_gaps, *self._run.replaced.reasons()),
            handover=self._run.home.handover,
            home_failure=self._run.home.failure,
            other_home=self._run.home.other,
            ill=ill,
            internal_errors=self._internal_errors + self._run.parser.failures,
            stopped=self._stopped,
            bounds=bounds.reasons(left, unnoted=archived.unnoted),
            interrupted=reason == "shutdown",
            changed_keys=archived.changed_keys,
            single_pages=self._single_pages,
        )
        return *judge_run(facts), ill

    def _record_open_walks(self) -> None:
        """Write what the walks reached that did not come to their end."""
        writer = self._run.writer
        for walk in self._run.walks.values():
            if not walk.is_done:
                if self._stopped is not None:
                    walk.cut()
                writer.ask("walked", walk_entry(writer.crawl_id, to_iso_utc(settings.clock()), walk=walk.report()))

    def _summarise(self) -> None:
        """Log the summary of the run from its row, also if nothing more could be written."""
        writer, profile = self._run.writer, self._run.profile
        try:
            summary = read_summary(
                writer.archive, writer.crawl_id, payload_bytes=writer.payload_bytes,
                next_planned=next_planned(profile, settings.clock()), now=settings.clock(),
            )  # fmt: skip
        except PortalArchiveError as error:
            logger.error("%s: crawl %d: no summary: %s", profile.name, writer.crawl_id, error)  # noqa: TRY400 - known
            return
        if summary.outcome is Outcome.RUNNING:  # the writer process died; the next run closes the row
            summary = replace(summary, outcome=Outcome.FAILED, reason=str(say("not-written", error=str(writer.broken))))
        self._run.summary = summary
        level = logging.INFO if summary.outcome == Outcome.COMPLETE else logging.WARNING
        logger.log(level, "%s", summary.text(profile.zone), extra={"summary": summary.as_json()})

    async def _tick(self) -> None:
        """Commit batches. Stop the run at a limit, or if nothing can be written any more."""
        writer, limits = self._run.writer, self._run.profile.limits
        while True:
            await asyncio.sleep(settings.COMMIT_SECONDS)
            writer.commit()
            # A spooled body will be written once more, to the WARC.
            free = shutil.disk_usage(writer.folder).free - spooled_bytes(writer.spool)
            if writer.broken is not None:
                logger.error("%s", writer.broken)
                self._stop(say("cannot-write"))
            elif writer.payload_bytes > limits.night_bytes:
                self._stop(say("night-limit", size=show_bytes(limits.night_bytes)))
            elif time.monotonic() - self._began > limits.night_minutes * 60:
                self._stop(say("night-minutes", minutes=limits.night_minutes))
            elif free < limits.disk_reserve_bytes:
                reserved = show_bytes(limits.disk_reserve_bytes)
                self._stop(say("disk-full", free=show_bytes(free), reserved=reserved))

    def _stop(self, why: Sentence) -> None:
        if self._stopped is None:
            self._stopped = why
            logger.error("stopping: %s", why)
            assert self._crawler.engine is not None
            self._run.is_ending = True
            # Not awaited: closing ends with `spider_closed`, which cancels this timer.
            self._closing = asyncio.ensure_future(self._close())

    async def _close(self) -> None:
        """Close the spider. Requests that take too long are given up, and left to the next run."""
        assert self._crawler.engine is not None
        closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="limit"))
        await asyncio.wait([closing], timeout=settings.ENDING_SECONDS)
        downloader = self._crawler.engine.downloader
        if not closing.done() and isinstance(downloader, StoppableDownloader):
            downloader.abandon()
        await closing
