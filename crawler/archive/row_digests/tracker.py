"""Which rows a connection changed, by temporary triggers: other programs' changes leave no trace here."""

# ruff: noqa: S608 - the statements are made of our own names

import json
import sqlite3
from collections.abc import Iterator

from crawler.archive.row_digests.shapes import DigestedTable, digest_rows, encode_key, read_shapes

# By table, and by key as JSON: the digest of a row, None if it was deleted.
RowDigests = dict[str, dict[str, str | None]]


class RowTracker:
    """Collects what a connection writes since the last `clear` or `take`. A rollback takes the notes back too.

    Two trackers of one connection share their notes.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Make the triggers. No transaction may be open."""
        self._connection = connection
        self._tables = read_shapes(connection)
        if connection.execute("select 1 from sqlite_temp_master where name = 'changed_rows'").fetchone():
            return
        connection.execute("pragma temp_store = memory")
        connection.execute("create temp table changed_rows (place integer not null, row_id integer not null)")
        connection.execute("create temp table changed_keys (place integer not null, key text not null)")
        for place, table in enumerate(self._tables):
            for statement in _triggers(table, place):
                connection.execute(statement)

    def clear(self) -> None:
        """Forget what was written, such as withheld rows that were put in their places."""
        for name in ("changed_rows", "changed_keys"):
            self._connection.execute(f"delete from temp.{name}")

    def take(self) -> RowDigests:
        """Give the digests of all rows that were written, and forget them."""
        cursor = self._connection.cursor()
        cursor.row_factory = None
        found: RowDigests = {}
        places = "select place from temp.changed_rows union select place from temp.changed_keys order by 1"
        for (place,) in cursor.execute(places).fetchall():
            found[self._tables[place].name] = self._changed(cursor, place)
        self.clear()
        return found

    def _changed(self, cursor: sqlite3.Cursor, place: int) -> dict[str, str | None]:
        """Give the digests of a table's rows. A key without a row has None."""
        table = self._tables[place]
        found: dict[str, str | None] = {}
        keys = cursor.execute("select distinct key from temp.changed_keys where place = ?", (place,)).fetchall()
        by_key = f"{table.select} where {table.where_key}"
        for (key,) in keys:
            values = tuple(json.loads(key))
            rows = cursor.execute(by_key, values).fetchall()
            found[encode_key(values)] = next((digest for _, digest in digest_rows(table, rows)), None)
        if table.is_noted_by_rowid:
            changed = "rowid in (select row_id from temp.changed_rows where place = ?)"
            found.update(digest_rows(table, cursor.execute(f"{table.select} where {changed}", (place,))))
        return found


def join_digests(first: RowDigests, then: RowDigests) -> RowDigests:
    """Join the digests of two moments; of a row in both, the later one counts."""
    return {name: first.get(name, {}) | then.get(name, {}) for name in first.keys() | then.keys()}


def _triggers(table: DigestedTable, place: int) -> Iterator[str]:
    """Yield the statements that make the triggers of a table."""
    row = f"insert into changed_rows values ({place}, new.rowid);"
    old, new = (f"insert into changed_keys values ({place}, {_key_of(table, side)});" for side in ("old", "new"))
    written = row if table.is_noted_by_rowid else new
    moved = " or ".join(f'old."{name}" is not new."{name}"' for name in table.key)
    columns = ", ".join(f'"{name}"' for name in table.key)
    yield _trigger(table, "insert", body=f"begin {written} end")
    yield _trigger(table, "update", body=f"begin {written} end")
    yield _trigger(table, "delete", body=f"begin {old} end")
    yield _trigger(table, f"update of {columns}", body=f"when {moved} begin {old} end")


def _trigger(table: DigestedTable, event: str, *, body: str) -> str:
    name = f"{table.name}_{event.partition(' ')[0]}{'_key' if ' ' in event else ''}_noted"
    return f'create temp trigger "{name}" after {event} on main."{table.name}" {body}'


def _key_of(table: DigestedTable, side: str) -> str:
    columns = [f'{side}."{name}"' for name in table.key]
    return f"json_array({', '.join(columns)})"
