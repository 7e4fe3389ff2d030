"""Locks: one run at a time on an archive, one scheduler at a time on its plan."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crawler.errors import ArchiveLockedError, ArchiveUnusableError, say_fault

LOCK_NAME = ".lock"
CRAWL_LOCK_NAME = ".crawl.lock"
PLAN_LOCK_NAME = ".schedule.lock"


@contextmanager
def hold_archive(path: Path, *, wait_seconds: float = 1) -> Iterator[None]:
    """Hold the archive at `path` while the block runs. The system releases the lock when the process dies.

    Wait up to `wait_seconds` for another holder: also `is_held` takes the lock for a moment.

    Raises:
        ArchiveLockedError: if another run holds it.
        ArchiveUnusableError: if the lock file beside the WARC files cannot be made.
    """
    with _hold_beside(path, LOCK_NAME, taken="another run holds this archive", wait_seconds=wait_seconds):
        yield


@contextmanager
def hold_crawl(path: Path) -> Iterator[None]:
    """Keep other crawls off the archive at `path` while the block runs; the writer process holds the archive itself.

    So a start can tell a crawl that runs from the writer of one that died, which lets the archive go soon.

    Raises:
        ArchiveLockedError: if another crawl runs.
        ArchiveUnusableError: if the lock file beside the WARC files cannot be made.
    """
    with _hold_beside(path, CRAWL_LOCK_NAME, taken="another run holds this archive", wait_seconds=1):
        yield


@contextmanager
def hold_plan(path: Path) -> Iterator[None]:
    """Hold the plan of the archive at `path` while the block runs.

    Raises:
        ArchiveLockedError: if another scheduler holds it.
        ArchiveUnusableError: if the lock file beside the WARC files cannot be made.
    """
    with _hold_beside(path, PLAN_LOCK_NAME, taken="another scheduler runs the plan of this archive", wait_seconds=1):
        yield


@contextmanager
def _hold_beside(path: Path, name: str, *, taken: str, wait_seconds: float) -> Iterator[None]:
    """Hold a lock file beside the WARC files of the archive at `path`. Error messages name the archive."""
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(path.parent / "warc" / name, f"{path}: {taken}", wait_seconds=wait_seconds))
        except ArchiveUnusableError as error:
            raise ArchiveUnusableError(f"{path}: {error}") from error
        yield


@contextmanager
def hold_lock(file: Path, taken: str, *, wait_seconds: float = 1) -> Iterator[None]:
    """Hold a lock file while the block runs; make it if it is missing. The system releases it when the process dies.

    Raises:
        ArchiveLockedError: with the message `taken`, if another process holds it.
        ArchiveUnusableError: if it cannot be made.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file)
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise ArchiveLockedError(taken) from error
    except OSError as error:
        raise ArchiveUnusableError(f"{error.filename or file}: cannot be written: {say_fault(error)}") from error
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Tell whether a run holds the archive at `path` now."""
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
