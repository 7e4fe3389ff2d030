"""One run's hold on an archive: order, batches, and what an error does to everything after it."""

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from crawler.archive import run_writer
from crawler.archive.lock import is_held
from crawler.archive.run_writer import RunWriter
from crawler.archive.warc import writer as warc
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import CrawlFinished, CrawlStarted, ListingWalked, PageRead, parse_entries
from crawler.archive.warc.reader import read_record, warc_files
from crawler.errors import (
    ArchiveLockedError,
    ArchiveUnusableError,
    PortalMovedError,
    SchemaTooNewError,
    WarcError,
    WrongUseError,
)
from tests.support.archives.rows import change
from tests.support.build import (
    BASE,
    DESCRIBE,
    Clock,
    Night,
    article,
    exchange,
    link,
    listing,
    make_profile,
    new_address,
    read_rows,
)
from tests.support.wire.warc_records import read_records

A = new_address(1)


def open_writer(archive: Path, **changes: Any) -> RunWriter:
    return RunWriter(archive, replace(make_profile(), **changes), clock=Clock(), warcinfo_fields=DESCRIBE)


def records(archive: Path) -> list[WarcRecord]:
    return [record for path in warc_files(archive.parent / "warc") for record in read_records(path)]


def seen_from_outside(archive: Path, table: str) -> int:
    count: int = read_rows(archive, f"select count(*) from {table}")[0][0]
    return count


def break_writer(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next WARC write fail: the folder is gone when the full file is to be closed."""
    monkeypatch.setattr(warc, "MAX_FILE_BYTES", 1)
    folder = night.writer.folder
    folder.rename(folder.with_name("gone"))


def test_a_run_is_its_warcinfo_its_exchanges_and_its_ledger_in_order(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put(article(), A)
        night.walked()
    found = records(archive)
    assert [r.kind for r in found] == ["warcinfo", "metadata", "request", "response", "metadata"]
    entries = [entry for record in found if record.kind == "metadata" for entry in parse_entries(record.block)]
    assert [type(entry) for entry in entries] == [CrawlStarted, PageRead, ListingWalked, CrawlFinished]
    assert entries[1].article_id == 1  # type: ignore[union-attr]
    info = found[0].block.decode()
    assert "crawl: 1\r\n" in info
    assert "operator: tests@example.vn\r\n" in info
    assert '"name":"sapa"' in info
    assert [path.name for path in warc_files(archive.parent / "warc")] == ["sapa-20260901183000000-00001.warc.gz"]


def test_captures_point_at_their_records(night: Night) -> None:
    captures = [night.capture(f"{BASE}/{number}", f"page {number}".encode()) for number in range(5)]
    night.writer.commit().result()
    assert [capture.id for capture in captures] == [1, 2, 3, 4, 5]
    for capture in captures:
        place = warc.Position(capture.warc_file, capture.warc_offset, capture.warc_length)
        record = read_record(night.writer.folder, place)
        assert (record.record_id, record.url, record.kind) == (capture.record_id, capture.url, "response")


def test_a_payload_that_is_held_becomes_a_revisit_also_in_a_later_run(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        first = night.capture(f"{BASE}/a", b"same")
        again = night.capture(f"{BASE}/b", b"same")
    with Night(archive, clock) as later:
        third = later.capture(f"{BASE}/a", b"same")
    assert [c.record_type for c in (first, again, third)] == ["response", "revisit", "revisit"]
    assert first.payload_sha256 == again.payload_sha256 == third.payload_sha256
    revisits = [record for record in records(archive) if record.kind == "revisit"]
    assert {record.fields["warc-refers-to"] for record in revisits} == {first.record_id}


def test_the_answer_to_a_post_is_kept_whole_and_no_revisit_names_it(night: Night) -> None:
    """Replay tools find the record of a revisit by address and time: another night's pager page was shown."""
    posts = [exchange(f"{BASE}/pager", b"rows", method="POST", request_body=b"page=%d" % n) for n in (1, 1, 2)]
    kinds = [night.writer.record(post).result().record_type for post in posts]
    kinds += [night.capture(f"{BASE}/a", b"rows").record_type, night.capture(f"{BASE}/b", b"rows").record_type]
    assert kinds == ["response", "response", "response", "response", "revisit"]


def test_a_revisit_states_the_date_of_its_original_to_the_millisecond(archive: Path, clock: Clock) -> None:
    at = clock() + timedelta(microseconds=120_900)
    with Night(archive, clock) as night:
        first = night.writer.record(exchange(f"{BASE}/a", b"same", at=at)).result()
        night.writer.record(exchange(f"{BASE}/b", b"same", at=at + timedelta(seconds=1))).result()
    assert (first.fetched_at, first.warc_date) == ("2026-09-01T18:30:00Z", "2026-09-01T18:30:00.120Z")
    found = {record.kind: record for record in records(archive) if record.url}
    assert found["response"].fields["warc-date"] == found["revisit"].fields["warc-refers-to-date"] == first.warc_date


def test_an_empty_or_truncated_payload_is_never_a_revisit_nor_revisited(night: Night) -> None:
    kinds = [night.capture(f"{BASE}/{n}", b"").record_type for n in range(2)]
    kinds.append(night.capture(f"{BASE}/cut", b"part", truncated="length").record_type)
    kinds.append(night.capture(f"{BASE}/whole", b"part").record_type)
    kinds.append(night.capture(f"{BASE}/cut", b"part", truncated="length").record_type)
    assert kinds == ["response"] * 5


def test_futures_are_done_in_the_order_of_their_calls(night: Night) -> None:
    futures = [night.writer.record(exchange(f"{BASE}/{number}", b"%d" % number)) for number in range(50)]
    assert [future.result().id for future in futures] == list(range(1, 51))
    assert night.rows("select url from captures order by id") == [(f"{BASE}/{number}",) for number in range(50)]


def test_nothing_is_seen_from_outside_before_its_batch_is_committed(night: Night) -> None:
    night.put(article(), A)
    assert seen_from_outside(night.writer.archive, "articles") == 0
    assert night.value("select count(*) from articles") == 1
    night.writer.commit().result()
    assert seen_from_outside(night.writer.archive, "articles") == 1
    assert seen_from_outside(night.writer.archive, "captures") == 1


def test_a_full_batch_is_committed_by_itself(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_writer, "BATCH_OPERATIONS", 4)
    for number in range(1, 11):
        night.capture(f"{BASE}/{number}", b"%d" % number)
        seen = seen_from_outside(night.writer.archive, "captures")
        assert number - seen < 4
    assert seen >= 7


def test_an_article_and_its_frontier_entry_are_committed_together(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.writer.commit().result()
    night.put(article(), A)
    pending = read_rows(night.writer.archive, "select state from frontier")
    assert (pending, seen_from_outside(night.writer.archive, "articles")) == ([("pending",)], 0)
    night.writer.commit().result()
    assert read_rows(night.writer.archive, "select state from frontier") == [("done",)]


def test_the_ledger_is_on_disk_before_the_commit(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real_fsync, real_write = os.fsync, os.write

    def fsync(handle: int) -> None:
        steps.append("sync")
        real_fsync(handle)

    def write(handle: int, data: bytes) -> int:
        steps.append("write")
        return real_write(handle, data)

    night.put(article(), A)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "write", write)
    night.writer.connection.set_trace_callback(steps.append)
    night.writer.commit().result()
    night.writer.connection.set_trace_callback(None)
    steps = [
        step
        for step in steps
        if not step.startswith(("select", "delete from temp.", "--", "update history", "insert into changed_rows"))
    ]
    assert steps[:2] == ["write", "sync"]
    assert "commit" in steps[2:]
    assert "sync" not in steps[2:]
    last = records(night.writer.archive)[-1]
    assert [type(entry) for entry in parse_entries(last.block)] == [PageRead]
    size = read_rows(night.writer.archive, "select size_bytes, closed from warc_files")
    assert size == [(last.position.offset + last.position.length, 0)]


def test_a_commit_without_anything_to_say_writes_nothing(night: Night) -> None:
    before = len(records(night.writer.archive))
    night.writer.commit().result()
    assert len(records(night.writer.archive)) == before


def test_a_run_rolls_over_to_more_files_and_accounts_for_all(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "MAX_FILE_BYTES", 4000)
    with Night(archive, clock) as night:
        for number in range(12):
            night.capture(f"{BASE}/{number}", os.urandom(900))
    files = warc_files(archive.parent / "warc")
    assert len(files) > 2
    rows = read_rows(archive, "select name, size_bytes, closed from warc_files order by serial")
    assert rows == [(path.name, path.stat().st_size, 1) for path in files]


def test_the_next_run_writes_a_file_of_its_own(archive: Path, clock: Clock) -> None:
    for _ in range(3):
        with Night(archive, clock) as night:
            night.capture(f"{BASE}/", b"page")
    assert [row[0] for row in read_rows(archive, "select serial from warc_files order by serial")] == [1, 2, 3]
    assert [row[0] for row in read_rows(archive, "select id from crawls")] == [1, 2, 3]


def test_a_write_that_fails_breaks_every_later_call(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.put(article(), A)
    break_writer(night, monkeypatch)
    with pytest.raises(WarcError) as first:
        night.capture(f"{BASE}/1")
    assert night.writer.broken is first.value
    for call in (
        lambda: night.capture(f"{BASE}/2"),
        lambda: night.put_failure(f"{BASE}/3"),
        night.queries.due,
        night.queries.facts,
        lambda: night.writer.commit().result(),
        lambda: night.value("select 1"),
    ):
        with pytest.raises(WarcError) as later:
            call()
        assert later.value is first.value


def test_a_broken_run_is_marked_failed_with_its_error(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.put(article(), A)
    break_writer(night, monkeypatch)
    with pytest.raises(WarcError):
        night.capture(f"{BASE}/1")
    night.writer.finish("complete")
    row = read_rows(night.writer.archive, "select outcome, reason, finished_at from crawls")
    assert row == [("failed", str(night.writer.broken), "2026-09-01T18:30:00Z")]
    assert seen_from_outside(night.writer.archive, "articles") == 0


def test_the_next_run_brings_a_broken_ones_end_into_the_ledger(
    night: Night, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = night.writer.folder
    break_writer(night, monkeypatch)
    with pytest.raises(WarcError):
        night.capture(f"{BASE}/1")
    night.writer.finish("complete")
    night.writer.close()
    monkeypatch.undo()
    folder.with_name("gone").rename(folder)
    clock.go_on(days=1)
    with Night(night.writer.archive, clock, with_adoption=True):
        pass
    assert [row[0] for row in read_rows(night.writer.archive, "select outcome from crawls")] == ["failed", "complete"]
    ends = [e for r in records(night.writer.archive) for e in parse_entries(r.block) if isinstance(e, CrawlFinished)]
    assert [(entry.crawl_id, entry.outcome) for entry in ends] == [(1, "failed"), (2, "complete")]


def test_a_run_that_died_is_closed_as_interrupted_by_the_next(archive: Path, night: Night, clock: Clock) -> None:
    night.writer.close()
    clock.go_on(days=1)
    with Night(archive, clock, with_adoption=True):
        pass
    rows = read_rows(archive, "select outcome, finished_at from crawls order by id")
    assert rows == [("interrupted", "2026-09-02T18:30:00Z"), ("complete", "2026-09-02T18:30:00Z")]


def test_one_run_at_a_time_holds_an_archive(archive: Path, night: Night) -> None:
    with pytest.raises(ArchiveLockedError, match="another run"):
        open_writer(archive)
    night.writer.close()
    open_writer(archive).close()


def test_a_portal_that_moved_is_refused_and_the_archive_let_go(archive: Path, night: Night) -> None:
    night.writer.close()
    with pytest.raises(PortalMovedError):
        open_writer(archive, base_url="https://elsewhere.vn/")
    assert not is_held(archive)
    writer = open_writer(archive, base_url="https://elsewhere.vn/", moved_from=("https://sapa.example.vn/",))
    writer.begin()
    writer.close()
    assert read_rows(archive, "select base_url from portals") == [("https://elsewhere.vn/",)]


def test_a_newer_schema_is_refused_and_left_untouched(archive: Path, night: Night) -> None:
    night.writer.finish("complete")
    night.writer.close()
    sql = (
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm9999_future', '')"
    )
    change(archive, sql)
    before = archive.read_bytes()
    with pytest.raises(SchemaTooNewError, match="m9999_future"):
        open_writer(archive)
    assert archive.read_bytes() == before
    assert not is_held(archive)


def test_a_database_that_is_no_archive_is_refused_and_left_untouched(archive: Path) -> None:
    connection = sqlite3.connect(archive)
    connection.execute("create table guests (name text)")
    connection.close()
    before = archive.read_bytes()
    with pytest.raises(ArchiveUnusableError, match="not an archive"):
        open_writer(archive)
    assert archive.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_untouched(archive: Path) -> None:
    archive.write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArchiveUnusableError) as caught:
        open_writer(archive)
    assert str(archive) in str(caught.value)
    assert not isinstance(caught.value, WrongUseError)
    assert archive.read_bytes() == b"not a database at all" * 100


def test_a_path_that_cannot_be_an_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "archive.db", tmp_path):
        with pytest.raises(ArchiveUnusableError):
            open_writer(path)


def test_the_bytes_of_all_payloads_are_counted(night: Night) -> None:
    night.capture(f"{BASE}/1", b"12345")
    night.capture(f"{BASE}/2", b"12345")
    assert night.writer.payload_bytes == 10
