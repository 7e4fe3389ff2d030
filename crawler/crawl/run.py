"""One crawl in this process, from profile to summary. A process can do only one: the reactor cannot restart."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.project import get_project_settings

from crawler.crawl.outcomes import STOPPING
from crawler.crawl.parser_process.client import ParserProcess
from crawler.crawl.spider import PortalSpider, run_of
from crawler.crawl.stoppable import stop_soon
from crawler.crawl.summary import RunSummary
from crawler.crawl.writer_process.client import WriterProcess
from crawler.crawl.writer_process.opening import open_archive
from crawler.errors import ArchiveUnusableError, PortalArchiveError, name_fault
from crawler.profile import load_profile
from crawler.sentences import say

logger = logging.getLogger(__name__)

SETTINGS_MODULE = "crawler.settings"
Watch = Callable[[Crawler], None]

# What Scrapy logs about itself at each start does not help the operator who reads the night's log. Of each item
# a record would be made that is not printed.
QUIET_LOGGERS = (
    "scrapy.utils.log", "scrapy.addons", "scrapy.crawler", "scrapy.middleware", "scrapy.core.engine",
    "scrapy.core.scraper",
)  # fmt: skip


def run_crawl(
    portal: str, archive: Path, *, full: bool, files: bool, limit: int | None = None, parser: ParserProcess,
    writer: WriterProcess, watch: Watch | None = None,
) -> RunSummary:  # fmt: skip
    """Crawl a portal once. `parser` and `writer` are closed at the end; `watch` may connect to the crawler's signals.

    `full` looks at every article again, `files` at every file too. After `limit` articles the run ends, partial.

    The log goes to the root logger. The first SIGTERM or SIGINT ends the run within seconds, and the next run goes on
    with its frontier; later signals change nothing.

    Raises:
        KeyboardInterrupt: if a signal came before the run began.
        ProfileError: if the profile cannot be used.
        ArchiveLockedError: if another run holds the archive.
        ArchiveUnusableError: if the archive cannot be opened or written.
    """
    stopping = _Stopping()
    stopping.listen()
    process = _make_process(archive, {"FULL": full, "FILES": files, "LIMIT": limit or 0})
    open_archive(writer, load_profile(portal), scrapy_settings=process.settings)
    crawler = process.create_crawler(PortalSpider)
    if watch is not None:
        watch(crawler)
    stopping.attach(crawler)
    task = process.crawl(crawler, portal=portal, parser=parser, writer=writer)
    process.start(install_signal_handlers=False)
    error = task.exception() if task.done() and not task.cancelled() else None
    spider = crawler.spider
    if error is not None and isinstance(named := name_fault(error, archive), PortalArchiveError):
        raise named
    if error is not None or not isinstance(spider, PortalSpider):
        raise ArchiveUnusableError(f"the crawl could not be run: {error!r}")
    if spider.summary is None:
        raise ArchiveUnusableError(f"{archive}: the run cannot be summed up; the log says why")
    return spider.summary


def _make_process(archive: Path, chosen: Mapping[str, object]) -> AsyncCrawlerProcess:
    settings = get_project_settings()
    settings.setmodule(SETTINGS_MODULE, priority="project")
    settings.setdict({"ARCHIVE": str(archive), **chosen, "LOG_ENABLED": False}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    # The objects made so far live until the end. No collection needs to look at them.
    gc.freeze()
    gc.enable()
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return process


class _Stopping:
    """Turns the first SIGTERM or SIGINT into a stop of the run. Scrapy's own handler would kill at the second.

    The signal handler only notes the signal. An exception raised there could end in a callback that swallows it.
    """

    def __init__(self) -> None:
        self._is_asked = False
        self._crawler: Crawler | None = None
        self._is_open = False
        self._task: asyncio.Future[None] | None = None

    def listen(self) -> None:
        """Handle the signals from now on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def attach(self, crawler: Crawler) -> None:
        """Stop this crawl when a signal comes, but not before it runs.

        Raises:
            KeyboardInterrupt: if a signal came before.
        """
        if self._is_asked:
            raise KeyboardInterrupt
        self._crawler = crawler
        crawler.signals.connect(self._opened, signal=signals.engine_started, weak=False)

    def _hear(self, _number: int, _frame: object) -> None:
        self._is_asked = True
        if self._crawler is not None:
            from twisted.internet import reactor

            # A handler may do nothing else: the interrupted code may be in the middle of a write.
            reactor.callFromThread(self._begin)

    def _opened(self) -> None:
        self._is_open = True
        if self._is_asked:
            self._begin()

    def _begin(self) -> None:
        if self._task is None and self._is_open:
            self._task = asyncio.ensure_future(self._stop())

    async def _stop(self) -> None:
        assert self._crawler is not None
        logger.info("asked to stop; requests under way are left to the next run")
        while not self._crawler.engine.running:
            # The engine sends its start signal before it can be stopped.
            await asyncio.sleep(0.01)
        run_of(self._crawler).parser.stop_soon(STOPPING, say("stopping"))
        await stop_soon(self._crawler)
