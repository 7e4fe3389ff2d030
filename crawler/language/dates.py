"""Parse dates as portals print them. None rather than a guess. Pure, no clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote

from crawler.language.text import fold, normalize_text

FIRST_YEAR = 1990  # no portal is older
MAX_LABEL_CHARACTERS = 200  # a date with its labels is shorter; a longer text is a sentence


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """A date, and the time of day if the page has it: aware, in the portal's zone."""

    on: date
    at: datetime | None = None


_DATE = r"(?P<day>[0-9]{1,2})\s?(?P<join>[/.-])\s?(?P<month>[0-9]{1,2})\s?(?P=join)\s?(?P<year>[0-9]{4})(?![0-9])"
_TIME = (
    r"(?P<hour>[0-9]{1,2})(?:[:h]|\s?gio\s?)(?P<minute>[0-9]{2})(?:\s?phut)?(?::(?P<second>[0-9]{2}))?(?![0-9:])"
    r"(?:\s?(?P<half>am|pm|sa|ch)\b)?"
)
_COUNT = r"(?:[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]+)"
_VIEWS = r"(?:luot|lan) (?:xem|doc|truy cap|nguoi xem)"
# The parts of a date label, in folded text. Any other word makes the text a sentence.
_LABEL_PART = re.compile(
    r"(?P<posted>(?:ngay |thoi gian |gio )?(?:dang(?: tin| bai| tai)?|xuat ban|dua tin)\b"
    r"(?: luc| ngay| vao)*)"
    r"|(?P<updated>(?:ngay |thoi gian )?(?:cap nhat|chinh sua|sua)\b"
    r"(?: lan cuoi| cuoi| moi nhat| luc| ngay| vao)*)"
    r"|(?:ngay )?(?P<day2>[0-9]{1,2}) thang (?P<month2>[0-9]{1,2})(?:,? nam |, ?)(?P<year2>[0-9]{4})(?![0-9])"
    rf"|{_TIME}|{_DATE}"
    r"|(?P<weekday>thu (?:hai|ba|tu|nam|sau|bay|[2-7])\b|chu nhat|cn\b)"
    rf"|(?:so )?{_VIEWS}\s?:?(?:\s?{_COUNT}(?![0-9/]))?|{_COUNT} {_VIEWS}"
    rf"|(?:da xem|xem|doc)\s?:\s?{_COUNT}(?![0-9/])"
    r"|\(?(?:gmt|utc)\s?\+\s?0?7(?::?00)?\)?"
    r"|(?:ngay|thoi gian|luc|vao|hoi)\b"
    r"|[\s|,:;.()\[\]–—•·-]+"
)
_WEEKDAYS = {
    name: day
    for day, names in enumerate(("hai 2", "ba 3", "tu 4", "nam 5", "sau 6", "bay 7"))
    for name in names.split()
}


@dataclass(slots=True)
class _Segment:
    """The dates and times that follow one label."""

    label: str
    dates: set[date]
    times: set[time | None]


def parse_portal_date(text: str, zone: tzinfo) -> PublishedDate | None:
    """Parse a date label: dd/mm/yyyy (- and . too), with or without hh:mm, weekday, "Ngày đăng:", view count.

    None for a text with any other word (a sentence); for an impossible date or one before 1990; for a weekday that
    is not the date's; for two different dates, unless one is labelled as the date of posting. An impossible time,
    or two different ones, is dropped; the date is kept.

    >>> from zoneinfo import ZoneInfo
    >>> zone = ZoneInfo("Asia/Ho_Chi_Minh")
    >>> parse_portal_date("Thứ Sáu, 28/08/2026 09:35 | Lượt xem: 14", zone).at.isoformat()
    '2026-08-28T09:35:00+07:00'
    >>> parse_portal_date("Sáng ngày 30/11/2023, Thị ủy tổ chức", zone) is None
    True
    """
    normal = normalize_text(text)
    segments = _read_segments(fold(normal)) if len(normal) <= MAX_LABEL_CHARACTERS else None
    if not segments:
        return None
    dated = [segment for segment in segments if segment.dates]
    chosen = [segment for segment in dated if segment.label == "posted"] or dated
    dates = set().union(*(segment.dates for segment in chosen))
    if len(dates) != 1:
        return None
    on = dates.pop()
    # A time before the label ("09:35 | Ngày đăng: …") belongs to the date if there is only one.
    timed = segments if len(dated) == 1 else chosen
    times = set().union(*(segment.times for segment in timed))
    at = times.pop() if len(times) == 1 else None
    return PublishedDate(on, datetime.combine(on, at, zone) if at else None)


def _read_segments(folded: str) -> list[_Segment] | None:
    """Split a folded label into its segments, one for each label word. None if it is not a date label."""
    segments = [_Segment("", set(), set())]
    weekdays: set[int] = set()
    place = 0
    while place < len(folded):
        part = _LABEL_PART.match(folded, place)
        if part is None:
            return None
        place = part.end()
        if part["posted"] or part["updated"]:
            segments.append(_Segment("posted" if part["posted"] else "updated", set(), set()))
        elif part["weekday"]:
            weekdays.add(_WEEKDAYS.get(part["weekday"].removeprefix("thu "), 6))
        elif part["hour"]:
            segments[-1].times.add(_read_time(part))
        elif part["year"] or part["year2"]:
            on = _make_date(**{name: part[name] or part[f"{name}2"] for name in ("year", "month", "day")})
            if on is None:
                return None
            segments[-1].dates.add(on)
    days = {on.weekday() for segment in segments for on in segment.dates}
    return segments if weekdays <= days else None


def _make_date(year: str, month: str, *, day: str) -> date | None:
    try:
        on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return on if on.year >= FIRST_YEAR else None


def _read_time(part: re.Match[str]) -> time | None:
    hour, half = int(part["hour"]), part["half"]
    if half in ("am", "sa") and hour >= 12:
        hour = 0 if hour == 12 else 24
    elif half in ("pm", "ch"):
        hour = 24 if hour == 0 else hour + 12 if hour < 12 else hour
    try:
        return time(hour, int(part["minute"]), int(part["second"] or 0))
    except ValueError:
        return None


_BOX_DATE = re.compile(r"\(([^()]*)\)\W*$")


def parse_box_date(text: str, zone: tzinfo) -> PublishedDate | None:
    """Parse the "(dd/mm/yyyy)" at the end of an entry in a side box.

    >>> from datetime import UTC
    >>> parse_box_date("Hội nghị (lần 2) (19/01/2022)", UTC).on.isoformat()
    '2022-01-19'
    """
    match = _BOX_DATE.search(text[-MAX_LABEL_CHARACTERS:])
    return parse_portal_date(match[1], zone) if match else None


_ISO = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)\s?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_RFC_822 = re.compile(r"(?:[A-Za-z]{3,9},? )?[0-9]{1,2} [A-Za-z]{3,9} [0-9]{2,4} (?P<time>[0-9]{1,2}:[0-9]{2}).*")


def parse_rss_date(text: str, zone: tzinfo) -> PublishedDate | None:
    """Parse a feed's date: RFC 822, ISO 8601, or as on the portal. A time without a zone is in the portal's zone.

    >>> from datetime import UTC
    >>> parse_rss_date("Fri, 28 Aug 2026 09:35:00 +0700", UTC).at.isoformat()
    '2026-08-28T02:35:00+00:00'
    """
    normal = normalize_text(text)
    try:
        if match := _ISO.fullmatch(normal):
            if match["time"] is None:
                return _from_date(date.fromisoformat(match["date"]))
            instant = datetime.fromisoformat(f"{match['date']}T{match['time']}{match['zone'] or ''}")
            return _from_instant(instant, zone)
        if _RFC_822.fullmatch(normal):
            # -0000 is UTC too (RFC 5322, 3.3), but the library returns a naive time for it.
            return _from_instant(parsedate_to_datetime(normal.replace("-0000", "+0000")), zone)
    except (ValueError, OverflowError):
        return None
    return parse_portal_date(text, zone)


# A server says the same second on many pages.
@lru_cache(64)
def parse_mail_date(text: str) -> datetime | None:
    """Parse a time as mails, feeds and HTTP headers write it (RFC 5322, 3.3). Naive if it has no zone.

    None for any other text, and for a year, a time or a zone offset that there is not.

    >>> parse_mail_date("Fri, 28 Aug 2026 09:35:00 GMT").isoformat()
    '2026-08-28T09:35:00+00:00'
    >>> parse_mail_date("Fri, 28 Aug 2026 09:35:00 +9999"), parse_mail_date("²")
    (None, None)
    """
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None


def _from_date(on: date) -> PublishedDate | None:
    return PublishedDate(on) if on.year >= FIRST_YEAR else None


def _from_instant(instant: datetime, zone: tzinfo) -> PublishedDate | None:
    if instant.year < FIRST_YEAR:
        return None
    at = instant.astimezone(zone) if instant.tzinfo else instant.replace(tzinfo=zone)
    return PublishedDate(at.date(), at)


_TICKS = re.compile(r"([0-9]{18})\.[A-Za-z0-9]{1,5}$")
_TICKS_A_DAY = 24 * 60 * 60 * 10_000_000


def date_from_file_url(url: str) -> date | None:
    """Read the day of upload from the .NET ticks at the end of a file's name (docs/cms-vnpt.md, "Assets").

    The ticks count 100 ns since 0001-01-01 in local time. None unless a folder /yyyy/m/ of the address agrees with
    them. The day is that of the upload: a reused picture is older than the article.

    >>> date_from_file_url("https://storage-vnportal.vnpt.vn/lci/1227/2023/11/anh-1638369376300123456.jpg?w=9")
    datetime.date(2023, 11, 30)
    """
    *folders, name = unquote(re.split("[?#]", url, maxsplit=1)[0]).split("/")
    match = _TICKS.search(name)
    if match is None:
        return None
    on = date.fromordinal(1 + int(match[1]) // _TICKS_A_DAY)
    months = {(str(on.year), str(on.month)), (str(on.year), f"{on.month:02}")}
    is_confirmed = any(pair in months for pair in pairwise(folders))
    return on if is_confirmed and on.year >= FIRST_YEAR else None


def to_iso_utc(instant: datetime) -> str:
    """Format an aware time as the contract's `…_at`: UTC, whole seconds, Z.

    Raises:
        ValueError: if the time is naive.

    >>> to_iso_utc(parse_iso("2026-08-28T09:35:00+07:00"))
    '2026-08-28T02:35:00Z'
    """
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {instant}")
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def to_iso_utc_ms(instant: datetime) -> str:
    """Format an aware time in UTC with milliseconds and Z, as WARC 1.1 has it (5.4); `to_iso_utc` without them.

    Raises:
        ValueError: if the time is naive.

    >>> to_iso_utc_ms(parse_iso("2026-08-28T09:35:00.1239+07:00"))
    '2026-08-28T02:35:00.123Z'
    """
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {instant}")
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def local_date(instant: datetime, zone: tzinfo) -> date:
    """Return the date of an aware time in a zone.

    Raises:
        ValueError: if the time is naive.

    >>> from zoneinfo import ZoneInfo
    >>> local_date(parse_iso("2026-08-27T18:00:00Z"), ZoneInfo("Asia/Ho_Chi_Minh")).isoformat()
    '2026-08-28'
    """
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone falls on no date: {instant}")
    return instant.astimezone(zone).date()


def parse_iso(text: str) -> datetime:
    """Parse an ISO 8601 time with its offset or Z.

    Raises:
        ValueError: if it is not such a time, or has no zone.

    >>> parse_iso("2026-08-28T02:35:00Z").isoformat()
    '2026-08-28T02:35:00+00:00'
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"a time with Z or an offset was expected, not {text!r}")
    return instant
