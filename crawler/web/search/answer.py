"""The answer to a search: hits, counts, and suggestions if there are none. Without HTML."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.language.numbers import whole_number
from crawler.language.query import MATCH_NOTHING, QueryFault, build_fts_query, find_faults
from crawler.search.counts import Counts, count_hits
from crawler.search.hits import MAX_LIMIT, SearchHit, SearchPage, list_articles, rank_articles, search_articles
from crawler.search.sql import Statement, has_words, write_listing, write_ranking, write_source
from crawler.search.suggestions import Suggestions, find_suggestions
from crawler.web.cards import Card, PortalCard, read_cards, read_portals
from crawler.web.search.question import BY_RELEVANCE, Question, with_categories

PAGE_HITS = 20
_MAX_CATEGORIES = 300


@dataclass(frozen=True, slots=True)
class CategoryName:
    """A category as the site names it."""

    id: int
    portal: str
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its card."""

    hit: SearchHit
    card: Card


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The answer to a search. `counts` is None if the text contains no word; `hints` is set only if nothing was found.

    `question` is the search with its category looked up; `faults` are those of its text.
    """

    question: Question
    has_words: bool
    faults: tuple[QueryFault, ...]
    found: tuple[Found, ...]
    next_before: int | None
    counts: Counts | None
    hints: Suggestions | None


def answer_question(connection: sqlite3.Connection, asked: Question) -> SearchAnswer:
    """Answer a search with one page of hits."""
    question = look_up_category(connection, asked)
    faults = find_faults(question.text) if question.text else ()
    if question.text and build_fts_query(question.text) == MATCH_NOTHING:
        return SearchAnswer(question, False, faults, (), None, None, None)
    page = find_page(connection, question, limit=PAGE_HITS)
    cards = read_cards(connection, [hit.article_id for hit in page.hits])
    found = tuple(Found(hit, cards[hit.article_id]) for hit in page.hits if hit.article_id in cards)
    counts = count_hits(connection, question.text, filters=question.filters)
    is_nothing = not found and not counts.count
    hints = find_suggestions(connection, question.text, filters=question.filters) if is_nothing else None
    return SearchAnswer(question, True, faults, found, page.next_before, counts, hints)


def find_page(connection: sqlite3.Connection, question: Question, *, limit: int) -> SearchPage:
    """Find one page of hits in the order of the search; without words, articles by the filters."""
    text, filters = question.text, question.filters
    if not has_words(text, filters):
        return list_articles(connection, filters=filters, limit=limit, before=question.before)
    if question.order == BY_RELEVANCE:
        return rank_articles(connection, text, filters=filters, limit=limit, after=question.before)
    return search_articles(connection, text, filters=filters, limit=limit, before=question.before)


def find_followed(connection: sqlite3.Connection, question: Question, *, limit: int) -> list[SearchHit]:
    """Find the hits of a feed: the newest by date, then those found lately with an older date.

    Articles are posted or found after their date: in order of date alone a follower would never see them.
    """
    newest = question.by_date_from_start()
    hits = find_page(connection, newest, limit=limit).hits
    named = {hit.article_id for hit in hits}
    lately = find_page(connection, newest.met_lately(), limit=MAX_LIMIT).hits
    return [*hits, *(hit for hit in lately if hit.article_id not in named)]


def write_statement(question: Question, *, columns: str, limit: int) -> Statement:
    """Write the SQL of a page of hits, which gives the same articles in the same order.

    Args:
        question: with its category looked up; by relevance only the first page can be written.
        columns: what to select, of `articles a`.
        limit: the most rows.
    """
    text, filters = question.text, question.filters
    if not has_words(text, filters):
        source = write_listing(filters, before=question.before)
        order = "a.sort_key"
    elif question.order == BY_RELEVANCE:
        ranked = write_ranking(text, filters)
        sql = f"""select {columns} from ({ranked.sql} limit {limit}) ranked
            join articles a on a.sort_key = ranked.sort_key order by ranked.place"""  # noqa: S608
        return Statement(sql, ranked.parameters)
    else:
        source = write_source(text, filters, before=question.before)
        order = "articles_fts.rowid"
    sql = f"select {columns} from {source.sql} order by {order} desc limit {limit}"  # noqa: S608
    return Statement(sql, source.parameters)


def read_choices(connection: sqlite3.Connection, portal: str | None) -> tuple[list[PortalCard], list[CategoryName]]:
    """Read the portals and categories to choose from, by title; with a portal only its categories."""
    sql = f"""select id, portal, coalesce(title, slug) from categories where ? is null or portal = ?
        order by 3, 2 limit {_MAX_CATEGORIES}"""  # noqa: S608
    rows = connection.execute(sql, (portal, portal)).fetchall()
    return read_portals(connection), [CategoryName(*row) for row in rows]


def read_category_titles(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Read the titles of categories by id."""
    marks = ",".join("?" * len(ids))
    sql = f"select id, coalesce(title, slug) from categories where id in ({marks})"  # noqa: S608 - marks are ?
    return {int(row[0]): str(row[1]) for row in connection.execute(sql, tuple(ids))}


def latest_change(connection: sqlite3.Connection) -> str | None:
    """Return the time of the last news: the end of the last run, or its start while it lasts."""
    row = connection.execute("select coalesce(finished_at, started_at) from crawls order by id desc limit 1").fetchone()
    return str(row[0]) if row else None


def look_up_category(connection: sqlite3.Connection, question: Question) -> Question:
    """Look up the category of a question (an id, slug or title) and put its ids into the filters."""
    given = question.category
    if not given:
        return question
    rows = connection.execute(
        "select id from categories where slug = ? or title = ? or id = ? order by id",
        (given, given, whole_number(given)),
    ).fetchall()
    return with_categories(question, tuple(int(row[0]) for row in rows))
