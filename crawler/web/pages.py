"""The site's own pages: home, search, article, and the way from a portal's address to its article."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from datasette.utils.asgi import Response
from markupsafe import Markup

from crawler.archive.search import COUNT_LIMIT, SearchHit, SearchPage, search_articles
from crawler.text import MATCH_NOTHING, MAX_QUERY_CHARACTERS, build_fts_query, contains_marks, fold, normalize_text
from crawler.web import reads
from crawler.web.assets import asset_path
from crawler.web.reads import ArticlePage, Card, Picture
from crawler.web.showing import find_links, is_web_address, show_html
from crawler.web.visit import Visit

_MAX_SORT_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Question:
    """What a search asks for, as far as it could be understood; `refused` names the filters that could not."""

    text: str
    portal: str
    since: date | None
    until: date | None
    before: int | None
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of hits: cards in order, each with its marked title and snippet; `count` only of a search for words."""

    hits: tuple[tuple[Card, str, str], ...]
    next_before: int | None
    count: int | None


async def show_home(visit: Visit) -> Response:
    """Show the search box, the latest articles, what the archive holds and how the last night went."""

    def work(connection: sqlite3.Connection) -> tuple[list[Card], reads.Counts, list[reads.Run], list[reads.Portal]]:
        return (
            reads.read_latest(connection, limit=reads.LATEST_ARTICLES),
            reads.read_counts(connection),
            reads.read_last_runs(connection),
            reads.read_portals(connection),
        )

    cards, counts, runs, portals = await visit.read(work)
    return await visit.render("home.html", cards=cards, counts=counts, runs=runs, portals=portals)


async def show_search(visit: Visit) -> Response:
    """Show what a search finds, newest first; without words, the latest articles under the filters."""
    question = read_question(visit)
    answer = await visit.read(lambda connection: _ask(connection, question))
    portals = await visit.read(reads.read_portals)
    has_words = bool(question.text) and build_fts_query(question.text) != MATCH_NOTHING
    parameters = {
        "q": question.text,
        "portal": question.portal,
        "since": question.since,
        "until": question.until,
    }
    plain = fold(question.text)
    return await visit.render(
        "search.html",
        question=question,
        answer=answer,
        portals=portals,
        query=question.text,
        has_words=has_words,
        parameters=parameters,
        is_filtered=bool(question.portal or question.since or question.until),
        is_capped=answer.count is not None and answer.count > COUNT_LIMIT,
        count_limit=COUNT_LIMIT,
        without_marks=plain if contains_marks(question.text) and plain != question.text else "",
    )


def read_question(visit: Visit) -> Question:
    """Read a search's parameters; what is no portal's name, day or number is left aside, never an error."""
    refused: list[str] = []

    def read_day(name: str) -> date | None:
        text = visit.argument(name)
        if not text:
            return None
        for form in (text, "-".join(reversed(text.replace(".", "/").replace("-", "/").split("/")))):
            try:
                return date.fromisoformat(_pad(form))
            except ValueError:
                continue
        refused.append(name)
        return None

    before = visit.argument("before")
    is_key = before.isascii() and before.isdigit() and len(before) < 20
    return Question(
        text=normalize_text(visit.argument("q")[:MAX_QUERY_CHARACTERS]),
        portal=normalize_text(visit.argument("portal")[:64]),
        since=read_day("since"),
        until=read_day("until"),
        before=min(int(before), _MAX_SORT_KEY) if is_key else None,
        refused=tuple(refused),
    )


def _pad(day: str) -> str:
    """Give year-month-day its zeros.

    >>> _pad("2026-8-1")
    '2026-08-01'

    """
    return "-".join(part.zfill(2) for part in day.split("-"))


def _ask(connection: sqlite3.Connection, question: Question) -> Answer:
    if not question.text:
        cards = reads.read_latest(
            connection, limit=reads.PAGE_ARTICLES + 1, before=question.before,
            portal=question.portal or None, since=question.since, until=question.until,
        )  # fmt: skip
        shown = cards[: reads.PAGE_ARTICLES]
        hits = tuple((card, card.title, card.summary or "") for card in shown)
        return Answer(hits, shown[-1].sort_key if len(cards) > len(shown) else None, None)
    page: SearchPage = search_articles(
        connection, question.text, limit=reads.PAGE_ARTICLES, before=question.before,
        portal=question.portal or None, since=question.since, until=question.until,
    )  # fmt: skip
    found = reads.read_cards(connection, [hit.article_id for hit in page.hits])
    return Answer(tuple(_hits(page.hits, found)), page.next_before, page.count)


def _hits(hits: tuple[SearchHit, ...], cards: dict[int, Card]) -> list[tuple[Card, str, str]]:
    return [(cards[hit.article_id], hit.title, hit.snippet) for hit in hits if hit.article_id in cards]


async def show_article(visit: Visit) -> Response:
    """Show an article; an id that turned out to be another article's leads there for good."""
    article_id = int(visit.variable("id"))

    def work(connection: sqlite3.Connection) -> tuple[ArticlePage | None, int | None, Markup, tuple[Picture, ...]]:
        article = reads.read_article(connection, article_id)
        if article is None:
            return None, reads.read_redirect(connection, article_id), Markup(), ()
        return article, None, *_render_body(visit, connection, article)

    article, other_id, body, apart = await visit.read(work)
    shown = normalize_text(body.striptags())
    if article is None and other_id is not None:
        return Response.redirect(visit.link(f"/article/{other_id}"), status=301)
    if article is None:
        return await show_not_found(visit)
    # The line that names the author mostly stands at the end of the body's HTML, and is not said twice.
    credits_apart = {
        name: words
        for name, words in (("byline", article.byline), ("source", article.source))
        if words and normalize_text(words) not in shown
    }
    return await visit.render(
        "article.html", article=article, body=body, pictures_apart=apart, credits_apart=credits_apart
    )


def _render_body(
    visit: Visit, connection: sqlite3.Connection, article: ArticlePage
) -> tuple[Markup, tuple[Picture, ...]]:
    """Give the body with the archive's own pictures and links, and the pictures that do not stand in it."""
    articles = reads.read_articles_at(connection, article.card.portal, find_links(article.body_html))
    pictures = {picture.url: picture for picture in article.pictures}
    files = {file.url: file.sha256 for file in article.files if file.sha256}
    used: set[str] = set()

    def picture_path(url: str) -> str:
        used.add(url)
        digest = pictures[url].sha256 if url in pictures else None
        return visit.path(f"/image/{digest}" if digest else asset_path("missing.svg"))

    def link_address(url: str) -> str | None:
        if url in articles:
            return visit.link(f"/article/{articles[url]}")
        if url in files:
            return visit.link(f"/attachment/{files[url]}")
        return url if is_web_address(url) else None

    body = show_html(article.body_html, picture=picture_path, link=link_address)
    apart = tuple(picture for picture in article.pictures if picture.url not in used)
    return body, apart


async def go_to_article(visit: Visit) -> Response:
    """Lead from any address under which an article was ever met to its page."""
    address = visit.argument("url")
    if not address:
        return await visit.render_message("go_without_address", status=404)
    article_id = await visit.read(lambda connection: reads.find_article(connection, address[:4000]))
    if article_id is None:
        return await visit.render_message("go_unknown", status=404, address=address[:300])
    return Response.redirect(visit.link(f"/article/{article_id}"))


async def show_not_found(visit: Visit) -> Response:
    """Say that there is nothing under this address."""
    return await visit.render_message("not_found", status=404)
