"""Removals: live, suspect, removed, one step a night at most, with the evidence for each, and the way back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.frontier.rechecks import Rechecks
from crawler.profile import Profile
from crawler.sentences import say
from tests.support.build import Clock, Night, article, link, listing, make_profile, new_address, old_address, read_rows

A, OLD, B = new_address(1, "mot"), old_address(1001, "mot"), new_address(2, "hai")
ILL = say("pages-failing", count=40, total=50)

Act = Callable[[Night], object]


def found(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.put(article(), A)


def seen(night: Night) -> None:
    night.put(article(), A)


def gone(night: Night) -> None:
    """The article is gone, and no listing names it."""
    night.put_gone(A.url)
    night.walked()


def found_twice(night: Night) -> None:
    """The article is met under both its addresses."""
    night.put_listing(listing(link(A), link(OLD)))
    night.put(article(), OLD, A)


def tell(archive: Path, clock: Clock, *nights: Act | None, profile: Profile | None = None) -> None:
    """Run a night for each act; None is a night on which the machine is off."""
    for act in nights:
        if act is not None:
            with Night(archive, clock, profile) as night:
                act(night)
        clock.go_on(days=1)


def state(archive: Path, article_id: int = 1) -> tuple[Any, ...]:
    return read_rows(archive, "select state, removed_at from articles where id = ?", article_id)[0]


def events(archive: Path, article_id: int = 1) -> list[tuple[str, str]]:
    """Give kind and day of every event, in order; those of the listings aside."""
    rows = read_rows(archive, "select kind, at from article_events where article_id = ? order by id", article_id)
    return [(kind, at[5:10]) for kind, at in rows if kind not in ("unlisted", "listed")]


ANSWERS: dict[str, Act] = {
    "http-404": gone,
    "http-410": lambda night: (night.put_gone(A.url, 410), night.walked()),
    "soft-404": lambda night: (night.put_refusal(A.url), night.walked()),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_misses_on_three_nights_lead_over_suspect_to_removed_each_with_its_evidence(
    archive: Path, clock: Clock, kind: str
) -> None:
    tell(archive, clock, found)
    steps = []
    for _ in range(3):
        tell(archive, clock, ANSWERS[kind])
        steps.append(state(archive))
    assert steps == [("suspect", None), ("suspect", None), ("removed", "2026-09-02T18:30:00Z")]
    assert events(archive) == [
        ("found", "09-01"), ("missed", "09-02"), ("missed", "09-03"), ("missed", "09-04"), ("removed", "09-04"),
    ]  # fmt: skip
    evidence = read_rows(
        archive,
        """select e.kind, c.crawl_id, e.detail from article_events e join captures c on c.id = e.capture_id
           where e.kind not in ('found', 'unlisted') order by e.id""",
    )
    assert evidence == [
        ("missed", 2, kind), ("missed", 3, kind), ("missed", 4, kind),
        ("removed", 4, "missed on 3 nights since 2026-09-02T18:30:00Z"),
    ]  # fmt: skip


def test_nothing_of_a_removed_article_is_deleted(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, gone, gone)
    assert read_rows(archive, "select title, body, revision from articles") == [("Tin", "Thân bài.", 1)]
    assert read_rows(archive, "select number, title from revisions") == [(1, "Tin")]
    assert read_rows(archive, "select url from article_urls") == [(A.url,)]


def test_several_runs_of_one_night_count_once(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found)
    for _ in range(4):
        with Night(archive, clock) as night:
            gone(night)
        clock.go_on(hours=2)
    assert events(archive) == [("found", "09-01"), ("missed", "09-02")]
    assert state(archive) == ("suspect", None)


def test_a_night_is_a_date_in_the_portals_zone(archive: Path, clock: Clock) -> None:
    # 16:30 and 17:30 of one day in UTC are two dates at the portal; 17:30 and 16:30 of the next day are one.
    tell(archive, clock, found)
    nights = []
    for hours in (22, 1, 23):
        clock.go_on(hours=hours)
        with Night(archive, clock) as night:
            gone(night)
        nights.append(len(events(archive)) - 1)
    assert nights == [1, 2, 2]


def test_removed_at_is_the_first_miss_also_with_nights_without_a_run_between(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, None, None, gone, None, gone)
    assert state(archive) == ("removed", "2026-09-02T18:30:00Z")
    assert events(archive)[1:] == [("missed", "09-02"), ("missed", "09-05"), ("missed", "09-07"), ("removed", "09-07")]


@pytest.mark.parametrize(("nights", "steps"), [(1, ["removed"] * 2), (2, ["suspect", "removed"]), (5, ["suspect"] * 4)])
def test_how_many_nights_it_takes_stands_in_the_profile(
    archive: Path, clock: Clock, nights: int, steps: list[str]
) -> None:
    profile = make_profile(f"[removal]\nnights = {nights}\n")
    tell(archive, clock, found, profile=profile)
    states = []
    for _ in steps:
        tell(archive, clock, gone, profile=profile)
        states.append(state(archive)[0])
    assert states == steps
    assert [kind for kind, _ in events(archive)].count("removed") == ("removed" in steps)


def test_a_suspect_that_answers_has_returned_and_its_absence_stays_on_record(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, gone, seen)
    assert state(archive) == ("live", None)
    assert events(archive)[1:] == [("missed", "09-02"), ("missed", "09-03"), ("returned", "09-04")]
    detail = read_rows(archive, "select detail from article_events where kind = 'returned'")
    assert detail == [("was suspect, last seen on 2026-09-02",)]
    assert read_rows(archive, "select night, counted from misses") == [("2026-09-03", 1), ("2026-09-04", 1)]


def test_a_removed_article_that_comes_back_is_live_and_its_absence_stays_on_record(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, gone, gone, None, seen, seen)
    assert state(archive) == ("live", None)
    assert events(archive)[4:] == [("removed", "09-04"), ("returned", "09-06")]


def test_after_a_return_the_nights_are_counted_anew(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, gone, seen, gone, gone)
    assert state(archive) == ("suspect", None)
    tell(archive, clock, gone)
    assert state(archive) == ("removed", "2026-09-05T18:30:00Z")


def test_a_removed_article_that_is_looked_at_again_and_gone_adds_no_event(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, gone, gone, gone, gone)
    assert events(archive)[-1] == ("removed", "09-04")
    assert state(archive) == ("removed", "2026-09-02T18:30:00Z")
    assert read_rows(archive, "select articles_removed from crawls order by id") == [(0,), (0,), (0,), (1,), (0,), (0,)]


@pytest.mark.parametrize("order", [("gone", "seen"), ("seen", "gone")])
def test_what_is_seen_the_same_night_under_another_address_is_no_miss(
    archive: Path, clock: Clock, order: tuple[str, str]
) -> None:
    acts: dict[str, Act] = {"gone": gone, "seen": lambda night: night.put(article(), OLD)}

    def both(night: Night) -> None:
        for name in order:
            acts[name](night)

    tell(archive, clock, found_twice, both, both, both)
    assert events(archive) == [("found", "09-01")]
    assert state(archive) == ("live", None)


def test_what_is_seen_by_a_later_run_of_the_night_has_returned(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found)
    for act in (gone, seen):
        with Night(archive, clock) as night:
            act(night)
        clock.go_on(hours=1)
    assert events(archive)[1:] == [("missed", "09-02"), ("returned", "09-02")]
    assert state(archive) == ("live", None)


def test_a_miss_makes_the_articles_other_addresses_due_the_same_night(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found_twice)
    with Night(archive, clock) as night:
        assert OLD.url not in [entry.url for entry in night.queries.due()]
        gone(night)
        assert OLD.url in [entry.url for entry in night.queries.due()]
        night.put_gone(OLD.url)
        assert [entry.url for entry in night.queries.due()] == []
    assert events(archive)[1:] == [("missed", "09-02")]


def test_ill_nights_count_nothing_and_leave_no_event(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found)
    for _ in range(5):
        with Night(archive, clock, ill=ILL) as night:
            gone(night)
        clock.go_on(days=1)
    assert state(archive) == ("live", None)
    assert events(archive) == [("found", "09-01")]
    assert {row[0] for row in read_rows(archive, "select counted from misses")} == {0}


def test_an_ill_night_neither_counts_nor_breaks_the_count(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone)
    with Night(archive, clock, ill=ILL) as night:
        gone(night)
    clock.go_on(days=1)
    tell(archive, clock, gone)
    assert state(archive)[0] == "suspect"
    tell(archive, clock, gone)
    assert state(archive) == ("removed", "2026-09-02T18:30:00Z")


@pytest.mark.parametrize("outcome", ["interrupted", "failed"])
def test_a_run_that_did_not_get_far_leaves_its_misses_to_the_nights_next_run(
    archive: Path, clock: Clock, outcome: str
) -> None:
    tell(archive, clock, found)
    first = Night(archive, clock)
    gone(first)
    first.writer.finish(outcome)
    first.writer.close()
    assert events(archive) == [("found", "09-01")]
    clock.go_on(hours=1)
    with Night(archive, clock):
        pass
    assert events(archive)[1:] == [("missed", "09-02")]


@pytest.mark.parametrize("status", [400, 401, 403, 429, 451, 500, 502, 503, 504])
def test_an_answer_that_says_not_you_or_not_now_is_never_a_miss(archive: Path, clock: Clock, status: int) -> None:
    tell(archive, clock, found, *[lambda night: night.put_gone(A.url, status)] * 4)
    assert (state(archive), events(archive)) == (("live", None), [("found", "09-01")])


def test_no_answer_is_never_a_miss(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, *[lambda night: night.put_failure(A.url, attempted=True)] * 4)
    assert (state(archive), events(archive)) == (("live", None), [("found", "09-01")])


@pytest.mark.parametrize(
    "kind",
    [
        "bad-encoding",
        "too-large",
        "login",
        "another-layout",
        "redirected-away",
        "no-title",
        "listing",
        "empty",
        "blocked",
    ],
)
def test_a_page_that_cannot_be_read_says_nothing_of_its_article_and_is_never_a_miss(
    archive: Path, clock: Clock, kind: str
) -> None:
    # A body cut off in its gzip stream, a login page (a 401 in disguise), a layout the parser does not know.
    tell(archive, clock, found, *[lambda night: night.put_refusal(A.url, kind)] * 3)
    assert (state(archive), events(archive)) == (("live", None), [("found", "09-01")])


@pytest.mark.parametrize(("asked", "led_to"), [(A, B), (B, A)])
def test_an_address_that_leads_to_another_article_is_no_miss_and_asked_again(
    archive: Path, clock: Clock, asked: Any, led_to: Any
) -> None:
    def both_found(night: Night) -> None:
        night.put_listing(listing(link(asked), link(led_to)))
        night.put(article("Mất"), asked)
        night.put(article("Còn"), led_to)

    tell(archive, clock, both_found)
    with Night(archive, clock) as night:
        night.put_refusal(asked.url, "redirected-away", led_to=led_to.url)
        states = dict(night.rows("select url, state from frontier"))
    assert read_rows(archive, "select state from articles") == [("live",), ("live",)]
    assert states == {asked.url: "failed", led_to.url: "done"}


def test_what_was_never_held_cannot_be_missed(archive: Path, clock: Clock) -> None:
    tell(archive, clock, lambda night: night.put_listing(listing(link(A))), gone, gone)
    assert read_rows(archive, "select * from misses") == []
    assert read_rows(archive, "select * from article_events") == []


def test_a_run_counts_how_many_articles_became_certain_to_be_removed(archive: Path, clock: Clock) -> None:
    def all_found(night: Night) -> None:
        for number in range(1, 5):
            night.put(article(f"Tin {number}"), new_address(number, f"tin-{number}"))

    def two_gone(night: Night) -> None:
        for number in (1, 3):
            night.put_gone(new_address(number, f"tin-{number}").url)
            night.put(article(f"Tin {number + 1}"), new_address(number + 1, f"tin-{number + 1}"))

    tell(archive, clock, all_found, two_gone, two_gone, two_gone)
    assert read_rows(archive, "select articles_removed from crawls order by id") == [(0,), (0,), (0,), (2,)]
    assert read_rows(archive, "select id from articles where state = 'removed' order by id") == [(1,), (3,)]


def test_a_pass_over_midnight_is_one_night_for_all_that_it_looks_at(archive: Path, clock: Clock) -> None:
    # The run begins at 23:30 at the portal. What it fetches after midnight belongs to the same night.
    clock.go_on(hours=22)

    def long_pass(night: Night) -> None:
        gone(night)
        clock.go_on(hours=1)
        night.put(article("Hai", "Thân bài khác."), B)
        night.put(article("Ba", "Thân bài mới."), new_address(3, "ba"))

    def found_both(night: Night) -> None:
        night.put_listing(listing(link(A), link(B)))
        night.put(article(), A)
        night.put(article("Hai", "Thân bài khác."), B)

    with Night(archive, clock) as night:
        found_both(night)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        long_pass(night)
        assert night.queries.facts().rechecks == Rechecks(seen=1, missed=1, failed=0, is_all=True)
    assert read_rows(archive, "select night, counted from misses") == [("2026-09-03", 1)]
    assert state(archive) == ("suspect", None)
    days = read_rows(archive, "select first_seen_on, looked_on, seen_on from articles order by id")
    assert days == [
        ("2026-09-02", "2026-09-03", "2026-09-02"), ("2026-09-02", "2026-09-03", "2026-09-03"),
        ("2026-09-03", "2026-09-03", "2026-09-03"),
    ]  # fmt: skip


def test_failures_after_midnight_are_of_the_night_that_began(archive: Path, clock: Clock) -> None:
    clock.go_on(hours=22)
    with Night(archive, clock) as night:
        night.put_listing(listing(link(A)))
        clock.go_on(hours=1)
        night.put_failure(A.url, attempted=True)
    assert read_rows(archive, "select failed_on from frontier where url = ?", A.url) == [("2026-09-02",)]


def test_a_look_at_a_removed_article_that_is_still_gone_is_no_error(archive: Path, clock: Clock) -> None:
    tell(archive, clock, found, gone, gone, gone, gone)
    errors = read_rows(archive, "select crawl_id, kind from crawl_errors where url = ? order by id", A.url)
    assert errors == [(2, "http-404"), (3, "http-404"), (4, "http-404")]
    assert read_rows(archive, "select count(*) from misses") == [(4,)]


def test_a_removed_article_that_a_listing_still_names_is_not_missing_nor_asked_each_night(
    archive: Path, clock: Clock
) -> None:
    tell(archive, clock, found, gone, gone, gone)
    with Night(archive, clock) as night:
        night.put_listing(listing(link(A)))  # named again: looked at this night
        assert A.url in [entry.url for entry in night.queries.due()]
        night.put_gone(A.url)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_listing(listing(link(A)))
        assert A.url not in [entry.url for entry in night.queries.due()]
        night.put_failure(A.url, "http-500")
        assert night.queries.facts().missing_articles == 0
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert A.url not in [entry.url for entry in night.queries.due()]
    assert state(archive)[0] == "removed"
