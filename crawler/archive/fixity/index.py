"""Compare the search index with one that is made anew from the rows that are public."""

import re
import sqlite3
from collections.abc import Iterator, Set
from contextlib import closing
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from crawler.archive.articles import derived, search_index
from crawler.archive.database import open_for_reading
from crawler.archive.warc.finding import Finding
from crawler.language.facts import FACTS_VERSION
from crawler.language.text import FOLD_VERSION

_TWIN = "articles_twin"
_MOST_TERMS = 500  # words whose articles are looked up; one alteration changes fewer, or all
_NAMED_ARTICLES = 5


def check_index(archive: Path, *, named: Set[int]) -> Iterator[Finding]:
    """Say, in one finding, for which articles the index is not what their rows give.

    Args:
        named: articles whose rows differ, which is said already.
    """
    with closing(open_for_reading(archive)) as connection, closing(sqlite3.connect("", isolation_level=None)) as twin:
        yield from _check_versions(connection)
        if search_index.needs_reindex(connection):
            return  # another version of the folding filled it; the next run fills it anew
        try:
            found = _find_odd(connection, twin)
        except sqlite3.DatabaseError as error:
            if named and isinstance(error, sqlite3.IntegrityError):
                return  # text in the place of a number, in one of those rows
            yield Finding("index", f"articles_fts: the search index cannot be read: {error}", table="articles_fts")
            return
    odd = sorted({key & 0xFFFFFFFF for key in found} - named)
    if odd:
        more = f" and {len(odd) - _NAMED_ARTICLES} more" if len(odd) > _NAMED_ARTICLES else ""
        ids = ", ".join(map(str, odd[:_NAMED_ARTICLES]))
        said = f"articles_fts: the search index does not hold the words of article{'s' * (len(odd) > 1)} {ids}{more}"
        yield Finding("index", said, table="articles_fts", key=str(odd[0]))


def _check_versions(connection: sqlite3.Connection) -> Iterator[Finding]:
    known = {search_index.VERSION_KEY: FOLD_VERSION, derived.VERSION_KEY: FACTS_VERSION}
    held = dict(connection.execute("select key, value from search_meta").fetchall())
    odd = [key for key in sorted(known.keys() | held.keys(), key=str) if not _is_version(held.get(key), known.get(key))]
    if odd:
        said = f"search_meta: {', '.join(f'row key {key}' for key in odd)}: not as written"
        yield Finding("row", said, table="search_meta", key=str(odd[0]))


def _is_version(value: object, newest: int | None) -> bool:
    """True for this version or an older one, which is no fault: the next run brings it up to date."""
    is_number = re.fullmatch("[0-9]{1,9}", str(value)) is not None
    return newest is not None and is_number and 1 <= int(str(value)) <= newest


def _find_odd(connection: sqlite3.Connection, twin: sqlite3.Connection) -> set[int]:
    """Return the rowids of the index whose words differ."""
    search_index.create_twin(twin, _TWIN)
    twin.execute("begin")
    search_index.fill_twin(twin, _TWIN, rows=search_index.read_indexed(connection))
    sizes = "select id, sz from {}_docsize order by id"
    own = (tuple(row) for row in connection.execute(sizes.format("articles_fts")))
    odd = {int(str(row[0])) for row in _differing(own, twin.execute(sizes.format(_TWIN)))}
    for side, schema, name in ((connection, "main", "articles_fts"), (twin, "main", _TWIN)):
        side.execute(f"create virtual table temp.terms using fts5vocab({schema}, {name}, col)")
        side.execute(f"create virtual table temp.places using fts5vocab({schema}, {name}, instance)")
    terms = "select term, col, doc, cnt from temp.terms order by term, col"
    counts = (tuple(row) for row in connection.execute(terms))
    differing = _differing(counts, twin.execute(terms))
    for term in dict.fromkeys(str(row[0]) for row in islice(differing, _MOST_TERMS)):
        places = "select doc, col, offset from temp.places where term = ?"
        here = {tuple(row) for row in connection.execute(places, (term,))}
        odd |= {int(row[0]) for row in here ^ set(twin.execute(places, (term,)))}
    return odd | _not_found(connection)


def _not_found(connection: sqlite3.Connection) -> set[int]:
    """Return articles that a search does not find by words that the index has; a sample of the words is tried."""
    words = "select term, doc from temp.words order by term"
    connection.execute("create virtual table temp.words using fts5vocab(main, articles_fts, row)")
    (count,) = connection.execute("select count(*) from temp.words").fetchone()
    step, odd = count // _MOST_TERMS + 1, set()
    for term, articles in islice(connection.execute(words), 0, None, step):
        query = '"' + term.replace('"', '""') + '"'
        matched = connection.execute("select count(*) from articles_fts where articles_fts match ?", (query,))
        if matched.fetchone()[0] != articles:
            odd |= {row[0] for row in connection.execute("select doc from temp.places where term = ?", (term,))}
    return odd


def _differing(one: Iterator[tuple[object, ...]], other: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Yield the rows that only one of two queries gives; both come in the order of their first two columns."""
    for row, same in groupby(merge(one, other, key=itemgetter(0, 1))):
        if len(list(same)) == 1:
            yield row
