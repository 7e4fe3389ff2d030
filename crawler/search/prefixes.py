"""Expand a prefix in a search into the words of the index that begin with it.

For a prefix, FTS5 collects every position of every matching word before it returns the first row, even if few rows are
wanted. Words joined by OR it reads row by row, and stops when the page is full.
"""

import re
import sqlite3
from collections.abc import Iterator

from crawler.archive.articles.search_index import FOLDED_COLUMNS

# With more words than this, or a prefix that is not plain letters and digits, FTS5 searches for the prefix itself.
MOST_WORDS = 150
_PREFIX = re.compile(r'(?P<columns>\{[a-z ]+\}) : "(?P<prefix>[a-z0-9]+)" \*')
# A temporary table of the connection, made only when a search has a prefix. The archive is not changed.
_WORDS_SQL = "create virtual table if not exists temp.index_words using fts5vocab('main', 'articles_fts', 'instance')"


def spell_prefixes_out(connection: sqlite3.Connection, query: str) -> str:
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
