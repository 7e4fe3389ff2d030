"""The yardstick of a crawl: a Scrapy spider with default settings that only downloads a list of addresses."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess


class BareSpider(scrapy.Spider):
    """Downloads the addresses of a file, one a line."""

    name = "bare"

    async def start(self) -> AsyncIterator[Any]:
        """Ask for every address."""
        for url in Path(sys.argv[1]).read_text(encoding="utf-8").split():
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response: scrapy.http.Response) -> None:
        """Do nothing."""


if __name__ == "__main__":
    settings = {
        "LOG_LEVEL": "ERROR",
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }
    process = AsyncCrawlerProcess(settings)
    process.crawl(BareSpider)
    process.start()
