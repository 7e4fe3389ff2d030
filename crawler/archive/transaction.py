"""One transaction of SQLite that writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction; an error rolls it back.

    SQLite ends a transaction by itself at some errors, such as a full disk. The block's error is raised then, too.

    Args:
        connection: with `isolation_level=None`, outside a transaction.
    """
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
