"""The count of what no listing names and was not tried follows the writes of its connection."""

import sqlite3
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.archive.frontier.unlisted import count_unlisted

PUT = (
    "insert into frontier (portal, url, kind, state, listed, priority, found_at) values (?, ?, 'article', ?, ?, 10, '')"
)


@pytest.fixture
def connection(archive: Path) -> sqlite3.Connection:
    connection = open_for_writing(archive)
    connection.execute("pragma foreign_keys = off")
    connection.executemany(PUT, [("a", f"u{n}", "pending", 0) for n in range(5)] + [("b", "u", "pending", 0)])
    return connection


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ("update frontier set state = 'done' where url = 'u1'", 4),
        ("update frontier set listed = 1 where url in ('u1', 'u2')", 3),
        ("update frontier set state = 'failed'", 0),
        ("update frontier set attempts = 7", 5),
        ("delete from frontier where url = 'u1'", 4),
        ("update frontier set state = 'done', listed = 1 where url = 'u1'", 4),
        ("insert into frontier select portal, 'x', kind, state, listed, 1, '', null, 0, null, null, null, 0, null "
         "from frontier where url in ('u1')", 6),
    ],
)  # fmt: skip
def test_the_count_follows_every_change(connection: sqlite3.Connection, change: str, count: int) -> None:
    assert (count_unlisted(connection, "a"), count_unlisted(connection, "b"), count_unlisted(connection, "c")) == (
        5,
        1,
        0,
    )
    connection.execute("begin")
    connection.execute(change)
    assert count_unlisted(connection, "a") == count
    connection.execute("rollback")
    assert count_unlisted(connection, "a") == 5


def test_a_count_that_began_in_a_transaction_rolled_back_begins_again(connection: sqlite3.Connection) -> None:
    connection.execute("begin")
    assert count_unlisted(connection, "a") == 5
    connection.execute("rollback")
    connection.execute("delete from frontier where url = 'u1'")
    assert count_unlisted(connection, "a") == 4


def test_the_rows_are_counted_once(connection: sqlite3.Connection) -> None:
    count_unlisted(connection, "a")
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    assert count_unlisted(connection, "a") == 5
    assert [one for one in statements if "count(*)" in one] == []
