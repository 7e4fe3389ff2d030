"""The walk through one listing's pages: which page comes next, when the walk ends, and which pages are missing.

Pages shift while they are read. A new article pushes rows down: a row appears twice, or the list grows by a page. A
removed article pulls rows up. So the walk goes on past the announced end while pages are full, and reads page 1 again
at the end.

On most nights a listing is read only until a page names nothing new. It is walked whole from time to time, to notice
what left it. A pinned article at the top ends no walk early: the new articles are on the same page.
"""

from dataclasses import dataclass, field

from crawler.items import Listing, Pager, WalkItem
from crawler.sentences import Sentence, say

# A pager that does not end is left at this page; its listing is incomplete then.
MAX_PAGES = 20_000


@dataclass(slots=True)
class ListingWalk:
    """What was read of one listing so far.

    `known` are the addresses that the listing named before, `head` those on its page 1 when it was last read. With
    `sought` the walk ends as soon as it has seen all of these.
    """

    url: str
    known: frozenset[str] = frozenset()
    walk_whole: bool = True
    head: tuple[str, ...] = ()
    sought: frozenset[str] = frozenset()
    referer: str = ""
    pager: Pager | None = None
    announced: int | None = None
    first_rows: tuple[str, ...] = ()
    seen: set[str] = field(default_factory=set)
    pages_read: int = 0
    problems: dict[int, Sentence] = field(default_factory=dict)
    is_steady: bool = True
    is_done: bool = False
    _last_rows: tuple[str, ...] = ()
    _empty_pages: list[int] = field(default_factory=list)
    _brought_new: bool = True
    _is_cut_short: bool = False

    def take_first(self, listing: Listing) -> None:
        """Add page 1, as it was at the start or at the end of the walk."""
        self.pages_read += 1 if not self.first_rows else 0
        self.referer = listing.url
        self.pager = listing.pager or self.pager
        self.announced = listing.pager.max_page if listing.pager else None
        rows = _urls(listing)
        if self.first_rows and rows != self.first_rows:
            self.is_steady = False
        if listing.has_unread_pages:
            self.problems[2] = say("pager-unknown")
        vanished = [url for url in self.head if url not in rows]
        if len(vanished) > len([url for url in rows if url not in self.known]):
            # Page 1 lost more rows than new ones can have pushed off: an article left the listing.
            self.walk_whole = True
        if not rows and (self.announced or 1) > 1:
            self._empty_pages.append(1)
        self.first_rows = self.first_rows or rows
        self._last_rows = rows
        self.seen.update(rows)

    def take(self, page: int, listing: Listing) -> None:
        """Add a later page."""
        self.pages_read += 1
        rows = _urls(listing)
        if not rows:
            self._empty_pages.append(page)
        elif rows == self._last_rows and self.announced is not None and page <= self.announced:
            self.problems[page] = say("same-rows")
        self._last_rows = rows
        self._brought_new = not self.seen.issuperset(rows)
        self.seen.update(rows)

    def miss(self, page: int, why: Sentence) -> None:
        """Note a page that could not be fetched or read, and why."""
        self.problems[page] = why
        self._last_rows = ()

    def next_page(self, page: int) -> int | None:
        """Return the page to read after `page`. None at the end."""
        if self.pager is None:
            return None
        if page >= MAX_PAGES:
            self.problems[page] = say("endless-pager")
            return None
        if not self.walk_whole and self._last_rows and self.known.issuperset(self._last_rows):
            # Every row is known: the pages after it were read on an earlier night.
            self._is_cut_short = True
            return None
        if self.sought and self.sought <= self.seen:
            self._is_cut_short = True
            return None
        if self.announced is not None and page < self.announced:
            return page + 1
        if page in self.problems or not self._last_rows or not self._brought_new:
            return None
        is_full = len(self._last_rows) >= len(self.first_rows)
        return page + 1 if is_full or self.announced is None else None

    def needs_first_page_again(self) -> bool:
        """True if page 1 is to be read again: more than one page was read, or the only one had problems."""
        return self.pages_read > 1 or (self.pages_read == 1 and bool(self.problems))

    def report(self) -> WalkItem:
        """Return how far the listing was read. An announced page that came empty counts as missing."""
        problems = dict(self.problems)
        for page in self._empty_pages:
            if self.announced is not None and page <= self.announced:
                problems[page] = say("no-rows", pages=self.announced)
        missing = tuple(say("page-missing", page=page, problem=problems[page]) for page in sorted(problems))
        whole = self.is_done and self.is_steady and not missing and not self._is_cut_short
        return WalkItem(
            self.url, self.announced, self.pages_read, len(self.seen), missing, whole, not self._is_cut_short
        )


def _urls(listing: Listing) -> tuple[str, ...]:
    return tuple(row.address.url for row in listing.rows)
