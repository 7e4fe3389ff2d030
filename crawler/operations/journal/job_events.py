"""The journal's `job_events`: what APScheduler did with each job, for people; no decision depends on it."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobEventRow:
    """One event of a job: `night NAME`, `backup`, `drill` or `messages`.

    `at` is ISO 8601 in UTC with Z. `event` is `submitted`, `executed`, `error`, `missed` or `max-instances`.
    `exit_code` is that of the job's command, None unless it was executed. `message` is the exception of an error.
    """

    at: str
    job: str
    event: str
    exit_code: int | None
    message: str | None


def record_job_event(connection: sqlite3.Connection, row: JobEventRow) -> None:
    """Insert an event, in the journal's open transaction."""
    connection.execute(
        "insert into job_events (at, job, event, exit_code, message) values (?, ?, ?, ?, ?)",
        (row.at, row.job, row.event, row.exit_code, row.message),
    )


def read_job_events(connection: sqlite3.Connection) -> list[JobEventRow]:
    """Read all events, in the order of writing."""
    rows = connection.execute("select at, job, event, exit_code, message from job_events order by id")
    return [JobEventRow(*row) for row in rows.fetchall()]
