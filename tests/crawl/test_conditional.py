"""Conditional requests: the validators that are sent, the 304 as a revisit, and the answer that it confirms."""

import gzip
from pathlib import Path

import pytest

from crawler.archive.warc.answers import read_validators
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import PageRead
from crawler.archive.warc.reader import parse_http, warc_files
from crawler.extract.answer import read_page
from crawler.items import Answer, Capture, Purpose
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows
from tests.support.build import BASE, STORE, Clock, Night, article_page, new_address, picture, read_rows
from tests.support.wire.warc_records import read_records

A = new_address(1, "mot")
TEXT = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản."
ETAG, DATE = (b"ETag", b'"v1"'), (b"Last-Modified", b"Tue, 01 Sep 2026 10:00:00 GMT")


def records(archive: Path, kind: str) -> list[WarcRecord]:
    files = warc_files(archive.parent / "warc")
    return [record for path in files for record in read_records(path) if record.kind == kind]


def validators(night: Night, url: str) -> dict[str, str]:
    """Give the headers of a conditional request, by the archive's last answer."""
    return night.writer.read(lambda: read_validators(night.writer.connection, night.writer.folder, url=url)).result()


def read_again(night: Night, url: str) -> tuple[Capture, int | None, str | None]:
    """Capture a 304 for a page, and read it as the spider does. Return capture, article and change."""
    capture = night.capture(url, b"", status=304, headers=[ETAG])
    answer = night.queries.answer(capture)
    reading, addresses = read_page(answer, Purpose.ARTICLE, asked=url, listing=None, page=None, profile=night.profile)
    applied = night.writer.apply_page(
        PageRead(capture.record_id, "article", url), reading, addresses=addresses
    ).result()
    return capture, applied.article_id, applied.change


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ([ETAG], {"If-None-Match": '"v1"'}),
        ([DATE], {"If-Modified-Since": "Tue, 01 Sep 2026 10:00:00 GMT"}),
        ([ETAG, DATE], {"If-None-Match": '"v1"', "If-Modified-Since": "Tue, 01 Sep 2026 10:00:00 GMT"}),
        ([(b"ETag", b'W/"weak"')], {"If-None-Match": 'W/"weak"'}),
        ([], {}),
    ],
)
def test_the_validators_are_those_the_server_gave(
    night: Night, headers: list[tuple[bytes, bytes]], sent: dict[str, str]
) -> None:
    night.capture(A.url, b"page", headers=headers)
    assert validators(night, A.url) == sent


def test_no_validators_are_sent_without_a_complete_answer(night: Night) -> None:
    assert validators(night, A.url) == {}
    night.capture(A.url, b"gone", status=404, headers=[ETAG])
    night.capture(A.url, b"cut", truncated="disconnect", headers=[ETAG])
    night.capture(A.url, b"posted", method="POST", request_body=b"page=2", headers=[ETAG])
    assert validators(night, A.url) == {}


def test_the_validators_are_those_of_the_last_whole_answer(archive: Path, clock: Clock) -> None:
    for tag in (b'"v1"', b'"v2"'):
        with Night(archive, clock) as night:
            night.capture(A.url, b"page " + tag, headers=[(b"ETag", tag)])
        clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.capture(A.url, b"", status=503)
        assert validators(night, A.url) == {"If-None-Match": '"v2"'}
        night.capture(A.url, b"without", headers=[])
        assert validators(night, A.url) == {}


def test_validators_are_read_from_a_revisit_too(archive: Path, clock: Clock) -> None:
    # The same payload with a new validator: its record is a revisit with its own headers.
    with Night(archive, clock) as night:
        night.capture(A.url, b"same", headers=[ETAG])
        assert night.capture(A.url, b"same", headers=[(b"ETag", b'"v2"')]).record_type == "revisit"
        assert validators(night, A.url) == {"If-None-Match": '"v2"'}


def test_a_304_is_a_revisit_of_the_answer_it_says_is_still_good(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        first = night.capture(A.url, b"page", headers=[ETAG])
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        again = night.capture(A.url, b"", status=304, headers=[ETAG])
    assert (again.record_type, again.status, again.payload_sha256) == ("revisit", 304, first.payload_sha256)
    (record,) = records(archive, "revisit")
    assert record.fields["warc-profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert record.fields["warc-refers-to"] == first.record_id
    assert record.fields["warc-refers-to-target-uri"] == A.url
    assert record.fields["warc-refers-to-date"] == first.warc_date
    assert parse_http(record).header("etag") == '"v1"'
    assert parse_http(record).body == b""


def test_a_304_is_read_as_the_answer_that_it_confirms(night: Night) -> None:
    body = gzip.compress(b"packed", mtime=0)
    night.capture(A.url, body, headers=[ETAG, (b"Content-Encoding", b"gzip")], content_type="text/html; charset=x")
    capture = night.capture(A.url, b"", status=304, content_type="text/plain")
    assert night.queries.answer(capture) == Answer(A.url, body, "text/html; charset=x", "gzip")


def test_a_304_confirms_the_last_of_several_answers(night: Night) -> None:
    for body in (b"first", b"second", b"first", b"third"):
        night.capture(A.url, body, headers=[ETAG])
    assert night.queries.answer(night.capture(A.url, b"", status=304)).body == b"third"


def test_an_article_that_was_not_modified_is_confirmed_and_makes_no_revision(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(A.url, article_page("Một", TEXT), headers=[ETAG])
    clock.go_on(days=3)
    with Night(archive, clock) as night:
        _, article_id, change = read_again(night, A.url)
        assert (article_id, change) == (1, "unchanged")
    assert read_rows(archive, "select number, seen_at, confirmed_at from revisions") == [
        (1, "2026-09-01T18:30:00Z", "2026-09-04T18:30:00Z")
    ]
    assert read_rows(archive, "select state, looked_on, seen_on from articles") == [
        ("live", "2026-09-05", "2026-09-05")
    ]


def test_a_rebuild_reads_a_304_as_the_crawl_did(archive: Path, clock: Clock, tmp_path: Path) -> None:
    photo = f"{STORE}/lci/20260901/anh.png"
    with Night(archive, clock) as night:
        night.put_file(photo, picture(), headers=[ETAG])
        night.read(A.url, article_page("Một", TEXT, images=[photo]), headers=[ETAG])
        night.read(new_address(2, "hai").url, article_page("Hai", TEXT + " Hai."))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.capture(photo, b"", status=304, headers=[ETAG])
        read_again(night, A.url)
        night.read(A.url, article_page("Một", TEXT + " Sửa."), headers=[(b"ETag", b'"v2"')])
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert read_again(night, A.url)[2] == "unchanged"
    assert read_rows(archive, "select count(*) from captures where status = 304") == [(3,)]
    rebuild(archive, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db") == all_rows(archive)


@pytest.mark.parametrize("before", [None, "a redirect", "a cut answer", "an empty error"])
def test_a_304_without_an_earlier_answer_is_kept_and_confirms_nothing(
    archive: Path, clock: Clock, tmp_path: Path, before: str | None
) -> None:
    # Many answers have an empty payload. If one counted as an earlier answer, the 304 could confirm any of them.
    with Night(archive, clock) as night:
        if before == "a redirect":
            night.capture(f"{BASE}/cu", b"", status=301, headers=[(b"Location", A.url.encode())])
        if before == "a cut answer":
            night.capture(A.url, b"part", truncated="disconnect")
        if before == "an empty error":
            night.capture(A.url, b"", status=500)
        capture = night.capture(A.url, b"", status=304)
        assert capture.record_type == "response"
        assert night.queries.answer(capture).body == b""
    assert records(archive, "revisit") == []
    rebuild(archive, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db") == all_rows(archive)


def test_a_304_that_confirms_nothing_is_not_a_miss(archive: Path, clock: Clock) -> None:
    # The archive holds this address by a redirect only, so the 304 has no answer to confirm.
    with Night(archive, clock) as night:
        night.read(new_address(9, "mot").url, article_page("Một", TEXT), asked=A.url)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert validators(night, A.url) == {}
        read_again(night, A.url)
    assert read_rows(archive, "select state from articles") == [("live",)]
    assert read_rows(archive, "select kind from article_events") == [("found",)]
