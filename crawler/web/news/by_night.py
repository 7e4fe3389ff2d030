"""What the lists by night share: the cursor of a page, the chosen portal, days in UTC, and rows grouped by night."""

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.language.dates import local_date, parse_iso, to_iso_utc
from crawler.language.text import normalize_text
from crawler.web.news.change_queries import Key
from crawler.web.request import SiteRequest

PAGE_ROWS = 30
# The zone of a day if no portal is named.
HOME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# In SQL: the night of a time `{at}` in UTC, a date in the portal's zone. It is the day on which the run began, also of
# what the run saw after midnight. `a` and `p` are the tables of articles and portals.
NIGHT_AT = """date(coalesce((select max(w.started_at) from crawls w where w.portal = a.portal and w.started_at <= {at}),
    {at}), coalesce(p.utc_offset, '+00:00'))"""
_KEY = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)_([0-9]{1,18})_([0-9]{1,9})", re.ASCII)

T = TypeVar("T")


def read_last_moment(connection: sqlite3.Connection, night: date) -> str:
    """Return a time in UTC after which no run that began by the end of a night saw anything."""
    until = end_of_day(night)
    row = connection.execute(
        "select max(coalesce(finished_at, '9999')) from crawls where started_at <= ?", (until,)
    ).fetchone()
    return max(until, row[0] or until)


@dataclass(frozen=True, slots=True)
class NightRows(Generic[T]):
    """The rows of one night: the date in their portal's zone on which the run began."""

    night: str
    rows: tuple[T, ...]


def read_key(request: SiteRequest) -> Key | None:
    """Parse the `before` cursor. None (first page) if it is invalid."""
    return parse_key(request.argument("before"))


def parse_key(text: str) -> Key | None:
    """Parse a cursor as `Key` writes it; None if it is not valid."""
    match = _KEY.fullmatch(text)
    return Key(match[1], int(match[2]), int(match[3])) if match else None


def read_portal_name(request: SiteRequest) -> str | None:
    """Read the portal of a list; None for all portals."""
    return normalize_text(request.argument("portal")[:120]) or None


def group_by_night(rows: Sequence[T], night: Callable[[T], str]) -> list[NightRows[T]]:
    """Group rows, in their order, by night; `night` gives that of a row."""
    return [NightRows(of, tuple(group)) for of, group in groupby(rows, key=night)]


def night_of(at: str, timezone: str) -> str:
    """Return the date of a time in a portal's zone.

    >>> night_of("2026-09-01T18:30:00Z", "Asia/Ho_Chi_Minh")
    '2026-09-02'
    """
    return local_date(parse_iso(at), _zone(timezone)).isoformat()


def start_of_day(day: date) -> str:
    """Return the first moment of a day in UTC.

    >>> start_of_day(date(2026, 9, 2))
    '2026-09-01T17:00:00Z'
    """
    try:
        return to_iso_utc(datetime.combine(day, time.min, HOME_ZONE))
    except OverflowError:
        return "0001-01-01T00:00:00Z"


def end_of_day(day: date) -> str:
    """Return the last second of a day in UTC.

    >>> end_of_day(date(2026, 9, 2))
    '2026-09-02T16:59:59Z'
    """
    try:
        return to_iso_utc(datetime.combine(day, time.min, HOME_ZONE) + timedelta(days=1, seconds=-1))
    except OverflowError:
        return "9999-12-31T23:59:59Z"


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return HOME_ZONE
