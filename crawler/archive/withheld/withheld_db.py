"""The withheld database: the rows that were taken out of an archive, in a file beside it that no site opens.

Its tables have the archive's names and columns, with four more before them; `older_rows.shelf_of` names the exception.
A commit over two databases in WAL mode is not atomic. So each row here says in which generations of the archive it is
valid: new rows are committed here first, under the next generation, and become valid when the archive commits that
number as its `user_version`. After a death at any moment, the archive's number says which rows are valid.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from crawler.archive.transaction import transaction
from crawler.archive.withheld.older_rows import REVISIONS, Key, WithheldRow, complete, share_texts, shelf_of, table_of
from crawler.errors import ArchiveUnusableError, say_fault

BUSY_SECONDS = 30.0

_SEAL = "rows"  # the key in `box_state` of the digest of all rows
_SEALED_VERSION = 1  # the `user_version` of a database that has it

SCHEMA_SQL = (resources.files("crawler.archive.withheld") / "withheld_db.sql").read_text(encoding="utf-8")

# The condition of rows that are valid in a generation.
VALID = "_born <= :generation and (_died is null or _died > :generation)"


@dataclass(frozen=True, slots=True)
class WithheldRows:
    """All rows that are taken out of an archive.

    `rows` are by table and key (the rowid, or the primary key as JSON). `names` are the public names that answer
    451, each with its withholding. Their kinds: `article`, `image`, `attachment`, `capture`, `url` (of an article),
    `file` (address of a file), and `title`, which marks captured pages that show it.
    """

    rows: dict[str, dict[Key, WithheldRow]] = field(default_factory=dict)
    names: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """True if nothing is withheld."""
        return not self.names and not any(self.rows.values())


def withheld_path(archive: Path) -> Path:
    """Return the path of an archive's withheld database: `withheld.db`, or beside `NAME.db`, `NAME.withheld.db`.

    >>> withheld_path(Path("/srv/archive.db")).name, withheld_path(Path("/srv/new.db")).name
    ('withheld.db', 'new.withheld.db')
    """
    return archive.with_name("withheld.db" if archive.name == "archive.db" else f"{archive.stem}.withheld.db")


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """An archive, by the record id of its first capture, and the generation of its withheld rows.

    `generation` is 0 before the first withholding.
    """

    generation: int
    archive: str


def read_state(archive: sqlite3.Connection) -> ArchiveState:
    """Read the state of an archive."""
    generation = int(archive.execute("pragma main.user_version").fetchone()[0])
    first = archive.execute("select record_id from main.captures order by id limit 1").fetchone()
    return ArchiveState(generation, str(first[0]) if first else "")


class WithheldDatabase:
    """Writes the withheld database. Only the process that holds the archive may use it."""

    def __init__(self, path: Path, state: ArchiveState, columns: dict[str, list[str]]) -> None:
        """Open or create the database, and drop the rows of a generation that the archive never committed.

        Args:
            path: the path of the file.
            state: the state of the archive, by `read_state`.
            columns: the columns of each table of the archive, in order.

        Raises:
            ArchiveUnusableError: if it cannot be used, or belongs to another state of the archive.
        """
        self._columns = columns
        self._path = path
        if not path.exists():
            path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(state)
        except sqlite3.Error as error:
            self._connection.close()
            raise ArchiveUnusableError(f"{path}: cannot be used: {say_fault(error)}") from error
        except ArchiveUnusableError:
            self._connection.close()
            raise

    def _prepare(self, state: ArchiveState) -> None:
        connection, generation = self._connection, state.generation
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.executescript(SCHEMA_SQL)
        if _state_of(connection):
            _check_state(connection, self._path, state=state)
        tables = _tables(connection)
        with transaction(connection):
            for table in tables:
                outdated = f'delete from "{table}" where _born > ?1 or _died <= ?1'  # noqa: S608 - our own names
                connection.execute(outdated, (generation,))
                revived = f'update "{table}" set _died = null where _died > ?'  # noqa: S608
                connection.execute(revived, (generation,))
            _put_state(connection, archive=state.archive, oldest=generation, newest=generation)
            _seal(connection)

    def read(self, generation: int) -> WithheldRows:
        """Read the rows that are taken out in a generation."""
        return read_rows(self._connection, generation, columns=self._columns)

    def write(self, before: WithheldRows, after: WithheldRows, *, generation: int) -> None:
        """Commit a new generation with the rows `after`. The generation before it stays readable."""
        connection = self._connection
        with transaction(connection):
            for table in sorted({*before.rows, *after.rows}):
                self._write_table(
                    table, before.rows.get(table, {}), after=after.rows.get(table, {}), generation=generation
                )
            gone = [(generation, *key) for key in before.names if after.names.get(key) != before.names[key]]
            connection.executemany(
                "update withheld_names set _died = ? where kind = ? and name = ? and _died is null", gone
            )
            new = [(generation, *key, wid) for key, wid in after.names.items() if before.names.get(key) != wid]
            connection.executemany(
                "insert into withheld_names (_born, kind, name, withholding_id) values (?, ?, ?, ?)", new
            )
            _put_state(connection, newest=generation)
            _seal(connection)

    def _write_table(
        self, table: str, before: dict[Key, WithheldRow], *, after: dict[Key, WithheldRow], generation: int
    ) -> None:
        self._make_table(table)
        shelf = shelf_of(table)
        gone = [(generation, key) for key, taken in before.items() if after.get(key) != taken]
        self._connection.executemany(
            f'update "{shelf}" set _died = ? where _key is ? and _died is null',  # noqa: S608 - our own names
            gone,
        )
        new = [(generation, key, taken.how, *taken.values) for key, taken in after.items() if before.get(key) != taken]
        names = ", ".join(f'"{name}"' for name in ("_born", "_key", "_how", *self._columns[table]))
        marks = ", ".join("?" * (3 + len(self._columns[table])))
        self._connection.executemany(f'insert into "{shelf}" ({names}) values ({marks})', new)  # noqa: S608

    def _make_table(self, table: str) -> None:
        connection, shelf = self._connection, shelf_of(table)
        has = {row[1] for row in connection.execute(f'pragma table_info("{shelf}")')}
        if not has:
            columns = ", ".join(f'"{name}"' for name in self._columns[table])
            connection.execute(f'create table "{shelf}" (_born integer not null, _died integer, _key, _how, {columns})')
            connection.execute(f'create index "{shelf}_key" on "{shelf}"(_key)')
            return
        for name in self._columns[table]:
            if name not in has:
                connection.execute(f'alter table "{shelf}" add column "{name}"')

    def empty_log(self) -> None:
        """Move the write-ahead log into the file."""
        self._connection.execute("pragma wal_checkpoint(truncate)").fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def read_withheld(archive: Path, state: ArchiveState) -> Iterator[sqlite3.Connection]:
    """Open the withheld database of an archive read-only.

    Raises:
        ArchiveUnusableError: if it is missing, unreadable or of another state than `state`.
    """
    path = withheld_path(archive)
    if not path.is_file():
        raise ArchiveUnusableError(
            f"{path}: is missing, but things are withheld; bring it back from a backup, or `rebuild` the archive"
        )
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.execute("begin")
            _check_state(connection, path, state=state)
            yield connection
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{path}: cannot be read: {say_fault(error)}") from error


def find_name(connection: sqlite3.Connection, kind: str, *, name: str, generation: int) -> int | None:
    """Return the id of the withholding that makes a name answer 451; None if the name is public."""
    row = connection.execute(
        f"select withholding_id from withheld_names where kind = :kind and name = :name and {VALID}",  # noqa: S608
        {"kind": kind, "name": name, "generation": generation},
    ).fetchone()
    return int(row[0]) if row else None


def read_names(connection: sqlite3.Connection, kind: str, *, generation: int) -> dict[str, int]:
    """Return all names of a kind, each with its withholding."""
    rows = connection.execute(
        f"select name, withholding_id from withheld_names where kind = :kind and {VALID}",  # noqa: S608
        {"kind": kind, "generation": generation},
    )
    return dict(rows.fetchall())


def withheld_tables(connection: sqlite3.Connection) -> list[str]:
    """List the tables of this database. `table_of` gives the archive's table of each."""
    return [name for name in _tables(connection) if name != "withheld_names"]


def read_rows(connection: sqlite3.Connection, generation: int, *, columns: dict[str, list[str]]) -> WithheldRows:
    """Read the rows taken out in a generation. `columns` are the columns of each table of the archive, in order."""
    rows: dict[str, dict[Key, WithheldRow]] = {}
    for shelf in withheld_tables(connection):
        has = {row[1] for row in connection.execute(f'pragma table_info("{shelf}")')}
        if (table := table_of(shelf, columns)) is None:
            continue
        names = ", ".join(f'"{name}"' if name in has else "null" for name in columns[table])
        sql = f'select _key, _how, {names} from "{shelf}" where {VALID}'  # noqa: S608 - our own names
        found = connection.execute(sql, {"generation": generation})
        rows[table] = {row[0]: complete(WithheldRow(row[1], row[2:]), table, columns=columns[table]) for row in found}
    share_texts(rows, columns)
    names_found = connection.execute(
        f"select kind, name, withholding_id from withheld_names where {VALID}",  # noqa: S608
        {"generation": generation},
    )
    return WithheldRows(rows, {(row[0], row[1]): row[2] for row in names_found})


def find_strange_states(connection: sqlite3.Connection, generation: int) -> list[str]:
    """Return the tables with a state that no commit writes: rows after the last generation, or odd keys in `box_state`.

    The last generation is the archive's next one, or a later one if the file was copied after the archive.
    """
    state = _state_of(connection)
    newest = state.get("newest", 0)
    last = max(generation + 1, newest if isinstance(newest, int) else 0)
    beyond = "_born > ?1 or _died > ?1 or typeof(_born) <> 'integer' or typeof(_died) not in ('integer', 'null')"
    found = [
        REVISIONS if name == shelf_of(REVISIONS) else name
        for name in _tables(connection)
        if connection.execute(f'select 1 from "{name}" where {beyond}', (last,)).fetchone()  # noqa: S608
    ]
    return found if state.keys() - {_SEAL} == {"archive", "oldest", "newest"} else [*found, "box_state"]


def is_sealed(connection: sqlite3.Connection) -> bool:
    """Return whether all rows are unaltered, also rows without a valid state. True if an older version wrote them."""
    held = _state_of(connection).get(_SEAL)
    if held is None:
        return bool(connection.execute("pragma user_version").fetchone()[0] < _SEALED_VERSION)
    return bool(held == _digest_rows(connection))


def _seal(connection: sqlite3.Connection) -> None:
    """Store the digest of all rows: no other digest covers rows that are doubled or no longer valid."""
    connection.execute(f"pragma user_version = {_SEALED_VERSION}")
    _put_state(connection, **{_SEAL: _digest_rows(connection)})


def _digest_rows(connection: sqlite3.Connection) -> str:
    digest, tables, factory = hashlib.sha256(), _tables(connection), connection.text_factory
    connection.text_factory = bytes  # text that is not UTF-8 has a digest too
    try:
        for name in tables:
            for row in connection.execute(f'select * from "{name}" order by rowid'):  # noqa: S608 - our own names
                digest.update(repr((name, *row)).encode())
    finally:
        connection.text_factory = factory
    return digest.hexdigest()


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("select name from sqlite_master where type = 'table' and name <> 'box_state' order by 1")
    return [row[0] for row in rows.fetchall() if not row[0].startswith("sqlite_")]


def _check_state(connection: sqlite3.Connection, path: Path, *, state: ArchiveState) -> None:
    own = _state_of(connection)
    is_near = int(own.get("oldest", 0)) <= state.generation <= int(own.get("newest", -1))
    if not is_near or own.get("archive") != state.archive:
        raise ArchiveUnusableError(
            f"{path}: is not of the same state as the archive beside it; bring both back from one backup, "
            "or `rebuild` the archive"
        )


def _state_of(connection: sqlite3.Connection) -> dict[str, int | str]:
    return dict(connection.execute("select key, value from box_state").fetchall())


def _put_state(connection: sqlite3.Connection, **state: int | str) -> None:
    connection.executemany("insert or replace into box_state values (?, ?)", list(state.items()))


def key_of(values: tuple[object, ...]) -> str:
    """Return the key of a row without rowid: its primary key as JSON."""
    return json.dumps(values, ensure_ascii=False)
