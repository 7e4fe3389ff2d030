"""The search page (hits, counts by time and category, suggestions if nothing is found) and `/go`."""

import sqlite3
from dataclasses import dataclass
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from crawler.addresses import parse_pasted_address
from crawler.locale import show_month, show_number
from crawler.search.addresses.lookup import find_article, find_captured, find_file
from crawler.search.counts import COUNT_LIMIT, Counts, PeriodCount
from crawler.search.suggestions import HINT_LIMIT
from crawler.web.cards import PortalCard
from crawler.web.request import DATABASE_NAME, SiteRequest
from crawler.web.search.answer import CategoryName, SearchAnswer, answer_question, read_category_titles, read_choices
from crawler.web.search.formats import make_statement
from crawler.web.search.labels import name_filters
from crawler.web.search.question import Question, read_question
from crawler.web.served_files import file_name

_SHOWN_CATEGORIES = 10


@dataclass(frozen=True, slots=True)
class FacetBar:
    """A bar of a facet: its label, its count as text, its length in percent of the longest, and its address."""

    label: str
    count: str
    title: str
    percent: int
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter: its label, and the address without it."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class _Read:
    answer: SearchAnswer
    portals: list[PortalCard]
    categories: list[CategoryName]
    titles: dict[int, str]


async def show_search(request: SiteRequest) -> Response:
    """Show the answer to a search. If the text is an address that the archive knows, redirect to what it names.

    Without words, show the latest articles that pass the filters.
    """
    pasted = request.argument("q")
    is_address = bool(parse_pasted_address(pasted))
    if is_address and (target := await _redirect_to(request, pasted)) is not None:
        return target
    asked = read_question(request)

    def work(connection: sqlite3.Connection) -> _Read:
        answer = answer_question(connection, asked)
        shown = answer.counts.categories[:_SHOWN_CATEGORIES] if answer.counts else ()
        ids = [*answer.question.filters.categories, *(key for key, _ in shown)]
        return _Read(answer, *read_choices(connection, asked.filters.portal), read_category_titles(connection, ids))

    read = await request.read(work)
    answer = read.answer
    question = answer.question
    return await request.render(
        "search.html",
        question=question,
        answer=answer,
        portals=read.portals,
        categories=read.categories,
        query=question.text,
        parameters=question.parameters(),
        link_to=lambda **changed: request.link("/search", **question.parameters(**changed)),
        refused=", ".join(request.say(_REFUSED_WORDS.get(name, name)) for name in question.refused),
        chips=_make_chips(request, read),
        spans=_make_span_bars(request, question, counts=answer.counts),
        is_by_month=bool(answer.counts and _are_months(answer.counts)),
        bars=_make_category_bars(request, question, read=read),
        count=max(answer.counts.count, len(answer.found)) if answer.counts else None,
        count_limit=COUNT_LIMIT,
        hint_limit=HINT_LIMIT,
        sql_address="" if request.covers_many else _link_to_sql(request, question),
        # An index over many archives has neither feeds nor SQL of visitors; each portal's own site has both.
        link_to_feed="" if request.covers_many else request.link("/search.atom", **question.parameters(sort="")),
        is_address=is_address,
        file_name=file_name,
    )


_REFUSED_WORDS = {
    "byline": "filter_byline",
    "pictures": "filter_pictures",
    "changed": "filter_changed",
    "removed": "filter_removed",
    "undated": "filter_undated",
    "sort": "filter_sort",
    "sum_from": "filter_sum_from",
    "sum_to": "filter_sum_to",
}


def _link_to_sql(request: SiteRequest, question: Question) -> str:
    statement = make_statement(question)
    query = urlencode({"sql": statement.sql, **statement.parameters})
    return f"{request.datasette.urls.database(request.database.name or DATABASE_NAME)}?{query}"


def _make_chips(request: SiteRequest, read: _Read) -> list[Chip]:
    """Make a chip for each active filter, with the address without it."""
    question = read.answer.question
    portals = {portal.name: portal.title for portal in read.portals}
    labels = name_filters(request, question, portals=portals, categories=read.titles)
    return [Chip(label, request.link("/search", **question.parameters(**{name: ""}))) for name, label in labels.items()]


def _are_months(counts: Counts) -> bool:
    return bool(counts.spans) and all((span.until - span.since).days < 31 for span in counts.spans)


def _make_span_bars(request: SiteRequest, question: Question, *, counts: Counts | None) -> list[FacetBar]:
    """Make the bars of years or months; none if there is only one, which is already chosen."""
    spans = counts.spans if counts else ()
    most = max((span.count for span in spans), default=0)
    is_of_months = counts is not None and _are_months(counts)
    bars = []
    for span in spans:
        label = show_month(f"{span.since:%Y-%m}", request.language) if is_of_months else str(span.since.year)
        address = request.link("/search", **question.parameters(since=span.since, until=span.until))
        is_chosen = (span.since, span.until) == (question.filters.since, question.filters.until)
        shown = _show(request, span.count, is_capped=span.is_capped)
        title = request.say("chart_bar_capped" if span.is_capped else "chart_bar", when=label, count=span.count)
        bars.append(FacetBar(label, shown, title, _share(span.count, most), address, is_chosen))
    return bars if len(bars) > 1 or not _is_narrowed_to(question, spans) else []


def _is_narrowed_to(question: Question, spans: tuple[PeriodCount, ...]) -> bool:
    return bool(spans) and (spans[0].since, spans[0].until) == (question.filters.since, question.filters.until)


def _make_category_bars(request: SiteRequest, question: Question, *, read: _Read) -> list[FacetBar]:
    counted = read.answer.counts.categories[:_SHOWN_CATEGORIES] if read.answer.counts else ()
    if len(counted) < 2:
        return []
    most = counted[0][1]
    return [
        FacetBar(
            label := read.titles.get(key, str(key)),
            show_number(count, request.language),
            request.say("chart_bar", when=label, count=count),
            _share(count, most),
            request.link("/search", **question.parameters(category=key)),
            is_chosen=False,
        )
        for key, count in counted
    ]


def _show(request: SiteRequest, count: int, *, is_capped: bool) -> str:
    return show_number(count, request.language) + ("+" if is_capped else "")


def _share(count: int, most: int) -> int:
    return round(100 * count / most) if most else 0


async def go_to_article(request: SiteRequest) -> Response:
    """Redirect from any address under which an article was ever met to its page; from another to its captures."""
    address = request.argument("url")
    if not address:
        return await request.render_message("go_without_address", status=404)
    target = await _redirect_to(request, address)
    return target or await request.render_message("go_unknown", status=404, address=address[:300])


async def _redirect_to(request: SiteRequest, pasted: str) -> Response | None:
    """Redirect to what a pasted address names; None if the archive knows nothing of it."""
    target = await request.read(lambda connection: _find_target(connection, pasted))
    return None if target is None else Response.redirect(request.link(target[0], **target[1]))


def _find_target(connection: sqlite3.Connection, pasted: str) -> tuple[str, dict[str, str]] | None:
    """Find the page for a pasted address: of its article, of the articles with its file, or of its captures."""
    article_id = find_article(connection, pasted)
    if article_id is not None:
        return f"/article/{article_id}", {}
    file = find_file(connection, pasted)
    if file is not None:
        return f"/{file.role}/{file.sha256}/articles", {}
    url = find_captured(connection, pasted)
    return None if url is None else ("/address", {"url": url})


async def show_not_found(request: SiteRequest) -> Response:
    """Answer 404 for an address of the site that names nothing."""
    return await request.render_message("not_found", status=404)
