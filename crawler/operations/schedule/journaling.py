"""What the scheduler writes into the journal. A journal that cannot be written stops no night."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from crawler import settings
from crawler.cron import PlanLine
from crawler.errors import ArchiveUnusableError, say_fault
from crawler.language.dates import parse_iso
from crawler.operations.journal import plans, runs
from crawler.operations.journal.database import journal_path, read_journal, write_journal
from crawler.operations.schedule.due import (
    RUNS_READ,
    RunHistory,
    judge_portal,
    open_starts,
    parked_in,
    profile_in,
    read_starts,
    starts_in,
    starts_of_runs,
)
from crawler.operations.schedule.portals import Planned

logger = logging.getLogger(__name__)

_READ, _WRITE = "read", "write"

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class PlanJournal:
    """The journal of one archive, as the scheduler reads and writes it.

    A failure to read or write is logged once, and again when the reason changes.
    """

    archive: Path
    _faults: Mapping[str, str] | None = None
    _plans: dict[str, str] = field(default_factory=dict)
    _failures: dict[str, str] = field(default_factory=dict)
    # Open while many portals are judged: journal and archive, None for one that cannot be read.
    _kept: tuple[sqlite3.Connection | None, sqlite3.Connection | None] | None = None

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
            logger.warning("a scheduler died while %d runs were under way; their nights are judged again", count)

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

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Open journal and archive for reading once, for all portals that are judged in the block, in one thread."""
        with ExitStack() as stack:
            journal = None
            with self._guarded(_READ):
                journal = stack.enter_context(read_journal(self.archive))
            self._kept = journal, stack.enter_context(open_starts(self.archive))
            try:
                yield
            finally:
                self._kept = None

    def _read(
        self, query: Callable[Concatenate[sqlite3.Connection, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T | None:
        """Ask the journal, the one that is kept open if there is one. None if there is no journal, or it fails."""
        with self._guarded(_READ):
            if self._kept is None:
                with read_journal(self.archive) as journal:
                    return query(journal, *arguments, **named) if journal is not None else None
            try:
                return query(self._kept[0], *arguments, **named) if self._kept[0] is not None else None
            except sqlite3.Error as error:
                raise ArchiveUnusableError(
                    f"{journal_path(self.archive)}: cannot be read: {say_fault(error)}"
                ) from error
        return None

    def note_plans(self, portals: Iterable[Planned], now: datetime) -> None:
        """Write the plans of portals at once; a changed plan holds from now on if the former plan's night is settled.

        No journal is made for a plan that its archive's last run had, or of which nothing is known: a thousand portals
        would need a thousand journals.
        """
        changed = []
        for planned in portals:
            name = planned.profile.name
            if self._plans.get(name) == planned.schedule:
                continue
            noted = self._read_plan(name)
            former = noted[0] if noted is not None else self._read_last_plan(name)
            if former == planned.schedule:
                self._plans[name] = planned.schedule
            elif former is not None or journal_path(self.archive).exists():
                is_settled = former is not None and _is_settled(
                    planned, self.read_history(planned), former=former, now=now
                )
                changed.append((name, planned.schedule, now if is_settled else None))
        if changed:
            self.write(plans.put_plans, changed)
            if self.is_writable:
                self._plans.update((name, plan) for name, plan, _ in changed)

    def note_left(self, portal: str, now: datetime) -> None:
        """Write that a portal left the plan, if it ever had a run: its nights are not expected any more."""
        self._plans.pop(portal, None)
        noted = self._read_plan(portal)
        if (noted[0] if noted is not None else self._read_last_plan(portal)) not in (None, plans.LEFT):
            self.write(plans.put_plans, [(portal, plans.LEFT, now)])

    def _read_last_plan(self, portal: str) -> str | None:
        """Read the plan that a portal's last run had, from the archive; None if there is none."""
        with nullcontext(self._kept[1]) if self._kept is not None else open_starts(self.archive) as archive:
            profile = profile_in(archive, portal) if archive is not None else None
        return str(PlanLine.of(profile)) if profile is not None else None

    def _read_plan(self, portal: str) -> tuple[str, str | None] | None:
        return self._read(plans.read_plan, portal)

    def read_history(self, planned: Planned) -> RunHistory:
        """Read a portal's runs from archive and journal."""
        name = planned.profile.name
        found = self._read(runs.read_runs, name, limit=RUNS_READ) or []
        plan = self._read_plan(name)
        since = plan[1] if plan is not None and plan[0] == planned.schedule else None
        parked = None
        if self._kept is not None and self._kept[1] is not None:
            starts = starts_in(self._kept[1], name)
            if starts:
                parked = parked_in(self._kept[1], self.archive, profile=planned.profile)
        else:
            starts = read_starts(self.archive, name)
        if starts is None:
            starts = starts_of_runs(found)
        return RunHistory(starts, found, parse_iso(since) if since else None, parked)

    def write(
        self, put: Callable[Concatenate[sqlite3.Connection, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T | None:
        """Call a function that writes into the journal; give what it gives, None if the journal cannot be written."""
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            return put(journal, *arguments, **named)
        return None

    def put_job_event(self, job: str, event: str, *, exit_code: int | None, message: str | None) -> None:
        """Write what APScheduler did with a job; see `record_job_event`."""
        now = settings.clock()
        self.write(runs.record_job_event, job, event=event, exit_code=exit_code, message=message, now=now)

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
