"""Compare the public part of withheld rows in an archive with the rows in its withheld database."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from crawler.archive.fixity.findings import Verification, decode_any
from crawler.archive.row_digests.shapes import encode_key, read_shapes
from crawler.archive.warc.finding import Finding
from crawler.archive.withheld.address_words import find_unfound
from crawler.archive.withheld.older_rows import MOVED, Key, WithheldRow
from crawler.archive.withheld.overlay import ADDRESSES, blank_value
from crawler.archive.withheld.reach import Names, find_reach
from crawler.archive.withheld.rows import TableShape, read_tables
from crawler.archive.withheld.withheld_db import (
    find_strange_states,
    is_sealed,
    key_of,
    read_rows,
    read_state,
    read_withheld,
)
from crawler.archive.withholdings import read_active

_NAMED = 3
# The tables that decide the reach of a withholding.
_TELL_REACH = (
    "withholdings", "articles", "article_urls", "article_redirects", "revision_rows",
    "revision_images", "revision_attachments", "images", "attachments", "captures", "files",
)  # fmt: skip


def check_withheld(connection: sqlite3.Connection, archive: Path, *, found: Verification) -> None:
    """Report rows that show withheld content, or lack public content. `connection` sees the withheld rows too."""
    active = read_active(connection)
    if not active:
        return
    tables = read_tables(connection)
    state = read_state(connection)
    with read_withheld(archive, state) as withheld:
        withheld.text_factory = decode_any
        is_as_written = is_sealed(withheld)
        strange = find_strange_states(withheld, state.generation)
        columns = {name: list(table.columns) for name, table in tables.items()}
        out = read_rows(withheld, state.generation, columns=columns)
    for name in strange:
        if not found.keys_of(name):
            said = f"withheld.db: {name}: its state is not one that this program writes"
            found.add(Finding("withheld", said, table=name))
    addresses = {name: wid for (kind, name), wid in out.names.items() if kind in ADDRESSES}
    keys = {table.name: table.key for table in read_shapes(connection)} | {"captures": ("id",)}
    for name, rows in out.rows.items():
        for key, taken in rows.items():
            fault = _fault_of(connection, tables[name], key=key, taken=taken, addresses=addresses)
            if fault is not None:
                values = dict(zip(tables[name].columns, taken.values, strict=True))
                named = encode_key([values[column] for column in keys[name]])
                found.add(Finding("withheld", f"{name}: row {named} {fault}", table=name, key=named))
    # These rows decide the reach of a withholding.
    if "withheld_names" not in strange and not found.keys_of(*_TELL_REACH, *out.rows):
        expected = find_reach(connection, active).names(connection)
        odd = sorted({name for name, _ in set(expected.items()) ^ set(out.names.items())})
        if odd:
            names = ", ".join(f"{kind} {name}" for kind, name in odd[:_NAMED])
            said = f"withheld_names: not what the withholdings reach: {names}{' and more' * (len(odd) > _NAMED)}"
            found.add(Finding("withheld", said, table="withheld_names", key=encode_key(odd[0])))
    if not is_as_written and not strange and not found.keys_of("withholdings", "withheld_names", *out.rows):
        said = "withheld.db: it has other rows than were written, which show nothing else"
        found.add(Finding("withheld", said, table="withheld.db"))


def _fault_of(
    connection: sqlite3.Connection, table: TableShape, *, key: Key, taken: WithheldRow, addresses: Names
) -> str | None:
    """Return the fault of the public part of a withheld row; None if it is right."""
    if not isinstance(taken.how, str):
        return "is withheld in no known way"
    columns = ", ".join(f'main."{table.name}"."{name}"' for name in table.columns)
    sql = f'select {columns} from main."{table.name}" where {table.where_key}'  # noqa: S608 - our own names
    try:
        row = connection.execute(sql, table.key_values(key)).fetchone()
    except (ValueError, TypeError, sqlite3.ProgrammingError):
        return "is withheld under no key"
    values = dict(zip(table.columns, taken.values, strict=True))
    if taken.how == MOVED:
        own = key_of(tuple(values[name] for name in table.key)) if table.key != ("rowid",) else key
        if own != key:
            return "is withheld under another key"
        # The table has no other key, so another row may have this rowid now.
        is_same = row is not None and (table.key != ("rowid",) or table.is_rowid_column or tuple(row) == taken.values)
        return "is withheld, but stands in the archive" if is_same else None
    if not taken.blanked or not set(taken.blanked) <= set(table.columns):
        return "is withheld in no known way"
    if row is None:
        return "is withheld in part, but what is public of it is missing"
    for name in taken.blanked:
        values[name] = blank_value(table, name, taken=taken, addresses=addresses)
    odd = [name for name, value in zip(table.columns, row, strict=True) if value != values[name]]
    return f"shows another {', '.join(odd)} than it should, being withheld in part" if odd else None


def check_address_words(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Report articles whose texts a withholding would not search for addresses, because the index lacks words."""
    for article_id in sorted(find_unfound(connection)):
        said = f"_address_words: a word of article {article_id} is missing"
        yield Finding("row", said, table="_address_words", key=str(article_id))
