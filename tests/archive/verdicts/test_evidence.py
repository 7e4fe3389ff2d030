"""What makes a removal certain: absent nights, no listing, and others that answer; and when each doubt ends."""

from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.archive.frontier.rechecks import read_witnesses
from crawler.sentences import say
from tests.support.build import BASE, Clock, Night, article, make_profile, new_address, read_rows
from tests.support.portals.absences import Portal

CERTAIN = {
    "one of a large category": {"tin_tuc": 8, "thong_bao": 4},
    "one of a category of two": {"tin_tuc": 2, "thong_bao": 4},
    "the only one of its category": {"tin_tuc": 1, "thong_bao": 4},
    "one of a portal of three": {"tin_tuc": 3},
    "one of a portal of two": {"tin_tuc": 2},
    "the only article of the portal": {"tin_tuc": 1},
}


@pytest.mark.parametrize("name", CERTAIN)
def test_what_no_listing_names_is_removed_on_the_third_absent_night(archive: Path, clock: Clock, name: str) -> None:
    portal = Portal(archive, clock, **CERTAIN[name])
    portal.gone = portal.at("tin_tuc", 0)
    assert portal.removed_after(portal.gone) == 3
    assert read_rows(archive, "select removed_at from articles where id = 1") == [("2026-09-02T18:30:00Z",)]


def test_one_run_a_week_needs_three_runs_too(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=5)
    portal.gone = portal.at("tin_tuc", 0)
    for state in ("suspect", "suspect", "removed"):
        portal.night(days=7)
        assert portal.states(portal.gone) == {state}


def test_four_of_four_articles_of_a_category_are_removed_on_the_third_night(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=4, thong_bao=6)
    portal.gone = set(portal.shelf["tin_tuc"])
    assert portal.removed_after(portal.gone) == 3


def test_articles_that_came_after_an_absence_are_no_witnesses_for_it(archive: Path, clock: Clock) -> None:
    # Another body took over the host: its own articles answer, and none of those that stood here before.
    portal = Portal(archive, clock, tin_tuc=20)
    portal.gone = set(portal.shelf["tin_tuc"])
    portal.shelf["xa_moi"] = [new_address(number, f"bai-{number}", "xa-moi") for number in range(901, 931)]
    assert portal.removed_after(portal.gone, at_most=9) == 0
    assert portal.states(portal.gone) == {"suspect"}


def test_old_witnesses_are_asked_for_though_new_articles_answered(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=8)
    portal.gone = portal.at("tin_tuc", 0)
    portal.nights(2)
    portal.shelf["tin_tuc"] += [new_address(number, f"bai-{number}", "tin-tuc") for number in range(901, 907)]
    portal.night()
    connection = open_for_writing(archive)
    connection.execute("update articles set state = 'suspect' where state = 'removed'")
    connection.execute("update articles set seen_on = '2026-09-01', looked_on = '2026-09-01' where id between 2 and 8")
    asked = read_witnesses(connection, "sapa", night="2026-09-04", nights=3)
    connection.close()
    assert {at.url for at in portal.shelf["tin_tuc"][1:8]} >= set(asked)
    assert len(asked) == 5


def test_while_the_category_does_not_answer_nothing_of_it_is_certain(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=5, thong_bao=20)
    portal.gone, portal.mute = portal.at("tin_tuc", 0), portal.at("tin_tuc", 1, 2, 3, 4)
    portal.nights(5)
    assert portal.states(portal.gone) == {"suspect"}
    portal.mute = portal.at("tin_tuc", 4)
    portal.night()
    assert portal.states(portal.gone) == {"removed"}


def test_a_category_that_stays_mute_hides_a_removal_for_seven_nights(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=5, thong_bao=20)
    portal.gone, portal.mute = portal.at("tin_tuc", 0), portal.at("tin_tuc", 1, 2, 3, 4)
    assert portal.removed_after(portal.gone) == 7


def test_what_a_listing_still_names_is_a_suspect_for_fourteen_days(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=8)
    portal.gone = portal.listed = portal.at("tin_tuc", 0)
    assert portal.removed_after(portal.gone) == 15  # the first absent night and fourteen days
    detail = read_rows(archive, "select detail_kind, detail from article_events where kind = 'removed'")
    assert detail == [("removed-listed", "missed on 15 nights since 2026-09-02T18:30:00Z; a listing still names it")]


@pytest.mark.parametrize(
    ("ends_on", "kind"), [("02/9/2026", "removed-ended"), ("03/9/2026", "removed-ended"), ("20/8/2026", "removed"),
                          ("20/9/2026", "removed")],
)  # fmt: skip
def test_an_end_that_the_last_text_named_stands_beside_the_removal(
    archive: Path, clock: Clock, ends_on: str, kind: str
) -> None:
    portal = Portal(archive, clock, tin_tuc=5)
    at = portal.shelf["tin_tuc"][0]
    with Night(archive, clock) as night:
        text = f"Thân bài {at.source_id}. Nhận hồ sơ từ ngày 01/8/2026 đến hết ngày {ends_on}."
        night.put(article(f"Bài {at.source_id}", text), at)
    portal.gone = {at}
    portal.clock.go_on(days=1)
    assert portal.removed_after(portal.gone) == 3
    said = read_rows(archive, "select detail_kind, detail from article_events where kind = 'removed'")
    assert [one[0] for one in said] == [kind]
    assert ("as an end" in said[0][1]) == (kind == "removed-ended")


def test_fourteen_days_with_few_looks_are_not_enough_for_what_is_listed(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=8)
    portal.gone = portal.listed = portal.at("tin_tuc", 0)
    for looks in range(1, 7):
        portal.night(days=7)
        assert portal.states(portal.gone) == {"suspect"}, looks
    portal.night()
    assert portal.states(portal.gone) == {"removed"}


def test_what_leaves_the_listings_later_is_removed_that_night(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=8)
    portal.gone = portal.listed = portal.at("tin_tuc", 0)
    portal.nights(5)
    portal.listed = set()
    portal.night()
    assert portal.states(portal.gone) == {"removed"}


def test_a_sight_begins_the_count_of_a_listed_article_anew(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=8)
    one = portal.listed = portal.at("tin_tuc", 0)
    for gone in (one, one, one, one, one, one, one, one, one, one, set(), one, one, one, one, one):
        portal.gone = gone
        portal.night()
    assert portal.states(one) == {"suspect"}


@pytest.mark.parametrize(("of", "gone", "nights"), [(100, 9, 3), (100, 10, 7), (201, 10, 3), (200, 10, 7)])
def test_ten_at_once_and_a_twentieth_of_the_looks_are_certain_after_seven_nights(
    archive: Path, clock: Clock, of: int, gone: int, nights: int
) -> None:
    portal = Portal(archive, clock, tin_tuc=of - 20, thong_bao=20)
    portal.gone = portal.at("tin_tuc", *range(gone))
    assert portal.removed_after(portal.gone, at_most=8) == nights


def test_half_a_category_is_certain_after_seven_nights(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=10, thong_bao=90)
    portal.gone = portal.at("tin_tuc", *range(5))
    assert portal.removed_after(portal.gone, at_most=8) == 7


def test_a_whole_category_is_removed_if_other_categories_answer(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=12, thong_bao=90)
    portal.gone = set(portal.shelf["tin_tuc"])
    assert portal.removed_after(portal.gone, at_most=8) == 7


def test_many_at_once_while_no_other_category_answers_are_never_certain(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=12, thong_bao=3)
    portal.gone, portal.mute = portal.at("tin_tuc", *range(6)), set(portal.shelf["thong_bao"])
    portal.nights(12)
    assert portal.states(portal.gone) == {"suspect"}


def test_what_vanished_with_many_stays_one_of_many_when_most_come_back(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=60, thong_bao=20)
    portal.gone = portal.at("tin_tuc", *range(12))
    portal.nights(2)
    portal.gone = portal.at("tin_tuc", 0, 1)
    assert portal.removed_after(portal.gone, at_most=8) == 5


def test_nights_on_which_the_portal_is_ill_do_not_count(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=5)
    portal.gone = portal.at("tin_tuc", 0)
    portal.nights(2)
    portal.night(ill=say("pages-failing", count=40, total=50))
    assert portal.states(portal.gone) == {"suspect"}
    portal.night()
    assert portal.states(portal.gone) == {"removed"}


def test_what_cannot_be_read_for_thirty_nights_is_said_and_never_removed(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=5)
    portal.mute = portal.at("tin_tuc", 0)
    since = "select unread_since, state from articles where id = 1"
    portal.nights(29)
    assert read_rows(archive, since) == [(None, "live")]
    portal.night()
    assert read_rows(archive, since) == [("2026-09-02T18:30:00Z", "live")]
    portal.nights(2)
    portal.mute = set()
    portal.night()
    assert read_rows(archive, since) == [(None, "live")]


def test_on_a_portal_that_is_ill_nothing_is_said_to_be_unreadable(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=5)
    portal.mute = portal.at("tin_tuc", 0)
    for _ in range(33):
        portal.night(ill=say("pages-failing", count=40, total=50))
    assert read_rows(archive, "select unread_since from articles where id = 1") == [(None,)]


def test_the_nights_of_the_profile_are_the_least(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, profile=make_profile("[removal]\nnights = 5\n"), tin_tuc=5)
    portal.gone = portal.at("tin_tuc", 0)
    assert portal.removed_after(portal.gone) == 5


def test_before_a_removal_is_certain_its_listing_and_others_are_asked(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=9, thong_bao=5)
    portal.gone, portal.unwalked = portal.at("tin_tuc", 0), {"tin_tuc", "thong_bao"}
    one = next(iter(portal.gone))
    portal.nights(2)
    with Night(archive, clock) as night:
        assert (night.queries.controls(), night.queries.doubtful_listings()) == ([], {})
        night.put_gone(one.url)
        assert night.queries.doubtful_listings() == {f"{BASE}/tin-tuc": frozenset({one.url})}
        controls = night.queries.controls()
    others = {at.url for at in portal.shelf["tin_tuc"]} - {one.url}
    assert len(others & set(controls)) >= 3
    assert len(controls) <= 10
    assert portal.states(portal.gone) == {"suspect"}
