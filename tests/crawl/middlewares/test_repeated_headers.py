"""Where a header comes twice with different values, the crawl takes what a rebuild takes of the record."""

from datetime import UTC, datetime

import pytest
from scrapy import Request

from crawler.crawl.download.wire_response import make_response
from crawler.crawl.middlewares.redirects import location_of
from crawler.crawl.outcomes import answer_of, header_of
from crawler.media.http_head import parse_head
from tests.support.build import exchange

NAMES = (
    "Content-Type", "Content-Encoding", "Content-Disposition", "Location", "Refresh", "ETag", "Last-Modified", "Date",
    "Age", "Retry-After", "Transfer-Encoding", "X-Khac",
)  # fmt: skip
HEAD = b"HTTP/1.1 200 OK\r\n" + b"".join(
    b"%b: mot\r\n%b: hai\r\n%b:\r\n" % (name.encode(), name.lower().encode(), name.upper().encode()) for name in NAMES
) + b"\r\n"  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_header_is_read_alike(name: str) -> None:
    response = make_response(exchange(head=HEAD, at=datetime(2026, 9, 1, tzinfo=UTC)))
    assert header_of(response, name) == parse_head(HEAD).header(name)


def test_an_answer_has_the_parts_that_its_record_gives() -> None:
    head = parse_head(HEAD)
    answer = answer_of(make_response(exchange(head=HEAD)))
    assert answer.content_type == head.header("content-type") == "mot"
    assert answer.content_encoding == head.header("content-encoding") == "mot, hai, "
    assert answer.disposition == head.header("content-disposition")


def test_of_two_locations_the_first_is_followed() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /mot\r\nLocation: /hai\r\n\r\n"
    response = make_response(exchange("https://a.vn/x", head=head, status=302))
    response.request = Request("https://a.vn/x")
    assert location_of(response) == "https://a.vn/mot"
