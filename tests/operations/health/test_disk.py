"""Whether the disk is running out: growth by the files of the last weeks, without the first pass, and the reserve."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.operations.health.disk import DAYS_LEFT_LEAST, DAYS_LEFT_WELL, DiskSpace, judge_disk
from crawler.operations.health.status import read_status
from tests.support.archives.rows import change, utc
from tests.support.build import Clock, Night, make_profile

NOW = utc("2026-09-20T00:00:00Z")


def grow(archive: Path, clock: Clock, *sizes: int) -> None:
    """Crawl a night for each size, and store that as the size of its WARC file."""
    for size in sizes:
        with Night(archive, clock):
            pass
        change(
            archive, "update warc_files set size_bytes = ? where serial = (select max(serial) from warc_files)", size
        )
        clock.go_on(days=1)


def room(archive: Path, clock: Clock) -> DiskSpace:
    found = read_status(archive, clock()).disk
    assert found is not None
    return found


def made(free: int, *, reserve: int = 0, days: float | None = None) -> DiskSpace:
    return DiskSpace(free, reserve, 1, 1, None, days)


def test_growth_is_that_of_the_nights_after_the_first_pass(archive: Path, clock: Clock) -> None:
    grow(archive, clock, 50 * 10**12, *([2 * 10**6] * 10))
    found = room(archive, clock)
    assert found.warc_bytes == 50 * 10**12 + 20 * 10**6
    # Ten nights of 2 MB in the eleven days since the first one ended; the database is very small beside it.
    assert found.growth_bytes_per_day == pytest.approx(20e6 / 11, rel=0.01)


def test_a_first_pass_of_yesterday_is_no_growth(archive: Path, clock: Clock) -> None:
    grow(archive, clock, 50 * 10**12)
    assert (room(archive, clock).growth_bytes_per_day, room(archive, clock).days_left) == (None, None)
    assert read_status(archive, clock()).problems == ()


def test_growth_before_the_last_weeks_is_not_counted(archive: Path, clock: Clock) -> None:
    grow(archive, clock, 1, 10**15)
    clock.go_on(days=40)
    grow(archive, clock, 28 * 10**6)
    growth = room(archive, clock).growth_bytes_per_day
    assert growth == pytest.approx(10**6, rel=0.01)


def test_files_of_a_clock_that_was_ahead_are_ignored(archive: Path, clock: Clock) -> None:
    grow(archive, clock, 1, 10**6, 10**6, 10**6)
    grow(archive, Clock(clock() + timedelta(days=4000)), 10**15)
    assert (room(archive, clock).growth_bytes_per_day or 0) < 10**6


def test_a_disk_that_lasts_for_some_days_only_is_reported(archive: Path, clock: Clock) -> None:
    grow(archive, clock, 1, *([10**15] * 5))
    (problem,) = read_status(archive, clock()).problems
    assert (problem.kind, problem.subject) == ("disk", "")
    assert "for about 1 more day." in problem.sentence_en


def test_a_disk_below_its_reserve_is_reported(archive: Path, clock: Clock) -> None:
    with Night(archive, clock, make_profile(f"[limits]\ndisk_reserve_bytes = {10**17}\n")):
        pass
    (problem,) = read_status(archive, clock()).problems
    assert problem.kind == "disk"
    assert "100000.0 TB are reserved; crawls stop early" in problem.sentence_en
    assert "100000,0 TB" in problem.sentence_vi


@pytest.mark.parametrize(
    ("found", "short", "ample"),
    [
        (made(100, days=DAYS_LEFT_LEAST - 1), True, False),
        (made(100, days=DAYS_LEFT_LEAST + 1), False, False),
        (made(100, days=DAYS_LEFT_WELL + 1), False, True),
        (made(100), False, True),
        (made(99, reserve=100), True, False),
        (made(101, reserve=100), False, False),
        (made(200, reserve=100), False, True),
    ],
)
def test_between_short_and_ample_nothing_is_decided(found: DiskSpace, short: bool, ample: bool) -> None:
    assert (found.is_short, found.is_ample) == (short, ample)
    assert bool(list(judge_disk(found, NOW))) == short
