"""WARC files: what is written is read back byte for byte; torn and damaged records are reported."""

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive.warc import writer as warc
from crawler.archive.warc.digests import is_digest_of, labelled_digest
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import LEDGER_URN
from crawler.archive.warc.reader import (
    close_open_file,
    has_true_block_digest,
    has_true_payload_digest,
    locate,
    mend_torn_tail,
    parse_http,
    read_record,
    serial_of,
    warc_files,
)
from crawler.archive.warc.writer import (
    Position,
    RefersTo,
    WarcWriter,
    new_record_id,
    render_exchange,
    render_metadata,
    render_warcinfo,
)
from crawler.errors import WarcError
from crawler.items import Exchange
from tests.support.build import FIRST_NIGHT, Clock, exchange
from tests.support.wire.warc_records import TornFileError, read_records
from tests.support.wire.warc_tools import warcio_check

INFO = render_warcinfo([("software", "tests"), ("crawl", "1")], "x.warc.gz", now=FIRST_NIGHT)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[WarcWriter]:
    writer = make_writer(tmp_path)
    yield writer
    writer.close()


def make_writer(folder: Path, serial: int = 1) -> WarcWriter:
    return WarcWriter(folder, "sapa", next_serial=serial, clock=Clock(), make_warcinfo=lambda _name, _fields: INFO)


def put(writer: WarcWriter, exchanged: Exchange, refers_to: RefersTo | None = None) -> tuple[Position, Position]:
    request, response = writer.append(*render_exchange(exchanged, new_record_id(), refers_to=refers_to))
    return request, response


def read_pair(folder: Path, exchanged: Exchange, refers_to: RefersTo | None = None) -> tuple[WarcRecord, WarcRecord]:
    writer = make_writer(folder)
    request, response = put(writer, exchanged, refers_to)
    writer.close()
    return read_record(folder, request), read_record(folder, response)


NASTY = (
    (b"Set-Cookie", b"a=1"),
    (b"Set-Cookie", b"b=2"),
    (b"X-Bytes", b"caf\xe9 \xff\x00 \xc4\x90"),
    (b"x-case", b""),
    (b"No Colon Name", b": : "),
    (b"X-Folded", b"one\r\n two"),
)


def test_a_response_is_read_back_byte_for_byte_with_repeated_and_malformed_headers(tmp_path: Path) -> None:
    body = bytes(range(256)) * 3 + b"\r\n\r\nWARC/1.1\r\n\r\n"
    _, response = read_pair(tmp_path, exchange(body=body, headers=NASTY))
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: text/html; charset=utf-8", *(n + b": " + v for n, v in NASTY)]
    assert response.block == b"\r\n".join(lines) + b"\r\n\r\n" + body
    message = parse_http(response)
    assert message.body == body
    assert message.head.status == 200
    assert [value for name, value in message.headers if name == b"Set-Cookie"] == [b"a=1", b"b=2"]


def test_a_request_is_read_back_with_its_body_and_query(tmp_path: Path) -> None:
    asked = exchange("https://x.vn/a/b?c=d&e", method="POST", request_body=b"page=2&x=\xff")
    request, _ = read_pair(tmp_path, asked)
    assert request.block == b"POST /a/b?c=d&e HTTP/1.1\r\nUser-Agent: tests\r\nAccept: */*\r\n\r\npage=2&x=\xff"
    assert parse_http(request).head.method == "POST"
    assert request.url == "https://x.vn/a/b?c=d&e"


def test_the_records_of_an_exchange_name_each_other(tmp_path: Path) -> None:
    request, response = read_pair(tmp_path, exchange(ip_address="192.0.2.7", truncated="length"))
    assert request.fields["warc-concurrent-to"] == response.record_id
    assert response.fields["warc-concurrent-to"] == request.record_id
    assert (request.kind, response.kind) == ("request", "response")
    for record in (request, response):
        assert record.fields["warc-date"] == "2026-09-01T18:30:00.000Z"
        assert record.fields["warc-ip-address"] == "192.0.2.7"
        assert record.position.warc_file.endswith(".warc.gz")
    assert response.fields["warc-truncated"] == "length"


def test_a_revisit_keeps_the_head_and_names_the_record_it_repeats(tmp_path: Path) -> None:
    earlier = RefersTo(new_record_id(), "https://x.vn/first", "2026-08-01T00:00:00Z")
    body = b"the same bytes"
    _, revisit = read_pair(tmp_path, exchange(body=body, headers=NASTY), earlier)
    assert revisit.kind == "revisit"
    assert parse_http(revisit).body == b""
    assert b"Set-Cookie: b=2\r\n" in revisit.block
    assert revisit.fields["warc-refers-to"] == earlier.record_id
    assert revisit.fields["warc-refers-to-target-uri"] == earlier.url
    assert revisit.fields["warc-refers-to-date"] == earlier.warc_date
    assert revisit.fields["warc-profile"] == warc.REVISIT_PROFILE
    assert revisit.fields["warc-payload-digest"] == labelled_digest(body)
    assert has_true_block_digest(revisit)


@pytest.mark.parametrize("status", [200, 204, 304, 404, 522, 999])
def test_every_status_is_kept_also_one_without_a_phrase(tmp_path: Path, status: int) -> None:
    _, response = read_pair(tmp_path, exchange(status=status, body=b""))
    assert parse_http(response).head.status == status


def test_an_answer_without_headers_is_read_back(tmp_path: Path) -> None:
    bare = exchange(body=b"\r\n\r\nx", head=b"HTTP/1.1 200 OK\r\n\r\n")
    _, response = read_pair(tmp_path, bare)
    assert parse_http(response).headers == ()
    assert parse_http(response).body == b"\r\n\r\nx"


def test_digests_are_sha256_and_warcio_finds_them_true(tmp_path: Path) -> None:
    writer = make_writer(tmp_path)
    _, first = put(writer, exchange("https://x.vn/1", b"body", headers=NASTY[:4]))
    record = read_record(tmp_path, first)
    put(
        writer, exchange("https://x.vn/2", gzip.compress(b"b" * 999, mtime=0), headers=[(b"Content-Encoding", b"gzip")])
    )
    put(writer, exchange("https://x.vn/3", b"body"), RefersTo(record.record_id, record.url, "2026-09-01T18:30:00Z"))
    put(writer, exchange("https://x.vn/4", b"", status=522, method="POST", request_body=b"page=1"))
    writer.append(render_metadata('{"format": "é"}'.encode(), FIRST_NIGHT, url=LEDGER_URN))
    writer.close()
    (path,) = warc_files(tmp_path)
    assert record.fields["warc-payload-digest"] == labelled_digest(b"body")
    assert all(has_true_block_digest(found) for found in read_records(path))
    checked = warcio_check(path)
    assert checked.returncode == 0, checked.stdout
    assert "digest failed" not in checked.stdout
    assert "digest pass" in checked.stdout


def test_base32_digests_of_older_versions_count_and_others_do_not() -> None:
    data = b"as captured"
    sha256 = hashlib.sha256(data)
    base32 = base64.b32encode(sha256.digest()).decode()
    for good in (f"sha256:{sha256.hexdigest()}", f"sha256:{base32}", f"SHA-256:{base32.rstrip('=').lower()}"):
        assert is_digest_of(good, sha256.hexdigest()), good
    other = hashlib.sha256(b"as invented")
    sha1 = base64.b32encode(hashlib.sha1(data).digest()).decode()
    for bad in (None, "", "sha256:", f"sha256:{other.hexdigest()}", f"sha1:{sha1}", sha256.hexdigest(), "sha256:1==="):
        assert not is_digest_of(bad, sha256.hexdigest()), bad


def test_every_field_keeps_the_grammar_of_the_standard(tmp_path: Path) -> None:
    """jwarc refuses a digest that is no token, as padded base32 is none (WARC 1.1, 5.8 and 5.9)."""
    writer = make_writer(tmp_path)
    earlier = RefersTo(new_record_id(), "https://x.vn/1", "2026-09-01T18:30:00.042Z")
    put(writer, replace(exchange("https://x.vn/1", b"body"), truncated="length"))
    put(writer, replace(exchange("https://x.vn/1", b"", status=304), truncated="disconnect"), earlier)
    writer.append(render_metadata(b"{}", FIRST_NIGHT, url=LEDGER_URN))
    writer.close()
    (path,) = warc_files(tmp_path)
    token = r"[^\x00-\x20\x7f-\xff()<>@,;:\\\"/\[\]?={}]+"
    records = list(read_records(path))
    for fields in (record.fields for record in records):
        for name in ("warc-block-digest", "warc-payload-digest"):
            assert name not in fields or re.fullmatch(f"{token}:{token}", fields[name]), fields
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields["warc-date"])
        assert ("warc-target-uri" in fields) == (fields["warc-type"] != "warcinfo")
    *_, revisit, ledger = records
    assert (revisit.kind, revisit.fields["warc-truncated"]) == ("revisit", "disconnect")
    assert ledger.url == LEDGER_URN
    assert "warc-payload-digest" not in ledger.fields


def test_warcio_check_names_a_digest_that_is_not_true(tmp_path: Path) -> None:
    request, response = render_exchange(exchange(body=b"as captured"), new_record_id(), refers_to=None)
    forged = gzip.compress(gzip.decompress(response).replace(b"as captured", b"as invented"), mtime=0)
    path = tmp_path / "sapa-1.warc.gz"
    path.write_bytes(INFO + request + forged)
    *_, record = read_records(path)
    assert not has_true_block_digest(record)
    assert not has_true_payload_digest(record, parse_http(record).payload_sha256())
    assert warcio_check(path).returncode != 0


def test_each_record_is_one_gzip_member_at_its_position(tmp_path: Path, writer: WarcWriter) -> None:
    positions = [place for number in range(3) for place in put(writer, exchange(f"https://x.vn/{number}"))]
    data = locate(tmp_path, positions[0].warc_file).read_bytes()
    assert positions[0].offset == len(INFO)
    for place in positions:
        assert gzip.decompress(data[place.offset : place.offset + place.length]).startswith(b"WARC/1.1\r\n")
    assert positions[-1].offset + positions[-1].length == len(data)


def test_a_file_bears_its_final_name_only_when_it_is_closed(tmp_path: Path, writer: WarcWriter) -> None:
    put(writer, exchange())
    (state,) = writer.take_changed()
    assert not state.closed
    assert [path.name for path in tmp_path.iterdir()] == [state.name + ".open"]
    assert locate(tmp_path, state.name).name == state.name + ".open"
    writer.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [state.name, f"{state.name}.sha256"]
    (closed,) = writer.take_changed()
    assert (closed.name, closed.closed, closed.size_bytes) == (state.name, True, (tmp_path / state.name).stat().st_size)
    assert state.name == "sapa-20260901183000000-00001.warc.gz"


def test_a_full_file_is_closed_and_the_next_begun_with_its_own_warcinfo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "MAX_FILE_BYTES", len(INFO) + 1)
    writer = make_writer(tmp_path, serial=7)
    places = [put(writer, exchange(f"https://x.vn/{number}"))[1] for number in range(3)]
    states = writer.take_changed()
    writer.close()
    assert [state.serial for state in states] == [7, 8, 9]
    assert [state.closed for state in states] == [True, True, False]
    assert [serial_of(path) for path in warc_files(tmp_path)] == [7, 8, 9]
    for path in warc_files(tmp_path):
        assert [record.kind for record in read_records(path)] == ["warcinfo", "request", "response"]
    assert [read_record(tmp_path, place).url for place in places] == [f"https://x.vn/{number}" for number in range(3)]


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    put(make_writer(tmp_path), exchange())
    with pytest.raises(WarcError, match="cannot be written"):
        put(make_writer(tmp_path), exchange())


def test_a_folder_that_is_gone_makes_the_writer_say_which_file(tmp_path: Path) -> None:
    with pytest.raises(WarcError, match=r"warc/sapa-\d{17}-00001\.warc\.gz"):
        put(make_writer(tmp_path / "none"), exchange())


def test_files_stand_in_order_of_their_serials_not_of_their_names(tmp_path: Path) -> None:
    for name in ("b-1-00002.warc.gz", "a-2-00010.warc.gz.open", "c-3-00001.warc.gz", "c-3.cdx", ".lock"):
        (tmp_path / name).write_bytes(b"")
    assert [serial_of(path) for path in warc_files(tmp_path)] == [1, 2, 10]


def test_a_file_of_another_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "foreign.warc.gz").write_bytes(b"")
    with pytest.raises(WarcError, match=r"foreign\.warc\.gz"):
        warc_files(tmp_path)


def test_a_torn_tail_is_told_from_the_end_and_mended_at_every_length(tmp_path: Path) -> None:
    request, response = render_exchange(exchange(), new_record_id(), refers_to=None)
    whole = INFO + request
    path = tmp_path / "sapa-1-00001.warc.gz.open"
    for length in range(1, len(response)):
        path.write_bytes(whole + response[:length])
        with pytest.raises(TornFileError) as caught:
            list(read_records(path))
        assert caught.value.offset == len(whole)
        assert mend_torn_tail(path) == length
        assert path.read_bytes() == whole
    assert mend_torn_tail(path) is None


def test_a_file_torn_in_its_first_record_is_mended_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sapa-1-00001.warc.gz.open"
    path.write_bytes(INFO[:40])
    assert mend_torn_tail(path) == 40
    assert list(read_records(path)) == []


def test_a_damaged_member_is_named_by_file_and_offset_and_not_taken_for_a_torn_tail(tmp_path: Path) -> None:
    request, response = render_exchange(exchange(), new_record_id(), refers_to=None)
    data = bytearray(INFO + request + response)
    data[len(INFO) + len(request) // 2] ^= 0xFF
    path = tmp_path / "sapa-1-00001.warc.gz"
    path.write_bytes(data)
    with pytest.raises(WarcError, match=rf"sapa-1-00001\.warc\.gz: the record at offset {len(INFO)}") as caught:
        list(read_records(path))
    assert not isinstance(caught.value, TornFileError)


def test_a_member_that_holds_no_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sapa-1-00001.warc.gz"
    for content in (b"hello", b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 99\r\n\r\nshort"):
        path.write_bytes(INFO + gzip.compress(content, mtime=0))
        with pytest.raises(WarcError, match=f"offset {len(INFO)}"):
            list(read_records(path))


def test_a_position_that_holds_no_record_is_refused(tmp_path: Path, writer: WarcWriter) -> None:
    _, place = put(writer, exchange())
    for wrong in (replace(place, offset=place.offset + 1), replace(place, length=place.length - 1)):
        with pytest.raises(WarcError):
            read_record(tmp_path, wrong)
    with pytest.raises(WarcError, match="missing"):
        read_record(tmp_path, replace(place, warc_file="none.warc.gz"))


def test_an_open_file_of_a_dead_run_gets_its_final_name(tmp_path: Path) -> None:
    path = tmp_path / "sapa-1-00001.warc.gz.open"
    path.write_bytes(INFO)
    final = close_open_file(path)
    assert final.name == "sapa-1-00001.warc.gz"
    assert not path.exists()
    assert [record.kind for record in read_records(final)] == ["warcinfo"]
