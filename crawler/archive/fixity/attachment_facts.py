"""Compare what texts of attachments mention with the rows that say so."""

import sqlite3
from collections.abc import Iterator, Set
from dataclasses import replace

from crawler.archive.articles.derived import find_attachment_facts, needs_refill
from crawler.archive.row_digests.shapes import encode_key
from crawler.archive.warc.finding import Finding

_TABLE = "attachment_facts"


def check_attachment_facts(connection: sqlite3.Connection, *, named: Set[str]) -> Iterator[Finding]:
    """Say for which attachments the facts are not those of their texts. Facts of another version are passed over.

    Args:
        connection: to an archive; withheld rows are compared if it sees them.
        named: keys of attachments whose text or row differs, which is said already.
    """
    if needs_refill(connection):
        return
    odd = list(_find_odd(connection, named=named))
    strays = list(_find_strays(connection, named=named))
    # Rows that went from one attachment to another are one difference.
    moved = [
        replace(one, text=f"{one.text}; {stray.text}", former_key=stray.key)
        for one, stray in zip(odd, strays, strict=False)
    ]
    yield from [*moved, *odd[len(moved) :], *strays[len(moved) :]]


def _find_odd(connection: sqlite3.Connection, *, named: Set[str]) -> Iterator[Finding]:
    columns = "attachment_sha256, kind, offset, value, said, page"
    texts = [str(row[0]) for row in connection.execute("select attachment_sha256 from attachment_texts order by 1")]
    for sha256 in texts:
        held = connection.execute(
            f"select {columns} from attachment_facts where attachment_sha256 = ? order by offset, kind",  # noqa: S608
            (sha256,),
        )
        rows = [tuple(row)[1:] for row in held.fetchall()]
        if rows == find_attachment_facts(connection, sha256) or encode_key((sha256,)) in named:
            continue
        is_public = "select 1 from main.attachment_texts where attachment_sha256 = ?"
        if rows or connection.execute(is_public, (sha256,)).fetchone():
            said = f"{_TABLE}: the rows of attachment {sha256} are not what its text mentions"
            yield Finding("row", said, table=_TABLE, key=encode_key((sha256,)))
        # Else it was withheld before facts were found in files: its release finds them.


def _find_strays(connection: sqlite3.Connection, *, named: Set[str]) -> Iterator[Finding]:
    strays = connection.execute(
        """select distinct attachment_sha256 from attachment_facts
           where attachment_sha256 not in (select attachment_sha256 from attachment_texts) order by 1"""
    )
    for (sha256,) in strays.fetchall():
        if encode_key((sha256,)) not in named:
            said = f"{_TABLE}: rows of attachment {sha256}, which has no text"
            yield Finding("row", said, table=_TABLE, key=encode_key((sha256,)))
