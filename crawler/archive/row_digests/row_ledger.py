# ruff: noqa: S608 - our own names
"""The digests of rows on their way to the ledger: what a run writes, new texts, all rows of an older archive."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Set
from itertools import islice

from crawler.archive.row_digests.shapes import digest_rows, encode_key, read_shapes, scan
from crawler.archive.row_digests.tracker import RowDigests, RowTracker, join_digests
from crawler.archive.warc.ledger import parse_rows, render_rows
from crawler.language.facts import FACTS_VERSION

# Rows in one ledger record, when the digests of all rows are written: 2 MB of JSON.
CHUNK_ROWS = 20_000

_STATE_KEY = "state"
_ADOPTED = "adopted otherwise"
_REBUILT = "rebuilt"
_TEXTS = "attachment_texts"
# Tables whose rows are in no ledger record. The digest of all their rows is stored under their names.
SEALED = ("losses", "spare_files")
_MIGRATIONS = "_sqlite_migrations"
_OWN_KEYS = str((_STATE_KEY, _MIGRATIONS, *SEALED))
_NO_ROWS = hashlib.sha256(b"[]").hexdigest()


class RowLedger:
    """Gives the digests of what one connection writes, for the ledger records of its run.

    The ledger lacks rows of a database that an older version wrote, and after a migration, a rebuild, or a new version
    of the derived facts: all of these write rows without it. `begin` makes up for them.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Begin to note what the connection writes. No transaction may be open."""
        self._connection = connection
        self._tracker = RowTracker(connection)
        self._waiting: RowDigests = {}
        self._stated: RowDigests = {}

    def begin(self) -> Iterator[bytes]:
        """Yield the ledger records that come before a run's first: the digests of all rows, if the ledger lacks some.

        Call in the transaction of that first record.
        """
        self._waiting = _take_unledgered(self._connection)
        is_known = is_in_ledger(self._connection)
        _seal_migrations(self._connection, anew=not is_known)
        if is_known:
            return
        # The rows of a new archive are in its first record.
        has_past = self._connection.execute("select 1 from crawls limit 1 offset 1").fetchone()
        is_first = True
        for rows in _read_all(self._connection) if has_past else ():
            yield render_rows(rows, anew=is_first)
            is_first = False
        _put_state(self._connection, _state(self._connection))

    def clear(self) -> None:
        """Forget what was written, such as withheld rows that were put in their places."""
        self._tracker.clear()

    def take(self) -> RowDigests:
        """Give the digests of what was written since the last call, for the ledger record of the commit to come."""
        rows, self._waiting = join_digests(self._waiting, self._tracker.take()), {}
        return rows

    def note_stated(self, content: bytes) -> None:
        """Note the digests in a ledger record that a dead run left."""
        rows = parse_rows(content)
        if rows is not None:
            self._stated = join_digests(self._stated, {name: dict(found) for name, found in rows.digests.items()})

    def check_adopted(self) -> None:
        """Compare the rows written again from a dead run's ledger with the digests noted of it.

        They differ if another version of this program died. Then the next run writes the digests of all rows. Rows of
        a run that is not closed yet are passed over: its end writes them.
        """
        open_runs = self._connection.execute("select id from crawls where not in_ledger").fetchall()
        passed_over = {("crawls", encode_key(tuple(row))) for row in open_runs}
        written = [(name, key, one) for name, rows in self._tracker.take().items() for key, one in rows.items()]
        counted = [one for one in written if one[:2] not in passed_over]
        if any(self._stated.get(name, {}).get(key) != digest for name, key, digest in counted):
            _put_state(self._connection, _ADOPTED)


def is_in_ledger(connection: sqlite3.Connection) -> bool:
    """True if the ledger has the digests of all rows of this database, those of `read_unledgered` aside."""
    row = connection.execute("select digest from _row_ledger where key = ?", (_STATE_KEY,)).fetchone()
    return row is not None and row[0] == _state(connection)


def is_told_why(connection: sqlite3.Connection) -> bool:
    """True if a reason is noted why the ledger lacks rows: a rebuild, an adoption, or an older schema."""
    row = connection.execute("select digest from _row_ledger where key = ?", (_STATE_KEY,)).fetchone()
    state = str(row[0]) if row else ""
    known = [name for (name,) in connection.execute("select name from _sqlite_migrations")]
    migration, _, facts = state.partition(", facts ")
    is_older = migration in known and re.fullmatch("[0-9]{1,9}", facts) is not None and int(facts) <= FACTS_VERSION
    return state in (_REBUILT, _ADOPTED) or is_older


def note_rebuilt(connection: sqlite3.Connection) -> None:
    """Note that a rebuild made all rows, so that the ledger does not state them as they are."""
    _put_state(connection, _REBUILT)
    seal_losses(connection)


def seal_losses(connection: sqlite3.Connection) -> None:
    """Store the digests of the tables whose rows are in no ledger record. Call after each change of one of them."""
    for name, digest in _digest_sealed(connection).items():
        if digest != _NO_ROWS:
            connection.execute("insert or replace into _row_ledger values (?, ?)", (name, digest))


def find_unsealed(connection: sqlite3.Connection) -> list[str]:
    """Name the tables of `SEALED` whose rows are not as they were stored."""
    stated = dict(connection.execute("select key, digest from _row_ledger").fetchall())
    made = _digest_sealed(connection)
    odd = [name for name in SEALED if stated.get(name, _NO_ROWS) != made[name]]
    # A migration since the last run, of this version or another, adds rows without a word here.
    if (
        _MIGRATIONS in stated
        and is_in_ledger(connection)
        and stated[_MIGRATIONS] != _digest_all(connection, _MIGRATIONS)
    ):
        odd.append(_MIGRATIONS)
    return odd


def lacks_migrations(connection: sqlite3.Connection) -> bool:
    """Whether the digest of all migrations is missing, which the first run stores."""
    held = connection.execute("select 1 from _row_ledger where key = ?", (_MIGRATIONS,)).fetchone()
    return held is None and is_in_ledger(connection)


def _seal_migrations(connection: sqlite3.Connection, *, anew: bool) -> None:
    """Store the digest of all migrations; not `anew`, only if there is none."""
    sql = f"insert or {'replace' if anew else 'ignore'} into _row_ledger values (?, ?)"
    connection.execute(sql, (_MIGRATIONS, _digest_all(connection, _MIGRATIONS)))


def _digest_sealed(connection: sqlite3.Connection) -> dict[str, str]:
    return {name: _digest_all(connection, name) for name in SEALED}


def _digest_all(connection: sqlite3.Connection, table: str) -> str:
    rows = connection.execute(f"select * from {table} order by 1").fetchall()
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode("utf-8", "surrogatepass")).hexdigest()


def _put_state(connection: sqlite3.Connection, state: str) -> None:
    connection.execute("insert or replace into _row_ledger values (?, ?)", (_STATE_KEY, state))


def note_text(connection: sqlite3.Connection, sha256: str) -> None:
    """Store the digest of an attachment's new text until a run writes it to the ledger.

    It is stored under the digest of its key: the key of a withheld file is not public.
    """
    (table,) = (table for table in read_shapes(connection) if table.name == _TEXTS)
    row = connection.execute(f"{table.select} where {table.where_key}", (sha256,)).fetchone()
    ((key, digest),) = digest_rows(table, [tuple(row)])
    connection.execute("insert or replace into _row_ledger values (?, ?)", (_conceal(key), digest))


def read_unledgered(connection: sqlite3.Connection) -> RowDigests:
    """Read the digests of the texts that are not in the ledger yet, as far as their files are in sight."""
    found = dict(connection.execute(f"select key, digest from _row_ledger where key not in {_OWN_KEYS}").fetchall())
    if not found:
        return {}
    keys = [encode_key(tuple(row)) for row in connection.execute("select sha256 from attachments")]
    return {_TEXTS: {key: found[_conceal(key)] for key in keys if _conceal(key) in found}}


def count_strange(connection: sqlite3.Connection, *, gone: Set[str] = frozenset()) -> int:
    """Count the rows of `_row_ledger` that are of no attachment in sight, nor of one with a key in `gone`."""
    known = {_conceal(encode_key(tuple(row))) for row in connection.execute("select sha256 from attachments")}
    known |= {_conceal(key) for key in gone}
    rows = connection.execute(f"select key from _row_ledger where key is null or key not in {_OWN_KEYS}").fetchall()
    return sum(row[0] not in known for row in rows)


def _take_unledgered(connection: sqlite3.Connection) -> RowDigests:
    found = read_unledgered(connection)
    connection.execute(f"delete from _row_ledger where key is null or key not in {_OWN_KEYS}")
    return found


def _conceal(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _read_all(connection: sqlite3.Connection) -> Iterator[RowDigests]:
    """Yield the digests of all rows, in parts."""
    for table in read_shapes(connection):
        rows = scan(connection, table)
        while part := dict(islice(rows, CHUNK_ROWS)):
            yield {table.name: dict(part)}


def _state(connection: sqlite3.Connection) -> str:
    """Name the schema and the facts of a database, for which digests are valid."""
    (migration,) = connection.execute("select max(name) from _sqlite_migrations").fetchone()
    return f"{migration}, facts {FACTS_VERSION}"
