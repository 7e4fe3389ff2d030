"""Start the reading room over the archives of a folder, and the process that keeps its index."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crawler import side_process
from crawler.fleet.folder import FleetFolder
from crawler.settings import site_address
from crawler.union.index import INDEX_NAME, open_index
from crawler.web.request import DATABASE_NAME
from crawler.web.serve import make_datasette, run
from crawler.web.union.databases import IndexConnection, UnionDatabase
from crawler.web.union.entrance import lead_in
from crawler.web.union.rooms import Rooms

# A process of the index that ended is started again after this many seconds.
_RESTART_SECONDS = 10.0


def serve_many(folder: Path, host: str, *, port: int, announce: Callable[[str], None] | None = None) -> None:
    """Publish all archives of a folder until SIGINT or SIGTERM. Arguments as for `crawler.web.serve.serve`.

    Raises:
        ArchiveUnusableError: if the index cannot be made.
        WrongUseError: as `serve`.
    """
    site_address()
    fleet = FleetFolder(folder)
    path = fleet.state / INDEX_NAME
    open_index(path).close()
    datasette = make_datasette(path, kind=UnionDatabase)
    rooms = Rooms()
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with _index_kept(folder), closing(IndexConnection(path, lambda: sqlite3.connect(uri, uri=True))) as index:
        index.get()

        def name_of(number: int) -> str | None:
            row = index.get().execute("select name from union_archives where number = ?", (number,)).fetchone()
            return str(row[0]) if row else None

        def archive_of(name: str) -> Path | None:
            archive = fleet.archive_of(name)
            return archive if archive.is_file() else None

        try:
            app = lead_in(datasette.app(), rooms, name_of=name_of, archive_of=archive_of)
            run(app, host, port=port, announce=announce)
        finally:
            rooms.close()
            datasette.get_database(DATABASE_NAME).close()


@contextmanager
def _index_kept(folder: Path) -> Iterator[None]:
    """Run the process that keeps the index while the block runs; start it again if it ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_keep, args=(folder, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _keep(folder: Path, ended: threading.Event) -> None:
    while not ended.is_set():
        process, connection = side_process.start("crawler.union", str(folder.absolute()), own_group=True)
        with connection:
            while process.poll() is None and not ended.wait(1.0):
                pass
            side_process.end_group(process)
        ended.wait(_RESTART_SECONDS)
