"""Connections to the PostgreSQL server of a fleet, and the tables of the registry there."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from crawler.errors import ServerAwayError, WrongUseError

# How long a server may take to accept a connection, in seconds.
_CONNECT_SECONDS = 5
# So that two nodes that join at once do not make the tables twice; any number that no other program uses.
_SCHEMA_LOCK = 18_182_026

# A node is alive while its heartbeat is at most this old, in seconds, by the server's clock.
ALIVE_SECONDS = 15
# A message reports a node that has portals after this long without a heartbeat, in seconds.
TOLD_SECONDS = 600
# A node without portals is forgotten after this long without a heartbeat, in seconds.
FORGOTTEN_SECONDS = 30 * 24 * 3600

# What is made of the server by each version of the registry, from the first on.
_VERSIONS = (
    """
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
    """,
    """
    alter table fleet_nodes add column is_stopped boolean not null default false,
        add column is_leaving boolean not null default false, add column trouble text, add column told_of timestamptz;
    update fleet_nodes set is_stopped = true, heartbeat_at = now() where heartbeat_at = '-infinity';
    alter table fleet_portals add column moved_at timestamptz;
    """,
)
_REGISTRY = "registry"


@contextmanager
def open_server(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Open a connection for a block; each statement is a transaction, unless the block opens one.

    Raises:
        ServerAwayError: if the server does not answer, the connection breaks, or it takes nothing now (a standby).
        WrongUseError: if the address is not valid, or the tables cannot be used.
    """
    has_password(url)  # an address that cannot be read ends here, and is not quoted
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
            yield connection
    except (psycopg.OperationalError, psycopg.InternalError) as error:
        raise ServerAwayError(f"the fleet's server does not answer: {_first_line(error)}") from error
    except psycopg.Error as error:
        raise WrongUseError(f"the fleet's server cannot be used: {_first_line(error)}") from error


def has_password(url: str) -> bool:
    """Return whether an address holds a password.

    Raises:
        WrongUseError: if it cannot be read. It is not quoted then: it may hold a password.
    """
    try:
        return conninfo_to_dict(url).get("password") is not None
    except psycopg.Error:
        raise WrongUseError(
            "the address of the fleet's server cannot be read; expected postgresql://USER@HOST/DATABASE?sslmode=verify-full"
        ) from None


def make_tables(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Make the tables of the registry, or bring those of an older version up to this one; a transaction.

    Raises:
        WrongUseError: if they are of a newer version.
    """
    newest = len(_VERSIONS)
    if _has_table(connection, "fleet_versions") and _read_version(connection) == newest:
        return
    with locked(connection):
        connection.execute("create table if not exists fleet_versions (part text primary key, version text not null)")
        version = _read_version(connection)
        if version > newest:
            raise WrongUseError(
                f"the fleet's server has tables of version {version}, and this program knows {newest}: upgrade it"
            )
        for statements in _VERSIONS[version:]:
            connection.execute(statements)
        put_version(connection, _REGISTRY, version=str(newest))


def read_version(connection: "psycopg.Connection[tuple[object, ...]]", part: str) -> str | None:
    """Read the version of a part of the server's tables, None if none was noted."""
    found = connection.execute("select version from fleet_versions where part = %s", (part,)).fetchone()
    return str(found[0]) if found is not None else None


def put_version(connection: "psycopg.Connection[tuple[object, ...]]", part: str, *, version: str) -> None:
    """Note the version of a part of the server's tables."""
    connection.execute(
        """insert into fleet_versions values (%s, %s)
           on conflict (part) do update set version = excluded.version""",
        (part, version),
    )


def _read_version(connection: "psycopg.Connection[tuple[object, ...]]") -> int:
    """Return the version of the registry. The first one had no table of versions."""
    noted = read_version(connection, _REGISTRY)
    return int(noted) if noted is not None else int(_has_table(connection, "fleet_portals"))


def _has_table(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> bool:
    return connection.execute("select to_regclass(%s) is not null", (name,)).fetchone() == (True,)


@contextmanager
def locked(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    """Run a block as one transaction, while no other node changes the tables or gives numbers."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
        yield


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
