"""A list whose first pages show old articles: what is new stands behind them, and is found on its night."""

from pathlib import Path

from crawler.replica import Replica
from tests.support.crawling import crawl, rows

SLUG = "thong-bao"


def test_a_new_article_behind_two_pages_of_old_ones_is_found_on_its_night(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(seed=3, articles=260) as portal:
        known = {one.key for one in portal.truth().articles}
        portal.rearrange(SLUG, oldest_first=31)
        for night in (1, 2):
            portal.night = night
            clock = {"PORTAL_ARCHIVE_NOW": f"2025-06-0{night + 1}T01:30:00+07:00"}
            assert crawl(portal, tmp_path, extra=clock, listings=[f"/{SLUG}"]).code == 0
        truth = portal.truth()
    new = [one for one in truth.articles if one.key not in known and one.category == SLUG and one.listed]
    assert new
    for one in new:
        listed = rows(archive, "select listed from articles where url = ?", one.url)
        assert [row[0] for row in listed] == [1], one.url
    walks = rows(archive, "select crawl_id, pages_announced, pages_read, to_end from listing_walks order by crawl_id")
    assert [row["crawl_id"] for row in walks] == [1, 2]
    # The second walk ended early, but behind the new articles.
    assert 3 <= walks[1]["pages_read"] <= walks[1]["pages_announced"]
