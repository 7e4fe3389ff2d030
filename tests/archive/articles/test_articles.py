"""Articles: which row a page belongs to, what it learns from other pages, and that the index follows."""

import msgspec
import pytest

from crawler.items import Address, Purpose
from crawler.search.hits import search_articles
from tests.support.build import (
    BASE,
    STORE,
    Clock,
    Night,
    article,
    file_ref,
    image_ref,
    link,
    listing,
    new_address,
    old_address,
    on_page,
    picture,
)

NEW, OLD = new_address(412001, "hop-dan"), old_address(293909, "hop-dan")


def hits(night: Night, text: str) -> list[int]:
    night.writer.commit().result()
    return [hit.article_id for hit in search_articles(night.writer.connection, text).hits]


def ids(night: Night) -> list[int]:
    return [row[0] for row in night.rows("select id from articles order by id")]


def urls(night: Night) -> list[tuple[object, ...]]:
    return night.rows("select url, article_id from article_urls order by rowid")


def test_put_article_twice_keeps_one_row(night: Night) -> None:
    assert night.put(article(), NEW) == (1, "new")
    assert night.put(article(), NEW) == (1, "unchanged")
    assert urls(night) == [(NEW.url, 1)]


def test_a_known_address_is_the_same_article_with_any_content(night: Night) -> None:
    night.put(article(), NEW)
    assert night.put(article("Khác hẳn", "Lời khác."), NEW) == (1, "changed")


def test_the_portals_own_id_is_the_same_article_under_another_slug_or_category(night: Night) -> None:
    night.put(article(), NEW)
    moved = new_address(412001, "hop-to-dan-pho", "thong-bao")
    assert night.put(article("Họp tổ dân phố"), moved) == (1, "changed")
    assert urls(night) == [(NEW.url, 1), (moved.url, 1)]


def test_equal_numbers_in_the_two_schemes_are_two_articles(night: Night) -> None:
    night.put(article(body="Một."), new_address(7, "mot"))
    assert night.put(article(body="Hai."), old_address(7, "hai")) == (2, "new")


@pytest.mark.parametrize(("first", "second"), [(NEW, OLD), (OLD, NEW)])
def test_the_other_scheme_is_joined_by_slug_and_content_in_either_order(
    night: Night, first: Address, second: Address
) -> None:
    night.put(article(), first)
    assert night.put(article(), second) == (1, "unchanged")
    assert len(urls(night)) == 2
    assert night.rows("select url, source_id from articles") == [(NEW.url, "412001")]


def test_the_other_scheme_is_not_joined_where_the_slug_or_the_content_differs(night: Night) -> None:
    night.put(article(), NEW)
    assert night.put(article(), old_address(1, "hop-khac")) == (2, "new")
    assert night.put(article(body="Lời khác."), old_address(2, "hop-dan")) == (3, "new")


def test_a_slug_that_the_system_cut_is_joined(night: Night) -> None:
    long = "mot-" * 30
    night.put(article(), new_address(1, long[:96]))
    assert night.put(article(), old_address(2, long[:119])) == (1, "unchanged")


def test_a_page_that_answers_to_both_addresses_is_one_row(night: Night) -> None:
    night.put(article(), OLD, NEW)
    assert (ids(night), len(urls(night))) == ([1], 2)
    assert night.value("select url from articles") == NEW.url


def test_the_old_address_is_canonical_only_while_no_other_is_known(night: Night) -> None:
    night.put(article(), OLD)
    assert night.rows("select url, source_id from articles") == [(OLD.url, "293909")]
    night.put(article(), OLD, NEW)
    night.put(article(), OLD)
    assert night.rows("select url, source_id from articles") == [(NEW.url, "412001")]


def test_the_same_title_every_year_stays_two_rows(night: Night) -> None:
    for year in (2024, 2025, 2026):
        said = article("Chúc mừng năm mới", f"Năm {year}.", dates=(on_page(f"{year}-01-01"),))
        night.put(said, new_address(year, "chuc-mung-nam-moi"))
    night.put(article("Chúc mừng năm mới", "Năm 2023."), old_address(2023, "chuc-mung-nam-moi"))
    assert ids(night) == [1, 2, 3, 4]


def test_announcements_without_text_are_distinguished_by_attachments(night: Night) -> None:
    night.put(article("Thông báo", "", attachments=(file_ref("1.pdf"),)), new_address(1, "thong-bao"))
    said = article("Thông báo", "", attachments=(file_ref("2.pdf"),))
    assert night.put(said, old_address(2, "thong-bao")) == (2, "new")


def test_twins_of_one_text_stay_apart(night: Night) -> None:
    # Two articles of one text and slug: it is unknown which of them an old address belongs to.
    night.put(article(), new_address(1))
    assert night.put(article(), new_address(2)) == (2, "new")
    assert night.put(article(), old_address(3)) == (3, "new")
    assert night.put(article(), new_address(1)) == (1, "unchanged")


def test_the_other_scheme_is_joined_by_the_current_content(night: Night) -> None:
    # A file that moved to another folder makes no revision, but the joining digest must follow it.
    night.put_file(f"{STORE}/lci/a.png", picture())
    night.put_file(f"{STORE}/moi/a.png", picture())
    night.put(article(images=(image_ref("a.png"),)), NEW)
    moved = article(images=(image_ref("a.png", folder="moi"),))
    assert night.put(moved, NEW) == (1, "unchanged")
    assert night.put(moved, OLD) == (1, "unchanged")


def test_an_id_is_never_used_again(night: Night) -> None:
    night.put(article(), new_address(1))
    night.writer.connection.execute("insert into article_redirects values (9, 1)")
    assert night.put(article("Hai"), new_address(2, "hai")) == (10, "new")


def test_two_portals_of_one_archive_do_not_share_articles(night: Night, clock: Clock) -> None:
    night.put(article(), NEW)
    night.writer.finish("complete")
    night.writer.close()
    other = msgspec.structs.replace(night.profile, name="bat-xat")
    with Night(night.writer.archive, clock, other) as second:
        assert second.put(article(), NEW) == (2, "new")
        assert second.rows("select portal, url from articles order by id") == [("sapa", NEW.url), ("bat-xat", NEW.url)]


def test_a_new_article_says_when_and_where_it_was_found(night: Night, clock: Clock) -> None:
    night.put(article(category_title="Tin tức"), NEW)
    clock.go_on(hours=1)
    night.put(article(), NEW)
    row = night.rows("select first_seen_at, last_seen_at, changed_at, state, revision, word_count from articles")
    assert row == [("2026-09-01T18:30:00Z", "2026-09-01T19:30:00Z", None, "live", 1, 2)]
    assert night.rows("select kind, detail, at, capture_id from article_events") == [
        ("found", None, "2026-09-01T18:30:00Z", 1)
    ]
    assert night.rows("select slug, title, url from categories") == [("tin-tuc", "Tin tức", f"{BASE}/tin-tuc")]


def test_a_categorys_title_comes_from_its_own_listing_and_makes_no_revision(night: Night) -> None:
    night.put(article(), NEW)
    night.put_listing(listing(title="Tin tức - Sự kiện"))
    night.put_listing(listing(url=f"{BASE}/tin-tuc?page=2", title="Trang 2"))
    assert night.rows("select slug, title from categories") == [("tin-tuc", "Tin tức - Sự kiện")]
    assert night.value("select revision from articles") == 1


def test_an_article_is_listed_once_a_listing_names_one_of_its_addresses(night: Night) -> None:
    night.put(article(), NEW, OLD)
    night.put_links(f"{BASE}/", [link(OLD)])
    assert night.value("select listed from articles") == 0
    night.put_listing(listing(link(OLD)))
    assert night.value("select listed from articles") == 1


def test_an_article_is_listed_if_a_listing_named_it_before_it_was_read(night: Night) -> None:
    night.put_listing(listing(link(OLD)))
    night.put(article(), OLD, NEW)
    assert night.value("select listed from articles") == 1


def test_a_date_and_a_summary_from_a_listing_wait_for_the_article(night: Night) -> None:
    night.put_listing(listing(link(NEW, "Tin", day="2026-01-04", summary="Tóm tắt.")))
    night.put(article(), NEW)
    row = night.rows("select published_on, published_from, summary, revision from articles")
    assert row == [("2026-01-04", "listing", "Tóm tắt.", 1)]


def test_a_listing_row_that_shows_less_later_keeps_its_values(night: Night) -> None:
    night.put_listing(listing(link(NEW, "Tin", day="2026-01-04", summary="Tóm tắt.")))
    night.put_listing(listing(link(NEW)))
    night.put(article(), NEW)
    assert night.rows("select published_on, summary from articles") == [("2026-01-04", "Tóm tắt.")]


def test_a_feed_and_a_box_give_dates_but_no_summary(night: Night) -> None:
    night.put(article(), NEW)
    night.put_links(f"{BASE}/rss", [link(NEW, summary="Cắt cụt")], Purpose.FEED)
    night.put_links(f"{BASE}/", [link(NEW, summary="Cắt cụt")])
    assert night.value("select summary from articles") is None


def test_search_finds_a_new_article_by_every_field(night: Night) -> None:
    said = article(
        "Hòa giải", "Đất đai.", summary="Cơ sở", byline="Lê Đình Lợi", images=(image_ref("a.png", "Chú thích"),)
    )
    night.put(said, NEW)
    for text in ("hoa giai", "dat dai", "co so", "le dinh loi", "chu thich"):
        assert hits(night, text) == [1], text


def test_search_finds_the_new_text_and_not_the_old(night: Night) -> None:
    night.put(article("Tin", "Lúa mùa.", images=(image_ref("a.png", "Ruộng"),)), NEW)
    night.put(article("Tin", "Ngô xuân.", images=(image_ref("a.png", "Nương"),)), NEW)
    assert (hits(night, "lúa"), hits(night, "ruộng")) == ([], [])
    assert (hits(night, "ngô"), hits(night, "nương")) == ([1], [1])


def test_search_follows_a_summary_and_a_date_learnt_later(night: Night) -> None:
    night.put(article("Tin một"), new_address(1, "mot"))
    night.put(article("Tin hai"), new_address(2, "hai"))
    assert hits(night, "tin") == [2, 1]
    night.put_listing(listing(link(new_address(1, "mot"), day="2020-01-01", summary="Vải thiều")))
    assert hits(night, "tin") == [1, 2]
    assert hits(night, "vải thiều") == [1]
    # FTS5's own check finds entries that were not deleted, or lost.
    night.writer.connection.execute("insert into articles_fts(articles_fts) values ('integrity-check')")


@pytest.mark.parametrize("commits", [1, 6])
def test_the_index_holds_each_article_once_after_many_changes(night: Night, commits: int) -> None:
    for number in range(6):
        night.put(
            article(f"Tin {number % 2}", f"Lời {number % 3}.", dates=(on_page(f"2026-01-0{number % 4 + 1}"),)), NEW
        )
        if commits > 1 or number == 5:
            night.writer.commit().result()
    assert night.value("select count(*) from articles_fts where articles_fts match 'tin'") == 1
    assert night.value("select count(*) from articles_fts where articles_fts match 'loi'") == 1
