"""The databases of the reading room over many archives, as Datasette publishes them."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from datasette.app import Datasette

from crawler.archive.articles.search_index import register_functions
from crawler.union.ids import PUBLIC_KEY_BITS
from crawler.web.visitor_sql.database import ReadOnlyDatabase

# Threads that read one archive for its pages. Datasette's own pages use processes.
_ROOM_THREADS = 2

T = TypeVar("T")


class UnionDatabase(ReadOnlyDatabase):
    """The index over all archives. Only the pages of the reading room itself read it."""

    covers_many = True
    key_bits = PUBLIC_KEY_BITS


class RoomDatabase(ReadOnlyDatabase):
    """One archive of many. It brings its own threads, which end with it.

    Those of a `Datasette` never end, nor does what it writes to its own tables with: each room that was opened and
    closed would stay in memory. So a room's Datasette has none (`num_sql_threads` 0), and reads of pages come here.
    """

    def __init__(self, datasette: Datasette, file: Path) -> None:
        super().__init__(datasette, file)
        self._threads = ThreadPoolExecutor(_ROOM_THREADS, thread_name_prefix=f"room-{file.parent.name}")
        self._local = threading.local()

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function with a connection, in a thread."""

        def in_thread() -> T:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._prepare(self.connect())
            return fn(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, in_thread)

    def close(self) -> None:
        """End the threads, when their reads have ended, and close all connections."""
        self._threads.shutdown(wait=True)
        super().close()

    @staticmethod
    def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.row_factory = sqlite3.Row
        # As Datasette does: bytes that are no UTF-8 must not break a page.
        connection.text_factory = lambda text: str(text, "utf-8", "replace")
        register_functions(connection)
        return connection
