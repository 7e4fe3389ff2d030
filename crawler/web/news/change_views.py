"""The pages of changed articles and of vanished articles, by night, with the evidence."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta

from datasette.utils.asgi import Response

from crawler.language.changes.change_kinds import CLASSES
from crawler.web.cards import PortalCard, read_portals
from crawler.web.news import removal_queries
from crawler.web.news.by_night import PAGE_ROWS, group_by_night, read_key, read_portal_name
from crawler.web.news.change_queries import Key
from crawler.web.news.changed_articles import COUNT_LIMIT, NIGHT, PERIODS, ChangeFilter, Period, read_changed_articles
from crawler.web.news.changed_files import FilesOfChanges, read_replaced_files
from crawler.web.news.removal_queries import FORMER_NAMES, REMOVED, WHICH, Gone, NightRange
from crawler.web.request import SiteRequest
from crawler.web.search.question import parse_day


async def show_changes(request: SiteRequest) -> Response:
    """Show the changed articles by night or week, newest first; optionally of one portal or one class of change."""
    before = read_key(request)
    asked = {name: request.argument(name) for name in ("class", "by")}
    wanted = ChangeFilter(
        read_portal_name(request),
        asked["class"] if asked["class"] in CLASSES else None,
        asked["by"] if asked["by"] in PERIODS else NIGHT,
    )

    def work(connection: sqlite3.Connection) -> tuple[list[Period], Key | None, list[PortalCard], FilesOfChanges]:
        periods, following = read_changed_articles(connection, wanted, limit=PAGE_ROWS, before=before)
        changes = (change for period in periods for entry in period.entries for change in entry.changes)
        return periods, following, read_portals(connection), read_replaced_files(connection, changes)

    periods, next_before, portals, replaced = await request.read(work)
    understood = {"class": asked["class"] in ("", *CLASSES), "by": asked["by"] in ("", *PERIODS)}
    return await request.render(
        "changes.html",
        periods=periods,
        replaced=replaced,
        ends={one.first_day: (date.fromisoformat(one.first_day) + timedelta(days=6)).isoformat() for one in periods},
        parameters={
            "portal": wanted.portal, "class": wanted.kind, "by": wanted.period if wanted.period != NIGHT else None,
        },
        next_before=next_before,
        is_first=before is None,
        portals=portals,
        classes=CLASSES,
        kinds=PERIODS,
        period=wanted.period,
        count_limit=COUNT_LIMIT,
        refused=_refused(asked, understood),
    )  # fmt: skip


async def show_removed(request: SiteRequest) -> Response:
    """Show the vanished articles by night, newest first, with the evidence; `?which=` chooses one of WHICH."""
    named = request.argument("which")
    asked = FORMER_NAMES.get(named, named)
    which = asked if asked in WHICH else REMOVED
    days = {name: request.argument(name) for name in ("since", "until")}
    since, until = parse_day(days["since"], last=False), parse_day(days["until"], last=True)
    span = NightRange(read_portal_name(request), since, until, read_key(request))

    def work(connection: sqlite3.Connection) -> tuple[list[Gone], dict[str, int], list[PortalCard]]:
        found = removal_queries.read_gone(connection, which, span=span, limit=PAGE_ROWS + 1)
        return found, _count_nights(connection, which, span=span, shown=found[:PAGE_ROWS]), read_portals(connection)

    found, counts, portals = await request.read(work)
    shown = found[:PAGE_ROWS]
    understood = {"which": not asked or asked in WHICH, "since": bool(since), "until": bool(until)}
    return await request.render(
        "removed.html",
        which=which,
        nights=group_by_night(shown, _night),
        counts=counts,
        count_limit=removal_queries.COUNT_LIMIT,
        parameters=_without_default({"which": which, "portal": span.portal, "since": since, "until": until}),
        next_before=shown[-1].key if len(found) > PAGE_ROWS else None,
        is_first=span.before is None,
        portals=portals,
        kinds=WHICH,
        refused=_refused({"which": asked, **days}, understood),
    )


def _night(gone: Gone) -> str:
    return gone.night


def _count_nights(
    connection: sqlite3.Connection, which: str, *, span: NightRange, shown: Sequence[Gone]
) -> dict[str, int]:
    """Count the articles of each night on a page, also those that other pages show."""
    counts = {}
    for of_night in group_by_night(shown, _night):
        night = date.fromisoformat(of_night.night)
        counts[of_night.night] = removal_queries.count_gone(
            connection, which, span=NightRange(span.portal, night, night)
        )
    return counts


def _without_default(parameters: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in parameters.items() if (name, value) != ("which", REMOVED)}


def _refused(given: dict[str, str], understood: dict[str, bool]) -> Sequence[str]:
    return [name for name, value in given.items() if value and not understood[name]]
