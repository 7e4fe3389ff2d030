"""Which articles may name an address in their HTML: an index of words, so that nobody reads every text for it.

A word is a longest run of letters, digits, `_`, `%` and `-`, as an address ends where such a run ends. Whatever text
names an address has its long words. So a search by them misses nothing; what it finds is still to be compared with the
text. The tables `_address_words` and `_unsearched` come from migration m0036. Triggers note which articles have a new
text; the words of those that still wait are not known, so that a search finds them all.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from zlib import crc32

# Fewer characters are common in Vietnamese texts, whose syllables have up to seven letters.
WORD_CHARACTERS = 8

_WORD = re.compile(rf"(?<![\w%-])[\w%-]{{{WORD_CHARACTERS},}}")
# Every address has one: the end of its host. Most texts have none, as tags begin with "</".
_AFTER_NAME = re.compile(r"/(?<=\w/)")

# The texts of the articles that wait, and their number.
_WAITING_SQL = (
    "select u.article_id, a.body_html from _unsearched u cross join articles a on a.id = u.article_id",
    """select u.article_id, r.body_html from _unsearched u cross join revision_rows r on r.article_id = u.article_id
       where r.body_html is not null""",
)


def list_words(text: str) -> set[int]:
    """Return the numbers of the long words of a text; empty for a text that names no address."""
    slash = _AFTER_NAME.search(text)
    if slash is None:
        return set()
    # No host has a blank, so no address begins before the last one in front of the first slash.
    start = text.rfind(" ", 0, slash.start()) + 1
    return {crc32(word.encode("utf-8", "surrogatepass")) for word in _WORD.findall(text, start)}


def search_new_texts(connection: sqlite3.Connection) -> None:
    """Add the words of the articles that wait, in the caller's transaction."""
    if connection.execute("select 1 from _unsearched limit 1").fetchone() is None:
        return
    for sql in _WAITING_SQL:
        connection.executemany("insert or ignore into _address_words values (?, ?)", _pairs(connection.execute(sql)))
    connection.execute("delete from _unsearched")


def find_unfound(connection: sqlite3.Connection) -> set[int]:
    """Find the articles that a withholding would pass over: a long word of their public texts is not in the index."""
    texts = (
        "select id, body_html from main.articles",
        "select article_id, body_html from main.revision_rows where body_html is not null",
    )
    known = "select 1 from _address_words where (word, article_id) = (?, ?)"
    waiting = {row[0] for row in connection.execute("select article_id from _unsearched")}
    pairs = (pair for sql in texts for pair in _pairs(connection.execute(sql)) if pair[1] not in waiting)
    return {
        article_id for word, article_id in pairs if connection.execute(known, (word, article_id)).fetchone() is None
    }


def forget_words(connection: sqlite3.Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Delete the words of texts that were taken out, each with its article's id.

    What is left of them in other texts of these articles is added again.
    """
    for article_id, text in texts:
        pairs = [(word, article_id) for word in list_words(text)]
        connection.executemany("delete from _address_words where (word, article_id) = (?, ?)", pairs)
        connection.execute("insert or ignore into _unsearched values (?)", (article_id,))
    search_new_texts(connection)


def find_articles_that_name(connection: sqlite3.Connection, spellings: Iterable[str]) -> set[int] | None:
    """Find the articles whose texts have the long words of one of these addresses; None if an address has none.

    Args:
        connection: to the archive.
        spellings: addresses without scheme, as a text spells them.
    """
    found = {row[0] for row in connection.execute("select article_id from _unsearched")}
    for spelling in spellings:
        words = _words_after_host(spelling)
        if not words:
            return None
        rows = connection.execute(
            """select w.article_id from _address_words w where w.word = ?1 and not exists (
                 select 1 from json_each(?2) o where not exists (
                   select 1 from _address_words x where x.word = o.value and x.article_id = w.article_id))""",
            (words[0], json.dumps(words[1:])),
        )
        found |= {row[0] for row in rows}
    return found


def _words_after_host(spelling: str) -> list[int]:
    """Return the long words of an address, the longest first. A text may have its first word as the end of a longer."""
    first = re.match(r"[\w%-]*", spelling)
    rest = spelling[first.end() :] if first else spelling
    if not _AFTER_NAME.search(spelling):
        return []
    return [crc32(word.encode("utf-8", "surrogatepass")) for word in sorted(_WORD.findall(rest), key=len, reverse=True)]


def _pairs(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    for article_id, text in texts:
        for word in sorted(list_words(str(text))):
            yield word, article_id
