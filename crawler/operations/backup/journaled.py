"""A backup or a drill with its note in the journal of operations, whatever it comes to."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from crawler.archive.database import is_begun, refuse_newer
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, PortalArchiveError
from crawler.language.dates import to_iso_utc
from crawler.operations.backup.create import Shipped, make_backup
from crawler.operations.backup.drill import rehearse
from crawler.operations.backup.storage import show
from crawler.operations.backup.warc_files import first_words
from crawler.operations.journal.backups import Backup, record_backup
from crawler.operations.journal.database import write_journal
from crawler.operations.journal.drills import Drill, record_drill


def back_up(archive: Path, url: str, *, now: datetime, append_only: bool) -> Shipped:
    """Make a backup and note it; one that another backup keeps from beginning is not noted.

    Raises:
        PortalArchiveError: as `make_backup`, and if a backup that was made cannot be noted.

    """
    at = to_iso_utc(now)
    try:
        shipped = make_backup(archive, url, now=now, append_only=append_only)
    except ArchiveLockedError:
        raise
    except PortalArchiveError as error:
        failed = Backup(at, show(url), None, None, ok=False, message=str(error))
        # Why there is no backup is more to the point than why that could not be noted.
        with suppress(PortalArchiveError):
            _note_backup(archive, failed)
        raise
    message = first_words(shipped.problems or shipped.notes) or None
    good = not shipped.problems
    _note_backup(archive, Backup(at, shipped.target, shipped.snapshot, shipped.size_bytes, good, message))
    return shipped


def drill(archive: Path, url: str, *, now: datetime, folder: Path | None) -> Drill:
    """Restore the newest snapshot for trial, remove it again, and note what it came to.

    Raises:
        ArchiveLockedError: if a backup or another drill of this archive is at work; that is not noted.
        ArchiveUnusableError: if no archive was begun here, or the drill cannot be noted.
        SchemaTooNewError: if a newer version wrote it.

    """
    # A damaged archive is no reason: whether its backup is whole is what one wants to know then.
    if not is_begun(archive):
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")
    refuse_newer(archive)
    try:
        snapshot, message, ok = rehearse(archive, url, folder=folder)
    except ArchiveLockedError:
        raise
    except PortalArchiveError as error:
        snapshot, message, ok = None, str(error), False
    done = Drill(to_iso_utc(now), show(url), snapshot, ok, message)
    with write_journal(archive) as journal:
        record_drill(journal, done)
    return done


def _note_backup(archive: Path, backup: Backup) -> None:
    if archive.is_file():
        with write_journal(archive) as journal:
            record_backup(journal, backup)
