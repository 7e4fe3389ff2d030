"""What every feed is made of: places in an order that new entries do not shift, and the entries at these places."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from crawler.web.follow.atom import AtomEntry

PAGE_ENTRIES = 50
# The last page is named if it is so near.
MOST_BEHIND = 500

K = TypeVar("K")


class Ahead(Protocol[K]):
    """Lists the places before a place, the oldest first."""

    def __call__(self, connection: sqlite3.Connection, place: K, *, limit: int) -> Sequence[K]:
        """List up to `limit` places."""


class Behind(Protocol[K]):
    """Lists the places after a place, or from the newest on; the newest first."""

    def __call__(self, connection: sqlite3.Connection, place: K | None, *, limit: int) -> Sequence[K]:
        """List up to `limit` places."""


@dataclass(frozen=True, slots=True)
class EntryList(Generic[K]):
    """A list of entries by place; a place is written in an address by `str`.

    `older` lists the places after one, newest first; `newer` those before one, oldest first. `parse` reads a place,
    None if it is none. `read` reads the entries at places, and may leave out some.
    """

    older: Behind[K]
    newer: Ahead[K]
    read: Callable[[sqlite3.Connection, Sequence[K]], list[AtomEntry]]
    parse: Callable[[str], K | None]


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page: its entries, and the places after which the other pages begin.

    Each place is "" for the newest page, and None if there is no such page. `last` is also None if it is far away.
    """

    entries: list[AtomEntry]
    next: str | None
    previous: str | None
    last: str | None


def read_page(connection: sqlite3.Connection, listing: EntryList[K], *, before: str) -> ListingPage:
    """Read a page of a list: the entries after a place as an address gives it, or the newest."""
    place = listing.parse(before)
    found = listing.older(connection, place, limit=PAGE_ENTRIES + MOST_BEHIND + 1)
    shown, behind = found[:PAGE_ENTRIES], found[PAGE_ENTRIES:]
    last: str | None = None
    if not behind:
        last = "" if place is None else str(place)
    elif len(behind) <= MOST_BEHIND:
        pages = (len(behind) - 1) // PAGE_ENTRIES
        last = str(found[PAGE_ENTRIES * (pages + 1) - 1])
    return ListingPage(
        listing.read(connection, shown),
        str(shown[-1]) if behind else None,
        _find_previous(connection, listing, shown=shown, place=place),
        last,
    )


def _find_previous(
    connection: sqlite3.Connection, listing: EntryList[K], *, shown: Sequence[K], place: K | None
) -> str | None:
    if place is None:
        return None
    newer = listing.newer(connection, shown[0] if shown else place, limit=PAGE_ENTRIES + 1)
    return str(newer[PAGE_ENTRIES]) if len(newer) > PAGE_ENTRIES else ""
