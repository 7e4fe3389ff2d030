"""The yardstick of a crawl: a Scrapy spider with default settings that only downloads a list of requests."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess


class BareSpider(scrapy.Spider):
    """Downloads the requests of the replica's log."""

    name = "bare"

    async def start(self) -> AsyncIterator[Any]:
        """Ask for every logged request again."""
        for logged in json.loads(Path(sys.argv[1]).read_bytes()):
            if logged["server"] == "elsewhere":
                continue
            headers = {name: value for name, value in logged["headers"] if name.lower() in ("content-type", "referer")}
            yield scrapy.Request(
                f"http://{logged['host']}{logged['path']}",
                method=logged["method"],
                headers=headers,
                body=logged["body"],
                dont_filter=True,
                meta={"handle_httpstatus_all": True},
            )

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
