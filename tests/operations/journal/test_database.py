"""The journal's schema, also of a journal that an older version wrote."""

import sqlite3
from pathlib import Path

from crawler.operations.journal.database import SCHEMA_VERSION, journal_path, write_journal
from crawler.operations.journal.runs import begin_run, read_runs, record_job_event
from tests.support.build import FIRST_NIGHT
from tests.support.nights_harness import journal_rows


def test_a_journal_of_the_first_version_is_upgraded_with_its_rows(archive: Path) -> None:
    with write_journal(archive) as journal:
        begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
    connection = sqlite3.connect(journal_path(archive))
    connection.executescript("drop table job_events; pragma user_version = 1")
    connection.close()
    with write_journal(archive) as journal:
        record_job_event(journal, "night sapa", event="executed", exit_code=3, message=None, now=FIRST_NIGHT)
        assert len(read_runs(journal, "sapa", limit=9)) == 1
    found = journal_rows(archive, "select at, job, event, exit_code, message from job_events")
    assert found == [("2026-09-01T18:30:00Z", "night sapa", "executed", 3, None)]
    assert journal_rows(archive, "pragma user_version") == [(SCHEMA_VERSION,)] == [(2,)]
