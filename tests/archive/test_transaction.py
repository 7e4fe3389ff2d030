"""One transaction of SQLite: all of the block or nothing, and the block's own error."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from crawler.archive.transaction import transaction


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("create table numbers (number integer primary key)")
        yield connection


def read_numbers(connection: sqlite3.Connection) -> list[int]:
    return [row[0] for row in connection.execute("select number from numbers order by number")]


def test_what_the_block_wrote_is_kept(database: sqlite3.Connection) -> None:
    with transaction(database):
        database.execute("insert into numbers values (1), (2)")
    assert read_numbers(database) == [1, 2]
    assert not database.in_transaction


def test_an_error_undoes_all_of_the_block(database: sqlite3.Connection) -> None:
    def stop_in_the_midst() -> None:
        with transaction(database):
            database.execute("insert into numbers values (1)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_in_the_midst()
    assert read_numbers(database) == []
    assert not database.in_transaction


def test_where_sqlite_ends_the_transaction_its_own_error_is_raised(database: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), transaction(database):
        database.executemany("insert or rollback into numbers values (?)", [(1,), (1,)])
    assert read_numbers(database) == []
    with transaction(database):
        database.execute("insert into numbers values (3)")
    assert read_numbers(database) == [3]
