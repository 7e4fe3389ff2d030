"""Records for people: certificates and unanswered requests are in the WARC, and make no row."""

import json
from pathlib import Path
from typing import Any

from crawler.archive.fixity import verify
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import parse_entries
from crawler.archive.warc.notes import CertificateChain
from crawler.archive.warc.reader import warc_files
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows
from tests.support.build import BASE, FIRST_NIGHT, Clock, Night, exchange
from tests.support.wire.warc_records import read_records
from tests.support.wire.warc_tools import warcio_check

LEAF, ROOT = "-----BEGIN CERTIFICATE-----\nAA==\n", "-----BEGIN CERTIFICATE-----\nBB==\n"
CHAIN = CertificateChain("sapa.example.vn", 443, FIRST_NIGHT, (LEAF, ROOT), "192.0.2.7", "TLSv1.3", "AES")


def write_night(folder: Path) -> Path:
    archive = folder / "archive.db"
    with Night(archive, Clock()) as night:
        night.capture(f"{BASE}/a", b"a")
        lost = exchange(f"{BASE}/lost", b"", head=b"", ip_address="192.0.2.7")
        assert night.writer.record_unread(lost, "the connection was closed").result() is None
        for port in (443, 443, 8443):
            night.writer.note_certificates(CertificateChain("::1", port, FIRST_NIGHT, (LEAF,))).result()
        night.writer.note_certificates(CHAIN).result()
        night.capture(f"{BASE}/b", b"b")
    return archive


def notes_of(archive: Path) -> list[tuple[WarcRecord, dict[str, Any]]]:
    found = [record for path in warc_files(archive.parent / "warc") for record in read_records(path)]
    notes = [(record, json.loads(record.block)) for record in found if record.kind == "metadata"]
    return [(record, said) for record, said in notes if "ledger" not in said["format"]]


def test_a_chain_is_written_once_a_host_with_all_that_is_known(tmp_path: Path) -> None:
    notes = notes_of(write_night(tmp_path))
    chains = [(record, said) for record, said in notes if said["format"] == "portal-archive-certificates/1"]
    assert [record.url for record, _ in chains] == ["https://[::1]:443/", "https://[::1]:8443/", f"{BASE}:443/"]
    record, said = chains[-1]
    assert record.fields["warc-ip-address"] == "192.0.2.7"
    assert record.fields["warc-date"] == "2026-09-01T18:30:00.000Z"
    assert said == {
        "format": "portal-archive-certificates/1", "host": "sapa.example.vn", "port": 443, "address": "192.0.2.7",
        "protocol": "TLSv1.3", "cipher": "AES", "certificates": [LEAF, ROOT],
    }  # fmt: skip


def test_a_request_without_an_answer_is_kept_with_its_error(tmp_path: Path) -> None:
    archive = write_night(tmp_path)
    (record, said), *_ = notes_of(archive)
    assert said["error"] == "the connection was closed"
    records = {record.record_id: record for path in warc_files(tmp_path / "warc") for record in read_records(path)}
    request = records[record.fields["warc-concurrent-to"]]
    assert request.kind == "request"
    assert request.fields["warc-concurrent-to"] == record.record_id
    assert request.url == record.url == f"{BASE}/lost"
    assert request.block.startswith(b"GET /lost HTTP/1.1\r\n")


def test_what_came_of_an_unreadable_answer_is_a_capture(tmp_path: Path) -> None:
    with Night(tmp_path / "archive.db", Clock()) as night:
        for head, body in ((b"HTTP/1.1 2", b""), (b"", b"<html>")):
            capture = night.writer.record_unread(exchange(f"{BASE}/odd", body, head=head), "no status line").result()
            assert capture is not None
            assert (capture.truncated, capture.record_type) == ("unspecified", "response")
    assert notes_of(tmp_path / "archive.db") == []
    assert verify(tmp_path / "archive.db").differences == []


def test_notes_make_no_row_and_a_rebuild_passes_them_by(tmp_path: Path) -> None:
    archive = write_night(tmp_path)
    into = tmp_path / "new.db"
    assert rebuild(archive, into).captures == 2
    assert all_rows(into) == all_rows(archive)
    assert all_rows(archive, ["crawls"])["crawls"][0].count(2)  # requests
    assert all(parse_entries(record.block) == [] for record, _ in notes_of(archive))
    assert verify(archive).differences == []
    assert warcio_check(*warc_files(tmp_path / "warc")).returncode == 0
