"""Connections to the PostgreSQL server of a fleet, and the tables there."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from crawler.errors import ServerAwayError, WrongUseError

# How long a server may take to accept a connection, in seconds.
_CONNECT_SECONDS = 5
# So that two nodes that join at once do not make the tables twice; any number that nobody else uses.
_SCHEMA_LOCK = 18_182_026

# A node is alive as long as its heartbeat is no older than this, in seconds, by the server's clock.
ALIVE_SECONDS = 15

_TABLES = """
create table if not exists fleet_nodes (
    name text primary key,
    id text not null,
    share real not null check (share > 0),
    heartbeat_at timestamptz not null default now()
);
create table if not exists fleet_portals (
    name text primary key,
    number integer not null unique check (number between 1 and 4095),
    profile text not null,
    home text references fleet_nodes (name),
    epoch integer not null default 1,
    origin text not null default 'nothing' check (origin in ('nothing', 'disk', 'backup')),
    status jsonb,
    status_at timestamptz,
    shipped_at timestamptz
);
create index if not exists fleet_portals_home on fleet_portals (home);
"""


@contextmanager
def open_server(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Open a connection for a block; each statement is a transaction, unless the block opens one.

    Raises:
        ServerAwayError: if the server does not answer, or the connection breaks.
        WrongUseError: if the address is none, or the tables cannot be used.
    """
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise ServerAwayError(f"the fleet's server does not answer: {_first_line(error)}") from error
    except psycopg.ProgrammingError as error:
        raise WrongUseError(f"the fleet's server cannot be used: {_first_line(error)}") from error


def make_tables(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Make the tables of the registry, unless they are there."""
    with locked(connection):
        connection.execute(_TABLES)


@contextmanager
def locked(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    """Run a block as one transaction, while no other node changes the tables or gives numbers."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
        yield


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
