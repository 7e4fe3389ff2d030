"""Which snapshots stay."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crawler.operations.backup.manifest import SnapshotName
from crawler.operations.backup.retention import choose_kept

FIRST = datetime(2026, 1, 1, 1, 30, tzinfo=UTC)


def _nightly(days: Iterable[int]) -> list[SnapshotName]:
    return [SnapshotName(number, FIRST + timedelta(days=day)) for number, day in enumerate(days, 1)]


def _days(names: Iterable[SnapshotName]) -> list[str]:
    return [f"{name.at:%Y-%m-%d}" for name in sorted(names)]


def test_a_year_and_more_keeps_seven_days_four_weeks_and_twelve_months() -> None:
    kept = _days(choose_kept(_nightly(range(400))))  # to 2027-02-04, a Thursday
    days = [f"2027-01-{day}" for day in (29, 30, 31)] + [f"2027-02-0{day}" for day in (1, 2, 3, 4)]
    sundays = ["2027-01-17", "2027-01-24", "2027-01-31"]
    months = ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30"]
    months += ["2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-04"]
    assert kept == sorted({*days, *sundays, *months})


def test_rotating_every_night_keeps_the_same_as_rotating_once() -> None:
    names = _nightly(range(400))
    held: set[SnapshotName] = set()
    for name in names:
        held = choose_kept({*held, name})
    assert held == choose_kept(names)


def test_of_several_on_one_day_the_last_made_stays() -> None:
    names = [SnapshotName(number, FIRST + timedelta(hours=number)) for number in range(1, 6)]
    assert choose_kept(names) == {names[-1]}


def test_a_pause_of_months_removes_nothing_by_itself() -> None:
    names = _nightly([0, 1, 2, 3, 4, 5, 200])
    assert choose_kept(names) == set(names)


def test_the_newest_stays_though_a_clock_that_was_ahead_dated_others_later() -> None:
    names = [SnapshotName(number, FIRST + timedelta(days=1000 + number)) for number in range(1, 30)]
    newest = SnapshotName(30, FIRST)
    assert newest in choose_kept([*names, newest])


def test_nothing_is_kept_of_nothing() -> None:
    assert choose_kept([]) == set()
