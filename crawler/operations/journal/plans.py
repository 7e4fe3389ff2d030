"""The journal's `profile_faults` and `plans`: profiles that cannot be used now, and since when a plan holds."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.language.dates import to_iso_utc

# The plan of a portal whose profile was taken away, with the time at which that was seen. No `PlanLine` reads so.
LEFT = "left"


@dataclass(frozen=True, slots=True)
class ProfileFault:
    """A profile of the plan that cannot be used as it is now.

    `portal` is the name it last had, or the file's name if it was never readable. `since` is ISO 8601 in UTC with Z.
    """

    portal: str
    since: str
    message: str


def put_faults(connection: sqlite3.Connection, messages: Mapping[str, str], *, now: datetime) -> None:
    """Replace the faults, by portal; a fault that stays keeps its `since`."""
    for fault in read_faults(connection):
        if fault.portal not in messages:
            connection.execute("delete from profile_faults where portal = ?", (fault.portal,))
    for portal, message in messages.items():
        connection.execute(
            """insert into profile_faults (portal, since, message) values (?, ?, ?)
               on conflict (portal) do update set message = excluded.message""",
            (portal, to_iso_utc(now), message),
        )


def read_faults(connection: sqlite3.Connection) -> list[ProfileFault]:
    """Read the faults, ordered by portal."""
    rows = connection.execute("select portal, since, message from profile_faults order by portal").fetchall()
    return [ProfileFault(*row) for row in rows]


def put_plans(connection: sqlite3.Connection, plans: Iterable[tuple[str, str, datetime | None]]) -> None:
    """Write portals with their plans, and since when each holds; None if it always did."""
    connection.executemany(
        """insert into plans (portal, plan, since) values (?, ?, ?)
           on conflict (portal) do update set plan = excluded.plan, since = excluded.since""",
        [(portal, plan, to_iso_utc(since) if since else None) for portal, plan, since in plans],
    )


def read_plan(connection: sqlite3.Connection, portal: str) -> tuple[str, str | None] | None:
    """Read a portal's plan and its `since`; None if there is none."""
    row = connection.execute("select plan, since from plans where portal = ?", (portal,)).fetchone()
    return (row[0], row[1]) if row else None
