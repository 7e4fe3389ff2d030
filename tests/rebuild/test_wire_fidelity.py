"""Exchanges as they came over the wire: old and new captures share payloads, and a rebuild gives equal rows."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.fixity import verify
from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.captures import as_capture
from crawler.archive.warc.reader import warc_files
from crawler.items import Capture
from crawler.media.content_coding import decode_payload
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows
from tests.support.build import Clock, Night, article_page, exchange, http_head, new_address
from tests.support.wire.warc_records import read_records
from tests.support.wire.warc_tools import warcio_check, warcio_kinds

A = new_address(101, "mot")
PAGE = article_page("Một", "Sáng nay, thị xã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng.").encode()
CHUNKED = http_head("HTTP/1.1 200 OK", (b"content-TYPE", b"text/html"), (b"Transfer-Encoding", b"chunked"))


def chunked(data: bytes, end: bytes = b"0\r\nTrailer: x\r\n\r\n") -> bytes:
    half = len(data) // 2
    return b"".join(b"%x ;x=y\r\n%b\r\n" % (len(part), part) for part in (data[:half], data[half:])) + end


def check_all(archive: Path) -> None:
    into = archive.with_name("rebuilt.db")
    rebuild(archive, into)
    assert all_rows(into) == all_rows(archive)
    assert verify(archive).differences == []
    checked = warcio_check(*warc_files(archive.parent / "warc"))
    assert checked.returncode == 0, checked.stdout


def answer_of(archive: Path, capture: Capture) -> bytes:
    connection = open_for_reading(archive)
    try:
        row = connection.execute("select * from captures where record_id = ?", (capture.record_id,)).fetchone()
        answer = read_answer(connection, archive.parent / "warc", capture=as_capture(row))
    finally:
        connection.close()
    return decode_payload(answer.body, answer.content_encoding, max_bytes=10**6)


@pytest.mark.parametrize("first", ["plain", "chunked"])
def test_a_chunked_answer_and_one_with_its_length_are_one_payload(tmp_path: Path, first: str) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    plain, wired = exchange(A.url, PAGE), exchange(A.url, chunked(PAGE), head=CHUNKED)
    with Night(archive, clock) as night:
        one = night.record(plain if first == "plain" else wired)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        other = night.record(wired if first == "plain" else plain)
    assert (one.record_type, other.record_type) == ("response", "revisit")
    assert one.payload_sha256 == other.payload_sha256
    assert answer_of(archive, one) == answer_of(archive, other) == PAGE
    (revisit,) = [r for path in warc_files(tmp_path / "warc") for r in read_records(path) if r.kind == "revisit"]
    assert revisit.block == (CHUNKED if first == "plain" else plain.response_head)
    check_all(archive)


def test_every_transfer_coding_reads_as_the_same_article_in_a_rebuild(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    packed = gzip.compress(PAGE, mtime=0)
    coded = http_head("HTTP/1.1 200 OK", (b"Transfer-Encoding", b"gzip"), (b"Transfer-Encoding", b"chunked"))
    both = http_head("HTTP/1.1 200 OK", (b"Content-Encoding", b"gzip"), (b"Transfer-Encoding", b"chunked"))
    with Night(archive, Clock()) as night:
        wires = [
            exchange(A.url, chunked(packed), head=coded),
            exchange(A.url, PAGE, head=http_head("HTTP/1.1 200 OK", (b"Transfer-Encoding", b"identity"))),
            exchange(A.url, chunked(packed), head=both),
            exchange(A.url, chunked(PAGE, end=b"")[:-40], head=CHUNKED, truncated="disconnect"),
        ]
        captures = [night.record(one) for one in wires]
        night.read(A.url, PAGE.decode())
    assert [capture.record_type for capture in captures] == ["response", "revisit", "response", "response"]
    assert {answer_of(archive, capture) for capture in captures[:3]} == {PAGE}
    assert PAGE.startswith(answer_of(archive, captures[3]))
    check_all(archive)


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Type: text/html\r\n\r\n", PAGE, 200),
        (b"HTTP/1.1 200 OK\r\nContent-Le", b"", 200),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\n", PAGE, 200),
        (b"", PAGE, 0),
        (b"HTTP/1.1 20 OK\r\n\r\n", b"", 20),
    ],
)
def test_an_answer_that_the_first_reader_refused_is_a_capture_like_any_other(
    tmp_path: Path, head: bytes, body: bytes, status: int
) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, Clock()) as night:
        refused = night.record(exchange(A.url, body, head=head, status=status, truncated="unspecified"))
        night.record(exchange(A.url, PAGE))
        assert night.read(A.url, PAGE.decode()) == 1
    assert (refused.status, refused.truncated, refused.record_type) == (status, "unspecified", "response")
    requests = len(all_rows(archive, ["captures"])["captures"])
    assert requests == 3
    assert len(warcio_kinds(warc_files(tmp_path / "warc")[0])) == 1 + 2 * requests + 2
    check_all(archive)


def test_addresses_and_times_are_those_of_the_connection(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    with Night(archive, clock) as night:
        began = clock() + timedelta(microseconds=42_900)
        clock.go_on(seconds=90)
        one = exchange(A.url, PAGE, at=began, ip_address="2001:db8::7")
        capture = night.writer.record(one).result()
    assert capture.fetched_at == "2026-09-01T18:30:00Z"
    records = [r for path in warc_files(tmp_path / "warc") for r in read_records(path) if r.kind != "metadata"]
    assert [r.fields.get("warc-ip-address") for r in records] == [None, "2001:db8::7", "2001:db8::7"]
    assert {r.fields["warc-date"] for r in records[1:]} == {"2026-09-01T18:30:00.042Z"}
    assert capture.warc_date == "2026-09-01T18:30:00.042Z"
    check_all(archive)
