"""The nodes of a fleet: machines that joined, and whether they are alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from crawler.errors import WrongUseError
from crawler.fleet.server.connection import ALIVE_SECONDS, FORGOTTEN_SECONDS, TOLD_SECONDS

_IS_UNTOLD = """not is_stopped and heartbeat_at < now() - make_interval(secs => %s)
    and told_of is distinct from heartbeat_at and exists (select 1 from fleet_portals p where p.home = n.name)"""
_IS_BACK = "heartbeat_at > told_of"


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the fleet. `portals` are those whose home it is.

    A node that was stopped ended in order. One that is leaving hands its portals over, and gets no new ones; `trouble`
    is why it cannot.
    """

    name: str
    share: float
    heartbeat_at: datetime
    is_alive: bool
    portals: int
    is_stopped: bool = False
    is_leaving: bool = False
    trouble: str | None = None


def beat(connection: Connection[tuple[object, ...]], name: str, *, identity: str, share: float) -> None:
    """Say that a node is alive; the first time, it joins.

    Raises:
        WrongUseError: if the name is another machine's, or another disk's.
    """
    found = connection.execute(
        """insert into fleet_nodes (name, id, share) values (%s, %s, %s)
           on conflict (name) do update set share = excluded.share, heartbeat_at = now(), is_stopped = false
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
    connection.execute("update fleet_nodes set is_stopped = true where name = %s", (name,))


_COLUMNS = """name, share, heartbeat_at, not is_stopped and heartbeat_at > now() - make_interval(secs => %s) is_alive,
    is_stopped, is_leaving, trouble, (select count(*) from fleet_portals p where p.home = n.name) portals"""


def read_nodes(connection: Connection[tuple[object, ...]]) -> list[Node]:
    """Read all nodes, by name."""
    with connection.cursor(row_factory=class_row(Node)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from fleet_nodes n order by name",  # noqa: S608 - constant
            (ALIVE_SECONDS,),
        ).fetchall()


def claim_away(connection: Connection[tuple[object, ...]]) -> list[Node]:
    """Return the nodes with portals that are away, and whose absence was not reported yet; each is given once."""
    with connection.cursor(row_factory=class_row(Node)) as cursor:
        return cursor.execute(
            f"update fleet_nodes n set told_of = heartbeat_at where {_IS_UNTOLD} returning {_COLUMNS}",  # noqa: S608
            (TOLD_SECONDS, ALIVE_SECONDS),
        ).fetchall()


def claim_back(connection: Connection[tuple[object, ...]]) -> list[str]:
    """Return the names of nodes that are back after their absence was reported; each is given once."""
    found = connection.execute(
        f"update fleet_nodes set told_of = null where {_IS_BACK} returning name"  # noqa: S608 - constant
    ).fetchall()
    return sorted(str(name) for (name,) in found)


def is_to_tell(connection: Connection[tuple[object, ...]]) -> bool:
    """Return whether a node is away or back and this was not reported yet."""
    return connection.execute(
        f"select exists (select 1 from fleet_nodes n where ({_IS_UNTOLD}) or ({_IS_BACK}))",  # noqa: S608 - constant
        (TOLD_SECONDS,),
    ).fetchone() == (True,)


def forget_told(connection: Connection[tuple[object, ...]], names: Sequence[str]) -> None:
    """Note that the absence of these nodes was not reported."""
    connection.execute("update fleet_nodes set told_of = null where name = any(%s)", (list(names),))


def shares_alive(connection: Connection[tuple[object, ...]]) -> dict[str, float]:
    """Return the share of each node that is alive, and does not leave."""
    return {node.name: node.share for node in read_nodes(connection) if node.is_alive and not node.is_leaving}


def put_leaving(connection: Connection[tuple[object, ...]], name: str, *, is_leaving: bool) -> None:
    """Ask a node to hand its portals over, or take that back."""
    connection.execute("update fleet_nodes set is_leaving = %s, trouble = null where name = %s", (is_leaving, name))


def is_leaving(connection: Connection[tuple[object, ...]], name: str) -> bool:
    """Return whether a node is asked to hand its portals over."""
    return connection.execute("select is_leaving from fleet_nodes where name = %s", (name,)).fetchone() == (True,)


def put_trouble(connection: Connection[tuple[object, ...]], name: str, *, trouble: str | None) -> None:
    """Note why a node cannot hand its portals over."""
    connection.execute(
        "update fleet_nodes set trouble = %s where name = %s and trouble is distinct from %s", (trouble, name, trouble)
    )


def forget_old_nodes(connection: Connection[tuple[object, ...]]) -> None:
    """Forget nodes that have no portal and were away for long: machines that are no more."""
    connection.execute(
        """delete from fleet_nodes n where heartbeat_at < now() - make_interval(secs => %s)
             and not exists (select 1 from fleet_portals p where p.home = n.name)""",
        (FORGOTTEN_SECONDS,),
    )
