"""The restore drill: restore the newest snapshot to a temporary folder, verify it, and remove it again."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from crawler.errors import ArchiveLockedError, BackupError, PortalArchiveError
from crawler.operations.backup.create import hold_work_folder
from crawler.operations.backup.manifest import SNAPSHOTS, whole_snapshots
from crawler.operations.backup.restore import restore
from crawler.operations.backup.storage import open_storage
from crawler.operations.backup.warc_files import join_problems


def rehearse(archive: Path, url: str, *, folder: Path | None) -> tuple[str | None, str, bool]:
    """Restore the newest snapshot for a trial; give its name, the result in words, and whether it is complete.

    The trial goes to `folder`, or beside the archive. It needs the space of a whole archive for as long as it runs.

    Raises:
        ArchiveLockedError: if a backup or another drill of this archive is running.
        PortalArchiveError: if there is nothing to restore, or the target cannot be reached.
    """
    with hold_work_folder(archive) as work:
        names = whole_snapshots(open_storage(url).sizes(SNAPSHOTS) or {})
        # Without one, the restore reports it.
        name = str(names[-1]) if names else None
        place = _make_place(folder or work, archive)
        try:
            restored = restore(url, place / "archive.db", named=name)
        except ArchiveLockedError:
            raise
        except PortalArchiveError as error:
            return name, str(error), False
        finally:
            shutil.rmtree(place, ignore_errors=True)
    if restored.differences:
        return name, join_problems(restored.differences), False
    return name, restored.verification.lines()[-1], True


def _make_place(folder: Path, archive: Path) -> Path:
    """Make an empty folder for the trial. Remove the folders of killed drills of the same archive."""
    prefix = f"drill-{hashlib.sha256(str(archive.absolute()).encode()).hexdigest()[:12]}-"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{prefix}*"):
            shutil.rmtree(leftover)
        return Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    except OSError as error:
        raise BackupError(f"{folder}: cannot be written: {error.strerror}") from error
