"""When to crawl: each portal's cron line in its own zone, every crawl a child process, one at a time.

A night missed while the machine was off is made up at start: the plan is compared with the archive.
"""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from crawler import settings as own
from crawler.archive.database import open_for_reading
from crawler.cron import last_fire_time, make_trigger
from crawler.dates import parse_iso
from crawler.exit_codes import ExitCode
from crawler.profile import Profile, load_profile

logger = logging.getLogger(__name__)

# A night that cannot start on time (another is under way, the machine sleeps) may start so much later.
# APScheduler's default is 1 second: a night that starts late is silently skipped.
GRACE = timedelta(hours=12)

# A crawl that is asked to stop is given so long to end its exchanges, in seconds.
STOP_SECONDS = 120

# How bad an exit code is, the worst last: what `--once` answers with for several portals.
_SEVERITY = (
    ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.SUSPECT, ExitCode.LOCKED, ExitCode.WRONG_USE, ExitCode.FAILED,
    ExitCode.INTERRUPTED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """A portal in the plan: the name or file it was given as, and its profile."""

    portal: str
    profile: Profile


class CrawlRunner:
    """Runs crawls of one archive as child processes, one after the other."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def run(self, portal: str) -> int:
        """Crawl a portal and give the exit code; waits while another crawl of this runner is under way."""
        with self._lock:
            if self._stopping:
                return ExitCode.INTERRUPTED
            command = [
                sys.executable,
                "-m",
                "crawler",
                "crawl",
                "--portal",
                portal,
                "--archive",
                str(self._archive),
            ]
            logger.info("%s: crawl begins", portal)
            self._child = subprocess.Popen(command, env=own.child_environment(), stdin=subprocess.DEVNULL)  # noqa: S603
            code = self._child.wait()
            self._child = None
        logger.log(logging.INFO if code == 0 else logging.WARNING, "%s: crawl ended: %s", portal, _meaning(code))
        return code

    def stop(self) -> None:
        """Ask the crawl that is under way to end, and let no other begin; returns when it has ended."""
        self._stopping = True
        child = self._child
        if child is None:
            return
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            logger.error("the crawl did not end within %d s and is killed; the next resumes it", STOP_SECONDS)  # noqa: TRY400 - the trace would say nothing more
            child.kill()


def run_once(portals: Sequence[str], archive: Path) -> int:
    """Run what is due by now, one portal after the other; give the worst exit code, 0 if nothing was due.

    Raises:
        ProfileError: if a profile cannot be used; nothing is run then.

    """
    plan = _load_plan(portals)
    runner = CrawlRunner(archive)
    _stop_on_signals(runner.stop)
    codes = [runner.run(planned.portal) for planned in due(plan, archive, own.clock())]
    return max(codes, key=_severity, default=ExitCode.OK)


def run_until_stopped(portals: Sequence[str], archive: Path) -> int:
    """Hold the plan and run it until SIGTERM or SIGINT; a crawl under way is then ended so that it can resume.

    Raises:
        ProfileError: if a profile cannot be used; nothing is run then.

    """
    plan = _load_plan(portals)
    runner = CrawlRunner(archive)
    stop = threading.Event()
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(max_workers=1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": int(GRACE.total_seconds())},
    )
    for planned in plan:
        trigger = make_trigger(planned.profile.schedule.cron, planned.profile.zone)
        scheduler.add_job(runner.run, trigger, args=[planned.portal], id=planned.profile.name)
    for planned in due(plan, archive, own.clock()):
        logger.info("%s: a night was missed; it is made up now", planned.portal)
        scheduler.add_job(runner.run, args=[planned.portal], id=f"{planned.profile.name} made up")
    _stop_on_signals(stop.set)
    scheduler.start()
    for job in scheduler.get_jobs():
        logger.info("plan: %s next at %s", job.id, job.next_run_time)
    stop.wait()
    logger.info("stopping")
    runner.stop()
    scheduler.shutdown(wait=True)
    return ExitCode.OK


def due(plan: Iterable[Planned], archive: Path, now: datetime) -> list[Planned]:
    """Give the portals whose last planned time has no run in the archive that began then or later."""
    return [planned for planned in plan if _is_due(planned.profile, archive, now)]


def _is_due(profile: Profile, archive: Path, now: datetime) -> bool:
    planned = last_fire_time(profile.schedule.cron, profile.zone, now)
    if planned is None:
        return False
    began = last_start(archive, profile.name)
    return began is None or began < planned


def last_start(archive: Path, portal: str) -> datetime | None:
    """Give when the last run of a portal began that was not cut short, None if there is none."""
    if not archive.is_file():
        return None
    connection = open_for_reading(archive)
    try:
        row = connection.execute(
            """select max(started_at) as at from crawls
               where portal = ? and outcome not in ('interrupted', 'running', 'failed')""",
            (portal,),
        ).fetchone()
    finally:
        connection.close()
    return parse_iso(row["at"]) if row["at"] else None


def _load_plan(portals: Sequence[str]) -> list[Planned]:
    return [Planned(portal, load_profile(portal)) for portal in portals]


def _stop_on_signals(stop: Callable[[], object]) -> None:
    def handle(_signal: int, _frame: FrameType | None) -> None:
        # A handler must not wait: the thread it interrupts may hold the lock it needs.
        threading.Thread(target=stop, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _severity(code: int) -> int:
    return _SEVERITY.index(ExitCode(code)) if code in set(ExitCode) else len(_SEVERITY)


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
