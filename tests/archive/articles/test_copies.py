"""Copies of one article in several categories, and articles of one text: one by the portal's id, else two."""

from pathlib import Path

from tests.support.build import BASE, Clock, Night, article, link, listing, new_address, read_rows

TEXT = "Ủy ban nhân dân xã thông báo lịch tiếp công dân tháng 9 tại trụ sở, từ 7 giờ 30 đến 17 giờ các ngày làm việc."


def test_one_id_under_two_categories_is_one_article_in_both_listings(archive: Path, clock: Clock) -> None:
    here, there = new_address(100001, "lich-tiep-dan", "tin-tuc"), new_address(100001, "lich-tiep-dan", "thong-bao")
    with Night(archive, clock) as night:
        night.put_listing(listing(link(here), url=f"{BASE}/tin-tuc"))
        night.put_listing(listing(link(there), url=f"{BASE}/thong-bao"))
        one, change = night.put(article("Lịch tiếp dân", TEXT), here)
        again = night.put(article("Lịch tiếp dân", TEXT), there)
        assert (change, again) == ("new", (one, "unchanged"))
    urls = [row[0] for row in read_rows(archive, "select url from article_urls order by url")]
    assert urls == sorted((here.url, there.url))
    named = read_rows(
        archive,
        """select r.listing from listing_rows r join article_urls u on u.url = r.url and u.portal = r.portal
           where u.article_id = 1 and r.listed order by 1""",
    )
    assert named == [(f"{BASE}/thong-bao",), (f"{BASE}/tin-tuc",)]
    assert read_rows(archive, "select url, listed from articles") == [(here.url, 1)]


def test_a_copy_that_leaves_one_category_is_still_listed_by_the_other(archive: Path, clock: Clock) -> None:
    here, there = new_address(100001, "lich-tiep-dan", "tin-tuc"), new_address(100001, "lich-tiep-dan", "thong-bao")
    for places in ((here, there), (there,)):
        with Night(archive, clock) as night:
            for at in (here, there):
                url = f"{BASE}/{at.category_slug}"
                night.put_listing(listing(*([link(at)] if at in places else []), url=url))
                night.walked(url)
            night.put(article("Lịch tiếp dân", TEXT), there)
            night.put(article("Lịch tiếp dân", TEXT), here)
        clock.go_on(days=1)
    assert read_rows(archive, "select listed, state from articles") == [(1, "live")]
    assert read_rows(archive, "select kind from article_events where kind <> 'found'") == []


def test_other_ids_with_one_text_are_two_articles(archive: Path, clock: Clock) -> None:
    one, other = new_address(100001, "lich-tiep-dan", "tin-tuc"), new_address(100002, "lich-tiep-dan", "thong-bao")
    with Night(archive, clock) as night:
        first, _ = night.put(article("Lịch tiếp dân", TEXT), one)
        second, change = night.put(article("Lịch tiếp dân", TEXT), other)
        assert change == "new"
        assert second != first
