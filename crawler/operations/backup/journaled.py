"""Backups and drills with a row in the journal of operations, also when they fail."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from crawler.archive.database import is_begun, refuse_newer
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, ForkError, PortalArchiveError
from crawler.language.dates import to_iso_utc
from crawler.operations.backup.create import MadeBackup, make_backup
from crawler.operations.backup.drill import rehearse
from crawler.operations.backup.forks import Fence
from crawler.operations.backup.storage import show
from crawler.operations.backup.warc_files import join_problems
from crawler.operations.journal.backups import Backup, Drill, record_backup, record_drill
from crawler.operations.journal.database import write_journal


def back_up(
    archive: Path, url: str, *, now: datetime, append_only: bool, beside: bool = False, fence: Fence | None = None
) -> MadeBackup:
    """Make a backup and journal it. If another backup is running, nothing is journaled.

    Raises:
        PortalArchiveError: as `make_backup`, and if a finished backup cannot be journaled.
    """
    at = to_iso_utc(now)
    try:
        made = make_backup(archive, url, now=now, append_only=append_only, beside=beside, fence=fence)
    except ArchiveLockedError:
        raise
    except Exception as error:  # also an unexpected one: `status` reports it
        held = error.held if isinstance(error, ForkError) else None
        words = str(error) or type(error).__name__
        failed = Backup(at, show(url), None, None, ok=False, message=words, held=held)
        # The reason of the failed backup matters more than the reason of a failed journal entry.
        with suppress(PortalArchiveError):
            _note_backup(archive, failed)
        raise
    message = join_problems(made.problems or made.notes) or None
    good = not made.problems
    _note_backup(archive, Backup(at, made.target, made.snapshot, made.size_bytes, good, message, made.held))
    return made


def drill(archive: Path, url: str, *, now: datetime, folder: Path | None) -> Drill:
    """Restore the newest snapshot for a trial, remove it again, and journal the result.

    Raises:
        ArchiveLockedError: if a backup or another drill of this archive is running; that is not journaled.
        ArchiveUnusableError: if no archive was begun here, or the drill cannot be journaled.
        SchemaTooNewError: if a newer version wrote it.
    """
    # A damaged archive is not a reason to refuse: then the state of its backup matters most.
    if not is_begun(archive):
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")
    refuse_newer(archive)
    try:
        snapshot, message, ok = rehearse(archive, url, folder=folder)
    except ArchiveLockedError:
        raise
    except Exception as error:  # as in `back_up`
        snapshot, message, ok = None, str(error) or type(error).__name__, False
    done = Drill(to_iso_utc(now), show(url), snapshot, ok, message)
    with write_journal(archive) as journal:
        record_drill(journal, done)
    return done


def _note_backup(archive: Path, backup: Backup) -> None:
    if archive.is_file():
        with write_journal(archive) as journal:
            record_backup(journal, backup)
