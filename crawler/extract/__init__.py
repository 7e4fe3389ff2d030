"""Pages in, dataclasses (or a page that is safe to show) out: no Scrapy, no database, no network, no clock, no files.

A page is parsed once (`decode_html`, `parse_page`) and read by any of the `read_…` functions, none of which
changes it. Portals differ in skin: every reader tries the CMS's own names first, then what stays the same
without them, and refuses by a named error what it cannot read.
"""

from crawler.extract.article.article import read_article
from crawler.extract.feed import read_feed, read_feed_addresses
from crawler.extract.links import read_links, read_menu
from crawler.extract.listing.listing import read_fragment, read_listing
from crawler.extract.page import Page, decode_html, join_url, parse_page
from crawler.extract.portal_identity import Identity, read_identity, recognise_cms
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
    "read_menu",
    "read_requisites",
    "read_stylesheet",
    "recognise_cms",
    "show_page",
    "show_sheet",
]
