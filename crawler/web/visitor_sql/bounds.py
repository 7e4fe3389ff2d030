"""The bounds of a statement of a visitor: what it may read, and how large its values may be."""

import re
import sqlite3
from collections.abc import Callable

# Default of SQLite: 1 GB. The largest value of an archive is the HTML of a long article.
MAX_VALUE_BYTES = 16 * 1024**2
# Of all cells together. A page of the largest articles has a few MB.
MAX_ANSWER_BYTES = 16 * 1024**2
# Of a process. A statement that needs more fails; SQLite sorts large results on disk.
MAX_MEMORY_BYTES = 768 * 1024**2
_MAX_HEAP_BYTES = 256 * 1024**2

# A process ends itself this long after a statement's time is over: one call of a function is not interrupted.
GRACE_SECONDS = 1.0

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 1_000_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_ACTIONS = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_TRANSACTION,
}  # fmt: skip
# `data_version` is asked for by FTS5 itself; the rest describes tables. `database_list` would tell the server's paths.
_PRAGMAS = {
    "data_version", "foreign_key_list", "index_info", "index_list", "index_xinfo", "schema_version", "table_info",
    "table_list", "table_xinfo",
}  # fmt: skip
# The statements of others (`sqlite_stmt`, `bytecode`), the bytes of pages, and the segments of an index. FTS5 reads its
# own segments in every search, so the name counts only where the statement says it.
_HIDDEN = re.compile(
    r"sqlite_stmt|sqlite_dbpage|dbstat|bytecode|tables_used|sqlite_dbdata|sqlite_dbptr|sqlite_memstat"
    r"|\w+_fts_(?:data|idx|content|docsize|config)|\w+_(?:row|col|instance)_vocab",
    re.IGNORECASE,
)


def is_hidden(table: str) -> bool:
    """Whether a table is not for visitors: an index's own tables, and what tells of other visitors."""
    return _HIDDEN.fullmatch(table) is not None


class ConnectionBounds:
    """Bounds a connection. Set `sql` to each statement before it runs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = ""
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
        # Default: no limit. Of all connections of the process.
        connection.execute(f"pragma hard_heap_limit = {_MAX_HEAP_BYTES}")
        connection.execute("pragma query_only = on")
        connection.set_authorizer(self._authorize)

    def _authorize(self, action: int, first: str | None, *more: str | None) -> int:
        if action == sqlite3.SQLITE_PRAGMA:
            # With a value it would be set; the value of a describing pragma is a table's name.
            is_known = (first or "").lower() in _PRAGMAS and (first != "schema_version" or more[0] is None)
            return sqlite3.SQLITE_OK if is_known else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_READ and first and is_hidden(first) and first.lower() in self.sql.lower():
            return sqlite3.SQLITE_DENY
        # A virtual table is declared when it is first read.
        is_allowed = action in _ACTIONS or action == sqlite3.SQLITE_CREATE_TABLE or first == "sqlite_master"
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


def limit_time(connection: sqlite3.Connection, is_over: Callable[[], bool]) -> None:
    """Interrupt a statement when the time is over, which is asked between its steps."""
    connection.set_progress_handler(lambda: int(is_over()), 1000)
