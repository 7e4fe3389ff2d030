"""Figures over the whole archive, counted at most so often: a page must not wait for them, nor count them each time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

# While the archive changes, figures may be so old, in seconds. While it does not, they stay.
STALE_SECONDS = 15.0
# The headers of a page with such: a visitor must not hold it for the page of the archive as it is.
NOT_HELD = {"cache-control": "no-store"}


class Counted(Generic[T]):
    """Keeps a figure of each archive until the archive has changed, and it is STALE_SECONDS old."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[object, float, T]] = {}

    def read(self, archive: Path, count: Callable[[], T]) -> T:
        """Give the figure of an archive, counted anew if it must be."""
        state = _state_of(archive)
        kept = self._kept.get(archive)
        now = time.monotonic()
        if kept is not None and (kept[0] == state or now - kept[1] < STALE_SECONDS):
            return kept[2]
        value = count()
        self._kept[archive] = (state, now, value)
        return value

    def is_current(self, archive: Path) -> bool:
        """Tell if the figure that was given last is that of the archive as it is now."""
        kept = self._kept.get(archive)
        return kept is not None and kept[0] == _state_of(archive)


def _state_of(archive: Path) -> tuple[tuple[int, int] | None, ...]:
    """Give what changes when a database is written."""
    states: list[tuple[int, int] | None] = []
    for suffix in ("", "-wal"):
        try:
            found = archive.with_name(archive.name + suffix).stat()
            states.append((found.st_mtime_ns, found.st_size))
        except OSError:
            states.append(None)
    return tuple(states)
