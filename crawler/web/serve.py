"""Start the site: Datasette on one archive, read-only, always under the database name `archive`."""

import ctypes
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn
from datasette.app import Datasette

from crawler.archive.database import open_for_reading
from crawler.errors import WrongUseError
from crawler.export.data_dictionary import read_metadata
from crawler.settings import site_address
from crawler.web.connections import TimedProtocol, answer_named_hosts
from crawler.web.request import DATABASE_NAME
from crawler.web.security_headers import App
from crawler.web.visitor_sql.database import ReadOnlyDatabase

# Datasette's settings that differ from its defaults, each with the default and the reason.
SETTINGS: Mapping[str, int | bool] = {
    # Default: on. Counting values of every column made filtered tables 23 times slower (measured).
    "suggest_facets": False,
    # Default: on. A stream goes on after its reader has disconnected, and blocks shutdown (measured).
    "allow_csv_stream": False,
    # Default: on. The file without its write-ahead log is not a complete copy; `backup` makes one. All rows stay
    # readable as JSON and CSV.
    "allow_download": False,
    # Default: 1000. Datasette's own search box needs up to 1.7 s over 300,000 articles (measured).
    "sql_time_limit_ms": 2500,
    # Default: 200. Facets are asked for by hand here.
    "facet_time_limit_ms": 500,
    # Default: 1000. A year of a portal's articles fits into one answer.
    "max_returned_rows": 5000,
    # Default: 100. Article bodies make rows long.
    "default_page_size": 50,
    # Default: 3. A slow query of one reader must not make the others wait.
    "num_sql_threads": 6,
    # Default: 2048. Bodies and HTML in cells make table pages megabytes large.
    "truncate_cells_html": 200,
}

# Default of h11: 16 kB. A search of 10,000 characters, percent-encoded, is 120 kB.
_MAX_HEAD_BYTES = 256 * 1024
# Of glibc (malloc.h).
_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK_BYTES = 1024**2
_BACKLOG = 512
_SHUTDOWN_SECONDS = 5


def make_datasette(
    archive: Path, *, kind: type[ReadOnlyDatabase] = ReadOnlyDatabase, settings: Mapping[str, int | str] | None = None
) -> Datasette:
    """Make the Datasette that publishes an archive, with its metadata and settings; it does not listen yet.

    Args:
        archive: the database.
        kind: how it is read.
        settings: of Datasette, besides SETTINGS.

    Raises:
        ArchiveUnusableError: if there is no archive, it cannot be read, or its schema is older.
        SchemaTooNewError: if a newer version wrote it.
    """
    file = archive.absolute()
    open_for_reading(file).close()
    # The constructor gets the file too: it makes the routes, and makes none if nothing is published.
    datasette = Datasette([str(file)], metadata=read_metadata(), settings={**SETTINGS, **(settings or {})})
    for name, database in list(datasette.databases.items()):
        if not database.is_memory:
            datasette.remove_database(name)
    datasette.add_database(kind(datasette, file), name=DATABASE_NAME)
    return datasette


def serve(archive: Path, host: str, *, port: int, announce: Callable[[str], None] | None = None) -> None:
    """Publish an archive until SIGINT or SIGTERM.

    Args:
        archive: the database; the captured bytes are in `warc/` beside it.
        host: a name or address to listen on.
        port: 0 for any free port.
        announce: is called once with the site's address when connections are accepted.

    Raises:
        ArchiveUnusableError: as `make_datasette`.
        WrongUseError: if it cannot listen on the address, the schema is newer, or `PORTAL_ARCHIVE_SITE`, which pages
            and feeds name, is not an address.
    """
    site_address()
    _give_back_large_blocks()
    datasette = make_datasette(archive)
    try:
        run(datasette.app(), host, port=port, announce=announce)
    finally:
        datasette.get_database(DATABASE_NAME).close()


def run(app: App, host: str, *, port: int, announce: Callable[[str], None] | None = None) -> None:
    """Answer with an application until SIGINT or SIGTERM. Arguments as for `serve`.

    Raises:
        WrongUseError: if it cannot listen on the address.
    """
    with listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}/"
        config = uvicorn.Config(
            answer_named_hosts(app, names=[host]),
            lifespan="on",
            log_level="warning",
            # Default: on. Readers are not recorded.
            access_log=False,
            server_header=False,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            http=TimedProtocol,
            # Default: none. A reader that takes an answer slowly must not keep the site from ending.
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        _Server(config, lambda: announce(address) if announce is not None else None).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that tells when it answers. Not before: a signal that comes while it starts may be lost."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then tell it."""
        await super().startup(sockets)
        if self.started:
            self._tell()


def _give_back_large_blocks() -> None:
    """Let the C library return the memory of each large block when it is freed.

    glibc keeps blocks of up to 32 MiB once one of that size was freed; large answers left several times their size.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    set_option(_M_MMAP_THRESHOLD, _LARGE_BLOCK_BYTES)


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; connections wait until the server runs.

    Raises:
        WrongUseError: if the address is unknown or in use.
    """
    if not 0 <= port <= 65535:
        raise WrongUseError(f"cannot listen on {host}:{port}: a port is a number from 0 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError, UnicodeError) as error:
        raise WrongUseError(f"cannot listen on {host}:{port}: {error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise WrongUseError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    listener.setblocking(False)
    return listener
