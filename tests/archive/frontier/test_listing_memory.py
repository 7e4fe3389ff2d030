"""What is known of a listing before a run, and when it is walked to its end."""

from itertools import pairwise
from pathlib import Path

import pytest

from crawler.archive.warc.ledger import ListingWalked
from crawler.language.dates import to_iso_utc
from crawler.profile import parse_profile
from crawler.sentences import say
from tests.support.archives.listing_nights import NEWS, NOTICES, A, B, known_in, put, show
from tests.support.build import BASE, PROFILE_TOML, Clock, Night, article, link, listing, make_profile, new_address


def test_a_listing_that_was_never_read_is_unknown_and_walked_whole(night: Night) -> None:
    memory = night.queries.listing_memory(NEWS)
    assert (memory.has_known, memory.walk_whole) == (False, True)


def whole_nights(archive: Path, clock: Clock, urls: list[str], *, days: int, every: int = 7) -> list[list[str]]:
    """Walk listings as their memory says for some nights. Give the listings walked whole, night by night."""
    profile = make_profile(f"[relook]\nwalk_listings_every_days = {every}\n")
    walked = []
    for _ in range(days):
        with Night(archive, clock, profile) as night:
            whole = [url for url in urls if night.queries.listing_memory(url).walk_whole]
            for url in urls:
                night.walked(url, whole=url in whole)
        walked.append(whole)
        clock.go_on(days=1)
    return walked


@pytest.mark.parametrize("every", [1, 3, 7])
def test_a_listing_is_walked_whole_at_least_every_so_many_days_and_seldom_more_often(
    archive: Path, clock: Clock, every: int
) -> None:
    walked = whole_nights(archive, clock, [NEWS], days=30, every=every)
    at = [day for day, whole in enumerate(walked) if whole]
    gaps = [after - before for before, after in pairwise(at)]
    assert at[0] == 0
    assert max(gaps) <= every
    assert len(at) <= 30 / every + 2


def test_listings_that_began_together_are_walked_whole_together(archive: Path, clock: Clock) -> None:
    # An article that moved from one listing deep into another would else have left the listings for some nights.
    urls = [f"{BASE}/muc-{number}" for number in range(28)]
    walked = whole_nights(archive, clock, urls, days=22)
    assert [day for day, whole in enumerate(walked) if whole] == [0, 7, 14, 21]
    assert all(whole in ([], urls) for whole in walked)


def test_a_listing_is_not_walked_whole_twice_a_night(archive: Path, clock: Clock) -> None:
    for days in range(8):
        with Night(archive, clock) as night:
            show(night, A)
            assert not night.queries.listing_memory(NEWS).walk_whole, days
        clock.go_on(days=1)


def test_a_walk_that_was_due_on_a_night_without_a_run_is_caught_up(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.walked(NEWS)
    clock.go_on(days=9)
    with Night(archive, clock) as night:
        assert night.queries.listing_memory(NEWS).walk_whole


def test_a_walk_with_gaps_is_tried_whole_again_the_next_night(archive: Path, clock: Clock) -> None:
    for _ in range(3):
        with Night(archive, clock) as night:
            assert night.queries.listing_memory(NEWS).walk_whole
            night.walked(NEWS, missing="page 2: timeout")
        clock.go_on(days=1)


def test_a_listing_that_names_a_failed_article_is_walked_whole(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        show(night, A, B)
        put(night, A)
        night.put_failure(B.url, "http-500")
        night.walked(NEWS)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert night.queries.listing_memory(NEWS).walk_whole
        assert night.queries.facts().missing_articles == 1
        show(night, A)
        night.walked(NEWS)
        assert night.queries.facts().missing_articles == 0


def test_another_portals_run_in_between_does_not_part_the_walks_of_this_one(archive: Path, clock: Clock) -> None:
    # The second listing is due whole, since a page of it was missing, and so is the first.
    other = parse_profile(PROFILE_TOML.replace('"sapa"', '"khac"').replace(BASE, "https://khac.example.vn"))
    with Night(archive, clock) as night:
        show(night, A)
        night.walked(NOTICES, missing="page 2: timeout")
    with Night(archive, clock, other) as night:
        night.walked("https://khac.example.vn/tin-tuc")
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert night.queries.listing_memory(NOTICES).walk_whole
        assert night.queries.listing_memory(NEWS).walk_whole


def test_an_unproved_end_is_remembered_as_said_and_walked_as_rarely_as_a_whole_one(archive: Path, clock: Clock) -> None:
    for number in range(3):
        with Night(archive, clock) as night:
            memory = night.queries.listing_memory(NEWS)
            assert (memory.end_said, memory.unknown_said) == (number > 0, 4 if number else 0)
            night.put_listing(listing(link(A), url=NEWS))
            missing = () if number else (say("page-missing", page=3, problem=say("end-unproved")),)
            at = to_iso_utc(clock())
            night.writer.walked(
                ListingWalked(night.writer.crawl_id, NEWS, at, None, 2, 1, missing, False, True, "unproved", 4)
            ).result()
        clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert not night.queries.listing_memory(NEWS).walk_whole
    clock.go_on(days=7)
    with Night(archive, clock) as night:
        assert night.queries.listing_memory(NEWS).walk_whole


def test_a_page_of_the_menu_that_was_a_list_is_missed_for_two_weeks(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        assert not night.queries.listing_memory(NEWS).was_list
        show(night, A, whole=True)
    for days, was_list in ((1, True), (13, True), (1, False)):
        clock.go_on(days=days)
        with Night(archive, clock) as night:
            assert night.queries.listing_memory(NEWS).was_list is was_list


def test_a_page_of_the_menu_that_never_was_a_list_is_awaited_for_two_weeks(archive: Path, clock: Clock) -> None:
    for days, is_new in ((0, True), (14, True), (1, False)):
        clock.go_on(days=days)
        with Night(archive, clock) as night:
            assert night.queries.listing_memory(NEWS).is_new is is_new
            entry = ListingWalked(night.writer.crawl_id, NEWS, to_iso_utc(clock()), None, 0, 0, (), False)
            night.writer.walked(entry).result()


def walk_whole(night: Night, rows: int, **fields: int) -> None:
    """End a walk through the news that saw so many rows."""
    at = to_iso_utc(night.clock())
    entry = ListingWalked(night.writer.crawl_id, NEWS, at, 9, 9, rows, (), not fields, True, None, 0, **fields)
    night.writer.walked(entry).result()


def read_collapse(archive: Path, clock: Clock, *, held: int, named: int, now: int) -> bool:
    """Read a listing of `named` rows, `held` of them articles, then one of `now` rows. Return whether it collapsed."""
    rows = [new_address(number, f"tin-{number}") for number in range(1, named + 1)]
    with Night(archive, clock) as night:
        night.put_listing(listing(*map(link, rows), url=NEWS))
        for one in rows[: held // 2]:
            night.put(article(title=one.url), one)
        walk_whole(night, named)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        for one in rows[held // 2 : held]:
            night.put(article(title=one.url), one)
        night.writer.walked(
            ListingWalked(night.writer.crawl_id, NEWS, to_iso_utc(clock()), 9, 1, 1, (), False, False)
        ).result()
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_listing(listing(*map(link, rows[:now]), url=NEWS))
        walk_whole(night, now)
        return bool(night.queries.facts().unlike_before)


def test_a_listing_has_collapsed_if_it_lost_most_rows_that_led_to_articles(archive: Path, clock: Clock) -> None:
    # Half of them came only on the second night, when the listing was not read to its end.
    assert read_collapse(archive, clock, held=24, named=24, now=10)


def test_a_listing_that_no_longer_names_what_it_never_had_has_not_collapsed(archive: Path, clock: Clock) -> None:
    assert not read_collapse(archive, clock, held=24, named=300, now=24)


def test_a_walk_that_a_bound_cut_is_gone_on_with_until_one_reaches_the_end(archive: Path, clock: Clock) -> None:
    said = (say("page-missing", page=9, problem=say("bound-pages", bound=8)),)
    for fields, at in (({"cut_at": 9}, 9), ({"cut_at": 15, "resumed_at": 7}, 15)):
        with Night(archive, clock) as night:
            show(night, A, B, whole=False)
            night.writer.walked(
                ListingWalked(
                    night.writer.crawl_id, NEWS, to_iso_utc(clock()), 99, 8, 2, said, False, False, None, 0, **fields
                )
            ).result()
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            memory = night.queries.listing_memory(NEWS)
            assert (memory.cut_at, memory.walk_whole) == (at, True)
    with Night(archive, clock) as night:
        night.put_listing(listing(link(B), url=NEWS))
        walk_whole(night, 1, resumed_at=13)
        assert known_in(night, NEWS) == {A.url, B.url}, "no row is taken off the list by it"
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        memory = night.queries.listing_memory(NEWS)
        assert (memory.cut_at, memory.walk_whole) == (0, False)
