"""When a profile's nights fall: cron lines as crontab(5) means them, each night's delay, and the plan in one line."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from crawler.errors import ProfileError
from crawler.language.numbers import whole_number
from crawler.profile import Profile, replan_profile

# The last firing is looked for this far back: long enough for a yearly line.
_LOOK_BACK = timedelta(days=367)
# More than a zone's clock is ever set back: one wall time may name two moments that far apart.
_LONGEST_SHIFT = timedelta(hours=3)

# At most this many missed nights are listed one by one: the last ones.
MOST_MISSED_NIGHTS = 100


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A portal's plan in one line, as the journal keeps it: `30 1 * * * Asia/Ho_Chi_Minh 0` (cron, zone, jitter)."""

    cron: str
    timezone: str
    jitter_minutes: int

    @classmethod
    def of(cls, profile: Profile) -> "PlanLine":
        """Return the plan of a profile."""
        return cls(profile.schedule.cron, profile.timezone, profile.schedule.jitter_minutes)

    @classmethod
    def parse(cls, line: str) -> "PlanLine | None":
        """Parse a line. None if it is not a plan.

        >>> PlanLine.parse("30 1 * * * Asia/Ho_Chi_Minh 15")
        PlanLine(cron='30 1 * * *', timezone='Asia/Ho_Chi_Minh', jitter_minutes=15)
        """
        fields = line.split(" ")
        minutes = whole_number(fields[6]) if len(fields) == 7 else None
        return cls(" ".join(fields[:5]), fields[5], minutes) if minutes is not None else None

    def __str__(self) -> str:
        return f"{self.cron} {self.timezone} {self.jitter_minutes}"

    def replan(self, profile: Profile) -> Profile:
        """Return a profile with this plan."""
        return replan_profile(profile, self.cron, timezone=self.timezone, jitter_minutes=self.jitter_minutes)


def fire_times(cron: str, zone: ZoneInfo, *, since: datetime) -> Iterator[datetime]:
    """Yield the times at which a cron line of five fields fires, from `since` on, in the zone.

    As in crontab(5): Sunday is 0 and 7, and where both day fields are restricted (do not start with *), either
    suffices. Each time that the zone's clock shows counts once: a time that spring skips fires an hour later, a time
    that autumn repeats fires the first time.

    Raises:
        ProfileError: if a field is out of its range.
    """
    last = since - timedelta(microseconds=1)
    wall = since.astimezone(zone).replace(tzinfo=None, fold=0)
    for shown in _walk(cron, wall - timedelta(seconds=1), is_reversed=False):
        fires = shown.replace(tzinfo=zone).astimezone(UTC)
        if fires > last:
            last = fires
            yield fires.astimezone(zone)


def past_fire_times(cron: str, zone: ZoneInfo, *, until: datetime) -> Iterator[datetime]:
    """Yield the times at which a cron line fires, from `until` back, in the zone; ends after a year without any.

    >>> zone = ZoneInfo("Asia/Ho_Chi_Minh")
    >>> next(past_fire_times("30 1 * * *", zone, until=datetime.fromisoformat("2026-03-02T00:00:00Z")))
    datetime.datetime(2026, 3, 2, 1, 30, tzinfo=zoneinfo.ZoneInfo(key='Asia/Ho_Chi_Minh'))

    Raises:
        ProfileError: if a field is out of its range.
    """
    last = until
    wall = until.astimezone(zone).replace(tzinfo=None, fold=0)
    for shown in _walk(cron, wall + _LONGEST_SHIFT, is_reversed=True):
        fires = shown.replace(tzinfo=zone).astimezone(UTC)
        if fires < last - _LOOK_BACK:
            return
        if fires <= until:
            last = fires
            yield fires.astimezone(zone)


def _walk(cron: str, wall: datetime, *, is_reversed: bool) -> Iterator[datetime]:
    """Yield the wall times at which a line fires, after or before one; none for a line such as 30 February."""
    # CronSim would step on from 3 in 3-3/2, and to 7 (Sunday again) in the weekday 1/2.
    minute, hour, day, month, weekday = re.sub(r"\b(\d+)-\1/\d+", r"\1", cron).split()
    weekday = re.sub(r"(?<![-\d])(\d)/", r"\1-6/", weekday)
    try:
        return CronSim(f"{minute} {hour} {day} {month} {weekday}", wall, reverse=is_reversed)
    except CronSimError as error:
        try:
            # CronSim refuses 30 February as well; to us it is a line that never fires.
            CronSim(f"{minute} {hour} {day} * {weekday}", wall)
            CronSim(f"* * * {month} *", wall)
        except CronSimError:
            raise ProfileError(f"schedule.cron {cron!r}: {error}") from error
        return iter(())


def last_planned(profile: Profile, now: datetime) -> datetime | None:
    """Return the last time at or before `now` at which a portal's pass was to begin, its jitter included.

    None if there is none within a year.
    """
    if not profile.schedule.jitter_minutes:
        return _last_fire(profile.schedule.cron, profile.zone, until=now)
    longest = timedelta(minutes=profile.schedule.jitter_minutes)
    found: datetime | None = None
    for fires in past_fire_times(profile.schedule.cron, profile.zone, until=now):
        # Where the jitter is longer than the interval of the line, an earlier firing may begin later.
        if found is not None and fires + longest <= found:
            break
        begins = fires + _jitter(profile, fires)
        if begins <= now and (found is None or begins > found):
            found = begins
    return found


def next_planned(profile: Profile, now: datetime) -> datetime | None:
    """Return the first time after `now` at which a portal's pass is to begin, its jitter included; None if never."""
    if not profile.schedule.jitter_minutes:
        return _next_fire(profile.schedule.cron, profile.zone, after=now)
    longest = timedelta(minutes=profile.schedule.jitter_minutes)
    found: datetime | None = None
    for fires in fire_times(profile.schedule.cron, profile.zone, since=now - longest):
        if found is not None and fires >= found:
            break
        begins = fires + _jitter(profile, fires)
        if begins > now and (found is None or begins < found):
            found = begins
    return found


# A thousand portals have few plans.
@lru_cache(maxsize=64)
def _last_fire(cron: str, zone: ZoneInfo, *, until: datetime) -> datetime | None:
    return next(past_fire_times(cron, zone, until=until), None)


@lru_cache(maxsize=64)
def _next_fire(cron: str, zone: ZoneInfo, *, after: datetime) -> datetime | None:
    return next((fires for fires in fire_times(cron, zone, since=after) if fires > after), None)


def planned_nights(profile: Profile, since: datetime, *, until: datetime) -> list[datetime]:
    """Return the first planned time of each night between the nights of two times, at most the last hundred.

    A night is a date in the portal's zone; the nights of `since` and `until` are left out.
    """
    zone = profile.zone
    end = until.astimezone(zone).date()
    night = max(since.astimezone(zone).date(), end - timedelta(days=MOST_MISSED_NIGHTS))
    found = []
    while fires := next(fire_times(profile.schedule.cron, zone, since=_midnight_after(night, zone)), None):
        night = fires.date()
        if night >= end:
            break
        found.append(fires + _jitter(profile, fires))
    return found


def _midnight_after(night: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(night + timedelta(days=1), time.min, zone).astimezone(UTC)


def _jitter(profile: Profile, fires: datetime) -> timedelta:
    """Draw a night's delay from the portal's name and the night: the same after a restart, and on every machine."""
    seconds = profile.schedule.jitter_minutes * 60
    if not seconds:
        return timedelta()
    drawn = hashlib.sha256(f"{profile.name} {fires.astimezone(UTC).isoformat()}".encode()).digest()
    return timedelta(seconds=int.from_bytes(drawn[:8], "big") % (seconds + 1))
