"""Check that a rebuild, or the start of a run, can have written the rows of `losses` and `spare_files`."""

import re
import sqlite3
from collections.abc import Iterator, Sequence

from crawler.archive.row_digests.row_ledger import find_unsealed, lacks_migrations
from crawler.archive.row_digests.shapes import encode_key
from crawler.archive.warc.finding import Finding
from crawler.archive.warc.shelf.losses import KINDS, LISTED

_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_losses(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Report rows that no rebuild and no start can have written, and other tables whose rows differ from their seal."""
    odd = list(_find_odd(connection))
    yield from odd
    named = {one.table for one in odd}
    for table in find_unsealed(connection):
        if table not in named:
            said = f"{table}: its rows are not those that _row_ledger names"
            yield Finding("row", said, table=table)
    if lacks_migrations(connection):
        yield Finding("row", "_row_ledger: row key _sqlite_migrations is missing", table="_row_ledger")


def _find_odd(connection: sqlite3.Connection) -> Iterator[Finding]:
    for row in connection.execute("select id, kind, warc_file, warc_offset, what from losses order by id").fetchall():
        if not _can_be_loss(tuple(row)):
            yield _name_row("losses", f"id {row[0]}", key=row[0])
    sql = "select name, size_bytes, sha256, held_in from spare_files order by name"
    for row in connection.execute(sql).fetchall():
        if not _can_be_spare(tuple(row)):
            yield _name_row("spare_files", f"name {row[0]}", key=row[0])


def _can_be_loss(row: Sequence[object]) -> bool:
    _, kind, warc_file, offset, what = row
    is_place = _is_name(warc_file) and _is_size(offset)
    is_whole = offset is None and (warc_file is None or _is_name(warc_file))
    is_listed = kind != LISTED or warc_file is not None
    return kind in KINDS and _is_name(what) and (is_place or is_whole) and is_listed


def _can_be_spare(row: Sequence[object]) -> bool:
    name, size_bytes, sha256, held_in = row
    is_digest = isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None
    return _is_name(name) and _is_size(size_bytes) and is_digest and _is_name(held_in) and held_in != name


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_size(value: object) -> bool:
    return isinstance(value, int) and value >= 0


def _name_row(table: str, row: str, *, key: object) -> Finding:
    said = f"{table}: row {row} was not written by this program"
    return Finding("row", said, table=table, key=encode_key((key,)))
