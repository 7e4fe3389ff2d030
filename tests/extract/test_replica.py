"""Every live article and listing of the replica portal is read exactly as the replica's truth says."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlencode
from urllib.request import Request, urlopen

import pytest

from crawler.addresses import classify
from crawler.extract import decode_html, parse_page, read_article, read_fragment, read_listing
from crawler.extract.answer import read_page
from crawler.items import Answer, Article, Link, Purpose
from crawler.profile import Profile, parse_profile
from crawler.replica import ArticleTruth, Replica, Truth
from crawler.replica.content.compose import LAYOUTS_WITH_SUMMARY


def fetch(url: str, form: dict[str, str] | None = None, referer: str = "") -> str:
    data = urlencode(form).encode() if form is not None else None
    with urlopen(Request(url, data=data, headers={"Referer": referer} if referer else {}), timeout=20) as answer:
        return decode_html(answer.read(), answer.headers.get("Content-Type"))


@pytest.fixture(scope="module", params=["", "commune"])
def portal(request: pytest.FixtureRequest) -> Iterator[tuple[Truth, Profile]]:
    with Replica(seed=7, articles=120, skin=request.param) as replica:
        truth = replica.truth()
        profile = parse_profile(
            f'name="replica"\ntitle="Replica"\ncms="vnpt"\nbase_url="{truth.base_url}"\nasset_hosts=["{truth.files_host}"]'
        )
        yield truth, profile


def describe(article: Article) -> dict[str, Any]:
    uploads = [d.on.isoformat() for d in article.dates if d.source == "file-name"]
    return {
        "title": article.title,
        "body": article.body,
        "byline": article.byline,
        "source": article.source,
        "category": (article.category_slug, article.category_title),
        "images": [(unquote(image.url), image.caption) for image in article.images],
        "attachments": [(unquote(one.url), one.label) for one in article.attachments],
        "printed": [d.on.isoformat() for d in article.dates if d.source == "page"],
        "uploaded": max(uploads, default=None),
    }


def describe_truth(truth: ArticleTruth) -> dict[str, Any]:
    dates = {date.published_from: date.published_on for date in truth.dates}
    return {
        "title": truth.title,
        "body": truth.body,
        "byline": truth.byline,
        "source": truth.source,
        "category": (truth.category, truth.category_title),
        # The truth has brackets as the page spells them.
        "images": [(unquote(image.url), image.caption) for image in truth.images],
        "attachments": [(unquote(one.url), one.label) for one in truth.attachments],
        "printed": [dates["page"]] if "page" in dates else [],
        "uploaded": dates.get("file-name"),
    }


def test_every_article_of_the_replica_is_read_exactly(portal: tuple[Truth, Profile]) -> None:
    truth, profile = portal
    live = [article for article in truth.articles if article.state == "live"]
    assert len(live) > 100
    for expected in live:
        address = classify(expected.url, profile)
        assert address is not None
        article = read_article(parse_page(fetch(expected.url), expected.url), profile, address=address)
        assert describe(article) == describe_truth(expected), expected.url
        if expected.layout in LAYOUTS_WITH_SUMMARY:
            assert article.summary == expected.summary


def test_what_the_replica_shows_and_no_archive_keeps_is_listed(portal: tuple[Truth, Profile]) -> None:
    truth, profile = portal
    shown = [article for article in truth.articles if article.state == "live" and article.unkept]
    assert {kind for article in shown for kind, _ in article.unkept} == {"embed", "script", "file-unknown", "video"}
    for expected in shown:
        answer = Answer(expected.url, fetch(expected.url).encode(), "text/html; charset=utf-8", None)
        reading, _ = read_page(answer, Purpose.ARTICLE, asked=expected.url, listing=None, page=None, profile=profile)
        assert reading.unkept == expected.unkept, expected.url


def test_the_replica_has_every_oddity_of_an_editor(portal: tuple[Truth, Profile]) -> None:
    truth, _ = portal
    captions = [image.caption or "" for article in truth.articles for image in article.images]
    assert any(image.url.startswith("data:") for article in truth.articles for image in article.images)
    assert any(article.images and not article.body for article in truth.articles)
    assert any("Ảnh: " in caption for caption in captions)
    assert any("Giải Ba: " in article.body and article.byline is None for article in truth.articles)
    assert any("TM. ỦY BAN NHÂN DÂN" in article.body for article in truth.articles)
    assert any(
        one.label and one.label in (article.summary or "") for article in truth.articles for one in article.attachments
    )


def test_every_listing_of_the_replica_is_read_to_its_end(portal: tuple[Truth, Profile]) -> None:
    truth, profile = portal
    keys = {url: one.key for one in truth.articles for url in (one.url, one.old_url, *one.former_urls)}
    dates = {one.key: {d.published_from: d.published_on for d in one.dates} for one in truth.articles}
    for expected in truth.listings:
        listing = read_listing(parse_page(fetch(expected.url), expected.url), profile)
        assert listing.title == expected.title
        rows: list[Link] = list(listing.rows)
        if expected.pages > 1:
            assert listing.pager is not None
            assert listing.pager.max_page == expected.pages
            for number in range(2, expected.pages + 2):
                form = dict(listing.pager.fields) | {listing.pager.page_field: str(number)}
                rows += read_fragment(
                    fetch(listing.pager.endpoint, form, expected.url), expected.url, profile=profile
                ).rows
        assert {keys[row.address.url] for row in rows} == set(expected.keys)
        for row in rows:
            found = row.date.on.isoformat() if row.date else None
            assert found == dates[keys[row.address.url]].get("listing"), row
