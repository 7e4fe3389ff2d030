"""A rebuild: the WARC files alone give equal rows, row ids included, with equal search results."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.articles import search_index
from crawler.archive.articles.search_index import has_pairs
from crawler.archive.database import open_for_reading
from crawler.archive.fixity import verify
from crawler.archive.warc import writer as warc
from crawler.archive.warc.ledger import PageRead
from crawler.archive.warc.reader import warc_files
from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.items import PageReading, Refusal
from crawler.rebuild.rebuild import rebuild
from crawler.search.hits import search_articles
from crawler.sentences import say
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import BASE, Clock, Night, article_page, make_archive, new_address, small_portal

# Tables that the small portal leaves empty. Their rebuild is tested below and in `archive/articles/test_merges.py`.
ELSEWHERE = {"article_redirects", "quarantined_readings", "unkept", "unread_looks", "unverified_hosts"}


def found(archive: Path, text: str) -> list[tuple[int, str]]:
    connection = open_for_reading(archive)
    try:
        return [(hit.article_id, hit.url) for hit in search_articles(connection, text).hits]
    finally:
        connection.close()


def assert_equal_rows(one: Path, other: Path) -> None:
    rows, others = all_rows(one), all_rows(other)
    for name in TABLES:
        assert rows[name] == others[name], name


def test_the_index_of_a_large_rebuilt_archive_has_pairs_of_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "PAIRED_FROM", 2)
    archive = make_archive(tmp_path / "crawled", nights=3)
    into = archive.with_name("new.db")
    rebuild(archive, into, processes=0)
    with closing(open_for_reading(archive)) as held, closing(open_for_reading(into)) as new:
        assert has_pairs(held)
        meta = "select * from search_meta order by key"
        assert [tuple(row) for row in held.execute(meta)] == [tuple(row) for row in new.execute(meta)]
    assert verify(into).differences == []


def test_a_rebuild_into_a_folder_that_does_not_exist_names_the_folder(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "crawled")
    with pytest.raises(WrongUseError, match=rf"the folder {tmp_path}/missing does not exist"):
        rebuild(archive, tmp_path / "missing" / "new.db")


@pytest.fixture
def rebuilt(tmp_path: Path) -> tuple[Path, Path]:
    """An archive of three nights, and the database rebuilt from its WARC files alone, elsewhere."""
    archive = make_archive(tmp_path / "crawled", nights=3)
    alone = tmp_path / "alone" / "archive.db"
    shutil.copytree(archive.parent / "warc", alone.parent / "warc")
    into = alone.with_name("new.db")
    made = rebuild(alone, into)
    assert made.captures == all_rows(archive, ["captures"])["captures"][-1][1]
    assert made.lines() == []
    return archive, into


def test_a_rebuilt_database_equals_the_crawled_one_row_for_row_ids_included(rebuilt: tuple[Path, Path]) -> None:
    crawled, into = rebuilt
    tables = (*TABLES, "history")
    rows, others = all_rows(crawled, tables), all_rows(into, tables)
    for name in tables:
        assert rows[name] == others[name], name
        assert rows[name] or name in ELSEWHERE, f"{name} is empty and proves nothing"


def test_a_rebuilt_database_finds_and_verifies_the_same(rebuilt: tuple[Path, Path]) -> None:
    crawled, into = rebuilt
    for text in ("trong cay", "Mới", "moi", "ba"):
        assert found(into, text) == found(crawled, text) != []
    rebuilt_found, crawled_found = verify(into), verify(crawled)
    assert rebuilt_found.differences == crawled_found.differences == []
    for name in ("records", "captures", "files", "articles", "revisions"):
        assert getattr(rebuilt_found, name) == getattr(crawled_found, name), name


def test_a_rebuild_touches_no_warc_file(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (tmp_path / "warc").iterdir()}
    rebuild(archive, tmp_path / "new.db")
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in (tmp_path / "warc").iterdir()} == before


def test_a_rebuild_over_many_files_is_equal_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "MAX_FILE_BYTES", 3000)
    archive = make_archive(tmp_path, nights=2)
    assert len(warc_files(tmp_path / "warc")) > 5
    rebuild(archive, tmp_path / "new.db")
    assert_equal_rows(archive, tmp_path / "new.db")


def test_a_rebuild_after_a_death_and_its_adoption_is_equal_too(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    dead = Night(archive, clock)
    small_portal(dead)
    dead.writer.close()  # before its commit: captures only, no ledger
    clock.go_on(days=1)
    with Night(archive, clock, with_adoption=True) as night:
        small_portal(night, edition=2)
    rebuild(archive, tmp_path / "new.db")
    assert_equal_rows(archive, tmp_path / "new.db")


def test_a_rebuild_leaves_out_a_record_that_is_being_written(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    night = Night(archive, clock)
    night.read(new_address(1).url, article_page("Một", "Sáng nay họp hội nghị tổng kết phong trào trồng cây."))
    night.writer.commit().result()
    (path,) = warc_files(tmp_path / "warc")
    path.write_bytes(path.read_bytes() + b"\x1f\x8b\x08\x00")
    assert rebuild(archive, tmp_path / "new.db").captures == 1
    for name in ("captures", "articles", "revisions", "crawls"):
        assert all_rows(archive, [name]) == all_rows(tmp_path / "new.db", [name])
    night.writer.close()


def test_an_id_that_a_ledger_gives_later_is_not_given_to_another_article(tmp_path: Path, clock: Clock) -> None:
    # Today's parser may read an article where the crawl's did not: it must not take the id of a later article.
    archive = tmp_path / "archive.db"
    refused, read = new_address(1, "mot"), new_address(2, "hai")
    page = article_page("Một", "Sáng nay họp hội nghị tổng kết phong trào trồng cây.")
    with Night(archive, clock) as night:
        capture = night.capture(refused.url, page.encode())
        reading = PageReading(refusal=Refusal("another-layout", say("other", text="not read by yesterday's parser")))
        night.writer.apply_page(PageRead(capture.record_id, "article", refused.url), reading, addresses=()).result()
        night.read(read.url, article_page("Hai", "Chiều nay họp hội nghị khác hẳn."))
    rebuild(archive, tmp_path / "new.db")
    urls = all_rows(tmp_path / "new.db", ["article_urls"])["article_urls"]
    assert {row[2]: row[3] for row in urls} == {read.url: 1, refused.url: 2}


def test_an_existing_database_is_never_written_over(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    before = archive.read_bytes()
    with pytest.raises(WrongUseError, match="exists already"):
        rebuild(archive, archive)
    assert archive.read_bytes() == before


def test_without_warc_files_there_is_nothing_to_rebuild(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnusableError, match="no WARC files"):
        rebuild(tmp_path / "archive.db", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_half_done_earlier_rebuild_is_replaced(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    (tmp_path / "new.db.part").write_bytes(os.urandom(5000))
    (tmp_path / "new.db.part-wal").write_bytes(b"x")
    rebuild(archive, tmp_path / "new.db")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("new.")] == ["new.db"]
    assert_equal_rows(archive, tmp_path / "new.db")


def test_a_base_url_of_the_portal_is_kept(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    rebuild(archive, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db", ["portals"])["portals"][0][3] == f"{BASE}/"


def test_readings_put_aside_as_suspect_are_put_aside_by_a_rebuild_too(
    archive: Path, clock: Clock, tmp_path: Path
) -> None:
    at, long = new_address(1, "mot").url, "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây. " * 6
    for body in (long, "Còn ba chữ.", "Còn ba chữ.", long):
        with Night(archive, clock) as night:
            assert night.read(at, article_page("Một", body)) == 1
        clock.go_on(days=1)
    rebuild(archive, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db") == all_rows(archive)
    rows = all_rows(archive, ["quarantined_readings", "revisions"])
    assert (len(rows["quarantined_readings"]), len(rows["revisions"])) == (2, 1)


def test_a_pass_over_midnight_has_one_night_after_a_rebuild_too(archive: Path, clock: Clock, tmp_path: Path) -> None:
    at = new_address(1, "mot").url
    clock.go_on(hours=22)  # 23:30 at the portal
    for page in (article_page("Một", "Thân bài."), None):
        with Night(archive, clock) as night:
            clock.go_on(hours=1)
            if page:
                night.read(at, page)
            else:
                night.put_gone(at)
        clock.go_on(hours=23)
    rebuild(archive, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db") == all_rows(archive)
    assert all_rows(archive, ["misses"])["misses"][0][2] == "2026-09-03"
