"""Nights that walk listings and store what they name."""

from crawler.archive.frontier.listings import read_known
from crawler.items import Address
from tests.support.build import BASE, Night, article, link, listing, new_address, old_address

A, B, C = (new_address(number, f"tin-{number}") for number in (1, 2, 3))
OLD = old_address(1001, "tin-1")
NEWS, NOTICES = f"{BASE}/tin-tuc", f"{BASE}/thong-bao"
TITLES = {A: "Một", B: "Hai", C: "Ba", OLD: "Một"}


def show(night: Night, *rows: Address, url: str = NEWS, whole: bool | None = None) -> None:
    """Walk a listing that names these addresses, and put what is new of them."""
    night.put_listing(listing(*map(link, rows), url=url))
    night.walked(url, whole=whole)


def known_in(night: Night, listing_url: str) -> frozenset[str]:
    """Give what a run would know of a listing that began now."""
    connection = night.writer.connection
    return read_known(connection, night.profile.name, listing=listing_url, crawl_id=night.writer.crawl_id + 1)


def put(night: Night, *addresses: Address) -> None:
    for address in addresses:
        night.put(article(TITLES[address]), address)
