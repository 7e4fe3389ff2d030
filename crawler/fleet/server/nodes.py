"""The nodes of a fleet: machines that joined, and whether they are alive."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from crawler.errors import WrongUseError
from crawler.fleet.server.connection import ALIVE_SECONDS


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the fleet. `portals` are those whose home it is."""

    name: str
    share: float
    heartbeat_at: datetime
    is_alive: bool
    portals: int


def beat(connection: Connection[tuple[object, ...]], name: str, *, identity: str, share: float) -> None:
    """Say that a node is alive; the first time, it joins.

    Raises:
        WrongUseError: if the name is another machine's, or another disk's.
    """
    found = connection.execute(
        """insert into fleet_nodes (name, id, share) values (%s, %s, %s)
           on conflict (name) do update set share = excluded.share, heartbeat_at = now()
           where fleet_nodes.id = excluded.id returning name""",
        (name, identity, share),
    ).fetchone()
    if found is None:
        raise WrongUseError(
            f"{name}: another disk joined the fleet under this name; give this one another --name. "
            f"If that disk is lost, `fleet move --from {name}` gives its portals new homes"
        )


def leave(connection: Connection[tuple[object, ...]], name: str) -> None:
    """Say that a node ended in order: it is not alive until it joins again."""
    connection.execute("update fleet_nodes set heartbeat_at = '-infinity' where name = %s", (name,))


def read_nodes(connection: Connection[tuple[object, ...]]) -> list[Node]:
    """Read all nodes, by name."""
    with connection.cursor(row_factory=class_row(Node)) as cursor:
        return cursor.execute(
            """select name, share, greatest(heartbeat_at, 'epoch') heartbeat_at,
                 heartbeat_at > now() - make_interval(secs => %s) is_alive,
                 (select count(*) from fleet_portals p where p.home = n.name) portals
               from fleet_nodes n order by name""",
            (ALIVE_SECONDS,),
        ).fetchall()


def shares_alive(connection: Connection[tuple[object, ...]]) -> dict[str, float]:
    """Return the share of each node that is alive."""
    return {node.name: node.share for node in read_nodes(connection) if node.is_alive}
