"""What the scheduler writes into the journal. A journal that cannot be written stops no night."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler import settings
from crawler.cron import PlanLine
from crawler.errors import ArchiveUnusableError
from crawler.language.dates import parse_iso, to_iso_utc
from crawler.operations.journal import job_events, plans, runs
from crawler.operations.journal.database import read_journal, write_journal
from crawler.operations.schedule.due import RUNS_READ, RunHistory, judge_portal, read_starts, starts_of_runs
from crawler.operations.schedule.portals import Planned

logger = logging.getLogger(__name__)

_READ, _WRITE = "read", "write"


@dataclass(slots=True)
class PlanJournal:
    """The journal of one archive, as the scheduler reads and writes it.

    A failure to read or write is logged once, and again when the reason changes.
    """

    archive: Path
    _faults: Mapping[str, str] | None = None
    _plans: dict[str, str] = field(default_factory=dict)
    _failures: dict[str, str] = field(default_factory=dict)

    @property
    def is_writable(self) -> bool:
        """True if the last attempt to write succeeded."""
        return _WRITE not in self._failures

    def close_dead_runs(self, now: datetime) -> None:
        """Close the runs that a dead scheduler left open; no journal is created for that."""
        if not self._read_open():
            return
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            count = runs.close_dead_runs(journal, now=now)
            logger.warning("a scheduler died while %d runs were under way; they are looked at again", count)

    def _read_open(self) -> bool:
        with self._guarded(_READ), read_journal(self.archive) as journal:
            sql = "select count(*) from runs where ended_at is null"
            return journal is not None and journal.execute(sql).fetchone()[0] > 0
        return False

    def put_faults(self, messages: Mapping[str, str], now: datetime) -> None:
        """Write the profiles that cannot be used now, if they changed."""
        if messages == self._faults or (self._faults is None and not messages and not self._read_faults()):
            return
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            plans.put_faults(journal, messages, now=now)
            self._faults = dict(messages)

    def _read_faults(self) -> bool:
        with self._guarded(_READ), read_journal(self.archive) as journal:
            return journal is not None and bool(plans.read_faults(journal))
        return True

    def note_plan(self, planned: Planned, now: datetime) -> None:
        """Write a portal's plan; a changed plan holds from now on if the former plan's night is settled."""
        name = planned.profile.name
        if self._plans.get(name) == planned.schedule:
            return
        history, noted = self.read_history(planned), self._read_plan(name)
        if noted is None or noted[0] != planned.schedule:
            since = now if noted is not None and _is_settled(planned, history, former=noted[0], now=now) else None
            with self._guarded(_WRITE), write_journal(self.archive) as journal:
                plans.put_plan(journal, name, plan=planned.schedule, since=since)
            if not self.is_writable:
                return
        self._plans[name] = planned.schedule

    def _read_plan(self, portal: str) -> tuple[str, str | None] | None:
        with self._guarded(_READ), read_journal(self.archive) as journal:
            return plans.read_plan(journal, portal) if journal is not None else None
        return None

    def read_history(self, planned: Planned) -> RunHistory:
        """Read a portal's runs from archive and journal."""
        found: Sequence[runs.PlannedRun] = ()
        since = None
        name = planned.profile.name
        with self._guarded(_READ), read_journal(self.archive) as journal:
            if journal is not None:
                found = runs.read_runs(journal, name, limit=RUNS_READ)
                noted = plans.read_plan(journal, name)
                since = noted[1] if noted is not None and noted[0] == planned.schedule else None
        starts = read_starts(self.archive, name)
        if starts is None:
            starts = starts_of_runs(found)
        return RunHistory(starts, found, parse_iso(since) if since else None)

    def note_missed(self, portal: str, nights: Sequence[datetime], *, now: datetime) -> None:
        """Write the nights without a run."""
        if not nights:
            return
        logger.warning("%s: %d nights were missed before this one", portal, len(nights))
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            runs.note_missed(journal, portal, nights=nights, now=now)

    def begin_run(self, portal: str, planned_at: datetime, *, now: datetime) -> int | None:
        """Write that a run begins; give its id, None if that failed."""
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            return runs.begin_run(journal, portal, planned_at=planned_at, now=now)
        return None

    def add_note(self, run_id: int | None, note: str) -> None:
        """Add a sentence to a run's note."""
        if run_id is not None:
            with self._guarded(_WRITE), write_journal(self.archive) as journal:
                runs.add_note(journal, run_id, note=note)

    def end_run(self, run_id: int | None, code: int, *, note: str | None, now: datetime) -> None:
        """Write how a run ended."""
        if run_id is not None:
            with self._guarded(_WRITE), write_journal(self.archive) as journal:
                runs.end_run(journal, run_id, exit_code=code, note=note, now=now)

    def put_job_event(self, job: str, event: str, exit_code: int | None, message: str | None) -> None:
        """Write what APScheduler did with a job."""
        row = job_events.JobEventRow(to_iso_utc(settings.clock()), job, event, exit_code, message)
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            job_events.record_job_event(journal, row)

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except ArchiveUnusableError as error:
            if self._failures.get(what) != str(error):
                self._failures[what] = str(error)
                logger.error("the journal fails; the plan goes on without it: %s", error)  # noqa: TRY400 - known
        else:
            self._failures.pop(what, None)


def _is_settled(planned: Planned, history: RunHistory, *, former: str, now: datetime) -> bool:
    """True if the last night of a portal's former plan (a `PlanLine`) is settled."""
    line = PlanLine.parse(former)
    if line is None or not history.starts:
        return False
    return not judge_portal(line.replan(planned.profile), history, now=now).is_due
