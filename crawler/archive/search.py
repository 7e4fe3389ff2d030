"""The search index: an external-content FTS5 table over folded text, filled and read by hand.

The index holds `fold()` and `mark_tones()` of five fields; its content is a view that gives the raw text for
both, so `highlight()` and `snippet()` return the text as it was written. For that reason it must never be
filled by FTS5's own 'rebuild', which would index the raw text, and no trigger fills it, which would break
every writer without our functions. A row leaves the index only by naming the exact values that it came with.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from crawler.text import (
    FOLD_VERSION,
    MATCH_NOTHING,
    SEARCH_FIELDS,
    TONED_SUFFIX,
    build_fts_query,
    fold,
    mark_tones,
)

_COLUMNS = ", ".join((*SEARCH_FIELDS, *(field + TONED_SUFFIX for field in SEARCH_FIELDS)))
_VALUES = ", ".join("?" * (len(SEARCH_FIELDS) * 2))

# unicode61 as SQLite has it: Datasette reads this table without us, and knows no tokenizer of ours.
CREATE_SEARCH_SQL = """
create view if not exists articles_text as
    select sort_key, title, summary, body, captions, byline, title as title_toned, summary as summary_toned,
    body as body_toned, captions as captions_toned, byline as byline_toned from articles;
create virtual table if not exists articles_fts using fts5(
    title, summary, body, captions, byline,
    title_toned, summary_toned, body_toned, captions_toned, byline_toned,
    content='articles_text', content_rowid='sort_key', tokenize='unicode61 remove_diacritics 0');
create table if not exists search_meta (key text primary key, value text not null);
"""

COUNT_LIMIT = 1000  # a search counts its hits up to one more, to be shown as "1,000+"
MAX_LIMIT = 100
_CHUNK_ROWS = 1000
_VERSION_KEY = "fold_version"


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What the index holds of one article, as it stands in `articles`; captions joined by newline."""

    sort_key: int
    title: str | None
    summary: str | None
    body: str | None
    captions: str | None
    byline: str | None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found. In `title` and `snippet` char(1) and char(2) stand around what was searched for."""

    article_id: int
    sort_key: int
    title: str
    url: str
    published_on: str | None
    snippet: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits, newest first; `next_before` is the `before` of the next page, None on the last.

    `count` is of all pages, and stops at COUNT_LIMIT + 1.
    """

    hits: tuple[SearchHit, ...]
    next_before: int | None
    count: int


def make_sort_key(on: date, article_id: int) -> int:
    """Make the key by which articles stand in order of date: ordinal day << 32 | id.

    >>> make_sort_key(date(1, 1, 2), 7)
    8589934599

    """
    return on.toordinal() << 32 | article_id


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL functions `fold(text)` and `fts_query(text)`; neither fails on any value.

    `fold(null)` is null; `fts_query(null)` matches nothing.
    """
    connection.create_function("fold", 1, _fold_value, deterministic=True)
    connection.create_function("fts_query", 1, _query_value, deterministic=True)


def _fold_value(value: object) -> str | None:
    return None if value is None else fold(_read_value(value))


def _query_value(value: object) -> str:
    return MATCH_NOTHING if value is None else build_fts_query(_read_value(value))


def _read_value(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def index_articles(connection: sqlite3.Connection, rows: Iterable[SearchRow]) -> None:
    """Add articles to the index, in the caller's transaction. One that is in it must be taken out first."""
    connection.executemany(
        f"insert into articles_fts (rowid, {_COLUMNS}) values (?, {_VALUES})",  # noqa: S608
        map(_index_values, rows),
    )


def unindex_articles(connection: sqlite3.Connection, rows: Iterable[SearchRow]) -> None:
    """Take articles out of the index, in the caller's transaction.

    The rows must be as they were indexed, to the letter; with others, words stay behind that find nothing.
    """
    connection.executemany(
        f"insert into articles_fts (articles_fts, rowid, {_COLUMNS}) values ('delete', ?, {_VALUES})",  # noqa: S608
        map(_index_values, rows),
    )


def _index_values(row: SearchRow) -> tuple[int | str, ...]:
    texts = [text or "" for text in (row.title, row.summary, row.body, row.captions, row.byline)]
    return row.sort_key, *map(fold, texts), *map(mark_tones, texts)


def reindex_all(connection: sqlite3.Connection) -> int:
    """Empty the index and fill it anew from `articles`, in the caller's transaction; gives their number."""
    connection.execute("insert into articles_fts (articles_fts) values ('delete-all')")
    count = 0
    for chunk in _read_chunks(connection):
        index_articles(connection, chunk)
        count += len(chunk)
    connection.execute("insert into articles_fts (articles_fts) values ('optimize')")
    connection.execute("insert or replace into search_meta values (?, ?)", (_VERSION_KEY, str(FOLD_VERSION)))
    return count


def _read_chunks(connection: sqlite3.Connection) -> Iterator[list[SearchRow]]:
    sql = f"""select sort_key, {", ".join(SEARCH_FIELDS)} from articles where sort_key > ?
        order by sort_key limit {_CHUNK_ROWS}"""  # noqa: S608
    chunk = [SearchRow(*row) for row in connection.execute(sql, (-(2**63),))]
    while chunk:
        yield chunk
        chunk = [SearchRow(*row) for row in connection.execute(sql, (chunk[-1].sort_key,))]


def read_index_version(connection: sqlite3.Connection) -> int | None:
    """Give the FOLD_VERSION by which the index was filled; None before the first `reindex_all`."""
    row = connection.execute("select value from search_meta where key = ?", (_VERSION_KEY,)).fetchone()
    return int(row[0]) if row else None


def needs_reindex(connection: sqlite3.Connection) -> bool:
    """Tell if the index was filled by another folding than today's, so that it must be filled anew.

    True for a new database too: call `reindex_all` before its first article.
    """
    return read_index_version(connection) != FOLD_VERSION


def search_articles(
    connection: sqlite3.Connection,
    text: str,
    *,
    limit: int = 20,
    before: int | None = None,
    portal: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> SearchPage:
    """Search as a person typed it, newest first; read-only. No string makes it fail.

    Args:
        connection: any connection to the archive.
        text: the search; see `crawler.text.build_fts_query` for what it may hold.
        limit: hits on a page, 1 to 100.
        before: only articles whose sort_key is lower (`next_before` of the page before).
        portal: only articles of the portal of this name.
        since: the first day, by the order of dates in `sort_key`.
        until: the last day, likewise.

    """
    limit = min(max(limit, 1), MAX_LIMIT)
    lowest = make_sort_key(since, 0) if since else 0
    highest = make_sort_key(until, 2**32 - 1) if until else 2**63 - 1
    source = f"articles_fts {'cross join articles on articles.sort_key = articles_fts.rowid' if portal else ''}"
    where = f"articles_fts match ? and articles_fts.rowid between ? and ? {'and portal = ?' if portal else ''}"
    query = build_fts_query(text)
    of_portal = (portal,) if portal else ()
    count_sql = f"select count(*) from (select 1 from {source} where {where} limit {COUNT_LIMIT + 1})"  # noqa: S608
    count = connection.execute(count_sql, (query, lowest, highest, *of_portal)).fetchone()[0]
    last = highest if before is None else min(highest, max(before, 1) - 1)
    marked = ", ".join(
        f"highlight(articles_fts, {column}, char(1), char(2))" for column in range(len(SEARCH_FIELDS) * 2)
    )
    hits_sql = f"""
        select id, sort_key, url, published_on, {marked}
        from articles_fts cross join articles on articles.sort_key = articles_fts.rowid
        where {where} order by articles_fts.rowid desc limit ?"""  # noqa: S608
    rows = connection.execute(hits_sql, (query, lowest, last, *of_portal, limit + 1)).fetchall() if count else []
    hits = tuple(_read_hit(*row) for row in rows[:limit])
    return SearchPage(hits, hits[-1].sort_key if len(rows) > limit else None, count)


def _read_hit(article_id: int, sort_key: int, url: str, published_on: str | None, *marked: str | None) -> SearchHit:
    # A search can hit a field in both of its columns, each with other words: unite their marks.
    fields = len(SEARCH_FIELDS)
    title, summary, body, captions, byline = (
        _unite_marks(folded or "", toned or "") for folded, toned in zip(marked[:fields], marked[fields:], strict=True)
    )
    shown = next((text for text in (body, summary, captions, byline) if text.spans), None)
    snippet = _cut_snippet(shown or (summary if summary.text else body))
    return SearchHit(article_id, sort_key, _mark(title), url, published_on, snippet)


@dataclass(frozen=True, slots=True)
class _MarkedText:
    text: str
    spans: tuple[tuple[int, int], ...]  # in order, apart


_MARK = re.compile("[\1\2]")


def _unite_marks(folded: str, toned: str) -> _MarkedText:
    spans: list[tuple[int, int]] = []
    for start, end in sorted(chain(_read_spans(folded), _read_spans(toned))):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return _MarkedText(_MARK.sub("", folded), tuple(spans))


def _read_spans(marked: str) -> Iterator[tuple[int, int]]:
    start = 0
    for number, mark in enumerate(_MARK.finditer(marked)):
        place = mark.start() - number
        if mark[0] == "\1":
            start = place
        else:
            yield start, place


SNIPPET_CHARACTERS = 240
_LEAD_CHARACTERS = 60  # shown before the first mark
_MAX_STARTS = 50  # marks tried as the first one


def _cut_snippet(marked: _MarkedText) -> str:
    """Cut the stretch of a text that holds the most different words searched for, at word boundaries."""
    text, spans = marked.text, marked.spans
    first = max(spans[:_MAX_STARTS], key=lambda span: (_count_words(marked, span[0]), -span[0]), default=(0, 0))
    start = max(first[0] - _LEAD_CHARACTERS, 0)
    end = min(start + SNIPPET_CHARACTERS, len(text))
    if start:
        start = text.find(" ", start, first[0]) + 1 or first[0]
    if end < len(text):
        end = max(text.rfind(" ", start, end), first[1])
    inside = tuple((a - start, b - start) for a, b in spans if a >= start and b <= end)
    cut = " ".join(_mark(_MarkedText(text[start:end], inside)).split())
    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"


def _count_words(marked: _MarkedText, start: int) -> int:
    end = start + SNIPPET_CHARACTERS - _LEAD_CHARACTERS
    return len({fold(marked.text[a:b]) for a, b in marked.spans if start <= a and b <= end})


def _mark(marked: _MarkedText) -> str:
    pieces, place = [], 0
    for start, end in marked.spans:
        pieces += [marked.text[place:start], "\1", marked.text[start:end], "\2"]
        place = end
    return "".join((*pieces, marked.text[place:]))
