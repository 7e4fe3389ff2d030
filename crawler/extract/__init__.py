"""Read pages into dataclasses, or into a page that is safe to show. No Scrapy, database, network, clock or files.

Parse a page once (`decode_html`, `parse_page`), then call any of the `read_…` functions; they do not change it. The
skins of portals differ: every reader tries the CMS's own names first, then what all skins have in common. A page that
it cannot read raises a named error.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.extract.article.article import read_article
    from crawler.extract.feed import read_feed, read_feed_addresses
    from crawler.extract.identity.cms import recognise_cms
    from crawler.extract.identity.portal import Identity, read_identity
    from crawler.extract.links import read_links
    from crawler.extract.listing.listing import read_fragment, read_listing
    from crawler.extract.marks.page_marks import read_marks
    from crawler.extract.menu.entries import read_menu
    from crawler.extract.page import Page, decode_html, join_url, parse_page
    from crawler.extract.replay.safe_css import show_sheet
    from crawler.extract.replay.safe_page import LinkTarget, Targets, find_targets, show_page
    from crawler.extract.replay.subresources import read_requisites, read_stylesheet

# The part of each name, imported when it is asked for: a crawl's own process uses one part, and all take 0.2 s.
_PARTS = {
    "Identity": "identity.portal",
    "LinkTarget": "replay.safe_page",
    "Page": "page",
    "Targets": "replay.safe_page",
    "decode_html": "page",
    "find_targets": "replay.safe_page",
    "join_url": "page",
    "parse_page": "page",
    "read_article": "article.article",
    "read_feed": "feed",
    "read_feed_addresses": "feed",
    "read_fragment": "listing.listing",
    "read_identity": "identity.portal",
    "read_links": "links",
    "read_listing": "listing.listing",
    "read_marks": "marks.page_marks",
    "read_menu": "menu.entries",
    "read_requisites": "replay.subresources",
    "read_stylesheet": "replay.subresources",
    "recognise_cms": "identity.cms",
    "show_page": "replay.safe_page",
    "show_sheet": "replay.safe_css",
}

__all__ = [
    "Identity",
    "LinkTarget",
    "Page",
    "Targets",
    "decode_html",
    "find_targets",
    "join_url",
    "parse_page",
    "read_article",
    "read_feed",
    "read_feed_addresses",
    "read_fragment",
    "read_identity",
    "read_links",
    "read_listing",
    "read_marks",
    "read_menu",
    "read_requisites",
    "read_stylesheet",
    "recognise_cms",
    "show_page",
    "show_sheet",
]


def __getattr__(name: str) -> Any:
    if name not in _PARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    part = globals()[name] = getattr(import_module(f"{__name__}.{_PARTS[name]}"), name)
    return part
