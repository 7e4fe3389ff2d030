"""The messages to the writer process: values come as they went."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from crawler.body import Body, SpoolFile
from crawler.crawl.writer_process.protocol import read_message, write_call, write_reply
from crawler.errors import ArchiveLockedError, PortalMovedError, WarcError
from crawler.extract.answer import read_page
from crawler.items import Answer, Article, FoundDate, PageReading, Purpose
from crawler.profile import load_profile

PROFILE = load_profile("sapa")
PAGES = sorted((Path(__file__).parents[3] / "tests" / "pages").glob("*/page.html"))
URL = "https://sapa.laocai.gov.vn/tin-tuc-su-kien/bai-viet-thu-nhat-1234567"


def test_readings_come_as_they_went() -> None:
    assert PAGES
    for page in PAGES:
        answer = Answer(URL, page.read_bytes(), "text/html; charset=utf-8", None)
        for purpose in (Purpose.ARTICLE, Purpose.HOME, Purpose.PROBE):
            reading, addresses = read_page(answer, purpose, asked=URL, listing=None, page=None, profile=PROFILE)
            call = ("apply_page", (reading,), {"addresses": addresses})
            assert read_message(write_call(call)) == call


def test_times_keep_their_zones() -> None:
    at = datetime(2026, 9, 1, 8, 30, tzinfo=timezone(timedelta(hours=7)))
    said = Article("T", None, "B", "<p>B</p>", None, None, (FoundDate(at.date(), "page", at),), (), (), None, None)
    _, (reading, seen_at), _ = read_message(write_call(("x", (PageReading(article=said), at), {})))
    assert reading.article.dates[0].at.isoformat() == seen_at.isoformat() == "2026-09-01T08:30:00+07:00"
    assert read_message(write_call(("x", (datetime(2026, 9, 1, tzinfo=UTC),), {})))[1][0].isoformat().endswith("+00:00")


@pytest.mark.parametrize(
    "error",
    [
        ArchiveLockedError("a"), PortalMovedError("b"), WarcError("c"), sqlite3.OperationalError("disk I/O error"),
        OSError(28, "No space left on device", "warc/x.gz"), KeyError("k"),
    ],
)  # fmt: skip
def test_errors_come_as_themselves(error: Exception) -> None:
    came, value = read_message(write_reply((error, None)))
    assert (type(came), str(came), value) == (type(error), str(error), None)


def test_a_spool_file_is_lent_to_the_writer_and_given_to_the_crawl(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"x" * 10)
    body = Body(file=SpoolFile(path, 10))
    lent = read_message(write_call(("record", (body,), {})))[1][0]
    assert lent.read() == b"x" * 10
    del lent
    assert path.exists()
    _, given = read_message(write_reply((None, body)))
    del body
    assert path.exists()
    del given
    assert not path.exists()
