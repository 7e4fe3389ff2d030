"""Nights on which a list of the menu is not there: the night says so, and doubtful nights make no lists."""

from pathlib import Path

from crawler.replica import Replica
from tests.support.crawling import crawl, rows, value

# What each entry answers from the second night on. All were lists on the first.
LOST = {"/thong-bao": "404", "/van-hoa-du-lich": "410", "/kinh-te-xa-hoi": "redirect-home"}


def night(portal: Replica, folder: Path, number: int, *arguments: str) -> int:
    now = f"2025-06-{number + 1:02}T01:00:00+07:00"
    return crawl(portal, folder, *arguments, extra={"PORTAL_ARCHIVE_NOW": now}, listings=None).code


def test_lists_of_the_menu_that_are_gone_make_the_night_partial(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        assert night(portal, tmp_path, 1) == 0
        for path, fault in LOST.items():
            portal.faults.set(path, fault)
        assert night(portal, tmp_path, 2) == 3
        reason = value(archive, "select reason from crawls where id = 2")
        assert all(path in reason for path in LOST), reason
        portal.faults.clear()
        assert night(portal, tmp_path, 3) == 0
    assert value(archive, "select count(*) from article_events where kind = 'unlisted'") == 0


def test_entries_that_never_were_lists_may_be_dead_or_lead_home(tmp_path: Path) -> None:
    with Replica(articles=40) as portal:
        for path, fault in LOST.items():
            portal.faults.set(path, fault)
        codes = [night(portal, tmp_path, number) for number in (1, 2, 3)]
        assert codes[1:] == [0, 0]


def test_a_list_that_left_the_menu_is_walked_while_it_answers(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        assert night(portal, tmp_path, 1) == 0
        portal.faults.set("@pages", "menu-without-notices")
        assert night(portal, tmp_path, 2) == 0
        walks = "select count(*) from listing_walks where url like '%/thong-bao' and rows_seen and crawl_id = ?"
        assert value(archive, walks, 2) == 1
        portal.faults.set("/thong-bao", "503")
        assert night(portal, tmp_path, 3) == 3
        # Without the menu, these say that it was given up.
        for number, fault in enumerate(("404", "redirect-home", "odd-404"), 4):
            portal.faults.set("/thong-bao", fault)
            assert night(portal, tmp_path, number) == 0, fault
            assert value(archive, walks, number) == 0
        errors = "select kind from crawl_errors where url like '%/thong-bao' and crawl_id = 4"
        assert [row["kind"] for row in rows(archive, errors)] == ["http-404"]


def test_one_page_for_all_addresses_makes_no_list_of_a_single_page(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40, single_pages=True) as portal:
        assert night(portal, tmp_path, 1) == 0
        portal.faults.set("@pages", "home-for-all")
        assert night(portal, tmp_path, 2, "--full") == 4
        portal.faults.clear()
        assert night(portal, tmp_path, 3, "--full") == 0, rows(archive, "select reason from crawls")[-1][0]
