"""The wait that a host asks for is read from any `Retry-After`, and none makes the crawl fail."""

from datetime import UTC, datetime

import pytest

from crawler.crawl.download.wire_response import make_response
from crawler.crawl.middlewares.patience import read_retry_after
from tests.support.build import exchange

DATE = "Sun, 01 Nov 2026 00:00:00 GMT"


def _asked(stated: str) -> float | None:
    head = f"HTTP/1.1 503 Busy\r\nDate: {DATE}\r\nRetry-After: {stated}\r\n\r\n".encode()
    return read_retry_after(make_response(exchange(head=head, status=503, at=datetime(2026, 11, 1, tzinfo=UTC))))


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("7", 7.0), (" 007 ", 7.0), ("Sun, 01 Nov 2026 00:00:30 GMT", 30.0), ("Sat, 31 Oct 2026 00:00:00 GMT", 0.0)],
)
def test_wait_is_read_as_seconds_and_as_a_date(stated: str, seconds: float) -> None:
    assert _asked(stated) == seconds


@pytest.mark.parametrize(
    "stated",
    [
        "", "²", "٣", "-1", "1.5", "1e9", "1" * 20, "1" * 4301, "Sun, 01 Nov 2026 00:00:00 +99999999",
        "Sun, 01 Nov 99999 00:00:00 GMT",
    ],
)  # fmt: skip
def test_other_values_ask_for_nothing(stated: str) -> None:
    assert _asked(stated) is None


@pytest.mark.parametrize("stated", ["9" * 18, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_wait_beyond_a_year_is_a_year(stated: str) -> None:
    assert _asked(stated) == 31_536_000
