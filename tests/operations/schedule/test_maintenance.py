"""The maintenance: when a backup and a drill are due, and that their failure is only logged."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.operations.journal.backups import Backup, Drill, record_backup, record_drill
from crawler.operations.journal.database import journal_path, write_journal
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.jobs import JobRunner
from crawler.operations.schedule.maintenance import backup_is_due, drill_is_due, run_maintenance
from crawler.operations.schedule.places import OneArchive
from tests.support.build import FIRST_NIGHT, make_archive
from tests.support.nights_harness import journal_rows

HOUR = timedelta(hours=1)


def note(archive: Path, at: datetime, *, ok: bool = True, drilled: bool = False) -> None:
    with write_journal(archive) as journal:
        if drilled:
            record_drill(journal, Drill(to_iso_utc(at), "x", "s", ok, None))
        else:
            record_backup(journal, Backup(to_iso_utc(at), "x", "s", 1, ok, None))


def maintain(archive: Path, stop: Stop) -> None:
    """Run the maintenance once."""
    places = OneArchive(archive)
    with JobRunner(places) as jobs:
        run_maintenance(jobs, places, portals=["sapa"], stop=stop)


def test_a_backup_is_due_when_the_last_good_one_is_old_or_dated_ahead(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    assert backup_is_due(archive, FIRST_NIGHT)
    note(archive, FIRST_NIGHT)
    assert not backup_is_due(archive, FIRST_NIGHT + 19 * HOUR)
    assert backup_is_due(archive, FIRST_NIGHT + 20 * HOUR)
    note(archive, FIRST_NIGHT + 20 * HOUR, ok=False)
    assert backup_is_due(archive, FIRST_NIGHT + 21 * HOUR)
    assert backup_is_due(archive, FIRST_NIGHT - HOUR)


def test_without_an_archive_there_is_nothing_to_back_up(archive: Path) -> None:
    assert not backup_is_due(archive, FIRST_NIGHT)


def test_a_drill_is_due_with_the_first_backup_then_every_thirty_days_and_a_day_after_a_failure(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    assert not drill_is_due(archive, FIRST_NIGHT)
    note(archive, FIRST_NIGHT)
    assert drill_is_due(archive, FIRST_NIGHT)
    note(archive, FIRST_NIGHT, ok=False, drilled=True)
    assert not drill_is_due(archive, FIRST_NIGHT + HOUR)
    assert drill_is_due(archive, FIRST_NIGHT + 24 * HOUR)
    note(archive, FIRST_NIGHT, drilled=True)
    assert not drill_is_due(archive, FIRST_NIGHT + timedelta(days=29))
    assert drill_is_due(archive, FIRST_NIGHT + timedelta(days=30))


def test_a_journal_that_cannot_be_read_means_a_backup_and_no_drill(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    journal_path(archive).write_bytes(b"no database at all" * 99)
    assert backup_is_due(archive, FIRST_NIGHT)
    assert not drill_is_due(archive, FIRST_NIGHT)


def test_maintenance_that_is_not_configured_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive = make_archive(tmp_path)
    caplog.clear()  # of what Pillow says of the pictures
    for name in ("PORTAL_ARCHIVE_BACKUP", "PORTAL_ARCHIVE_NOTIFY"):
        monkeypatch.delenv(name, raising=False)
    maintain(archive, Stop())
    assert not journal_path(archive).exists()
    assert not caplog.records


def test_before_the_first_night_no_message_is_sent(
    archive: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOTIFY", "json://127.0.0.1:9/")
    monkeypatch.delenv("PORTAL_ARCHIVE_BACKUP", raising=False)
    maintain(archive, Stop())
    assert not caplog.records


def test_a_backup_that_fails_is_logged_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive = make_archive(tmp_path)
    caplog.clear()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PORTAL_ARCHIVE_BACKUP", str(tmp_path / "file" / "backups"))
    monkeypatch.delenv("PORTAL_ARCHIVE_NOTIFY", raising=False)
    with caplog.at_level(logging.WARNING):
        maintain(archive, Stop())
    assert [record.getMessage() for record in caplog.records] == ["backup ended with exit code 1; the plan goes on"]


def test_a_backup_and_its_drill_are_made_and_then_not_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    archive = make_archive(tmp_path / "a")
    monkeypatch.setenv("PORTAL_ARCHIVE_BACKUP", str(tmp_path / "backups"))
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT))
    monkeypatch.delenv("PORTAL_ARCHIVE_NOTIFY", raising=False)
    maintain(archive, Stop())
    assert journal_rows(archive, "select job, event, exit_code from job_events order by id") == [
        (job, *end) for job in ("backup", "drill") for end in (("submitted", None), ("executed", 0))
    ]
    assert list((tmp_path / "backups").rglob("*.gz"))
    assert not backup_is_due(archive, FIRST_NIGHT)
    assert not drill_is_due(archive, FIRST_NIGHT)


def test_a_stop_runs_no_maintenance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    archive = make_archive(tmp_path / "a")
    monkeypatch.setenv("PORTAL_ARCHIVE_BACKUP", str(tmp_path / "backups"))
    stop = Stop()
    stop.ask()
    maintain(archive, stop)
    assert not (tmp_path / "backups").exists()
