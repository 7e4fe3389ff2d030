"""Run work with a client of libcurl, as a crawl does."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

from crawler.crawl.download.libcurl.client import CurlClient
from crawler.crawl.download.libcurl.transfer import Setup

T = TypeVar("T")


def run_with_client(work: Callable[[CurlClient], Awaitable[T]], setup: Setup) -> T:
    """Run work with a client in uvloop, and close the client."""

    async def main() -> T:
        client = CurlClient(setup)
        try:
            return await work(client)
        finally:
            await client.close()

    return uvloop.run(main())
