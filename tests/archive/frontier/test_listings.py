"""What the listings name: what is known of each, when it is walked whole, and what left it or came back."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.frontier.listings import read_known
from crawler.archive.warc.ledger import ListingWalked
from crawler.items import Address
from crawler.language.dates import to_iso_utc
from crawler.profile import parse_profile
from crawler.sentences import say
from tests.support.build import (
    BASE,
    PROFILE_TOML,
    Clock,
    Night,
    article,
    link,
    listing,
    make_profile,
    new_address,
    old_address,
    read_rows,
)

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


def events(archive: Path, article_id: int = 1) -> list[tuple[Any, ...]]:
    """Give the events about listings of an article: kind, day, listing."""
    rows = read_rows(
        archive,
        """select kind, substr(at, 6, 5), detail from article_events
           where article_id = ? and kind in ('listed', 'unlisted') order by id""",
        article_id,
    )
    return [*rows]


def listed(archive: Path) -> list[int]:
    return [row[0] for row in read_rows(archive, "select listed from articles order by id")]


def test_a_listing_that_was_never_read_is_unknown_and_walked_whole(night: Night) -> None:
    memory = night.queries.listing_memory(NEWS)
    assert (memory.has_known, memory.walk_whole) == (False, True)


def test_what_a_listing_names_is_remembered_by_listing(night: Night) -> None:
    show(night, A, B)
    show(night, C, url=NOTICES)
    assert known_in(night, NEWS) == {A.url, B.url}
    assert known_in(night, NOTICES) == {C.url}


def test_what_left_a_listing_is_not_known_in_it_any_more(archive: Path, clock: Clock) -> None:
    for rows in ((A, B), (A,)):
        with Night(archive, clock) as night:
            show(night, *rows)
        clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert known_in(night, NEWS) == {A.url}


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


def first_night(archive: Path, clock: Clock, *rows: Address, url: str = NEWS) -> None:
    with Night(archive, clock) as night:
        show(night, *rows, url=url)
        put(night, *rows)
    clock.go_on(days=1)


def test_an_article_that_left_its_listing_is_unlisted_with_the_evidence_and_looked_at_that_night(
    archive: Path, clock: Clock
) -> None:
    first_night(archive, clock, A, B)
    with Night(archive, clock) as night:
        night.put(article("Một"), A)
        assert A.url not in [entry.url for entry in night.queries.due()]
        show(night, B)
        assert [entry.url for entry in night.queries.due() if entry.url == A.url] == [A.url]
    assert listed(archive) == [0, 1]
    assert events(archive) == [("unlisted", "09-02", NEWS)]
    evidence = """select c.url, c.crawl_id from article_events e join captures c on c.id = e.capture_id
                  where e.kind = 'unlisted'"""
    assert read_rows(archive, evidence) == [(NEWS, 2)]


def test_an_article_that_only_left_the_listings_is_live_and_never_removed(archive: Path, clock: Clock) -> None:
    first_night(archive, clock, A, B)
    for _ in range(5):
        with Night(archive, clock) as night:
            show(night, B)
            put(night, A, B)
        clock.go_on(days=1)
    assert read_rows(archive, "select state, listed, removed_at from articles") == [
        ("live", 0, None),
        ("live", 1, None),
    ]
    assert events(archive) == [("unlisted", "09-02", NEWS)]


def test_a_walk_that_was_not_whole_unlists_nothing(archive: Path, clock: Clock) -> None:
    first_night(archive, clock, A, B)
    with Night(archive, clock) as night:
        show(night, B, whole=False)
    assert (listed(archive), events(archive)) == ([1, 1], [])


def test_an_article_is_listed_while_one_listing_names_it(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        show(night, A, B)
        show(night, A, url=NOTICES)
        put(night, A, B)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, B)
        show(night, A, url=NOTICES)
        assert night.value("select listed from frontier where url = ?", A.url) == 1
    assert (listed(archive), events(archive)) == ([1, 1], [])
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, B)
        show(night, C, url=NOTICES)
    assert listed(archive) == [0, 1]
    assert [kind for kind, *_ in events(archive)] == ["unlisted"]


def test_an_article_is_listed_while_a_listing_names_another_address_of_it(archive: Path, clock: Clock) -> None:
    first_night(archive, clock, A, B)
    with Night(archive, clock) as night:
        show(night, OLD, B)
        put(night, OLD)
    assert (listed(archive), events(archive)) == ([1, 1], [])


def test_an_article_that_moved_is_one_also_if_its_new_address_is_met_after_the_walk_ended(
    archive: Path, clock: Clock
) -> None:
    # The walk ends before the page of the new address is fetched. The end of the run decides whether it left.
    moved = new_address(1, "tin-1", "thong-bao")
    first_night(archive, clock, A, B)
    with Night(archive, clock) as night:
        show(night, B)
        show(night, moved, url=NOTICES)
        night.put_gone(A.url)
        night.put(article("Một"), moved)
    assert read_rows(archive, "select id, listed, state from articles") == [(1, 1, "live"), (2, 1, "live")]
    assert read_rows(archive, "select kind from article_events where article_id = 1") == [("found",)]


def test_an_article_that_moved_deep_into_another_listing_is_not_unlisted_before_that_was_walked_whole(
    archive: Path, clock: Clock
) -> None:
    # A page of the other listing failed on the night on which the first was walked whole; where it was not
    # read, it may name the article, which keeps its place by date when it moves.
    first_night(archive, clock, A, B)
    with Night(archive, clock) as night:
        show(night, C, url=NOTICES)
        put(night, C)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, B)
        night.put_listing(listing(link(C), url=NOTICES))
        night.walked(NOTICES, "page 2: timeout")
        put(night, A)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, B)
        show(night, C, A, url=NOTICES)
    assert (listed(archive), events(archive)) == ([1, 1, 1], [])


def test_an_article_that_stands_in_the_listings_again_is_listed_again(archive: Path, clock: Clock) -> None:
    first_night(archive, clock, A, B)
    for rows in ((B,), (A, B), (B,), (A, B)):
        with Night(archive, clock) as night:
            show(night, *rows)
            put(night, A, B)
        clock.go_on(days=1)
    assert events(archive) == [
        ("unlisted", "09-02", NEWS), ("listed", "09-03", NEWS), ("unlisted", "09-04", NEWS), ("listed", "09-05", NEWS),
    ]  # fmt: skip
    assert listed(archive) == [1, 1]


def test_an_article_that_stands_in_the_listings_again_under_a_new_address_is_listed_again(
    archive: Path, clock: Clock
) -> None:
    # The address becomes the article's only when its page is read, after the listing was.
    first_night(archive, clock, A, B)
    with Night(archive, clock) as night:
        show(night, B)
        put(night, A)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, OLD, B)
        put(night, OLD)
    assert listed(archive) == [1, 1]
    assert [kind for kind, *_ in events(archive)] == ["unlisted", "listed"]


def test_an_article_that_was_never_listed_before_is_listed_without_an_event(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        put(night, A)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, A)
    assert (listed(archive), events(archive)) == ([1], [])


def test_a_removed_article_that_a_listing_names_is_looked_at_that_night(archive: Path, clock: Clock) -> None:
    profile = make_profile("[removal]\nnights = 1\n")
    first_night(archive, clock, A, B)
    with Night(archive, clock, profile) as night:
        show(night, B)
        put(night, B)
        night.put_gone(A.url)
    clock.go_on(days=1)
    assert read_rows(archive, "select state from articles where id = 1") == [("removed",)]
    with Night(archive, clock, profile) as night:
        show(night, A, B)
        assert [entry.url for entry in night.queries.due() if entry.url == A.url] == [A.url]
        put(night, A)
    kinds = [row[0] for row in read_rows(archive, "select kind from article_events where article_id = 1 order by id")]
    assert kinds == ["found", "unlisted", "missed", "removed", "listed", "returned"]


def test_an_article_whose_canonical_address_no_page_named_is_looked_at_too_when_it_left(
    archive: Path, clock: Clock
) -> None:
    # The listing names the old address, which redirects: the canonical one is known from the answer alone.
    with Night(archive, clock) as night:
        show(night, OLD, B)
        night.put(article("Một"), OLD, A)
        put(night, B)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put(article("Một"), A)
        show(night, B)
        assert {A.url, OLD.url} & {entry.url for entry in night.queries.due()}


def test_an_article_that_left_is_unlisted_also_after_a_listing_fell_out_of_step(archive: Path, clock: Clock) -> None:
    # On one night a page of the second listing failed: it is walked whole a night after the first.
    with Night(archive, clock) as night:
        show(night, A, B)
        show(night, C, url=NOTICES)
        put(night, A, B, C)
    clock.go_on(days=1)
    for day in range(1, 31):
        with Night(archive, clock) as night:
            for url, rows in ((NEWS, (A, B) if day < 20 else (B,)), (NOTICES, (C,))):
                whole = night.queries.listing_memory(url).walk_whole
                missing = "page 2: timeout" if (url, day) == (NOTICES, 7) else None
                night.put_listing(listing(*map(link, rows), url=url))
                night.walked(url, missing, whole=whole and missing is None)
            put(night, A, B, C)
        clock.go_on(days=1)
    assert listed(archive) == [0, 1, 1]
    assert [kind for kind, *_ in events(archive)] == ["unlisted"]


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


@pytest.mark.parametrize("outcome", ["suspect", "failed", "interrupted"])
def test_a_night_that_is_not_sound_unlists_nothing(archive: Path, clock: Clock, outcome: str) -> None:
    with Night(archive, clock) as night:
        show(night, A, B, whole=True)
        put(night, A, B)
    clock.go_on(days=7)
    bad = Night(archive, clock)
    show(bad, A, whole=True)
    assert dict(bad.rows("select url, listed from listing_rows"))[B.url] == 0
    bad.writer.finish(outcome)
    bad.writer.close()
    assert listed(archive) == [1, 1]
    assert dict(read_rows(archive, "select url, listed from listing_rows")) == {A.url: 1, B.url: 1}
    assert dict(read_rows(archive, "select url, listed from frontier")) == {A.url: 1, B.url: 1}
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        show(night, A, whole=True)
    assert listed(archive) == [1, 0]
    assert [kind for kind, _, _ in events(archive, 2)] == ["unlisted"]


def test_an_ill_night_unlists_nothing(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        show(night, A, B, whole=True)
        put(night, A, B)
    clock.go_on(days=7)
    with Night(archive, clock, ill=say("pages-failing", count=40, total=50)) as night:
        show(night, A, whole=True)
    assert listed(archive) == [1, 1]


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
