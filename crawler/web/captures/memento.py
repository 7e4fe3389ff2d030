"""Memento (RFC 7089): from an address and a time to the capture nearest to it, and lists of captures by time."""

import re
import sqlite3
from bisect import bisect_left
from datetime import UTC, datetime

from datasette.utils.asgi import Response

from crawler.items import Capture
from crawler.language.dates import parse_iso
from crawler.search.address_lookup import find_captured
from crawler.web.captures import capture_index as moments
from crawler.web.captures.capture_index import Memento, Neighbours
from crawler.web.formatting import quote_address
from crawler.web.request import SiteRequest, make_absolute

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP_DATE = re.compile(
    rf"(?:{'|'.join(_DAYS)}), ([0-3][0-9]) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_MAX_ADDRESS_CHARACTERS = 8000
# A night brings a new capture; a correction of the list must show soon.
_CACHE = "max-age=60"


def format_http_date(at: str) -> str:
    """Write a time as HTTP does (RFC 9110, 5.6.7).

    >>> format_http_date("2026-08-27T18:05:00Z")
    'Thu, 27 Aug 2026 18:05:00 GMT'

    """
    moment = parse_iso(at).astimezone(UTC)
    return f"{_DAYS[moment.weekday()]}, {moment:%d} {_MONTHS[moment.month - 1]} {moment.year:04} {moment:%H:%M:%S} GMT"


def parse_http_date(text: str) -> datetime | None:
    """Read a time as Accept-Datetime writes it (RFC 7089, 2.1.1.1); None for anything else.

    >>> parse_http_date("Thu, 27 Aug 2026 18:05:00 GMT").isoformat(), parse_http_date("2026-08-27")
    ('2026-08-27T18:05:00+00:00', None)

    """
    found = _HTTP_DATE.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year, hour, minute, second = found.groups()
    try:
        return datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC
        )
    except ValueError:
        return None


def choose_nearest(found: list[Memento], at: datetime | None) -> Memento:
    """Choose of captures in order of time, at least one, the one nearest to a time; without a time, the latest."""
    if at is None:
        return found[-1]
    times = [parse_iso(moment.fetched_at) for moment in found]
    after = bisect_left(times, at)
    if after == 0:
        return found[0]
    if after == len(found):
        return found[-1]
    return found[after] if times[after] - at < at - times[after - 1] else found[after - 1]


async def lead_to_memento(request: SiteRequest) -> Response:
    """Lead to the capture of an address that is nearest to `Accept-Datetime` (the latest without one)."""
    stated = request.http.headers.get("accept-datetime")
    at = parse_http_date(stated) if stated is not None else None
    vary = {"vary": "accept-datetime", "cache-control": _CACHE}
    if stated is not None and at is None:
        response = await request.render_message("bad_datetime", status=400, when=stated[:80])
        response.headers.update(vary)
        return response
    url, found = await _find(request)
    if not found:
        return await _unknown(request, vary)
    chosen = choose_nearest(found, at)
    links = [
        *_original_links(request, url, found=found),
        *_edge_links(request, found[0], last=found[-1], chosen=chosen),
    ]
    headers = {**vary, "link": ", ".join(links), "location": _absolute(request, f"/capture/{chosen.id}")}
    return Response(b"", status=302, headers=headers, content_type="text/plain; charset=utf-8")


async def send_timemap(request: SiteRequest) -> Response:
    """List the captures of an address as links (RFC 7089, 5; RFC 6690), in order of time."""
    url, found = await _find(request)
    if not found:
        return await _unknown(request, {})
    lines = [
        f'<{quote_address(url)}>; rel="original"',
        f'<{_absolute(request, "/timegate/" + url)}>; rel="timegate"',
        f'<{_absolute(request, "/timemap/link/" + url)}>; rel="self"; type="application/link-format"; '
        f'from="{format_http_date(found[0].fetched_at)}"; until="{format_http_date(found[-1].fetched_at)}"',
        *(_memento_link(request, moment, relation=_place(number, len(found))) for number, moment in enumerate(found)),
    ]
    body = ",\n".join(lines) + "\n"
    return Response(body, headers={"cache-control": _CACHE}, content_type="application/link-format; charset=utf-8")


def memento_headers(request: SiteRequest, capture: Capture, *, around: Neighbours) -> dict[str, str]:
    """Give the headers that say of which address and time a capture is; none for the answer to a POST."""
    if capture.method != "GET":
        return {}
    own = Memento(capture.id, capture.fetched_at)
    links = [
        f'<{quote_address(capture.url)}>; rel="original"',
        f'<{_absolute(request, "/timegate/" + capture.url)}>; rel="timegate"',
        f'<{_absolute(request, "/timemap/link/" + capture.url)}>; rel="timemap"; type="application/link-format"',
    ]
    places: dict[int, tuple[Memento, list[str]]] = {}
    named = (
        ("first", around.first),
        ("prev", around.previous),
        ("", own),
        ("next", around.next),
        ("last", around.last),
    )
    for name, moment in named:
        if moment is not None:
            places.setdefault(moment.id, (moment, []))[1].append(name)
    links += [
        _memento_link(request, moment, relation=" ".join([*filter(None, names), "memento"]))
        for moment, names in (places[number] for number in sorted(places))
    ]
    return {"memento-datetime": format_http_date(capture.fetched_at), "link": ", ".join(links)}


async def _find(request: SiteRequest) -> tuple[str, list[Memento]]:
    """Give the spelling of the address asked for that was captured, and its captures."""
    address = read_address(request)

    def work(connection: sqlite3.Connection) -> tuple[str, list[Memento]]:
        url = find_captured(connection, address)
        return (address, []) if url is None else (url, moments.read_moments(connection, url))

    return await request.read(work)


def read_address(request: SiteRequest) -> str:
    """Give the address that stands behind the prefix, as it is written, query string and all."""
    query = (request.http.scope.get("query_string") or b"").decode("latin-1")
    return (request.variable("url") + (f"?{query}" if query else ""))[:_MAX_ADDRESS_CHARACTERS]


async def _unknown(request: SiteRequest, headers: dict[str, str]) -> Response:
    address = read_address(request)
    return await request.render(
        "capture_unknown.html", status=404, headers={**headers, "cache-control": "no-store"}, address=address
    )


def _place(number: int, count: int) -> str:
    names = (["first"] if number == 0 else []) + (["last"] if number == count - 1 else [])
    return " ".join([*names, "memento"])


def _original_links(request: SiteRequest, url: str, *, found: list[Memento]) -> list[str]:
    return [
        f'<{quote_address(url)}>; rel="original"',
        f'<{_absolute(request, "/timemap/link/" + url)}>; rel="timemap"; type="application/link-format"; '
        f'from="{format_http_date(found[0].fetched_at)}"; until="{format_http_date(found[-1].fetched_at)}"',
    ]


def _edge_links(request: SiteRequest, first: Memento, *, last: Memento, chosen: Memento) -> list[str]:
    places: dict[int, tuple[Memento, list[str]]] = {}
    for name, moment in (("first", first), ("", chosen), ("last", last)):
        places.setdefault(moment.id, (moment, []))[1].append(name)
    return [
        _memento_link(request, moment, relation=" ".join([*filter(None, names), "memento"]))
        for moment, names in places.values()
    ]


def _memento_link(request: SiteRequest, moment: Memento, *, relation: str) -> str:
    address = _absolute(request, f"/capture/{moment.id}")
    return f'<{address}>; rel="{relation}"; datetime="{format_http_date(moment.fetched_at)}"'


def _absolute(request: SiteRequest, path: str) -> str:
    """Make the whole address of a page of this site, as machines want it."""
    return quote_address(make_absolute(request, request.path(path)))
