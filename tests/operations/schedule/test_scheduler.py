"""The scheduler of a plan: what it runs next, when it waits, and what it writes."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.operations.journal.database import journal_path, read_journal, write_journal
from crawler.operations.journal.runs import PlannedRun, begin_run, end_run, read_runs
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.due import RunHistory, judge_portal
from crawler.operations.schedule.night import Due, NightRunner, OverdueNight
from crawler.operations.schedule.places import OneArchive
from crawler.operations.schedule.portals import Plan, Planned
from crawler.operations.schedule.scheduler import NightScheduler
from tests.support.archives.rows import change
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, Clock, make_archive, make_profile

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock of every command."""
    return lambda now: monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(now))


def write_profile(folder: Path, name: str = "sapa", cron: str = "30 1 * * *") -> Path:
    path = folder / f"{name}.toml"
    text = PROFILE_TOML.replace('"sapa"', f'"{name}"').replace("sapa.example", f"{name}.example")
    path.write_text(text + f'[schedule]\ncron = "{cron}"\n', encoding="utf-8")
    return path


def make_scheduler(archive: Path, *sources: Path) -> NightScheduler:
    plan = Plan([str(source) for source in sources])
    return NightScheduler(plan, NightRunner(OneArchive(archive), Stop(), watchdog_seconds=60.0))


def find_due(scheduler: NightScheduler, *, without: Iterable[str] = (), patient: bool = False) -> Due | None:
    return next(iter(scheduler.look(without=without, patient=patient)), None)


def name_of(due: Due | None) -> str | None:
    return due.planned.profile.name if due else None


def runs(archive: Path, portal: str = "sapa") -> list[PlannedRun]:
    with read_journal(archive) as journal:
        assert journal is not None
        return read_runs(journal, portal, limit=99)


def fail_once(archive: Path, now: datetime) -> None:
    with write_journal(archive) as journal:
        end_run(journal, begin_run(journal, "sapa", planned_at=now, now=now), exit_code=1, note=None, now=now)


def test_the_night_planned_first_is_run_first_and_each_portal_once(
    tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    scheduler = make_scheduler(
        tmp_path / "archive.db", write_profile(tmp_path, cron="45 1 * * *"), write_profile(tmp_path, "b")
    )
    at(FIRST_NIGHT + HOUR)
    assert name_of(find_due(scheduler)) == "b"
    assert name_of(find_due(scheduler, without={"b"})) == "sapa"
    assert find_due(scheduler, without={"b", "sapa"}) is None


def test_a_failed_night_waits_for_its_next_try_only_where_it_is_patient(
    archive: Path, tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    scheduler = make_scheduler(archive, write_profile(tmp_path))
    fail_once(archive, FIRST_NIGHT)
    at(FIRST_NIGHT + 9 * MINUTE)
    assert find_due(scheduler, patient=True) is None
    assert name_of(find_due(scheduler)) == "sapa"
    at(FIRST_NIGHT + 10 * MINUTE)
    assert name_of(find_due(scheduler, patient=True)) == "sapa"


def test_a_changed_plan_and_a_new_file_take_effect_at_the_next_tick(
    tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    archive = make_archive(tmp_path)
    folder = tmp_path / "profiles"
    folder.mkdir()
    write_profile(folder)
    scheduler = make_scheduler(archive, folder)
    noon = FIRST_NIGHT + 10 * HOUR
    at(noon)
    assert find_due(scheduler, patient=True) is None
    write_profile(folder, cron="0 12 * * *")
    at(noon + 29 * MINUTE)
    assert find_due(scheduler, patient=True) is None
    at(noon + 30 * MINUTE)
    assert name_of(find_due(scheduler, patient=True)) == "sapa"
    write_profile(folder, "a")
    assert name_of(find_due(scheduler, patient=True)) == "a"


def test_the_next_tick_is_when_the_next_night_begins_or_within_20_seconds(
    tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    scheduler = make_scheduler(make_archive(tmp_path), write_profile(tmp_path))
    for before, seconds in ((10 * HOUR, 20.0), (5 * timedelta(seconds=1), 5.0), (timedelta(), 20.0)):
        at(FIRST_NIGHT + DAY - before)
        find_due(scheduler)
        assert scheduler.seconds_to_next() == seconds


def test_a_night_that_cannot_be_run_is_journaled_and_gives_its_code(
    tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    archive = make_archive(tmp_path)
    profile = write_profile(tmp_path)
    scheduler = make_scheduler(archive, profile)
    at(FIRST_NIGHT + DAY + 5 * HOUR)
    due = find_due(scheduler)
    assert due is not None
    profile.unlink()
    assert scheduler.runner.run(due) == 2
    (run,) = runs(archive)
    assert (run.exit_code, run.note) == (2, "made up 5 h 0 min later than planned")


def test_a_first_run_is_not_made_up_but_begun(archive: Path, tmp_path: Path, at: Callable[[datetime], None]) -> None:
    profile = write_profile(tmp_path)
    scheduler = make_scheduler(archive, profile)
    at(FIRST_NIGHT + 5 * HOUR)
    due = find_due(scheduler)
    assert due is not None
    profile.unlink()
    scheduler.runner.run(due)
    assert [run.note for run in runs(archive)] == [None]


def test_a_failed_night_waits_also_if_the_journal_cannot_be_written(
    archive: Path, tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    profile = write_profile(tmp_path)
    scheduler = make_scheduler(archive, profile)
    journal_path(archive).mkdir()
    at(FIRST_NIGHT)
    due = find_due(scheduler, patient=True)
    assert due is not None
    profile.unlink()
    assert scheduler.runner.run(due) == 2
    write_profile(tmp_path)
    assert find_due(scheduler, patient=True) is None
    assert name_of(find_due(scheduler)) == "sapa"


def test_a_stopped_scheduler_ends_its_crawl_at_once_and_journals_why(
    archive: Path, tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    scheduler = make_scheduler(archive, write_profile(tmp_path))
    at(FIRST_NIGHT)
    due = find_due(scheduler)
    assert due is not None
    scheduler.stop.ask()
    assert scheduler.runner.run(due) != 0
    (run,) = runs(archive)
    assert "ended with the scheduler" in (run.note or "")
    # So the next start does not wait.
    assert name_of(find_due(scheduler, patient=True)) == "sapa"


def test_a_crawl_still_under_way_at_the_next_night_is_reported_once() -> None:
    planned = Planned("sapa.toml", make_profile())
    verdict = judge_portal(planned.profile, RunHistory(), now=FIRST_NIGHT)
    overdue = OverdueNight(Due(planned, verdict, FIRST_NIGHT))
    assert overdue.look(FIRST_NIGHT + DAY - MINUTE) is None
    assert "2026-09-02T18:30:00Z was due" in (overdue.look(FIRST_NIGHT + DAY) or "")
    assert overdue.look(FIRST_NIGHT + 2 * DAY) is None


def test_a_fault_of_a_profile_is_journaled_while_it_lasts(
    tmp_path: Path, clock: Clock, at: Callable[[datetime], None]
) -> None:
    scheduler = make_scheduler(make_archive(tmp_path), write_profile(tmp_path))
    at(clock())
    find_due(scheduler)
    for text, count in (("broken [", 1), (None, 0)):
        if text is None:
            write_profile(tmp_path)
        else:
            (tmp_path / "sapa.toml").write_text(text, encoding="utf-8")
        find_due(scheduler)
        with read_journal(tmp_path / "archive.db") as journal:
            assert journal is not None
            assert journal.execute("select count(*) from profile_faults").fetchone()[0] == count


def test_a_settled_night_is_judged_again_when_the_archive_changes(
    tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    archive = make_archive(tmp_path)
    scheduler = make_scheduler(archive, write_profile(tmp_path))
    at(FIRST_NIGHT + HOUR)
    assert find_due(scheduler) is None
    assert find_due(scheduler) is None
    # An older copy is restored while the scheduler runs.
    change(archive, "update crawls set outcome = 'failed'")
    assert name_of(find_due(scheduler)) == "sapa"
