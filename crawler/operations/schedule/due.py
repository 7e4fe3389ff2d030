"""Whether a portal's night is due: the plan compared with the archive's runs and the journal's.

The archive alone settles a night; the journal says what was tried, and what was missed. A clock that was wrong once
must neither skip a night nor double one: runs that lie in the future are passed over, and so are those whose times do
not fit the order in which they were written.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.database import open_for_copying
from crawler.cron import last_planned, planned_nights
from crawler.errors import PortalArchiveError
from crawler.exit_codes import ExitCode
from crawler.language.dates import parse_iso
from crawler.operations.journal.runs import STOPPED, PlannedRun
from crawler.profile import Profile

# Outcomes after which a night is not tried again.
SETTLED_OUTCOMES = ("complete", "partial", "suspect")
SETTLED_CODES = (ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.SUSPECT)

# After so many tries in vain the next one waits so long; after more, as long as the last says.
WAITS = (
    timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4),
)  # fmt: skip

# So many of a portal's last runs are looked at.
RUNS_READ = 200


@dataclass(frozen=True, slots=True)
class Start:
    """When a run began, in the order of writing, and whether it settled its night."""

    at: datetime
    is_settled: bool


@dataclass(frozen=True, slots=True)
class RunHistory:
    """What is known of a portal's runs, each list in the order of writing.

    `starts` are the archive's runs, or the journal's where the archive cannot be read. `plan_since` is from when on
    today's plan holds, None if it always did.
    """

    starts: Sequence[Start] = ()
    runs: Sequence[PlannedRun] = ()
    plan_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a portal stands to its plan.

    `planned` is the last time a pass was to begin, None if none was within a year. A night that is due was tried
    `tries` times in vain, and is to be tried at `not_before`, None if at once. `missed` are nights before it for
    which no run began. With `is_first` the portal never had a run.
    """

    planned: datetime | None
    is_due: bool = False
    tries: int = 0
    not_before: datetime | None = None
    missed: list[datetime] = field(default_factory=list)
    is_first: bool = False


def judge_portal(profile: Profile, history: RunHistory, *, now: datetime) -> Verdict:
    """Tell whether a portal's last planned night is still to be run, and which before it were missed."""
    planned = last_planned(profile, now)
    if planned is None:
        return Verdict(None)
    starts = _credible([start for start in history.starts if start.at <= now])
    if any(start.is_settled and start.at >= planned for start in starts):
        return Verdict(planned)
    if history.plan_since is not None and planned <= history.plan_since <= now:
        return Verdict(planned)
    tried = [run for run in history.runs if run.began_at is not None and parse_iso(run.began_at) <= now]
    known = [*(start.at for start in starts), *(parse_iso(run.planned_at) for run in tried)]
    vain = [run for run in tried if parse_iso(run.planned_at) == planned and _counts(run)]
    return Verdict(
        planned,
        is_due=True,
        tries=len(vain),
        not_before=_next_try(vain, now),
        missed=planned_nights(profile, max(known), until=planned) if known and max(known) < planned else [],
        is_first=not known,
    )


def _counts(run: PlannedRun) -> bool:
    """True for a try that ended by itself: one that the scheduler stopped, or did not see end, is no reason to wait."""
    return run.exit_code is not None and STOPPED not in (run.note or "")


def _next_try(vain: Sequence[PlannedRun], now: datetime) -> datetime | None:
    if not vain or vain[-1].ended_at is None:
        return None
    ended = parse_iso(vain[-1].ended_at)
    if ended > now:
        return None  # the clock was moved back since; the wait would be as long as that
    after = ended + WAITS[min(len(vain), len(WAITS)) - 1]
    return after if after > now else None


def _credible(starts: Sequence[Start]) -> list[Start]:
    """Give the runs whose times fit together: the longest part of them that never goes back.

    A run begun while the clock was wrong stands out of the order of writing. It settles no night of another year, and
    hides no night of this one.

    >>> from crawler.language.dates import parse_iso
    >>> days = ["2026-01-01", "2026-01-02", "2031-05-05", "2026-01-03", "1970-01-01", "2026-01-04"]
    >>> [start.at.day for start in _credible([Start(parse_iso(f"{day}T00:00:00Z"), True) for day in days])]
    [1, 2, 3, 4]
    """
    tails: list[int] = []  # of the longest row of each length, the one that ends earliest
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


def read_starts(archive: Path, portal: str) -> list[Start] | None:
    """Read a portal's last runs from the archive; none if there is no archive yet, None if it cannot be read."""
    if not archive.is_file():
        return []
    try:
        # Also one of an older version, which the next crawl migrates.
        connection = open_for_copying(archive)
        try:
            rows = connection.execute(
                "select started_at, outcome from crawls where portal = ? order by id desc limit ?", (portal, RUNS_READ)
            ).fetchall()
        finally:
            connection.close()
    except PortalArchiveError:
        return None
    return [Start(parse_iso(row["started_at"]), row["outcome"] in SETTLED_OUTCOMES) for row in reversed(rows)]


def starts_of_runs(runs: Sequence[PlannedRun]) -> list[Start]:
    """Give what the journal says of a portal's runs, for an archive that cannot be read just now."""
    return [Start(parse_iso(run.began_at), run.exit_code in SETTLED_CODES) for run in runs if run.began_at is not None]
