"""Writes the fixture of the current schema, `tests/schemas/LAST-MIGRATION.sql`; run by hand after a new migration.

    .venv/bin/python -m tests.support.write_schema

It also writes the script that a new archive is made by (`crawler/archive/migrations/new_archive.sql`). A fixture is the
SQL of a small archive's database, as the version of that schema wrote it. One that was released is never written again.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from crawler.archive import schema
from tests.support.build import make_archive

SCHEMAS = Path(__file__).parents[2] / "tests" / "schemas"
SCRIPT = Path(schema.__file__).parent / "migrations" / "new_archive.sql"


def last_migration(connection: sqlite3.Connection) -> str:
    """Name the last migration that a database has."""
    return str(connection.execute("select name from _sqlite_migrations order by id desc limit 1").fetchone()[0])


def dump(connection: sqlite3.Connection) -> Iterator[str]:
    """Give the SQL of a database, in the order in which it was made; the search index as the bytes that it is."""
    yield "pragma foreign_keys = off;"
    yield "begin;"
    kinds = dict(connection.execute("select name, type from pragma_table_list where schema = 'main'"))
    made = connection.execute("select name, sql from sqlite_master where sql is not null order by rowid")
    for name, sql in made.fetchall():
        # Making a virtual table makes its shadow tables, with a row or two.
        yield f"delete from {name};" if kinds.get(name) == "shadow" else f"{sql};"
        if kinds.get(name) in ("table", "shadow"):
            yield from _dump_rows(connection, name)
    yield "commit;"


def _dump_rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    values = " || ', ' || ".join(f"quote({column})" for column in columns)
    for (row,) in connection.execute(f"select {values} from {table}"):
        yield f"insert into {table} ({', '.join(columns)}) values ({row});"


def write_fixture(schemas: Path) -> Path:
    """Write the fixture of the current schema into a folder; give its path."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(make_archive(Path(folder), nights=3))
        try:
            path = schemas / f"{last_migration(connection)}.sql"
            path.write_text("\n".join(dump(connection)) + "\n", encoding="utf-8")
        finally:
            connection.close()
    return path


def migrated_step_by_step() -> sqlite3.Connection:
    """Make an empty database in memory by the migrations alone, one after the other."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.load_migrations().apply(Database(connection))
    return connection


def new_archive_script() -> Iterator[str]:
    """Give the SQL that makes in one transaction what the migrations make of an empty database."""
    yield "-- What all migrations together make of an empty database; written by tests/support/write_schema.py."
    connection = migrated_step_by_step()
    try:
        kinds = dict(connection.execute("select name, type from pragma_table_list where schema = 'main'"))
        made = connection.execute("select name, sql from sqlite_master where sql is not null order by rowid")
        yield from (f"{sql};" for name, sql in made.fetchall() if kinds.get(name) != "shadow")
        for (name,) in connection.execute("select name from _sqlite_migrations order by id"):
            yield (
                "insert into _sqlite_migrations (migration_set, name, applied_at) "
                f"values ('portal-archive', '{name}', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));"
            )
    finally:
        connection.close()


if __name__ == "__main__":
    SCHEMAS.mkdir(exist_ok=True)
    write_fixture(SCHEMAS)
    SCRIPT.write_text("\n".join(new_archive_script()) + "\n", encoding="utf-8")
