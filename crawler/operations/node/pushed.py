"""The status of a fleet of many machines, as its nodes pushed it."""

from collections.abc import Iterator
from typing import Any

from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import Node, read_nodes
from crawler.fleet.server.portals import read_statuses
from crawler.language.dates import to_iso_utc
from crawler.locale import say, show_moment
from crawler.operations.fleet_status import MemberStatus, badness, member_of


def read_pushed_status(url: str) -> tuple[list[Node], list[MemberStatus]]:
    """Read the nodes, and the status of every portal, the worst first.

    Raises:
        ServerAwayError: if the server does not answer.
    """
    with open_server(url) as connection:
        make_tables(connection)
        nodes, pushed = read_nodes(connection), read_statuses(connection)
    members = [member_of(one.name, one.number, status=one.status) for one in pushed]
    return nodes, sorted(members, key=badness)


def nodes_as_json(nodes: list[Node]) -> list[dict[str, Any]]:
    """Return the nodes for a program; `heartbeat_at` is ISO 8601 in UTC with Z, None for one that was stopped."""
    return [
        {
            "name": node.name, "share": node.share, "is_alive": node.is_alive, "portals": node.portals,
            "heartbeat_at": _heard(node),
        }
        for node in nodes
    ]  # fmt: skip


def node_lines(nodes: list[Node], language: str) -> Iterator[str]:
    """Yield the nodes for a person, one line each."""
    for node in nodes:
        at = _heard(node)
        state = "alive" if node.is_alive else "stopped" if at is None else "away"
        shown = show_moment(at, language) if at is not None and language == "vi" else at
        yield say(f"fleet_node_{state}", language, name=node.name, at=shown, count=node.portals)


def _heard(node: Node) -> str | None:
    return to_iso_utc(node.heartbeat_at) if node.heartbeat_at.year > 1970 else None
