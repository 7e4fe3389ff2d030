"""Rewrite the FTS5 queries of a statement for the index that it asks: the same rows, found sooner.

For a prefix, FTS5 collects every position of every matching word before it returns the first row, even if few rows are
wanted. Words joined by OR it reads row by row, and stops when the page is full. So a prefix becomes the words of the
index that begin with it.
"""

import json
import re
import sqlite3
from collections.abc import Iterator

from crawler.archive.articles.search_index import FOLDED_COLUMNS, has_pairs
from crawler.language.query.expressions import build_fts_query, build_step_query, contains_prefix
from crawler.language.query.forms import is_syllable
from crawler.language.query.pairs import require_pairs
from crawler.language.query.simplify import leave_out, list_names
from crawler.search.sql import (
    BYLINE_SQL,
    NO_FILTERS,
    OWN_SQL,
    ROWS,
    Filters,
    Statement,
    write_candidates,
    write_fit,
    write_matches,
)

_QUERY = re.compile(r"fts_query\(:q(?:, (?P<step>-?[0-9]+))?\)")
# With more words than this, or a prefix that is not plain letters and digits, FTS5 searches for the prefix itself.
MOST_WORDS = 150
# This many of the newest hits are read in their order, before the others.
_READ_FIRST = 60
_PREFIX = re.compile(r'(?P<columns>\{[a-z ]+\}) : "(?P<prefix>[a-z0-9]+)" \*')
# A temporary table of the connection, made only when a search has a prefix. The archive is not changed.
_WORDS_SQL = "create virtual table if not exists temp.index_words using fts5vocab('main', 'articles_fts', 'instance')"


def rewrite(connection: sqlite3.Connection, statement: Statement) -> Statement:
    """Rewrite a statement of `sql`: prefixes become words, and a phrase asks for its pairs if the index has them.

    Use it at once and on this connection.
    """
    typed = str(statement.parameters.get("q", ""))
    is_paired = has_pairs(connection)
    if not (is_paired or OWN_SQL in statement.sql or contains_prefix(typed)):
        return statement
    parameters = dict(statement.parameters)

    def fit(query: str) -> str:
        if not is_paired:
            return _spell_prefixes_out(connection, query)
        return _spell_prefixes_out(connection, require_pairs(leave_out_unknown(connection, query)))

    def replace_call(match: re.Match[str]) -> str:
        step = match["step"]
        name = "spelled" if step is None else f"spelled_{step}".replace("-", "not_")
        parameters[name] = fit(build_fts_query(typed) if step is None else build_step_query(typed, int(step)))
        return f":{name}"

    if OWN_SQL in statement.sql:
        parameters["own"] = fit(str(parameters["own"]))
    sql = statement.sql
    if BYLINE_SQL in sql:
        parameters["by"] = fit(build_fts_query(f'byline:"{parameters["byline"]}"'))
        sql = sql.replace(BYLINE_SQL, ":by")
    return Statement(_QUERY.sub(replace_call, sql), parameters)


def read_keys(connection: sqlite3.Connection, statement: Statement) -> list[int]:
    """Read the sort keys that a statement of `sql` finds."""
    asked = rewrite(connection, statement)
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: of a thousand rows named columns are half the cost
    return [key for (key,) in cursor.execute(asked.sql, asked.parameters)]


def read_newest(connection: sqlite3.Connection, text: str, *, filters: Filters, limit: int) -> list[int]:
    """Read the newest sort keys that `write_candidates` finds, at most `limit`.

    Newest first, FTS5 reads each page of the index forward and then back. So only the first are read in that order; how
    far they reach shows about where the last one is, and those between are read forward.
    """
    if filters != NO_FILTERS or " " not in text or limit <= 2 * _READ_FIRST or contains_prefix(text):
        return read_keys(connection, write_candidates(text, filters, limit=limit))
    source = rewrite(connection, write_matches(text, filters))
    first = f"{source.sql} order by rowid desc limit {_READ_FIRST}"
    found = read_keys(connection, Statement(first, source.parameters))
    if len(found) < _READ_FIRST:
        return found
    low = found[-1] - (found[0] - found[-1]) * (limit - len(found)) * 6 // (5 * len(found))
    low = low if low >= filters.first_dated else 0
    between = {**source.parameters, "low": low, "high": found[-1]}
    sql = f"{source.sql} and rowid >= :low and rowid < :high limit {2 * limit}"
    more = read_keys(connection, Statement(sql, between))
    if len(more) == 2 * limit:
        return read_keys(connection, write_candidates(text, filters, limit=limit))
    found += more[::-1]
    if low and len(found) < limit:
        sql = f"{source.sql} and rowid < :low order by rowid desc limit {limit - len(found)}"
        found += read_keys(connection, Statement(sql, between))
    return found[:limit]


def keep_fitting(connection: sqlite3.Connection, keys: list[int], *, filters: Filters) -> list[int]:
    """Keep the sort keys of articles that pass `sql.write_fit`, in their order."""
    fit = write_fit(filters)
    if fit.sql == "1":
        return keys
    sql = f"""select k.value from json_each(:keys) k
        cross join {ROWS} on a.sort_key = k.value where {fit.sql}"""  # noqa: S608
    return read_keys(connection, Statement(sql, {"keys": json.dumps(keys), **fit.parameters}))


def leave_out_unknown(connection: sqlite3.Connection, query: str) -> str:
    """Leave out forms with a joined name that no article has, such as "datdai": FTS5 would look all their words up."""
    names = [name for name in list_names(query) if not is_syllable(name)]
    return leave_out(query, {name for name in names if not _has_word(connection, name)}) if names else query


def _has_word(connection: sqlite3.Connection, word: str) -> bool:
    sql = "select 1 from articles_fts where articles_fts match ? limit 1"
    return connection.execute(sql, (f'"{word}"',)).fetchone() is not None


def _spell_prefixes_out(connection: sqlite3.Connection, query: str) -> str:
    """Replace the prefixes of an FTS5 query of `expressions` by the words that begin with them.

    Use it at once and on this connection: it does not find words that enter the index later.
    """
    return _PREFIX.sub(lambda prefix: _spell_out(connection, prefix), query)


def _spell_out(connection: sqlite3.Connection, match: re.Match[str]) -> str:
    words: list[str] = []
    for word in _read_words(connection, match["prefix"].encode()):
        spelled = word.decode("utf-8", "ignore")
        if len(words) == MOST_WORDS or spelled.encode() != word:
            return match[0]
        words.append(f'"{spelled}"')
    return f"{match['columns']} : ({' OR '.join(words)})" if words else match[0]


def _read_words(connection: sqlite3.Connection, prefix: bytes) -> Iterator[bytes]:
    """Read the words of the folded columns that begin with a prefix, one step a word.

    They are bytes: FTS5 cuts a word at 32,768 bytes, also within a letter. A word without marks is in the toned columns
    too; its entry of the folded columns comes first.
    """
    connection.execute(_WORDS_SQL)
    sql = "select cast(term as blob), col from temp.index_words where term >= cast(? as text) limit 1"
    row = connection.execute(sql, (prefix,)).fetchone()
    while row is not None and row[0].startswith(prefix):
        if row[1] in FOLDED_COLUMNS:
            yield row[0]
        # `>= word + "\1"` gives the next word. With `> word` the table would read all positions of this word first.
        row = connection.execute(sql, (row[0] + b"\1",)).fetchone()
