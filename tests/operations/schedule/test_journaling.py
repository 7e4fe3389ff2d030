"""What the plan writes down, and that a journal which fails stops nothing."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.operations.journal.database import journal_path, read_journal
from crawler.operations.journal.plans import read_faults, read_plan
from crawler.operations.schedule.due import judge_portal
from crawler.operations.schedule.journaling import PlanJournal
from crawler.operations.schedule.portals import Planned
from crawler.profile import parse_profile
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, make_archive, make_profile

DAY = timedelta(days=1)
PLANNED = Planned("sapa.toml", make_profile())


def changed(cron: str) -> Planned:
    return Planned("sapa.toml", parse_profile(PROFILE_TOML + f'[schedule]\ncron = "{cron}"\n'))


def is_due(record: PlanJournal, planned: Planned, now: object) -> bool:
    return judge_portal(planned.profile, record.read_history(planned), now=now).is_due  # type: ignore[arg-type]


def test_looking_at_a_plan_makes_no_journal_but_noting_one_does(archive: Path) -> None:
    record = PlanJournal(archive)
    record.close_dead_runs(FIRST_NIGHT)
    record.put_faults({}, FIRST_NIGHT)
    record.read_history(PLANNED)
    record.note_missed("sapa", [], now=FIRST_NIGHT)
    assert not journal_path(archive).exists()
    record.note_plan(PLANNED, FIRST_NIGHT)
    with read_journal(archive) as journal:
        assert journal is not None
        assert read_plan(journal, "sapa") == (PLANNED.schedule, None)


def test_a_plan_changed_after_a_settled_night_does_not_run_it_again(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)  # one night, at 01:30
    record = PlanJournal(archive)
    noon = FIRST_NIGHT + timedelta(hours=12)
    record.note_plan(PLANNED, noon)
    other = changed("0 4 * * *")
    record.note_plan(other, noon)
    assert not is_due(record, other, noon)
    # Nor after a restart, and the next night comes.
    assert not is_due(PlanJournal(archive), other, noon)
    assert is_due(record, other, FIRST_NIGHT + DAY + timedelta(hours=3))


def test_a_plan_changed_after_a_night_in_vain_still_has_it_run(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    record = PlanJournal(archive)
    record.note_plan(PLANNED, FIRST_NIGHT)
    next_noon = FIRST_NIGHT + DAY + timedelta(hours=12)
    other = changed("0 4 * * *")
    record.note_plan(other, next_noon)
    assert is_due(record, other, next_noon)


def test_faults_are_written_when_they_change_and_cleared_also_after_a_restart(archive: Path) -> None:
    record = PlanJournal(archive)
    record.put_faults({"a": "broken"}, FIRST_NIGHT)
    PlanJournal(archive).put_faults({}, FIRST_NIGHT + DAY)
    with read_journal(archive) as journal:
        assert journal is not None
        assert read_faults(journal) == []


def test_a_journal_that_fails_is_told_once_and_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive = make_archive(tmp_path)
    journal_path(archive).write_bytes(b"no database at all" * 99)
    record = PlanJournal(archive)
    with caplog.at_level(logging.ERROR):
        record.close_dead_runs(FIRST_NIGHT)
        record.put_faults({"a": "broken"}, FIRST_NIGHT)
        record.note_plan(PLANNED, FIRST_NIGHT)
        assert record.begin_run("sapa", FIRST_NIGHT, now=FIRST_NIGHT) is None
        record.end_run(None, 0, note=None, now=FIRST_NIGHT)
        record.note_missed("sapa", [FIRST_NIGHT], now=FIRST_NIGHT)
    assert not record.is_writable
    messages = {line.getMessage() for line in caplog.records}
    assert len(caplog.records) == len(messages)
    # The archive alone says what is due.
    assert not is_due(record, PLANNED, FIRST_NIGHT)
    assert is_due(record, PLANNED, FIRST_NIGHT + DAY)
