"""A number that the portal gave to another article: a new article after two nights; the old one keeps its past."""

from pathlib import Path

import pytest

from crawler.items import Address, Purpose
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows
from tests.support.build import BASE, STORE, Clock, listing_page, new_address, read_rows
from tests.support.pages.article_pages import next_night, text, whole_page

OLD = new_address(1000, "hoi-nghi-tong-ket")
NEW = new_address(1000, "le-hoi-mua-xuan")
TITLE, NEW_TITLE = "Hội nghị tổng kết", "Lễ hội mùa xuân"


def picture(name: str) -> str:
    return f'<p><img src="{STORE}/lci/{name}.png"></p>'


def look(archive: Path, clock: Clock, at: Address, page: str) -> int | None:
    with next_night(archive, clock) as night:
        return night.read(at.url, page)


def articles(archive: Path) -> list[tuple[object, ...]]:
    return read_rows(archive, "select id, url, title, revision from articles order by id")


def test_another_text_under_another_slug_is_a_new_article_on_the_second_night(archive: Path, clock: Clock) -> None:
    page = whole_page(NEW_TITLE, text(2))
    look(archive, clock, OLD, whole_page(TITLE, text(1)))
    assert look(archive, clock, NEW, page) is None
    assert articles(archive) == [(1, OLD.url, TITLE, 1)]
    assert read_rows(archive, "select article_id, why_kind from quarantined_readings") == [(1, "number-reused")]
    assert look(archive, clock, NEW, page) == 2
    assert articles(archive) == [(1, OLD.url, TITLE, 1), (2, NEW.url, NEW_TITLE, 1)]
    assert read_rows(archive, "select url, article_id from article_urls order by 2") == [(OLD.url, 1), (NEW.url, 2)]
    assert read_rows(archive, "select kind from crawl_errors") == [("reused-number",)]


def test_the_old_address_that_shows_the_new_article_is_no_edit(archive: Path, clock: Clock) -> None:
    page = whole_page(NEW_TITLE, text(2))
    look(archive, clock, OLD, whole_page(TITLE, text(1)))
    given = []
    for _ in range(4):
        with next_night(archive, clock) as night:
            night.read(f"{BASE}/tin-tuc", listing_page([(NEW, NEW_TITLE, None)]), Purpose.LISTING)
            given.append((night.read(OLD.url, page), night.read(NEW.url, page)))
    assert given == [(None, None), (None, 2), (None, 2), (None, 2)]
    assert articles(archive) == [(1, OLD.url, TITLE, 1), (2, NEW.url, NEW_TITLE, 1)]
    assert read_rows(archive, "select seen_on from articles where id = 1") == [("2026-09-02",)]


def test_a_page_that_names_its_new_address_at_the_old_one_becomes_the_new_article(archive: Path, clock: Clock) -> None:
    page = whole_page(NEW_TITLE, text(2), head=f'<link rel="canonical" href="{NEW.url}">')
    look(archive, clock, OLD, whole_page(TITLE, text(1)))
    assert [look(archive, clock, OLD, page) for _ in range(3)] == [None, 2, None]
    assert articles(archive) == [(1, OLD.url, TITLE, 1), (2, NEW.url, NEW_TITLE, 1)]


def test_an_old_address_that_redirects_to_the_new_article_is_no_edit(archive: Path, clock: Clock) -> None:
    page = whole_page(NEW_TITLE, text(2))
    look(archive, clock, OLD, whole_page(TITLE, text(1)))
    given = []
    for _ in range(4):
        with next_night(archive, clock) as night:
            given.append(night.read(NEW.url, page, asked=OLD.url))
    assert given == [None, 2, None, None]
    assert articles(archive) == [(1, OLD.url, TITLE, 1), (2, NEW.url, NEW_TITLE, 1)]
    assert read_rows(archive, "select seen_on from articles where id = 1") == [("2026-09-02",)]


def test_a_third_slug_of_the_number_is_of_the_newer_article(archive: Path, clock: Clock) -> None:
    page = whole_page(NEW_TITLE, text(2))
    look(archive, clock, OLD, whole_page(TITLE, text(1)))
    for _ in range(2):
        look(archive, clock, NEW, page)
    assert look(archive, clock, new_address(1000, "le-hoi-mua-xuan-2"), page) == 2


SAME_PICTURE = {"behind": picture("a")}
KEPT = {
    "a heavy rewrite under the same slug": (OLD, whole_page(TITLE, text(2))),
    "a retitled article": (NEW, whole_page(NEW_TITLE, text(1))),
    "half of the text": (NEW, whole_page(NEW_TITLE, text(1, paragraphs=3) + "\n\n" + text(5, paragraphs=3))),
    "the same first picture": (NEW, whole_page(NEW_TITLE, text(2), **SAME_PICTURE)),
    "the same date": (NEW, whole_page(NEW_TITLE, text(2)).replace("<!--", "").replace(
        '<div class="ArticleContent">', '<div class="PostDate">05/06/2024</div><div class="ArticleContent">')),
}  # fmt: skip


@pytest.mark.parametrize("why", KEPT)
def test_what_stays_the_same_article_is_an_edit_on_its_night(archive: Path, clock: Clock, why: str) -> None:
    at, page = KEPT[why]
    first = whole_page(TITLE, text(1), **SAME_PICTURE).replace(
        '<div class="ArticleContent">', '<div class="PostDate">05/06/2024</div><div class="ArticleContent">'
    )
    look(archive, clock, OLD, first)
    assert look(archive, clock, at, page) == 1
    assert read_rows(archive, "select count(*) from articles") == [(1,)]
    assert read_rows(archive, "select count(*) from revisions") == [(2,)]


def test_a_rebuild_judges_the_nights_alike(archive: Path, clock: Clock, tmp_path: Path) -> None:
    page = whole_page(NEW_TITLE, text(2), behind="<p>Hôm nay: 214</p>")
    look(archive, clock, OLD, whole_page(TITLE, text(1)))
    for number in range(3):
        look(archive, clock, NEW, page.replace("214", str(215 + number)))
        look(archive, clock, OLD, whole_page(TITLE, text(1))[: 900 + number])
        look(archive, clock, OLD, page)
    rebuild(archive, tmp_path / "new.db")
    tables = ("articles", "revisions", "article_urls", "quarantined_readings", "crawl_errors", "last_looks", "frontier")
    assert all_rows(tmp_path / "new.db", tables) == all_rows(archive, tables)
    assert read_rows(archive, "select count(*) from revisions") == [(2,)]
