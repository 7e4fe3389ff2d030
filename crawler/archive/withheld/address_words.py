"""An index of words that finds the articles whose HTML may name an address, without reading every text.

A word is a longest run of letters, digits, `_`, `%` and `-`, since an address ends where such a run ends. Every text
that names an address has its long words. So a search by these words misses nothing, but each hit must still be compared
with the text. The tables `_address_words` and `_unsearched` come from migration m0036. Triggers note articles with a
new text. Until their words are indexed, a search finds all of these articles.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from zlib import crc32

# Fewer characters are common in Vietnamese texts, whose syllables have up to seven letters.
WORD_CHARACTERS = 8

_WORD = re.compile(rf"(?<![\w%-])[\w%-]{{{WORD_CHARACTERS},}}")
# Every address has one after its host. Most texts have none, except in tags, which begin with "</".
_AFTER_NAME = re.compile(r"/(?<=\w/)")

# The texts of the articles that wait for indexing, and their number.
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
    # No host has a blank, so no address begins before the last blank in front of the first slash.
    start = text.rfind(" ", 0, slash.start()) + 1
    # No word has a blank, and most parts between two blanks are too short for one.
    long_parts = " ".join([part for part in text[start:].split(" ") if len(part) >= WORD_CHARACTERS])
    return {crc32(word.encode("utf-8", "surrogatepass")) for word in _WORD.findall(long_parts)}


def search_new_texts(connection: sqlite3.Connection) -> None:
    """Index the words of the articles that wait, in the caller's transaction."""
    if connection.execute("select 1 from _unsearched limit 1").fetchone() is None:
        return
    for sql in _WAITING_SQL:
        connection.executemany("insert or ignore into _address_words values (?, ?)", _pairs(connection.execute(sql)))
    connection.execute("delete from _unsearched")


def find_unfound(connection: sqlite3.Connection) -> set[int]:
    """Find articles that a withholding would miss, because the index lacks a long word of their public texts."""
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
    """Delete the words of texts that were taken out, each given with its article's id.

    Add the words again that other texts of these articles have.
    """
    for article_id, text in texts:
        pairs = [(word, article_id) for word in list_words(text)]
        connection.executemany("delete from _address_words where (word, article_id) = (?, ?)", pairs)
        connection.execute("insert or ignore into _unsearched values (?)", (article_id,))
    search_new_texts(connection)


def find_articles_that_name(connection: sqlite3.Connection, spellings: Iterable[str]) -> set[int] | None:
    """Find the articles whose texts have the long words of one of these addresses.

    Args:
        connection: to the archive.
        spellings: addresses without scheme, as a text spells them.

    Returns:
        The ids, including those of all articles that wait for indexing. None if an address has no long words.
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
    """Return the long words of an address, the longest first. Its first word is left out.

    In a text the first word may be the end of a longer word.
    """
    first = re.match(r"[\w%-]*", spelling)
    rest = spelling[first.end() :] if first else spelling
    if not _AFTER_NAME.search(spelling):
        return []
    return [crc32(word.encode("utf-8", "surrogatepass")) for word in sorted(_WORD.findall(rest), key=len, reverse=True)]


def _pairs(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    for article_id, text in texts:
        for word in sorted(list_words(str(text))):
            yield word, article_id
