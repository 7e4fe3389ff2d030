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
from crawler.archive.database import read_file_mark
from crawler.errors import IndexAwayError
from crawler.union.ids import PUBLIC_KEY_BITS
from crawler.web.visitor_sql.database import ReadOnlyDatabase

# Threads that read one archive for its pages. Datasette's own pages use processes.
_ROOM_THREADS = 2

T = TypeVar("T")


class IndexConnection:
    """A connection to the index, opened again when another file has its name: the index may be made again at any time.

    Else a site would show for good what a thrown-away index held, also what is withheld. For one thread.
    """

    def __init__(self, file: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._file = file
        self._connect = connect
        self._opened: tuple[int, sqlite3.Connection] | None = None

    def get(self) -> sqlite3.Connection:
        """Return the connection; the one to the former index while there is none.

        Raises:
            IndexAwayError: if there is none, and there was none when it was last asked for.
        """
        number = read_file_mark(self._file)[0]
        if self._opened is None or number not in (0, self._opened[0]):
            self.close()
            try:
                self._opened = number, self._connect()
            except sqlite3.OperationalError as error:
                if self._file.exists():
                    raise
                raise IndexAwayError(f"{self._file}: is missing; it is built again") from error
        return self._opened[1]

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None


class UnionDatabase(ReadOnlyDatabase):
    """The index over all archives. Only the pages of the reading room itself read it."""

    covers_many = True
    key_bits = PUBLIC_KEY_BITS

    def __init__(self, datasette: Datasette, file: Path) -> None:
        super().__init__(datasette, file)
        self._local = threading.local()

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function with a connection to the index as it is now, in a thread."""

        def in_thread() -> T:
            index: IndexConnection | None = getattr(self._local, "index", None)
            if index is None:
                index = self._local.index = IndexConnection(self._file, lambda: prepare(self.connect()))
            return fn(index.get())

        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, in_thread)


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
                connection = self._local.connection = prepare(self.connect())
            return fn(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, in_thread)

    def close(self) -> None:
        """End the threads, when their reads have ended, and close all connections."""
        self._threads.shutdown(wait=True)
        super().close()


def prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Make a connection ready for our pages, as Datasette does; give it."""
    connection.row_factory = sqlite3.Row
    # Bytes that are not UTF-8 must not break a page.
    connection.text_factory = lambda text: str(text, "utf-8", "replace")
    register_functions(connection)
    return connection
