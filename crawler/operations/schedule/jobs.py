"""Jobs that APScheduler runs: a night for each portal, backup, drill, messages; each event is a row of the journal.

No trigger decides when. APScheduler waits by the system's clock, and its triggers stop firing when that clock is set
back (agronholm/apscheduler, issues 351 and 752). A tick of ours judges what is due, and starts the job.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, Self

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

# As many nights at once as the plan says; backup, drill and messages one at a time. A backup may run beside a night.
NIGHTS, MAINTENANCE = "nights", "maintenance"

# A job that APScheduler does not take within this many seconds is an error; the journal may be locked for 30 of them.
SUBMIT_SECONDS = 90.0

# Before and after every time that a system clock shows.
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)

_EVENTS = {
    EVENT_JOB_SUBMITTED: "submitted",
    EVENT_JOB_EXECUTED: "executed",
    EVENT_JOB_ERROR: "error",
    EVENT_JOB_MISSED: "missed",
    EVENT_JOB_MAX_INSTANCES: "max-instances",
}


class TickTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler is untyped
    """Keep a job in the scheduler, and never fire: `JobRunner.run` starts the job."""

    def get_next_fire_time(self, *_: object) -> datetime:
        """Return a time that never comes; APScheduler removes a job without a next time."""
        return _NEVER


class EventJournal(Protocol):
    """Takes what APScheduler did with a job."""

    def put_job_event(self, job: str, event: str, *, exit_code: int | None, message: str | None) -> None:
        """Write an event of a job; called in the thread of its executor."""


@dataclass(frozen=True, slots=True)
class _Start:
    """One start of a job: whether APScheduler took it, and how it ended."""

    submitted: threading.Event = field(default_factory=threading.Event)
    outcome: "Future[int]" = field(default_factory=Future)


class JobRunner:
    """Run jobs through APScheduler; a context manager that starts it, and waits for running jobs at the end.

    A job has one instance and no grace time: the archive's rows judge what is late, not the system's clock.
    """

    def __init__(self, journal: EventJournal, *, nights_at_once: int = 1) -> None:
        # Its lines at INFO repeat what we log ourselves.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._journal = journal
        self._starts: dict[str, _Start] = {}
        self._scheduler: Any = BackgroundScheduler(
            timezone=UTC,
            executors={NIGHTS: ThreadPoolExecutor(nights_at_once), MAINTENANCE: ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(self._on_event, sum(_EVENTS))

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._scheduler.shutdown()

    def set_jobs(self, executor: str, names: Iterable[str], *, function: Callable[..., int]) -> None:
        """Make the jobs of an executor those of `names`, which all call `function`; a job that stays is not changed."""
        names = list(names)
        known = {job.id for job in self._scheduler.get_jobs() if job.executor == executor}
        for name in known.difference(names):
            self._scheduler.remove_job(name)
        for name in [name for name in names if name not in known]:
            self._scheduler.add_job(
                self._call, TickTrigger(), id=name, executor=executor, args=[name], kwargs={"function": function}
            )

    def run(self, name: str, *arguments: object) -> int:
        """Start a job at once and wait for its end; give its exit code.

        Raises:
            RuntimeError: if APScheduler did not run it.
            BaseException: what the job raised.
        """
        return self.start(name, *arguments).result()

    def start(self, name: str, *arguments: object) -> "Future[int]":
        """Start a job at once, and give the future of its exit code; it holds what the job raised.

        Raises:
            RuntimeError: if APScheduler did not run it.
        """
        start = self._starts[name] = _Start()
        self._scheduler.modify_job(name, args=[name, *arguments], next_run_time=_AT_ONCE)
        if not start.submitted.wait(SUBMIT_SECONDS):
            raise RuntimeError(f"{name}: APScheduler did not take the job within {SUBMIT_SECONDS:.0f} s")
        return start.outcome

    def _call(self, name: str, *arguments: object, function: Callable[..., int]) -> int:
        # So that the journal has "submitted" before what the job writes.
        self._starts[name].submitted.wait(SUBMIT_SECONDS)
        return function(*arguments)

    def _on_event(self, event: JobEvent) -> None:
        start, what = self._starts[event.job_id], _EVENTS[event.code]
        code: Any = getattr(event, "retval", None)
        error = getattr(event, "exception", None)
        try:
            message = f"{type(error).__name__}: {error}" if error else None
            self._journal.put_job_event(event.job_id, what, exit_code=code, message=message)
        finally:
            if event.code == EVENT_JOB_EXECUTED:
                start.outcome.set_result(code)
            elif event.code != EVENT_JOB_SUBMITTED:
                start.outcome.set_exception(
                    error or RuntimeError(f"{event.job_id}: APScheduler did not run it: {what}")
                )
            start.submitted.set()
