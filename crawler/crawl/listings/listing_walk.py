"""The walk through one listing's pages: which page comes next, when the walk ends, and which pages are missing.

Pages shift while they are read. A new article pushes rows down: a row appears twice, or the list grows by a page. A
removed article pulls rows up. So the walk goes on past the announced end while pages are full, and reads page 1 again
at the end. Where no end is announced, it is proved (`list_end`); a walk without a known end is not whole.

On most nights a listing is read only until a page from page 2 on names nothing new. Editors can pin articles and order
a list as they like, so that old ones fill the first pages: the walk goes on until it has passed half of the newest
known articles, and past a page whose dates are in no order. It is walked whole from time to time, to notice what left
it.

A bound ends the walk through a list that is too long for one night, or has no end. The next night's walk goes on there:
where its pages bring nothing new any more, it passes over those that are known.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from crawler.crawl.listings.list_end import (
    ALONE,
    ANNOUNCED,
    KNOWN_ENDS,
    MOST_STALE_PAGES,
    PROVED,
    UNPROVED,
    EndProof,
    PagerAnswer,
)
from crawler.crawl.listings.walk_item import WalkItem
from crawler.items import Listing, PageItem, Pager, Purpose, Refusal
from crawler.sentences import Sentence, say

# This many pages of a listing in a run, if its profile does not say otherwise.
MOST_PAGES = 1000
# A listing that announces more pages than it has is left after this many pages in a row with nothing new. If one of
# them failed, the next run goes on after them.
MOST_BARREN_PAGES = 20
# A walk goes on this many pages before the one where it was cut: rows move up when articles above them are removed.
OVERLAP_PAGES = 2
# This many missing pages are named one by one.
_MOST_TOLD = 50
# By these kinds a page of the menu is refused that is none of the portal.
_STRANGER_KINDS = ("not-a-listing", "too-large", "bad-encoding", "page_too_costly")
# This many rows of a page may be newer than the one above them.
_FEW_OUT_OF_ORDER = 2


@dataclass(slots=True)
class ListingWalk:
    """What was read of one listing so far.

    `has_known` if the listing named any address before. `known` are those that are known of by now: `know` adds those
    of a page before it is taken, and `needs_all_known` says when all of them are needed. `head` are those on its page 1
    when it was last read, `pages_before` the pages of its last walk to the end. `end_said` if it was said before that
    its end cannot be proved, `unknown_said` how many rows of unknown form were said. `was_list` if it was read as a
    list in the last days, `is_new` if it was not asked for before them, `was_in_place` if its address showed it the
    last time, and did not lead elsewhere, `has_left` if the menu no longer names it, `newest` are its newest known
    articles. With `sought` the walk ends as soon as it has seen all of it. `most_pages` may be asked for in this run,
    `cut_at` is the page where a bound cut an earlier walk, 0 if none did.
    """

    url: str
    known: frozenset[str] = frozenset()
    walk_whole: bool = True
    head: tuple[str, ...] = ()
    sought: frozenset[str] = frozenset()
    pages_before: int = 0
    end_said: bool = False
    unknown_said: int = 0
    was_list: bool = False
    is_new: bool = True
    was_in_place: bool = False
    has_left: bool = False
    newest: frozenset[str] = frozenset()
    most_pages: int = MOST_PAGES
    cut_at: int = 0
    has_known: bool = False
    knows_all: bool = True
    referer: str = ""
    pager: Pager | None = None
    announced: int | None = None
    first_rows: tuple[str, ...] = ()
    seen: set[str] = field(default_factory=set)
    pages_read: int = 0
    problems: dict[int, Sentence] = field(default_factory=dict)
    is_steady: bool = True
    is_done: bool = False
    end_by: str | None = None
    unknown: set[str] = field(default_factory=set)
    _last_rows: tuple[str, ...] = ()
    _is_in_order: bool = True
    _is_rearranged: bool = False
    _known_pages: int = 0
    _last_answer: PagerAnswer | None = None
    _proof: EndProof | None = None
    _far: PagerAnswer | None = None
    _stale_pages: int = 0
    _end_page: int = 1
    _empty_pages: list[int] = field(default_factory=list)
    _brought_new: bool = True
    _is_cut_short: bool = False
    _pages_asked: int = 1
    _last_asked: int = 1
    _barren_pages: int = 0
    _has_failed: bool = False
    _passed_from: int | None = None
    _resumed_at: int | None = None
    _is_cut: bool = False

    def is_awaited(self, *, is_stranger: bool) -> bool:
        """Return whether an address of the menu that shows no list now must show one.

        A page of the portal that was no list lately is just a page. A stranger, such as a block page, says nothing:
        what named articles before is awaited for as long as it comes.
        """
        return self.was_list or (is_stranger and (self.is_new or self.is_known))

    @property
    def is_known(self) -> bool:
        """True if the listing named any address before."""
        return self.has_known or bool(self.known)

    @property
    def needs_all_known(self) -> bool:
        """True if the end of the list is being proved, which takes all addresses that it named before."""
        return self.is_proving and self.has_known and not self.knows_all

    def know(self, known: frozenset[str], *, is_all: bool = False) -> None:
        """Add addresses that the listing named before."""
        self.known |= known
        self.knows_all = self.knows_all or is_all

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
        self._is_in_order = _is_by_date(listing)
        # The first row of a list by date is one of the newest, or new.
        is_pinned = bool(self.newest and rows) and rows[0] in self.known and rows[0] not in self.newest
        self._is_rearranged = is_pinned or not self._is_in_order
        self.first_rows = self.first_rows or rows
        self._last_rows = rows
        self.seen.update(rows)
        self.unknown.update(listing.unknown_rows)

    def take(self, page: int, listing: Listing, *, pieces: bytes = b"") -> None:
        """Add a later page; `pieces` are the digests of one without rows."""
        rows = _urls(listing)
        answer = PagerAnswer(200, (*rows, *listing.unknown_rows), pieces)
        if self._proof is not None:
            self._proof.take(answer)
            return
        self._last_answer = answer
        self.pages_read += 1
        if not answer.rows:
            self._empty_pages.append(page)
        elif rows and rows == self._last_rows and self.announced is not None and page <= self.announced:
            self.problems[page] = say("same-rows")
        self._last_rows, self._is_in_order = rows, _is_by_date(listing)
        self._note_new(not (self.seen.issuperset(rows) and self.unknown.issuperset(listing.unknown_rows)))
        self.seen.update(rows)
        self.unknown.update(listing.unknown_rows)

    def miss(self, page: int, why: Sentence, *, status: int = 0, pieces: bytes = b"") -> None:
        """Note a page that could not be fetched or read, and why; `status` is 0 if nothing came."""
        answer = PagerAnswer(status, (), pieces, why)
        if self._proof is not None:
            self._proof.take(answer)
            return
        self._last_answer = answer
        if page == 1 or self.announced is None or page <= self.announced:
            self.problems[page] = why
        self._last_rows = ()
        self._note_new(False, has_failed=not answer.is_sound)

    def next_page(self, page: int) -> int | None:
        """Return the page to read after `page`. None at the end, or at a bound."""
        following = self._find_next(page)
        if following is None:
            return None
        if self._pages_asked >= self.most_pages and not self.is_proving:
            self.cut(following, say("bound-pages", bound=self.most_pages))
            return None
        self._pages_asked += 1
        self._last_asked = following
        return following

    def cut(self, page: int | None = None, why: Sentence | None = None) -> None:
        """End the walk before a page because of a bound; without a page, where it is when the night ends."""
        at = max(2, page or self._last_asked)
        self.problems.setdefault(at, why or say("bound-night"))
        self.cut_at, self._is_cut = max(at, self.cut_at if self._resumed_at is None else 0), True

    def _note_new(self, brought_new: bool, *, has_failed: bool = False) -> None:
        self._brought_new = brought_new
        self._barren_pages = 0 if brought_new else self._barren_pages + 1
        self._has_failed = not brought_new and (has_failed or self._has_failed)

    def _find_next(self, page: int) -> int | None:
        """Return the page after `page`, as if a night had no bounds."""
        if self.pager is None:
            if 1 not in self.problems:
                self.end_by = UNPROVED if self.pages_before > 1 else ALONE
            return None
        if self._proof is not None:
            return self._go_on_proving(self._proof)
        if page == self._resumed_at and not self._last_rows and self._last_answer and self._last_answer.is_sound:
            return self._go_back()
        is_past_new = self._is_past_what_is_new(page)
        if is_past_new and self.walk_whole and self._may_resume(page):
            self._passed_from, self._resumed_at = page + 1, self.cut_at - OVERLAP_PAGES
            return self._resumed_at
        if (is_past_new and not self.walk_whole) or (self.sought and self.sought <= self.seen):
            # Every row is known: the pages after it were read on an earlier night.
            self._is_cut_short = True
            return None
        return self._find_in_list(page)

    def _find_in_list(self, page: int) -> int | None:
        """Return the page after one of a list whose rows are all to be read."""
        if self.announced is None:
            return self._next_unannounced(page)
        if page < self.announced:
            if self._barren_pages < MOST_BARREN_PAGES:
                return page + 1
            why = say("pages-barren", count=self._barren_pages)
            if self._has_failed:
                self.cut(page + 1, why)  # the list may go on after pages that fail
            else:
                self.problems[page + 1] = why
            return None
        self.end_by = ANNOUNCED
        if page in self.problems or not self._last_rows or not self._brought_new:
            return None
        return page + 1 if len(self._last_rows) >= len(self.first_rows) else None

    def _may_resume(self, page: int) -> bool:
        """Return whether to pass over the pages from here to where a bound cut an earlier walk."""
        is_there = self.announced is None or self.cut_at <= self.announced
        return is_there and self._resumed_at is None and self.cut_at - OVERLAP_PAGES > page + 1

    def _go_back(self) -> int | None:
        """Return the first page that was passed over: the list is shorter than it was."""
        page, self._passed_from = self._passed_from, None
        assert self._resumed_at is not None
        self.problems.pop(self._resumed_at, None)
        self._empty_pages = [one for one in self._empty_pages if one != self._resumed_at]
        self._resumed_at = self.cut_at = 0
        self._barren_pages = 0
        return page

    def _is_past_what_is_new(self, page: int) -> bool:
        """Return whether no new article can come after a page.

        In a list with pinned articles at its head, two pages in a row must be known.
        """
        if not self._last_rows or not self.known.issuperset(self._last_rows):
            self._known_pages = 0
            return False
        if page == 1:
            return self.announced == 1
        self._known_pages += 1
        has_passed_newest = 2 * len(self.newest & self.seen) >= len(self.newest)
        return has_passed_newest and self._is_in_order and self._known_pages >= (2 if self._is_rearranged else 1)

    def _next_unannounced(self, page: int) -> int | None:
        """Return the page after one of a list whose end is not announced: at its end, those that prove it."""
        if page == 1:
            self.end_by = None if self.first_rows or self.unknown else UNPROVED
            return 2 if self.end_by is None and 1 not in self.problems else None
        answer = self._last_answer
        if answer is None or not answer.may_be_past_the_end:
            return None
        if self._brought_new:
            self._stale_pages = 0
            return page + 1
        self._end_page = page
        proof = EndProof(page, answer, self._far)
        self._proof = proof
        return proof.far_page if self._far is None else self._go_on_proving(proof)

    def _go_on_proving(self, proof: EndProof) -> int | None:
        """Return the next page of a proof, or of the list if its end is not reached; None if the end is decided."""
        self._far = proof.far
        if proof.again is None and proof.is_like_far:
            return proof.page - 1
        self._proof = None
        if proof.again is None and proof.end.rows and self._stale_pages < MOST_STALE_PAGES:
            self._stale_pages += 1
            return proof.page + 1
        if proof.again is not None and not proof.again.rows:
            self.problems[proof.page] = proof.end.problem or say("pager-silent")
        elif not proof.end.is_sound:
            # A failure can be the end of the list only if nothing that is known comes after it.
            if proof.again is not None and self.seen.issuperset(self.known):
                del self.problems[proof.page]
                self.end_by = UNPROVED
        else:
            is_proved = proof.again is not None and proof.end.rows != self.first_rows
            self.end_by = PROVED if is_proved else UNPROVED
            self.problems.pop(proof.page, None)
        return None

    @property
    def is_proving(self) -> bool:
        """True while the end of the list is being proved: the answers are not pages of the walk."""
        return self._proof is not None

    def needs_first_page_again(self) -> bool:
        """True if page 1 is to be read again: more than one page was read, or the only one had problems."""
        return self.pages_read > 1 or (self.pages_read == 1 and bool(self.problems))

    def finish(self) -> WalkItem:
        """End the walk, and return its report."""
        self.is_done = True
        return self.report()

    def report(self) -> WalkItem:
        """Return how far the listing was read. An announced page that came empty counts as missing.

        That the end cannot be proved, and how many rows have an unknown form, is said among what is missing, once.
        """
        problems = dict(self.problems)
        for page in self._empty_pages:
            if self.announced is not None and page <= self.announced:
                problems[page] = say("no-rows", pages=self.announced)
        is_to_end = not self._is_cut_short and not self._is_cut
        whole = self.is_done and self.is_steady and not problems and is_to_end and self._passed_from is None
        if self.end_by == UNPROVED and not self.end_said and (self.seen or self.is_known):
            problems.setdefault(self._end_page, say("end-unproved"))
        told = sorted(problems)[:_MOST_TOLD]
        missing = [say("page-missing", page=page, problem=problems[page]) for page in told]
        if len(problems) > len(told):
            missing.append(say("more-pages-missing", count=len(problems) - len(told)))
        if len(self.unknown) > self.unknown_said:
            missing.append(say("rows-unknown", count=len(self.unknown)))
        return WalkItem(
            self.url, self.announced, self.pages_read, len(self.seen), tuple(missing),
            whole and self.end_by in KNOWN_ENDS, is_to_end, self.end_by, len(self.unknown),
            self.cut_at if self._is_cut else None, self._resumed_at if self._passed_from is not None else None,
        )  # fmt: skip


def stranger_of(item: PageItem) -> Refusal | None:
    """Return the refusal of what came in place of a list. None for a list, an article, and any page of the portal."""
    refusal = item.reading.refusal
    if item.reading.article is not None or refusal is None:
        return None
    return refusal if item.purpose is not Purpose.MENU or refusal.kind in _STRANGER_KINDS else None


def _is_by_date(listing: Listing) -> bool:
    """False for a page whose rows show dates in no order, the newest first. A few rows out of order are pinned ones."""
    days = [row.date.on for row in listing.rows if row.date is not None]
    rising = sum(later > earlier for earlier, later in pairwise(days))
    return rising < _FEW_OUT_OF_ORDER or rising * 4 <= len(days)


def _urls(listing: Listing) -> tuple[str, ...]:
    return tuple(row.address.url for row in listing.rows)
