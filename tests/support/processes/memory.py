"""The memory of a process with its children, as Linux shares it out among them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05


@dataclass
class Peak:
    """The largest sum of proportional set sizes (PSS) that was seen, in bytes."""

    size_bytes: int = 0


def tree_of(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for process in found:
        # A process may end while it is looked at.
        with suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{process}/task").glob("*/children"):
                found += map(int, _read(task).split())
    return found


def proportional_bytes(pid: int) -> int:
    """Return the PSS of a process in bytes; 0 if it has ended."""
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """Watch the memory of a process tree while the block runs."""
    peak, stop = Peak(), threading.Event()

    def watch() -> None:
        while not stop.wait(POLL_SECONDS):
            peak.size_bytes = max(peak.size_bytes, sum(map(proportional_bytes, tree_of(pid))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it ended meanwhile
