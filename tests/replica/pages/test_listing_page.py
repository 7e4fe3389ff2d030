"""Listings, their pagers and the service that the pagers call."""

import json
from datetime import UTC, datetime

import pytest

from crawler.replica import Replica, Truth
from crawler.replica.content.model import OlderRow
from tests.support.replica import LOAD, ask, ids, links, names, read_script, turn_page


@pytest.mark.parametrize("listing", range(6))
def test_pager_gives_every_row_of_the_listing(portal: Replica, truth: Truth, listing: int) -> None:
    expected = truth.listings[listing]
    page = ask(expected.url).text
    assert f"maxPage = parseInt({expected.pages})" in page
    fields = read_script(page)
    rows = ids(page[page.index('id="divArticle"') : page.index("maxPage")])
    for number in range(2, expected.pages + 1):
        rows += ids(turn_page(portal, expected.slug, fields, number).text)
    wanted = [names(truth.article(key)) for key in expected.keys]
    assert set(rows) == {one for one in rows if any(one in pair for pair in wanted)}
    assert all(any(name in rows for name in pair) for pair in wanted)


def test_page_past_the_end_has_no_links(portal: Replica, truth: Truth) -> None:
    for expected in truth.listings:
        fields = read_script(ask(expected.url).text)
        assert not links(turn_page(portal, expected.slug, fields, expected.pages + 1).text)


def test_older_rows_follow_the_articles_of_a_listing_once_each(small: Replica) -> None:
    on = datetime(2008, 1, 1, 8, tzinfo=UTC)
    older = {
        one.slug: [OlderRow(f"/{one.slug}/tin-cu-{2_000_000 + place}", "Tin cũ", on) for place in range(45)]
        for one in small.truth().listings
    }
    small.continue_listings(older)
    for listing in small.truth().listings:
        page = ask(listing.url).text
        fields = read_script(page)
        found = links(page[page.index('id="divArticle"') : page.index("maxPage")])
        for number in range(2, listing.pages + 1):
            found += links(turn_page(small, listing.slug, fields, number).text)
        named = list(dict.fromkeys(link for link in found if "/tin-cu-" in link))
        assert named == [row.path for row in older[listing.slug]]
        assert not links(turn_page(small, listing.slug, fields, listing.pages + 1).text)


@pytest.mark.parametrize("slug", ["tin-tuc-su-kien", "kinh-te-xa-hoi", "thong-bao"])
def test_pager_refuses_anything_but_its_own_form(portal: Replica, slug: str) -> None:
    fields = read_script(ask(portal.base_url + slug).text)
    assert links(turn_page(portal, slug, fields, 2).text)
    shortened = {name: value for name, value in fields.items() if name != "no"}
    wrong = {**fields, "show_post_date": "maybe"}
    refused = [
        turn_page(portal, slug, shortened, 2),
        turn_page(portal, slug, wrong, 2),
        turn_page(portal, slug, {**fields, "extra": "1"}, 2),
        turn_page(portal, slug, fields, 2, Referer=portal.base_url),
        ask(
            portal.base_url[:-1] + LOAD,
            "POST",
            json.dumps({**fields, "page": 2}),
            Content_Type="application/json",
            Referer=portal.base_url + slug,
        ),
    ]
    for answer in refused:
        assert answer.status == 500 or not links(answer.text)
    assert refused[-1].status == 500


def test_listings_differ_in_field_names(portal: Replica, truth: Truth) -> None:
    fields = [read_script(ask(expected.url).text) for expected in truth.listings]
    assert {"lang" in one for one in fields} == {True, False}
    assert {"categoryIds" in one for one in fields} == {True, False}
    assert {"is_authenticated" in one for one in fields} == {True, False}
    assert "-5" in {one["no"] for one in fields}


def test_pinned_article_heads_every_page(portal: Replica) -> None:
    slug = "van-hoa-du-lich"
    page = ask(portal.base_url + slug).text
    first = ids(page[page.index('id="divArticle"') :])[0]
    assert ids(turn_page(portal, slug, read_script(page), 2).text)[0] == first


def test_shifting_listing_moves_rows_down() -> None:
    with Replica(seed=1, articles=200, shifting=True) as portal:
        page = ask(portal.base_url + "tin-tuc-su-kien").text
        before = ids(page[page.index('id="divArticle"') : page.index("maxPage")])
        second = ids(turn_page(portal, "tin-tuc-su-kien", read_script(page), 2).text)
        third = ids(turn_page(portal, "tin-tuc-su-kien", read_script(page), 3).text)
        assert second[-1] in third
        again = ask(portal.base_url + "tin-tuc-su-kien").text
        after = ids(again[again.index('id="divArticle"') : again.index("maxPage")])
        assert after[2:] == before[:-2]
        top = portal.truth().listings[0].keys[0]
        assert after[0] in names(portal.truth().article(top))
