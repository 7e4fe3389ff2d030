"""The page of an article's history, and the page that compares two of its versions."""

import sqlite3
from dataclasses import dataclass
from itertools import pairwise

from datasette.utils.asgi import Response

from crawler.language.numbers import whole_number
from crawler.web.article import queries
from crawler.web.article.comparison import compare_versions
from crawler.web.article.history_queries import ArticleHistory, VersionLine, read_history, read_version_lines
from crawler.web.article.queries import ArticlePage, Version
from crawler.web.article.views import list_article_happenings, redirect_merged
from crawler.web.attachment.comparison_views import compare_replaced
from crawler.web.request import SiteRequest
from crawler.web.served_files import file_name


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of an article, the earlier first, and the steps between them, revision by revision."""

    article: ArticlePage
    before: Version
    after: Version
    steps: tuple[tuple[VersionLine, VersionLine], ...]


async def show_history(request: SiteRequest) -> Response:
    """Show every revision and event of an article."""
    article_id = int(request.variable("id"))

    def work(connection: sqlite3.Connection) -> tuple[ArticlePage, ArticleHistory] | None:
        article = queries.read_article(connection, article_id)
        return (article, read_history(connection, article_id, timezone=article.card.timezone)) if article else None

    found = await request.read(work)
    if found is None:
        return await redirect_merged(request, article_id, rest="/history")
    article, history = found
    return await request.render(
        "history.html", article=article, history=history, happenings=list_article_happenings(article, history)[::-1]
    )


async def choose_pair(request: SiteRequest) -> Response:
    """Redirect from the form with two versions (`?from=1&to=3`) to the page that compares them."""
    article_id = int(request.variable("id"))
    first, second = (whole_number(request.argument(name), at_most=10**9 - 1) for name in ("from", "to"))
    if first is None or second is None:
        return Response.redirect(request.link(f"/article/{article_id}/history"))
    return Response.redirect(request.link(f"/article/{article_id}/diff/{first}..{second}"))


async def show_diff(request: SiteRequest) -> Response:
    """Show what differs between two versions, the earlier first; redirect if they are named in the other order."""
    article_id, first, second = (int(request.variable(name)) for name in ("id", "first", "second"))
    if first > second:
        return Response.redirect(request.link(f"/article/{article_id}/diff/{second}..{first}"))
    pair = await request.read(lambda connection: _read_pair(connection, article_id, first=first, second=second))
    if pair is None:
        return await redirect_merged(request, article_id, rest=f"/diff/{first}..{second}")
    comparison = compare_versions(pair.before, pair.after)
    return await request.render(
        "diff.html",
        article=pair.article,
        before=pair.before,
        after=pair.after,
        steps=pair.steps,
        comparison=comparison,
        file_name=file_name,
        texts=await compare_replaced(request, comparison.replaced_files),
    )


def _read_pair(connection: sqlite3.Connection, article_id: int, *, first: int, second: int) -> Pair | None:
    article = queries.read_article(connection, article_id)
    before = queries.read_version(connection, article_id, number=first)
    after = queries.read_version(connection, article_id, number=second)
    if article is None or before is None or after is None:
        return None
    lines = [line for line in read_version_lines(connection, article_id) if first <= line.number <= second]
    return Pair(article, before, after, tuple(pairwise(lines)))
