"""Walks that a bound or the end of a night cuts, and how the next night continues them."""

import pytest

from crawler.crawl.listings.listing_walk import MOST_BARREN_PAGES, ListingWalk
from crawler.sentences import join
from tests.support.pages.walks import URL, Portal, numbers_seen, page, read, urls_of


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
