"""How an archive stands: the last nights, and each problem in a sentence."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from build import Clock, Night, make_archive, utc

from crawler.errors import ArchiveUnusableError
from crawler.status import NIGHTS_SHOWN, PATIENCE, read_status

PLANNED = utc("2026-09-01T18:30:00Z")


def run(archive: Path, clock: Clock, outcome: str = "complete", reason: str | None = None) -> None:
    night = Night(archive, clock)
    night.session.finish(outcome, reason)
    night.session.close()


def test_a_night_that_went_well_is_all_well(tmp_path: Path) -> None:
    status = read_status(make_archive(tmp_path), PLANNED + timedelta(hours=3))
    assert status.problems == []
    (night,) = status.nights
    assert (night.portal, night.outcome, night.articles_new, night.errors) == ("sapa", "complete", 3, 3)
    assert status.lines() == ["2026-09-01T18:30:00Z  sapa  complete  3 new, 0 changed, 3 errors", "all well"]


def test_json_says_the_same(tmp_path: Path) -> None:
    status = read_status(make_archive(tmp_path), PLANNED + timedelta(days=2, hours=20))
    said = json.loads(json.dumps(status.as_json()))
    assert said["checked_at"] == "2026-09-04T14:30:00Z"
    assert said["problems"] == status.problems != []
    assert said["nights"][0]["outcome"] == "complete"


@pytest.mark.parametrize("outcome", ["partial", "suspect", "failed", "interrupted"])
def test_a_last_night_that_did_not_go_well_is_a_problem_with_its_reason(
    archive: Path, clock: Clock, outcome: str
) -> None:
    run(archive, clock, outcome, "because")
    (problem,) = read_status(archive, clock()).problems
    assert outcome in problem
    assert "because" in problem


def test_a_night_that_is_made_good_is_no_problem_any_more(archive: Path, clock: Clock) -> None:
    run(archive, clock, "partial", "because")
    clock.go_on(hours=1)
    run(archive, clock)
    assert read_status(archive, clock()).problems == []


def test_a_night_that_did_not_begin_is_overdue_only_after_a_while(archive: Path, clock: Clock) -> None:
    run(archive, clock)
    next_planned = PLANNED + timedelta(days=1)
    assert read_status(archive, next_planned + PATIENCE).problems == []
    (problem,) = read_status(archive, next_planned + PATIENCE + timedelta(seconds=1)).problems
    assert "2026-09-02T18:30:00Z did not begin" in problem


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_nights_that_did_not_begin_for_days_are_a_problem_at_every_hour(archive: Path, clock: Clock, hour: int) -> None:
    # Patience with tonight's planned time must not hide that the nights before it did not begin either.
    run(archive, clock)
    (problem,) = read_status(archive, PLANNED + timedelta(days=5, hours=hour)).problems
    assert "did not begin" in problem


def test_a_run_under_way_is_no_problem_and_a_dead_one_is(archive: Path, night: Night, clock: Clock) -> None:
    assert read_status(archive, clock()).problems == []
    night.session.close()
    (problem,) = read_status(archive, clock()).problems
    assert "died" in problem


def test_the_newest_nights_come_first_and_only_the_last_are_shown(archive: Path, clock: Clock) -> None:
    for _ in range(NIGHTS_SHOWN + 2):
        run(archive, clock)
        clock.go_on(days=1)
    nights = read_status(archive, clock()).nights
    assert len(nights) == NIGHTS_SHOWN
    assert [night.started_at for night in nights] == sorted((night.started_at for night in nights), reverse=True)


def test_an_archive_without_a_portal_says_so(archive: Path) -> None:
    from crawler.archive.database import open_for_writing

    open_for_writing(archive).close()
    (problem,) = read_status(archive, PLANNED).problems
    assert "run a crawl" in problem


def test_no_archive_is_told_and_none_is_made(archive: Path) -> None:
    with pytest.raises(ArchiveUnusableError, match="run a crawl first"):
        read_status(archive, PLANNED)
    assert not archive.exists()
