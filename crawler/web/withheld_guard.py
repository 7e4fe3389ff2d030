"""What is withheld answers 451 (RFC 7725) with date and reason, and so does a captured page that names it."""

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
from crawler.archive.withholdings import read_active
from crawler.errors import ArchiveUnusableError, BadFileError, WarcError
from crawler.extract import decode_html
from crawler.language.text import fold
from crawler.search.address_lookup import list_spellings
from crawler.web import request as visit
from crawler.web.captures import stored_bytes as records
from crawler.web.request import SiteRequest

_PAGE = re.compile(r"/(article|image|thumbnail|attachment|capture)/([0-9A-Fa-f]{1,64})(?:[/.].*)?")
_TEXTS = re.compile(r"text/|application/(?:xhtml|xml|json|javascript|rss|atom)|[+/](?:xml|json)\b")
_TAG = re.compile("<[^>]*>")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_UNSURE = 0  # the number of no withholding


@dataclass(frozen=True, slots=True)
class Notice:
    """Why something is withheld, since when, and who decided it; without a number it only may be."""

    number: int
    reason: str = ""
    by: str = ""
    withheld_at: str = ""


def serve_page(view: Callable[[SiteRequest], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Make a Datasette view of one of ours, as `visit.serve_page`; what is withheld answers 451 in its place."""

    async def guarded(asked: SiteRequest) -> Response:
        notice = await asked.read(lambda connection: _find_notice(connection, asked))
        return await view(asked) if notice is None else await _answer(asked, notice)

    return visit.serve_page(guarded)


async def _answer(asked: SiteRequest, notice: Notice) -> Response:
    if notice.number == _UNSURE:
        return await asked.render_message("withheld_unsure", status=451)
    return await asked.render_message(
        "withheld", status=451, when=notice.withheld_at[:10], reason=notice.reason.rstrip("."), by=notice.by,
        number=notice.number,
    )  # fmt: skip


def _find_notice(connection: sqlite3.Connection, asked: SiteRequest) -> Notice | None:
    """Find the withholding under which what is asked for is withheld, None if it is not."""
    active = {one.id: one for one in read_active(connection)}
    if not active:
        return None
    kind, name = _asked_for(asked)
    if not kind:
        return None
    number = next((one.id for one in active.values() if (one.kind, one.what) == (kind, name)), None)
    if number is None:
        try:
            number = _look_inside(connection, asked, kind=kind, name=name)
        except ArchiveUnusableError:
            # What cannot be looked up is not shown, if it may be withheld.
            number = _UNSURE if kind == "capture" else None
    if number is None:
        return None
    one = active.get(number)
    return Notice(one.id, one.reason, one.by, one.withheld_at) if one else Notice(_UNSURE)


def _asked_for(asked: SiteRequest) -> tuple[str, str]:
    """Give the kind and name of what a request asks for, two empty words if it is nothing that may be withheld."""
    path = asked.request.path
    page = _PAGE.search(path)
    if "url" in asked.request.url_vars:
        query = (asked.request.scope.get("query_string") or b"").decode("latin-1")
        return "url", f"{asked.variable('url')}{'?' if query else ''}{query}"
    if path.endswith("/go"):
        return "url", asked.argument("url")
    words = asked.argument("q")
    if "/search" in path and parse_pasted_address(words):
        return "url", words
    if page is None:
        return "", ""
    kind, name = page.groups()
    if kind in ("article", "capture"):
        return kind, str(int(name)) if name.isdigit() else name
    return kind.replace("thumbnail", "image"), name.lower()


def _look_inside(connection: sqlite3.Connection, asked: SiteRequest, *, kind: str, name: str) -> int | None:
    """Look a name up in the withheld database; a capture that is not in it may hold what is."""
    state = read_state(connection)
    generation = state.generation
    with read_withheld(Path(asked.database.path), state) as box:
        if kind == "url":
            spelled = list_spellings(connection, name)
            found = (find_name(box, of, name=one, generation=generation) for one in spelled for of in ("url", "file"))
            return next((number for number in found if number is not None), None)
        number = find_name(box, kind, name=name, generation=generation)
        if number is not None or kind != "capture":
            return number
        titles = read_names(box, "title", generation=generation)
        addresses = read_names(box, "url", generation=generation)
    if not titles and not addresses:
        return None
    text = _read_text(connection, asked.folder, capture_id=int(name))
    return find_shown(text, titles=titles, addresses=addresses)


def _read_text(connection: sqlite3.Connection, folder: Path, *, capture_id: int) -> str:
    """Read the words of a capture, head included; none if it is no text, or cannot be read and so not be shown."""
    try:
        found = records.read_capture(connection, folder, capture_id=capture_id)
        if found is None:
            return ""
        head = "\n".join(value for _, value in found.headers)
        kind = (found.content_type or "text/html").lower()
        return f"{head}\n{decode_html(records.open_payload(found), kind)}" if _TEXTS.search(kind) else head
    except BadFileError:
        return found.raw.decode("utf-8", "replace") if found is not None else ""
    except WarcError:
        return ""


def find_shown(text: str, *, titles: dict[str, int], addresses: dict[str, int]) -> int | None:
    """Give the withholding of what a captured text names, by address or title, None if it names nothing withheld.

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
    for words in (_flatten(unescape(plain)), _flatten(unescape(_TAG.sub(" ", plain)))):
        for title, number in titles.items():
            if _flatten(title) in words:
                return number
    return None


def _places(text: str, part: str) -> Iterator[int]:
    """Give where a part ends in a text, each time."""
    place = text.find(part)
    while place >= 0:
        yield place + len(part)
        place = text.find(part, place + 1)


def _ends_here(text: str, place: int) -> bool:
    """Tell whether an address ends here, and is not the beginning of a longer one."""
    return place >= len(text) or not (text[place].isalnum() or text[place] in "-_%")


def _flatten(text: str) -> str:
    return " ".join(fold(text).split())
