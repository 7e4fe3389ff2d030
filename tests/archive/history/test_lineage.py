"""Each run names the record before it; ids jump where another copy of the archive may have given some."""

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.archive.history import lineage
from crawler.archive.history.place import note_restored
from crawler.archive.warc.ledger import parse_entries, parse_link
from crawler.archive.warc.reader import serial_of, warc_files
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.one_article_nights import crawl
from tests.support.archives.rows import all_rows
from tests.support.build import Clock, Night, read_rows
from tests.support.wire.warc_records import read_records
from tests.support.withholding import act

COLUMNS = "record_id, parent, archive, history, records, last_record_id"


def _ledger(archive: Path) -> list[tuple[str, bytes]]:
    found = [record for path in warc_files(archive.parent / "warc") for record in read_records(path)]
    return [(record.record_id, record.block) for record in found if record.kind == "metadata"]


def _ids(archive: Path) -> tuple[int, int, int, int]:
    """Give the highest article, capture, crawl and serial."""
    sql = """select (select max(id) from articles), (select max(id) from captures), (select max(id) from crawls),
             (select max(serial) from warc_files)"""
    return read_rows(archive, sql)[0]  # type: ignore[return-value]


def test_each_run_and_act_names_the_ledger_record_before_it(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, 1)
    act(archive, "withhold", "1", at=clock())
    act(archive, "release", "1", at=clock())
    crawl(archive, clock, 2)
    rows = read_rows(archive, f"select {COLUMNS} from history order by id")
    records = [record_id for record_id, _ in _ledger(archive)]
    links = {record_id: link for record_id, block in _ledger(archive) if (link := parse_link(block))}
    assert len(rows) == 4
    assert sum(row[4] for row in rows) == len(records)
    assert rows[0][1] is None
    for before, row in pairwise(rows):
        assert row[1] == before[5] == records[records.index(row[0]) - 1]
    assert {row[0] for row in rows} == set(links)
    assert len({(row[2], row[3]) for row in rows}) == 1
    assert rows[0][2] == rows[0][3] == links[rows[0][0]].archive
    assert all(link.above is None for link in links.values())


def test_every_warc_file_says_to_which_history_it_belongs(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, 1)
    crawl(archive, clock, 2)
    (name,) = {row[0] for row in read_rows(archive, "select archive from history")}
    parents = [row[0] for row in read_rows(archive, "select parent from history order by id")]
    for path in warc_files(archive.parent / "warc"):
        info = next(read_records(path)).block.decode()
        assert f"archive: {name}\r\nhistory: {name}\r\n" in info
    assert f"parent: {parents[1]}\r\n" in info


def test_runs_at_one_place_give_ids_without_gaps(archive: Path, clock: Clock) -> None:
    assert [crawl(archive, clock, number) for number in (1, 2, 3)] == [1, 2, 3]
    assert _ids(archive) == (3, 3, 3, 3)


def _copied(archive: Path) -> Path:
    return Path(shutil.copytree(archive.parent, archive.parent.with_name("copy"))) / archive.name


def _without_note(archive: Path) -> Path:
    shutil.rmtree(archive.parent / ".history")
    return archive


def _with_torn_note(archive: Path) -> Path:
    (archive.parent / ".history" / "known.json").write_text('{"here": ', encoding="utf-8")
    return archive


def _rebuilt_without_the_last_file(archive: Path) -> Path:
    warc_files(archive.parent / "warc")[-1].unlink()
    archive.unlink()
    rebuild(archive, archive)
    return archive


def _emptied(archive: Path) -> Path:
    archive.unlink()
    shutil.rmtree(archive.parent / "warc")
    return archive


@pytest.mark.parametrize("lose", [_copied, _without_note, _with_torn_note, _rebuilt_without_the_last_file, _emptied])
def test_ids_jump_where_another_copy_may_have_given_some(lose: object, tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "one" / "archive.db"
    archive.parent.mkdir()
    for number in (1, 2):
        crawl(archive, clock, number)
    taken = _ids(archive)
    other = lose(archive)  # type: ignore[operator]
    jumped = crawl(other, clock, 3)
    assert jumped > taken[0] + 1_000_000
    for before, after in zip(taken, _ids(other), strict=True):
        assert after > before + 90_000
    # Only once: the copy goes on at its own place.
    assert crawl(other, clock, 4) == jumped + 1
    assert read_rows(other, "select count(*) from history where article_above is not null") == [(1,)]
    names = read_rows(other, "select archive, history from history order by id")
    assert names[-1] == names[-2]
    assert names[-1][0] != names[-1][1]


def test_ids_jump_above_those_that_a_restore_noted_also_if_its_files_are_lost_again(
    tmp_path: Path, clock: Clock
) -> None:
    archive = tmp_path / "one" / "archive.db"
    archive.parent.mkdir()
    note_restored(archive, {"article": 50_000_000, "capture": 7_000_000_000})
    assert crawl(archive, clock, 1) > 51_000_000
    assert read_rows(archive, "select min(id) from captures")[0][0] > 7_000_000_000
    note_restored(archive, {"article": 10})  # what was known already still counts
    assert crawl(archive, clock, 2) > 51_000_000


def test_two_copies_jump_apart(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "one" / "archive.db"
    archive.parent.mkdir()
    crawl(archive, clock, 1)
    ids = []
    for name in ("two", "three"):
        copy = Path(shutil.copytree(archive.parent, tmp_path / name)) / archive.name
        ids.append((crawl(copy, clock, 2), *_ids(copy)))
    assert all(abs(one - other) > 1 for one, other in zip(*ids, strict=True))


def test_a_jump_stands_in_the_ledger_before_the_first_capture_and_a_rebuild_makes_the_same(
    tmp_path: Path, clock: Clock
) -> None:
    archive = tmp_path / "one" / "archive.db"
    archive.parent.mkdir()
    crawl(archive, clock, 1)
    copy = _copied(archive)
    for number in (2, 3):
        crawl(copy, clock, number)
    act(copy, "withhold", "1", at=clock())
    path = warc_files(copy.parent / "warc")[1]
    kinds = [record.kind for record in read_records(path)]
    assert kinds.index("metadata") < kinds.index("request")
    first = next(record for record in read_records(path) if record.kind == "metadata")
    link = parse_link(first.block)
    assert link is not None
    assert link.above is not None
    assert link.above.serial < serial_of(path)
    assert parse_entries(first.block)[0].crawl_id == link.above.crawl + 1  # type: ignore[union-attr]
    rebuild(copy, copy.with_name("new.db"))
    tables = ["history", "captures", "crawls", "articles", "withholdings", "warc_files"]
    assert all_rows(copy.with_name("new.db"), tables) == all_rows(copy, tables)


def test_a_history_has_reached_what_it_holds_and_no_more(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "one" / "archive.db"
    archive.parent.mkdir()
    crawl(archive, clock, 1)
    copy = _copied(archive)
    with Night(archive, clock) as one, Night(copy, clock) as other:
        first, second = lineage.read_head(one.writer.connection), lineage.read_head(other.writer.connection)
        assert first is not None
        assert second is not None
        assert lineage.has_reached(one.writer.connection, first)
        assert not lineage.has_reached(one.writer.connection, second)
        assert not lineage.has_reached(other.writer.connection, first)
        before = one.rows("select archive, history, record_id, records, last_record_id from history where id = 1")[0]
        assert lineage.has_reached(other.writer.connection, lineage.Head(*before))
        later = lineage.Head(before[0], before[1], before[2], before[3] + 1, "urn:uuid:other")
        assert not lineage.has_reached(other.writer.connection, later)
