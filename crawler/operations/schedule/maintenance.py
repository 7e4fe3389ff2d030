"""What is done beside the crawls: backups, drills, messages. Each is a child process; none may delay a night."""

import logging
import threading
import time
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


def set_maintenance_jobs(jobs: JobRunner, archive: Path, *, stop: Stop) -> None:
    """Add the jobs for backup, drill and messages; each runs its command as a child process."""
    jobs.set_jobs(MAINTENANCE, _COMMANDS, function=partial(_run, archive=archive, stop=stop))


def run_maintenance(jobs: JobRunner, archive: Path, *, now: datetime) -> None:
    """Make a backup and a drill if they are due, then send messages; a failure is only logged."""
    if settings.backup_target() is not None:
        if backup_is_due(archive, now):
            jobs.run(BACKUP, BACKUP)
        if drill_is_due(archive, now):
            jobs.run(DRILL, DRILL)
    if (settings.notify_targets() or settings.subscriptions_file(archive)) and is_begun(archive):
        jobs.run(MESSAGES, MESSAGES)


def maintain_until_stopped(jobs: JobRunner, archive: Path, *, stop: Stop, asked: threading.Event) -> None:
    """Run the maintenance when `asked` is set, and about hourly, until stopped; runs in its own thread."""
    while not stop.is_asked:
        asked.wait(IDLE_SECONDS)
        asked.clear()
        if not stop.is_asked:
            try:
                run_maintenance(jobs, archive, now=settings.clock())
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


def _run(name: str, archive: Path, *, stop: Stop) -> int:
    if stop.is_asked:
        return ExitCode.INTERRUPTED
    command, longest_seconds = _COMMANDS[name]
    words = " ".join(command)
    until = time.monotonic() + longest_seconds

    def look() -> str | None:
        return f"longer than {longest_seconds:.0f} s" if time.monotonic() > until else None

    try:
        ended = run_child([*command, "--archive", str(archive)], stop, look=look, look_seconds=LOOK_SECONDS)
    except OSError as error:
        logger.warning("%s could not be started: %s", words, error)
        return ExitCode.FAILED
    if ended.ended_for is not None:
        logger.warning("%s was ended: %s", words, ended.ended_for)
    elif ended.code != 0:
        logger.warning("%s ended with exit code %d; the plan goes on", words, ended.code)
    return ended.code
