"""Nights on which the file store is ill: cut pictures and placeholders are no edits, and a rebuild says the same."""

from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from crawler.replica import Replica
from tests.support.crawling import Ended, command, crawl, rows, tables, value


def night(portal: Replica, folder: Path, number: int, *arguments: str) -> Ended:
    now = f"{date(2025, 6, 1) + timedelta(days=number)}T01:00:00+07:00"
    return crawl(portal, folder, *arguments, extra={"PORTAL_ARCHIVE_NOW": now})


def pictures_of(archive: Path, portal: Replica) -> list[str]:
    """Give the addresses of held pictures on the file host, each in one article."""
    sql = """select f.url from files f join images i on i.sha256 = f.sha256 where f.role = 'image' and f.url like ?
      and (select count(*) from article_images a where a.url = f.url) = 1 order by f.url"""
    return [row["url"] for row in rows(archive, sql, f"http://{portal.files_host}/%")]


def assert_equal_rebuild(archive: Path, tmp_path: Path) -> None:
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "new.db").code == 0
    assert tables(archive) == tables(tmp_path / "new.db")


@pytest.mark.slow
def test_cut_pictures_are_no_edits_and_the_whole_ones_come_later(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=24) as portal:
        portal.faults.set("@file-host", "file-half")
        night(portal, tmp_path, 1)
        failed = "select count(*) from crawl_errors where kind = 'truncated'"
        assert value(archive, failed) > 5
        assert value(archive, "select count(*) from file_events") == 0
        portal.faults.clear()
        assert night(portal, tmp_path, 2).code == 0
        assert value(archive, "select count(*) from files where error = 'truncated'") == 0
        for url in pictures_of(archive, portal)[:4]:
            portal.faults.set(unquote(urlsplit(url).path), "file-half")
        before = value(archive, failed)
        assert night(portal, tmp_path, 3, "--full", "--files").code == 0
        assert value(archive, failed) == before + 4
    edited = """select count(*) from revisions r join revision_images i on i.article_id = r.article_id
      and i.number = r.number where r.number > 1 and r.changed like '%images%'"""
    assert value(archive, edited) == 0
    assert value(archive, "select count(*) from file_events where role = 'image'") == 0
    assert_equal_rebuild(archive, tmp_path)


@pytest.mark.slow
def test_a_placeholder_in_place_of_files_is_no_edit_and_one_true_replacement_is(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    edited = "select count(*) from revisions where number > 1"
    with Replica(articles=24) as portal:
        assert night(portal, tmp_path, 1).code == 0
        one, two, three, *more = pictures_of(archive, portal)
        assert len(more) > 3
        portal.faults.set("@file-host", "file-placeholder")
        ill = night(portal, tmp_path, 2, "--full", "--files")
        assert ill.code == 3, ill.out
        assert value(archive, "select reason_kind from crawls where id = 2") == "files-placeholder"
        assert value(archive, "select count(*) from crawl_errors where kind = 'placeholder'") > len(more)
        portal.faults.clear()
        assert night(portal, tmp_path, 3, "--full", "--files").code == 0
        assert value(archive, "select count(*) from files where error = 'placeholder'") == 0
        assert value(archive, edited) == 0
        # Too few to speak for themselves: the store gives the same for a file that does not exist.
        portal.faults.set("^.*khong-co-tep", "file-placeholder")
        for url, kind in ((one, "file-placeholder"), (two, "file-placeholder"), (three, "file-replaced")):
            portal.faults.set(unquote(urlsplit(url).path), kind)
        assert night(portal, tmp_path, 4, "--full", "--files").code == 0
    errors = rows(archive, "select url, message_kind from crawl_errors where kind = 'placeholder' and crawl_id = 4")
    assert {(row["url"], row["message_kind"]) for row in errors} == {
        (one, "file-for-nothing"),
        (two, "file-for-nothing"),
    }
    assert value(archive, edited) == 1
    assert [row["url"] for row in rows(archive, "select url from file_events")] == [three]
    assert_equal_rebuild(archive, tmp_path)
