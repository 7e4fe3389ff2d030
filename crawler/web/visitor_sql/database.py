"""The published database: read-only, with the statements of Datasette's pages run in their own processes."""

import sqlite3
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.views.base import DatasetteError

from crawler.archive.articles.search_index import KEY_BITS
from crawler.errors import ArchiveUnusableError
from crawler.language.csv_cells import escape_cell
from crawler.web.security_headers import App, Receive, Scope, Send
from crawler.web.visitor_sql.messages import Ask, Cell, Refused
from crawler.web.visitor_sql.pool import BusyError, SqlPool

# True while a request for CSV is answered. Here the types of cells are known; in CSV, a text may look like a number.
answers_csv: ContextVar[bool] = ContextVar("answers_csv", default=False)

# Datasette gives a view no pages of rows, and no labels. This one was a table before m0034.
_VIEW, _TABLE = "revisions", "revision_rows"

# Datasette's own questions, which always cost little. They need not wait for those of visitors.
_OWN_SQL = frozenset({"PRAGMA schema_version", "PRAGMA database_list;"})


class ReadOnlyDatabase(Database):  # type: ignore[misc]
    """A database file that is always opened read-only, also for Datasette's own write methods.

    `execute`, by which Datasette's pages run all SQL of visitors, runs in a pool of processes. The site's own pages use
    `execute_fn`, in threads: no statement of a visitor makes them wait.

    `covers_many` is true of an index over many archives; `key_bits` are the bits of its sort keys below the day.
    """

    covers_many = False
    key_bits = KEY_BITS

    def __init__(self, datasette: Datasette, file: Path) -> None:
        super().__init__(datasette, path=str(file), is_mutable=True)
        # By as_uri(): Datasette's own code fails on a path with "?", "#" or "%". Not immutable, as a crawl may write.
        self._uri = f"{file.as_uri()}?mode=ro"
        self._file = file
        self._opened: list[sqlite3.Connection] = []
        self._pool = SqlPool(self._uri)

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Open the file with mode=ro.

        Raises:
            ArchiveUnusableError: if a connection for writing is requested.
        """
        if write:
            raise ArchiveUnusableError(f"{self._file}: is published read-only")
        connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
        self._opened.append(connection)
        return connection

    async def execute(
        self, sql: str, params: Any = None, *, truncate: bool = False, custom_time_limit: int | None = None,
        page_size: int | None = None, log_sql_errors: bool = True,
    ) -> Results:  # fmt: skip
        """Run a statement as Datasette's `Database.execute` does, in a process of the pool.

        Raises:
            QueryInterrupted: if its time was over.
            sqlite3.OperationalError: if it cannot be run, or needs more than a visitor may have.
            DatasetteError: with status 503, if too many statements wait.
        """
        if sql in _OWN_SQL:
            return await super().execute(sql, params, log_sql_errors=log_sql_errors)
        limit_ms = min(custom_time_limit or self.ds.sql_time_limit_ms, self.ds.sql_time_limit_ms)
        most_rows = self.ds.max_returned_rows + (self.ds.max_returned_rows == (page_size or self.ds.page_size))
        ask = Ask(sql, _plain(params), limit_ms, most_rows if truncate else None)
        try:
            reply = await self._pool.ask(ask)
        except BusyError:
            raise DatasetteError("Too many queries at once; try again in a moment", status=503) from None
        if isinstance(reply, Refused):
            error = sqlite3.OperationalError(reply.message)
            if reply.is_interrupted:
                raise QueryInterrupted(error, sql, params)
            if answers_csv.get():  # Datasette would answer with an empty file, as if the statement had found nothing
                raise DatasetteError(reply.message, title="Invalid SQL", status=400)
            raise error
        columns, rows = reply.columns or [], reply.rows
        if answers_csv.get():
            columns = [escape_cell(name) for name in columns]  # an address that names one is passed on to others
            rows = [[escape_cell(cell) for cell in row] for row in rows]
        return Results(_as_rows(columns, rows), reply.is_truncated, [(name, *[None] * 6) for name in columns])

    async def table_exists(self, table: str) -> bool:
        """Whether a table exists. The view `revisions` counts as one, so that its rows have pages as before m0034."""
        return await self._is_shown_as_table(table) or bool(await super().table_exists(table))

    async def table_names(self) -> list[str]:
        """Name the tables, and the view `revisions`."""
        more = [_VIEW] if await self._is_shown_as_table(_VIEW) else []
        return sorted([*await super().table_names(), *more])

    async def view_names(self) -> list[str]:
        """Name the other views."""
        return [name for name in await super().view_names() if name != _VIEW]

    async def get_view_definition(self, view: str) -> str | None:
        """Return the statement that made a view; None for `revisions`."""
        found: str | None = None if view == _VIEW else await super().get_view_definition(view)
        return found

    async def get_table_definition(self, table: str, type_: str = "table") -> str | None:
        """Return the statements that made a table and its indexes."""
        made_by = "view" if await self._is_shown_as_table(table) else type_
        found: str | None = await super().get_table_definition(table, made_by)
        return found

    async def primary_keys(self, table: str) -> list[str]:
        """Return the key of a table; of `revisions`, that of the table below it."""
        return list(await super().primary_keys(_TABLE if await self._is_shown_as_table(table) else table))

    async def foreign_keys_for_table(self, table: str) -> list[dict[str, str]]:
        """Return the references of a table; of `revisions`, those of the table below it."""
        return list(await super().foreign_keys_for_table(_TABLE if await self._is_shown_as_table(table) else table))

    async def _is_shown_as_table(self, name: str) -> bool:
        sql = "select 1 from sqlite_master where type = 'view' and name = ?"
        return name == _VIEW and bool(await self.execute_fn(lambda one: one.execute(sql, (_VIEW,)).fetchone()))

    async def get_all_foreign_keys(self) -> dict[str, dict[str, list[dict[str, str]]]]:
        """Return all references, with `revisions` in the place of the table below it."""
        found: dict[str, dict[str, list[dict[str, str]]]] = await super().get_all_foreign_keys()
        for keys in found.values():
            for key in (*keys["incoming"], *keys["outgoing"]):
                if key["other_table"] == _TABLE:
                    key["other_table"] = _VIEW
        return found | {_VIEW: found[_TABLE]} if _TABLE in found else found

    def close(self) -> None:
        """Close all connections that were opened, and end the processes."""
        self._pool.close()
        for connection in self._opened:
            connection.close()
        self._opened.clear()


def guard_csv(app: App) -> App:
    """Wrap an ASGI application: while it answers with CSV, texts that a spreadsheet would run get an apostrophe."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            answers_csv.set(scope["path"].endswith(".csv"))
        await app(scope, receive, send)

    return wrapped


def _plain(parameters: Any) -> dict[str, Cell] | list[Cell]:
    if parameters is None:
        return {}
    return dict(parameters) if hasattr(parameters, "keys") else list(parameters)


def _as_rows(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[sqlite3.Row]:
    """Make rows as SQLite gives them: Datasette reads cells by number and by name."""
    if not rows:
        return []
    names = ", ".join(f"null as {_quoted(name)}" for name in columns)
    connection = sqlite3.connect(":memory:")
    try:
        cursor = connection.execute(f"select {names}")
        return [sqlite3.Row(cursor, tuple(row)) for row in rows]
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
