"""Whether backups are made and tried."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.operations.health.problems import Problem
from crawler.operations.health.status import read_status
from crawler.operations.journal.backups import Backup, Drill, record_backup, record_drill
from crawler.operations.journal.database import write_journal
from tests.support.archives.rows import utc
from tests.support.build import make_archive

MADE = utc("2026-09-01T19:30:00Z")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    archive = make_archive(tmp_path)
    with write_journal(archive):
        pass
    return archive


def backup(archive: Path, at: datetime, message: str | None = None, *, place: str = "/backups") -> None:
    with write_journal(archive) as journal:
        record_backup(journal, Backup(to_iso_utc(at), place, "x", 1, message is None, message))


def drill(archive: Path, at: datetime, message: str | None = None) -> None:
    with write_journal(archive) as journal:
        record_drill(journal, Drill(to_iso_utc(at), "/backups", "x", message is None, message))


def problems(archive: Path, now: datetime, kind: str, *, planned: bool = False) -> list[Problem]:
    found = read_status(archive, now, backups_planned=planned).problems
    return [problem for problem in found if problem.kind == kind]


def test_no_backup_is_no_problem_where_none_is_planned(archive: Path) -> None:
    now = MADE + timedelta(days=30)
    assert problems(archive, now, "backup") == problems(archive, now, "drill") == []


def test_no_backup_is_a_problem_where_one_is_planned_but_not_on_the_first_day(archive: Path) -> None:
    assert problems(archive, MADE + timedelta(days=1), "backup", planned=True) == []
    (problem,) = problems(archive, MADE + timedelta(days=3), "backup", planned=True)
    assert "none was tried since" in problem.sentence_en
    assert problem.since == "2026-09-01T18:30:00Z"


def test_a_good_backup_is_enough_for_two_days(archive: Path) -> None:
    backup(archive, MADE)
    assert problems(archive, MADE + timedelta(days=2), "backup") == []
    (problem,) = problems(archive, MADE + timedelta(days=2, seconds=1), "backup")
    assert problem.since == "2026-09-01T19:30:00Z"
    assert read_status(archive, MADE).last_backup_at == "2026-09-01T19:30:00Z"


def test_a_failed_backup_is_reported_at_once_until_one_succeeds(archive: Path) -> None:
    backup(archive, MADE)
    backup(archive, MADE + timedelta(days=1), "No space left on device")
    (problem,) = problems(archive, MADE + timedelta(days=1), "backup")
    assert problem.sentence_en.startswith(
        "The backup of 2026-09-02 19:30 UTC to /backups failed (No space left on device); the last good one is of 2026"
    )
    backup(archive, MADE + timedelta(days=1, hours=1))
    assert problems(archive, MADE + timedelta(days=1), "backup") == []


def test_a_place_that_fails_is_reported_although_another_takes_every_backup(archive: Path) -> None:
    backup(archive, MADE)
    for day in (1, 2, 3):
        backup(archive, MADE + timedelta(days=day), "is the disk mounted?", place="/second")
        backup(archive, MADE + timedelta(days=day))
        (problem,) = problems(archive, MADE + timedelta(days=day), "backup")
        assert "to /second failed" in problem.sentence_en
    # A place that was given up is not asked any more.
    backup(archive, MADE + timedelta(days=6))
    assert problems(archive, MADE + timedelta(days=6), "backup") == []


def test_an_old_good_backup_is_reported_with_the_reason_of_the_last_failure(archive: Path) -> None:
    backup(archive, MADE)
    backup(archive, MADE + timedelta(days=1), "No space left on device")
    (problem,) = problems(archive, MADE + timedelta(days=3), "backup")
    assert "No space left on device" in problem.sentence_en
    assert problem.since == "2026-09-01T19:30:00Z"


def test_a_first_backup_that_failed_is_reported_at_once(archive: Path) -> None:
    backup(archive, MADE, "unknown protocol")
    assert "unknown protocol" in problems(archive, MADE, "backup")[0].sentence_vi


def test_a_drill_is_due_by_the_first_backup_and_then_by_the_last_good_drill(archive: Path) -> None:
    backup(archive, MADE)
    backup(archive, MADE + timedelta(days=99))
    assert problems(archive, MADE + timedelta(days=100), "drill") == []
    assert problems(archive, MADE + timedelta(days=101), "drill")[0].since == "2026-09-01T19:30:00Z"
    drill(archive, MADE + timedelta(days=101))
    assert problems(archive, MADE + timedelta(days=201), "drill") == []
    assert problems(archive, MADE + timedelta(days=202), "drill") != []
    assert read_status(archive, MADE).last_drill_at == "2026-12-11T19:30:00Z"


def test_a_drill_that_failed_is_reported_until_one_is_good(archive: Path) -> None:
    backup(archive, MADE)
    drill(archive, MADE, "digest differs")
    assert "digest differs" in problems(archive, MADE, "drill")[0].sentence_en
    drill(archive, MADE)
    assert problems(archive, MADE, "drill") == []
