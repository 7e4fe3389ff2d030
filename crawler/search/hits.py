"""Find the hits of a search: the articles, their order, and a snippet around what was found."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crawler.archive.articles.search_index import FILE_SEPARATOR, FOLDED_COLUMNS, MAX_FILE_CHARACTERS, TONED_COLUMNS
from crawler.archive.attachment_texts import parse_doubts
from crawler.language.query import split_query
from crawler.language.text import fold
from crawler.search.prefixes import spell_prefixes_out
from crawler.search.snippets import MarkedText, Passage, cut_snippet, find_passage, put_marks, unite_marks
from crawler.search.sql import NO_FILTERS, Filters, Statement, write_listing, write_match, write_ranking, write_source

MAX_LIMIT = 100
# If several fields hold equally many of the words, the snippet comes from the first in this order.
_SHOWN_FIELDS = ("body", "summary", "captions", "byline")
_FIELDS = ("title", *_SHOWN_FIELDS)
_MARKED = ", ".join(
    f"highlight(articles_fts, {columns[field]}, char(1), char(2))"
    for field in _FIELDS
    for columns in (FOLDED_COLUMNS, TONED_COLUMNS)
)
_HAS_FILES = """exists (select 1 from revision_attachments r
    join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null)"""
_SELECT = f"select a.id, a.sort_key, a.url, a.published_on, {_HAS_FILES}, {_MARKED}"


@dataclass(frozen=True, slots=True)
class HitFile:
    """The attachment that holds what was searched for. `doubts` are codes of why its text may be wrong."""

    sha256: str
    url: str
    label: str | None
    is_ocr: bool
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found. In `title` and `snippet` char(1) and char(2) enclose what was searched for.

    `place` is the field with most of the words, one of `query.SEARCH_FIELDS`, from which the snippet is cut unless it
    is the title; `file` is the attachment, if that field is `files`.
    """

    article_id: int
    sort_key: int
    title: str
    url: str
    published_on: str | None
    snippet: str
    place: str
    file: HitFile | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits in order. `next_before` is the `before` of the next page, None on the last page."""

    hits: tuple[SearchHit, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class _Search:
    text: str
    filters: Filters
    words: int  # number of words to find


def search_articles(
    connection: sqlite3.Connection,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    limit: int = 20,
    before: int | None = None,
) -> SearchPage:
    """Search for what a person typed, newest first. Read-only. No text makes it fail.

    Args:
        connection: any connection to the archive.
        text: the search, with the syntax of `crawler.language.query.build_fts_query`.
        filters: further conditions. Without words in the text or a byline nothing is found.
        limit: hits on a page, 1 to 100.
        before: only articles with a lower sort_key (`next_before` of the previous page).
    """
    limit = min(max(limit, 1), MAX_LIMIT)
    source = spell_prefixes_out(connection, write_source(text, filters, before=before))
    rows = connection.execute(
        f"{_SELECT} from {source.sql} order by articles_fts.rowid desc limit {limit + 1}", source.parameters
    ).fetchall()
    search = _Search(text, filters, _count_words(text))
    hits = tuple(_read_hit(connection, search, row=tuple(row)) for row in rows[:limit])
    return SearchPage(hits, hits[-1].sort_key if len(rows) > limit else None)


def rank_articles(
    connection: sqlite3.Connection,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    limit: int = 20,
    after: int | None = None,
) -> SearchPage:
    """Search as `search_articles` does, but order the newest `sql.RANKED_HITS` hits by relevance.

    `after` is the sort_key of the last hit on the previous page (its `next_before`). Page 1 if it is not a hit.
    """
    limit = min(max(limit, 1), MAX_LIMIT)
    ranked = spell_prefixes_out(connection, write_ranking(text, filters))
    keys = [int(row[0]) for row in connection.execute(ranked.sql, ranked.parameters)]
    first = keys.index(after) + 1 if after in keys else 0
    shown = keys[first : first + limit]
    source = spell_prefixes_out(connection, write_source(text, filters))
    # One statement for all rows: opening the index once for twenty rows is twenty times faster than once for each.
    sql = f"{_SELECT} from {source.sql} and articles_fts.rowid in ({', '.join(map(str, shown))})"
    found = {int(row[1]): tuple(row) for row in connection.execute(sql, source.parameters)}
    search = _Search(text, filters, _count_words(text))
    hits = tuple(_read_hit(connection, search, row=tuple(row)) for row in map(found.get, shown) if row)
    return SearchPage(hits, shown[-1] if first + limit < len(keys) else None)


def list_articles(
    connection: sqlite3.Connection, *, filters: Filters = NO_FILTERS, limit: int = 20, before: int | None = None
) -> SearchPage:
    """List articles by filters alone, newest first. Arguments as for `search_articles`."""
    limit = min(max(limit, 1), MAX_LIMIT)
    listing = write_listing(filters, before=before)
    rows = connection.execute(
        f"""select a.id, a.sort_key, a.title, a.url, a.published_on, coalesce(a.summary, substr(a.body, 1, 1000))
            from {listing.sql} order by a.sort_key desc limit {limit + 1}""",  # noqa: S608
        listing.parameters,
    ).fetchall()
    start = Passage((0, 0), 0)
    hits = tuple(
        SearchHit(article_id, sort_key, title, url, on, cut_snippet(MarkedText(text, ()), start), "title", None)
        for article_id, sort_key, title, url, on, text in rows[:limit]
    )
    return SearchPage(hits, hits[-1].sort_key if len(rows) > limit else None)


def _count_words(text: str) -> int:
    words = {word for part in split_query(text) if not part.is_excluded for word in fold(part.typed).split()}
    return max(len(words), 1)


def _read_hit(connection: sqlite3.Connection, search: _Search, *, row: Sequence[Any]) -> SearchHit:
    article_id, sort_key, url, published_on, has_files, *fields = row
    marked = [str(text or "") for text in fields]
    texts = {field: unite_marks(*marked[2 * place : 2 * place + 2]) for place, field in enumerate(_FIELDS)}
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


def _mark_files(connection: sqlite3.Connection, search: _Search, *, sort_key: int) -> MarkedText:
    columns = (FOLDED_COLUMNS["files"], TONED_COLUMNS["files"])
    marks = ", ".join(f"highlight(articles_fts, {column}, char(1), char(2))" for column in columns)
    wanted, parameters = write_match(search.text, search.filters)
    sql = f"select {marks} from articles_fts where articles_fts match {wanted} and rowid = :key"  # noqa: S608
    marking = spell_prefixes_out(connection, Statement(sql, {**parameters, "key": sort_key}))
    row = connection.execute(marking.sql, marking.parameters).fetchone()
    return unite_marks(row[0] or "", row[1] or "") if row else MarkedText("", ())


def _find_file(connection: sqlite3.Connection, article_id: int, *, passage: Passage) -> HitFile | None:
    """Find the attachment of an article that holds a passage of the joined texts."""
    rows = connection.execute(
        """select r.attachment_sha256, r.url, r.label, x.is_ocr, x.doubts, length(substr(x.text, 1, :most))
           from article_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
           where r.article_id = :id and x.text is not null order by r.position""",
        {"id": article_id, "most": MAX_FILE_CHARACTERS},
    ).fetchall()
    end = 0
    for sha256, url, label, is_ocr, doubts, characters in rows:
        end += characters + len(FILE_SEPARATOR)
        if passage.first[0] < end:
            return HitFile(sha256, url, label, bool(is_ocr), parse_doubts(doubts))
    return None
