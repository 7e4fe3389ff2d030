"""The addresses to follow: each is a feed for a feed reader and a page for a browser."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from crawler.language.changes.change_kinds import CLASSES
from crawler.web.article.queries import ArticlePage, read_article
from crawler.web.article.views import redirect_merged
from crawler.web.cards import read_portals
from crawler.web.follow.article_past import list_past
from crawler.web.follow.articles import list_articles
from crawler.web.follow.atom import Feed, name_forever, send_feed
from crawler.web.follow.listing import EntryList, K, ListingPage, read_page
from crawler.web.follow.news import list_changes, list_removals
from crawler.web.negotiation import choose_form
from crawler.web.news.by_night import read_portal_name
from crawler.web.request import PAGE_CACHE, SiteRequest, make_absolute
from crawler.web.search.answer import latest_change, look_up_category, read_category_titles
from crawler.web.search.labels import name_filters
from crawler.web.search.question import Question, read_question


@dataclass(frozen=True, slots=True)
class _Head:
    """What a feed says of itself: `path` and `parameters` are its address, `page` shows the same list."""

    id: str
    title: str
    path: str
    page: str
    parameters: Mapping[str, object]


async def send_new(request: SiteRequest) -> Response:
    """Answer with what was archived last."""
    head = _Head(name_forever("feed", "/feed.atom"), request.say("feed_new"), "/feed.atom", "/", {})
    return await _send(request, head, listing=list_articles(request, Question()))


async def send_search(request: SiteRequest) -> Response:
    """Answer with what a search found last: of words, a category, a document's number."""
    asked = read_question(request)
    parameters = asked.parameters(sort="")
    filters = await request.read(lambda connection: _name_filters(request, connection, asked=asked))
    title = request.say("feed_of_search", query=(asked.text or request.say("all_articles"))[:200])
    title = request.say("filters_in_feed", what=title, filters="; ".join(filters)) if filters else title
    named = name_forever("search", urlencode(sorted(parameters.items())))
    head = _Head(named, title, "/search.atom", "/search", parameters)
    return await _send(request, head, listing=list_articles(request, asked))


def _name_filters(request: SiteRequest, connection: sqlite3.Connection, *, asked: Question) -> list[str]:
    question = look_up_category(connection, asked)
    portals = {portal.name: portal.title for portal in read_portals(connection)}
    titles = read_category_titles(connection, question.filters.categories)
    return list(name_filters(request, question, portals=portals, categories=titles).values())


async def send_changes(request: SiteRequest) -> Response:
    """Answer with the latest changes; of one portal or class of change, if named."""
    portal, asked = read_portal_name(request), request.argument("class")
    kind = asked if asked in CLASSES else None
    parameters = {name: value for name, value in (("portal", portal), ("class", kind)) if value}
    head = _head_of_list(request.say("feed_changes"), "changes", parameters=parameters)
    return await _send(request, head, listing=list_changes(request, portal=portal, kind=kind))


async def send_removed(request: SiteRequest) -> Response:
    """Answer with the latest certain removals; of one portal, if named."""
    portal = read_portal_name(request)
    head = _head_of_list(request.say("feed_removed"), "removed", parameters={"portal": portal} if portal else {})
    return await _send(request, head, listing=list_removals(request, portal=portal))


async def send_article(request: SiteRequest) -> Response:
    """Answer with what happened to an article."""
    article_id = int(request.variable("id"))
    article: ArticlePage | None = await request.read(lambda connection: read_article(connection, article_id))
    if article is None:
        return await redirect_merged(request, article_id, rest="/history.atom")
    path = f"/article/{article.card.id}/history"
    named = name_forever("past", article.card.portal, article.card.id, article.card.first_seen_at)
    head = _Head(named, request.say("history_of", title=article.card.title), f"{path}.atom", path, {})
    return await _send(request, head, listing=list_past(request, article))


def _head_of_list(title: str, name: str, *, parameters: Mapping[str, object]) -> _Head:
    path = f"/{name}.atom"
    named = name_forever("feed", path, *([urlencode(sorted(parameters.items()))] if parameters else []))
    return _Head(named, title, path, f"/{name}", parameters)


async def _send(request: SiteRequest, head: _Head, *, listing: EntryList[K]) -> Response:
    before, stated = request.argument("before"), request.argument("format")

    def work(connection: sqlite3.Connection) -> tuple[ListingPage, str | None]:
        return read_page(connection, listing, before=before), latest_change(connection)

    page, changed_at = await request.read(work)
    if choose_form(request.http.headers.get("accept", ""), stated=stated) == "page":
        return await _show(request, head, page=page, is_newest=listing.parse(before) is None)
    feed = Feed(
        id=head.id,
        title=f"{head.title} – {request.say('site_name')}",
        subtitle="",
        address=_address(request, head, before=before, stated=stated),
        page=make_absolute(request, request.link(head.page, **head.parameters)),
        author=request.say("site_name"),
        language=request.language,
        updated=changed_at,
        entries=page.entries,
        pages={
            rel: _address(request, head, before=place, stated=stated)
            for rel, place in (("first", ""), *_places(page).items())
        },
    )
    return send_feed(feed, cache=PAGE_CACHE)


async def _show(request: SiteRequest, head: _Head, *, page: ListingPage, is_newest: bool) -> Response:
    stated = request.argument("format")
    return await request.render(
        "follow.html",
        title=head.title,
        entries=page.entries,
        feed_address=_address(request, head),
        atom_address=_address(request, head, stated="atom"),
        list_address=request.link(head.page, **head.parameters),
        pages={rel: request.link(head.path, **head.parameters, before=place, format=stated)
               for rel, place in _places(page).items()},
        is_newest=is_newest,
        newest_address=request.link(head.path, **head.parameters, format=stated),
    )  # fmt: skip


def _places(page: ListingPage) -> dict[str, str]:
    """Return the places of the other pages of a feed by their relation (RFC 5005, 3)."""
    places = {"previous": page.previous, "next": page.next, "last": page.last}
    return {rel: place for rel, place in places.items() if place is not None}


def _address(request: SiteRequest, head: _Head, *, before: str = "", stated: str = "") -> str:
    known = stated if stated in ("atom", "html") else ""
    return make_absolute(request, request.link(head.path, **head.parameters, before=before, format=known))
