"""An archive read as if nothing were withheld, for its keeper: to prove it, and to find what is meant."""

import sqlite3
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.withheld.rows import TableShape, read_tables
from crawler.archive.withheld.withheld_db import read_state, read_withheld, withheld_path, withheld_tables
from crawler.archive.withholdings import read_active


def open_whole(archive: Path) -> sqlite3.Connection:
    """Open an existing archive read-only, with what is withheld in its place.

    Temporary views cover the tables of which rows were taken out; the archive's own views and its index do not see
    what is withheld.

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
    """Cover the tables of a reading connection by views that put withheld rows in their place."""
    state = read_state(connection)
    with read_withheld(archive, state) as box:
        taken = withheld_tables(box)
        columns = {name: {row[1] for row in box.execute(f'pragma table_info("{name}")')} for name in taken}
    tables = read_tables(connection)
    connection.execute("attach ? as box", (f"{withheld_path(archive).absolute().as_uri()}?mode=ro",))
    for name in taken:
        if name in tables:
            connection.execute(_view(tables[name], columns[name], generation=state.generation))


def _view(table: TableShape, has: set[str], *, generation: int) -> str:
    counts = f"_born <= {generation} and (_died is null or _died > {generation})"
    own = ", ".join(f'"{name}"' for name in table.columns)
    theirs = ", ".join(f'"{name}"' if name in has else f'null as "{name}"' for name in table.columns)
    # Without rowid, rows are only ever taken out as a whole.
    stays = f' where rowid not in (select _key from box."{table.name}" where {counts})'  # noqa: S608 - our own names
    return (
        f'create temp view "{table.name}" as select {own} from main."{table.name}"'  # noqa: S608
        f"{stays if table.key == ('rowid',) else ''}"
        f' union all select {theirs} from box."{table.name}" where {counts}'
    )
