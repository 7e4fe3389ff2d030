"""Memento (RFC 7089): from an address and a time to the nearest capture, and the list of an address's captures."""

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime

from datasette.utils.asgi import Response

from crawler.items import Capture
from crawler.language.dates import parse_iso
from crawler.search.addresses.lookup import find_captured
from crawler.web.captures.capture_index import Memento, Neighbours, read_mementos
from crawler.web.formatting import quote_address
from crawler.web.http_cache import format_http_date, parse_http_date
from crawler.web.request import SiteRequest, make_absolute

MAX_ADDRESS_CHARACTERS = 8000
# A night brings a new capture, and a withholding must show soon.
_CACHE = "max-age=60"


def choose_nearest(found: list[Memento], at: datetime | None) -> Memento:
    """Choose the memento nearest to a time, the last one if there is no time; `found` is not empty, oldest first."""
    if at is None:
        return found[-1]
    times = [parse_iso(memento.fetched_at) for memento in found]
    after = bisect_left(times, at)
    if after == 0:
        return found[0]
    if after == len(found):
        return found[-1]
    return found[after] if times[after] - at < at - times[after - 1] else found[after - 1]


async def lead_to_memento(request: SiteRequest) -> Response:
    """Redirect to the capture of an address that is nearest to `Accept-Datetime`; without that header to the last."""
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
        _original_link(url),
        _timemap_link(request, url, relation="timemap", found=found),
        *_memento_links(request, ("first", found[0]), ("", chosen), ("last", found[-1])),
    ]
    headers = {**vary, "link": ", ".join(links), "location": _absolute(request, f"/capture/{chosen.id}")}
    return Response(b"", status=302, headers=headers, content_type="text/plain; charset=utf-8")


async def send_timemap(request: SiteRequest) -> Response:
    """List the captures of an address as links (RFC 7089, 5; RFC 6690), oldest first."""
    url, found = await _find(request)
    if not found:
        return await _unknown(request, {})
    lines = [
        _original_link(url),
        _timegate_link(request, url),
        _timemap_link(request, url, relation="self", found=found),
        *_memento_links(request, ("first", found[0]), *(("", memento) for memento in found), ("last", found[-1])),
    ]
    body = ",\n".join(lines) + "\n"
    return Response(body, headers={"cache-control": _CACHE}, content_type="application/link-format; charset=utf-8")


def memento_headers(request: SiteRequest, capture: Capture, *, around: Neighbours) -> dict[str, str]:
    """Return the headers that state the address and time of a capture; none for the answer to a POST."""
    if capture.method != "GET":
        return {}
    links = [
        _original_link(capture.url),
        _timegate_link(request, capture.url),
        _timemap_link(request, capture.url, relation="timemap"),
        *_memento_links(
            request,
            ("first", around.first),
            ("prev", around.previous),
            ("", Memento(capture.id, capture.fetched_at)),
            ("next", around.next),
            ("last", around.last),
        ),
    ]
    return {"memento-datetime": format_http_date(parse_iso(capture.fetched_at)), "link": ", ".join(links)}


def read_address(request: SiteRequest) -> str:
    """Return the address after the prefix as it is written, with its query string."""
    query = (request.http.scope.get("query_string") or b"").decode("latin-1")
    return (request.variable("url") + (f"?{query}" if query else ""))[:MAX_ADDRESS_CHARACTERS]


async def _find(request: SiteRequest) -> tuple[str, list[Memento]]:
    """Return the spelling of the requested address that was captured, and its mementos."""
    address = read_address(request)

    def work(connection: sqlite3.Connection) -> tuple[str, list[Memento]]:
        url = find_captured(connection, address)
        return (address, []) if url is None else (url, read_mementos(connection, url))

    return await request.read(work)


async def _unknown(request: SiteRequest, headers: dict[str, str]) -> Response:
    address = read_address(request)
    return await request.render(
        "capture_unknown.html", status=404, headers={**headers, "cache-control": "no-store"}, address=address
    )


def _original_link(url: str) -> str:
    return f'<{quote_address(url)}>; rel="original"'


def _timegate_link(request: SiteRequest, url: str) -> str:
    return f'<{_absolute(request, "/timegate/" + url)}>; rel="timegate"'


def _timemap_link(request: SiteRequest, url: str, *, relation: str, found: list[Memento] | None = None) -> str:
    """Write the link to the list of an address's captures, with their first and last time if they are known."""
    link = f'<{_absolute(request, "/timemap/link/" + url)}>; rel="{relation}"; type="application/link-format"'
    return f'{link}; from="{_date(found[0])}"; until="{_date(found[-1])}"' if found else link


def _memento_links(request: SiteRequest, *named: tuple[str, Memento | None]) -> Iterator[str]:
    """Write the links to mementos, oldest first, each once with all the relations that it is named by."""
    relations: dict[int, list[str]] = {}
    mementos = {memento.id: memento for _, memento in named if memento is not None}
    for name, memento in named:
        if memento is not None:
            relations.setdefault(memento.id, []).append(name)
    for number in sorted(mementos):
        relation = " ".join([*filter(None, relations[number]), "memento"])
        yield f'<{_absolute(request, f"/capture/{number}")}>; rel="{relation}"; datetime="{_date(mementos[number])}"'


def _date(memento: Memento) -> str:
    return format_http_date(parse_iso(memento.fetched_at))


def _absolute(request: SiteRequest, path: str) -> str:
    """Make the absolute address of a page of this site."""
    return quote_address(make_absolute(request, request.path(path)))
