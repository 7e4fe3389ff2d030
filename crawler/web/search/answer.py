"""The answer to a search: hits, counts, and suggestions if there are none. Without HTML."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from crawler.archive.articles.search_index import has_pairs
from crawler.language.money.sizes import SizeWords, find_size_words
from crawler.language.query.expressions import (
    IN_FILES,
    MATCH_NOTHING,
    NEAR_WORDS,
    SCATTERED,
    build_fts_query,
    build_steps,
)
from crawler.language.query.faults import QueryFault, find_faults
from crawler.search.counts import COUNT_LIMIT, Counts, count_articles, count_hits
from crawler.search.hits import SearchHit, SearchPage, list_articles, search_articles
from crawler.search.sql import (
    PHRASES_SQL,
    Statement,
    find_categories,
    has_words,
    name_step,
    write_listing,
    write_source,
    write_step,
)
from crawler.search.suggestions import Suggestion, Suggestions, find_suggestions, offer_places
from crawler.search.tiers import search_by_tier
from crawler.web.cards import Card, PortalCard, read_cards, read_portals
from crawler.web.search.question import BY_TIER, Question, with_categories
from crawler.web.search.said_sums import SaidSum, read_said_sums

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
    """A hit with its card, and in a search by size the sum that it says."""

    hit: SearchHit
    card: Card
    sum: SaidSum | None = None


@dataclass(frozen=True, slots=True)
class Closeness:
    """How many hits have the words side by side, near each other, and apart. `is_capped` if more have them apart."""

    phrase: int
    near: int
    scattered: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The answer to a search. `counts` is None if the text contains no word; `hints` is set only if nothing was found.

    `question` is the search with its category looked up; `faults` are those of its text. `next_page` is the parameter
    `before` of the next page. `closeness` is set if the page has hits with the words apart. `offers` are
    searches with other names of the places in the text. `size_words` are words of the text that may bound sums.
    `phrase_count` is the number of hits with the words side by side, up to COUNT_LIMIT + 1; None where the page says
    it otherwise, or it is dear to count.
    """

    question: Question
    has_words: bool
    faults: tuple[QueryFault, ...]
    found: tuple[Found, ...] = ()
    next_page: str | None = None
    counts: Counts | None = None
    hints: Suggestions | None = None
    closeness: Closeness | None = None
    offers: tuple[Suggestion, ...] = ()
    size_words: SizeWords | None = None
    phrase_count: int | None = None

    @property
    def lacks_phrase(self) -> bool:
        """Whether no hit has the words side by side, and the first one has them near each other."""
        is_first_page = self.question.before is None
        return is_first_page and bool(self.found) and IN_FILES < self.found[0].hit.tier < SCATTERED

    @property
    def divide(self) -> int | None:
        """The place of the first hit that has the words less close than those above it; None if there is none."""
        tiers = [one.hit.tier for one in self.found]
        if tiers and max(tiers) >= SCATTERED:
            return next(place for place, tier in enumerate(tiers) if tier >= SCATTERED)
        return next((place for place, tier in enumerate(tiers) if place and tier > IN_FILES >= tiers[0]), None)

    @property
    def phrases(self) -> int | None:
        """The number of hits with the words side by side, where this page tells; else None."""
        return self.divide if self.question.before is None and self.closeness is None else None

    @property
    def counts_apart(self) -> bool:
        """Whether the count may hold articles that do not have the words side by side."""
        if all(step.tier <= IN_FILES for step in build_steps(self.question.text)):
            return False
        if self.counts is not None and self.phrase_count == self.counts.count:
            return False
        is_whole = self.next_page is None and self.question.before is None
        return not (is_whole and all(0 < one.hit.tier <= IN_FILES for one in self.found))


def answer_question(connection: sqlite3.Connection, asked: Question) -> SearchAnswer:
    """Answer a search with one page of hits."""
    question = look_up_category(connection, asked)
    faults = find_faults(question.text) if question.text else ()
    if question.text and build_fts_query(question.text) == MATCH_NOTHING:
        return SearchAnswer(question, False, faults)
    page = find_page(connection, question, limit=PAGE_HITS)
    cards = read_cards(connection, [hit.article_id for hit in page.hits])
    sums = read_said_sums(connection, cards, filters=question.filters)
    found = tuple(
        Found(hit, cards[hit.article_id], sums.get(hit.article_id)) for hit in page.hits if hit.article_id in cards
    )
    counts = count_hits(connection, question.text, filters=question.filters, newest=page.newest)
    is_nothing = not found and not counts.count
    hints = find_suggestions(connection, question.text, filters=question.filters) if is_nothing else None
    closeness = _count_by_closeness(connection, question, page=page, count=counts)
    offers = offer_places(connection, question.text, filters=question.filters)
    size_words = None if question.filters.has_sums else find_size_words(question.text)
    answer = SearchAnswer(question, True, faults, found, _name_page(page), counts, hints, closeness, offers, size_words)
    return replace(answer, phrase_count=_count_phrases(connection, answer))


def _count_phrases(connection: sqlite3.Connection, answer: SearchAnswer) -> int | None:
    """Count the hits with the words side by side, where the page does not know them all.

    In a large archive, which has pairs of words in its index, that is a second pass over all articles with the words.
    """
    question = answer.question
    if not question.text or answer.closeness or answer.phrases is not None or not answer.counts_apart:
        return None
    if has_pairs(connection):
        return None
    return count_articles(
        connection, question.text, filters=question.filters, limit=COUNT_LIMIT + 1, query=PHRASES_SQL
    )  # fmt: skip


def _name_page(page: SearchPage) -> str | None:
    if page.next_before is None:
        return None
    return f"{page.next_step}-{page.next_before}" if page.next_step else str(page.next_before)


def _count_by_closeness(
    connection: sqlite3.Connection, question: Question, *, page: SearchPage, count: Counts
) -> Closeness | None:
    """Count the hits by how close their words are; None if the page has none with the words apart."""
    tiers = [hit.tier for hit in page.hits]
    if not tiers or max(tiers) < SCATTERED:
        return None
    if question.before is None:  # all the closer hits are on this page
        phrase, near = (sum(tier in of for tier in tiers) for of in (_PHRASE_TIERS, _NEAR_TIERS))
    else:
        phrase, near = (
            _count_tiers(connection, question, tiers=of, reach=page.reach) for of in (_PHRASE_TIERS, _NEAR_TIERS)
        )
    return Closeness(phrase, near, max(count.count - phrase - near, tiers.count(SCATTERED)), count.is_capped)


_PHRASE_TIERS, _NEAR_TIERS = range(1, IN_FILES + 1), range(IN_FILES + 1, NEAR_WORDS + 1)


def _count_tiers(connection: sqlite3.Connection, question: Question, *, tiers: range, reach: int | None) -> int:
    steps = [(number, step) for number, step in enumerate(build_steps(question.text), start=1) if step.tier in tiers]
    count = partial(count_articles, connection, question.text, filters=question.filters, limit=COUNT_LIMIT, reach=reach)
    return sum(count(query=name_step(number), tier=step.tier) for number, step in steps)


def find_page(connection: sqlite3.Connection, question: Question, *, limit: int) -> SearchPage:
    """Find one page of at most `limit` hits in the order of the search; without words, articles by the filters."""
    text, filters = question.text, question.filters
    if not has_words(text, filters):
        return list_articles(connection, filters=filters, limit=limit, before=question.before)
    if text and question.order == BY_TIER:
        after = None if question.before is None else (question.step, question.before)
        return search_by_tier(connection, text, filters=filters, limit=limit, after=after)
    return search_articles(connection, text, filters=filters, limit=limit, before=question.before)


def write_statement(question: Question, *, columns: str, limit: int) -> Statement:
    """Write the SQL of a page of hits, which gives the same articles in the same order.

    Args:
        question: with its category looked up.
        columns: what to select, of `articles a`.
        limit: the most rows.
    """
    text, filters = question.text, question.filters
    if text and question.order == BY_TIER:
        return _write_steps(question, columns=columns, limit=limit)
    if has_words(text, filters):
        source, order = write_source(text, filters, before=question.before), "articles_fts.rowid"
    else:
        source, order = write_listing(filters, before=question.before), "a.sort_key"
    sql = f"select {columns} from {source.sql} order by {order} desc limit {limit}"  # noqa: S608
    return Statement(sql, source.parameters)


def _write_steps(question: Question, *, columns: str, limit: int) -> Statement:
    """Write the search by tier as one statement; the search itself asks for the tiers one after another."""
    parts, parameters = [], dict[str, str | int]()
    first = question.step or 1
    tiers = [one.tier for one in build_steps(question.text)]
    for step in range(first, max(len(tiers), first) + 1):
        before = question.before if step == question.step else None
        tier = tiers[step - 1] if step <= len(tiers) else 0
        source = write_step(question.text, question.filters, number=step, tier=tier, before=before)
        parameters |= source.parameters
        parts.append(f"""select * from (select {step} as step, a.sort_key as key from {source.sql}
            order by articles_fts.rowid desc limit {limit})""")  # noqa: S608
    found = " union all ".join(parts)
    sql = f"""select {columns} from ({found}) found join articles a on a.sort_key = found.key
        order by found.step, found.key desc limit {limit}"""  # noqa: S608
    return Statement(sql, parameters)


def read_choices(connection: sqlite3.Connection, portal: str | None) -> tuple[list[PortalCard], list[CategoryName]]:
    """Read the portals and categories to choose from, by title; with a portal only its categories."""
    sql = f"""select id, portal, coalesce(title, slug) from categories where ? is null or portal = ?
        order by 3, 2 limit {_MAX_CATEGORIES}"""  # noqa: S608
    rows = connection.execute(sql, (portal, portal)).fetchall()
    return read_portals(connection), [CategoryName(*row) for row in rows]


def read_category_titles(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Read the titles of categories by id, each with its portal's where there are several portals."""
    marks = ",".join("?" * len(ids))
    sql = f"""select c.id, coalesce(c.title, c.slug) ||
        case when (select count(*) from portals) > 1 then ' (' || p.title || ')' else '' end
        from categories c join portals p on p.name = c.portal where c.id in ({marks})"""  # noqa: S608 - marks are ?
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
    return with_categories(question, find_categories(connection, given))
