"""Every folder under tests/pages (a page of one layout, its origin, the expected reading) is read as expected."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.addresses import classify
from crawler.errors import NotAListingError, NotAnArticleError
from crawler.extract import decode_html, parse_page, read_article, read_fragment, read_listing
from crawler.items import Article, Listing
from crawler.profile import parse_profile

PAGES = Path(__file__).parents[2] / "tests" / "pages"
PROFILE = parse_profile('name="sapa"\ntitle="Thị xã Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')


def folders(*readers: str) -> list[Any]:
    metas = [(path.parent, json.loads(path.read_text())) for path in sorted(PAGES.glob("*/meta.json"))]
    return [pytest.param(folder, id=folder.name) for folder, meta in metas if meta.get("reader") in readers]


def load(folder: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
    html = decode_html((folder / "page.html").read_bytes(), "text/html; charset=utf-8")
    return (html, json.loads((folder / "meta.json").read_text()), json.loads((folder / "expected.json").read_text()))


def describe(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "summary": article.summary,
        "body": article.body,
        "byline": article.byline,
        "source": article.source,
        "dates": [[d.on.isoformat(), d.source, d.at.isoformat() if d.at else None] for d in article.dates],
        "images": [[image.url, image.caption] for image in article.images],
        "attachments": [[attachment.url, attachment.label] for attachment in article.attachments],
        "category_title": article.category_title,
    }


def describe_listing(listing: Listing) -> dict[str, Any]:
    pager = listing.pager
    return {
        "title": listing.title,
        "rows": [
            [row.address.url, row.title, row.date.on.isoformat() if row.date else None, row.summary]
            for row in listing.rows
        ],
        "pager": pager
        and {
            "endpoint": pager.endpoint,
            "fields": [list(pair) for pair in pager.fields],
            "page_field": pager.page_field,
            "max_page": pager.max_page,
        },
    }


@pytest.mark.parametrize("folder", folders("article"))
def test_article_page_is_read_exactly(folder: Path) -> None:
    html, meta, expected = load(folder)
    address = classify(meta["url"], PROFILE)
    assert address is not None
    assert describe(read_article(parse_page(html, meta["url"]), PROFILE, address=address)) == expected


@pytest.mark.parametrize("folder", folders("refusal"))
def test_page_without_an_article_is_refused_with_its_kind(folder: Path) -> None:
    html, meta, expected = load(folder)
    address = classify(meta["url"], PROFILE)
    assert address is not None
    with pytest.raises(NotAnArticleError) as caught:
        read_article(parse_page(html, meta["url"]), PROFILE, address=address)
    assert caught.value.kind == expected["kind"]
    assert meta["url"] in str(caught.value)


@pytest.mark.parametrize("folder", folders("article"))
def test_article_page_is_no_listing(folder: Path) -> None:
    html, meta, _ = load(folder)
    page = parse_page(html, meta["url"])
    if page.tree.css_first('[class*="UIListNews"]') is None:
        with pytest.raises(NotAListingError):
            read_listing(page, PROFILE)


@pytest.mark.parametrize("folder", folders("listing"))
def test_listing_page_is_read_exactly(folder: Path) -> None:
    html, meta, expected = load(folder)
    assert describe_listing(read_listing(parse_page(html, meta["url"]), PROFILE)) == expected


@pytest.mark.parametrize("folder", folders("fragment"))
def test_fragment_is_read_exactly(folder: Path) -> None:
    html, meta, expected = load(folder)
    assert describe_listing(read_fragment(html, meta["url"], profile=PROFILE)) == expected
