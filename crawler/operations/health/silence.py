"""Whether a portal is silent for longer than its past nights show, weekends and holidays left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby

from crawler.archive.verdicts.silence import FROM_PAUSES, NEW_RHYTHM_DAYS

# A pause of this many working nights is never unusual: a local holiday, an editor who is ill.
LEAST_NIGHTS = 2
# A pause is unusual if it is longer than this many times the longest one.
TIMES_LONGEST = 2
# How many of the last pauses count: a portal's habits change.
LAST_PAUSES = 60

# The first day of the lunar year in Vietnam (UTC+7; in 2030 it is a day before China's).
_TET = tuple(
    date.fromisoformat(day)
    for day in (
        "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-02", "2031-01-23",
        "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24",
        "2040-02-12",
    )
)  # fmt: skip
# Offices close a few days before it, and work in full again only in the second week.
_BEFORE_TET, _AFTER_TET = timedelta(days=5), timedelta(days=10)
# New Year, Reunification and Labour Day, National Day (two days, before or after the second): month and day.
_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 1), (9, 2), (9, 3)}


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that ended, complete or partial: when it began, and how many new articles it brought."""

    began: datetime
    articles_new: int


@dataclass(frozen=True, slots=True)
class Silence:
    """An unusual pause: since when (the last run that brought something), and how long, in working nights."""

    since: datetime
    nights: int
    longest: int


def find_silence(runs: Sequence[EndedRun], zone: tzinfo) -> Silence | None:
    """Return the silence of a portal if it is unusual; None if it is not, or if too little is known.

    A night without a run says nothing about the portal, and does not count. After `NEW_RHYTHM_DAYS` the silence is the
    portal's rhythm.

    Args:
        runs: in the order of time, with the first pass over the portal, which brings everything at once.
    """
    pauses: list[int] = []
    last: datetime | None = None
    pause = 0
    for night, group in groupby(runs, key=lambda run: covered_day(run.began, zone)):
        # Each night once: the day it covers, when its first run began, whether any of its runs brought something.
        of_night = list(group)
        if any(run.articles_new > 0 for run in of_night):
            if last is not None:
                pauses.append(pause)
            last, pause = of_night[0].began, 0
        elif last is not None and is_working_night(night):
            pause += 1
    if last is None or len(pauses) < FROM_PAUSES or runs[-1].began - last > timedelta(days=NEW_RHYTHM_DAYS):
        return None
    longest = max(pauses[-LAST_PAUSES:])
    return Silence(last, pause, longest) if pause > max(LEAST_NIGHTS, TIMES_LONGEST * longest) else None


def covered_day(began: datetime, zone: tzinfo) -> date:
    """Return the day whose work a run sees: a pass at night or in the morning sees the day before.

    >>> from crawler.language.dates import parse_iso
    >>> from zoneinfo import ZoneInfo
    >>> str(covered_day(parse_iso("2026-09-01T18:30:00Z"), ZoneInfo("Asia/Ho_Chi_Minh")))
    '2026-09-01'
    """
    return (began.astimezone(zone) - timedelta(hours=12)).date()


def is_working_night(day: date) -> bool:
    """True if offices work on a day, by the calendar.

    >>> [is_working_night(date(2026, 2, day)) for day in (6, 7, 17)]
    [True, False, False]
    """
    if day.weekday() >= 5 or (day.month, day.day) in _HOLIDAYS:
        return False
    return not any(tet - _BEFORE_TET <= day <= tet + _AFTER_TET for tet in _TET)
