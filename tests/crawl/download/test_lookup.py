"""The addresses of a host, looked up without the event loop's threads."""

import asyncio
import socket

import pytest

from crawler.crawl.download.lookup import look_up


def test_the_addresses_of_a_host_come_once_in_order() -> None:
    found = [str(one[4][0]) for one in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)]
    assert asyncio.run(look_up("localhost", 80)) == list(dict.fromkeys(found))


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "ă" * 64], ids=["empty label", "long label", "long marked label"])
def test_a_name_that_no_host_can_have_has_no_address(host: str) -> None:
    with pytest.raises(OSError, match=r"."):
        asyncio.run(look_up(host, 80))
