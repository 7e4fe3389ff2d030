"""A transaction writes to the search index once, at its end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from crawler.archive.articles.search_index import (
    index_article,
    indexed_at_end,
    is_waiting,
    make_sort_key,
    read_search_row,
    unindex_article,
)
from tests.support.search_index import find, open_index, put


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        yield connection


def store(connection: sqlite3.Connection, number: int, body: str) -> None:
    """Store an article, or its other body, and tell the index."""
    held = connection.execute("select 1 from articles where id = ?", (number,)).fetchone()
    indexed = read_search_row(connection, number) if held else None
    if held:
        connection.execute("update articles set body = ? where id = ?", (body, number))
    else:
        connection.execute(
            "insert into articles (id, sort_key, portal, title, body) values (?, ?, 'sapa', 'Tin', ?)",
            (number, make_sort_key(date(2026, 8, 28), number), body),
        )
    index_article(connection, number, indexed=indexed)


def test_a_transaction_indexes_at_its_end_what_it_stored_changed_and_deleted(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None
    put(connection, 1, "mot")
    connection.execute("begin")
    with indexed_at_end(connection):
        for number, body in ((2, "hai"), (3, "ba"), (1, "bon"), (2, "nam"), (1, "sau"), (4, "bay")):
            store(connection, number, body)
        unindex_article(connection, 4)
        connection.execute("delete from articles where id = 4")
        assert is_waiting(connection, 1)
        assert not is_waiting(connection, 4)
        assert find(connection, "mot") == find(connection, "nam") == []
    connection.execute("commit")
    expected = {"mot": [], "bon": [], "sau": [1], "hai": [], "nam": [2], "ba": [3], "bay": []}
    assert {word: find(connection, word) for word in expected} == expected
    assert not is_waiting(connection, 1)


def test_a_transaction_rolled_back_in_the_block_indexes_nothing(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None
    put(connection, 1, "mot")
    for _ in range(2):
        connection.execute("begin")
        with indexed_at_end(connection):
            store(connection, 1, "hai")
            store(connection, 2, "hai")
            connection.execute("rollback")
    assert (find(connection, "mot"), find(connection, "hai")) == ([1], [])


def test_the_articles_of_a_transaction_are_few_segments_of_the_index(connection: sqlite3.Connection) -> None:
    """A statement on another table between two articles makes FTS5 write out what it has: a segment an article."""
    connection.isolation_level = None
    connection.execute("pragma foreign_keys = on")
    connection.execute("create table other (id integer primary key references articles(id), name text)")
    connection.execute("insert into articles_fts (articles_fts, rank) values ('automerge', 0)")
    connection.execute("begin")
    with indexed_at_end(connection):
        for number in range(1, 21):
            store(connection, number, f"bai{number}")
            connection.execute("insert or replace into other values (?, 'x')", (number,))
    connection.execute("commit")
    assert connection.execute("select count(distinct segid) from articles_fts_idx").fetchone()[0] == 1
    assert find(connection, "bai20") == [20]
