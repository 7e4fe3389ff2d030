"""Cron lines as cron means them, for APScheduler, which reads some of them otherwise; and the plan of a profile."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from crawler.errors import ProfileError
from crawler.profile import Profile

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")

# How far back the last planned time is looked for: a yearly line is found, too, and a line of every minute soon.
_LOOK_BACK = (timedelta(hours=2), timedelta(days=2), timedelta(days=33), timedelta(days=367))

# So many missed nights are told one by one, the last ones.
MOST_MISSED_NIGHTS = 100


def make_trigger(cron: str, zone: ZoneInfo) -> BaseTrigger:
    """Make a trigger of a cron line of five fields.

    As in crontab(5): Sunday is 0 and 7, and where both day fields are restricted (do not start with *), either
    of them suffices.
    APScheduler's own `from_crontab` counts Monday as 0, refuses 7, and asks for both.

    Raises:
        ProfileError: if a field is out of its range.

    """
    minute, hour, day, month, weekday_field = cron.split()
    weekday = _translate_weekday(weekday_field, cron)
    choices = [(day, weekday)]
    if not day.startswith("*") and not weekday_field.startswith("*"):
        choices = [(day, "*"), ("*", weekday)]
    try:
        triggers = [
            CronTrigger(minute=minute, hour=hour, day=chosen, month=month, day_of_week=chosen_weekday, timezone=UTC)
            for chosen, chosen_weekday in choices
        ]
    except ValueError as error:
        raise ProfileError(f"schedule.cron {cron!r}: {error}") from error
    return WallClockTrigger(triggers[0] if len(triggers) == 1 else OrTrigger(triggers), zone)


class WallClockTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler is untyped
    """Fires when the wall clock of a zone shows what a trigger in UTC would fire at, each such time once.

    APScheduler's own zone arithmetic loses the midnight after clocks go forward, and fires twice in the hour
    that comes twice.
    """

    def __init__(self, plain: BaseTrigger, zone: ZoneInfo) -> None:
        self._plain = plain
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Give the next time at or after `now` and after `previous_fire_time`, None if there is none."""
        wall = now.astimezone(self._zone).replace(tzinfo=UTC, fold=0)
        while (shown := self._plain.get_next_fire_time(None, wall)) is not None:
            fires: datetime = shown.replace(tzinfo=self._zone).astimezone(UTC)
            if fires >= now and (previous_fire_time is None or fires > previous_fire_time):
                return fires.astimezone(self._zone)
            wall = shown + timedelta(seconds=1)
        return None


def last_fire_time(cron: str, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """Give the last time at or before `now` at which a cron line fires, None if there was none within a year.

    >>> last_fire_time("30 1 * * *", ZoneInfo("Asia/Ho_Chi_Minh"), now=datetime.fromisoformat("2026-03-02T00:00:00Z"))
    datetime.datetime(2026, 3, 2, 1, 30, tzinfo=zoneinfo.ZoneInfo(key='Asia/Ho_Chi_Minh'))
    """
    trigger = make_trigger(cron, zone)
    last: datetime | None = None
    for span in _LOOK_BACK:
        fires = trigger.get_next_fire_time(None, now - span)
        while fires is not None and fires <= now:
            last = fires
            # In UTC: a second added to wall-clock time stands still in the hour that autumn repeats.
            fires = trigger.get_next_fire_time(fires, fires.astimezone(UTC) + timedelta(seconds=1))
        if last is not None:
            return last
    return None


def last_planned(profile: Profile, now: datetime) -> datetime | None:
    """Give the last time at or before `now` at which a portal's pass was to begin, its jitter included.

    None if there was none within a year.
    """
    schedule, zone = profile.schedule, profile.zone
    longest = timedelta(minutes=schedule.jitter_minutes)
    found: datetime | None = None
    fires = last_fire_time(schedule.cron, zone, now=now)
    # Where the jitter is longer than the line's own pace, an earlier firing may begin later.
    while fires is not None and (found is None or fires + longest > found):
        begins = fires + _jitter(profile, fires)
        if begins <= now and (found is None or begins > found):
            found = begins
        fires = last_fire_time(schedule.cron, zone, now=fires.astimezone(UTC) - timedelta(seconds=1))
    return found


def next_planned(profile: Profile, now: datetime) -> datetime | None:
    """Give the first time after `now` at which a portal's pass is to begin, its jitter included; None if never."""
    trigger = make_trigger(profile.schedule.cron, profile.zone)
    longest = timedelta(minutes=profile.schedule.jitter_minutes)
    fires = trigger.get_next_fire_time(None, now - longest)
    found: datetime | None = None
    while fires is not None and (found is None or fires < found):
        begins = fires + _jitter(profile, fires)
        if begins > now and (found is None or begins < found):
            found = begins
        fires = trigger.get_next_fire_time(fires, fires.astimezone(UTC) + timedelta(seconds=1))
    return found


def planned_nights(profile: Profile, since: datetime, *, until: datetime) -> list[datetime]:
    """Give the first planned time of each night that lies between those of two times, at most the last hundred.

    A night is a date in the portal's zone; those of `since` and `until` are left out.
    """
    zone = profile.zone
    night = max(since.astimezone(zone).date(), until.astimezone(zone).date() - timedelta(days=MOST_MISSED_NIGHTS))
    trigger = make_trigger(profile.schedule.cron, zone)
    found = []
    while (fires := trigger.get_next_fire_time(None, _midnight_after(night, zone))) is not None:
        night = fires.astimezone(zone).date()
        if night >= until.astimezone(zone).date():
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


def _translate_weekday(field: str, cron: str) -> str:
    """Turn the numbers of a weekday field into names, a range through Saturday into a list.

    >>> _translate_weekday("1-5", ""), _translate_weekday("0,7", ""), _translate_weekday("5-7", "")
    ('mon,tue,wed,thu,fri', 'sun', 'sun,fri,sat')
    """
    days: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*" and not step:
            return "*"
        first, _, last = span.partition("-") if span != "*" else ("0", "-", "6")
        start = int(first)
        end = int(last) if last else 6 if step else start
        if start > 7 or end > 7 or start > end or step == "0":
            raise ProfileError(f"schedule.cron {cron!r}: weekdays are 0 to 7, from the smaller to the larger")
        days.update(day % 7 for day in range(start, end + 1, int(step or 1)))
    return ",".join(_DAYS[day] for day in sorted(days))
