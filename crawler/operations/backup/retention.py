"""Which snapshots are kept: the newest of each of the last days, weeks and months. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime

from crawler.operations.backup.manifest import SnapshotName

DAILY = 7
WEEKLY = 4
MONTHLY = 12

_SPANS: tuple[tuple[int, Callable[[datetime], tuple[int, ...]]], ...] = (
    (DAILY, lambda at: (at.year, at.month, at.day)),
    (WEEKLY, lambda at: at.isocalendar()[:2]),
    (MONTHLY, lambda at: (at.year, at.month)),
)


def choose_kept(names: Iterable[SnapshotName]) -> set[SnapshotName]:
    """Choose the snapshots to keep: the newest of all, and of each of the last 7 days, 4 weeks and 12 months.

    Days are days of UTC, weeks begin on Monday. Days without a snapshot are not counted, so a pause removes nothing.
    """
    oldest_first = sorted(names)
    kept = set(oldest_first[-1:])
    for count, span_of in _SPANS:
        newest = {span_of(name.at): name for name in oldest_first}
        kept.update(newest[span] for span in sorted(newest)[-count:])
    return kept
