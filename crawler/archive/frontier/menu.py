"""The entries of the portal's menu that are one article by themselves: which of them the menu names tonight.

The menu is a list like any other: its address is the home page's, and its rows are the entries that are held as
articles. One that it names no more is unlisted. Ledgers of readers before version 2 know no such articles.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from crawler.archive.frontier.listings import put_rows
from crawler.archive.warc.ledger import PageRead
from crawler.items import Capture, Link, PageReading, Purpose, Refusal
from crawler.profile import Profile
from crawler.sentences import say

# The first version of the readers that reads entries of the menu as articles.
SINGLE_PAGES_READER = 2
_ENTRY_PURPOSES = (Purpose.MENU, Purpose.LISTING)


def menu_address(profile: Profile) -> str:
    """Return the address under which `listing_rows` has the entries of the menu."""
    return f"{profile.origin}/"


def read_as_then(
    connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, reading: PageReading
) -> PageReading:
    """Return a reading as the reader of its time made it, and as the archive needs it. Read-only.

    An entry that is held as an article and shows only a list now is refused: the article cannot be read there.
    """
    if entry.purpose == Purpose.HOME and not _knows_single_pages(entry):
        return replace(reading, menu=())
    if entry.purpose not in _ENTRY_PURPOSES or (entry.page or 1) > 1:
        return reading
    if not _knows_single_pages(entry):
        is_list_refusal = reading.refusal is not None and reading.refusal.kind == "not-a-listing"
        return replace(reading, article=None, refusal=reading.refusal if is_list_refusal else None)
    if reading.article is not None:
        return replace(reading, refusal=None)
    if entry.listing is None:
        # Of a list that is not walked, only what is held as an article is missed.
        is_list = reading.refusal is not None and reading.refusal.kind == "listing"
        return (
            replace(reading, refusal=None)
            if is_list and not is_held(connection, profile.name, url=entry.asked)
            else reading
        )
    if reading.refusal is None and reading.listing is not None and is_held(connection, profile.name, url=entry.asked):
        return replace(reading, refusal=Refusal("listing", say("page-is-list", url=entry.asked, title="untitled")))
    return reading


def is_said(connection: sqlite3.Connection, portal: str, *, entry: PageRead, refusal: Refusal) -> bool:
    """Return whether it was said on an earlier night that an entry of the menu shows nothing that is read.

    It is said again when it shows something else. What is held as an article, and a list, is said every night.
    """
    if entry.purpose != Purpose.MENU or refusal.kind == "not-a-listing" or is_held(connection, portal, url=entry.asked):
        return False
    last = connection.execute(
        """select e.kind from crawl_errors e join crawls c on c.id = e.crawl_id
           where c.portal = ? and e.url = ? order by e.crawl_id desc, e.rowid desc limit 1""",
        (portal, entry.asked),
    ).fetchone()
    return last is not None and last["kind"] == refusal.kind


def is_held(connection: sqlite3.Connection, portal: str, *, url: str) -> bool:
    """Return whether an address is that of a held article."""
    row = connection.execute("select 1 from article_urls where portal = ? and url = ?", (portal, url)).fetchone()
    return row is not None


def put_entries(connection: sqlite3.Connection, profile: Profile, *, menu: Iterable[Link], capture: Capture) -> None:
    """Store which held entries the menu of a home page names. An empty menu says nothing."""
    portal, listing = profile.name, menu_address(profile)
    named = [link.address.url for link in menu]
    if not named:
        return
    put_rows(
        connection, portal, listing=listing, capture=capture,
        urls=[url for url in named if is_held(connection, portal, url=url)],
    )  # fmt: skip
    connection.execute(
        """update listing_rows set listed = 0, unlisted_in = :crawl
           where portal = :portal and listing = :listing and listed and last_crawl_id <> :crawl""",
        {"portal": portal, "listing": listing, "crawl": capture.crawl_id},
    )


def put_entry(connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, capture: Capture) -> None:
    """Store that the menu names an entry that was read as an article."""
    if entry.purpose in _ENTRY_PURPOSES:
        put_rows(connection, profile.name, listing=menu_address(profile), urls=[entry.asked], capture=capture)


def _knows_single_pages(entry: PageRead) -> bool:
    return (entry.reader or 1) >= SINGLE_PAGES_READER
