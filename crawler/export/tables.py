"""The sources of an export: tables, views and results of queries, with the kind of each column."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.export.data_dictionary import TableWords

Kind = Literal["integer", "number", "string", "date", "datetime"]
Row = tuple[object, ...]

# Views that only the search index uses.
_NOT_EXPORTED = {"articles_text"}
_KINDS: Mapping[str, Kind] = {"INTEGER": "integer", "REAL": "number", "TEXT": "string"}
_DAYS = {"night", "earliest", "latest"}
# Its values have the portal's UTC offset, which a column of UTC instants would lose.
_NO_INSTANTS = {"published_at"}
# A batch ends at this number of rows or of characters.
_BATCH_ROWS, _BATCH_CHARACTERS = 50_000, 16_000_000
_FETCHED_ROWS = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its kind and description; a `date` is YYYY-MM-DD, a `datetime` is in UTC."""

    name: str
    kind: Kind
    description: str


@dataclass(frozen=True, slots=True)
class TableSource:
    """The source of one file: a statement with its parameters, and its columns in order."""

    name: str
    description: str
    sql: str
    parameters: Mapping[str, object]
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]


def list_sources(connection: sqlite3.Connection, words: Mapping[str, TableWords]) -> list[TableSource]:
    """Return every public table and view, tables first, without columns of bytes (thumbnails)."""
    rows = connection.execute(
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite~_%' escape '~' "
        "order by type, name"
    )
    public = [name for (name,) in map(tuple, rows) if not _is_internal(name, words)]
    return [_make_source(connection, name, words=words.get(name)) for name in public]


def query_source(
    connection: sqlite3.Connection, name: str, *, sql: str, parameters: Mapping[str, object]
) -> TableSource:
    """Make a source from a query. The values of a column decide its kind.

    Raises:
        sqlite3.Error: if the statement is wrong, or a parameter is missing.
    """
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    if len(set(names)) != len(names):
        raise sqlite3.OperationalError("two columns of the query have one name; name them with `as`")
    kinds = _kinds_of_values(cursor, len(names))
    columns = tuple(Column(column, _refine(column, kind), "") for column, kind in zip(names, kinds, strict=True))
    return TableSource(name, "", sql, parameters, columns, ())


def read_batches(connection: sqlite3.Connection, source: TableSource) -> Iterator[list[Row]]:
    """Yield the rows of a source in batches that fit into memory, even if texts are long."""
    cursor = connection.execute(source.sql, source.parameters)
    batch: list[Row] = []
    characters = 0
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        for row in map(tuple, rows):
            batch.append(row)
            characters += sum(len(value) for value in row if isinstance(value, str))
        if len(batch) >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _is_internal(name: str, words: Mapping[str, TableWords]) -> bool:
    if name in _NOT_EXPORTED or name.startswith("articles_fts"):
        return True
    return name in words and words[name].is_hidden


def _make_source(connection: sqlite3.Connection, name: str, *, words: TableWords | None) -> TableSource:
    info = [tuple(row) for row in connection.execute(f'pragma table_info("{name}")')]
    shown = [(column, declared.upper()) for _, column, declared, *_ in info if declared.upper() != "BLOB"]
    unknown = [column for column, declared in shown if declared not in _KINDS]
    listed = ", ".join(f'"{column}"' for column in unknown)
    found = _kinds_of_values(connection.execute(f'select {listed} from "{name}"'), len(unknown)) if unknown else []  # noqa: S608
    kinds = {column: _KINDS[declared] for column, declared in shown if declared in _KINDS}
    kinds |= dict(zip(unknown, found, strict=True))
    descriptions = words.columns if words else {}
    columns = tuple(Column(column, _refine(column, kinds[column]), descriptions.get(column, "")) for column, _ in shown)
    key = tuple(column for _, column, _, _, _, place in sorted(info, key=lambda row: row[5]) if place)
    selected = ", ".join(f'"{column.name}"' for column in columns)
    sql = f'select {selected} from "{name}"'  # noqa: S608 - names from the database's own schema
    return TableSource(name, words.description if words else "", sql, {}, columns, key)


def _kinds_of_values(rows: Iterator[Sequence[object]] | sqlite3.Cursor, count: int) -> list[Kind]:
    """Find the kind of each column from all its values. One text among numbers makes it a column of texts."""
    met: list[set[type]] = [set() for _ in range(count)]
    for row in rows:
        for types, value in zip(met, row, strict=True):
            if value is not None:
                types.add(type(value))
    return ["integer" if types == {int} else "number" if types and types <= {int, float} else "string" for types in met]


def _refine(column: str, kind: Kind) -> Kind:
    """Find days and instants, which SQLite stores as texts, by the naming rules of our columns."""
    if kind == "string" and (column.endswith("_on") or column in _DAYS):
        return "date"
    return "datetime" if kind == "string" and column.endswith("_at") and column not in _NO_INSTANTS else kind
