"""The reading room's own pages: its home, the state of all portals, and its health."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from datasette.utils.asgi import Response

from crawler import settings
from crawler.fleet.folder import FleetFolder
from crawler.language.dates import to_iso_utc
from crawler.locale import say
from crawler.operations.fleet_status import MemberStatus, badness, count_waiting, name_province
from crawler.union.problems import read_kind
from crawler.web.data.monitoring import hide_paths
from crawler.web.request import PAGE_CACHE, ROOM_PREFIX, SiteRequest
from crawler.web.union.elsewhere import read_elsewhere

_SHOWN_AT_HOME = 60


@dataclass(frozen=True, slots=True)
class PortalRow:
    """A portal of the folder: of its archive `name`. `problem` is why the index cannot read that archive, if so.

    `province` is the domain that its host is under; `articles` are those in the index. `is_late` if its night
    should have begun. `sentences` say the problems of its status. One that is not here is on another machine of the
    fleet, or has no archive yet. Of one whose status was never read, it is not known whether it ever ran.
    """

    name: str
    title: str
    province: str
    articles: int
    is_read: bool
    problem: str | None
    status: MemberStatus
    sentences: tuple[str, ...]
    is_late: bool
    is_here: bool = True
    is_status_known: bool = True

    @property
    def path(self) -> str:
        """The path of the portal's own site."""
        return f"{ROOM_PREFIX}{self.name}/"

    @property
    def next_at(self) -> str | None:
        """The planned time of its next night; of one that has not begun, the time at which it should have."""
        return self.status.due_since or self.status.next_planned_at

    @property
    def is_ill(self) -> bool:
        """Whether it needs a person."""
        return bool(self.problem) or not self.status.is_well

    @property
    def rank(self) -> tuple[bool, tuple[int, str, str]]:
        """The worst first."""
        return not self.problem, badness(self.status)


async def show_home(request: SiteRequest) -> Response:
    """Show the search over all archives, and the portals."""
    rows = await request.read(lambda connection: read_portal_rows(connection, request.language))
    return await request.render(
        "union_home.html",
        portals=sorted(rows, key=lambda row: (row.title, row.name))[:_SHOWN_AT_HOME],
        count=len(rows),
        articles=sum(row.articles for row in rows),
        unread=sum(not row.is_read for row in rows),
    )


async def show_fleet(request: SiteRequest) -> Response:
    """Show every portal of the fleet, by province, the worst first; also those without an archive here."""
    rows = await request.read(lambda connection: read_portal_rows(connection, request.language))
    # The index is in `.fleet/`.
    fleet = FleetFolder(Path(request.database.path).parent.parent)
    elsewhere = await read_elsewhere({row.name for row in rows}, fleet)
    rows += [_row_elsewhere(member, language=request.language) for member in elsewhere.members]
    provinces: dict[str, list[PortalRow]] = {}
    for row in sorted(rows, key=lambda one: one.rank):
        provinces.setdefault(row.province, []).append(row)
    return await request.render(
        "fleet.html",
        provinces=provinces,
        count=len(rows),
        ill=sum(row.is_ill for row in rows),
        waiting=list(count_waiting((row.status for row in rows), request.language)),
        nodes=(elsewhere.nodes or {}).get(request.language, ()),
        is_server_away=elsewhere.is_away,
    )


async def show_health(request: SiteRequest) -> Response:
    """Answer 200 if every archive can be read and has no problem, else 503 with the names of those that have."""
    rows = await request.read(lambda connection: read_portal_rows(connection, request.language))
    ill = [
        {"portal": row.name, "problem": row.problem, "kinds": [one["kind"] for one in row.status.problems]}
        for row in sorted(rows, key=lambda one: one.rank)
        if row.is_ill
    ]
    body = {
        "status": "problem" if ill else "ok",
        "checked_at": to_iso_utc(settings.clock()),
        "portals": len(rows),
        "unread": sum(not row.is_read for row in rows),
        "problems": ill,
    }
    return Response.json(body, status=503 if ill else 200, headers={"cache-control": "no-store"})


async def send_robots(request: SiteRequest) -> Response:
    """Send the rules for crawlers: the portals' own pages are open but for their tables and tools, searches are not."""
    closed = (
        "/search",
        "/go",
        "/health",
        *(f"{ROOM_PREFIX}*{path}" for path in ("/archive", "/-/", "/search", "/capture/")),
    )
    text = "\n".join(["User-agent: *", *(f"Disallow: {request.path(path)}" for path in closed), ""])
    return Response.text(text, headers={"cache-control": PAGE_CACHE})


def read_portal_rows(connection: sqlite3.Connection, language: str) -> list[PortalRow]:
    """Read every archive of the index, with the portal that it holds; the first by name if it holds several."""
    now = to_iso_utc(settings.clock())
    held = {
        int(number): (str(title), str(base))
        for number, title, base in connection.execute(
            """select u.number, p.title, p.base_url from union_portals u join portals p on p.name = u.portal
               order by p.name desc"""  # the first by name is read last, and stays
        )
    }
    rows = connection.execute("select name, number, stamp, problem, articles, status from union_archives order by name")
    return [_read_row(row, held=held, now=now, language=language) for row in rows]


def _read_row(row: sqlite3.Row, *, held: dict[int, tuple[str, str]], now: str, language: str) -> PortalRow:
    title, base_url = held.get(row["number"], (row["name"], ""))
    status = MemberStatus(**(json.loads(row["status"]) if row["status"] else {"portal": row["name"]}))
    next_planned = status.next_planned_at
    return PortalRow(
        name=row["name"],
        title=title,
        province=name_province(base_url),
        articles=row["articles"],
        is_read=row["stamp"] is not None,
        problem=row["problem"] and say(f"union_unread_{read_kind(row['problem'])}", language),
        status=status,
        sentences=tuple(hide_paths(one[f"sentence_{language}"]) for one in status.problems),
        is_late=status.due_since is not None or bool(next_planned and next_planned < now),
        is_status_known=row["status"] is not None,
    )


def _row_elsewhere(member: MemberStatus, *, language: str) -> PortalRow:
    return PortalRow(
        name=member.portal,
        title=member.portal,
        province=member.province,
        articles=0,
        is_read=True,
        problem=None,
        status=member,
        sentences=tuple(hide_paths(one[f"sentence_{language}"]) for one in member.problems),
        is_late=member.due_since is not None,
        is_here=False,
    )
