"""The journal's schema, also of a journal that an older version wrote."""

import sqlite3
from pathlib import Path

from crawler.operations.journal.database import SCHEMA_VERSION, journal_path, read_journal, write_journal
from crawler.operations.journal.runs import STOPPED, begin_run, end_run, read_runs, record_job_event
from tests.support.build import FIRST_NIGHT
from tests.support.nights_harness import journal_rows


def test_a_journal_of_the_first_version_is_upgraded_with_its_rows(archive: Path) -> None:
    with write_journal(archive) as journal:
        for note in (None, STOPPED, "late; ended by the watchdog: no progress since …"):
            run_id = begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
            end_run(journal, run_id, exit_code=1, note=note, now=FIRST_NIGHT)
    connection = sqlite3.connect(journal_path(archive))
    for table in ("job_events", "verifications", "subscriptions", "subscription_items"):
        connection.execute(f"drop table {table}")
    connection.execute("alter table runs drop column ended_for")
    connection.execute("pragma user_version = 1")
    for column in ("held_history", "held_snapshot"):
        connection.execute(f"alter table backups drop column {column}")
    connection.close()
    for upgraded in (read_journal, write_journal):  # a copy in memory, then the file
        with upgraded(archive) as journal:
            assert journal is not None
            assert [run.ended_for for run in read_runs(journal, "sapa", limit=9)] == [None, "stop", "watchdog"]
    with write_journal(archive) as journal:
        record_job_event(journal, "night sapa", event="executed", exit_code=3, message=None, now=FIRST_NIGHT)
    found = journal_rows(archive, "select at, job, event, exit_code, message from job_events")
    assert found == [("2026-09-01T18:30:00Z", "night sapa", "executed", 3, None)]
    assert journal_rows(archive, "pragma user_version") == [(SCHEMA_VERSION,)] == [(5,)]


def test_a_new_journal_is_made_whole_as_by_its_statements_and_replaces_none(archive: Path) -> None:
    sql = "select type, name, sql from sqlite_master order by name"
    with write_journal(archive):
        pass
    made = journal_rows(archive, sql)
    journal_path(archive).write_bytes(b"")
    with write_journal(archive) as journal:
        begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
    assert journal_rows(archive, sql) == made
    with write_journal(archive):
        pass
    assert journal_rows(archive, "select portal from runs") == [("sapa",)]
    assert [path.name for path in archive.parent.iterdir()] == [journal_path(archive).name]
