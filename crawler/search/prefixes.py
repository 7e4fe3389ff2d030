"""Beginnings of words in a question to the index, put as the words of the index that begin so.

FTS5 gathers every place of every word that begins with a prefix before it gives the first row, however few rows are
wanted; words joined by OR it walks row by row, and leaves as soon as the page is full.
"""

import re
import sqlite3
from collections.abc import Iterator

from crawler.archive.articles.search_index import FOLDED_COLUMNS
from crawler.language.query import build_fts_query, contains_prefix
from crawler.search.sql import QUERY_SQL, Statement

# Beyond so many words, or where a prefix is no plain letters and digits, FTS5's own way is taken.
MOST_WORDS = 150
_PREFIX = re.compile(r'(?P<columns>\{[a-z ]+\}) : "(?P<prefix>[a-z0-9]+)" \*')
# Of one statement alone, as it is needed for a prefix only; a table of the connection, none of the archive.
_WORDS_SQL = "create virtual table if not exists temp.index_words using fts5vocab('main', 'articles_fts', 'instance')"


def spell_prefixes_out(connection: sqlite3.Connection, statement: Statement) -> Statement:
    """Return a statement of `sql` that finds the same rows sooner if what was typed holds a prefix.

    It is for this connection, now: a word that comes into the index later is not in it.
    """
    typed = str(statement.parameters.get("q", ""))
    if QUERY_SQL not in statement.sql or not contains_prefix(typed):
        return statement
    parameters = {name: value for name, value in statement.parameters.items() if name != "q"}
    spelled = _PREFIX.sub(lambda match: _spell_out(connection, match), build_fts_query(typed))
    return Statement(statement.sql.replace(QUERY_SQL, ":spelled"), {**parameters, "spelled": spelled})


def _spell_out(connection: sqlite3.Connection, match: re.Match[str]) -> str:
    words: list[str] = []
    for word in _read_words(connection, match["prefix"]):
        if len(words) == MOST_WORDS:
            return match[0]
        words.append(f'"{word}"')
    return f"{match['columns']} : ({' OR '.join(words)})" if words else match[0]


def _read_words(connection: sqlite3.Connection, prefix: str) -> Iterator[str]:
    """Read the words of the folded columns that begin with a prefix, stepping from one to the next.

    A word of the toned columns too, if it has no marks, stands in both, and in the folded one first.
    """
    connection.execute(_WORDS_SQL)
    sql = "select term, col from temp.index_words where term >= ? limit 1"
    row = connection.execute(sql, (prefix,)).fetchone()
    while row is not None and row[0].startswith(prefix):
        if row[1] in FOLDED_COLUMNS:
            yield row[0]
        # The lowest that is above it: asked for what is greater, the table would read all places of this word first.
        row = connection.execute(sql, (f"{row[0]}\1",)).fetchone()
