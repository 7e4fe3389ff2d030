"""Compare the facts in texts of attachments and revisions with the rows of these facts."""

import json
import sqlite3
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace

from crawler.archive.articles.derived import find_attachment_facts, find_revision_sums, needs_refill, read_wording
from crawler.archive.row_digests.shapes import encode_key
from crawler.archive.warc.finding import Finding

_TABLE, _SUMS = "attachment_facts", "revision_sums"


def check_attachment_facts(connection: sqlite3.Connection, *, named: Set[str]) -> Iterator[Finding]:
    """Report attachments whose facts differ from their texts. Skip facts of another version.

    Args:
        connection: to an archive; withheld rows are compared if the connection sees them.
        named: keys of attachments whose text or row has a finding already.
    """
    if needs_refill(connection):
        return
    yield from _join_moved(list(_find_odd(connection, named=named)), list(_find_strays(connection, named=named)))


@dataclass(frozen=True, slots=True)
class ComparedSums:
    """Findings of revisions whose sums differ from their texts, and of sums without a revision."""

    odd: tuple[Finding, ...] = ()
    strays: tuple[Finding, ...] = ()


def compare_sums(connection: sqlite3.Connection, *, named: Set[str] = frozenset()) -> ComparedSums:
    """Compare the sums of all revisions with their texts. Skip sums of another version.

    Args:
        connection: to an archive; withheld rows are compared if the connection sees them.
        named: keys of revisions, of their pictures and of their articles to skip, since they may be unreadable.
    """
    if needs_refill(connection):
        return ComparedSums()
    known = _known_of(named)
    return ComparedSums(
        tuple(_find_odd_sums(connection, known=known)), tuple(_find_stray_sums(connection, known=known))
    )


def find_sum_faults(compared: ComparedSums, *, named: Set[str]) -> list[Finding]:
    """Report revisions whose sums differ from their texts.

    Args:
        named: keys of revisions, of their pictures and of their articles that have a finding already.
    """
    known = _known_of(named)
    odd, strays = (
        [one for one in findings if not _is_known(*json.loads(one.key or "[]"), known=known)]
        for findings in (compared.odd, compared.strays)
    )
    return _join_moved(odd, strays)


def _known_of(named: Set[str]) -> Set[tuple[object, ...]]:
    keys = [json.loads(key) for key in named]
    return {tuple(key[:2]) if isinstance(key, list) else (key, None) for key in keys}


def _is_known(article_id: object, number: object, *, known: Set[tuple[object, ...]]) -> bool:
    return (article_id, number) in known or (article_id, None) in known


def _join_moved(odd: list[Finding], strays: list[Finding]) -> list[Finding]:
    """Join the findings of rows that moved from one owner to another: that is one difference."""
    moved = [
        replace(one, text=f"{one.text}; {stray.text}", former_key=stray.key)
        for one, stray in zip(odd, strays, strict=False)
    ]
    return [*moved, *odd[len(moved) :], *strays[len(moved) :]]


def _find_odd_sums(connection: sqlite3.Connection, *, known: Set[tuple[object, ...]]) -> Iterator[Finding]:
    for row in connection.execute("select article_id, number from revisions order by 1, 2").fetchall():
        article_id, number = row
        if _is_known(article_id, number, known=known):
            continue
        held = connection.execute(
            """select position, place, offset, dong, value, per, said, around from revision_sums
               where article_id = ? and number = ? order by position""",
            (article_id, number),
        )
        rows = [tuple(one) for one in held.fetchall()]
        found = find_revision_sums(read_wording(connection, article_id, number=number))
        if rows == [(position, *one) for position, one in enumerate(found)]:
            continue
        is_public = "select 1 from main.revisions where article_id = ? and number = ?"
        if rows or connection.execute(is_public, (article_id, number)).fetchone():
            said = f"{_SUMS}: the rows of revision {number} of article {article_id} are not the sums that it says"
            yield Finding("row", said, table=_SUMS, key=encode_key((article_id, number)))
        # Otherwise it was withheld before its sums were found; its release finds them.


def _find_stray_sums(connection: sqlite3.Connection, *, known: Set[tuple[object, ...]]) -> Iterator[Finding]:
    strays = connection.execute(
        """select distinct article_id, number from revision_sums s where not exists (
             select 1 from revisions r where r.article_id = s.article_id and r.number = s.number) order by 1, 2"""
    )
    for article_id, number in strays.fetchall():
        if not _is_known(article_id, number, known=known):
            said = f"{_SUMS}: rows of revision {number} of article {article_id}, which is missing"
            yield Finding("row", said, table=_SUMS, key=encode_key((article_id, number)))


def _find_odd(connection: sqlite3.Connection, *, named: Set[str]) -> Iterator[Finding]:
    columns = "attachment_sha256, kind, offset, value, said, page, dong, per, around"
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
        # Otherwise it was withheld before its facts were found; its release finds them.


def _find_strays(connection: sqlite3.Connection, *, named: Set[str]) -> Iterator[Finding]:
    strays = connection.execute(
        """select distinct attachment_sha256 from attachment_facts
           where attachment_sha256 not in (select attachment_sha256 from attachment_texts) order by 1"""
    )
    for (sha256,) in strays.fetchall():
        if encode_key((sha256,)) not in named:
            said = f"{_TABLE}: rows of attachment {sha256}, which has no text"
            yield Finding("row", said, table=_TABLE, key=encode_key((sha256,)))
