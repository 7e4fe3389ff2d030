"""The walk through a listing: it reports everything that it misses, and stops at known rows."""

import pytest

from crawler.crawl.listings.list_end import FAR_PAGE
from crawler.crawl.listings.listing_walk import ListingWalk
from crawler.items import Listing
from crawler.sentences import join, say
from tests.support.pages.walks import SIZE, URL, Portal, dated, known, missing, numbers_seen, page, read, row, urls_of


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


def test_pinned_articles_that_fill_page_1_hide_no_new_ones_behind_them() -> None:
    walk, portal = ListingWalk(URL, known(*range(1, 31)), walk_whole=False), Portal(32)
    portal.numbers = [3, 2, 1, *(number for number in portal.numbers if number > 3)]
    list(read(walk, portal))
    assert numbers_seen(walk) >= {31, 32}
    assert portal.served == [2, 3]


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
        walk.take_first(Listing(URL, None, tuple(row(url) for url in shown), None))
        assert walk.walk_whole is walks_whole, shown


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
