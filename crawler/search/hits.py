"""Find the hits of a search: the articles, their order, and a snippet around what was found."""

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crawler.archive.articles.search_index import (
    FILE_SEPARATOR,
    FOLDED_COLUMNS,
    MAX_FILE_CHARACTERS,
    TONED_COLUMNS,
    has_pairs,
)
from crawler.archive.attachment_texts import parse_doubts
from crawler.language.query.expressions import (
    IN_ARTICLE,
    IN_FILES,
    IN_TITLE,
    SCATTERED,
    Step,
    build_steps,
    is_one_run,
    split_query,
)
from crawler.language.text import fold
from crawler.search.lookahead import Lookahead, has_any
from crawler.search.rewriting import rewrite
from crawler.search.snippets import MarkedText, Passage, cut_snippet, find_passage, put_marks, unite_marks
from crawler.search.sql import (
    NO_FILTERS,
    OWN_SQL,
    PHRASES_SQL,
    QUERY_SQL,
    Filters,
    Statement,
    has_words,
    name_step,
    with_own,
    write_listing,
    write_match,
    write_source,
    write_step,
)

MAX_LIMIT = 100
# If several fields hold equally many of the words, the snippet comes from the first in this order.
_SHOWN_FIELDS = ("body", "summary", "captions", "byline")
_FIELDS = ("title", *_SHOWN_FIELDS)
_MARKED = ", ".join(
    f"highlight(articles_fts, {columns[field]}, char(1), char(2))"
    for field in _FIELDS
    for columns in (FOLDED_COLUMNS, TONED_COLUMNS)
)
# Tiers whose hits are in the article itself.
_OUT_OF_FILES = (IN_TITLE, IN_ARTICLE, SCATTERED)
_HAS_FILES = """exists (select 1 from revision_attachments r
    join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null)"""
_SELECT = f"select a.id, a.sort_key, a.url, a.published_on, {_HAS_FILES}, {_MARKED}"


@dataclass(frozen=True, slots=True)
class HitFile:
    """The attachment that holds what was searched for. `doubts` are codes of why its text may be wrong.

    `page` is the page, sheet or slide with the hit, from 1; None if the file has none, or only one.
    """

    sha256: str
    url: str
    label: str | None
    is_ocr: bool
    doubts: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found. In `title` and `snippet` char(1) and char(2) enclose what was searched for.

    `place` is the field with most of the words, one of `query.SEARCH_FIELDS`, from which the snippet is cut unless it
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
    articles with all the words, whatever the filters, one more than `sql.NEAR_REACH` at most; None if not looked for.
    """

    hits: tuple[SearchHit, ...]
    next_before: int | None
    next_step: int = 0
    newest: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    text: str
    filters: Filters
    words: int  # number of words to find: with fewer in the article, the files are read; 0 if the files do not count
    query: str
    own: str = ""


# The tier of a row, and the row.
_Placed = tuple[int, tuple[Any, ...]]


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
    rows = _fetch(connection, write_source(text, filters, before=before, query=query), limit=limit + 1)
    search = _Search(text, filters, _count_words(text), query)
    hits = tuple(_read_hit(connection, search, row=tuple(row)) for row in rows[:limit])
    return SearchPage(hits, hits[-1].sort_key if len(rows) > limit else None)


def search_by_tier(
    connection: sqlite3.Connection,
    text: str,
    *,
    filters: Filters = NO_FILTERS,
    limit: int = 20,
    after: tuple[int, int] | None = None,
) -> SearchPage:
    """Search as `search_articles` does, but with fewest seams first: tier by tier, newest first within each.

    A tier is asked only when those before it did not fill the page. `after` is the step and sort_key of the last hit on
    the previous page (its `next_step` and `next_before`).
    """
    limit = min(max(limit, 1), MAX_LIMIT)
    asked = _Search(text, filters, _count_words(text), QUERY_SQL)
    first, before = after or (1, None)
    phrases = None if after else _find_phrases(connection, asked, limit=limit)
    found = phrases or []
    if len(found) > limit:
        return _make_page(found[:limit], is_last=False)
    ahead = Lookahead(connection, text, filters)
    for number, step in enumerate(build_steps(text), start=1):
        if number < first or (phrases is not None and step.tier <= IN_FILES):
            continue
        left, known = limit + 1 - len(found), None if after else [hit.sort_key for _, hit in found]
        keys = None if known is None else ahead.find_hits(number, known=known, most=left)
        if keys == []:
            continue
        search, source = _write_step(asked, number, step=step, known=known, before=before if number == first else None)
        if keys is None and known is not None:
            source = Statement(source.sql + ahead.write_bound(step.tier), source.parameters)
        # Behind the last hit that is known FTS5 would seek on.
        rows = _fetch(connection, source, limit=left if keys is None else len(keys))
        kept = rows[: limit - len(found)]
        hits = (_read_hit(connection, search, row=tuple(row)) for row in kept)
        found = [*found, *((number, replace(hit, tier=step.tier)) for hit in hits)]
        if len(rows) > len(kept):
            return replace(_make_page(found, is_last=False), newest=ahead.newest)
    return replace(_make_page(found, is_last=True), newest=ahead.newest)


def _make_page(found: Sequence[tuple[int, SearchHit]], *, is_last: bool) -> SearchPage:
    hits = tuple(hit for _, hit in found)
    return SearchPage(hits, None) if is_last else SearchPage(hits, hits[-1].sort_key, found[-1][0])


def _write_step(
    asked: _Search, number: int, *, step: Step, known: Sequence[int] | None, before: int | None
) -> tuple[_Search, Statement]:
    """Write a step of a search. `known` are the sort keys of all hits of the steps before it; None if unknown."""
    # A field that is named (file:word) stays in all tiers.
    words = 0 if step.tier in _OUT_OF_FILES and "files" not in step.own else asked.words
    if known is None:
        search = replace(asked, query=name_step(number), words=words)
        return search, write_step(asked.text, asked.filters, number=number, tier=step.tier, before=before)
    source = with_own(write_source(asked.text, asked.filters, query=OWN_SQL), step.own)
    sql = f"{source.sql} and articles_fts.rowid not in ({', '.join(map(str, known))})"
    return replace(asked, query=OWN_SQL, own=step.own, words=words), Statement(sql, source.parameters)


def _find_phrases(connection: sqlite3.Connection, asked: _Search, *, limit: int) -> list[tuple[int, SearchHit]] | None:
    """Find the first hits of the tiers of phrases, with their steps: all, or one more than fit. None if unknown.

    One pass over the index serves three tiers: FTS5 reads all places of the words, whatever column is asked for.
    """
    if asked.filters.byline:
        return None
    if not is_one_run(asked.text):
        source = write_source(asked.text, asked.filters, query=PHRASES_SQL)
        return None if has_any(connection, source) else []
    phrases = write_source(asked.text, asked.filters, query=PHRASES_SQL)
    # Without pairs in the index, a phrase in no title costs as much as one in no text.
    rows = [] if has_pairs(connection) else _fetch(connection, phrases, limit=limit + 1)
    placed: list[_Placed] = []
    if not rows or len(rows) > limit:
        title = with_own(write_source(asked.text, asked.filters, query=OWN_SQL), build_steps(asked.text)[0].own)
        placed = [(IN_TITLE, tuple(row)) for row in _fetch(connection, title, limit=limit + 1)]
    if len(placed) <= limit:
        newest = [(_find_tier(tuple(row)), tuple(row)) for row in rows or _fetch(connection, phrases, limit=limit + 1)]
        are_all = len(newest) <= limit
        placed = newest if are_all else [*placed, *(one for one in newest if one[0] == IN_ARTICLE)][: limit + 1]
        if not are_all and len(placed) <= limit:
            return None
    search = replace(asked, query=PHRASES_SQL)
    hits = [(tier, replace(_read_hit(connection, search, row=row), tier=tier)) for tier, row in placed]
    return sorted(hits, key=lambda pair: (pair[0], -pair[1].sort_key))


def _find_tier(row: Sequence[Any]) -> int:
    """Return the tier of a hit of one phrase, by the fields in which it is marked."""
    title, *others = (
        "\1" in str(folded or "") + str(toned or "") for folded, toned in zip(row[5::2], row[6::2], strict=True)
    )
    return IN_TITLE if title else IN_ARTICLE if any(others) else IN_FILES


def _fetch(connection: sqlite3.Connection, source: Statement, *, limit: int) -> list[sqlite3.Row]:
    spelled = rewrite(connection, source)
    sql = f"{_SELECT} from {spelled.sql} order by articles_fts.rowid desc limit {limit}"
    return connection.execute(sql, spelled.parameters).fetchall()


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
    """Read the hits of the tiers of phrases with these sort keys, in this order, without those that are none."""
    wanted = ", ".join(str(int(key)) for key in sort_keys)
    if has_words(text, filters):
        source = write_source(text, filters, query=PHRASES_SQL)
        few = Statement(f"{source.sql} and articles_fts.rowid in ({wanted})", source.parameters)
        search = _Search(text, filters, _count_words(text), PHRASES_SQL)
        rows = _fetch(connection, few, limit=len(sort_keys))
        hits = [_read_hit(connection, search, row=tuple(row)) for row in rows]
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
    wanted, parameters = write_match(search.text, search.filters, query=search.query)
    sql = f"select {marks} from articles_fts where articles_fts match {wanted} and rowid = :key"  # noqa: S608
    own: dict[str, str | int] = {"own": search.own} if search.own else {}
    marking = rewrite(connection, Statement(sql, {**parameters, **own, "key": sort_key}))
    row = connection.execute(marking.sql, marking.parameters).fetchone()
    return unite_marks(row[0] or "", row[1] or "") if row else MarkedText("", ())


def _find_file(connection: sqlite3.Connection, article_id: int, *, passage: Passage) -> HitFile | None:
    """Find the attachment of an article that holds a passage of the joined texts."""
    rows = connection.execute(
        """select r.attachment_sha256, r.url, r.label, x.is_ocr, x.doubts, x.page_starts,
             length(substr(x.text, 1, :most))
           from article_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
           where r.article_id = :id and x.text is not null order by r.position""",
        {"id": article_id, "most": MAX_FILE_CHARACTERS},
    ).fetchall()
    start = 0
    for sha256, url, label, is_ocr, doubts, page_starts, characters in rows:
        end = start + characters + len(FILE_SEPARATOR)
        if passage.first[0] < end:
            page = _find_page(page_starts, passage.first[0] - start)
            return HitFile(sha256, url, label, bool(is_ocr), parse_doubts(doubts), page)
        start = end
    return None


def _find_page(page_starts: str | None, place: int) -> int | None:
    starts = json.loads(page_starts or "[]")
    return bisect_right(starts, place) if len(starts) > 1 else None
