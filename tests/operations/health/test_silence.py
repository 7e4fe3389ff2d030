"""Whether a portal is silent for longer than usual."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.operations.health.silence import EndedRun, covered_day, find_silence, is_working_night
from crawler.operations.health.status import read_status
from tests.support.archives.rows import utc
from tests.support.build import BASE, Clock, Night, article_page, new_address

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEGIN = utc("2026-03-01T18:30:00Z")  # a Sunday's work, crawled in the night


def looks(nights: int, brings: Callable[[date], bool], begin: datetime = BEGIN) -> list[EndedRun]:
    """Crawl every night; the first pass brings everything."""
    found = [EndedRun(begin, 500)]
    for number in range(1, nights):
        began = begin + timedelta(days=number)
        found.append(EndedRun(began, int(brings(covered_day(began, ZONE)))))
    return found


def on_working_days_until(last: date) -> Callable[[date], bool]:
    return lambda day: is_working_night(day) and day <= last


def first_alarm(runs: list[EndedRun]) -> date | None:
    for number in range(1, len(runs) + 1):
        if find_silence(runs[:number], ZONE) is not None:
            return covered_day(runs[number - 1].began, ZONE)
    return None


def test_a_daily_portal_that_stops_is_reported_on_its_third_silent_working_day() -> None:
    runs = looks(40, on_working_days_until(date(2026, 3, 20)))  # a Friday
    assert first_alarm(runs) == date(2026, 3, 25)
    silence = find_silence([run for run in runs if run.began < utc("2026-03-26T00:00:00Z")], ZONE)
    assert silence is not None
    assert (silence.nights, silence.longest) == (3, 0)
    assert silence.since == utc("2026-03-20T18:30:00Z")


@pytest.mark.parametrize("year", range(2025, 2031))
def test_weekends_and_holidays_of_a_whole_year_are_no_silence(year: int) -> None:
    assert first_alarm(looks(365, is_working_night, datetime(year, 1, 4, 18, 30, tzinfo=BEGIN.tzinfo))) is None


def test_a_portal_with_long_pauses_is_allowed_twice_the_longest() -> None:
    runs = looks(200, lambda day: day.weekday() == 0 and day < date(2026, 6, 30))
    # A post every Monday: pauses of four working days; the last was on Monday, 29 June.
    assert first_alarm(runs) == date(2026, 7, 10)


def test_a_stale_portal_is_never_reported() -> None:
    assert first_alarm(looks(400, lambda _: False)) is None


def test_a_portal_that_ended_is_reported_and_then_its_silence_is_its_rhythm() -> None:
    runs = looks(200, on_working_days_until(date(2026, 4, 10)))
    reported = [
        covered_day(runs[number - 1].began, ZONE) for number in range(1, 201) if find_silence(runs[:number], ZONE)
    ]
    assert (reported[0], reported[-1]) == (date(2026, 4, 15), date(2026, 6, 9))
    assert len(reported) == (reported[-1] - reported[0]).days + 1


def test_nights_without_a_run_say_nothing_about_the_portal() -> None:
    runs = looks(30, is_working_night)
    later = [EndedRun(run.began + timedelta(days=45), 0) for run in looks(2, is_working_night)]
    assert find_silence([*runs, *later], ZONE) is None


def test_too_few_nights_say_nothing() -> None:
    assert first_alarm(looks(30, lambda day: day in (date(2026, 3, 3), date(2026, 3, 4)))) is None


def test_a_second_run_of_a_night_is_no_second_night() -> None:
    runs = looks(26, on_working_days_until(date(2026, 3, 24)))
    again = [EndedRun(run.began + timedelta(hours=1), 0) for run in runs]
    assert find_silence(sorted([*runs, *again], key=lambda run: run.began), ZONE) is None


def test_a_night_that_brought_nothing_against_the_rhythm_is_reported(archive: Path) -> None:
    clock = Clock(BEGIN)
    for number in range(26):
        with Night(archive, clock) as night:
            if number == 0 or (number < 20 and is_working_night(covered_day(clock(), ZONE))):
                night.read(new_address(number + 1).url, article_page("Tin", f"Bài số {number}."))
            night.walked(f"{BASE}/tin-tuc")
        last, _ = clock(), clock.go_on(days=1)
    (problem,) = read_status(archive, last).problems
    assert (problem.kind, problem.subject, problem.since) == ("empty", "sapa", "2026-03-20T18:30:00Z")
    assert "4 working nights in a row, where its longest pause was 0" in problem.sentence_en
