"""The walk through a listing: it misses nothing silently, and it ends at every pager."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from crawler.crawl.listings.list_end import FAR_PAGE, PagerAnswer
from crawler.crawl.listings.listing_walk import MOST_BARREN_PAGES, ListingWalk
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


@pytest.mark.parametrize("pinned_pages", [1, 2, 3])
def test_pinned_old_articles_on_the_first_pages_hide_no_new_one_behind_them(pinned_pages: int) -> None:
    pinned = [1, 2, 3, 4, 5, 6, 7, 8, 9][: 3 * pinned_pages]
    known = [*pinned, *range(60, 20, -1)]
    walk = ListingWalk(URL, urls_of(known), walk_whole=False, newest=urls_of(range(60, 50, -1)))
    rows = [*pinned, 61, *range(60, 20, -1)]
    pages = [rows[start : start + SIZE] for start in range(0, len(rows), SIZE)]
    walk.take_first(page(pages[0], len(pages)))
    read_pages, number = [1], 1
    while (following := walk.next_page(number)) is not None:
        number = following
        read_pages.append(number)
        walk.take(number, page(pages[number - 1]))
    assert 61 in numbers_seen(walk)
    # Half of the newest are passed soon after it.
    assert max(read_pages) <= pinned_pages + 4


def test_in_a_list_with_pins_one_known_page_ends_no_walk() -> None:
    known = [1, 2, *range(20, 8, -1)]
    walk = ListingWalk(URL, urls_of(known), walk_whole=False, newest=urls_of(range(20, 16, -1)))
    walk.take_first(page([1, 2, 20], 6))
    assert walk.next_page(1) == 2
    walk.take(2, page([19, 18, 17]))
    assert walk.next_page(2) == 3
    walk.take(3, page([16, 21, 15]))
    assert walk.next_page(3) == 4
    walk.take(4, page([14, 13, 12]))
    assert walk.next_page(4) == 5
    walk.take(5, page([11, 10, 9]))
    assert walk.next_page(5) is None


def test_a_page_in_no_order_of_date_does_not_end_a_walk() -> None:
    known = urls_of(range(1, 13))
    walk = ListingWalk(URL, known, walk_whole=False)
    walk.take_first(dated([1, 2, 3], [3, 2, 1], 4))
    assert walk.next_page(1) == 2
    walk.take(2, dated([4, 5, 6, 7, 8], [9, 1, 8, 2, 7], 4))
    assert walk.next_page(2) == 3
    walk.take(3, dated([9, 10, 11], [10, 11, 11], 4))
    assert walk.next_page(3) is None


def numbers_seen(walk: ListingWalk) -> set[int]:
    return {int(url.rpartition("-")[2]) for url in walk.seen}


@pytest.mark.parametrize("announces", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7, 9])
def test_every_row_of_a_listing_at_rest_is_seen(count: int, announces: bool) -> None:
    walk, portal = ListingWalk(URL), Portal(count, announces=announces)
    list(read(walk, portal))
    report = walk.report()
    assert (report.rows_seen, join(report.missing), report.whole) == (count, None, True)
    pages = [number for number in portal.served if number < FAR_PAGE]
    # An end that is not announced is proved: one page far behind, and the page before the end again.
    assert len(pages) <= count // SIZE + (1 if announces else 2)
    assert len(portal.served) - len(pages) == (0 if announces else 1)
    assert report.end_by == ("announced" if announces else "proved")


def test_without_a_pager_there_is_one_page_and_no_closing_look() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([3, 2, 1]))
    assert walk.next_page(1) is None
    assert not walk.needs_first_page_again()
    assert (walk.report().pages_read, walk.report().pages_announced) == (1, None)


def test_a_listing_without_articles_is_complete() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([]))
    assert walk.next_page(1) is None
    assert (walk.report().rows_seen, missing(walk)) == (0, None)


def test_an_article_that_appears_while_pages_are_read_hides_none() -> None:
    walk, portal = ListingWalk(URL), Portal(9)
    for number in read(walk, portal):
        if number == 2:
            portal.numbers.insert(0, 10)
    assert numbers_seen(walk) == set(range(1, 11))
    assert missing(walk) is None


@pytest.mark.parametrize("after", [1, 2, 3])
def test_an_article_that_vanishes_during_the_walk_hides_no_other_silently(after: int) -> None:
    # The rows after it move up by one: the first row of the next page moves to a page that was read already.
    walk, portal = ListingWalk(URL), Portal(12)
    for number in read(walk, portal):
        if number == after:
            portal.numbers.remove(12)
    assert numbers_seen(walk) >= set(range(1, 12)) or missing(walk) is not None or not walk.report().whole


def test_a_full_last_page_is_read_past_the_announced_end() -> None:
    walk, portal = ListingWalk(URL), Portal(9)
    for number in read(walk, portal):
        if number == 1:
            portal.numbers[0:0] = [12, 11, 10]
    assert portal.served == [2, 3, 4, 5]
    assert numbers_seen(walk) == set(range(1, 13))


def test_an_empty_page_past_the_announced_end_ends_the_walk_without_a_gap() -> None:
    walk, portal = ListingWalk(URL), Portal(6)
    list(read(walk, portal))
    assert portal.served == [2, 3]
    assert missing(walk) is None


def test_a_page_shorter_than_the_first_ends_the_walk_where_the_end_is_announced() -> None:
    walk, portal = ListingWalk(URL), Portal(5)
    list(read(walk, portal))
    assert portal.served == [2]


def test_a_pager_that_repeats_one_page_is_reported_and_left() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([3, 2, 1], 3))
    number = 1
    while (following := walk.next_page(number)) is not None:
        number = following
        walk.take(number, page([3, 2, 1]))
    assert number == 3
    told = missing(walk) or ""
    assert "page 2: shows the rows of the page before it" in told
    assert "page 3" in told


def test_a_pager_that_gives_page_1_for_every_number_ends_and_proves_nothing() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([3, 2, 1], pager=True))
    number: int | None = 1
    while (number := walk.next_page(number)) is not None:
        walk.take(number, page([3, 2, 1]))
    walk.is_done = True
    assert (walk.report().end_by, walk.report().whole) == ("unproved", False)


FRAGMENT, OTHER, SAID = b"fragment", b"another", b"message!"
ENDS: dict[str, tuple[PagerAnswer, PagerAnswer, str | None, bool]] = {
    # The answer at the end, the one far behind, how the end is known, whether a page is missing.
    "an empty fragment": (PagerAnswer(200, (), FRAGMENT), PagerAnswer(200, (), FRAGMENT), "proved", False),
    "a message": (PagerAnswer(200, (), SAID), PagerAnswer(200, (), SAID), "proved", False),
    "404": (PagerAnswer(404, problem=say("answered", status=404)),
            PagerAnswer(404, problem=say("answered", status=404)), "proved", False),
    "the last page again": (PagerAnswer(200, ("last",)), PagerAnswer(200, ("last",)), "proved", False),
    "500": (PagerAnswer(500, problem=say("answered", status=500)),
            PagerAnswer(500, problem=say("answered", status=500)), "unproved", False),
    "no bytes": (PagerAnswer(200, problem=say("cut-off")), PagerAnswer(200, problem=say("cut-off")), "unproved", False),
    "a block page far behind": (PagerAnswer(200, (), FRAGMENT), PagerAnswer(200, (), OTHER, say("cut-off")),
                                "unproved", False),
    "another answer far behind": (PagerAnswer(200, (), FRAGMENT), PagerAnswer(200, (), OTHER), "unproved", False),
    "a block page": (PagerAnswer(200, (), OTHER, say("cut-off")),
                     PagerAnswer(200, (), OTHER, say("cut-off")), None, True),
    "a timeout": (PagerAnswer(0, problem=say("cut-off")), PagerAnswer(0, problem=say("cut-off")), None, True),
    "500 here, an empty fragment far behind": (PagerAnswer(500, problem=say("answered", status=500)),
                                               PagerAnswer(200, (), FRAGMENT), None, True),
}  # fmt: skip


def give(walk: ListingWalk, number: int, answer: PagerAnswer) -> None:
    """Give a walk the answer of a pager, as the spider does."""
    if answer.problem is not None:
        walk.miss(number, answer.problem, status=answer.status, pieces=answer.pieces)
    else:
        rows = tuple(_row(f"{URL}/last-9") for _ in answer.rows)
        walk.take(number, Listing(URL, None, rows, None), pieces=answer.pieces)


def walk_to(walk: ListingWalk, end: PagerAnswer, far: PagerAnswer, *, again: PagerAnswer | None = None) -> list[int]:
    """Walk two pages and the end; give the numbers that were asked for."""
    asked = []
    walk.take_first(page([3, 2, 1], pager=True))
    number: int | None = 1
    while (number := walk.next_page(number)) is not None:
        if number >= FAR_PAGE:
            give(walk, number, far)
        elif number == 2:
            last = Listing(URL, None, (*page([6]).rows, _row(f"{URL}/last-9")), None)
            walk.take(2, last) if again is None or 2 not in asked else give(walk, 2, again)
        elif number == 3 and end.rows:
            give(walk, number, end)
        else:
            give(walk, number, end)
        asked.append(number)
    walk.is_done = True
    return asked


@pytest.mark.parametrize("name", ENDS)
def test_an_end_is_proved_by_what_the_portal_gives_far_behind(name: str) -> None:
    end, far, end_by, is_missing = ENDS[name]
    walk = ListingWalk(URL)
    walk_to(walk, end, far)
    report = walk.report()
    assert (report.end_by, report.whole) == (end_by, end_by == "proved")
    said = join(report.missing) or ""
    assert ("cannot be proved" in said) == (end_by == "unproved")
    if is_missing:
        assert said.startswith("page 3: ")
    assert (report.missing == ()) == (end_by == "proved")


def test_that_an_end_cannot_be_proved_is_said_once() -> None:
    end, far, _, _ = ENDS["500"]
    walk = ListingWalk(URL, known=known(1, 2, 3), end_said=True)
    walk_to(walk, end, far)
    assert (walk.report().missing, walk.report().whole) == ((), False)


@pytest.mark.parametrize("name", ["500", "no bytes"])
def test_a_failure_is_no_end_while_known_rows_lie_behind_it(name: str) -> None:
    end, far, _, _ = ENDS[name]
    walk = ListingWalk(URL, known=known(1, 2, 3, 77), end_said=True)
    walk_to(walk, end, far)
    assert (join(walk.report().missing) or "").startswith("page 3: ")


def test_a_pager_that_gives_rows_for_no_page_any_more_proves_nothing() -> None:
    walk = ListingWalk(URL)
    asked = walk_to(walk, *ENDS["an empty fragment"][:2], again=PagerAnswer(200, (), FRAGMENT))
    assert asked == [2, 3, FAR_PAGE, 2]
    assert (walk.report().end_by, walk.report().whole) == (None, False)
    assert missing(walk) == "page 3: the pager gives rows for no page any more"


def test_a_list_that_lost_its_pager_is_not_whole() -> None:
    walk = ListingWalk(URL, known(1, 2, 3, 4, 5), pages_before=2)
    walk.take_first(page([5, 4, 3]))
    assert walk.next_page(1) is None
    walk.is_done = True
    assert (walk.report().end_by, walk.report().whole) == ("unproved", False)


def test_rows_of_an_unknown_form_are_counted_said_once_and_end_no_list() -> None:
    odd = Listing(URL, None, (), None, unknown_rows=("https://x.vn/tin.aspx?id=7", "https://x.vn/tin.aspx?id=8"))
    for said_before, told in ((0, "2 rows lead to addresses of an unknown form"), (2, None)):
        walk = ListingWalk(URL, unknown_said=said_before)
        walk.take_first(page([3, 2, 1], pager=True))
        walk.take(2, odd)
        assert walk.next_page(2) == 3
        walk.take(3, page([6, 5, 4]))
        assert walk.next_page(3) == 4
        assert (walk.report().rows_unknown, missing(walk)) == (2, told)


def test_pinned_articles_that_fill_page_1_hide_no_new_ones_behind_them() -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(32)
    portal.numbers = [3, 2, 1, *(number for number in portal.numbers if number > 3)]
    list(read(walk, portal))
    assert numbers_seen(walk) >= {31, 32}
    assert portal.served == [2, 3]


@pytest.mark.parametrize("announces", [True, False])
def test_a_bound_cuts_a_walk_which_proves_nothing_then(announces: bool) -> None:
    walk, portal = ListingWalk(URL, most_pages=4), Portal(300, announces=announces)
    list(read(walk, portal))
    report = walk.report()
    assert portal.served == [2, 3, 4]
    assert (report.whole, report.to_end, report.end_by, report.cut_at) == (False, False, None, 5)
    assert join(report.missing) == "page 5: the bound of 4 pages is reached; the next run goes on here"


def test_a_list_as_long_as_the_bound_is_whole() -> None:
    walk, portal = ListingWalk(URL, most_pages=4), Portal(11)
    list(read(walk, portal))
    assert (walk.report().whole, walk.report().cut_at) == (True, None)


@pytest.mark.parametrize("announces", [True, False])
def test_a_list_longer_than_the_bound_is_read_in_several_nights(announces: bool) -> None:
    portal = Portal(60, announces=announces)
    known: set[str] = set()
    cut_at, nights = 0, []
    for _ in range(12):
        walk = ListingWalk(URL, frozenset(known), most_pages=6, cut_at=cut_at)
        portal.served = []
        list(read(walk, portal))
        report = walk.report()
        nights.append((max(portal.served), report.whole))
        known |= walk.seen
        if report.cut_at is None:
            break
        cut_at = report.cut_at
        portal.numbers.insert(0, portal.numbers[0] + 1)  # the next day's article
    assert len(nights) < 12
    assert not any(whole for _, whole in nights)
    assert known >= urls_of(range(1, 61))
    assert (join(report.missing), report.to_end, report.resumed_at is not None) == (None, True, True)


def test_a_walk_that_goes_on_sees_rows_that_moved_up() -> None:
    portal, walk = Portal(60), ListingWalk(URL, most_pages=6)
    list(read(walk, portal))
    known, cut_at = frozenset(walk.seen), walk.report().cut_at or 0
    del portal.numbers[3:8]  # five articles leave it
    following = ListingWalk(URL, known, most_pages=30, cut_at=cut_at)
    list(read(following, portal))
    assert following.seen | known >= urls_of(portal.numbers)


@pytest.mark.parametrize("announces", [True, False])
def test_a_list_that_became_short_is_read_whole_again(announces: bool) -> None:
    portal = Portal(9, announces=announces)
    walk = ListingWalk(URL, urls_of(range(1, 10)), cut_at=400)
    list(read(walk, portal))
    report = walk.report()
    assert (report.whole, report.missing, report.resumed_at) == (True, (), None)


def test_a_night_that_ends_leaves_the_place_where_the_walk_stood() -> None:
    walk, portal = ListingWalk(URL), Portal(60)
    pages = read(walk, portal)
    for _ in range(5):
        next(pages)
    walk.cut()
    assert (walk.report().cut_at, walk.report().to_end, walk.report().whole) == (5, False, False)
    resumed = ListingWalk(URL, frozenset(walk.seen), cut_at=300)
    resumed.take_first(portal.first())
    resumed.cut()
    assert resumed.report().cut_at == 300, "a night that ended sooner takes nothing back"


def test_a_pager_that_announces_a_thousand_million_pages_is_left_where_nothing_new_comes() -> None:
    walk, portal = ListingWalk(URL), Portal(9)
    walk.take_first(page([9, 8, 7], 1_000_000_000))
    number = 1
    while (following := walk.next_page(number)) is not None:
        number = following
        walk.take(number, portal.page(number))
    walk.is_done = True
    assert portal.served == list(range(2, 4 + MOST_BARREN_PAGES))
    assert numbers_seen(walk) == set(range(1, 10))
    assert not walk.report().whole
    assert len(walk.report().missing) <= MOST_BARREN_PAGES + 1


def test_behind_pages_that_fail_in_a_row_the_next_night_goes_on() -> None:
    portal, known, cuts = Portal(300), set[str](), [0]
    for _ in range(3):
        walk = ListingWalk(URL, frozenset(known), cut_at=cuts[-1])
        list(read(walk, portal, lost=range(10, 50)))
        known, cuts = known | walk.seen, [*cuts, walk.report().cut_at or 0]
        assert not walk.report().whole
    assert cuts == [0, 30, 48, 0]
    assert known == urls_of([*range(300, 300 - 27, -1), *range(153, 0, -1)])


def test_of_many_missing_pages_the_first_are_told_and_the_others_counted() -> None:
    walk, portal = ListingWalk(URL), Portal(600)
    list(read(walk, portal, lost=range(2, 190, 2)))
    assert str(walk.report().missing[-1]) == "44 more pages"


def test_a_failed_page_is_missing_and_the_walk_goes_on_after_it() -> None:
    walk, portal = ListingWalk(URL), Portal(9)
    list(read(walk, portal, lost=[2]))
    assert portal.served[0] == 3
    assert numbers_seen(walk) == {9, 8, 7, 3, 2, 1}
    report = walk.report()
    assert (join(report.missing), report.pages_announced) == ("page 2: timeout", 3)


def test_a_failed_last_page_ends_the_walk() -> None:
    walk, portal = ListingWalk(URL), Portal(9)
    list(read(walk, portal, lost=[3]))
    assert portal.served == [2]
    assert missing(walk) == "page 3: timeout"


def test_a_failed_page_past_the_announced_end_ends_the_walk() -> None:
    walk, portal = ListingWalk(URL), Portal(6)
    list(read(walk, portal, lost=[3]))
    assert portal.served == [2]


def test_a_failed_first_page_is_missing_and_not_read_again() -> None:
    walk = ListingWalk(URL, pages_before=3)
    walk.miss(1, say("other", text="timeout"))
    assert walk.next_page(1) is None
    assert not walk.needs_first_page_again()
    report = walk.report()
    assert (report.pages_read, join(report.missing), report.end_by) == (0, "page 1: timeout", None)


def test_an_announced_page_that_comes_empty_is_missing() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([9, 8, 7], 3))
    walk.take(2, page([]))
    assert walk.next_page(2) == 3
    walk.take(3, page([3, 2, 1]))
    assert missing(walk) == "page 2: came without rows, though 3 pages are announced"


def test_a_first_page_without_rows_though_more_are_announced_is_missing() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([], 3))
    assert "page 1" in (missing(walk) or "")


def test_pages_that_vanish_during_the_walk_are_not_gaps() -> None:
    walk, portal = ListingWalk(URL), Portal(7)
    for number in read(walk, portal):
        if number == 2:
            portal.numbers.remove(7)
    assert walk.report().pages_announced == 2
    assert missing(walk) is None


def test_a_closing_look_is_taken_after_several_pages_and_counts_as_none() -> None:
    walk, portal = ListingWalk(URL), Portal(6)
    for number in read(walk, portal):
        if number == 3:
            portal.numbers.insert(0, 7)
    assert numbers_seen(walk) == set(range(1, 8))
    assert walk.report().pages_read == 3


def test_gaps_are_reported_in_the_order_of_pages() -> None:
    walk = ListingWalk(URL)
    walk.take_first(page([9, 8, 7], 3))
    walk.miss(3, say("other", text="timeout"))
    walk.miss(2, say("answered", status=500))
    assert missing(walk) == "page 2: answered 500; page 3: timeout"


def known(*numbers: int) -> frozenset[str]:
    return frozenset(new_address(number, f"tin-{number}").url for number in numbers)


def test_a_known_stretch_ends_the_walk_and_it_is_not_called_whole() -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(30)
    list(read(walk, portal))
    assert portal.served == [2]
    report = walk.report()
    assert (report.pages_read, report.pages_announced, join(report.missing), report.whole) == (2, 10, None, False)


@pytest.mark.parametrize(("new", "read_pages"), [(1, [2]), (3, [2]), (4, [2, 3]), (7, [2, 3, 4])])
def test_the_walk_goes_on_while_pages_bring_anything_new(new: int, read_pages: list[int]) -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(30 + new)
    list(read(walk, portal))
    assert portal.served == read_pages
    assert numbers_seen(walk) >= set(range(31, 31 + new))
    assert not walk.report().whole


def test_a_pinned_article_beside_new_ones_does_not_end_the_walk() -> None:
    # Pinned rows are at the top of page 1. New rows are below them, and may fill the page.
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(33)
    portal.numbers.remove(7)
    portal.numbers.insert(0, 7)
    list(read(walk, portal))
    assert portal.served == [2, 3]
    assert numbers_seen(walk) >= {31, 32, 33}


def test_a_whole_walk_does_not_end_at_what_is_known() -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=True), Portal(30)
    list(read(walk, portal))
    assert portal.served == list(range(2, 12))
    assert (walk.report().rows_seen, walk.report().whole) == (30, True)


def test_a_failed_page_does_not_end_the_walk_as_known() -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(33)
    list(read(walk, portal, lost=[2]))
    assert portal.served == [3]
    assert missing(walk) == "page 2: timeout"


def test_an_empty_page_does_not_end_the_walk_as_known() -> None:
    walk = ListingWalk(URL, known(*range(1, 31)), walk_whole=False)
    walk.take_first(page([], 3))
    assert walk.next_page(1) == 2


def test_a_short_listing_that_was_read_to_its_end_is_whole_though_all_of_it_is_known() -> None:
    walk = ListingWalk(URL, known(1, 2, 3), walk_whole=False)
    walk.take_first(page([3, 2, 1]))
    assert walk.next_page(1) is None
    walk.is_done = True
    assert walk.report().whole


def test_a_new_article_that_comes_while_a_short_walk_reads_hides_none() -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(34)
    for number in read(walk, portal):
        if number == 1:
            portal.numbers[0:0] = [36, 35]
    assert numbers_seen(walk) >= {31, 32, 33, 34, 35, 36}


def test_a_row_that_vanished_from_page_1_makes_the_walk_whole() -> None:
    head = tuple(f"https://x.vn/tin/a-{number}" for number in range(3))
    for shown, walks_whole in ((head, False), (head[1:], True), (("https://x.vn/tin/new-9", *head[:2]), False)):
        walk = ListingWalk(URL, frozenset(head), walk_whole=False, head=head)
        walk.take_first(Listing(URL, None, tuple(_row(url) for url in shown), None))
        assert walk.walk_whole is walks_whole, shown


def _row(url: str) -> Link:
    return Link(Address(url, AddressKind.ARTICLE))


@pytest.mark.parametrize(
    ("known", "was_list", "is_new", "is_stranger", "awaited"),
    [
        (True, True, False, True, True),
        # A block page for longer than two weeks, where a list was.
        (True, False, False, True, True),
        # The portal made a page of the list.
        (True, False, False, False, False),
        # A link of the menu that never led to a list.
        (False, False, False, True, False),
        (False, False, True, True, True),
    ],
)
def test_a_list_is_awaited_until_the_portal_shows_another_page(
    known: bool, was_list: bool, is_new: bool, is_stranger: bool, awaited: bool
) -> None:
    rows = frozenset({"https://x.vn/a/b-1"} if known else ())
    walk = ListingWalk("https://x.vn/a", rows, was_list=was_list, is_new=is_new)
    assert walk.is_awaited(is_stranger=is_stranger) == awaited
