"""Entries of the menu that are one article: found, revised, missed and removed like any article, and rebuilt."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, tables, value
from tests.support.web_archive import Site

ARTICLES = 12


def night(portal: Replica, folder: Path, number: int, **overrides: object) -> int:
    """Crawl a night of the portal; give the exit code."""
    portal.night = number
    now = f"2025-06-{number + 1:02d}T01:30:00+07:00"
    ended = crawl(portal, folder, extra={"PORTAL_ARCHIVE_NOW": now}, **overrides)
    assert "Traceback" not in ended.err, ended.err
    return ended.code


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Replica, Path]]:
    """Four nights of a portal with single pages whose listings are found in the menu."""
    folder = tmp_path_factory.mktemp("single")
    with Replica(seed=5, articles=ARTICLES, single_pages=True) as portal:
        for number in range(1, 5):
            night(portal, folder, number, listings=None)
        yield portal, folder / "archive.db"


def held(archive: Path, path: str) -> dict[str, object]:
    found = rows(
        archive,
        "select distinct a.* from articles a join article_urls u on u.article_id = a.id where u.url glob '*' || ?",
        path,
    )
    assert len(found) == 1, path
    return dict(found[0])


def test_every_single_page_is_an_article_under_its_entrys_address(nights: tuple[Replica, Path]) -> None:
    portal, archive = nights
    portal.night = 4
    for told in portal.truth().single_pages:
        article = held(archive, told.url)
        kept = (article["url"], article["title"], article["body"], article["state"], article["listed"])
        assert kept == (told.url, told.title, told.body, "live", 1), told.url
        assert article["source_id"] is None
        images = rows(archive, "select image_sha256 from article_images where article_id = ?", article["id"])
        assert [row[0] for row in images] == [image.sha256 for image in told.images]


def test_spellings_of_an_entry_are_one_article(nights: tuple[Replica, Path]) -> None:
    _, archive = nights
    found = rows(archive, "select distinct article_id from article_urls where lower(url) like '%/gioi-thieu%menu=5'")
    assert len(found) == 1
    urls = rows(archive, "select url from article_urls where article_id = ?", found[0][0])
    assert len(urls) == 3


def test_edits_are_revisions_and_a_short_text_is_believed_later(nights: tuple[Replica, Path]) -> None:
    _, archive = nights
    assert held(archive, "/gioi-thieu/lich-su-hinh-thanh")["revision"] == 2
    updating = held(archive, "/chuc-nang-nhiem-vu")
    assert (updating["revision"], updating["body"]) == (2, "Nội dung đang được cập nhật.")
    assert updating["removed_at"] is None


def test_a_list_in_the_place_of_a_page_is_no_removal(nights: tuple[Replica, Path]) -> None:
    _, archive = nights
    article = held(archive, "/gioi-thieu/lanh-dao")
    assert (article["state"], article["revision"]) == ("live", 1)
    events = rows(archive, "select kind from article_events where article_id = ?", article["id"])
    assert [row[0] for row in events] == ["found"]
    refused = "select crawl_id from crawl_errors where url = ? and kind = 'listing'"
    assert [row[0] for row in rows(archive, refused, article["url"])] == [2]


def test_an_entry_that_is_gone_is_removed_with_its_evidence(nights: tuple[Replica, Path]) -> None:
    _, archive = nights
    article = held(archive, "/khu-du-lich")
    kinds = [row[0] for row in rows(archive, "select kind from misses where article_id = ?", article["id"])]
    assert set(kinds) == {"http-404"}
    # The menu still names it: that takes longer.
    assert (article["state"], article["listed"]) == ("suspect", 1)


def test_what_is_neither_is_said_once(nights: tuple[Replica, Path]) -> None:
    _, archive = nights
    said = rows(archive, "select crawl_id, url from crawl_errors where kind = 'neither-list-nor-article'")
    assert {(row["crawl_id"], row["url"].rpartition("/")[2]) for row in said} == {(1, "so-do-cong"), (1, "lien-he")}
    assert len(said) == 2


def test_a_rebuild_gives_equal_rows(nights: tuple[Replica, Path], tmp_path: Path) -> None:
    _, archive = nights
    rebuilt = tmp_path / "rebuilt.db"
    assert command("rebuild", "--archive", archive, "--into", rebuilt).code == 0
    old, new = tables(archive), tables(rebuilt)
    assert {name for name in old if old[name] != new[name]} <= {"warc_files"}


def test_the_site_shows_a_single_page_and_finds_it_by_every_address(nights: tuple[Replica, Path]) -> None:
    portal, archive = nights
    article = held(archive, "/gioi-thieu")
    site = Site(archive)
    try:
        page = site.get(f"/article/{article['id']}")
        assert page.status_code == 200
        assert str(article["title"]) in page.text
        for spelling in ("gioi-thieu", "gioi-thieu/", "Gioi-Thieu", "gioi-thieu?menu=5"):
            found = site.get(f"/go?url={quote(portal.base_url + spelling, safe='')}")
            assert found.headers["location"].endswith(f"/article/{article['id']}"), spelling
        assert f"/article/{article['id']}" in site.get("/search?q=gioi+thieu").text
        assert site.get(f"/article/{held(archive, '/khu-du-lich')['id']}/history").status_code == 200
    finally:
        site.close()


def test_nights_are_complete_unless_a_held_page_cannot_be_read(nights: tuple[Replica, Path]) -> None:
    _, archive = nights
    found = {row["id"]: (row["outcome"], row["reason"]) for row in rows(archive, "select * from crawls")}
    assert found[1] == ("complete", None)


def test_listings_named_in_the_profile_leave_the_other_entries_unwalked(tmp_path: Path) -> None:
    with Replica(seed=5, articles=ARTICLES, single_pages=True) as portal:
        assert night(portal, tmp_path, 1, listings=["/thong-bao", "/co-cau-to-chuc"]) == 0
        archive = tmp_path / "archive.db"
        told = {one.url for one in portal.truth().single_pages}
        kept = rows(archive, "select url from articles where source_id is null")
        assert {row[0] for row in kept} == told
        walked = rows(archive, "select url from listing_walks")
        assert [row[0].rpartition("/")[2] for row in walked] == ["thong-bao"]
        assert value(archive, "select count(*) from listing_rows where listing like '%/tin-tuc%'") == 0
