"""The page of an address: its captures by day, a year at a time, those that differ from the one before marked."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from zoneinfo import ZoneInfo

from datasette.utils.asgi import Response

from crawler.language.dates import local_date, parse_iso
from crawler.search.addresses.lookup import find_article, find_captured
from crawler.web.captures.memento import MAX_ADDRESS_CHARACTERS
from crawler.web.request import SiteRequest

# A 304 says that the answer before it is still valid, so it shows no bytes of its own.
_SQL = """select c.id, c.fetched_at, c.status, p.timezone, c.payload_sha256, r.number, c.crawl_id
    from captures c join crawls n on n.id = c.crawl_id join portals p on p.name = n.portal
    left join revision_rows r on r.capture_id = c.id
    where c.url = ? and c.method = 'GET' order by c.id"""


# What a listing named first in a run, and what it named no more.
_ENTRIES_SQL = """select first_crawl_id as crawl, count(*) as came, 0 as went from listing_rows
      where portal in (select name from portals) and listing = :url group by 1
    union all select unlisted_in, 0, count(*) from listing_rows
      where portal in (select name from portals) and listing = :url and unlisted_in is not null group by 1"""


@dataclass(frozen=True, slots=True)
class DatedCapture:
    """One capture of the address.

    `is_changed` if its bytes differ from those of the answer before it; `revision` is that of the article first seen
    in it. `came` and `went` count the entries that a listing named first, and no more, in the run that this is the last
    capture of; 0 in the first run.
    """

    id: int
    fetched_at: str
    status: int
    timezone: str
    is_changed: bool
    revision: int | None
    came: int = 0
    went: int = 0


@dataclass(frozen=True, slots=True)
class CaptureDay:
    """The captures of one day (ISO, the portal's), the oldest first."""

    day: str
    captures: tuple[DatedCapture, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    url: str
    days: tuple[CaptureDay, ...]
    article_id: int | None


async def show_address(request: SiteRequest) -> Response:
    """Show the captures of the address `?url=` in the year `?year=`, else in the newest; 404 if there is none."""
    asked = request.argument("url")[:MAX_ADDRESS_CHARACTERS]
    found = await request.read(lambda connection: _find(connection, asked))
    if found is None:
        return await request.render(
            "capture_unknown.html", status=404, headers={"cache-control": "no-store"}, address=asked
        )
    years = Counter(day.day[:4] for day in found.days)
    wanted = request.argument("year")
    year = wanted if wanted in years else max(years)
    return await request.render(
        "address.html",
        address=found.url,
        article_id=found.article_id,
        years=sorted(years.items(), reverse=True),
        year=year,
        days=[day for day in reversed(found.days) if day.day[:4] == year],
        count=sum(len(day.captures) for day in found.days),
    )


def _find(connection: sqlite3.Connection, asked: str) -> _Found | None:
    url = find_captured(connection, asked)
    if url is None:
        return None
    captures = _read_captures(connection, url)
    days = groupby(captures, key=_day_of)
    return _Found(url, tuple(CaptureDay(day, tuple(of_day)) for day, of_day in days), find_article(connection, url))


def _read_captures(connection: sqlite3.Connection, url: str) -> list[DatedCapture]:
    shown: dict[int, DatedCapture] = {}
    last_of_crawl: dict[int, int] = {}
    last = None
    for capture_id, fetched_at, status, timezone, payload, revision, crawl_id in connection.execute(_SQL, (url,)):
        told = last if status == 304 else (status, payload)
        is_changed = last is not None and told != last
        shown[capture_id] = DatedCapture(capture_id, fetched_at, status, timezone, is_changed, revision)
        last_of_crawl[crawl_id] = capture_id
        last = told
    first_crawl = min(last_of_crawl, default=0)
    for crawl_id, came, went in connection.execute(_ENTRIES_SQL, {"url": url}):
        if crawl_id in last_of_crawl and crawl_id != first_crawl:
            one = shown[last_of_crawl[crawl_id]]
            shown[one.id] = replace(one, came=one.came + came, went=one.went + went)
    return list(shown.values())


def _day_of(capture: DatedCapture) -> str:
    return local_date(parse_iso(capture.fetched_at), ZoneInfo(capture.timezone)).isoformat()
