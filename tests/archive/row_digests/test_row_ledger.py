"""The ledger has the digests of every row that a run, an act of the operator or a text wrote."""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.archive.row_digests.row_ledger import is_in_ledger, read_unledgered
from crawler.archive.row_digests.shapes import WITHOUT_DIGESTS, digest_rows, read_shapes, scan
from crawler.archive.row_digests.tracker import RowTracker
from crawler.archive.warc.ledger import parse_rows
from crawler.archive.warc.reader import warc_files
from crawler.archive.withheld.open_whole import open_whole
from tests.support.build import Clock, Night, make_archive, small_portal
from tests.support.wire.warc_records import read_records
from tests.support.withholding import SECRET, act, make_nights

FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "archive-0.1.0"


def _ledgered(archive: Path) -> dict[str, dict[str, str]]:
    """Give the digests that the ledger ends with."""
    found: dict[str, dict[str, str | None]] = {}
    for path in warc_files(archive.parent / "warc"):
        for record in read_records(path, kinds=("metadata",)):
            rows = parse_rows(record.block)
            found = {} if rows and rows.anew else found
            for name, digests in (rows.digests if rows else {}).items():
                found.setdefault(name, {}).update(digests)
    kept = {name: {key: one for key, one in rows.items() if one} for name, rows in found.items()}
    return {name: rows for name, rows in kept.items() if rows}


def _held(archive: Path) -> Mapping[str, dict[str, str]]:
    with closing(open_whole(archive)) as connection:
        found = {table.name: dict(scan(connection, table)) for table in read_shapes(connection)}
    return {name: rows for name, rows in found.items() if rows}


def test_every_table_has_digests_or_a_reason_why_not(tmp_path: Path) -> None:
    with closing(open_for_writing(tmp_path / "archive.db")) as connection:
        names = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        shapes = {table.name for table in read_shapes(connection)}
    apart = {name for name in names if name.startswith(("_", "sqlite_", "articles_fts"))}
    assert shapes == names - apart - set(WITHOUT_DIGESTS)
    assert set(WITHOUT_DIGESTS) <= names


def test_the_ledger_of_several_nights_has_the_digest_of_every_row(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=3)
    assert _ledgered(archive) == _held(archive)
    assert {"articles", "revision_rows", "images", "crawl_errors", "misses", "frontier"} <= _held(archive).keys()


def test_withheld_rows_and_what_an_operator_does_are_in_the_ledger(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    make_nights(archive, clock, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=clock())
    assert _ledgered(archive) == _held(archive)
    make_nights(archive, clock, first=3, last=4)
    assert _ledgered(archive) == _held(archive)
    act(archive, "release", SECRET.url, at=clock())
    assert _ledgered(archive) == _held(archive)


def test_the_first_run_on_an_older_archive_writes_the_digests_of_all_rows(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "old")
    archive = tmp_path / "old" / "archive.db"
    with closing(open_for_writing(archive)) as connection:
        assert not is_in_ledger(connection)
    with Night(archive, Clock(), with_adoption=True) as night:
        small_portal(night)
    assert _ledgered(archive) == _held(archive)


def test_the_digest_of_a_text_waits_for_the_next_run_under_no_name(tmp_path: Path, clock: Clock) -> None:
    archive = make_archive(tmp_path)
    clock.go_on(days=1)
    with closing(open_for_writing(archive)) as connection:
        (sha256,) = connection.execute("select sha256 from attachments").fetchone()
        put_text(connection, archive, sha256=sha256, held=HeldText(TextReading("Kế hoạch", "pdf"), 1))
        assert read_unledgered(connection) == {"attachment_texts": _held(archive)["attachment_texts"]}
        assert sha256 not in str([tuple(row) for row in connection.execute("select * from _row_ledger")])
    with Night(archive, clock) as night:
        small_portal(night, edition=2)
    assert _ledgered(archive) == _held(archive)
    with closing(open_for_writing(archive)) as connection:
        assert read_unledgered(connection) == {}


def test_what_a_dead_run_left_keeps_its_digests(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    night = Night(archive, clock)
    small_portal(night)
    night.writer.commit().result()
    night.put_gone(SECRET.url)
    night.writer.close()
    with Night(archive, clock, with_adoption=True) as later:
        small_portal(later, edition=2)
    assert _ledgered(archive) == _held(archive)


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(
        """create table things (name text, place text, size integer not null default 0, primary key (name, place));
           create table article_dates (article_id integer, day text);
           create table small (id text primary key, data blob) without rowid;"""
    )
    return connection


def test_a_tracker_notes_inserts_updates_deletions_and_new_keys(connection: sqlite3.Connection) -> None:
    tracker = RowTracker(connection)
    connection.execute("insert into things values ('à', 'x', 1), ('b', 'x', 0)")
    connection.execute("insert into small values ('k', x'00ff')")
    first = tracker.take()
    assert {name: list(rows) for name, rows in first.items()} == {
        "things": ['["à","x"]', '["b","x"]'],
        "small": ['"k"'],
    }
    assert tracker.take() == {}
    connection.execute("update things set place = 'y' where name = 'b'")
    connection.execute("delete from small")
    assert tracker.take() == {
        "things": {'["b","x"]': None, '["b","y"]': first["things"]['["b","x"]']}, "small": {'"k"': None},
    }  # fmt: skip


def test_a_tracker_digests_a_table_without_a_key_by_group(connection: sqlite3.Connection) -> None:
    tracker = RowTracker(connection)
    connection.execute("insert into article_dates values (1, 'a'), (1, 'b'), (2, 'a')")
    both = tracker.take()["article_dates"]
    connection.execute("delete from article_dates where article_id = 1 and day = 'b'")
    one = tracker.take()["article_dates"]
    assert (list(both), list(one)) == (["1", "2"], ["1"])
    assert both["1"] != one["1"] == both["2"]


def test_a_rollback_takes_the_notes_back(connection: sqlite3.Connection) -> None:
    tracker = RowTracker(connection)
    connection.execute("begin")
    connection.execute("insert into small values ('k', null)")
    connection.execute("rollback")
    assert tracker.take() == {}


def test_a_new_column_with_its_default_changes_no_digest(connection: sqlite3.Connection) -> None:
    connection.execute("insert into things values ('a', 'x', 1)")

    def digests() -> dict[str, str]:
        (table,) = (table for table in read_shapes(connection) if table.name == "things")
        rows = connection.execute(f"{table.select} order by name").fetchall()
        return dict(digest_rows(table, rows))

    before = digests()
    connection.execute("alter table things add column later text")
    connection.execute("alter table things add column count integer not null default 7")
    assert digests() == before
    connection.execute("update things set count = 8")
    assert digests() != before
