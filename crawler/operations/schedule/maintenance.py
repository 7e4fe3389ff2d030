"""What is done beside the crawls: backups, drills, messages. Each is a child process; none may delay a night."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from crawler import settings
from crawler.archive.database import is_begun
from crawler.errors import ArchiveUnusableError
from crawler.exit_codes import ExitCode
from crawler.language.dates import parse_iso
from crawler.operations.journal.backups import last_drill, last_good
from crawler.operations.journal.database import read_journal
from crawler.operations.schedule.child_process import Stop, run_child
from crawler.operations.schedule.jobs import MAINTENANCE, JobRunner
from crawler.operations.schedule.places import Places

logger = logging.getLogger(__name__)

# A nightly backup that begins a little later than the last one is still one a night.
BACKUP_EVERY = timedelta(hours=20)
DRILL_EVERY = timedelta(days=30)
# How often, in seconds, problems that no run shows (a disk, a missed night) are looked for while nothing is due.
IDLE_SECONDS = 3600.0
# The longest time for a job, in seconds: a first backup may go over a slow line, a message does not.
BACKUP_SECONDS = 24 * 3600.0
MESSAGES_SECONDS = 600.0
# How often a running job is checked, in seconds; its end and a stop are noticed at once.
LOOK_SECONDS = 60.0

# The jobs by name: the command, and how long it may take.
BACKUP, DRILL, MESSAGES = "backup", "drill", "messages"
_COMMANDS = {
    BACKUP: (["backup"], BACKUP_SECONDS),
    DRILL: (["backup", "--drill"], BACKUP_SECONDS),
    MESSAGES: (["notify"], MESSAGES_SECONDS),
}


class Asked:
    """A request for maintenance, of some archives or of all."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._portals: set[str] = set()
        self._is_idle = False
        self._lock = threading.Lock()

    def ask(self, portal: str | None = None) -> None:
        """Ask for it, after a portal's night or for all that is due."""
        with self._lock:
            if portal is not None:
                self._portals.add(portal)
            else:
                self._is_idle = True
        self._event.set()

    def wait(self, seconds: float) -> tuple[set[str], bool]:
        """Wait until it is asked for, at most this long; give the portals whose nights ended, and if none is due."""
        self._event.wait(seconds)
        self._event.clear()
        with self._lock:
            portals, self._portals = self._portals, set()
            is_idle, self._is_idle = self._is_idle, False
        return portals, is_idle


def run_maintenance(
    jobs: JobRunner, places: Places, *, portals: Iterable[str], stop: Stop, with_messages: bool = True,
    may_ship: Callable[[str], bool] = lambda _: True,
) -> None:  # fmt: skip
    """Make the backups and drills that are due, and send messages; a failure is only logged.

    Args:
        jobs: runs each as a job.
        places: where the archives are.
        portals: of the plan.
        stop: ends it.
        with_messages: whether a fleet has its message sent, which is one for all portals. One archive has them always.
        may_ship: returns whether a backup of a portal's archive may be made now.
    """
    is_fleet, backups = places.most_at_once is None, places.backup_place
    portals = list(dict.fromkeys(portals))
    for portal in portals if is_fleet else ("",):
        archive = places.archive_of(portal)
        suffix = f" {portal}" if is_fleet else ""
        function = partial(_run, place=("--archive", str(archive)), backups=backups, subfolder=portal, stop=stop)
        for name in _due_jobs(archive, has_backups=backups is not None, is_alone=not is_fleet):
            if stop.is_asked:
                return
            if name == BACKUP and not may_ship(portal):
                continue
            jobs.set_jobs(MAINTENANCE, [name + suffix], function=function)
            jobs.run(name + suffix, name)
    if is_fleet and with_messages and not stop.is_asked and _are_messages_wanted(places, portals):
        function = partial(_run, place=places.all_archives, backups=None, subfolder="", stop=stop)
        jobs.set_jobs(MAINTENANCE, [MESSAGES], function=function)
        jobs.run(MESSAGES, MESSAGES)


def _are_messages_wanted(places: Places, portals: Iterable[str]) -> bool:
    return bool(settings.notify_targets()) or any(
        settings.subscriptions_file(places.archive_of(one)) for one in portals
    )


def _due_jobs(archive: Path, *, has_backups: bool, is_alone: bool) -> Iterator[str]:
    """Name the jobs of an archive that are due; the drill is judged after the backup was made."""
    if has_backups:
        if backup_is_due(archive, settings.clock()):
            yield BACKUP
        if drill_is_due(archive, settings.clock()):
            yield DRILL
    if is_alone and (settings.notify_targets() or settings.subscriptions_file(archive)) and is_begun(archive):
        yield MESSAGES


def maintain_until_stopped(
    jobs: JobRunner, places: Places, *, portals: Callable[[], Collection[str]], stop: Stop, asked: Asked,
    may_ship: Callable[[str], bool] = lambda _: True,
) -> None:  # fmt: skip
    """Run the maintenance when it is asked for, and about hourly, until stopped; runs in its own thread."""
    looked_at = time.monotonic()
    told_at: float | None = None
    is_untold = False
    while not stop.is_asked:
        ended, is_idle = asked.wait(IDLE_SECONDS)
        now = time.monotonic()
        is_for_all = not ended or now - looked_at >= IDLE_SECONDS
        if is_for_all:
            looked_at = now
        is_untold = is_untold or bool(ended)
        # A fleet's message waits until no night is due any more, or for an hour of a long night.
        is_telling = is_untold and (is_idle or is_for_all) and (told_at is None or now - told_at >= IDLE_SECONDS)
        if is_telling:
            told_at, is_untold = now, False
        if not stop.is_asked:
            try:
                run_maintenance(
                    jobs, places, portals=portals() if is_for_all else ended, stop=stop, with_messages=is_telling,
                    may_ship=may_ship,
                )  # fmt: skip
            except Exception:
                logger.exception("maintenance failed; the plan goes on, and it is tried again in an hour")


def backup_is_due(archive: Path, now: datetime) -> bool:
    """True if the last good backup is old enough for another one, or the journal cannot say."""
    if not archive.is_file():
        return False
    try:
        with read_journal(archive) as journal:
            good = last_good(journal) if journal is not None else None
    except ArchiveUnusableError as error:
        logger.warning("the journal cannot be read, so a backup is made: %s", error)
        return True
    return good is None or _is_past(good.at, BACKUP_EVERY, now=now)


def drill_is_due(archive: Path, now: datetime) -> bool:
    """True if a backup exists and the last drill is old, or failed about a day ago."""
    try:
        with read_journal(archive) as journal:
            if journal is None or last_good(journal) is None:
                return False
            drill = last_drill(journal)
    except ArchiveUnusableError:
        return False
    return drill is None or _is_past(drill.at, DRILL_EVERY if drill.ok else BACKUP_EVERY, now=now)


def _is_past(at: str, span: timedelta, *, now: datetime) -> bool:
    """True if a time is further back than a span, or in the future: then the clock was wrong once."""
    return not now - span < parse_iso(at) <= now


def _run(name: str, *, place: tuple[str, str], backups: str | None, subfolder: str, stop: Stop) -> int:
    if stop.is_asked:
        return ExitCode.INTERRUPTED
    command, longest_seconds = _COMMANDS[name]
    words = " ".join([*command, subfolder]).rstrip()
    if subfolder:
        # Each archive of a fleet has its own place.
        command = [*command, "--to", f"{(backups or '').rstrip('/')}/{subfolder}"]
    until = time.monotonic() + longest_seconds

    def look() -> str | None:
        return f"longer than {longest_seconds:.0f} s" if time.monotonic() > until else None

    try:
        ended = run_child([*command, *place], stop, look=look, look_seconds=LOOK_SECONDS)
    except OSError as error:
        logger.warning("%s could not be started: %s", words, error)
        return ExitCode.FAILED
    if ended.ended_for is not None:
        logger.warning("%s was ended: %s", words, ended.ended_for)
    elif ended.code != 0:
        logger.warning("%s ended with exit code %d; the plan goes on", words, ended.code)
    return ended.code
