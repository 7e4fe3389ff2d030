"""The search index: an external-content FTS5 table over folded text, filled and read by our own code.

The index has `fold()` and `mark_tones()` of six fields; the last field is the texts of the current attachments. Its
content is a view with the raw text, so `highlight()` and `snippet()` return the original text. Never use FTS5's
'rebuild': it would index the raw text. There is no trigger: it would break every writer without our functions. To
delete a row from the index, give exactly the values that were indexed.

In a large archive one more column has pairs of words (`language.query.pairs`): they find nothing else, only sooner.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from crawler.language.bylines import write_authors
from crawler.language.query.pairs import PAIRS_VERSION, list_pairs
from crawler.language.text import FOLD_VERSION, FORMS, fold, fold_and_mark

# In the order of the index: `files` came later, and queries such as `highlight(articles_fts, 2, …)` use numbers.
FOLDED_COLUMNS = {"title": 0, "summary": 1, "body": 2, "captions": 3, "byline": 4, "files": 10}
TONED_COLUMNS = {"title": 5, "summary": 6, "body": 7, "captions": 8, "byline": 9, "files": 11}
_COLUMNS = (
    "title, summary, body, captions, byline, "
    "title_toned, summary_toned, body_toned, captions_toned, byline_toned, files, files_toned, pairs"
)
_VALUES = ", ".join("?" * 13)
# SQLite's own tokenizer: Datasette reads the index without our code.
TOKENIZE = "tokenize='unicode61 remove_diacritics 0'"

# Indexed characters of one file, and of all files of an article: a hundred pages, and twice that. Marking a hit in a
# longer text would make a page of hits slow (measured: 11 ms per 200,000 characters).
MAX_FILE_CHARACTERS, MAX_FILES_CHARACTERS = 200_000, 400_000
# Between two files' texts: char(10, 10) in SQL.
FILE_SEPARATOR = "\n\n"
# The texts of an article's current attachments, for a row `a` of `articles`; null if there are none.
FILES_SQL = f"""(select substr(group_concat(f.text, char(10, 10)), 1, {MAX_FILES_CHARACTERS}) from (
    select substr(x.text, 1, {MAX_FILE_CHARACTERS}) as text
    from revision_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null order by r.position) f)"""  # noqa: S608

# The index with the texts of attachments. It replaces that of `migrations/m0003_search.sql`; `migrate` then fills it.
CREATE_FILES_SEARCH_SQL = f"""
create table attachment_texts (
    attachment_sha256 text primary key references attachments(sha256), text text, method text,
    is_ocr integer not null, reason text, detail text, tool text, lacks text, pages integer, pages_read integer,
    is_cut integer not null, characters integer not null, version integer not null
);
drop table articles_fts;
drop view articles_text;
create view articles_text as
    select a.sort_key, a.title, a.summary, a.body, a.captions, a.byline, a.title as title_toned,
    a.summary as summary_toned, a.body as body_toned, a.captions as captions_toned, a.byline as byline_toned,
    {FILES_SQL} as files, {FILES_SQL} as files_toned from articles a;
create virtual table articles_fts using fts5(
    title, summary, body, captions, byline,
    title_toned, summary_toned, body_toned, captions_toned, byline_toned, files, files_toned,
    content='articles_text', content_rowid='sort_key', {TOKENIZE});
delete from search_meta;
create index articles_filters on articles(sort_key, portal, category_id, revision, removed_at);
create index articles_revised_by_date on articles(sort_key, portal, category_id, revision, removed_at)
    where revision > 1;
create index articles_gone_by_date on articles(sort_key, portal, category_id, revision, removed_at)
    where removed_at is not null;
"""  # noqa: S608

# The index with a column for pairs. It replaces the one above; `migrate` then fills it.
CREATE_PAIRS_SEARCH_SQL = f"""
drop table articles_fts;
drop view articles_text;
create view articles_text as
    select a.sort_key, a.title, a.summary, a.body, a.captions, a.byline, a.title as title_toned,
    a.summary as summary_toned, a.body as body_toned, a.captions as captions_toned, a.byline as byline_toned,
    {FILES_SQL} as files, {FILES_SQL} as files_toned, null as pairs from articles a;
create virtual table articles_fts using fts5(
    {_COLUMNS},
    content='articles_text', content_rowid='sort_key', {TOKENIZE});
delete from search_meta where key = 'fold_version';
"""  # noqa: S608

# This many pages of the index are merged at once, by `compact_on`: a tenth of a second.
_MERGED_PAGES = 500
_CHUNK_ROWS = 200
VERSION_KEY, PAIRS_KEY = "fold_version", "pairs_version"
# An archive with this many articles has pairs in its index. In a smaller one a search compares places for a few ms at
# most, and a crawl would pay for them: they are half of the work of the index (measured).
PAIRED_FROM = 20_000


@dataclass(frozen=True, slots=True)
class SearchRow:
    """The indexed texts of one article, as in `articles_text`. A newline separates captions."""

    sort_key: int
    title: str | None
    summary: str | None
    body: str | None
    captions: str | None
    byline: str | None
    files: str | None = None


# The bits of a sort key below the day.
KEY_BITS = 32
# The lowest sort key of an article with a date. Those without are below, in the order in which they were archived.
FIRST_DATED = 1 << KEY_BITS


def make_sort_key(on: date | None, article_id: int) -> int:
    """Make the key that sorts articles by date: ordinal day << 32 | id, with day 0 for an article without a date.

    >>> make_sort_key(date(1, 1, 2), 7), make_sort_key(None, 7)
    (8589934599, 7)
    """
    return (on.toordinal() << KEY_BITS if on else 0) | article_id


def register_functions(connection: sqlite3.Connection) -> None:
    """Register the SQL functions `fold`, `fts_query` (with a step or without) and `byline_persons`, for any value.

    `fold(null)` is null, `fts_query(null)` matches nothing; `byline_persons` gives JSON, like `write_authors`. Step 0
    is the query of all tiers of phrases, step 1 and up those of `build_steps`; one that a search lacks matches nothing.
    """
    connection.create_function("fold", 1, _fold_value, deterministic=True)
    connection.create_function("fts_query", 1, _query_value, deterministic=True)
    connection.create_function("fts_query", 2, _step_value, deterministic=True)
    connection.create_function("byline_persons", 1, lambda of: write_authors(_read_value(of or "")), deterministic=True)


def _fold_value(value: object) -> str | None:
    return None if value is None else fold(_read_value(value))


def _query_value(value: object) -> str:
    from crawler.language.query.expressions import MATCH_NOTHING, build_fts_query  # 10 ms: no crawl needs them

    return MATCH_NOTHING if value is None else build_fts_query(_read_value(value))


def _step_value(value: object, step: object) -> str:
    from crawler.language.query.expressions import MATCH_NOTHING, build_step_query

    return build_step_query(_read_value(value), step) if value is not None and isinstance(step, int) else MATCH_NOTHING


def _read_value(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def keep_apart(connection: sqlite3.Connection, article_ids: Iterable[int]) -> None:
    """Leave the index of these articles unchanged on this connection, until the next call replaces the list.

    While withheld rows are put back for a run's work, readers see an unchanged index.
    """
    connection.execute("create table if not exists temp.kept_apart (article_id integer primary key)")
    connection.execute("delete from temp.kept_apart")
    connection.executemany("insert into temp.kept_apart values (?)", [(article_id,) for article_id in article_ids])


def _without_kept_apart(connection: sqlite3.Connection, rows: Iterable[SearchRow]) -> Iterable[SearchRow]:
    if not connection.execute("select 1 from sqlite_temp_master where name = 'kept_apart'").fetchone():
        return rows
    apart = {row[0] for row in connection.execute("select article_id from temp.kept_apart")}
    return [row for row in rows if row.sort_key & 0xFFFFFFFF not in apart]


@contextmanager
def indexed_at_end(connection: sqlite3.Connection) -> Iterator[None]:
    """Let `index_article` wait until the end of the block, in the caller's transaction. Then index all at once.

    FTS5 collects new words in memory and writes them as one segment. But in a transaction, almost every statement on
    another table makes it write them at once (its `xSavepoint`), so that each article became a separate segment.
    A rollback in the block forgets what waits.
    """
    # Row 0 says that articles wait. The table stays: a change of the schema makes SQLite prepare all statements again.
    connection.execute("create temporary table if not exists index_later (article_id integer primary key)")
    connection.execute("insert into temp.index_later values (0)")
    yield
    if not connection.in_transaction:
        return
    found = connection.execute("select article_id from temp.index_later where article_id > 0 order by article_id")
    waiting = [row[0] for row in found]
    for start in range(0, len(waiting), _CHUNK_ROWS):
        chunk = waiting[start : start + _CHUNK_ROWS]
        index_articles(connection, [read_search_row(connection, article_id) for article_id in chunk])
    connection.execute("delete from temp.index_later")


def is_waiting(connection: sqlite3.Connection, article_id: int) -> bool:
    """Return whether an article is out of the index until the end of the block of `indexed_at_end`."""
    try:
        row = connection.execute("select 1 from temp.index_later where article_id = ?", (article_id,)).fetchone()
    except sqlite3.OperationalError:
        return False  # the connection never was in such a block
    return row is not None


def index_article(connection: sqlite3.Connection, article_id: int, *, indexed: SearchRow | None) -> None:
    """Index an article with its texts of now. `indexed` are those in the index, None if it is not there yet."""
    is_late = is_waiting(connection, 0)
    if indexed is not None and not is_waiting(connection, article_id):
        unindex_articles(connection, [indexed])
    if is_late:
        connection.execute("insert or ignore into temp.index_later values (?)", (article_id,))
    else:
        index_articles(connection, [read_search_row(connection, article_id)])


def unindex_article(connection: sqlite3.Connection, article_id: int) -> None:
    """Delete an article from the index before its row is deleted."""
    if is_waiting(connection, article_id):
        connection.execute("delete from temp.index_later where article_id = ?", (article_id,))
    else:
        unindex_articles(connection, [read_search_row(connection, article_id)])


def index_articles(connection: sqlite3.Connection, rows: Iterable[SearchRow]) -> None:
    """Add articles to the index, in the caller's transaction. Delete an indexed article from it first."""
    make_values = _choose_values(connection)
    connection.executemany(
        f"insert into articles_fts (rowid, {_COLUMNS}) values (?, {_VALUES})",  # noqa: S608
        map(make_values, _without_kept_apart(connection, rows)),
    )


def unindex_articles(connection: sqlite3.Connection, rows: Iterable[SearchRow]) -> None:
    """Delete articles from the index, in the caller's transaction.

    The rows must equal the indexed ones, letter for letter. Otherwise words stay in the index that find nothing.
    """
    make_values = _choose_values(connection)
    connection.executemany(
        f"insert into articles_fts (articles_fts, rowid, {_COLUMNS}) values ('delete', ?, {_VALUES})",  # noqa: S608
        map(make_values, _without_kept_apart(connection, rows)),
    )


def read_indexed(connection: sqlite3.Connection) -> Iterator[tuple[int | str, ...]]:
    """Yield what an up-to-date index holds of each article: its rowid, then the columns."""
    make_values = _choose_values(connection)
    for chunk in _read_chunks(connection):
        yield from map(make_values, chunk)


def create_twin(connection: sqlite3.Connection, name: str) -> None:
    """Create an empty index of the same form that keeps no texts."""
    connection.execute(f"create virtual table {name} using fts5({_COLUMNS}, content='', {TOKENIZE})")


def fill_twin(connection: sqlite3.Connection, name: str, *, rows: Iterable[tuple[int | str, ...]]) -> None:
    """Add rows of `read_indexed` to a twin."""
    connection.executemany(f"insert into {name} (rowid, {_COLUMNS}) values (?, {_VALUES})", rows)  # noqa: S608


def open_twin_of_texts(texts: Mapping[str, str]) -> sqlite3.Connection:
    """Open an index in memory, of the same form, that holds some texts as one article; `texts` are by field.

    `highlight()` over it marks in them what a query finds, as over the archive's own index.
    """
    return open_twin([SearchRow(1, *(texts.get(field) for field in FOLDED_COLUMNS))])


def open_twin(rows: Iterable[SearchRow], *, forms: Sequence[str] = FORMS) -> sqlite3.Connection:
    """Open an index in memory that holds some articles, in these forms of their texts, without pairs of words."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"create table texts (sort_key integer primary key, {_COLUMNS})")
    content = "content='texts', content_rowid='sort_key'"
    connection.execute(f"create virtual table articles_fts using fts5({_COLUMNS}, {content}, {TOKENIZE})")
    given = [(row, (row.title, row.summary, row.body, row.captions, row.byline)) for row in rows]
    connection.executemany(
        f"insert into texts values (?, {_VALUES})",  # noqa: S608 - marks are ?
        [(row.sort_key, *texts, *texts, row.files, row.files, None) for row, texts in given],
    )
    # After all the texts: between two articles each statement on another table would begin a segment of the index.
    connection.executemany(
        f"insert into articles_fts (rowid, {_COLUMNS}) values (?, {_VALUES})",  # noqa: S608
        [_index_values(row, forms) for row, _ in given],
    )
    return connection


def _index_values(row: SearchRow, forms: Sequence[str] = FORMS) -> tuple[int | str, ...]:
    texts = (row.title, row.summary, row.body, row.captions, row.byline, row.files)
    made = [fold_and_mark(text, forms) if text else ("", "") for text in texts]
    return row.sort_key, *[folded for folded, _ in made[:-1]], *[toned for _, toned in made[:-1]], *made[-1], ""


def _index_values_with_pairs(row: SearchRow) -> tuple[int | str, ...]:
    key, *forms, _ = _index_values(row)
    title, *others = (str(forms[place]) for place in FOLDED_COLUMNS.values())
    return key, *forms, list_pairs(title, others)


def _choose_values(connection: sqlite3.Connection) -> Callable[[SearchRow], tuple[int | str, ...]]:
    return _index_values_with_pairs if has_pairs(connection) else _index_values


def compact_index(connection: sqlite3.Connection) -> None:
    """Merge the index into one piece without the words of deleted rows, in the caller's transaction."""
    connection.execute("insert into articles_fts (articles_fts) values ('optimize')")


def begin_compacting(connection: sqlite3.Connection) -> None:
    """Begin what `compact_index` does, to go on by `compact_on` in many transactions. In the caller's transaction."""
    connection.execute("insert into articles_fts (articles_fts, rank) values ('merge', ?)", (-_MERGED_PAGES,))


def compact_on(connection: sqlite3.Connection) -> bool:
    """Merge some pages of the index, in the caller's transaction. False if there is nothing more to merge."""
    before = connection.total_changes
    connection.execute("insert into articles_fts (articles_fts, rank) values ('merge', ?)", (_MERGED_PAGES,))
    return connection.total_changes - before >= 2  # FTS5: one change is the command itself


def reindex_all(connection: sqlite3.Connection) -> int:
    """Empty the index and fill it from `articles`, in the caller's transaction. Return the number of articles."""
    connection.execute("insert into articles_fts (articles_fts) values ('delete-all')")
    connection.execute("delete from search_meta where key = ?", (PAIRS_KEY,))
    if _is_large(connection):
        begin_with_pairs(connection)
    count = 0
    for chunk in _read_chunks(connection):
        index_articles(connection, chunk)
        count += len(chunk)
    compact_index(connection)
    connection.execute("insert or replace into search_meta values (?, ?)", (VERSION_KEY, str(FOLD_VERSION)))
    return count


def begin_with_pairs(connection: sqlite3.Connection) -> None:
    """Let an empty index have pairs of words from its first article on, in the caller's transaction."""
    connection.execute("insert into search_meta values (?, ?)", (PAIRS_KEY, str(PAIRS_VERSION)))


def _read_chunks(connection: sqlite3.Connection) -> Iterator[list[SearchRow]]:
    sql = f"""select a.sort_key, a.title, a.summary, a.body, a.captions, a.byline, {FILES_SQL} from articles a
        where a.sort_key > ? order by a.sort_key limit {_CHUNK_ROWS}"""  # noqa: S608
    last = -(2**63)
    while chunk := [SearchRow(*row) for row in connection.execute(sql, (last,))]:
        yield chunk
        last = chunk[-1].sort_key


def read_index_version(connection: sqlite3.Connection) -> int | None:
    """Return the FOLD_VERSION of the index. None before the first `reindex_all`, and if it is not a number."""
    return _read_version(connection, VERSION_KEY)


def _read_version(connection: sqlite3.Connection, key: str) -> int | None:
    row = connection.execute("select value from search_meta where key = ?", (key,)).fetchone()
    return int(row[0]) if row and re.fullmatch("[0-9]{1,9}", str(row[0])) else None


def has_pairs(connection: sqlite3.Connection) -> bool:
    """Return whether the index has the pairs of words of this version."""
    return _read_version(connection, PAIRS_KEY) == PAIRS_VERSION


def _is_large(connection: sqlite3.Connection) -> bool:
    """Return whether the archive has PAIRED_FROM articles. An id tells only that it may: those of a copy are high."""
    is_id_high = connection.execute("select 1 from articles where id >= ? limit 1", (PAIRED_FROM,)).fetchone()
    in_index = "select 1 from articles where sort_key > 0 limit 1 offset ?"
    return is_id_high is not None and connection.execute(in_index, (PAIRED_FROM - 1,)).fetchone() is not None


def needs_reindex(connection: sqlite3.Connection) -> bool:
    """True if another version of the folding filled the index, so that it must be filled again.

    True for a new database too: call `reindex_all` before its first article.
    """
    return read_index_version(connection) != FOLD_VERSION


def lacks_pairs(connection: sqlite3.Connection) -> bool:
    """True if the index must be filled again with pairs: the archive is large now, or has those of another version."""
    held = _read_version(connection, PAIRS_KEY)
    return _is_large(connection) if held is None else held != PAIRS_VERSION


def read_search_row(connection: sqlite3.Connection, article_id: int) -> SearchRow:
    """Read the texts of an article that an up-to-date index has."""
    row = connection.execute(
        f"""select a.sort_key, a.title, a.summary, a.body, a.captions, a.byline, {FILES_SQL}
            from articles a where a.id = ?""",  # noqa: S608
        (article_id,),
    ).fetchone()
    return SearchRow(*row)


def read_search_rows(connection: sqlite3.Connection, sort_keys: Sequence[int]) -> list[SearchRow]:
    """Read the same of articles by their sort keys, in any order."""
    rows = connection.execute(
        f"""select a.sort_key, a.title, a.summary, a.body, a.captions, a.byline, {FILES_SQL}
            from json_each(?) k cross join articles a on a.sort_key = k.value""",  # noqa: S608
        (json.dumps(sort_keys),),
    ).fetchall()
    return [SearchRow(*row) for row in rows]
