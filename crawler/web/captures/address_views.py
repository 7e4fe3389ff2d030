"""The page of an address: its captures by day, a year at a time, those that differ from the one before marked."""

import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import groupby
from zoneinfo import ZoneInfo

from datasette.utils.asgi import Response

from crawler.language.dates import local_date, parse_iso
from crawler.search.addresses.lookup import find_article, find_captured
from crawler.web.captures.memento import MAX_ADDRESS_CHARACTERS
from crawler.web.request import SiteRequest

# A version that has other files only is of the same capture as the one before it, in which the page was first seen.
_SQL = """select c.id, c.fetched_at, c.status, p.timezone, c.payload_sha256,
      (select min(r.number) from revision_rows r where r.capture_id = c.id) as number, c.crawl_id,
      exists (select 1 from misses m where m.capture_id = c.id) as is_missed
    from captures c join crawls n on n.id = c.crawl_id join portals p on p.name = n.portal
    where c.url = ? and c.method = 'GET' order by c.id"""


# What a listing named first in a run, and what it named no more.
_ENTRIES_SQL = """select first_crawl_id as crawl, count(*) as came, 0 as went from listing_rows
      where portal in (select name from portals) and listing = :url group by 1
    union all select unlisted_in, 0, count(*) from listing_rows
      where portal in (select name from portals) and listing = :url and unlisted_in is not null group by 1"""
_VERSIONS_SQL = "select capture_id, number from revision_rows where article_id = ? order by capture_id, number"
_FILE_SQL = "select 1 from files where portal in (select name from portals) and url = ? limit 1"


@dataclass(frozen=True, slots=True)
class DatedCapture:
    """One capture of the address.

    `is_changed` if it shows something else than the answer before it: another status, another revision of the article,
    other bytes of a file. `has_other_bytes` if the bytes of a page differ and nothing that the archive read from it is
    known to differ: a counter of visits is enough. `revision` is that of the article first seen in it. `came` and
    `went` count the entries that a listing named first, and no more, in the run that this is the last capture of; 0 in
    the first run.
    """

    id: int
    fetched_at: str
    status: int
    timezone: str
    is_changed: bool
    has_other_bytes: bool
    revision: int | None
    came: int = 0
    went: int = 0


# A capture with the id of its run.
_CaptureOfRun = tuple[int, DatedCapture]


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
    article_id = find_article(connection, url)
    captures = _add_entries(connection, url, captures=_read_captures(connection, url, article_id=article_id))
    days = groupby(captures, key=_day_of)
    return _Found(url, tuple(CaptureDay(day, tuple(of_day)) for day, of_day in days), article_id)


def _read_captures(connection: sqlite3.Connection, url: str, *, article_id: int | None) -> list[_CaptureOfRun]:
    versions = connection.execute(_VERSIONS_SQL, (article_id,)).fetchall()
    made_by = [capture_id for capture_id, _ in versions]
    is_file = connection.execute(_FILE_SQL, (url,)).fetchone() is not None
    found: list[_CaptureOfRun] = []
    last: tuple[object, ...] | None = None
    rows = connection.execute(_SQL, (url,))
    for capture_id, fetched_at, status, timezone, payload, revision, crawl_id, is_missed in rows:
        version = bisect_right(made_by, capture_id)
        shows_version = version and status == HTTPStatus.OK and not is_missed
        content = payload if is_file else versions[version - 1][1] if shows_version else None
        # A 304 says that the answer before it is still valid: it shows no bytes of its own.
        told = last if status == HTTPStatus.NOT_MODIFIED else (status, content, payload)
        is_changed = last is not None and told is not None and told[:2] != last[:2]
        has_other_bytes = last is not None and not is_changed and told != last
        one = DatedCapture(capture_id, fetched_at, status, timezone, is_changed, has_other_bytes, revision)
        found.append((crawl_id, one))
        last = told
    return found


def _add_entries(
    connection: sqlite3.Connection, url: str, *, captures: Sequence[_CaptureOfRun]
) -> Iterable[DatedCapture]:
    """Add the entries of a listing that came and went in a run to the last capture of the run."""
    shown = {one.id: one for _, one in captures}
    last_of_crawl = {crawl_id: one.id for crawl_id, one in captures}
    first_crawl = min(last_of_crawl, default=0)
    for crawl_id, came, went in connection.execute(_ENTRIES_SQL, {"url": url}):
        if crawl_id in last_of_crawl and crawl_id != first_crawl:
            one = shown[last_of_crawl[crawl_id]]
            shown[one.id] = replace(one, came=one.came + came, went=one.went + went)
    return shown.values()


def _day_of(capture: DatedCapture) -> str:
    return local_date(parse_iso(capture.fetched_at), ZoneInfo(capture.timezone)).isoformat()
