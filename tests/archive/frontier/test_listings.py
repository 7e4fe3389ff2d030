"""What the listings name: what is known of each, when it is walked whole, and what left it or came back."""

from pathlib import Path
from typing import Any

import pytest

from crawler.items import Address
from crawler.sentences import say
from tests.support.archives.listing_nights import NEWS, NOTICES, OLD, A, B, C, known_in, put, show
from tests.support.build import Clock, Night, article, link, listing, make_profile, new_address, read_rows


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
