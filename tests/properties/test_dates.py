"""What holds for every text that may be a date."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from crawler.language.dates import (
    FIRST_YEAR,
    PublishedDate,
    date_from_file_url,
    local_date,
    parse_box_date,
    parse_iso,
    parse_portal_date,
    parse_rss_date,
    to_iso_utc,
)
from crawler.language.end_dates import find_end_dates
from crawler.language.facts import find_event_day
from tests.support.hostile.examples import PROPERTY, TEXTS, URLS

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_PIECES = (
    "Thứ Sáu, ", "28/08/2026", "30-02-2024", "1.1.1990", "29/2/2100", "31/12/9999", "01/01/0001", "09:35", "25:61", "12:00 SA", " | ", "Lượt xem: 14",
    "Ngày đăng: ", "(", ")", "GMT+7", "2026-08-28", "T", "2026-08-28T09:35:00", "Z", "+07:00", "+99:99", "-2359", "-0000", "Fri, 28 Aug 2026 09:35:00",
    "Mon, 01 Jan 9999 23:59 -2359", "Mon, 01 Jan 99 00:00 +9999", "²", "٣", "9" * 18, "ngày 3 tháng 6 năm 2013", "đến hết ngày ", "/", ":", " ",
)  # fmt: skip
LABELS = some.one_of(TEXTS, some.lists(some.sampled_from(_PIECES), max_size=7).map("".join))


def _check(found: PublishedDate | None) -> None:
    if found is None:
        return
    assert FIRST_YEAR <= found.on.year <= 9999
    if found.at is not None:
        assert found.at.utcoffset() is not None
        assert found.at.date() == found.on


@PROPERTY
@given(LABELS)
def test_every_label_is_a_date_of_our_time_or_none(text: str) -> None:
    _check(parse_portal_date(text, ZONE))
    _check(parse_box_date(text, ZONE))
    _check(parse_rss_date(text, ZONE))
    _check(parse_rss_date(text, timezone(timedelta(hours=-23, minutes=-59))))


@PROPERTY
@given(some.dates(date(FIRST_YEAR, 1, 1)), some.times())
def test_a_date_as_the_portal_writes_it_is_read_back(on: date, at: object) -> None:
    shown = f"{on.day:02}/{on.month:02}/{on.year:04}"
    found = parse_portal_date(f"Ngày đăng: {shown} {at:%H:%M}", ZONE)
    assert found is not None
    assert (found.on, found.at and f"{found.at:%H:%M}") == (on, f"{at:%H:%M}")


@PROPERTY
@given(LABELS, some.dates())
def test_days_in_a_text_are_days_or_none(text: str, on: date) -> None:
    assert all(isinstance(day, date) for day in find_end_dates(text))
    day = find_event_day(text, on)
    assert day is None or isinstance(day, date)


@PROPERTY
@given(some.one_of(URLS, some.integers(0, 10**18 - 1).map(lambda ticks: f"https://a.vn/2023/11/anh-{ticks:018}.jpg")))
def test_the_ticks_of_a_file_are_a_day_or_none(url: str) -> None:
    on = date_from_file_url(url)
    assert on is None or on.year >= FIRST_YEAR


@PROPERTY
@given(some.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=some.timezones()))  # noqa: DTZ001
def test_an_instant_is_written_and_read_back(instant: datetime) -> None:
    written = to_iso_utc(instant)
    assert parse_iso(written) == instant.astimezone(UTC).replace(microsecond=0)
    assert local_date(parse_iso(written), UTC).isoformat() == written[:10]
