"""The portals of a fleet of many machines: number, home and epoch of each, its profile and its last status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from crawler.errors import WrongUseError
from crawler.fleet.registry import HIGHEST_NUMBER
from crawler.fleet.server.connection import ALIVE_SECONDS, locked
from crawler.fleet.server.homes import choose_home
from crawler.fleet.server.nodes import read_nodes, shares_alive

# Where the archive of an epoch comes from: it begins with nothing, is on the home's disk, or is to be restored.
Origin = Literal["nothing", "disk", "backup"]


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal of the fleet. `home` is None until a node is alive; `epoch` counts its homes."""

    name: str
    number: int
    profile: str
    home: str | None
    epoch: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class PushedStatus:
    """What the home of a portal pushed last: `status --json` of its archive, None if it has none yet; then its profile.

    `origin` and `moved_at` say whether the archive is awaited at its home, and since when. `away_since` is the last
    heartbeat of a home that is not alive, None if it is.
    """

    name: str
    number: int
    home: str | None
    origin: Origin
    moved_at: datetime | None
    away_since: datetime | None
    is_stopped: bool
    status: dict[str, Any] | None
    profile: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a portal of a lost node: its new home, None if it stays; the origin; the last shipped backup."""

    name: str
    home: str | None
    origin: Origin
    shipped_at: datetime | None


_COLUMNS = "name, number, profile, home, epoch, origin"


def add_portal(
    connection: Connection[tuple[object, ...]], name: str, *, profile: str, number: int | None = None,
    home: str | None = None, origin: Origin = "nothing",
) -> Portal:  # fmt: skip
    """Add a portal, with the next number and a home among the nodes alive unless these are given.

    Raises:
        WrongUseError: if the portal is there, or the number is another's, or all numbers are given.
    """
    with locked(connection):
        known = {one.name: one for one in read_portals(connection)}
        taken = {one.number for one in known.values()}
        if name in known:
            raise WrongUseError(f"{name}: is in the fleet already")
        if number in taken:
            raise WrongUseError(f"{name}: its number {number} is another portal's in this fleet")
        number = number or max(taken, default=0) + 1
        if number > HIGHEST_NUMBER:
            raise WrongUseError(f"the fleet holds {HIGHEST_NUMBER} portals, and no more have a number")
        home = home or choose_home(name, shares_alive(connection))
        connection.execute(
            "insert into fleet_portals (name, number, profile, home, origin) values (%s, %s, %s, %s, %s)",
            (name, number, profile, home, origin),
        )
    return Portal(name, number, profile, home, 1, origin)


def read_portals(connection: Connection[tuple[object, ...]]) -> list[Portal]:
    """Read all portals, by name."""
    with connection.cursor(row_factory=class_row(Portal)) as cursor:
        return cursor.execute(f"select {_COLUMNS} from fleet_portals order by name").fetchall()  # noqa: S608 - constant


def read_portal(connection: Connection[tuple[object, ...]], name: str) -> Portal | None:
    """Read one portal, None if the fleet has none of that name."""
    with connection.cursor(row_factory=class_row(Portal)) as cursor:
        return cursor.execute(f"select {_COLUMNS} from fleet_portals where name = %s", (name,)).fetchone()  # noqa: S608 - constant


def read_fingerprint(connection: Connection[tuple[object, ...]], node: str) -> str:
    """Return what changes when a portal comes to a node or leaves it, or begins another epoch."""
    found = connection.execute(
        """select md5(string_agg(concat_ws(' ', name, epoch, origin), ',' order by name))
           from fleet_portals where home = %s""",
        (node,),
    ).fetchone()
    return str(found)


def give_homes(connection: Connection[tuple[object, ...]]) -> None:
    """Give portals that came while no node was alive a home."""
    homeless = connection.execute("select name from fleet_portals where home is null").fetchall()
    shares = shares_alive(connection) if homeless else {}
    for (name,) in homeless:
        connection.execute(
            "update fleet_portals set home = %s where name = %s and home is null",
            (choose_home(str(name), shares), name),
        )


def note_on_disk(connection: Connection[tuple[object, ...]], portal: Portal) -> bool:
    """Note that the archive of a portal's epoch is on the disk of its home. False if the portal moved since."""
    done = connection.execute(
        "update fleet_portals set origin = 'disk' where name = %s and home = %s and epoch = %s",
        (portal.name, portal.home, portal.epoch),
    )
    return done.rowcount == 1


def put_profile(connection: Connection[tuple[object, ...]], portal: Portal, *, profile: str) -> None:
    """Keep the profile as the home of a portal has it, for the next home."""
    connection.execute(
        "update fleet_portals set profile = %s where name = %s and home = %s and epoch = %s",
        (profile, portal.name, portal.home, portal.epoch),
    )


def put_status(
    connection: Connection[tuple[object, ...]], portal: Portal, *, status: Mapping[str, Any], shipped_at: str | None
) -> None:
    """Keep the status of a portal, and when its archive was last shipped, unless it moved since.

    None as `shipped_at` keeps what is there: a new home has shipped nothing yet, and the backup of the former one is
    still what a lost archive is restored from.
    """
    connection.execute(
        """update fleet_portals set status = %s, status_at = now(), shipped_at = coalesce(%s, shipped_at)
           where name = %s and home = %s and epoch = %s""",
        (Jsonb(status), shipped_at, portal.name, portal.home, portal.epoch),
    )


def read_statuses(connection: Connection[tuple[object, ...]]) -> list[PushedStatus]:
    """Read what the homes of all portals pushed last."""
    with connection.cursor(row_factory=class_row(PushedStatus)) as cursor:
        return cursor.execute(
            """select p.name, number, home, origin, moved_at, coalesce(is_stopped, false) is_stopped, status,
                 case when status is null then profile end profile,
                 case when is_stopped or heartbeat_at <= now() - make_interval(secs => %s) then heartbeat_at
                 end away_since
               from fleet_portals p left join fleet_nodes n on n.name = p.home order by p.name""",
            (ALIVE_SECONDS,),
        ).fetchall()


def hand_over(
    connection: Connection[tuple[object, ...]], portal: Portal, *, origin: Origin, is_shipped: bool
) -> str | None:
    """Give one portal of a node that leaves a new home, with the next epoch; None if there is none, or it moved.

    Args:
        connection: to the server.
        portal: as its home knows it.
        origin: `backup` if its archive is at the storage, `nothing` if there is none.
        is_shipped: whether it was shipped just now.
    """
    home = choose_home(portal.name, shares_alive(connection))
    if home is None or home == portal.home:
        return None
    done = connection.execute(
        """update fleet_portals set home = %s, epoch = epoch + 1, origin = %s, moved_at = now(),
             shipped_at = case when %s then now() else shipped_at end
           where name = %s and home = %s and epoch = %s""",
        (home, origin, is_shipped, portal.name, portal.home, portal.epoch),
    )
    return home if done.rowcount == 1 else None


def move_portals(connection: Connection[tuple[object, ...]], node: str, *, without_backup: bool) -> list[Moved]:
    """Give the portals of a lost node new homes among the nodes alive, each with the next epoch.

    A portal whose archive was never shipped stays where it is, unless it may begin again.

    Raises:
        WrongUseError: if the node is not known or alive, or no other one is alive.
    """
    with locked(connection):
        nodes = {one.name: one for one in read_nodes(connection)}
        if node not in nodes:
            raise WrongUseError(f"{node}: no node of this name joined the fleet; it has {', '.join(nodes) or 'none'}")
        if nodes[node].is_alive:
            raise WrongUseError(f"{node}: is alive; stop it first, then wait until its heartbeat is old")
        shares = shares_alive(connection)
        if not shares:
            raise WrongUseError("no other node is alive, so nothing can be moved")
        rows = connection.execute(
            "select name, origin, shipped_at from fleet_portals where home = %s order by name", (node,)
        ).fetchall()
        return [
            _move(connection, name, origin=origin, shipped_at=shipped_at, shares=shares, without_backup=without_backup)
            for name, origin, shipped_at in rows
        ]


def _move(
    connection: Connection[tuple[object, ...]], name: Any, *, origin: Any, shipped_at: Any,
    shares: Mapping[str, float], without_backup: bool,
) -> Moved:  # fmt: skip
    if origin == "disk":
        origin = "backup" if shipped_at is not None else "nothing"
        if origin == "nothing" and not without_backup:
            return Moved(name, None, origin, None)
    home = choose_home(name, shares)
    connection.execute(
        "update fleet_portals set home = %s, epoch = epoch + 1, origin = %s, moved_at = now() where name = %s",
        (home, origin, name),
    )
    return Moved(name, home, origin, shipped_at)
