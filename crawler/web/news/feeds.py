"""The site's Atom feeds: new articles, changes, removals."""

import sqlite3

from datasette.utils.asgi import Response

from crawler.locale import show_moment
from crawler.web.atom import Entry, Feed, name_forever, send_feed
from crawler.web.news import change_queries, removal_queries
from crawler.web.news.by_night import FEED_ENTRIES
from crawler.web.news.change_queries import Change
from crawler.web.news.removal_queries import Gone
from crawler.web.request import PAGE_CACHE, SiteRequest, make_absolute
from crawler.web.search.answer import find_followed
from crawler.web.search.formats import read_entries
from crawler.web.search.question import Question


async def send_new(request: SiteRequest) -> Response:
    """Send the newest articles as a feed, and those that were found lately."""

    def work(connection: sqlite3.Connection) -> list[Entry]:
        return read_entries(request, connection, hits=find_followed(connection, Question(), limit=FEED_ENTRIES))

    return _send(request, "feed_new", path="/feed.atom", page="/", entries=await request.read(work))


async def send_changes(request: SiteRequest) -> Response:
    """Send the newest changes as a feed."""

    def work(connection: sqlite3.Connection) -> list[Change]:
        found = change_queries.read_changes(connection, limit=FEED_ENTRIES)
        return change_queries.add_numbers(connection, found)

    entries = [_entry_of_change(request, change) for change in await request.read(work)]
    return _send(request, "feed_changes", path="/changes.atom", page="/changes", entries=entries)


async def send_removed(request: SiteRequest) -> Response:
    """Send the latest certain removals as a feed."""
    found = await request.read(lambda connection: removal_queries.read_removals(connection, limit=FEED_ENTRIES))
    entries = [_entry_of_removal(request, gone) for gone in found]
    return _send(request, "feed_removed", path="/removed.atom", page="/removed", entries=entries)


def _entry_of_change(request: SiteRequest, change: Change) -> Entry:
    classes = ", ".join(request.say(f"class_{name}") for name in change.classes)
    page = f"/article/{change.article_id}/diff/{change.number - 1}..{change.number}"
    bounds = request.say(
        "bound_revised",
        after=show_moment(change.confirmed_before, request.language, change.timezone),
        before=show_moment(change.seen_at, request.language, change.timezone),
    )
    none = request.say("number_none")
    numbers = "; ".join(f"{one.before or none} → {one.after or none}" for one in change.numbers)
    parts = [bounds, f"{request.say('diff_classes')}: {classes}." if classes else "", f"{numbers}." if numbers else ""]
    return Entry(
        id=name_forever("change", change.portal, change.article_id, change.number, change.seen_at),
        title=request.say("feed_change_title", title=change.title, number=change.number),
        updated=change.seen_at,
        published=None,
        page=make_absolute(request, request.link(page)),
        via=change.url,
        summary=" ".join(part for part in parts if part),
        author=change.byline or "",
        category=change.category or "",
    )


def _entry_of_removal(request: SiteRequest, gone: Gone) -> Entry:
    zone, language = gone.timezone, request.language
    summary = request.say(
        "vanished_between",
        after=show_moment(gone.last_seen_at, language, zone),
        before=show_moment(gone.at, language, zone),
    )
    nights = len(gone.absence.misses) if gone.absence else 0
    evidence = request.say("evidence", count=nights)
    return Entry(
        id=name_forever("removal", gone.portal, gone.article_id, gone.at),
        title=request.say("feed_removed_title", title=gone.title),
        updated=gone.judged_at or gone.at,
        published=None,
        page=make_absolute(request, request.link(f"/article/{gone.article_id}/history")),
        via=gone.url,
        summary=f"{summary} {evidence}." if nights else summary,
        author=gone.byline or "",
        category=gone.category or "",
    )


def _send(request: SiteRequest, name: str, *, path: str, page: str, entries: list[Entry]) -> Response:
    feed = Feed(
        id=name_forever("feed", path),
        title=f"{request.say(name).removesuffix(' (Atom)')} – {request.say('site_name')}",
        subtitle="",
        address=make_absolute(request, request.link(path)),
        page=make_absolute(request, request.link(page)),
        author=request.say("site_name"),
        language=request.language,
        updated=None,
        entries=entries,
    )
    return send_feed(feed, cache=PAGE_CACHE)
