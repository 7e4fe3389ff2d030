"""The download handler in a crawl: never more requests of a host on the wire than its pace allows."""

from collections import defaultdict
from pathlib import Path

from tests.support.crawling import command, value
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
