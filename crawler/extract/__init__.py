"""Read pages into dataclasses, or into a page that is safe to show. No Scrapy, database, network, clock or files.

Parse a page once (`decode_html`, `parse_page`), then call any of the `read_…` functions; they do not change it. The
skins of portals differ: every reader tries the CMS's own names first, then what all skins have in common. A page that
it cannot read raises a named error.
"""

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
