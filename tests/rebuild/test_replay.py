"""A start after a death: WARC records after the last commit become rows, as without the death."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.archive.warc import writer as warc
from crawler.archive.warc.reader import warc_files
from crawler.items import Purpose
from crawler.rebuild.adoption import adopt
from crawler.search.hits import search_articles
from tests.support.archives.rows import TABLES, all_rows, copy_archive
from tests.support.build import (
    BASE,
    Clock,
    Night,
    article_page,
    listing_page,
    make_archive,
    new_address,
    read_rows,
    small_portal,
)

A = new_address(1, "mot")
PAGE = article_page("Một", "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng.")


@pytest.fixture
def died(tmp_path: Path, clock: Clock) -> Iterator[tuple[Night, Path]]:
    """A run that wrote its ledger but did not commit, and the archive on disk at that time."""
    night = Night(tmp_path / "alive" / "archive.db", clock)
    small_portal(night)
    dead = copy_archive(night.writer.archive, tmp_path / "dead")
    night.writer.commit().result()
    shutil.rmtree(dead.parent / "warc")
    shutil.copytree(night.writer.folder, dead.parent / "warc")
    yield night, dead
    night.writer.close()


def start(archive: Path, clock: Clock) -> Night:
    return Night(archive, clock, with_adoption=True)


def no_fault(archive: Path) -> bool:
    return verify(archive).differences == []


def test_rows_after_an_adoption_equal_those_of_the_undisturbed_run(died: tuple[Night, Path], clock: Clock) -> None:
    alive, dead = died
    assert read_rows(dead, "select count(*) from captures") == [(0,)]
    with start(dead, clock) as night:
        assert night.adopted is not None
        assert (night.adopted.captures, night.adopted.torn_bytes) == (11, 0)
        later = night.writer.crawl_id
    tables = [name for name in TABLES if name != "crawls"]
    adopted, undisturbed = all_rows(dead, tables), all_rows(alive.writer.archive, tables)
    for name in tables:
        assert adopted[name] == undisturbed[name], name
    rows = read_rows(dead, "select id, outcome, requests, articles_new from crawls order by id")
    assert rows == [(1, "interrupted", 12, 3), (later, "complete", 0, 0)]
    assert no_fault(dead)


def test_a_search_finds_adopted_articles(died: tuple[Night, Path], clock: Clock) -> None:
    _, dead = died
    with start(dead, clock) as night:
        assert [hit.article_id for hit in search_articles(night.writer.connection, "trong cay").hits] == [
            1,
            2,
            3,
        ]  # 3 has no date


def test_captures_without_a_ledger_become_rows_and_their_pages_stay_due(archive: Path, clock: Clock) -> None:
    alive = Night(archive.parent / "alive" / "archive.db", clock)
    alive.read(f"{BASE}/tin-tuc", listing_page([(A, "Một", None)]), Purpose.LISTING)
    alive.writer.commit().result()
    alive.read(A.url, PAGE)
    dead = copy_archive(alive.writer.archive, archive.parent / "dead")
    captures = alive.rows("select * from captures order by id")
    alive.writer.close()
    with start(dead, clock) as night:
        assert night.adopted is not None
        assert night.adopted.captures == 1
        assert night.rows("select * from captures order by id") == captures
        assert night.rows("select * from articles") == []
        assert [entry.url for entry in night.queries.due()] == [A.url]
        assert night.read(A.url, PAGE) == 1
        assert night.rows("select record_type from captures order by id desc limit 1") == [("revisit",)]
    assert no_fault(dead)


def test_a_torn_record_is_cut_off_wherever_the_death_struck(died: tuple[Night, Path], clock: Clock) -> None:
    _, dead = died
    (path,) = warc_files(dead.parent / "warc")
    whole = path.read_bytes()
    for number, cut in enumerate(range(1, len(whole), len(whole) // 12)):
        copy = copy_archive(dead, dead.parent / f"copy-{number}")
        (torn,) = warc_files(copy.parent / "warc")
        torn.write_bytes(whole[: len(whole) - cut])
        committed = read_rows(dead, "select size_bytes from warc_files")[0][0]
        if len(whole) - cut < committed:
            continue
        with start(copy, clock) as night:
            assert night.adopted is not None
            assert night.adopted.torn_bytes < len(whole) - committed
        assert no_fault(copy)
        assert all(path.suffix == ".gz" for path in warc_files(copy.parent / "warc"))


def test_a_file_torn_in_its_first_record_does_not_stop_a_start(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(A.url, PAGE)
    folder = archive.parent / "warc"
    (folder / "sapa-20260902183000000-00002.warc.gz.open").write_bytes(b"\x1f\x8b\x08\x00\x00")
    with start(archive, clock) as night:
        assert night.adopted is not None
        assert (night.adopted.captures, night.adopted.torn_bytes) == (0, 5)
        night.capture(f"{BASE}/")
    assert no_fault(archive)
    assert read_rows(archive, "select serial from warc_files order by serial") == [(1,), (2,), (3,)]


def test_an_adoption_that_dies_is_repeated_by_the_next_start(died: tuple[Night, Path], clock: Clock) -> None:
    _, dead = died
    twice = copy_archive(dead, dead.parent / "twice")
    with start(dead, clock):
        pass
    first = start(twice, clock)  # adopts and begins, then dies
    first.writer.close()
    with start(twice, clock):
        pass
    for name in ("captures", "articles", "revisions", "article_events"):
        assert all_rows(twice, [name]) == all_rows(dead, [name])
    assert [row[0] for row in read_rows(twice, "select outcome from crawls")] == [
        "interrupted",
        "interrupted",
        "complete",
    ]


def test_nothing_is_adopted_twice_or_from_a_clean_archive(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(A.url, PAGE)
    before = all_rows(archive)
    night = start(archive, clock)
    assert night.adopted is not None
    assert (night.adopted.captures, night.adopted.torn_bytes) == (0, 0)
    assert adopt(night.writer).captures == 0
    night.writer.close()
    assert {name: rows for name, rows in all_rows(archive).items() if name != "crawls"} == {
        name: rows for name, rows in before.items() if name != "crawls"
    }


def test_a_death_between_rename_and_commit_is_no_difference(archive: Path, clock: Clock) -> None:
    night = Night(archive, clock)
    night.read(A.url, PAGE)
    night.writer.commit().result()
    night.writer.close()
    (path,) = warc_files(archive.parent / "warc")
    path.rename(path.with_name(path.name.removesuffix(".open")))
    assert read_rows(archive, "select closed from warc_files") == [(0,)]
    with start(archive, clock):
        pass
    assert read_rows(archive, "select closed from warc_files") == [(1,), (1,)]
    assert no_fault(archive)


def test_a_run_that_rolled_over_and_died_is_adopted_over_all_its_files(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "MAX_FILE_BYTES", 3000)
    alive = Night(tmp_path / "alive" / "archive.db", clock)
    small_portal(alive)
    dead = copy_archive(alive.writer.archive, tmp_path / "dead")
    alive.writer.commit().result()
    shutil.rmtree(dead.parent / "warc")
    shutil.copytree(alive.writer.folder, dead.parent / "warc")
    assert len(warc_files(dead.parent / "warc")) > 2
    monkeypatch.undo()
    with start(dead, clock):
        pass
    for name in ("captures", "articles", "article_urls", "revisions", "images", "frontier"):
        assert all_rows(dead, [name]) == all_rows(alive.writer.archive, [name]), name
    alive.writer.close()
    assert no_fault(dead)


def test_a_damaged_record_after_the_last_commit_is_left_out_and_named_and_the_run_starts(
    died: tuple[Night, Path], clock: Clock
) -> None:
    _, dead = died
    (path,) = warc_files(dead.parent / "warc")
    data = bytearray(path.read_bytes())
    data[-200] ^= 0xFF
    path.write_bytes(data)
    with start(dead, clock) as night:
        assert night.adopted is not None
        assert night.adopted.captures == 11
        (loss,) = night.adopted.losses
        assert loss.kind == "damaged-record"
        assert path.name.removesuffix(".open") in loss.line()
        night.read(A.url, PAGE)
    assert read_rows(dead, "select kind, what from losses") == [(loss.kind, loss.what)]
    assert no_fault(dead)
    with start(dead, clock) as later:
        assert later.adopted is not None
        assert (later.adopted.captures, later.adopted.losses) == (0, ())
    assert no_fault(dead)


def test_a_second_night_goes_on_after_an_adoption(tmp_path: Path, clock: Clock) -> None:
    archive = make_archive(tmp_path / "a", nights=1)
    clock.go_on(days=1)
    night = Night(archive, clock)
    small_portal(night, edition=2)
    night.writer.commit().result()
    night.writer.close()
    clock.go_on(days=1)
    with start(archive, clock) as third:
        third.read(A.url, PAGE)
    assert [row[0] for row in read_rows(archive, "select outcome from crawls order by id")] == [
        "complete", "interrupted", "complete",
    ]  # fmt: skip
    assert no_fault(archive)
