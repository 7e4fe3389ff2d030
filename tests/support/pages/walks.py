"""A portal that serves a listing in pages, and a walk through it, for tests of the walk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from crawler.crawl.listings.listing_walk import ListingWalk
from crawler.items import Address, AddressKind, FoundDate, Link, Listing, Pager
from crawler.sentences import join, say
from tests.support.build import link, new_address

URL = "https://sapa.example.vn/tin-tuc"

SIZE = 3


def missing(walk: ListingWalk) -> str | None:
    """Give what a walk lacks, as `listing_walks.missing` has it."""
    return join(walk.report().missing)


def page(numbers: Sequence[int], announced: int | None = None, *, pager: bool = False) -> Listing:
    named = Pager(f"{URL}/more", (("page", "1"),), "page", announced) if pager or announced is not None else None
    return Listing(URL, None, tuple(link(new_address(number, f"tin-{number}")) for number in numbers), named)


class Portal:
    """A listing of numbered articles, newest first, served in pages of three."""

    def __init__(self, count: int, *, announces: bool = True) -> None:
        self.numbers = list(range(count, 0, -1))
        self.announces = announces
        self.served: list[int] = []

    def first(self) -> Listing:
        pages = -(-len(self.numbers) // SIZE) if self.announces else None
        return page(self.numbers[:SIZE], pages, pager=True)

    def page(self, number: int) -> Listing:
        self.served.append(number)
        return page(self.numbers[(number - 1) * SIZE : number * SIZE])


def read(walk: ListingWalk, portal: Portal, *, lost: Sequence[int] = ()) -> Iterator[int]:
    """Walk a portal as the spider does. Yield each page that was read, so that a test can change the portal."""
    walk.take_first(portal.first())
    number = 1
    yield number
    while (following := walk.next_page(number)) is not None:
        number = following
        if number in lost:
            walk.miss(number, say("other", text="timeout"))
        else:
            walk.take(number, portal.page(number))
        yield number
    if walk.needs_first_page_again():
        walk.take_first(portal.first())
    walk.is_done = True


def dated(numbers: Sequence[int], days: Sequence[int], announced: int) -> Listing:
    """Give a page of a list with dates, of so many days ago each."""
    found = page(numbers, announced)
    ages = [FoundDate(date(2026, 9, 1) - timedelta(days=one), "listing") for one in days]
    return replace(found, rows=tuple(replace(row, date=age) for row, age in zip(found.rows, ages, strict=True)))


def urls_of(numbers: Iterable[int]) -> frozenset[str]:
    return frozenset(new_address(number, f"tin-{number}").url for number in numbers)


def numbers_seen(walk: ListingWalk) -> set[int]:
    return {int(url.rpartition("-")[2]) for url in walk.seen}


def known(*numbers: int) -> frozenset[str]:
    return frozenset(new_address(number, f"tin-{number}").url for number in numbers)


def row(url: str) -> Link:
    return Link(Address(url, AddressKind.ARTICLE))
