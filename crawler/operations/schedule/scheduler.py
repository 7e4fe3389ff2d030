"""Runs a plan: judges what is due at each look, starts it as far as there is room, and tries failed nights again."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler import settings
from crawler.errors import PortalArchiveError
from crawler.exit_codes import ExitCode
from crawler.fleet.fleet_file import prepare_fleet
from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import number_portals
from crawler.operations.schedule.child_process import Stop, stop_on_signals
from crawler.operations.schedule.due import SETTLED_CODES, NightVerdict, judge_portal
from crawler.operations.schedule.jobs import NIGHTS, JobRunner
from crawler.operations.schedule.maintenance import Asked, maintain_until_stopped, run_maintenance
from crawler.operations.schedule.night import Due, NightRunner
from crawler.operations.schedule.places import ArchivePerPortal, OneArchive, Places
from crawler.operations.schedule.portals import Plan, Planned
from crawler.operations.schedule.verdicts import KeptVerdicts

logger = logging.getLogger(__name__)

# The longest wait between two looks, in seconds. Each look compares the plan with the clock, so a clock that is set
# skips and doubles no night, and a changed profile takes effect.
LOOK_SECONDS = 20.0
# The shortest wait between two looks, in seconds, also where the clock does not move (a rehearsal).
SHORTEST_WAIT_SECONDS = 0.5
# When more portals are judged at once, one line of the log counts them.
MOST_LOGGED = 50
# Notify after this many failed tries of a night; the first may be a matter of minutes.
NOTIFY_AFTER_TRIES = 3

# Exit codes from the best to the worst: `--once` answers with the worst of several portals.
_SEVERITY = (
    ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.SUSPECT, ExitCode.LOCKED, ExitCode.WRONG_USE, ExitCode.FAILED,
    ExitCode.INTERRUPTED,
)  # fmt: skip


def schedule_archive(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str] = ()) -> "NightScheduler":
    """Make the scheduler of portals that share one archive. `crawl_arguments` are given to every crawl.

    Raises:
        ProfileError: if a profile that was named cannot be used.
    """
    return _make_scheduler(portals, OneArchive(archive.absolute()), jobs=1, crawl_arguments=crawl_arguments)


def schedule_fleet(
    portals: Sequence[str], fleet: FleetFolder, *, jobs: int, crawl_arguments: Sequence[str] = ()
) -> "NightScheduler":
    """Make the scheduler of portals with an archive each in a fleet's folder; `jobs` of their nights run at once.

    Raises:
        ProfileError: if a profile that was named cannot be used.
        WrongUseError: if the folder cannot be made.
    """
    fault = prepare_fleet(fleet)
    if fault is not None:
        logger.error(fault)
    sources = portals or [str(fleet.profiles)]
    scheduler = _make_scheduler(sources, ArchivePerPortal(fleet), jobs=jobs, crawl_arguments=crawl_arguments)
    scheduler.covers_folder = not portals
    return scheduler


def run_once(scheduler: "NightScheduler") -> int:
    """Run what is due by now; give the worst exit code, 0 if nothing was due.

    A night that failed before is tried again at once: the caller decides how often.

    Raises:
        ArchiveLockedError: if another scheduler runs this plan.
    """
    places, stop = scheduler.places, scheduler.stop
    codes: list[int] = []
    with places.hold(), JobRunner(places, nights_at_once=scheduler.jobs) as jobs:
        scheduler.begin()
        tried: set[str] = set()
        with stop.waiting() as event:
            while True:
                if not stop.is_asked:
                    tried.update(due.portal for due in scheduler.start_due(jobs, event.set, without=tried))
                if not scheduler.is_busy:
                    break
                scheduler.wait_for_end(event)
                codes += [code for _, code in scheduler.take_ended()]
        scheduler.save()
        if not stop.is_asked:
            run_maintenance(jobs, places, portals=scheduler.portals, stop=stop, with_messages=bool(codes))
    if stop.is_asked:
        codes.append(ExitCode.INTERRUPTED)
    return max(codes, key=_SEVERITY.index, default=ExitCode.OK)


def run_until_stopped(scheduler: "NightScheduler") -> int:
    """Hold the plan and run it until SIGTERM or SIGINT; running crawls are then ended so that they can resume.

    Raises:
        ArchiveLockedError: if another scheduler runs this plan.
    """
    places = scheduler.places
    with places.hold(), JobRunner(places, nights_at_once=scheduler.jobs) as jobs:
        scheduler.begin()
        asked = Asked()
        maintenance = threading.Thread(
            target=maintain_until_stopped,
            args=(jobs, places),
            kwargs={"stop": scheduler.stop, "asked": asked, "portals": lambda: scheduler.portals},
            name="maintenance",
        )
        maintenance.start()
        try:
            scheduler.look_until_stopped(jobs, asked)
        finally:
            logger.info("stopping")
            scheduler.stop.ask()
            asked.ask()
            maintenance.join()
    scheduler.save()
    return ExitCode.OK


def _make_scheduler(
    portals: Sequence[str], places: Places, *, jobs: int, crawl_arguments: Sequence[str]
) -> "NightScheduler":
    stop = Stop()
    stop_on_signals(stop)
    plan = Plan(portals)
    plan.check()
    watchdog_seconds = settings.watchdog_minutes() * 60
    runner = NightRunner(places, stop, watchdog_seconds, tuple(crawl_arguments))
    return NightScheduler(plan, runner, jobs=jobs)


@dataclass(slots=True)
class NightScheduler:
    """A plan, judged at every look, and the nights of it that run now."""

    plan: Plan
    runner: NightRunner
    _: KW_ONLY
    jobs: int = 1
    look_seconds: float = LOOK_SECONDS
    # Whether its plan is that of all archives of the folder, and not of some portals that somebody named.
    covers_folder: bool = False
    portals: list[str] = field(default_factory=list)
    _verdicts: KeptVerdicts = field(default_factory=KeptVerdicts)
    # Archives whose journal a former scheduler may have left open no longer; portals that have a number.
    _begun: set[Path] = field(default_factory=set)
    _numbered: set[str] = field(default_factory=set)
    _planned: set[str] = field(default_factory=set)
    _logged_plan: dict[str, str] = field(default_factory=dict)
    _running: dict[str, tuple[Due, "Future[int]"]] = field(default_factory=dict)

    @property
    def places(self) -> Places:
        """Where the archives are."""
        return self.runner.places

    @property
    def stop(self) -> Stop:
        """What ends all of it."""
        return self.runner.stop

    @property
    def is_busy(self) -> bool:
        """True while a night runs, or has ended and was not taken yet."""
        return bool(self._running)

    def begin(self) -> None:
        """Begin where a former scheduler ended, which may have died. Only the holder of the plan may call it."""
        self.places.journal.close_dead_runs(settings.clock())
        if isinstance(self.places, ArchivePerPortal):
            self._verdicts.load(self.places.fleet.state / "verdicts.json")

    def save(self) -> None:
        """Keep the verdicts for the next start, if the folder has a place for them."""
        if isinstance(self.places, ArchivePerPortal):
            self._verdicts.save(self.places.fleet.state / "verdicts.json")

    def look_until_stopped(self, jobs: JobRunner, maintenance: Asked) -> None:
        """Run what becomes due, until stopped; ask for maintenance after each night, and when nothing is due any more.

        The wait between two looks is monotonic: a clock that is set makes it neither longer nor shorter.
        """
        is_idle = False
        with self.stop.waiting() as event:
            while not self.stop.is_asked:
                for due, code in self.take_ended():
                    if code in SETTLED_CODES or due.verdict.tries + 1 >= NOTIFY_AFTER_TRIES:
                        maintenance.ask(due.portal)
                started = self.start_due(jobs, event.set, patient=True)
                if started or self._running:
                    is_idle = False
                elif not is_idle:
                    is_idle = True
                    maintenance.ask()
                    self.save()
                event.wait(self.seconds_to_next())
                event.clear()

    def start_due(
        self, jobs: JobRunner, wake: Callable[[], None], *, without: Iterable[str] = (), patient: bool = False
    ) -> list[Due]:
        """Start what is due, as far as there is room, and give it; `wake` is called at the end of each night."""
        room = self.jobs - len(self._running)
        if room <= 0:
            return []
        found = self.look(without=without, patient=patient)
        started: list[Due] = []
        while found and len(started) < room:
            due = min(found, key=self._turn_of)
            found.remove(due)
            started.append(due)
            self._verdicts.drop(due.portal)
            jobs.set_jobs(NIGHTS, map(_job_name, [*self._running, due.portal]), function=self.runner.run)
            ended = jobs.start(_job_name(due.portal), due)
            self._running[due.portal] = due, ended
            ended.add_done_callback(lambda _: wake())
        return started

    def _turn_of(self, due: Due) -> tuple[int, int, datetime, str]:
        """Order what is due: hosts that few running nights ask go first, then the night that waits longest."""
        asked = Counter(host for running, _ in self._running.values() for host in _hosts_of(running.planned))
        own, *files = (asked[host] for host in _hosts_of(due.planned))
        return own, max(files, default=0), due.night, due.portal

    def take_ended(self) -> list[tuple[Due, int]]:
        """Take the nights that ended, with their exit codes.

        Raises:
            BaseException: what a night raised.
        """
        ended = [portal for portal, (_, future) in self._running.items() if future.done()]
        return [(due, future.result()) for due, future in map(self._running.pop, ended)]

    def wait_for_end(self, event: threading.Event) -> None:
        """Wait until a night ended, or a stop was asked for; after a stop, until all ended."""
        if self.stop.is_asked:
            wait([future for _, future in self._running.values()])
        elif not any(future.done() for _, future in self._running.values()):
            event.wait()
            event.clear()

    def look(self, *, without: Iterable[str] = (), patient: bool = False) -> list[Due]:
        """Read the plan again, and give every night that is due, the one to run next first.

        With `patient`, a night that failed waits for its next try.
        """
        now = settings.clock()
        plan = [planned for planned in self.plan.read() if planned.profile.name not in self._running]
        self.portals = [planned.profile.name for planned in plan] + [*self._running]
        self.places.journal.put_faults(self.plan.faults, now)
        self._number_portals()
        self._note_left(now)
        marks, skipped = self.places.read_marks(planned.profile.name for planned in plan), set(without)
        known = [self._verdicts.find(planned, marks[planned.profile.name], now=now) for planned in plan]
        unknown = [planned for planned, verdict in zip(plan, known, strict=True) if verdict is None]
        judged = self._judge(unknown, now=now)
        found = []
        for planned, verdict in zip(plan, known, strict=True):
            name = planned.profile.name
            verdict = verdict or judged[name]
            waits = patient and self._waits(name, verdict)
            if verdict.is_due and verdict.planned is not None and not waits and name not in skipped:
                found.append(Due(planned, verdict, verdict.planned))
                self._log_plan(planned, f"due now, for the night planned at {_show(planned, verdict.planned)}")
        return sorted(found, key=self._turn_of)

    def take_due(self) -> list[Due]:
        """Give every night whose try has come, for others to run; the next look judges these portals again."""
        found = self.look(patient=True)
        for due in found:
            self._verdicts.drop(due.portal)
        return found

    def _judge(self, plan: Collection[Planned], *, now: datetime) -> dict[str, NightVerdict]:
        """Judge portals by their archives, and keep the verdicts. Portals of one archive are judged in one opening."""
        found: dict[str, NightVerdict] = {}
        by_archive: dict[Path, list[Planned]] = {}
        for planned in plan:
            by_archive.setdefault(self.places.archive_of(planned.profile.name), []).append(planned)
        for portals in by_archive.values():
            journal = self.places.journal_of(portals[0].profile.name)
            if journal is not self.places.journal and journal.archive not in self._begun:
                journal.close_dead_runs(now)
                self._begun.add(journal.archive)
            with journal.kept_open():
                journal.note_plans(portals, now)
                # After what is written here, and before what is read: a later change voids the verdict.
                marks = self.places.read_marks(planned.profile.name for planned in portals)
                for planned in portals:
                    name = planned.profile.name
                    found[name] = judge_portal(planned.profile, journal.read_history(planned), now=now)
                    following = self._verdicts.keep(planned, found[name], mark=marks[name], now=now)
                    if not found[name].is_due and len(plan) <= MOST_LOGGED:
                        self._log_plan(planned, f"next at {_show(planned, following)}")
        if len(plan) > MOST_LOGGED:
            logger.info(
                "plan: %d portals judged, %d due now", len(plan), sum(verdict.is_due for verdict in found.values())
            )
        return found

    def _number_portals(self) -> None:
        """Give new portals of a fleet their numbers; if that fails, they run without."""
        if not isinstance(self.places, ArchivePerPortal) or self._numbered.issuperset(self.portals):
            return
        try:
            number_portals(self.places.fleet, self.portals)
        except PortalArchiveError as error:
            logger.error("new portals have no number yet: %s", error)  # noqa: TRY400 - the trace says nothing more
        self._numbered.update(self.portals)

    def _note_left(self, now: datetime) -> None:
        """Note the archives of the folder whose profiles were taken away.

        Not while a profile cannot be used, since its portal may be any of them, or there may be none: that is not an
        act.
        """
        is_sure = self.covers_folder and self.portals and not self.plan.faults
        if not is_sure or self._planned == set(self.portals) or not isinstance(self.places, ArchivePerPortal):
            return
        self._planned = set(self.portals)
        for name in self.places.fleet.archives().keys() - self._planned:
            self.places.journal_of(name).note_left(name, now)

    def _waits(self, portal: str, verdict: NightVerdict) -> bool:
        return verdict.not_before is not None or self.runner.held_back.get(portal, 0.0) > time.monotonic()

    def _log_plan(self, planned: Planned, text: str) -> None:
        if self._logged_plan.get(planned.profile.name) != text:
            self._logged_plan[planned.profile.name] = text
            logger.info("plan: %s %s", planned.profile.name, text)

    def seconds_to_next(self) -> float:
        """Return the seconds until the next look: until a verdict may change, at most `look_seconds`."""
        ahead = self._verdicts.seconds_to_change(settings.clock())
        return max(SHORTEST_WAIT_SECONDS, min(self.look_seconds, self.look_seconds if ahead is None else ahead))


def _hosts_of(planned: Planned) -> tuple[str, ...]:
    """Return the hosts that a crawl asks, the portal's own first."""
    profile = planned.profile
    return (urlsplit(profile.base_url).netloc, *profile.file_hosts)


def _job_name(portal: str) -> str:
    return f"night {portal}"


def _show(planned: Planned, at: datetime | None) -> str:
    return at.astimezone(planned.profile.zone).isoformat(timespec="seconds") if at else "never"
