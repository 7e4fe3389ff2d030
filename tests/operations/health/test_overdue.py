"""Nights that did not begin: when a night is overdue, and by which plan."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.operations.health.nights import FRESH, PATIENCE
from crawler.operations.health.status import read_status
from crawler.operations.journal.database import write_journal
from crawler.operations.journal.plans import put_plans
from tests.support.archives.rows import utc
from tests.support.build import Clock, Night, make_profile
from tests.support.operations import PLANNED, add_run, only, other_portal


def test_a_night_that_did_not_begin_is_overdue_only_after_a_while(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    next_planned = PLANNED + timedelta(days=1)
    assert read_status(archive, next_planned + PATIENCE).problems == ()
    problem = only(read_status(archive, next_planned + PATIENCE + timedelta(seconds=2)), "night-missed")
    assert problem.since == "2026-09-02T18:30:00Z"
    assert "the night planned for 2026-09-02 18:30 UTC did not begin; the last run began 2026-09-01 18:30 UTC" in (
        problem.sentence_en
    )
    assert "01:30 ngày 03/09/2026" in problem.sentence_vi


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_an_archive_a_day_old_is_well_at_every_hour(archive: Path, hour: int) -> None:
    clock = Clock(PLANNED + timedelta(hours=hour))
    add_run(archive, clock)
    assert read_status(archive, clock() + timedelta(days=1)).problems == ()
    assert read_status(archive, clock() + max(FRESH, timedelta(days=1) + PATIENCE) + timedelta(hours=24)).problems


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_nights_that_did_not_begin_for_days_are_a_problem_at_every_hour(archive: Path, clock: Clock, hour: int) -> None:
    # Patience with tonight's planned time must not hide that the nights before it did not begin either.
    add_run(archive, clock)
    problem = only(read_status(archive, PLANNED + timedelta(days=5, hours=hour)), "night-missed")
    count = 4 if timedelta(hours=hour) <= PATIENCE else 5
    assert f"{count} nights did not begin, the first planned for 2026-09-02 18:30 UTC" in problem.sentence_en


def test_nights_that_did_not_begin_for_months_are_reported_since_the_first(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    problem = only(read_status(archive, PLANNED + timedelta(days=140, hours=7)), "night-missed")
    assert problem.since == "2026-09-02T18:30:00Z"
    said = problem.sentence_en
    assert re.search(r"more than 1[45] nights did not begin, the first planned for 2026-09-02 18:30 UTC", said)
    assert re.search("hơn 1[45] đêm", problem.sentence_vi)


def test_missed_nights_are_no_problem_once_they_are_made_up(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    clock.go_on(days=5)
    add_run(archive, clock)
    assert read_status(archive, clock() + timedelta(hours=1)).problems == ()


def test_a_monthly_plan_is_not_overdue_for_weeks_and_then_is(archive: Path, clock: Clock) -> None:
    profile = make_profile('[schedule]\ncron = "0 3 1 * *"\n')
    add_run(archive, clock, profile=profile)
    assert read_status(archive, utc("2026-09-30T00:00:00Z")).problems == ()
    assert only(read_status(archive, utc("2026-10-25T00:00:00Z")), "night-missed").since == "2026-09-30T20:00:00Z"


def test_a_run_of_several_days_counts_for_the_nights_within_it(archive: Path, clock: Clock) -> None:
    night = Night(archive, clock)
    clock.go_on(days=4)
    night.capture("https://sapa.example.vn/x")
    night.writer.commit().result()
    assert read_status(archive, clock()).problems == ()
    night.writer.finish("complete")
    night.writer.close()
    assert read_status(archive, clock() + timedelta(hours=2)).problems == ()


def test_each_portal_is_judged_by_its_own_plan(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    add_run(archive, clock, profile=other_portal("thang", '[schedule]\ncron = "0 3 1 * *"\n'))
    problem = only(read_status(archive, PLANNED + timedelta(days=3)), "night-missed")
    assert problem.subject == "sapa"


def test_a_portal_that_waits_for_its_turn_is_not_missed(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    clock.go_on(days=1)
    other = Night(archive, clock, other_portal())
    clock.go_on(hours=20)
    other.capture("https://khac.example.vn/x")
    other.writer.commit().result()
    status = read_status(archive, clock())
    assert status.problems == ()
    assert ("night-missed", "sapa") in status.undecided
    other.writer.finish("complete")
    other.writer.close()
    assert only(read_status(archive, clock()), "night-missed").subject == "sapa"


def test_the_schedulers_plan_replaces_that_of_the_last_run(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    now = PLANNED + timedelta(days=3)
    assert only(read_status(archive, now), "night-missed")
    with write_journal(archive) as journal:
        put_plans(journal, [("sapa", "0 3 1 * * Asia/Ho_Chi_Minh 0", PLANNED)])
    status = read_status(archive, now)
    assert status.problems == ()
    assert status.portals[0].next_planned_at == "2026-09-30T20:00:00Z"


def test_nights_before_a_plan_was_made_are_not_missed(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    now = PLANNED + timedelta(days=3)
    with write_journal(archive) as journal:
        put_plans(journal, [("sapa", "30 1 * * * Asia/Ho_Chi_Minh 0", now - timedelta(hours=1))])
    assert read_status(archive, now).problems == ()
