"""The frontier: what is fetched next, in which order, and what is never fetched again."""

from itertools import pairwise
from pathlib import Path

import pytest

from crawler.archive.frontier import frontier
from crawler.archive.frontier.frontier import GAP_NIGHTS
from crawler.items import FileRole, FrontierState, Purpose
from tests.support.build import BASE, STORE, Clock, Night, article, link, listing, new_address, old_address, picture

A, B, C = (new_address(number, f"tin-{number}") for number in (1, 2, 3))


def add(night: Night, purpose: Purpose, *urls: str, listed: bool = False) -> int:
    capture = night.capture(f"{BASE}/", b"page")
    return frontier.add_found(
        night.writer.connection,
        "sapa",
        urls=urls,
        purpose=purpose,
        capture_id=capture.id,
        at=capture.fetched_at,
        listed=listed,
    )


def due(night: Night, on: str | None = None) -> list[str]:
    entries = frontier.read_due(night.writer.connection, "sapa", night=on or night.writer.night)
    return [entry.url for entry in entries]


def state(night: Night, url: str) -> object:
    return night.value("select state from frontier where url = ?", url)


def test_links_and_listings_take_turns_before_requisites(night: Night) -> None:
    add(night, Purpose.REQUISITE, f"{BASE}/a.css")
    add(night, Purpose.ARTICLE, B.url, A.url)
    add(night, Purpose.ARTICLE, C.url, listed=True)
    assert due(night) == [B.url, C.url, A.url, f"{BASE}/a.css"]


def test_an_address_found_twice_is_one_entry_marked_as_listed(night: Night) -> None:
    add(night, Purpose.ARTICLE, A.url)
    add(night, Purpose.ARTICLE, A.url, listed=True)
    add(night, Purpose.ARTICLE, A.url)
    assert night.rows("select url, listed, attempts from frontier") == [(A.url, 1, 0)]


def test_an_address_that_was_done_is_not_pending_again_when_it_is_found_again(night: Night) -> None:
    night.put(article(), A, links=[link(A)])
    night.put_listing(listing(link(A)))
    assert state(night, A.url) == "done"
    assert due(night) == []


def test_what_no_listing_names_is_added_as_long_as_there_is_room(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontier, "MAX_UNLISTED", 2)
    d = new_address(4, "tin-4")
    add(night, Purpose.ARTICLE, A.url)
    assert add(night, Purpose.ARTICLE, A.url, B.url, C.url, d.url) == 2
    assert due(night) == [A.url, B.url]
    assert add(night, Purpose.ARTICLE, C.url, listed=True) == 0
    assert add(night, Purpose.ARTICLE, C.url, A.url) == 0
    assert add(night, Purpose.REQUISITE, f"{BASE}/a.css") == 1
    assert sorted(due(night)) == sorted([A.url, B.url, C.url]), "what a listing names always has room"
    night.put(article(), A)
    add(night, Purpose.ARTICLE, C.url, d.url)
    assert sorted(due(night)) == sorted([B.url, C.url, d.url])


def test_a_page_that_names_itself_is_done_and_its_links_are_pending(night: Night) -> None:
    night.put(article(), A, links=[link(A), link(B)])
    assert due(night) == [B.url]


def test_every_address_an_article_answered_to_is_done(night: Night) -> None:
    old = old_address(9, "tin-1")
    add(night, Purpose.ARTICLE, A.url, old.url)
    night.put(article(), old, A)
    assert due(night) == []


def test_a_failed_address_is_due_again_and_missing_if_listed(night: Night) -> None:
    night.put_listing(listing(link(A), link(B)))
    add(night, Purpose.ARTICLE, C.url)
    assert night.queries.facts().missing_articles == 2
    for url in (A.url, C.url):
        night.put_failure(url, "timeout")
    night.put(article(), B)
    assert (state(night, A.url), state(night, B.url)) == ("failed", "done")
    assert due(night) == [A.url, C.url]
    assert night.queries.facts().missing_articles == 1
    assert night.value("select reason from frontier where url = ?", A.url) == "timeout"


def test_a_page_without_an_article_is_failed_and_due_again(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.put_refusal(A.url, "another-layout")
    assert (state(night, A.url), due(night), night.queries.facts().missing_articles) == ("failed", [A.url], 1)


def test_a_held_article_that_answers_as_gone_is_missed_and_not_missing(night: Night) -> None:
    for number, refuse in enumerate((404, 410, None)):
        at = new_address(50 + number, f"mat-{number}")
        night.put_listing(listing(link(at)))
        night.put(article(f"Mất {number}"), at)
        if refuse:
            night.put_gone(at.url, refuse)
        else:
            night.put_refusal(at.url, "soft-404")
        assert state(night, at.url) == "missed"
        # `rechecks` decides by the article when it is fetched again, not the frontier.
        assert at.url not in due(night)
    assert night.queries.facts().missing_articles == 0


def test_a_listed_article_that_was_never_held_and_answers_as_gone_is_missing(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.put_gone(A.url)
    assert (state(night, A.url), night.queries.facts().missing_articles) == ("failed", 1)


def test_a_full_run_fetches_every_article_again_but_no_requisite(archive: Path, clock: Clock) -> None:
    asked = []
    for full in (False, True):
        with Night(archive, clock, full=full) as night:
            add(night, Purpose.ARTICLE, A.url)
            add(night, Purpose.REQUISITE, f"{BASE}/a.css")
            if not full:
                night.put(article(), A)
                night.put_file(f"{BASE}/a.css", b"a{}", FileRole.REQUISITE)
            asked.append([entry.url for entry in night.queries.due()])
    assert asked == [[], [A.url]]


def test_a_dead_requisite_is_not_fetched_again(night: Night) -> None:
    add(night, Purpose.REQUISITE, f"{BASE}/a.css", f"{BASE}/b.css")
    night.put_failure(f"{BASE}/a.css", "http-404", "requisite")
    assert state(night, f"{BASE}/a.css") == "dead"
    assert due(night) == [f"{BASE}/b.css"]
    assert due(night, "2027-09-02") == [f"{BASE}/b.css"]


def test_a_picture_that_an_article_holds_is_not_fetched_as_a_requisite_too(night: Night) -> None:
    add(night, Purpose.REQUISITE, f"{STORE}/a.png", f"{STORE}/b.png")
    night.put_file(f"{STORE}/a.png", picture())
    assert due(night) == [f"{STORE}/b.png"]


def test_a_stylesheet_brings_its_own_requisites(night: Night) -> None:
    night.put_file(f"{BASE}/a.css", b"a{background:url(/images/b.png)}", FileRole.REQUISITE)
    assert due(night) == [f"{BASE}/images/b.png"]


def test_attempts_and_the_run_are_stored(night: Night, clock: Clock) -> None:
    add(night, Purpose.ARTICLE, A.url)
    night.put_failure(A.url)
    clock.go_on(minutes=1)
    night.put(article(), A)
    row = night.rows("select state, attempts, attempted_at, crawl_id, reason from frontier where url = ?", A.url)
    assert row == [("done", 2, "2026-09-01T18:31:00Z", night.writer.crawl_id, None)]


def test_marking_an_unknown_address_adds_no_entry(night: Night) -> None:
    at, on = "2026-09-01T18:30:00Z", "2026-09-02"
    attempt = frontier.Attempt("sapa", at, on, 1)
    frontier.set_state(night.writer.connection, attempt, urls=[A.url], state=FrontierState.DONE)
    assert night.rows("select * from frontier") == []


def test_the_frontier_outlives_the_run(night: Night, clock: Clock) -> None:
    add(night, Purpose.ARTICLE, A.url)
    night.writer.finish("interrupted")
    night.writer.close()
    with Night(night.writer.archive, clock) as after:
        assert [entry.url for entry in after.queries.due()] == [A.url]


def fail_on_nights(archive: Path, clock: Clock, count: int) -> None:
    """Let a listed article fail on some nights, twice on each."""
    for _ in range(count):
        for _ in range(2):
            with Night(archive, clock) as night:
                night.put_listing(listing(link(A)))
                if A.url in [entry.url for entry in night.queries.due()]:
                    night.put_failure(A.url, "http-500")
            clock.go_on(hours=1)
        clock.go_on(hours=22)


def look_at_gap(archive: Path, clock: Clock) -> tuple[object, int, int]:
    """Give an address's state, and the numbers of missing listed articles and new gaps, in a run now."""
    with Night(archive, clock) as night:
        return state(night, A.url), night.queries.facts().missing_articles, night.queries.facts().new_gaps


def test_five_nights_of_failure_make_a_known_gap_that_is_not_missing(archive: Path, clock: Clock) -> None:
    fail_on_nights(archive, clock, GAP_NIGHTS - 1)
    assert look_at_gap(archive, clock) == ("failed", 1, 0)
    with Night(archive, clock) as night:
        night.put_failure(A.url, "http-500")
        assert state(night, A.url) == "gap"
        assert (night.queries.facts().missing_articles, night.queries.facts().new_gaps) == (0, 1)
    clock.go_on(days=1)
    assert look_at_gap(archive, clock) == ("gap", 0, 0)


def test_a_gap_is_new_on_one_night_only(archive: Path, clock: Clock) -> None:
    fail_on_nights(archive, clock, GAP_NIGHTS)
    new = []
    for _ in range(40):
        with Night(archive, clock) as night:
            if night.queries.due():
                night.put_failure(A.url, "http-500")
            new.append(night.queries.facts().new_gaps)
        clock.go_on(days=1)
    assert new == [0] * 40


def test_a_known_gap_is_tried_more_and_more_rarely(archive: Path, clock: Clock) -> None:
    tried = []
    for day in range(150):
        with Night(archive, clock) as night:
            night.put_listing(listing(link(A)))
            if A.url in [entry.url for entry in night.queries.due()]:
                tried.append(day)
                night.put_failure(A.url, "http-500")
        clock.go_on(days=1)
    gaps = [after - before for before, after in pairwise(tried)]
    assert gaps[: GAP_NIGHTS - 1] == [1] * (GAP_NIGHTS - 1)
    assert gaps == sorted(gaps)
    assert set(gaps) == {1, 7, 30}


def test_a_known_gap_that_answers_is_held_and_counts_from_zero_again(archive: Path, clock: Clock) -> None:
    fail_on_nights(archive, clock, GAP_NIGHTS)
    clock.go_on(days=7)
    with Night(archive, clock) as night:
        assert [(entry.url, entry.state) for entry in night.queries.due()] == [(A.url, "gap")]
        night.put(article(), A)
        night.put_failure(A.url, "http-500")
        assert night.rows("select state, fail_nights from frontier where url = ?", A.url) == [("failed", 1)]


def test_a_failure_between_answers_never_adds_up_to_a_gap(archive: Path, clock: Clock) -> None:
    for _ in range(2 * GAP_NIGHTS):
        with Night(archive, clock) as night:
            add(night, Purpose.ARTICLE, A.url)
            night.put_failure(A.url)
            night.put(article(), A)
            night.put_failure(A.url)
        clock.go_on(days=1)
    assert look_at_gap(archive, clock)[0] == "failed"


def test_a_gap_that_no_listing_names_is_not_reported(archive: Path, clock: Clock) -> None:
    for _ in range(GAP_NIGHTS):
        with Night(archive, clock) as night:
            add(night, Purpose.ARTICLE, A.url)
            night.put_failure(A.url)
            found = (state(night, A.url), night.queries.facts().new_gaps)
        clock.go_on(days=1)
    assert found == ("gap", 0)


def test_an_article_that_left_its_listings_and_cannot_be_read_is_no_missing_listed_one(
    archive: Path, clock: Clock
) -> None:
    with Night(archive, clock) as night:
        night.put_listing(listing(link(A), link(B)))
        night.put(article("Một"), A)
        night.put(article("Hai"), B)
        night.walked(whole=True)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_listing(listing(link(B)))
        night.walked(whole=True)
        for one in (A, B):
            night.put_refusal(one.url, "blocked")
        assert night.queries.facts().missing_articles == 1
