"""What the plan writes into the journal. A journal that cannot be written keeps no night from being run."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.errors import ArchiveUnusableError
from crawler.language.dates import parse_iso
from crawler.operations.journal import plans, runs
from crawler.operations.journal.database import read_journal, write_journal
from crawler.operations.schedule.due import RUNS_READ, RunHistory, judge_portal, read_starts, starts_of_runs
from crawler.operations.schedule.portals import Planned
from crawler.profile import replan_profile

logger = logging.getLogger(__name__)

_READ, _WRITE = "read", "write"


@dataclass(slots=True)
class PlanJournal:
    """The journal of one archive, as the plan keeps and reads it.

    What could not be read or written is logged once, and again when the reason changes.
    """

    archive: Path
    _faults: Mapping[str, str] | None = None
    _plans: dict[str, str] = field(default_factory=dict)
    _complaints: dict[str, str] = field(default_factory=dict)

    @property
    def is_writable(self) -> bool:
        """Tell whether the last attempt to write went well."""
        return _WRITE not in self._complaints

    def close_dead_runs(self, now: datetime) -> None:
        """Close what a scheduler that died left open; nothing is written where there is no journal yet."""
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
        """Note the profiles that cannot be used now, if they are others than before."""
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
        """Note the plan a portal has; a change holds from now on, if the night of the former plan is settled."""
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
        """Read what is known of a portal's runs."""
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
        """Note nights that no run began for."""
        if not nights:
            return
        logger.warning("%s: %d nights were missed before this one", portal, len(nights))
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            runs.note_missed(journal, portal, nights=nights, now=now)

    def begin_run(self, portal: str, planned_at: datetime, *, now: datetime) -> int | None:
        """Note that a run begins; give its id, None if that could not be written."""
        with self._guarded(_WRITE), write_journal(self.archive) as journal:
            return runs.begin_run(journal, portal, planned_at=planned_at, now=now)
        return None

    def add_note(self, run_id: int | None, note: str) -> None:
        """Add a sentence to a run's row."""
        if run_id is not None:
            with self._guarded(_WRITE), write_journal(self.archive) as journal:
                runs.add_note(journal, run_id, note=note)

    def end_run(self, run_id: int | None, code: int, *, note: str | None, now: datetime) -> None:
        """Note how a run ended."""
        if run_id is not None:
            with self._guarded(_WRITE), write_journal(self.archive) as journal:
                runs.end_run(journal, run_id, exit_code=code, note=note, now=now)

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except ArchiveUnusableError as error:
            if self._complaints.get(what) != str(error):
                self._complaints[what] = str(error)
                logger.error("the journal fails; the plan goes on without it: %s", error)  # noqa: TRY400 - known
        else:
            self._complaints.pop(what, None)


def _is_settled(planned: Planned, history: RunHistory, *, former: str, now: datetime) -> bool:
    """Tell whether the last night of a portal's former plan, as `Planned.schedule` gives it, is settled."""
    *cron, timezone, jitter = former.split(" ")
    profile = replan_profile(planned.profile, " ".join(cron), timezone=timezone, jitter_minutes=int(jitter))
    return bool(history.starts) and not judge_portal(profile, history, now=now).is_due
