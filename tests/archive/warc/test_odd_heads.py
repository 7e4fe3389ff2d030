"""Malformed heads: written as they came, read back by us as they came, and no trouble for other tools."""

from pathlib import Path

import pytest

from crawler.archive.warc.reader import has_true_payload_digest, parse_http
from crawler.archive.warc.writer import RefersTo, new_record_id, render_exchange, render_warcinfo
from tests.support.build import FIRST_NIGHT, exchange
from tests.support.wire.warc_records import read_records
from tests.support.wire.warc_tools import warcio_check, warcio_kinds

PAGE = b"<html>\r\n\r\nA: b\r\n\r\n<body></html>"
EARLIER = RefersTo("urn:uuid:00000000-0000-4000-8000-000000000000", "https://x.vn/", "2026-08-01T00:00:00Z")

HEADS = {
    "folded": b"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n\t3\r\n\r\n",
    "folded first": b"HTTP/1.1 200 OK\r\n A: 1\r\n\r\n",
    "no colon": b"HTTP/1.1 200 OK\r\nno colon here\r\nA: b\r\n\r\n",
    "no name": b"HTTP/1.1 200 OK\r\n: b\r\nName : c\r\n\r\n",
    "NUL": b"HTTP/1.1 200 OK\r\nA: \x00b\x00\r\nB\x00: c\r\n\r\n",
    "bare LF": b"HTTP/1.1 200 OK\nA: b\n\n",
    "LF and CRLF": b"HTTP/1.1 200 OK\r\nA: b\n\r\n",
    "CR in a line": b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n",
    "CR CR LF": b"HTTP/1.1 200 OK\r\r\nA: b\r\r\n\r\r\nB: c\r\n\r\n",
    "a line of a blank": b"HTTP/1.1 200 OK\r\nA: b\r\n \r\nC: d\r\n\r\n",
    "blank lines first": b"\r\n\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n",
    "no status line": b"",
    "only header lines": b"Content-Type: text/html\r\n\r\n",
    "no code": b"HTTP/1.1\r\nA: b\r\n\r\n",
    "odd code": b"HTTP/1.1 20 OK\r\nA: b\r\n\r\n",
    "tabs": b"HTTP/1.1\t200\tOK\r\nA: b\r\n\r\n",
    "no phrase": b"HTTP/1.1 200\r\n\r\n",
    "ICY": b"ICY 200 OK\r\nA: b\r\n\r\n",
    "Vietnamese": "HTTP/1.1 200 Được\r\nTiêu đề: Sa Pa\r\n\r\n".encode(),
    "no encoding": b"HTTP/1.1 200 \xff\r\nA\xe9: \xff\xfe\r\n\r\n",
    "very long": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 150_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("refers_to", [None, EARLIER], ids=["response", "revisit"])
def test_a_malformed_head_is_kept_as_it_came_and_other_tools_read_on(
    tmp_path: Path, refers_to: RefersTo | None
) -> None:
    path = tmp_path / "sapa-1-00001.warc.gz"
    members = [render_warcinfo([("software", "tests"), ("crawl", "1")], path.name, now=FIRST_NIGHT)]
    bodies = [PAGE, b"", b"5\r\nhello\r\n0\r\n\r\n"]
    sent = [exchange("https://x.vn/", body, head=head) for head in HEADS.values() for body in bodies]
    for one in sent:
        members += render_exchange(one, new_record_id(), refers_to=refers_to)
    path.write_bytes(b"".join(members))

    answers = [record for record in read_records(path) if record.kind in ("response", "revisit")]
    assert len(answers) == len(sent)
    for record, one in zip(answers, sent, strict=True):
        body = b"" if refers_to else one.body.read()
        assert record.block == one.response_head + body
        assert parse_http(record).body == body, one.response_head
        assert has_true_payload_digest(record, parse_http(record).payload_sha256()) or refers_to
    assert len(warcio_kinds(path)) == 1 + 2 * len(sent)
    checked = warcio_check(path)
    assert checked.returncode == 0, checked.stdout
    assert "WARNING" not in checked.stderr


@pytest.mark.parametrize("head", [b"HTT", b"HTTP/1.1 200 OK\r\nContent-Ty", b"HTTP/1.1 200 OK\r\nA: b\r\n"])
def test_a_head_that_was_cut_off_is_read_back(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "sapa-1-00001.warc.gz"
    one = exchange("https://x.vn/", b"", head=head, truncated="unspecified")
    path.write_bytes(b"".join(render_exchange(one, new_record_id(), refers_to=None)))
    record = list(read_records(path))[1]
    assert record.block == head
    assert record.fields["warc-truncated"] == "unspecified"
    assert parse_http(record).body == b""
    assert parse_http(record).head.status == (200 if len(head) > 5 else 0)
    assert warcio_check(path).returncode == 0


def test_a_digest_of_the_payload_is_stated_where_every_reader_finds_the_same_payload(tmp_path: Path) -> None:
    path = tmp_path / "sapa-1-00001.warc.gz"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n"
    heads = [HEADS["folded"], HEADS["bare LF"], HEADS["blank lines first"], chunked % b"chunked", chunked % b"identity"]
    members = [render_exchange(exchange(head=head), new_record_id(), refers_to=None)[1] for head in heads]
    path.write_bytes(b"".join(members))
    assert ["warc-payload-digest" in record.fields for record in read_records(path)] == [True, True, False, False, True]
