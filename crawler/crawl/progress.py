"""A progress bar for a crawl on a terminal."""

from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from tqdm import tqdm

from crawler.crawl.spider import run_of
from crawler.items import PageItem


class CrawlProgress:
    """Counts requests and articles on one line of standard error, with the time that is left.

    The total is what is known by then: the requests that were made, or what the frontier has left at the beginning of
    a round if that is more. It grows as pages name files and other pages.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._bar: tqdm[Any] = tqdm(total=0, unit=" requests", dynamic_ncols=True, leave=True)
        self._asked = 0
        self._answered = 0
        self._articles = 0

    def round_begun(self) -> None:
        """Take what the frontier has left into the total."""
        left = run_of(self._crawler).queries.left()
        entries = left.rechecks + left.listed + len(left.links) + len(left.requisites)
        self._bar.total = max(self._asked, self._answered + entries)

    def asked(self) -> None:
        """Count a request to come."""
        self._asked += 1
        self._bar.total = max(self._bar.total or 0, self._asked)

    def answered(self) -> None:
        """Count a request that was answered or failed. Some, such as that for robots.txt, were not announced."""
        self._answered += 1
        self._asked = max(self._asked, self._answered)
        self._bar.total = max(self._bar.total or 0, self._asked)
        self._bar.update()

    def scraped(self, item: Any) -> None:
        """Count an article."""
        if isinstance(item, PageItem) and item.reading.article is not None:
            self._articles += 1
            self._bar.set_postfix_str(f"{self._articles} articles", refresh=False)

    def closed(self) -> None:
        """Close the bar; its last line stays visible."""
        self._bar.close()


def show_progress(crawler: Crawler) -> None:
    """Show the progress of a crawl until its spider closes."""
    progress = CrawlProgress(crawler)
    # Strong references: nothing else keeps `progress` alive.
    crawler.signals.connect(progress.round_begun, signal=signals.spider_idle, weak=False)
    crawler.signals.connect(progress.asked, signal=signals.request_scheduled, weak=False)
    crawler.signals.connect(progress.answered, signal=signals.request_left_downloader, weak=False)
    crawler.signals.connect(progress.scraped, signal=signals.item_scraped, weak=False)
    crawler.signals.connect(progress.closed, signal=signals.spider_closed, weak=False)
