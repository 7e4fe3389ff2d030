"""The takedown check: a withheld thing, or a captured page that names it, answers 451 (RFC 7725).

Each page of ours passes it, but for `plugin.UNGUARDED`. Datasette's own pages simply lack the withheld rows.
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from datasette.utils.asgi import Response

from crawler.addresses import parse_pasted_address
from crawler.archive.withheld.withheld_db import find_name, read_names, read_state, read_withheld
from crawler.archive.withholdings import Withholding, read_active
from crawler.errors import ArchiveUnusableError, BadFileError, WarcError
from crawler.extract import decode_html
from crawler.language.numbers import whole_number
from crawler.language.text import fold
from crawler.locale import show_day
from crawler.search.addresses.lookup import find_page, list_spellings
from crawler.web.captures import stored_bytes
from crawler.web.request import SiteRequest, View, serve_unguarded

_PAGE = re.compile(r"/(article|image|thumbnail|attachment|capture)/([0-9A-Fa-f]{1,64})(?:[/.].*)?")
_TEXTS = re.compile(r"text/|application/(?:xhtml|xml|json|javascript|rss|atom)|[+/](?:xml|json)\b")
_TAG = re.compile("<[^>]*>")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
# In place of a withholding's number: the archive cannot tell whether the thing is withheld.
_UNSURE = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A withholding as its page says it: reason, who decided it, since when. `number` may be _UNSURE."""

    number: int
    reason: str = ""
    by: str = ""
    withheld_at: str = ""


def serve_page(view: View) -> Callable[..., Awaitable[Response]]:
    """Make a Datasette view of a view of the site, with the takedown check: if the thing is withheld, answer 451."""

    async def guarded(request: SiteRequest) -> Response:
        notice = await request.read(lambda connection: find_notice(connection, request))
        return await view(request) if notice is None else await _answer(request, notice)

    return serve_unguarded(guarded)


async def _answer(request: SiteRequest, notice: Notice) -> Response:
    if request.http.path.endswith("/embed"):
        return await request.render_embed_gone()
    if notice.number == _UNSURE:
        return await request.render_message("withheld_unsure", status=451)
    when = show_day(notice.withheld_at[:10], request.language)
    return await request.render_message(
        "withheld", status=451, when=when, reason=notice.reason.rstrip("."), by=notice.by, number=notice.number
    )


def find_notice(connection: sqlite3.Connection, request: SiteRequest) -> Notice | None:
    """Find the withholding of the thing that a request names; None if it is not withheld."""
    active = {one.id: one for one in read_active(connection)}
    if not active:
        return None
    # The second of two files that are compared.
    other = str(request.http.url_vars.get("other") or "").lower()
    named = [_asked_for(request), *([("attachment", other)] if other else [])]
    found = (_find_notice_of(connection, request, active=active, kind=kind, name=name) for kind, name in named)
    return next((notice for notice in found if notice is not None), None)


def _find_notice_of(
    connection: sqlite3.Connection, request: SiteRequest, *, active: dict[int, Withholding], kind: str, name: str
) -> Notice | None:
    if kind == "url":
        kind, name = find_page(connection, name) or (kind, name)
    if not kind:
        return None
    number = next((one.id for one in active.values() if (one.kind, one.what) == (kind, name)), None)
    if number is None:
        try:
            number = _look_inside(connection, request, kind=kind, name=name)
        except ArchiveUnusableError:
            # The withheld database cannot be read: refuse every capture, as it may show a withheld thing.
            number = _UNSURE if kind == "capture" else None
    if number is None:
        return None
    one = active.get(number)
    return Notice(one.id, one.reason, one.by, one.withheld_at) if one else Notice(_UNSURE)


def _asked_for(request: SiteRequest) -> tuple[str, str]:
    """Return the kind and name of the thing that a request names; two empty strings if it names none."""
    path = request.http.path
    page = _PAGE.search(path)
    if "url" in request.http.url_vars:
        query = (request.http.scope.get("query_string") or b"").decode("latin-1")
        return "url", f"{request.variable('url')}{'?' if query else ''}{query}"
    if path.endswith(("/go", "/address")):
        return "url", request.argument("url")
    words = request.argument("q")
    if "/search" in path and parse_pasted_address(words):
        return "url", words
    if page is None:
        return "", ""
    kind, name = page.groups()
    if kind in ("article", "capture"):
        # As the routes: a longer number names nothing, and SQLite cannot hold it.
        number = whole_number(name, at_most=10**18 - 1)
        return (kind, str(number)) if number is not None else ("", "")
    return kind.replace("thumbnail", "image"), name.lower()


def _look_inside(connection: sqlite3.Connection, request: SiteRequest, *, kind: str, name: str) -> int | None:
    """Look a name up in the withheld database. If a capture is not in it, look for withheld names in its text."""
    state = read_state(connection)
    generation = state.generation
    with read_withheld(Path(request.database.path), state) as withheld:
        if kind == "url":
            spelled = list_spellings(connection, name)
            found = (
                find_name(withheld, of, name=one, generation=generation) for one in spelled for of in ("url", "file")
            )
            return next((number for number in found if number is not None), None)
        number = find_name(withheld, kind, name=name, generation=generation)
        if number is not None or kind != "capture":
            return number
        titles = read_names(withheld, "title", generation=generation)
        addresses = read_names(withheld, "url", generation=generation)
    if not titles and not addresses:
        return None
    text = _read_text(connection, request.folder, capture_id=int(name))
    return find_shown(text, titles=titles, addresses=addresses)


def _read_text(connection: sqlite3.Connection, folder: Path, *, capture_id: int) -> str:
    """Read the text of a capture with its headers; "" if it is not text, or unreadable (then its page fails too)."""
    try:
        found = stored_bytes.read_capture(connection, folder, capture_id=capture_id)
        if found is None:
            return ""
        head = "\n".join(value for _, value in found.headers)
        kind = (found.content_type or "text/html").lower()
        return f"{head}\n{decode_html(stored_bytes.open_payload(found), kind)}" if _TEXTS.search(kind) else head
    except BadFileError:
        return found.raw.decode("utf-8", "replace") if found is not None else ""
    except WarcError:
        return ""


def find_shown(text: str, *, titles: dict[str, int], addresses: dict[str, int]) -> int | None:
    """Return the withholding whose address or title a captured text names; None if it names none.

    >>> find_shown('<a href="/tin/mot-101">x</a>', titles={}, addresses={"https://a.vn/tin/mot-101": 7})
    7
    >>> find_shown('<a href="/tin/mot-1012">x</a>', titles={}, addresses={"https://a.vn/tin/mot-101": 7})
    """
    plain = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
    for spelt in (unescape(plain), unquote(plain)):
        lower = spelt.lower()
        for address, number in addresses.items():
            path = address.partition("://")[2].partition("/")[2].lower()
            for one in {path, unquote(path)}:
                if one and any(_ends_here(lower, place) for place in _places(lower, one)):
                    return number
    for words in (_flatten(unescape(plain)), _flatten(unescape(_without_tags(plain)))):
        for title, number in titles.items():
            if _flatten(title) in words:
                return number
    return None


def _places(text: str, part: str) -> Iterator[int]:
    """Yield each place in a text where a part ends."""
    place = text.find(part)
    while place >= 0:
        yield place + len(part)
        place = text.find(part, place + 1)


def _ends_here(text: str, place: int) -> bool:
    """Whether an address ends here, and is not the beginning of a longer one."""
    return place >= len(text) or not (text[place].isalnum() or text[place] in "-_%")


def _without_tags(text: str) -> str:
    # Without the cut, each sign after the last tag would be followed to the end of the text.
    end = text.rfind(">") + 1
    return _TAG.sub(" ", text[:end]) + text[end:]


def _flatten(text: str) -> str:
    return " ".join(fold(text).split())
