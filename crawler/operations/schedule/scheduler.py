"""Runs the plan of one archive: judges what is due at each tick, starts it, and tries failed nights again."""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler import settings
from crawler.archive.lock import hold_plan
from crawler.cron import last_planned, next_planned
from crawler.exit_codes import ExitCode
from crawler.language.dates import to_iso_utc
from crawler.operations.journal import runs
from crawler.operations.journal.runs import EndedFor
from crawler.operations.schedule.child_process import STOP_ASKED, Stop, run_child, stop_on_signals
from crawler.operations.schedule.due import SETTLED_CODES, WAITS, Verdict, judge_portal
from crawler.operations.schedule.jobs import NIGHTS, JobRunner
from crawler.operations.schedule.journaling import PlanJournal
from crawler.operations.schedule.maintenance import maintain_until_stopped, run_maintenance, set_maintenance_jobs
from crawler.operations.schedule.portals import Plan, Planned
from crawler.operations.schedule.watchdog import Watchdog

logger = logging.getLogger(__name__)

# The longest wait between two ticks, in seconds. Each tick compares the plan with the clock, so a clock that is set
# skips and doubles no night, and a changed profile takes effect.
TICK_SECONDS = 20.0
# The shortest wait between two ticks, in seconds, also where the clock does not move (a rehearsal).
SHORTEST_WAIT_SECONDS = 0.5
# How often a running crawl is checked, in seconds; more often if the watchdog's patience is shorter.
CRAWL_LOOK_SECONDS = 30.0
# Notify after this many failed tries of a night; the first may be a matter of minutes.
NOTIFY_AFTER_TRIES = 3
# A night that begins this much later than planned is logged as made up.
LATE = timedelta(minutes=30)

# Exit codes from the best to the worst: `--once` answers with the worst of several portals.
_SEVERITY = (
    ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.SUSPECT, ExitCode.LOCKED, ExitCode.WRONG_USE, ExitCode.FAILED,
    ExitCode.INTERRUPTED,
)  # fmt: skip


def run_once(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str] = ()) -> int:
    """Run what is due by now, one portal after the other; give the worst exit code, 0 if nothing was due.

    A night that failed before is tried again at once: the caller decides how often. `crawl_arguments` are given to
    every crawl.

    Raises:
        ProfileError: if a profile that was named cannot be used; nothing is run then.
        ArchiveLockedError: if another scheduler runs the plan of this archive.
    """
    scheduler = _make_scheduler(portals, archive, crawl_arguments=crawl_arguments)
    stop = scheduler.stop
    codes: list[int] = []
    with hold_plan(scheduler.archive), JobRunner(scheduler.journal) as jobs:
        scheduler.journal.close_dead_runs(settings.clock())
        tried: set[str] = set()
        while not stop.is_asked and (due := scheduler.tick(jobs, without=tried)):
            tried.add(due.planned.profile.name)
            codes.append(jobs.run(_job_name(due.planned), due))
        if not stop.is_asked:
            set_maintenance_jobs(jobs, scheduler.archive, stop=stop)
            run_maintenance(jobs, scheduler.archive, now=settings.clock())
    if stop.is_asked:
        codes.append(ExitCode.INTERRUPTED)
    return max(codes, key=_SEVERITY.index, default=ExitCode.OK)


def run_until_stopped(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str] = ()) -> int:
    """Hold the plan and run it until SIGTERM or SIGINT; a running crawl is then ended so that it can resume.

    Raises:
        ProfileError: if a profile that was named cannot be used; nothing is run then.
        ArchiveLockedError: if another scheduler runs the plan of this archive.
    """
    scheduler = _make_scheduler(portals, archive, crawl_arguments=crawl_arguments)
    with hold_plan(scheduler.archive), JobRunner(scheduler.journal) as jobs:
        scheduler.journal.close_dead_runs(settings.clock())
        set_maintenance_jobs(jobs, scheduler.archive, stop=scheduler.stop)
        asked = threading.Event()
        maintenance = threading.Thread(
            target=maintain_until_stopped,
            args=(jobs, scheduler.archive),
            kwargs={"stop": scheduler.stop, "asked": asked},
            name="maintenance",
        )
        maintenance.start()
        try:
            scheduler.tick_until_stopped(jobs, asked)
        finally:
            logger.info("stopping")
            scheduler.stop.ask()
            asked.set()
            maintenance.join()
    return ExitCode.OK


def _make_scheduler(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str]) -> "NightScheduler":
    stop = Stop()
    stop_on_signals(stop)
    plan = Plan(portals)
    plan.check()
    archive = archive.absolute()
    watchdog_seconds = settings.watchdog_minutes() * 60
    return NightScheduler(
        archive, plan, journal=PlanJournal(archive), stop=stop, watchdog_seconds=watchdog_seconds,
        crawl_arguments=tuple(crawl_arguments),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Due:
    """A night to be run now."""

    planned: Planned
    verdict: Verdict
    night: datetime


@dataclass(slots=True)
class NightScheduler:
    """The plan of one archive, judged at every tick."""

    archive: Path
    plan: Plan
    _: KW_ONLY
    journal: PlanJournal
    stop: Stop
    watchdog_seconds: float
    crawl_arguments: tuple[str, ...] = ()
    tick_seconds: float = TICK_SECONDS
    _logged_plan: dict[str, str] = field(default_factory=dict)
    # When to try again where the journal cannot be written: by portal, on the monotonic clock.
    _held_back: dict[str, float] = field(default_factory=dict)
    _settled: dict[str, tuple[str, datetime | None, tuple[int, ...]]] = field(default_factory=dict)
    _portals: list[Planned] = field(default_factory=list)

    def tick_until_stopped(self, jobs: JobRunner, maintenance_asked: threading.Event) -> None:
        """Run what becomes due, until stopped; ask for maintenance after each night, and when nothing is due any more.

        The wait between two ticks is monotonic: a clock that is set makes it neither longer nor shorter.
        """
        is_idle = False
        with self.stop.waiting() as event:
            while not self.stop.is_asked:
                due = self.tick(jobs, patient=True)
                if due is None:
                    if not is_idle:
                        maintenance_asked.set()
                    is_idle = True
                    event.wait(self.seconds_to_next())
                elif (
                    jobs.run(_job_name(due.planned), due) in SETTLED_CODES
                    or due.verdict.tries + 1 >= NOTIFY_AFTER_TRIES
                ):
                    maintenance_asked.set()

    def tick(self, jobs: JobRunner, *, without: Iterable[str] = (), patient: bool = False) -> Due | None:
        """Judge what is due, as `find_due` does, and keep one job for each portal of the plan."""
        due = self.find_due(without=without, patient=patient)
        jobs.set_jobs(NIGHTS, map(_job_name, self._portals), function=self.run)
        return due

    def find_due(self, *, without: Iterable[str] = (), patient: bool = False) -> Due | None:
        """Read the plan again; give the night to run next, None if none is due.

        With `patient`, a night that failed waits for its next try.
        """
        now = settings.clock()
        self._portals = self.plan.read()
        self.journal.put_faults(self.plan.faults, now)
        found: list[Due] = []
        for planned in self._portals:
            name = planned.profile.name
            if name in without:
                continue
            verdict = self._judge(planned, now)
            if verdict.is_due and verdict.planned is not None and not (patient and self._waits(name, verdict)):
                found.append(Due(planned, verdict, verdict.planned))
                self._log_plan(planned, f"due now, for the night planned at {_show(planned, verdict.planned)}")
            elif not verdict.is_due:
                self._log_plan(planned, f"next at {_show(planned, next_planned(planned.profile, now))}")
        return min(found, key=lambda due: due.night, default=None)

    def _judge(self, planned: Planned, now: datetime) -> Verdict:
        """Judge a portal; one whose night is settled is judged again only when plan, night or archive change."""
        name, night = planned.profile.name, last_planned(planned.profile, now)
        known = (planned.schedule, night, _changed_at(self.archive))
        if self._settled.get(name) == known:
            return Verdict(night)
        self.journal.note_plan(planned, now)
        verdict = judge_portal(planned.profile, self.journal.read_history(planned), now=now)
        if not verdict.is_due:
            self._settled[name] = known
        return verdict

    def _waits(self, portal: str, verdict: Verdict) -> bool:
        return verdict.not_before is not None or self._held_back.get(portal, 0.0) > time.monotonic()

    def _log_plan(self, planned: Planned, text: str) -> None:
        if self._logged_plan.get(planned.profile.name) != text:
            self._logged_plan[planned.profile.name] = text
            logger.info("plan: %s %s", planned.profile.name, text)

    def seconds_to_next(self) -> float:
        """Return the seconds until the next tick: until the next planned night, at most `tick_seconds`."""
        now = settings.clock()
        times = [next_planned(planned.profile, now) for planned in self._portals]
        ahead = [(time - now).total_seconds() for time in times if time is not None]
        return max(SHORTEST_WAIT_SECONDS, min([self.tick_seconds, *ahead]))

    def run(self, due: Due) -> int:
        """Run a night's crawl to its end; give its exit code, 1 if it died or the watchdog ended it."""
        profile, now = due.planned.profile, settings.clock()
        if missed := due.verdict.missed:
            logger.warning("%s: %d nights were missed before this one", profile.name, len(missed))
            self.journal.write(runs.note_missed, profile.name, nights=missed, now=now)
        run_id = self.journal.write(runs.begin_run, profile.name, planned_at=due.night, now=now)
        if now - due.night > LATE and due.verdict.tries == 0 and not due.verdict.is_first:
            late = f"made up {_in_words(now - due.night)} later than planned"
            logger.info("%s: %s", profile.name, late)
            self.journal.write(runs.add_note, run_id, note=late)
        logger.info("%s: crawl begins, for the night planned at %s", profile.name, to_iso_utc(due.night))
        code, ended_for, note = self._crawl(due, run_id)
        self.journal.write(runs.end_run, run_id, exit_code=code, note=note, now=settings.clock(), ended_for=ended_for)
        if code in SETTLED_CODES:
            self._held_back.pop(profile.name, None)
        elif run_id is None or not self.journal.is_writable:
            self._held_back[profile.name] = time.monotonic() + WAITS[0].total_seconds()
        logger.log(
            logging.INFO if code == 0 else logging.WARNING, "%s: crawl ended: %s%s",
            profile.name, _meaning(code), f" ({note})" if note else "",
        )  # fmt: skip
        return code if code in set(ExitCode) and ended_for is not EndedFor.WATCHDOG else ExitCode.FAILED

    def _crawl(self, due: Due, run_id: int | None) -> tuple[int, EndedFor | None, str | None]:
        """Run the crawl as a child process under the watchdog; give exit code, reason and note for its row."""
        watchdog = Watchdog(self.archive, patience_seconds=self.watchdog_seconds)
        overdue = OverdueNight(due)

        def look() -> str | None:
            if (sentence := overdue.look(settings.clock())) is not None:
                logger.warning("%s: %s", due.planned.profile.name, sentence)
                self.journal.write(runs.add_note, run_id, note=sentence)
            idle = watchdog.idle_seconds()
            if idle is None:
                return None
            return f"ended by the watchdog: no progress since {to_iso_utc(settings.clock() - timedelta(seconds=idle))}"

        seconds = min(CRAWL_LOOK_SECONDS, self.watchdog_seconds / 4)
        try:
            with due.planned.usable_source() as source:
                arguments = ["crawl", "--portal", source, "--archive", str(self.archive), *self.crawl_arguments]
                ended = run_child(arguments, self.stop, look=look, look_seconds=seconds)
        except OSError as error:
            return ExitCode.FAILED, None, f"the crawl could not be started: {error}"
        if ended.ended_for == STOP_ASKED:
            return ended.code, EndedFor.STOP, runs.STOPPED
        return ended.code, EndedFor.WATCHDOG if ended.ended_for else None, ended.ended_for


@dataclass(slots=True)
class OverdueNight:
    """Reports, once, that a crawl is still running when its portal's next night is due."""

    due: Due
    _is_reported: bool = False

    def look(self, now: datetime) -> str | None:
        """Return the sentence for the run's row, None if there is nothing new."""
        following = last_planned(self.due.planned.profile, now)
        if self._is_reported or following is None or following <= self.due.night:
            return None
        self._is_reported = True
        return f"still under way when the night planned at {to_iso_utc(following)} was due; that one waits"


def _job_name(planned: Planned) -> str:
    return f"night {planned.profile.name}"


def _changed_at(archive: Path) -> tuple[int, ...]:
    """Return when the database and its write-ahead log last changed, in nanoseconds; a missing file is left out."""
    found = []
    for path in (archive, archive.with_name(f"{archive.name}-wal")):
        with suppress(FileNotFoundError):
            found.append(path.stat().st_mtime_ns)
    return tuple(found)


def _show(planned: Planned, at: datetime | None) -> str:
    return at.astimezone(planned.profile.zone).isoformat(timespec="seconds") if at else "never"


def _in_words(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"


def _meaning(code: int) -> str:
    meanings = {
        ExitCode.OK: "complete",
        ExitCode.FAILED: "failed",
        ExitCode.WRONG_USE: "refused: wrong use",
        ExitCode.INCOMPLETE: "done, but incomplete",
        ExitCode.SUSPECT: "done, but suspect",
        ExitCode.LOCKED: "not begun: another run holds the archive",
        ExitCode.INTERRUPTED: "interrupted",
    }
    return meanings[ExitCode(code)] if code in set(ExitCode) else f"died (exit code {code})"
