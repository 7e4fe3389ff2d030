"""How the end of a listing is known, and what a walk proves if its end is not."""

import pytest

from crawler.crawl.listings.list_end import FAR_PAGE, PagerAnswer
from crawler.crawl.listings.listing_walk import ListingWalk
from crawler.items import Listing
from crawler.sentences import join, say
from tests.support.pages.walks import URL, Portal, known, missing, numbers_seen, page, read, row


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
        rows = tuple(row(f"{URL}/last-9") for _ in answer.rows)
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
            last = Listing(URL, None, (*page([6]).rows, row(f"{URL}/last-9")), None)
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
