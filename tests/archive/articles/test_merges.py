"""Merges of two rows of one article: when they happen, what moves, and when both stay."""

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.addresses import is_same_page
from crawler.items import Address
from crawler.rebuild.rebuild import rebuild
from crawler.search.hits import search_articles
from tests.support.archives.rows import all_rows
from tests.support.build import (
    Clock,
    Night,
    article,
    article_page,
    image_ref,
    link,
    listing,
    new_address,
    old_address,
    on_page,
    read_rows,
)

OLD, NEW = old_address(1001, "hop-dan"), new_address(1, "hop-giao-ban")
LONG = "phat-bieu-" * 12


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (NEW, NEW),
        (new_address(7, "cu"), new_address(7, "moi", "thong-bao")),
        (old_address(7, "cu"), old_address(7, "moi")),
        (old_address(7, "hop-dan"), new_address(8, "hop-dan")),
        (new_address(7, "hop-dan"), new_address(700_007, "hop-dan")),
        (old_address(7, LONG), new_address(8, LONG[:96])),
    ],
)
def test_a_redirect_to_the_same_id_or_slug_is_the_same_page(asked: Address, answered: Address) -> None:
    assert is_same_page(asked, answered)
    assert is_same_page(answered, asked)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (new_address(7, "mat"), new_address(8, "con")),
        (old_address(7, "mat"), new_address(8, "con")),
        (old_address(7, "mat"), new_address(7, "con")),
    ],
)
def test_a_redirect_to_another_id_and_slug_is_another_page(asked: Address, answered: Address) -> None:
    assert not is_same_page(asked, answered)
    assert not is_same_page(answered, asked)


def test_two_addresses_without_slug_are_not_the_same_by_that() -> None:
    first, second = replace(new_address(7), title_slug=None), replace(new_address(8), title_slug=None)
    assert not is_same_page(first, second)


def hits(night: Night, text: str) -> list[int]:
    night.writer.commit().result()
    return [hit.article_id for hit in search_articles(night.writer.connection, text).hits]


def ids(night: Night) -> list[int]:
    return [row[0] for row in night.rows("select id from articles order by id")]


def twins(night: Night, **more: object) -> None:
    """Store two rows of one text. The slug of the new address does not join the old one."""
    assert night.put(article("Họp dân", **more), OLD) == (1, "new")  # type: ignore[arg-type]
    assert night.put(article("Họp dân", **more), NEW) == (2, "new")  # type: ignore[arg-type]


def test_twins_joined_by_one_page_are_merged_into_the_older(night: Night) -> None:
    night.put_listing(listing(link(NEW, day="2026-08-01", summary="Tóm tắt.")))
    twins(night)
    assert night.put(article("Họp dân"), OLD, NEW) == (1, "unchanged")
    assert ids(night) == [1]
    assert night.rows("select url, article_id from article_urls order by url") == [(OLD.url, 1), (NEW.url, 1)]
    assert night.rows("select url, source_id, listed, revision from articles") == [(NEW.url, "1", 1, 1)]
    assert night.rows("select id, article_id from article_redirects") == [(2, 1)]
    assert night.rows("select distinct article_id from article_dates") == [(1,)]
    for table in ("revisions", "article_events", "revision_images", "revision_attachments"):
        assert night.rows(f"select * from {table} where article_id = 2") == []


def test_the_merging_is_an_event_with_its_capture(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân"), OLD, NEW)
    assert night.rows("select kind, article_id, detail from article_events order by id") == [
        ("found", 1, None), ("merged", 1, "article 2"),
    ]  # fmt: skip
    assert night.value(
        "select c.url from article_events e join captures c on c.id = e.capture_id where kind = 'merged'"
    )


def test_the_index_holds_a_merged_article_once(night: Night) -> None:
    twins(night)
    assert sorted(hits(night, "họp dân")) == [1, 2]
    night.put(article("Họp dân"), OLD, NEW)
    assert hits(night, "họp dân") == [1]
    assert night.value("select count(*) from articles_fts where articles_fts match 'hop'") == 1
    night.writer.connection.execute("insert into articles_fts(articles_fts) values ('integrity-check')")


def test_the_index_follows_a_merged_article_that_is_revised(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân"), OLD, NEW)
    assert night.put(article("Họp thôn"), NEW) == (1, "changed")
    assert (hits(night, "họp dân"), hits(night, "họp thôn")) == ([], [1])


def test_the_index_follows_what_one_batch_finds_merges_and_revises(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân"), OLD, NEW)
    night.put(article("Họp thôn"), NEW)
    night.put(article("Họp xóm"), NEW)
    assert (hits(night, "họp dân"), hits(night, "họp thôn"), hits(night, "họp xóm")) == ([], [], [1])
    assert night.value("select count(*) from articles_fts where articles_fts match 'hop'") == 1
    night.writer.connection.execute("insert into articles_fts(articles_fts) values ('integrity-check')")


def test_every_address_of_both_leads_to_the_older_from_then_on(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân"), OLD, NEW)
    assert night.put(article("Họp dân"), NEW) == (1, "unchanged")
    assert night.put(article("Họp dân"), OLD) == (1, "unchanged")


def test_the_younger_id_is_never_used_again(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân"), OLD, NEW)
    assert night.put(article("Khác"), new_address(3, "khac")) == (3, "new")


def test_captures_of_the_younger_stay(night: Night) -> None:
    twins(night)
    before = night.rows("select * from captures order by id")
    night.put(article("Họp dân"), OLD, NEW)
    assert night.rows("select * from captures order by id")[: len(before)] == before


def test_redirects_of_redirects_lead_to_the_oldest(night: Night) -> None:
    third = old_address(3003, "tin-thu-ba")
    assert night.put(article("Họp dân"), third)[0] == 1
    assert night.put(article("Họp dân"), OLD)[0] == 2
    assert night.put(article("Họp dân"), NEW)[0] == 3
    night.put(article("Họp dân"), OLD, NEW)
    night.put(article("Họp dân"), third, OLD)
    assert ids(night) == [1]
    assert night.rows("select id, article_id from article_redirects order by id") == [(2, 1), (3, 1)]


def test_three_rows_of_one_page_become_one(night: Night) -> None:
    third = old_address(3003, "tin-thu-ba")
    for to in (third, OLD, NEW):
        night.put(article("Họp dân"), to)
    night.put(article("Họp dân"), third, OLD, NEW)
    assert ids(night) == [1]


def test_a_younger_row_that_was_revised_stays(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân", "Lời khác."), NEW)
    night.put(article("Họp dân"), NEW)
    night.put(article("Họp dân"), OLD, NEW)
    assert ids(night) == [1, 2]
    assert night.rows("select * from article_redirects") == []


def test_rows_of_different_content_stay(night: Night) -> None:
    night.put(article("Họp dân"), OLD)
    night.put(article("Họp dân", "Lời khác."), NEW)
    for said in (article("Họp dân"), article("Họp dân", "Lời khác."), article("Hoàn toàn khác")):
        night.put(said, OLD, NEW)
    assert ids(night) == [1, 2]
    assert night.rows("select * from article_events where kind = 'merged'") == []


def test_twins_stay_if_the_joining_page_has_other_content(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân", "Lời đã đổi."), OLD, NEW)
    assert ids(night) == [1, 2]


def test_twins_without_a_page_that_joins_them_stay(night: Night) -> None:
    twins(night)
    night.put(article("Họp dân"), OLD)
    night.put(article("Họp dân"), NEW)
    assert ids(night) == [1, 2]


def test_a_merge_deletes_files_and_misses_of_the_younger_row(archive: Path, clock: Clock) -> None:
    said = article("Họp dân", images=(image_ref("a.png", "Ảnh"),), dates=(on_page("2026-08-01"),))
    with Night(archive, clock) as night:
        night.put(said, OLD)
        night.put(said, NEW)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_gone(NEW.url)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put(said, OLD, NEW)
    assert read_rows(archive, "select article_id, url from revision_images") == [(1, image_ref("a.png").url)]
    assert read_rows(archive, "select article_id from misses") == []
    assert read_rows(archive, "select id, state from articles") == [(1, "live")]


def test_two_rows_of_a_page_that_was_edited_while_it_was_met_are_one_once_both_say_the_same(
    archive: Path, clock: Clock, tmp_path: Path
) -> None:
    text = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản."
    new, page = new_address(1, "hop-dan"), article_page("Họp dân", text + " Đã sửa.")
    with Night(archive, clock) as night:
        assert night.read(OLD.url, article_page("Họp dân", text)) == 1
        assert night.read(new.url, page) == 2
        assert night.read(new_address(9, "khac").url, article_page("Khác", text + " Khác.")) == 3
    for _ in range(2):
        # By now the old address redirects to the new one.
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            assert night.read(new.url, page, asked=OLD.url) == 1
    assert read_rows(archive, "select id, revision, url from articles order by id")[0] == (1, 2, new.url)
    assert read_rows(archive, "select id, article_id from article_redirects") == [(2, 1)]
    rebuild(archive, tmp_path / "new.db")
    assert all_rows(tmp_path / "new.db") == all_rows(archive)
