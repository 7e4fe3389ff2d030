"""The journal's events of jobs, also in a journal that an older version wrote."""

import sqlite3
from pathlib import Path

from crawler.operations.journal.database import SCHEMA_VERSION, journal_path, read_journal, write_journal
from crawler.operations.journal.job_events import JobEventRow, read_job_events, record_job_event
from crawler.operations.journal.runs import begin_run, read_runs
from tests.support.build import FIRST_NIGHT

ROW = JobEventRow("2026-09-01T18:30:00Z", "night sapa", "executed", 3, None)


def test_events_are_read_in_the_order_of_writing(archive: Path) -> None:
    rows = [ROW, JobEventRow(ROW.at, "backup", "error", None, "OSError: full")]
    with write_journal(archive) as journal:
        for row in rows:
            record_job_event(journal, row)
    with read_journal(archive) as found:
        assert found is not None
        assert read_job_events(found) == rows


def test_a_journal_of_the_first_version_is_upgraded_with_its_rows(archive: Path) -> None:
    with write_journal(archive) as journal:
        begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
    connection = sqlite3.connect(journal_path(archive))
    connection.executescript("drop table job_events; pragma user_version = 1")
    connection.close()
    with write_journal(archive) as journal:
        record_job_event(journal, ROW)
        assert read_job_events(journal) == [ROW]
        assert len(read_runs(journal, "sapa", limit=9)) == 1
        assert journal.execute("pragma user_version").fetchone()[0] == SCHEMA_VERSION == 2
