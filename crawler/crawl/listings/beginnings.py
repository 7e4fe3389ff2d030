"""Which walks begin and how, from what the archive knows of a listing, and how its pager is asked for a page."""

from collections.abc import Collection, Container, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from crawler.addresses import classify, spell_plainly
from crawler.crawl.listings.listing_walk import ListingWalk, stranger_of
from crawler.items import FailureItem, Link, Listing, PageItem, Pager, Purpose
from crawler.profile import Profile
from crawler.sentences import say

if TYPE_CHECKING:
    from crawler.archive.run_queries import RunQueries


def begin_walk(url: str, queries: "RunQueries", *, profile: Profile, whole: bool) -> ListingWalk:
    """Begin the walk through a listing; with `whole` it does not end at known rows."""
    address = classify(url, profile)
    listing = address.url if address else url
    memory = queries.listing_memory(listing)
    return ListingWalk(
        listing, walk_whole=memory.walk_whole or whole, head=memory.head, pages_before=memory.pages_before,
        end_said=memory.end_said, unknown_said=memory.unknown_said, was_list=memory.was_list, is_new=memory.is_new,
        was_in_place=memory.was_in_place, newest=memory.newest, most_pages=profile.limits.listing_pages,
        cut_at=memory.cut_at, has_known=memory.has_known, knows_all=not memory.has_known,
    )  # fmt: skip


def begin_doubtful(queries: "RunQueries", *, profile: Profile) -> list[ListingWalk]:
    """Begin the walks through the listings that named articles whose removal may become certain."""
    most = profile.limits.listing_pages
    doubtful = queries.doubtful_listings().items()
    return [ListingWalk(listing, sought=sought, most_pages=most) for listing, sought in doubtful]


def begin_left(queries: "RunQueries", asked: Collection[str], *, profile: Profile) -> list[ListingWalk]:
    """Begin the walks through the lists that left the menu. If one answers, articles still come to it."""
    left = queries.lists_left(asked) if profile.listings is None else []
    walks = [begin_walk(url, queries, profile=profile, whole=False) for url in left]
    # Without the menu, an address that shows no list any more is not missed: it was given up.
    return [replace(walk, was_list=False, has_left=True) for walk in walks]


def is_single_page(walk: ListingWalk, item: PageItem) -> bool:
    """Return whether an entry of the menu shows a page that is not a list, and need not be one."""
    is_entry = item.purpose is Purpose.MENU or (item.reading.article is not None and not walk.is_known)
    is_awaited = walk.is_awaited(is_stranger=stranger_of(item) is not None)
    return is_entry and item.reading.listing is None and not is_awaited


def is_given_up(walk: ListingWalk, item: PageItem) -> bool:
    """Return whether a list that left the menu leads to the home page now."""
    listing = item.reading.listing
    return walk.has_left and listing is not None and _leads_home(walk, listing)


def tell_known(walk: ListingWalk, item: PageItem | FailureItem | None, *, queries: "RunQueries") -> None:
    """Tell a walk which rows of a page the listing named before. Call before the page is stored."""
    if isinstance(item, PageItem) and item.reading.listing is not None and not walk.knows_all:
        walk.know(queries.known_rows(walk.url, [row.address.url for row in item.reading.listing.rows]))


def tell_all_known(walk: ListingWalk, queries: "RunQueries") -> None:
    """Tell a walk all that the listing named before, if it needs to know."""
    if walk.needs_all_known:
        walk.know(queries.known_rows(walk.url), is_all=True)


def take_page(walk: ListingWalk, item: PageItem, *, page: int) -> None:
    """Give a walk the reading of its page."""
    listing, refusal, form = item.reading.listing, stranger_of(item), item.reading.form
    pieces = form.pieces if form is not None else b""
    if listing is None or refusal is not None:
        no_list = say("not-a-list", listing=walk.url, no_list=say("list-without-rows", url=walk.url))
        walk.miss(page, refusal.message if refusal is not None else no_list, status=200, pieces=pieces)
    elif walk.was_list and walk.was_in_place and _leads_home(walk, listing):
        # The home page has rows of its own; an entry of the menu that always leads to it is not a missed list.
        led = say("list-led-home", url=listing.url)
        walk.miss(page, say("not-a-list", listing=walk.url, no_list=led), status=200)
    elif page == 1 and not walk.is_proving:
        walk.take_first(listing)
    else:
        walk.take(page, listing, pieces=pieces)


def _leads_home(walk: ListingWalk, listing: Listing) -> bool:
    return _is_root(listing.url) and not _is_root(walk.url)


def _is_root(url: str) -> bool:
    """True for the root of any host. `classify` knows the home page of the portal's own hosts only."""
    address = urlsplit(url)
    return address.path in ("", "/") and not address.query


def choose_new(menu: Iterable[Link], spellings: Container[str], *, asked: Iterable[str]) -> list[Link]:
    """Return the entries of a menu that are not asked for yet: nor is another address that is spelled alike.

    `spellings` are entries that are another spelling of an earlier one of this menu: they are chosen, too.
    """
    known, plain = set(asked), set(map(spell_plainly, asked))
    new = (link for link in menu if link.address.url not in known)
    return [link for link in new if link.address.url in spellings or spell_plainly(link.address.url) not in plain]


def ask_pager(pager: Pager, *, page: int, referer: str) -> dict[str, Any]:
    """Return the arguments of the request for a page, as the listing's script sends it."""
    fields = [(name, str(page) if name == pager.page_field else value) for name, value in pager.fields]
    return {
        "url": pager.endpoint,
        "method": "POST",
        "body": urlencode(fields),
        "headers": {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Requested-With": "XMLHttpRequest",
            "Accept": "*/*",
            "Referer": referer,
        },
    }
