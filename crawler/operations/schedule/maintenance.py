"""What is done beside the crawls: backups, drills, messages. Each a child process; none may hold up the plan."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from crawler import settings as own
from crawler.archive.database import is_begun
from crawler.errors import ArchiveUnusableError
from crawler.language.dates import parse_iso
from crawler.operations.journal.backups import last_good
from crawler.operations.journal.database import read_journal
from crawler.operations.journal.drills import last_drill
from crawler.operations.schedule.child_process import Stop, run_child

logger = logging.getLogger(__name__)

# A nightly backup that began a little later than the last one is still one a night.
BACKUP_EVERY = timedelta(hours=20)
DRILL_EVERY = timedelta(days=30)
# At rest, troubles that no run shows (a disk, a night missed) are looked for so often, in seconds.
REST_SECONDS = 3600.0
# The longest that a chore may take, in seconds: a first backup goes over a slow line, a message does not.
BACKUP_SECONDS = 24 * 3600.0
NOTIFY_SECONDS = 600.0
# How often a chore under way is looked at, in seconds; its end and a stop are noticed at once.
LOOK_SECONDS = 60.0


def run_chores(archive: Path, stop: Stop, *, now: datetime) -> None:
    """Make a backup and try one out if that is due, then tell what is to be told; a failure is logged, no more."""
    if own.backup_target() is not None:
        if backup_is_due(archive, now):
            _run(["backup", "--archive", str(archive)], stop, longest_seconds=BACKUP_SECONDS)
        if drill_is_due(archive, now):
            _run(["backup", "--drill", "--archive", str(archive)], stop, longest_seconds=BACKUP_SECONDS)
    if own.notify_targets() and is_begun(archive):
        _run(["notify", "--archive", str(archive)], stop, longest_seconds=NOTIFY_SECONDS)


def keep_chores(archive: Path, stop: Stop, *, asked: threading.Event) -> None:
    """Run the chores whenever `asked` is set, and about hourly, until stopped; for a thread of its own."""
    while not stop.is_asked:
        asked.wait(REST_SECONDS)
        asked.clear()
        if not stop.is_asked:
            try:
                run_chores(archive, stop, now=own.clock())
            except Exception:
                logger.exception("a chore failed; the plan goes on, and it is tried again in an hour")


def backup_is_due(archive: Path, now: datetime) -> bool:
    """Tell whether the last good backup is old enough for another; it is if nobody can say."""
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
    """Tell whether there is a backup to try, and the last trial is old, or it failed and a day has gone by."""
    try:
        with read_journal(archive) as journal:
            if journal is None or last_good(journal) is None:
                return False
            drill = last_drill(journal)
    except ArchiveUnusableError:
        return False
    return drill is None or _is_past(drill.at, DRILL_EVERY if drill.ok else BACKUP_EVERY, now=now)


def _is_past(at: str, span: timedelta, *, now: datetime) -> bool:
    """True if a time lies further back than a span, or ahead: then the clock was wrong once."""
    return not now - span < parse_iso(at) <= now


def _run(arguments: Sequence[str], stop: Stop, *, longest_seconds: float) -> None:
    if stop.is_asked:
        return
    name = " ".join(arguments[: 2 if arguments[1] == "--drill" else 1])
    until = time.monotonic() + longest_seconds

    def look() -> str | None:
        return f"longer than {longest_seconds:.0f} s" if time.monotonic() > until else None

    try:
        ended = run_child(arguments, stop, look=look, look_seconds=LOOK_SECONDS)
    except OSError as error:
        logger.warning("%s could not be started: %s", name, error)
        return
    if ended.ended_for is not None:
        logger.warning("%s was ended: %s", name, ended.ended_for)
    elif ended.code != 0:
        logger.warning("%s ended with exit code %d; the plan goes on", name, ended.code)
