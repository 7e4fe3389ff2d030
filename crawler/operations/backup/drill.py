"""The restore drill: the newest snapshot restored to a folder of its own, verified, and removed again."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from crawler.errors import ArchiveLockedError, BackupError, PortalArchiveError
from crawler.operations.backup.create import hold_work_folder
from crawler.operations.backup.restore import choose_snapshot, restore
from crawler.operations.backup.storage import open_target
from crawler.operations.backup.warc_files import first_words


def rehearse(archive: Path, url: str, *, folder: Path | None) -> tuple[str, str, bool]:
    """Restore the newest snapshot for trial; give its name, what it came to in words, and whether it proved whole.

    The trial lies in `folder`, or beside the archive, and needs room for a whole archive while it lasts.

    Raises:
        ArchiveLockedError: if a backup or another drill of this archive is at work.
        PortalArchiveError: if there is nothing to restore or it cannot be reached.

    """
    with hold_work_folder(archive) as work:
        name = str(choose_snapshot(open_target(url), named=None, at=None))
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
        return name, first_words(restored.differences), False
    return name, restored.verification.lines()[-1], True


def _make_place(folder: Path, archive: Path) -> Path:
    """Make an empty folder for the trial; what a killed drill of the same archive left is removed."""
    prefix = f"drill-{hashlib.sha256(str(archive.absolute()).encode()).hexdigest()[:12]}-"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"{prefix}*"):
            shutil.rmtree(leftover)
        return Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    except OSError as error:
        raise BackupError(f"{folder}: cannot be written: {error.strerror}") from error
