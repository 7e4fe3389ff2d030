"""One run at a time on an archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crawler.errors import ArchiveLockedError, ArchiveUnusableError

LOCK_NAME = ".lock"


@contextmanager
def hold_archive(path: Path) -> Iterator[None]:
    """Hold the archive at `path` while the block runs; the system lets go of it when the process dies.

    Raises:
        ArchiveLockedError: if another run holds it.
        ArchiveUnusableError: if the lock file beside the WARC files cannot be made.

    """
    folder = path.parent / "warc"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_NAME)
        # `is_held` takes the lock for a moment.
        lock.acquire(timeout=1)
    except Timeout as error:
        raise ArchiveLockedError(f"{path}: another run holds this archive") from error
    except OSError as error:
        raise ArchiveUnusableError(f"{path}: cannot be written: {error.strerror}: {error.filename}") from error
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Tell whether a run holds the archive at `path` just now."""
    lock_path = path.parent / "warc" / LOCK_NAME
    if not lock_path.exists():
        return False
    lock = FileLock(lock_path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False
