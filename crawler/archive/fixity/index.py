"""Compare the search index with a new one, made from the public rows."""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from crawler.archive.articles import derived, search_index
from crawler.archive.database import open_for_reading
from crawler.archive.fixity.findings import decode_any
from crawler.archive.warc.finding import Finding
from crawler.language.facts import FACTS_VERSION
from crawler.language.query.pairs import PAIRS_VERSION
from crawler.language.text import FOLD_VERSION

_TWIN = "articles_twin"
_MOST_TERMS = 500  # the number of words whose articles are looked up; one alteration changes fewer words, or all
_NAMED_ARTICLES = 5
# Of the table `articles_fts_data` (https://sqlite.org/fts5.html, "FTS5 Data Structures"): the rows of the averages and
# of the list of segments, the bits of a page's number in the id of its row, and where those of the segment begin.
_AVERAGES, _STRUCTURE = 1, 10
_PAGE_BITS, _SEGMENT_SHIFT, _OWN_INDEX_SHIFT = 31, 37, 36
_MOST_PAGES = 1 << _PAGE_BITS
_COOKIE_BYTES = 4
_FORM_2 = b"\xff\x00\x00\x01"  # after the cookie, in a structure of a newer form


@dataclass(frozen=True, slots=True)
class ComparedIndex:
    """The result of a comparison. `odd` are rowids whose words differ, `strays` altered rows that no search reads.

    `error` is the message of SQLite that ended the comparison. `is_of_row`: a value of a row caused it.
    """

    versions: tuple[Finding, ...] = ()
    odd: frozenset[int] = frozenset()
    strays: tuple[str, ...] = ()
    error: str | None = None
    is_of_row: bool = False


def compare_index(archive: Path) -> ComparedIndex:
    """Compare the search index of an archive with a new one, made from the public rows."""
    with closing(open_for_reading(archive)) as connection, closing(sqlite3.connect("", isolation_level=None)) as twin:
        connection.text_factory = decode_any
        versions = tuple(_check_versions(connection))
        if search_index.needs_reindex(connection):
            return ComparedIndex(versions)  # another version of the folding filled it; the next run fills it again
        try:
            odd = frozenset(_find_odd(connection, twin))
            return ComparedIndex(versions, odd, tuple(_find_strays(connection, twin)))
        except sqlite3.DatabaseError as error:
            # A row has text instead of a number.
            return ComparedIndex(versions, error=str(error), is_of_row=isinstance(error, sqlite3.IntegrityError))


def find_index_faults(compared: ComparedIndex, *, named: Set[int]) -> Iterator[Finding]:
    """Report in one finding the articles whose index entries differ from their rows.

    Args:
        named: articles whose rows have a finding already.
    """
    yield from compared.versions
    if compared.error is not None:
        if not named or not compared.is_of_row:
            said = f"articles_fts: the search index cannot be read: {compared.error}"
            yield Finding("index", said, table="articles_fts")
        return
    if compared.strays and not compared.odd:
        said = f"articles_fts: rows that this program did not write so: {', '.join(compared.strays)}"
        yield Finding("index", said, table="articles_fts", key=compared.strays[0])
    odd = sorted({key & 0xFFFFFFFF for key in compared.odd} - named)
    if odd:
        more = f" and {len(odd) - _NAMED_ARTICLES} more" if len(odd) > _NAMED_ARTICLES else ""
        ids = ", ".join(map(str, odd[:_NAMED_ARTICLES]))
        said = f"articles_fts: the search index does not hold the words of article{'s' * (len(odd) > 1)} {ids}{more}"
        yield Finding("index", said, table="articles_fts", key=str(odd[0]))


def _check_versions(connection: sqlite3.Connection) -> Iterator[Finding]:
    known = {search_index.VERSION_KEY: FOLD_VERSION, derived.VERSION_KEY: FACTS_VERSION}
    held = dict(connection.execute("select key, value from search_meta").fetchall())
    if search_index.PAIRS_KEY in held:  # a large archive
        known[search_index.PAIRS_KEY] = PAIRS_VERSION
    odd = [key for key in sorted(known.keys() | held.keys(), key=str) if not _is_version(held.get(key), known.get(key))]
    if odd:
        said = f"search_meta: {', '.join(f'row key {key}' for key in odd)}: not as written"
        yield Finding("row", said, table="search_meta", key=str(odd[0]))


def _is_version(value: object, newest: int | None) -> bool:
    """Return whether a value is this version or an older one. An older one is not a fault: the next run updates it."""
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
    # As bytes: FTS5 cuts a word at 32,768 bytes, also within a letter.
    terms = "select cast(term as blob), col, doc, cnt from temp.terms order by term, col"
    counts = (tuple(row) for row in connection.execute(terms))
    differing = _differing(counts, twin.execute(terms))
    for term in dict.fromkeys(row[0] for row in islice(differing, _MOST_TERMS)):
        places = "select doc, col, offset from temp.places where term = cast(? as text)"
        here = {tuple(row) for row in connection.execute(places, (term,))}
        odd |= {int(row[0]) for row in here ^ set(twin.execute(places, (term,)))}
    return odd | _not_found(connection)


def _not_found(connection: sqlite3.Connection) -> set[int]:
    """Return articles that a search by words of the index does not find."""
    connection.execute("create virtual table temp.words using fts5vocab(main, articles_fts, row)")
    odd: set[int] = set()
    for stored, articles in connection.execute("select cast(term as blob), doc from temp.words order by term"):
        term = stored.decode("utf-8", "ignore")
        if len(stored) > len(term.encode()):
            continue  # cut within a letter, so it cannot be typed
        query = '"' + term.replace('"', '""') + '"'
        matched = connection.execute("select count(*) from articles_fts where articles_fts match ?", (query,))
        if matched.fetchone()[0] != articles:
            odd |= {row[0] for row in connection.execute("select doc from temp.places where term = ?", (term,))}
    return odd


def _find_strays(connection: sqlite3.Connection, twin: sqlite3.Connection) -> list[str]:
    """Name altered rows in the index's own tables that no search reads, or that affect only the ranking."""
    read = "select k, v from {}_config order by k"
    own, made = ({tuple(row) for row in one.execute(read.format(name))} for one, name in _both(connection, twin))
    found = [f"articles_fts_config k {key}" for key, _ in sorted(own ^ made, key=str)]
    read = "select block from {}_data where id = ?"
    # Its content may differ: FTS5 keeps the sums of an index that was emptied in part.
    if connection.execute(read.format("articles_fts"), (_AVERAGES,)).fetchone() is None:
        found.append(f"articles_fts_data id {_AVERAGES}")
    (structure,) = connection.execute(read.format("articles_fts"), (_STRUCTURE,)).fetchone()
    last = read_last_pages(structure)
    if last is None:
        return found
    ids = {row[0] for row in connection.execute("select id from articles_fts_data where id > ?", (_STRUCTURE,))}
    found += [
        f"articles_fts_data id {row_id}"
        for row_id in sorted(ids)
        if row_id % (1 << _PAGE_BITS) > (last.get(row_id >> _SEGMENT_SHIFT, -1) or _MOST_PAGES)
    ]
    rows = connection.execute("select segid, term, pgno from articles_fts_idx order by segid, term")
    return found + list(_find_odd_pages([tuple(row) for row in rows], last=last, ids=ids))


def _find_odd_pages(rows: list[tuple[Any, ...]], *, last: Mapping[int, int], ids: Set[int]) -> Iterator[str]:
    """Name rows of `articles_fts_idx` that name no page. The table has one row for each page's first word, in order.

    The lowest bit of the number says whether the page has its own index in `articles_fts_data`.
    """
    before = (0, 0)
    for segment, term, number in rows:
        if last.get(segment) == 0:
            continue  # a merge has copied all of the segment, and has not dropped it yet
        is_typed = isinstance(term, bytes) and isinstance(number, int)
        here = (segment, number >> 1) if is_typed else before
        own = (segment << _SEGMENT_SHIFT) + (1 << _OWN_INDEX_SHIFT) + here[1] if is_typed else None
        is_page = before < here and 1 <= here[1] <= last.get(segment, 0)
        if not is_page or (number & 1 == 1) != (own in ids):
            yield f"articles_fts_idx segid {segment}, term {term!r}"
        before = max(before, here)


def _both(connection: sqlite3.Connection, twin: sqlite3.Connection) -> tuple[tuple[sqlite3.Connection, str], ...]:
    return (connection, "articles_fts"), (twin, _TWIN)


def read_last_pages(structure: bytes) -> dict[int, int] | None:
    """Return the last page of each segment from the list of segments; None if the list has a newer form.

    The last page is 0 if a merge has copied the whole segment, and has not dropped it yet.
    """
    if structure[_COOKIE_BYTES:].startswith(_FORM_2):
        return None
    numbers = _read_varints(structure[_COOKIE_BYTES:])
    levels, _, _ = (next(numbers) for _ in range(3))
    found = {}
    for _ in range(levels):
        _, segments = next(numbers), next(numbers)
        for _ in range(segments):
            segment, _, last = (next(numbers) for _ in range(3))
            found[segment] = last
    return found


def _read_varints(data: bytes) -> Iterator[int]:
    """Yield numbers with seven bits in each byte, the highest first. The last byte of a number has no eighth bit."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            yield number
            number = 0


def _differing(one: Iterator[tuple[object, ...]], other: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Yield the rows that only one of two queries gives. Both must be ordered by their first two columns."""
    for row, same in groupby(merge(one, other, key=itemgetter(0, 1))):
        if len(list(same)) == 1:
            yield row
