"""Nights on portals that name more than a night can ask for: the good articles come, and what is left is said."""

from pathlib import Path

import pytest

from crawler.replica import Replica
from crawler.replica.server import trap_faults
from tests.support.crawling import Ended, command, crawl, rows, value

PAGER = "ArticleInMenuPagination"


def _night(portal: Replica, folder: Path, **limits: int) -> Ended:
    return crawl(portal, folder, limits={"disk_reserve_bytes": 0, **limits}, pace={"delay_seconds": 0})


def _reason(folder: Path) -> str:
    return str(value(folder / "archive.db", "select reason from crawls order by id desc limit 1"))


def _lacking(portal: Replica, folder: Path) -> list[str]:
    """Give the listed articles of the portal that are not held by any of their addresses."""
    held = {row["url"] for row in rows(folder / "archive.db", "select url from article_urls")}
    listed = [one for one in portal.truth().articles if one.listed and one.state == "live"]
    return [one.url for one in listed if one.url not in held and one.old_url not in held]


def _unlisted(folder: Path) -> int:
    return int(
        value(folder / "archive.db", "select count(*) from article_events where kind in ('unlisted', 'removed')")
    )


def test_a_pager_without_end_keeps_no_article_waiting(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        portal.faults.set("@listings", "many-pages")
        portal.faults.set("@pager", "endless-pager")
        ended = _night(portal, tmp_path, listing_pages=8, new_articles=120)
        assert ended.code == 3, ended.err
        assert _lacking(portal, tmp_path) == []
        assert "the bound of 8 pages is reached; the next run goes on here" in _reason(tmp_path)
        assert "the run's bound of 120 new articles is reached" in _reason(tmp_path)
        assert "left to the next run" in _reason(tmp_path)
        assert value(archive, "select count(*) from listing_walks where cut_at = 9 and not to_end and not whole") > 0
        first = value(archive, "select min(capture_id) from articles")
        assert first < value(archive, f"select max(id) from captures where url like '%{PAGER}%'")

        assert _night(portal, tmp_path, listing_pages=8, new_articles=20).code == 3
        assert rows(archive, "select 1 from listing_walks where crawl_id = 2 and resumed_at = 7 and cut_at > 11")
        assert _unlisted(tmp_path) == 0

        portal.faults.clear()
        ended = _night(portal, tmp_path)
        assert (ended.code, _reason(tmp_path)) == (0, "None"), ended.err
        assert _lacking(portal, tmp_path) == []
        assert value(archive, "select count(*) from articles where state <> 'live'") == 0
    assert _unlisted(tmp_path) == 0


@pytest.mark.parametrize("kind", ["invented-links", "calendar", "invented-menu", "invented-queries"])
def test_invented_addresses_keep_no_article_waiting(tmp_path: Path, kind: str) -> None:
    with Replica(articles=40) as portal:
        portal.faults.set("@articles", kind)
        portal.faults.set("@pages", kind)
        ended = _night(portal, tmp_path, links=25, menu_entries=30, requisites=60)
        assert ended.code in (0, 3), _reason(tmp_path)
        assert _lacking(portal, tmp_path) == []
        if kind != "calendar":
            assert ended.code == 3
            assert "bound" in _reason(tmp_path)
        requests = value(tmp_path / "archive.db", "select requests from crawls")
        assert requests < 700
    assert _unlisted(tmp_path) == 0


def test_forty_thousand_links_of_the_home_page_keep_nothing_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trap_faults, "LINKS_A_PAGE", 40_000)
    with Replica(articles=12) as portal:
        portal.faults.set("^/$", "invented-links")
        ended = _night(portal, tmp_path, links=20)
        assert ended.code == 3, ended.err
        assert _lacking(portal, tmp_path) == []
        assert "the run's bound of 20 links that no listing names is reached" in _reason(tmp_path)
        assert "links of pages with more than 5000 are not noted" in _reason(tmp_path)
        portal.faults.clear()
        ended = _night(portal, tmp_path, links=20)
        assert (ended.code, _reason(tmp_path)) == (0, "None"), ended.err


def test_thousands_of_links_of_every_page_fill_no_frontier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trap_faults, "LINKS_A_PAGE", 5_000)
    with Replica(articles=12) as portal:
        portal.faults.set("@articles", "invented-links")
        ended = _night(portal, tmp_path, links=20)
        assert ended.code == 3, ended.err
        assert _lacking(portal, tmp_path) == []
        assert "links are not noted, since 50000 that no listing names were not tried yet" in _reason(tmp_path)
        pending = "select count(*) from frontier where state = 'pending' and not listed"
        assert value(tmp_path / "archive.db", pending) <= 50_000
        portal.faults.clear()
        ended = _night(portal, tmp_path, links=20)
        assert (ended.code, _reason(tmp_path)) == (0, "None"), ended.err


def test_of_an_article_with_many_pictures_the_rest_is_left_to_its_next_look(tmp_path: Path) -> None:
    with Replica(articles=12) as portal:
        portal.faults.set("@articles", "many-pictures", share=0.2)
        ended = _night(portal, tmp_path, article_files=20)
        assert ended.code == 3, ended.err
        assert "files of articles are left to their next look, whose bound is 20" in _reason(tmp_path)
        assert _lacking(portal, tmp_path) == []


def test_new_articles_beyond_the_bound_come_the_next_night(tmp_path: Path) -> None:
    with Replica(articles=12) as portal:
        ended = _night(portal, tmp_path, new_articles=5)
        assert ended.code == 3, ended.err
        assert "the run's bound of 5 new articles is reached" in _reason(tmp_path)
        held = value(tmp_path / "archive.db", "select count(*) from articles")
        assert 0 < held <= 5
        assert _night(portal, tmp_path).code == 0, _reason(tmp_path)
        assert _lacking(portal, tmp_path) == []


def test_a_run_for_some_articles_reads_so_many_and_the_next_goes_on(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        ended = crawl(portal, tmp_path, "--limit", "7")
        assert ended.code == 3, ended.err
        assert "the run was to read 7 articles only" in _reason(tmp_path)
        assert value(archive, "select count(*) from articles") == 7
        assert value(archive, "select count(*) from revision_images where image_sha256 is null") == 0
        assert _unlisted(tmp_path) == 0
        assert crawl(portal, tmp_path).code == 0, _reason(tmp_path)
        assert _lacking(portal, tmp_path) == []
        assert crawl(portal, tmp_path, "--limit", "100000").code == 0
        assert command("crawl", "--portal", tmp_path / "replica.toml", "--limit", "0").code == 2
