"""What the scheduler writes into the journal, and that a journal which fails stops nothing."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.operations.journal.database import journal_path, read_journal
from crawler.operations.journal.plans import read_faults, read_plan
from crawler.operations.journal.runs import begin_run, end_run, note_missed
from crawler.operations.schedule.due import judge_portal
from crawler.operations.schedule.journaling import PlanJournal
from crawler.operations.schedule.portals import Planned
from crawler.profile import parse_profile
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, make_archive, make_profile

DAY = timedelta(days=1)
PLANNED = Planned("sapa.toml", make_profile())


def changed(cron: str) -> Planned:
    return Planned("sapa.toml", parse_profile(PROFILE_TOML + f'[schedule]\ncron = "{cron}"\n'))


def is_due(plan_journal: PlanJournal, planned: Planned, now: object) -> bool:
    return judge_portal(planned.profile, plan_journal.read_history(planned), now=now).is_due  # type: ignore[arg-type]


def test_a_plan_makes_a_journal_only_if_it_differs_from_that_of_the_last_run(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    plan_journal = PlanJournal(archive)
    plan_journal.close_dead_runs(FIRST_NIGHT)
    plan_journal.put_faults({}, FIRST_NIGHT)
    plan_journal.read_history(PLANNED)
    plan_journal.note_plans([PLANNED], FIRST_NIGHT)
    assert not journal_path(archive).exists()
    other = changed("0 4 * * *")
    plan_journal.note_plans([other], FIRST_NIGHT)
    with read_journal(archive) as journal:
        assert journal is not None
        assert read_plan(journal, "sapa") == (other.schedule, to_iso_utc(FIRST_NIGHT))


def test_a_plan_changed_after_a_settled_night_does_not_run_it_again(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)  # one night, at 01:30
    plan_journal = PlanJournal(archive)
    noon = FIRST_NIGHT + timedelta(hours=12)
    plan_journal.note_plans([PLANNED], noon)
    other = changed("0 4 * * *")
    plan_journal.note_plans([other], noon)
    assert not is_due(plan_journal, other, noon)
    # Nor after a restart; the next night runs.
    assert not is_due(PlanJournal(archive), other, noon)
    assert is_due(plan_journal, other, FIRST_NIGHT + DAY + timedelta(hours=3))


def test_a_plan_changed_after_a_failed_night_still_runs_it(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    plan_journal = PlanJournal(archive)
    plan_journal.note_plans([PLANNED], FIRST_NIGHT)
    next_noon = FIRST_NIGHT + DAY + timedelta(hours=12)
    other = changed("0 4 * * *")
    plan_journal.note_plans([other], next_noon)
    assert is_due(plan_journal, other, next_noon)


def test_faults_are_written_when_they_change_and_cleared_also_after_a_restart(archive: Path) -> None:
    plan_journal = PlanJournal(archive)
    plan_journal.put_faults({"a": "broken"}, FIRST_NIGHT)
    PlanJournal(archive).put_faults({}, FIRST_NIGHT + DAY)
    with read_journal(archive) as journal:
        assert journal is not None
        assert read_faults(journal) == []


def test_a_journal_that_fails_is_logged_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = make_archive(tmp_path)
    journal_path(archive).write_bytes(b"no database at all" * 99)
    plan_journal = PlanJournal(archive)
    with caplog.at_level(logging.ERROR):
        plan_journal.close_dead_runs(FIRST_NIGHT)
        plan_journal.put_faults({"a": "broken"}, FIRST_NIGHT)
        plan_journal.note_plans([PLANNED], FIRST_NIGHT)
        assert plan_journal.write(begin_run, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT) is None
        plan_journal.write(end_run, None, exit_code=0, note=None, now=FIRST_NIGHT)
        plan_journal.write(note_missed, "sapa", nights=[FIRST_NIGHT], now=FIRST_NIGHT)
    assert not plan_journal.is_writable
    messages = {line.getMessage() for line in caplog.records}
    assert len(caplog.records) == len(messages)
    # The archive alone says what is due.
    assert not is_due(plan_journal, PLANNED, FIRST_NIGHT)
    assert is_due(plan_journal, PLANNED, FIRST_NIGHT + DAY)
