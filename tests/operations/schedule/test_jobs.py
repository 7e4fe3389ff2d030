"""Jobs that APScheduler runs: a tick starts them, by any clock, one at a time, each event in the journal."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Event, Thread

import pytest
from apscheduler.schedulers import base
from apscheduler.schedulers.background import BackgroundScheduler

from crawler.language.dates import parse_iso, to_iso_utc
from crawler.operations.journal.runs import EndedFor
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.jobs import MAINTENANCE, NIGHTS, JobRunner
from crawler.operations.schedule.journaling import PlanJournal
from crawler.operations.schedule.maintenance import Asked
from crawler.operations.schedule.night import Due, NightRunner
from crawler.operations.schedule.places import OneArchive
from crawler.operations.schedule.portals import Plan
from crawler.operations.schedule.scheduler import NightScheduler
from crawler.settings import clock
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, Clock, Night, read_rows
from tests.support.nights_harness import journal_rows, wait_until

DAY = timedelta(days=1)


class SystemClock(datetime):
    """The system's clock as APScheduler reads it, off by as much as a test says."""

    off = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.off


@pytest.fixture
def set_system_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[timedelta], None]]:
    """Set the clock that APScheduler reads, by an offset."""
    monkeypatch.setattr(base, "datetime", SystemClock)

    def set_off(off: timedelta) -> None:
        SystemClock.off = off

    yield set_off
    set_off(timedelta())


def events(archive: Path, what: str = "%") -> list[tuple[object, ...]]:
    sql = "select job, event, exit_code, message from job_events where event like ? order by id"
    return journal_rows(archive, sql, what)


def test_a_job_runs_when_it_is_started_with_its_events_in_the_journal(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT))
    ran: list[object] = []

    def run(argument: int) -> int:
        ran.append(argument)
        return argument

    with JobRunner(PlanJournal(archive)) as jobs:
        jobs.set_jobs(NIGHTS, ["night a", "night b"], function=run)
        assert ran == []
        assert [jobs.run("night a", 3), jobs.run("night b", 0), jobs.run("night a", 0)] == [3, 0, 0]
    assert ran == [3, 0, 0]
    assert events(archive) == [
        row
        for name, code in (("night a", 3), ("night b", 0), ("night a", 0))
        for row in ((name, "submitted", None, None), (name, "executed", code, None))
    ]
    assert journal_rows(archive, "select distinct at from job_events") == [(to_iso_utc(FIRST_NIGHT),)]


def test_what_a_job_raises_is_in_the_journal_and_reaches_the_tick(archive: Path) -> None:
    def fail() -> int:
        raise ValueError("no such night")

    with JobRunner(PlanJournal(archive)) as jobs:
        jobs.set_jobs(NIGHTS, ["night a"], function=fail)
        for _ in range(2):
            with pytest.raises(ValueError, match="no such night"):
                jobs.run("night a")
    assert events(archive) == [
        ("night a", "submitted", None, None), ("night a", "error", None, "ValueError: no such night"),
    ] * 2  # fmt: skip


def test_a_portal_that_left_the_plan_has_no_job_and_other_jobs_stay(archive: Path) -> None:
    with JobRunner(PlanJournal(archive)) as jobs:
        jobs.set_jobs(MAINTENANCE, ["backup"], function=lambda: 7)
        for names in (["night a", "night b"], ["night b"]):
            jobs.set_jobs(NIGHTS, names, function=lambda: 8)
        assert (jobs.run("backup"), jobs.run("night b")) == (7, 8)
        with pytest.raises(LookupError):
            jobs.run("night a")


def test_a_backup_runs_beside_a_night(archive: Path) -> None:
    began = Event()

    def wait_for_backup() -> int:
        return 0 if began.wait(30) else 1

    def back_up() -> int:
        began.set()
        return 0

    with JobRunner(PlanJournal(archive)) as jobs:
        jobs.set_jobs(NIGHTS, ["night a"], function=wait_for_backup)
        jobs.set_jobs(MAINTENANCE, ["backup"], function=back_up)
        backup = Thread(target=jobs.run, args=("backup",))
        backup.start()
        assert jobs.run("night a") == 0
        backup.join()


def test_a_system_clock_that_is_set_back_stops_a_trigger_but_no_job(
    archive: Path, set_system_clock: Callable[[timedelta], None]
) -> None:
    set_system_clock(-DAY)
    fired = Event()
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(fired.set, "date", run_date=datetime.now(UTC))
    scheduler.start()
    with JobRunner(PlanJournal(archive)) as jobs:
        jobs.set_jobs(NIGHTS, ["night a"], function=lambda code: code)
        for number, off in enumerate((-DAY, timedelta(), 7 * DAY, -365 * DAY, 20 * 365 * DAY, -DAY)):
            set_system_clock(off)
            assert jobs.run("night a", number) == number
    assert not fired.is_set()
    scheduler.shutdown()
    assert [code for _, _, code, _ in events(archive, "executed")] == [0, 1, 2, 3, 4, 5]


class WritingRunner(NightRunner):
    """Its crawls write the row of a complete night, in place of a child process."""

    def _crawl(self, due: Due, run_id: int | None) -> tuple[int, EndedFor | None, str | None]:
        with Night(self.places.archive_of(due.portal), Clock(clock())):
            return 0, None, None


class CountingScheduler(NightScheduler):
    """A scheduler that counts its looks, and waits for nothing between them."""

    looks = 0

    def look(self, *, without: Iterable[str] = (), patient: bool = False) -> list[Due]:
        self.looks += 1
        return super().look(without=without, patient=patient)

    def seconds_to_next(self) -> float:
        return min(0.01, super().seconds_to_next())


@pytest.mark.parametrize("sets_system_clock", [False, True])
def test_a_clock_set_back_a_day_and_forward_a_week_doubles_no_night_and_loses_none(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *,
    set_system_clock: Callable[[timedelta], None], sets_system_clock: bool,
) -> None:  # fmt: skip
    profile = tmp_path / "sapa.toml"
    profile.write_text(PROFILE_TOML, encoding="utf-8")
    plan = Plan([str(profile)])
    scheduler = CountingScheduler(plan, WritingRunner(OneArchive(archive), Stop(), watchdog_seconds=60.0))

    def set_clock(days: float) -> list[int]:
        """Set the clock by days since the first night; give the days of all runs, after two looks by that clock."""
        now = FIRST_NIGHT + days * DAY
        if sets_system_clock:
            set_system_clock(now - datetime.now(UTC))
        monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(now))
        seen = scheduler.looks
        wait_until(lambda: scheduler.looks > seen + 3)
        began = [parse_iso(row[0]) for row in read_rows(archive, "select started_at from crawls order by id")]
        return [(at - FIRST_NIGHT).days for at in began]

    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT))
    with JobRunner(scheduler.places) as jobs:
        ticks = Thread(target=scheduler.look_until_stopped, args=(jobs, Asked()))
        ticks.start()
        try:
            assert set_clock(0.1) == [0]
            assert set_clock(1.1) == [0, 1]
            assert set_clock(0.2) == [0, 1]  # back by a day
            assert set_clock(1.3) == [0, 1]
            assert set_clock(2.1) == [0, 1, 2]
            assert set_clock(9.2) == [0, 1, 2, 9]  # forward by a week
            assert set_clock(2.3) == [0, 1, 2, 9]
            for day in range(3, 9):
                assert set_clock(day + 0.1) == [0, 1, 2, 9, *range(3, day + 1)]
            assert set_clock(9.1) == [0, 1, 2, 9, *range(3, 10)]
        finally:
            scheduler.stop.ask()
            ticks.join()
    assert events(archive, "executed") == [("night sapa", "executed", 0, None)] * 11
