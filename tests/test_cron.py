"""Cron lines as crontab(5) means them, checked minute by minute against the text of its manual page."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest

from crawler.cron import PlanLine, fire_times, last_planned, next_planned, past_fire_times, planned_nights
from crawler.errors import ProfileError
from crawler.profile import Profile, parse_profile
from tests.support.archives.rows import utc
from tests.support.build import make_profile

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")  # DST: 2026-03-29 02:00 to 03:00, and 2026-10-25 03:00 back to 02:00
START = datetime(2026, 8, 31, 17, tzinfo=UTC)  # midnight of Tuesday, 1 September, at the portal


def fires(cron: str, days: int, zone: ZoneInfo = HANOI, start: datetime = START) -> list[datetime]:
    end = start + timedelta(days=days)
    found = list(takewhile(lambda at: at < end, fire_times(cron, zone, since=start)))
    assert all(later.astimezone(UTC) > earlier.astimezone(UTC) for earlier, later in pairwise(found))
    return found


def days_of(cron: str, days: int = 30) -> list[int]:
    return [at.day for at in fires(cron, days)]


def test_a_line_fires_in_the_portals_zone() -> None:
    (at,) = fires("30 1 * * *", 1)
    assert (at.hour, at.minute, at.utcoffset()) == (1, 30, timedelta(hours=7))
    assert at.astimezone(UTC) == utc("2026-08-31T18:30:00Z")


@pytest.mark.parametrize("sunday", ["0", "7", "0,7", "7-7", "0-0"])
def test_sunday_is_0_and_7(sunday: str) -> None:
    assert days_of(f"0 0 * * {sunday}") == [6, 13, 20, 27]


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("1", [7, 14, 21, 28]),
        ("6", [5, 12, 19, 26]),
        ("1-5", [d for d in range(1, 31) if d % 7 not in (5, 6)]),
        ("5-7", [d for d in range(1, 31) if d % 7 in (4, 5, 6)]),
        ("0-6", list(range(1, 31))),
        ("0-7", list(range(1, 31))),
        ("1,3", [d for d in range(1, 31) if d % 7 in (0, 2)]),
        ("*/2", [d for d in range(1, 31) if d % 7 in (6, 1, 3, 5)]),
        ("1-5/2", [d for d in range(1, 31) if d % 7 in (0, 2, 4)]),
        ("3-3/2", [2, 9, 16, 23, 30]),
        ("1/2", [d for d in range(1, 31) if d % 7 in (0, 2, 4)]),
    ],
)
def test_weekdays_are_counted_from_sunday(weekday: str, expected: list[int]) -> None:
    assert days_of(f"0 0 * * {weekday}") == expected


def test_where_both_day_fields_are_restricted_either_suffices() -> None:
    assert days_of("0 0 13 * 1") == [7, 13, 14, 21, 28]
    assert days_of("0 0 7 * 1") == [7, 14, 21, 28]


def test_a_day_field_that_begins_with_a_star_is_not_restricted() -> None:
    # crontab(5): "if both fields are restricted (i.e., do not start with *)"; so a stepped star is joined by "and".
    assert days_of("0 0 */2 * 1") == [7, 21]
    assert days_of("0 0 7,13 * */2") == [13]


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("*/20 1 * * *", ["01:00", "01:20", "01:40"]),
        ("5-10/5 1,3 * * *", ["01:05", "01:10", "03:05", "03:10"]),
        ("0 22-23 * * *", ["22:00", "23:00"]),
        ("0 */12 * 9 *", ["00:00", "12:00"]),
        ("0 0 1 10 *", []),
    ],
)
def test_ranges_lists_and_steps(cron: str, times: list[str]) -> None:
    assert [f"{at:%H:%M}" for at in fires(cron, 1)] == times


@pytest.mark.parametrize(
    "cron",
    [
        "60 1 * * *", "0 24 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 * 13 *", "0 0 * * 8", "0 0 * * 5-1",
        "0 0 * * */0", "0 0 * * 1-8", "*/0 * * * *", "9-3 * * * *",
    ],
)  # fmt: skip
def test_a_field_out_of_its_range_is_refused_with_the_line(cron: str) -> None:
    with pytest.raises(ProfileError) as caught:
        next(past_fire_times(cron, HANOI, until=START))
    assert cron in str(caught.value)


@pytest.mark.parametrize(
    ("cron", "now", "last"),
    [
        ("30 1 * * *", "2026-09-02T18:30:00Z", "2026-09-02T18:30:00Z"),
        ("30 1 * * *", "2026-09-02T18:29:59Z", "2026-09-01T18:30:00Z"),
        ("* * * * *", "2026-09-02T18:30:30Z", "2026-09-02T18:30:00Z"),
        ("0 0 * * 0", "2026-09-02T00:00:00Z", "2026-08-29T17:00:00Z"),
        ("0 0 1 * *", "2026-09-30T00:00:00Z", "2026-08-31T17:00:00Z"),
        ("0 0 1 1 *", "2026-12-31T00:00:00Z", "2025-12-31T17:00:00Z"),
        ("0 0 13 * 1", "2026-09-14T12:00:00Z", "2026-09-13T17:00:00Z"),
    ],
)
def test_the_last_fire_time_is_at_or_before_now(cron: str, now: str, last: str) -> None:
    assert next(past_fire_times(cron, HANOI, until=utc(now))) == utc(last)


def test_a_line_that_never_fires_has_no_last_time() -> None:
    assert list(past_fire_times("0 0 30 2 *", HANOI, until=START)) == []


def test_a_night_that_the_clock_skips_in_spring_is_not_lost_nor_doubled() -> None:
    start = datetime(2026, 3, 27, 23, tzinfo=UTC)
    days = [at.astimezone(BERLIN).date().isoformat() for at in fires("30 2 * * *", 3, BERLIN, start)]
    assert days == ["2026-03-28", "2026-03-29", "2026-03-30"]


def test_a_night_that_comes_twice_in_autumn_is_run_once() -> None:
    start = datetime(2026, 10, 23, 22, tzinfo=UTC)
    found = fires("30 2 * * *", 3, BERLIN, start)
    assert [at.date().isoformat() for at in found] == ["2026-10-24", "2026-10-25", "2026-10-26"]


@pytest.mark.parametrize("start", ["2026-03-27T12:00:00Z", "2026-10-23T12:00:00Z"])
def test_no_midnight_is_lost_where_the_clock_changes(start: str) -> None:
    found = [at.date() for at in fires("0 0 * * *", 5, BERLIN, utc(start))]
    assert [later - earlier for earlier, later in pairwise(found)] == [timedelta(days=1)] * 4


ASK = """
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from crawler.cron import past_fire_times
first = datetime.fromisoformat(sys.argv[2])
for step in range(60):
    moment = first + timedelta(minutes=51 * step)
    print(next(past_fire_times(sys.argv[1], ZoneInfo("Europe/Berlin"), until=moment)).timestamp() - moment.timestamp())
"""


@pytest.mark.parametrize(
    ("cron", "hours"), [("30 2 * * *", 26), ("0 * * * *", 2), ("15 3 * * 0", 170), ("0 0 * * *", 26)]
)
@pytest.mark.parametrize("first", ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"])
def test_the_last_fire_time_is_found_across_a_change_of_the_clock(cron: str, hours: int, first: str) -> None:
    # In a child process: an endless loop must not stop the whole suite.
    command = [sys.executable, "-c", ASK, cron, first]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout
    distances = [float(line) for line in said.split()]
    assert len(distances) == 60
    assert all(-3600 * hours < distance <= 0 for distance in distances)


def jittered(cron: str = "30 1 * * *", minutes: int = 60, name: str = "sapa") -> Profile:
    lines = [f'name = "{name}"', 'title = "X"', 'cms = "vnpt"', 'base_url = "https://x.vn/"', "[schedule]"]
    return parse_profile("\n".join([*lines, f'cron = "{cron}"', f"jitter_minutes = {minutes}"]))


def nights_of(profile: Profile, count: int = 60) -> list[datetime]:
    found, at = [], START
    for _ in range(count):
        following = next_planned(profile, at)
        assert following is not None
        found.append(at := following)
    return found


def test_without_jitter_the_plan_is_the_cron_line() -> None:
    profile = make_profile()
    assert last_planned(profile, utc("2026-09-02T18:30:00Z")) == utc("2026-09-02T18:30:00Z")
    assert next_planned(profile, utc("2026-09-02T18:30:00Z")) == utc("2026-09-03T18:30:00Z")
    assert next_planned(profile, utc("2026-09-02T18:29:59Z")) == utc("2026-09-02T18:30:00Z")


def test_jitter_delays_every_night_by_its_own_time_within_the_bound_and_always_the_same() -> None:
    plain, found = nights_of(jittered(minutes=0)), nights_of(jittered())
    delays = [later - night for later, night in zip(found, plain, strict=True)]
    assert all(timedelta() <= delay <= timedelta(hours=1) for delay in delays)
    assert len(set(delays)) > 50
    assert found == nights_of(jittered())
    assert found != nights_of(jittered(name="b"))


@pytest.mark.parametrize(("cron", "minutes"), [("30 1 * * *", 60), ("50 23 * * *", 180), ("0 */2 * * *", 180)])
def test_a_jittered_night_is_the_last_planned_one_from_its_time_on_and_not_before(cron: str, minutes: int) -> None:
    profile = jittered(cron, minutes)
    for night in nights_of(profile, 30):
        assert last_planned(profile, night) == night
        before = last_planned(profile, night - timedelta(seconds=1))
        assert before is not None
        assert before < night


def test_the_nights_between_two_times_leave_out_those_of_both() -> None:
    found = planned_nights(make_profile(), utc("2026-09-01T18:31:00Z"), until=utc("2026-09-05T18:30:00Z"))
    assert found == [utc(f"2026-09-0{day}T18:30:00Z") for day in (2, 3, 4)]
    assert planned_nights(make_profile(), utc("2026-09-01T18:31:00Z"), until=utc("2026-09-02T18:30:00Z")) == []


def test_a_night_with_many_planned_times_counts_once_and_a_year_is_cut_short() -> None:
    found = planned_nights(jittered("* * * * *", 0), utc("2026-09-01T18:31:00Z"), until=utc("2026-09-05T18:30:00Z"))
    assert found == [utc(f"2026-09-0{day}T17:00:00Z") for day in (2, 3, 4)]
    found = planned_nights(make_profile(), utc("2020-01-01T00:00:00Z"), until=utc("2026-09-05T18:30:00Z"))
    assert (len(found), found[-1]) == (99, utc("2026-09-04T18:30:00Z"))


def test_a_plan_that_never_fires_has_no_times() -> None:
    never = jittered("0 0 30 2 *")
    assert (last_planned(never, START), next_planned(never, START)) == (None, None)
    assert planned_nights(never, START, until=START + timedelta(days=9)) == []


def test_a_plan_line_is_parsed_back_and_another_line_is_none() -> None:
    profile = jittered(minutes=15)
    line = PlanLine.parse(str(PlanLine.of(profile)))
    assert line == PlanLine("30 1 * * *", "Asia/Ho_Chi_Minh", 15)
    assert line.replan(jittered("0 4 * * *")) == profile
    assert [PlanLine.parse(text) for text in ("", "30 1 * * *", "30 1 * * * Asia/Ho_Chi_Minh soon")] == [None] * 3
