"""Read an archive as if nothing were withheld: for `verify`, and to find the target that an operator names."""

import re
import sqlite3
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.withheld.older_rows import BLANKED, REVISIONS, SHARED, shared_sql, shelf_of, table_of
from crawler.archive.withheld.rows import TableShape, read_tables
from crawler.archive.withheld.withheld_db import VALID, read_state, read_withheld, withheld_path, withheld_tables
from crawler.archive.withholdings import read_active
from crawler.sentences import COLUMNS, from_columns


def open_whole(archive: Path) -> sqlite3.Connection:
    """Open an existing archive read-only, with the withheld rows in place.

    Temporary views cover the tables that lack rows, and `revisions`. The archive's other views and its index do not
    see withheld rows.

    Raises:
        ArchiveUnusableError: as `open_for_reading`, or if the withheld database cannot be read.
    """
    connection = open_for_reading(archive)
    try:
        if read_active(connection):
            cover(connection, archive)
    except BaseException:
        connection.close()
        raise
    return connection


def cover(connection: sqlite3.Connection, archive: Path) -> None:
    """Cover the tables of a reading connection with views that add the withheld rows."""
    state = read_state(connection)
    with read_withheld(archive, state) as withheld:
        taken = withheld_tables(withheld)
        columns = {name: {row[1] for row in withheld.execute(f'pragma table_info("{name}")')} for name in taken}
    tables = read_tables(connection)
    said = _register_prose(connection)
    connection.execute("attach ? as withheld", (f"{withheld_path(archive).absolute().as_uri()}?mode=ro",))
    for shelf in taken:
        if (name := table_of(shelf, tables)) is not None:
            counts = VALID.replace(":generation", str(state.generation))  # a view takes no parameters
            shared = shared_sql(counts) if name == REVISIONS and "articles" in taken else None
            connection.execute(_view(tables[name], columns[shelf], counts=counts, said=said, shared=shared))
    _cover_revisions(connection)


def _cover_revisions(connection: sqlite3.Connection) -> None:
    """Let the view `revisions` see the covered tables: the archive's own sees only what is public."""
    own = connection.execute("select sql from main.sqlite_master where type = 'view' and name = 'revisions'").fetchone()
    if own is not None:  # in an older archive it is a table
        connection.execute(re.sub("^create view", "create temp view", str(own[0]), flags=re.IGNORECASE))


def _register_prose(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Register functions that read kind and arguments from prose, since rows of 0.1.0 lack them.

    Returns:
        The SQL call for each column.
    """
    calls = {}
    for column in COLUMNS:
        for place, part in enumerate(("kind", "args"), start=1):
            function = f"read_{column.table}_{column.name}_{part}"
            connection.create_function(function, 1, lambda prose, c=column, i=place: from_columns(prose, c)[i])
            calls[column.table, f"{column.name}_{part}"] = f'{function}("{column.name}")'
    return calls


def _view(
    table: TableShape, has: set[str], *, counts: str, said: dict[tuple[str, str], str], shared: str | None
) -> str:
    own = ", ".join(f'"{name}"' for name in table.columns)
    values = {name: _value(name, has, instead=said.get((table.name, name), "null")) for name in table.columns}
    if shared is not None:  # as migration m0034 would have changed them
        values |= {name: f'iif({shared}, null, "{name}") as "{name}"' for name in SHARED}
    theirs = ", ".join(values.values())
    if table.name == "articles":  # as migration m0030 would have changed it
        theirs = theirs.replace('"sort_key" as', "iif(published_on is null, id, sort_key) as")
    # In tables without rowid, rows are only taken out as a whole.
    # Rows that were moved are not here; a row with the same rowid is another one.
    shelf = f'withheld."{shelf_of(table.name)}"'
    blanked = f"_how like '{BLANKED}%' and _key is not null and {counts}"
    stays = f" where rowid not in (select _key from {shelf} where {blanked})"  # noqa: S608 - our own names
    return (
        f'create temp view "{table.name}" as select {own} from main."{table.name}"'  # noqa: S608
        f"{stays if table.key == ('rowid',) else ''}"
        f" union all select {theirs} from {shelf} as taken where {counts}"
    )


def _value(name: str, has: set[str], *, instead: str) -> str:
    """Return the SQL of a withheld row's value; `instead` is used if the row has none."""
    value = f'"{name}"' if name in has else "null"
    return f'coalesce({value}, {instead}) as "{name}"' if instead != "null" else f'{value} as "{name}"'
