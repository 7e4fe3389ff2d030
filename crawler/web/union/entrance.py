"""What leads a request to the reading room itself, or into the room of one portal."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from crawler.errors import PortalArchiveError
from crawler.union.ids import split_public_id
from crawler.web.request import ROOM_PREFIX
from crawler.web.security_headers import App, Receive, Scope, Send
from crawler.web.union.rooms import Rooms

_IN_ROOM = re.compile(rf"{re.escape(ROOM_PREFIX)}([a-z0-9-]{{1,100}})(/.*)?", re.DOTALL)
_ARTICLE = re.compile(r"/article/([0-9]{1,18})((?:[/.].*)?)", re.DOTALL)
_FILE = re.compile(r"/(image|thumbnail|attachment)/([0-9]{1,18})-([0-9a-f]{64})((?:/.*)?)", re.DOTALL)

FindName = Callable[[int], str | None]
FindArchive = Callable[[str], Path | None]


def lead_in(app: App, rooms: Rooms, *, name_of: FindName, archive_of: FindArchive) -> App:
    """Wrap the reading room's own application.

    Below `/portal/NAME/` a portal's own site answers. Addresses with a public id lead there.

    Args:
        app: answers everything else.
        rooms: the portals' sites.
        name_of: gives the name of an archive by its number; None if there is none.
        archive_of: gives an archive's database by its name; None if there is none.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        path = str(scope["path"])
        found = _IN_ROOM.fullmatch(path)
        archive = archive_of(found[1]) if found else None
        if found is not None and archive is not None and found[2] is None:
            await _redirect(scope, send, target=f"{path}/")
        elif found is not None and found[2] and found[2].startswith(f"{ROOM_PREFIX}{found[1]}/"):
            # Datasette writes its prefix twice in the links of a database's page.
            await _redirect(scope, send, target=found[2])
        elif found is not None and archive is not None:
            await _enter(rooms, found[1], archive=archive, scope=scope, receive=receive, send=send)
        elif (target := _find_target(path, name_of)) is not None:
            await _redirect(scope, send, target=target)
        else:
            await app(scope, receive, send)

    return wrapped


def _find_target(path: str, name_of: FindName) -> str | None:
    """Return the address in its portal's room of what a public id names. None if the path names no such thing."""
    if found := _ARTICLE.fullmatch(path):
        number, own = split_public_id(int(found[1]))
        kind, what, rest = "article", str(own), found[2]
    elif found := _FILE.fullmatch(path):
        number, _ = split_public_id(int(found[2]))
        kind, what, rest = found[1], found[3], found[4]
    else:
        return None
    name = name_of(number)
    return None if name is None else f"{ROOM_PREFIX}{name}/{kind}/{what}{rest}"


async def _enter(rooms: Rooms, name: str, *, archive: Path, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        async with rooms.enter(name, archive) as room:
            await room(scope, receive, send)
    except PortalArchiveError:
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"retry-after", b"60"),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        text = f"{name}: kho này hiện không mở được / this archive cannot be opened now\n"
        await send({"type": "http.response.body", "body": text.encode()})


async def _redirect(scope: Scope, send: Send, *, target: str) -> None:
    query = bytes(scope.get("query_string") or b"")
    location = quote(target, safe="/:@!$&'()*+,;=~").encode() + (b"?" + query if query else b"")
    headers = [(b"location", location), (b"cache-control", b"no-cache"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
