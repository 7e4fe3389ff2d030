"""The download handler in a crawl: never more requests of a host on the wire than its pace allows."""

import socket
from collections import defaultdict
from pathlib import Path

import pytest

from crawler.crawl.download.address_policy import is_public
from tests.support.crawling import command, rows, value
from tests.support.wire.server import OK, Step, WireServer

PAGE = b"<html><title>x</title><body>nothing</body></html>"
ANSWER = OK + b"Content-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE


def test_the_concurrency_of_the_profile_holds_without_a_delay(tmp_path: Path) -> None:
    scripts: defaultdict[str, list[Step]] = defaultdict(lambda: [0.05, ANSWER])
    scripts["/robots.txt"] = [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
    profile = tmp_path / "x.toml"
    with WireServer(scripts) as server:
        listings = ", ".join(f'"/listing-{number}"' for number in range(30))
        profile.write_text(
            f'name = "x"\ntitle = "X"\ncms = "vnpt"\nbase_url = "{server.base}/"\nlistings = [{listings}]\n'
            "[pace]\ndelay_seconds = 0.0\nconcurrency = 3\n[limits]\ndisk_reserve_bytes = 0\n",
            encoding="utf-8",
        )
        command("crawl", "--portal", profile, "--archive", tmp_path / "archive.db")
        assert len(server.requests) > 30
        assert server.most_at_once == 3
    assert value(tmp_path / "archive.db", "select count(*) from captures") == len(server.requests)


def _own_name() -> str | None:
    """Return the machine's name if it leads to addresses that are not public."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), None)}
    except OSError:
        return None
    return None if any(map(is_public, found)) else socket.gethostname()


@pytest.mark.skipif(_own_name() is None, reason="the machine's name leads to no private address")
def test_a_name_that_leads_inside_is_not_asked_and_each_refusal_has_a_row(tmp_path: Path) -> None:
    profile, archive = tmp_path / "x.toml", tmp_path / "archive.db"
    with WireServer({}, host="127.0.0.1") as server:
        profile.write_text(
            f'name = "x"\ntitle = "X"\ncms = "vnpt"\nbase_url = "http://{_own_name()}:{server.port}/"\n'
            'listings = ["/a", "/b"]\n[limits]\ndisk_reserve_bytes = 0\n',
            encoding="utf-8",
        )
        assert command("crawl", "--portal", profile, "--archive", archive).code == 1
        assert server.connections == 0
    refused = rows(archive, "select url, kind from crawl_errors")
    assert {row["kind"] for row in refused} == {"private-address"}
    assert len(refused) >= 3
