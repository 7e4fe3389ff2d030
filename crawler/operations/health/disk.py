"""Whether the disk is running out: the free space, and the growth of the archive."""

import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.language.dates import parse_iso
from crawler.operations.health.nights import JudgedPortal
from crawler.operations.health.problems import Phrase, Problem, Size, make_problem

# The growth is measured over this many days.
WINDOW = timedelta(days=28)
# A portal's first pass brings everything at once, and says nothing about later nights. The growth is known only this
# long after it.
LEAST_HISTORY = timedelta(days=3)
# The disk is running out when it lasts for less than the first number of days, and no longer when it lasts for more
# than the second: small changes each night must not begin and end the problem in turn.
DAYS_LEFT_LEAST = 14.0
DAYS_LEFT_WELL = 21.0
_WELL_ABOVE_RESERVE = 1.25

_FILE_NAME = re.compile(r"(.+)-(\d{14})\d{3}-\d+\.warc\.gz")


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The sizes of an archive and the free space of its disk, in bytes.

    `growth_bytes_per_day` is None while too little is known. `days_left` (until only the reserve is free) is None then
    too, and while nothing grows.
    """

    free_bytes: int
    reserve_bytes: int
    database_bytes: int
    warc_bytes: int
    growth_bytes_per_day: float | None
    days_left: float | None

    @property
    def is_short(self) -> bool:
        """True if the reserve is used up, or will be within `DAYS_LEFT_LEAST`."""
        return self.free_bytes < self.reserve_bytes or (self.days_left is not None and self.days_left < DAYS_LEFT_LEAST)

    @property
    def is_ample(self) -> bool:
        """True if a shortage is over for good."""
        lasts = self.days_left is None or self.days_left > DAYS_LEFT_WELL
        return lasts and self.free_bytes >= self.reserve_bytes * _WELL_ABOVE_RESERVE


def read_disk_space(
    connection: sqlite3.Connection, archive: Path, *, portals: Sequence[JudgedPortal], now: datetime
) -> DiskSpace:
    """Measure an archive and its disk. Reads one row for each WARC file of the last weeks, and no captures."""
    free = shutil.disk_usage(archive.parent).free
    reserve = max((portal.profile.limits.disk_reserve_bytes for portal in portals), default=0)
    database = sum(
        path.stat().st_size for path in (archive, archive.with_name(archive.name + "-wal")) if path.is_file()
    )
    warc = int(connection.execute("select coalesce(sum(size_bytes), 0) from warc_files").fetchone()[0])
    grown = _read_growth(connection, now)
    # The database is taken to grow with the files: its past sizes are not stored.
    growth = grown * (1 + database / warc) if grown is not None and warc else None
    left = max(0, free - reserve) / growth if growth else None
    return DiskSpace(free, reserve, database, warc, growth, left)


def _read_growth(connection: sqlite3.Connection, now: datetime) -> float | None:
    """Return the growth of WARC files in bytes a day, after each portal's first pass; None if unknown."""
    first_ends = dict(
        connection.execute(
            """select portal, min(finished_at) from crawls where outcome in ('complete', 'partial', 'suspect')
               group by portal"""
        ).fetchall()
    )
    since = now - WINDOW
    if not first_ends or now - parse_iso(min(first_ends.values())) < LEAST_HISTORY:
        return None
    grown = 0
    for name, size in connection.execute("select name, size_bytes from warc_files order by serial desc"):
        match = _FILE_NAME.fullmatch(name)
        began = datetime.strptime(match[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if match else None
        if match is None or began is None or began > now:
            continue
        if began < since:
            break
        first_end = first_ends.get(match[1])
        grown += size if first_end is not None and began > parse_iso(first_end) else 0
    return grown / ((now - max(since, parse_iso(min(first_ends.values())))) / timedelta(days=1))


def judge_disk(space: DiskSpace, now: datetime) -> Iterator[Problem]:
    """Return the problem if the disk is running out."""
    if not space.is_short:
        return
    if space.free_bytes < space.reserve_bytes:
        what = Phrase("disk_below_reserve")
    else:
        what = Phrase("disk_days_left", {"count": max(1, round(space.days_left or 0))})
    yield make_problem("disk", since=now, free=Size(space.free_bytes), reserve=Size(space.reserve_bytes), what=what)
