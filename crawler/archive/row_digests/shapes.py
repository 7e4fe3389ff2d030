"""The tables whose rows have digests in the ledger, and the digest of a row.

A digest covers the columns outside the key that have another value than their default. So a migration that adds a
column changes no digest.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import msgspec

# Tables without digests in the ledger, each with what holds them instead.
WITHOUT_DIGESTS = {
    "attachment_facts": "compared with the texts that they are of",
    "captures": "compared with the records in the WARC files",
    "history": "compared with the ledger records",
    "revision_sums": "compared with the revisions that they are of",
    "warc_files": "compared with the files and their record lists",
    "search_meta": "compared with the versions of this program",
    "losses": "compared with the digest of all its rows (`row_ledger.SEALED`)",
    "spare_files": "compared with the digest of all its rows (`row_ledger.SEALED`)",
}
# A table without a primary key: all rows with the same values here have one digest.
GROUPS = {"article_dates": ("article_id",)}

# Half of a SHA-256, in hex: it finds every accident. Who can also write the ledger is found by the record lists.
DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class DigestedTable:
    """A table whose rows have digests.

    `key` are the columns that name a row (of a grouped table: a group), `columns` the others by name, `defaults` their
    default values. `has_rowid` tells whether a row can be found by its rowid.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    defaults: tuple[object, ...]
    has_rowid: bool

    @property
    def is_grouped(self) -> bool:
        """True if several rows can have one key."""
        return self.name in GROUPS

    @property
    def is_noted_by_rowid(self) -> bool:
        """True if a changed row is noted by its rowid, otherwise by its key."""
        return self.has_rowid and not self.is_grouped

    @property
    def select(self) -> str:
        """The beginning of a query: key, then the other columns."""
        return f"select {', '.join(map(_quote, (*self.key, *self.columns)))} from {_quote(self.name)}"  # noqa: S608

    @property
    def where_key(self) -> str:
        """The condition that names one key."""
        return " and ".join(f"{_quote(name)} is ?" for name in self.key)


def _quote(name: str) -> str:
    return f'"{name}"'


def read_shapes(connection: sqlite3.Connection) -> list[DigestedTable]:
    """Read the shape of every table whose rows have digests."""
    tables = connection.execute(
        """select name, wr from pragma_table_list where schema = 'main' and type = 'table'
           and name not like 'sqlite\\_%' escape '\\' and name not like '\\_%' escape '\\'
           and name not like 'articles\\_fts%' escape '\\' order by name"""
    ).fetchall()
    return [_read_shape(connection, row[0], has_rowid=not row[1]) for row in tables if row[0] not in WITHOUT_DIGESTS]


def _read_shape(connection: sqlite3.Connection, name: str, *, has_rowid: bool) -> DigestedTable:
    info = connection.execute('select name, dflt_value, pk from pragma_table_info(?, "main")', (name,)).fetchall()
    key = GROUPS.get(name) or tuple(row[0] for row in sorted(info, key=itemgetter(2)) if row[2])
    rest = sorted((row[0], row[1]) for row in info if row[0] not in key)
    defaults = tuple(_read_default(text) for _, text in rest)
    return DigestedTable(name, key, tuple(column for column, _ in rest), defaults, has_rowid)


def _read_default(text: str | None) -> object:
    """Return the value of a default: an integer, or None for every other."""
    return int(text) if text is not None and text.lstrip("-").isdigit() else None


def encode_key(values: Sequence[object]) -> str:
    """Return a key as JSON: one value alone, several as an array."""
    return msgspec.json.encode(values[0] if len(values) == 1 else list(values)).decode("utf-8", "surrogateescape")


def digest_rows(table: DigestedTable, rows: Iterable[Sequence[object]]) -> Iterator[tuple[str, str]]:
    """Yield key and digest of rows as `DigestedTable.select` gives them. Those of a grouped table come by key."""
    width = len(table.key)
    if not table.is_grouped:
        for row in rows:
            yield encode_key(row[:width]), _digest(_encode_row(table, row[width:]))
        return
    for key, group in groupby(rows, key=lambda row: tuple(row[:width])):
        yield encode_key(key), _digest(b"\n".join(sorted(_encode_row(table, row[width:]) for row in group)))


def _encode_row(table: DigestedTable, values: Sequence[object]) -> bytes:
    said = {
        name: value
        for name, value, default in zip(table.columns, values, table.defaults, strict=True)
        if value is not None and value != default
    }
    return msgspec.json.encode(said)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]


def digest_key(connection: sqlite3.Connection, table: DigestedTable, *, key: str) -> str | None:
    """Return the digest of the row (of a grouped table: the rows) with a key; None if there is none."""
    return next((digest for _, digest in digest_rows(table, rows_of(connection, table, key=key))), None)


def rows_of(connection: sqlite3.Connection, table: DigestedTable, *, key: str) -> list[tuple[object, ...]]:
    """Return the row (of a grouped table: the rows) with a key, as `DigestedTable.select` gives them."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(f"{table.select} where {table.where_key}", read_key(key)).fetchall()


def read_key(key: str) -> list[object]:
    """Read the values of a key from its JSON."""
    values = json.loads(key)
    return values if isinstance(values, list) else [values]


def scan(connection: sqlite3.Connection, table: DigestedTable) -> Iterator[tuple[str, str]]:
    """Yield key and digest of every row of a table, as the connection sees it."""
    cursor = connection.cursor()
    cursor.row_factory = None
    order = f" order by {', '.join(map(_quote, table.key))}" if table.is_grouped else ""
    return digest_rows(table, cursor.execute(table.select + order))
