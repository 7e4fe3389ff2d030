"""Find the hits of a search: the articles, their order, and a snippet around what was found."""

import json
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crawler.archive.articles.search_index import FILE_SEPARATOR, FOLDED_COLUMNS, MAX_FILE_CHARACTERS, TONED_COLUMNS
from crawler.archive.attachment_texts import parse_doubts, unit_of
from crawler.language.query.items import read_items
from crawler.language.query.simplify import list_marked_forms
from crawler.language.text import fold
from crawler.search.rewriting import rewrite
from crawler.search.snippets import MarkedText, Passage, cut_snippet, find_passage, put_marks, unite_marks
from crawler.search.sql import (
    NO_FILTERS,
    PHRASES_SQL,
    QUERY_SQL,
    Filters,
    Statement,
    find_reach,
    has_words,
    write_listing,
    write_match,
    write_source,
)

MAX_LIMIT = 100
# If several fields hold equally many of the words, the snippet comes from the first in this order.
_SHOWN_FIELDS = ("body", "summary", "captions", "byline")
_FIELDS = ("title", *_SHOWN_FIELDS)
_HAS_FILES = """exists (select 1 from revision_attachments r
    join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null)"""
_SELECT = f"select a.id, a.sort_key, a.url, a.published_on, {_HAS_FILES}"
# The parameters of a rewritten statement that are FTS5 queries.
_QUERIES = re.compile(r"own|by|spelled\w*")


@dataclass(frozen=True, slots=True)
class HitFile:
    """The attachment that holds what was searched for. `doubts` are codes of why its text may be wrong.

    `page` is the page, sheet or slide with the hit, from 1; None if the file has none, or only one. `unit` says which,
    by `attachment_texts.unit_of`.
    """

    sha256: str
    url: str
    label: str | None
    is_ocr: bool
    doubts: tuple[str, ...] = ()
    page: int | None = None
    unit: str = "page"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found. In `title` and `snippet` char(1) and char(2) enclose what was searched for.

    `place` is the field with most of the words, one of `items.SEARCH_FIELDS`, from which the snippet is cut unless it
    is the title; `file` is the attachment, if that field is `files`. `tier` is that of `query.expressions`, 0 in other
    orders.
    """

    article_id: int
    sort_key: int
    title: str
    url: str
    published_on: str | None
    snippet: str
    place: str
    file: HitFile | None
    tier: int = 0


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits in order. `next_before` is the `before` of the next page, None on the last page.

    `next_step` is the step of the last hit in a search by tier, else 0. `newest` are the sort keys of the newest
    articles with all the words within the days and by the author asked for, passing the other filters or not, one more
    than `sql.NEAR_REACH` at most; None if not looked for.
    """

    hits: tuple[SearchHit, ...]
    next_before: int | None
    next_step: int = 0
    newest: tuple[int, ...] | None = None

    @property
    def reach(self) -> int | None:
        """The sort key above which words near each other are looked for (`sql.find_reach`); None if not looked for."""
        return None if self.newest is None else find_reach(self.newest)


@dataclass(frozen=True, slots=True)
class Search:
    """A search as its rows are read. `query` is the FTS5 query in SQL, `own` the one in place of `sql.OWN_SQL`.

    With fewer than `words` of its words in the article, the files are read; 0 if the files do not count. `twin` is the
    index in memory that the rows are from, in which `own` is asked.
    """

    text: str
    filters: Filters
    words: int
    query: str
    own: str = ""
    twin: sqlite3.Connection | None = None


def search_articles(
    connection: sqlite3.Connection,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    limit: int = 20,
    before: int | None = None,
    query: str = QUERY_SQL,
) -> SearchPage:
    """Search for what a person typed, newest first. Read-only. No text makes it fail.

    Args:
        connection: any connection to the archive.
        text: the search, with the syntax of `crawler.language.query.expressions.build_fts_query`.
        filters: further conditions. Without words in the text or a byline nothing is found.
        limit: hits on a page, 1 to 100.
        before: only articles with a lower sort_key (`next_before` of the previous page).
        query: QUERY_SQL, or PHRASES_SQL for hits of the tiers of phrases alone.
    """
    limit = min(max(limit, 1), MAX_LIMIT)
    rows = fetch_rows(connection, write_source(text, filters, before=before, query=query), limit=limit + 1)
    search = Search(text, filters, count_words(text), query)
    hits = tuple(read_hit(connection, search, row=tuple(row)) for row in rows[:limit])
    return SearchPage(hits, hits[-1].sort_key if len(rows) > limit else None)


def fetch_rows(connection: sqlite3.Connection, source: Statement, *, limit: int) -> list[tuple[Any, ...]]:
    """Fetch the newest rows of a search, at most `limit`.

    A row is id, sort_key, url, day, whether it has files, then the marked texts.
    """
    spelled = rewrite(connection, source)
    # A parameter, so that SQLite prepares the statement once.
    marked = write_marked(_join_queries(spelled))
    sql = f"{_SELECT}, {marked} from {spelled.sql} order by articles_fts.rowid desc limit :most"
    return connection.execute(sql, {**spelled.parameters, "most": limit}).fetchall()


def write_marked(query: str | None, fields: Sequence[str] = _FIELDS) -> str:
    """Write the columns of fields marked by an FTS5 query, folded and toned in turn: from the sixth of a row on.

    FTS5 cuts all the text into words for each. So a form of the text that the query marks nothing in is null.
    """
    forms = ("folded", "toned") if query is None else list_marked_forms(query)
    return ", ".join(
        f"highlight(articles_fts, {columns[field]}, char(1), char(2))" if form in forms else "null"
        for field in fields
        for form, columns in (("folded", FOLDED_COLUMNS), ("toned", TONED_COLUMNS))
    )


def _join_queries(asked: Statement) -> str | None:
    """Join the FTS5 queries that a rewritten statement asks; None if SQL writes one."""
    if "fts_query(" in asked.sql:
        return None
    return " ".join(str(value) for name, value in asked.parameters.items() if _QUERIES.fullmatch(name))


def list_articles(
    connection: sqlite3.Connection, *, filters: Filters = NO_FILTERS, limit: int = 20, before: int | None = None
) -> SearchPage:
    """List articles by filters alone, newest first. Arguments as for `search_articles`."""
    limit = min(max(limit, 1), MAX_LIMIT)
    found = _fetch_listed(connection, write_listing(filters, before=before), limit=limit + 1)
    return SearchPage(tuple(found[:limit]), found[limit - 1].sort_key if len(found) > limit else None)


def read_hits(
    connection: sqlite3.Connection, text: str, *, filters: Filters, sort_keys: Sequence[int]
) -> list[SearchHit]:
    """Read the hits of the tiers of phrases with these sort keys, in this order.

    Keys that are not hits are left out.
    """
    wanted = ", ".join(str(int(key)) for key in sort_keys)
    if has_words(text, filters):
        source = write_source(text, filters, query=PHRASES_SQL)
        few = Statement(f"{source.sql} and articles_fts.rowid in ({wanted})", source.parameters)
        search = Search(text, filters, count_words(text), PHRASES_SQL)
        rows = fetch_rows(connection, few, limit=len(sort_keys))
        hits = [read_hit(connection, search, row=tuple(row)) for row in rows]
    else:
        listing = write_listing(filters)
        few = Statement(f"{listing.sql} and a.sort_key in ({wanted})", listing.parameters)
        hits = _fetch_listed(connection, few, limit=len(sort_keys))
    found = {hit.sort_key: hit for hit in hits}
    return [found[key] for key in sort_keys if key in found]


def _fetch_listed(connection: sqlite3.Connection, listing: Statement, *, limit: int) -> list[SearchHit]:
    rows = connection.execute(
        f"""select a.id, a.sort_key, a.title, a.url, a.published_on, coalesce(a.summary, substr(a.body, 1, 1000))
            from {listing.sql} order by a.sort_key desc limit {limit}""",  # noqa: S608
        listing.parameters,
    ).fetchall()
    start = Passage((0, 0), 0)
    return [
        SearchHit(article_id, sort_key, title, url, on, cut_snippet(MarkedText(text, ()), start), "title", None)
        for article_id, sort_key, title, url, on, text in rows
    ]


def count_words(text: str) -> int:
    """Count the different words that are searched for, 1 at least."""
    words = {word for item in read_items(text) if not item.is_excluded for word in fold(item.typed).split()}
    return max(len(words), 1)


def read_hit(connection: sqlite3.Connection, search: Search, *, row: Sequence[Any]) -> SearchHit:
    """Make the hit of a row of `fetch_rows`."""
    article_id, sort_key, url, published_on, has_files, *fields = row
    texts = {field: unite_marks(*fields[2 * place : 2 * place + 2]) for place, field in enumerate(_FIELDS)}
    passages = {field: find_passage(text) for field, text in texts.items()}
    file: HitFile | None = None
    if has_files and max(passage.words for passage in passages.values()) < search.words:
        # Marked separately, because these texts can be long.
        texts["files"] = _mark_files(connection, search, sort_key=sort_key)
        passages["files"] = find_passage(texts["files"])
    place = max((*_SHOWN_FIELDS, *texts), key=lambda field: passages[field].words)
    if place == "files":
        file = _find_file(connection, article_id, passage=passages["files"])
    if not passages[place].words or place == "title":
        place, shown = "title", "summary" if texts["summary"].text else "body"
    else:
        shown = place
    snippet = cut_snippet(texts[shown], passages[shown])
    title = put_marks(texts["title"])
    return SearchHit(article_id, sort_key, title, url, published_on, snippet, place, file)


def _mark_files(connection: sqlite3.Connection, search: Search, *, sort_key: int) -> MarkedText:
    if search.twin is not None:
        marks = write_marked(search.own, ["files"])
        sql = f"select {marks} from articles_fts where articles_fts match ? and rowid = ?"  # noqa: S608 - numbers
        row = search.twin.execute(sql, (search.own, sort_key)).fetchone()
    else:
        wanted, parameters = write_match(search.text, search.filters, query=search.query)
        own: dict[str, str | int] = {"own": search.own} if search.own else {}
        asked = rewrite(connection, Statement(wanted, {**parameters, **own, "key": sort_key}))
        marks = write_marked(_join_queries(asked), ["files"])
        sql = f"select {marks} from articles_fts where articles_fts match {asked.sql} and rowid = :key"  # noqa: S608
        row = connection.execute(sql, asked.parameters).fetchone()
    return unite_marks(row[0], row[1]) if row else MarkedText("", ())


def _find_file(connection: sqlite3.Connection, article_id: int, *, passage: Passage) -> HitFile | None:
    """Find the attachment of an article that holds a passage of the joined texts."""
    rows = connection.execute(
        """select r.attachment_sha256, r.url, r.label, x.is_ocr, x.doubts, x.page_starts, x.method,
             length(substr(x.text, 1, :most))
           from article_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
           where r.article_id = :id and x.text is not null order by r.position""",
        {"id": article_id, "most": MAX_FILE_CHARACTERS},
    ).fetchall()
    start = 0
    for sha256, url, label, is_ocr, doubts, page_starts, method, characters in rows:
        end = start + characters + len(FILE_SEPARATOR)
        if passage.first[0] < end:
            page = _find_page(page_starts, passage.first[0] - start)
            return HitFile(sha256, url, label, bool(is_ocr), parse_doubts(doubts), page, unit_of(method))
        start = end
    return None


def _find_page(page_starts: str | None, place: int) -> int | None:
    starts = json.loads(page_starts or "[]")
    return bisect_right(starts, place) if len(starts) > 1 else None
