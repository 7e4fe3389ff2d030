"""A progress bar for a crawl on a terminal."""

from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from tqdm import tqdm

from crawler.items import PageItem


class CrawlProgress:
    """Counts answers, articles and failures on one line of standard error."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] = tqdm(unit=" answers", dynamic_ncols=True, leave=True)
        self._articles = 0

    def answered(self) -> None:
        """Count an answer."""
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
    progress = CrawlProgress()
    # Strong references: nothing else keeps `progress` alive.
    crawler.signals.connect(progress.answered, signal=signals.response_received, weak=False)
    crawler.signals.connect(progress.scraped, signal=signals.item_scraped, weak=False)
    crawler.signals.connect(progress.closed, signal=signals.spider_closed, weak=False)
