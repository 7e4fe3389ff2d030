"""Whether a portal's night is due: the plan compared with the runs of the archive and of the journal.

The archive alone settles a night; the journal says what was tried and what was missed. A clock that was wrong once
must neither skip nor double a night: runs in the future are ignored, and so are runs whose times do not fit the order
in which they were written. A few minutes ahead do not count: the machine of a portal may have a fast clock.
"""

import sqlite3
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.database import read_file_mark
from crawler.cron import last_planned, planned_nights
from crawler.exit_codes import ExitCode
from crawler.items import SETTLED_OUTCOMES
from crawler.language.dates import parse_iso
from crawler.operations.journal.runs import EndedFor, PlannedRun
from crawler.operations.parking import Parked, find_parked
from crawler.profile import Profile, restore_profile

# Exit codes of the same meaning as `SETTLED_OUTCOMES`.
SETTLED_CODES = (ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.SUSPECT)

# How long the next try waits after the first failed one, the second, and so on; the last holds for all further ones.
WAITS = (
    timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4),
)  # fmt: skip

# The clocks of two machines may be this far apart; a run that is not further ahead counts.
CLOCKS_APART = timedelta(minutes=15)

# How many of a portal's last runs are read.
RUNS_READ = 200
# How long a reader waits for a locked archive, in seconds.
BUSY_SECONDS = 5.0
# A database that was written so short a time ago may be written again within the step of its file's clock.
_AT_REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Start:
    """When a run began, in the order of writing, and whether it settled its night."""

    at: datetime
    is_settled: bool


@dataclass(frozen=True, slots=True)
class RunHistory:
    """The runs of a portal, each list in the order of writing.

    `starts` are the archive's runs, or the journal's if the archive cannot be read. `plan_since` is since when today's
    plan holds, None if it always did. `parked` says how the portal is parked, None if it is not.
    """

    starts: Sequence[Start] = ()
    runs: Sequence[PlannedRun] = ()
    plan_since: datetime | None = None
    parked: Parked | None = None


@dataclass(frozen=True, slots=True)
class NightVerdict:
    """Whether a portal's night is due.

    `planned` is the last time a pass was to begin, None if there was none within a year. A due night failed `tries`
    times, and the next try is at `not_before`, None if at once. `missed` are the nights before it without a run.
    `is_first` is True if the portal never had a run.
    """

    planned: datetime | None
    is_due: bool = False
    tries: int = 0
    not_before: datetime | None = None
    missed: list[datetime] = field(default_factory=list)
    is_first: bool = False


def judge_portal(profile: Profile, history: RunHistory, *, now: datetime) -> NightVerdict:
    """Judge whether a portal's last planned night is still to be run, and which nights before it were missed."""
    planned = last_planned(profile, now)
    if planned is None:
        return NightVerdict(None)
    starts = _credible([start for start in history.starts if start.at <= now + CLOCKS_APART])
    if any(start.is_settled and start.at >= planned for start in starts):
        return NightVerdict(planned)
    if history.plan_since is not None and planned <= history.plan_since <= now:
        return NightVerdict(planned)
    parked = history.parked
    if parked is not None and parked.probed_at <= now and planned < parked.next_from:
        return NightVerdict(planned)
    tried = [run for run in history.runs if run.began_at is not None and parse_iso(run.began_at) <= now]
    known = [*(start.at for start in starts), *(parse_iso(run.planned_at) for run in tried)]
    failed = [run for run in tried if parse_iso(run.planned_at) == planned and _counts(run)]
    are_missed = known and max(known) < planned and parked is None
    return NightVerdict(
        planned,
        is_due=True,
        tries=len(failed),
        not_before=_next_try(failed, now),
        missed=planned_nights(profile, max(known), until=planned) if are_missed else [],
        is_first=not known,
    )


def _counts(run: PlannedRun) -> bool:
    """True for a try that ended by itself. The scheduler stopped the others, or died: they are no reason to wait."""
    return run.exit_code is not None and run.ended_for != EndedFor.STOP


def _next_try(failed: Sequence[PlannedRun], now: datetime) -> datetime | None:
    if not failed or failed[-1].ended_at is None:
        return None
    ended = parse_iso(failed[-1].ended_at)
    if ended > now:
        return None  # the clock was set back since then, and the wait would be longer by that
    after = ended + WAITS[min(len(failed), len(WAITS)) - 1]
    return after if after > now else None


def _credible(starts: Sequence[Start]) -> list[Start]:
    """Return the runs whose times fit together: the longest subsequence that never goes back.

    A run that began while the clock was wrong does not fit the order of writing. It settles no night of another year,
    and hides no night of this one.

    >>> from crawler.language.dates import parse_iso
    >>> days = ["2026-01-01", "2026-01-02", "2031-05-05", "2026-01-03", "1970-01-01", "2026-01-04"]
    >>> [start.at.day for start in _credible([Start(parse_iso(f"{day}T00:00:00Z"), True) for day in days])]
    [1, 2, 3, 4]
    """
    tails: list[int] = []  # for each length, the subsequence that ends earliest
    before: list[int] = []
    lengths: list[int] = []
    for number, start in enumerate(starts):
        length = bisect_right([starts[tail].at for tail in tails], start.at)
        before.append(tails[length - 1] if length else -1)
        lengths.append(length)
        tails[length : length + 1] = [number]
    number = max(range(len(starts)), key=lambda one: (lengths[one], starts[one].at), default=-1)
    found = []
    while number >= 0:
        found.append(starts[number])
        number = before[number]
    return found[::-1]


def _is_at_rest(archive: Path) -> bool:
    """True if the database was not written lately, and no log must be read first. Writers begin with a log."""
    if any(read_file_mark(f"{archive}{suffix}")[2] for suffix in ("-wal", "-journal")):
        return False
    return time.time() - read_file_mark(archive)[1] / 1e9 > _AT_REST_SECONDS


@contextmanager
def open_starts(archive: Path) -> Iterator[sqlite3.Connection | None]:
    """Open an archive for `starts_in`; give None if there is none, or it cannot be opened.

    The columns that are read are promised in every version, so the schema is not checked: that takes twice as long.
    A database that is not written now is read as it is, without locks and without the two files that each reader makes
    beside it. A process that begins to write it changes its mark. Then what was read here does not count.
    """
    connection = None
    if archive.is_file():
        how = "mode=ro&immutable=1" if _is_at_rest(archive) else "mode=ro"
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(f"{archive.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS)
    with closing(connection) if connection is not None else nullcontext():
        yield connection


def read_starts(archive: Path, portal: str) -> list[Start] | None:
    """Read a portal's last runs from the archive; empty if there is no archive yet, None if it cannot be read."""
    with open_starts(archive) as opened:
        return starts_in(opened, portal) if opened is not None or archive.is_file() else []


def starts_in(archive: sqlite3.Connection | None, portal: str) -> list[Start] | None:
    """Read a portal's last runs from its open archive; None if they cannot be read."""
    if archive is None:
        return None
    try:
        rows = archive.execute(
            "select started_at, outcome from crawls where portal = ? order by id desc limit ?", (portal, RUNS_READ)
        ).fetchall()
    except sqlite3.Error:
        return None
    return [Start(parse_iso(started_at), outcome in SETTLED_OUTCOMES) for started_at, outcome in reversed(rows)]


def parked_in(archive: sqlite3.Connection, path: Path, *, profile: Profile) -> Parked | None:
    """Read how a portal is parked from its open archive; None if it is not, or an older version wrote the archive."""
    with suppress(sqlite3.Error):
        return find_parked(archive, path, profile=profile)
    return None


def profile_in(archive: sqlite3.Connection, portal: str) -> Profile | None:
    """Read the profile that a portal's last run had; None if there is none, or it cannot be read."""
    with suppress(sqlite3.Error, ValueError):
        row = archive.execute("select profile from portals where name = ?", (portal,)).fetchone()
        return restore_profile(row[0]) if row is not None else None
    return None


def starts_of_runs(runs: Sequence[PlannedRun]) -> list[Start]:
    """Return a portal's runs by the journal, for an archive that cannot be read now."""
    return [Start(parse_iso(run.began_at), run.exit_code in SETTLED_CODES) for run in runs if run.began_at is not None]
