"""The status of a fleet of many machines, as its nodes pushed it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawler.errors import ProfileError
from crawler.fleet.server.connection import make_tables, open_server
from crawler.fleet.server.nodes import Node, read_nodes
from crawler.fleet.server.portals import PushedStatus, read_statuses
from crawler.language.dates import to_iso_utc
from crawler.locale import say, show_moment
from crawler.operations.fleet_status import MemberStatus, badness, judge_new, member_of
from crawler.profile import Profile, parse_profile


def read_pushed_status(url: str, now: datetime) -> tuple[list[Node], list[MemberStatus]]:
    """Read the nodes, and the status of every portal, the worst first.

    Raises:
        ServerAwayError: if the server does not answer.
    """
    with open_server(url) as connection:
        make_tables(connection)
        nodes, pushed = read_nodes(connection), read_statuses(connection)
    return nodes, sorted((judge_pushed(one, now) for one in pushed), key=badness)


def judge_pushed(pushed: PushedStatus, now: datetime) -> MemberStatus:
    """Judge a portal by what its home pushed last, and by what became of that home since.

    A home that is away pushes nothing more: what it pushed is old, and a night planned since then is due.
    """
    if pushed.status is not None:
        found = member_of(pushed.name, pushed.number, status=pushed.status)
    else:
        found = judge_new(pushed.name, pushed.number, profile=_read_profile(pushed), now=now)
        if pushed.origin != "nothing":
            found = replace(found, due_since=None)  # its archive begins, or is awaited: the first status says more
    member = replace(found, home=pushed.home)
    problems = [_make_problem(kind, pushed, since=since) for kind, since in _find_troubles(pushed, now)]
    if not problems:
        return member
    planned = member.next_planned_at
    is_overdue = planned is not None and planned < to_iso_utc(now) and member.parked is None
    return replace(
        member,
        verdict=problems[0]["kind"],
        problems=(*problems, *member.problems),
        due_since=member.due_since or (planned if is_overdue else None),
    )


def _read_profile(pushed: PushedStatus) -> Profile | None:
    try:
        return parse_profile(pushed.profile or "", pushed.name)
    except ProfileError:
        return None  # only its home says so


def _find_troubles(pushed: PushedStatus, now: datetime) -> Iterator[tuple[str, datetime]]:
    if pushed.home is None:
        yield "no-home", now
    if pushed.away_since is not None:
        yield "node-stopped" if pushed.is_stopped else "node-away", pushed.away_since
    if pushed.origin == "backup":
        yield "restoring", pushed.moved_at or now


def _make_problem(kind: str, pushed: PushedStatus, *, since: datetime) -> dict[str, str]:
    at = to_iso_utc(since)
    found = {"kind": kind, "since": at}
    for language in ("en", "vi"):
        found[f"sentence_{language}"] = (
            say(
                f"fleet_problem_{kind}",
                language,
                home=pushed.home,
                at=show_moment(at, "vi") if language == "vi" else at,
            )
            if pushed.home is not None
            else say("fleet_homeless", language)
        )
    return found


def nodes_as_json(nodes: list[Node]) -> list[dict[str, Any]]:
    """Return the nodes for a program; `heartbeat_at` is ISO 8601 in UTC with Z, None for one that was stopped."""
    return [
        {
            "name": node.name, "share": node.share, "is_alive": node.is_alive, "portals": node.portals,
            "heartbeat_at": _heard(node), "is_leaving": node.is_leaving, "trouble": node.trouble,
        }
        for node in nodes
    ]  # fmt: skip


def node_lines(nodes: list[Node], language: str) -> Iterator[str]:
    """Yield the nodes for a person, one line each."""
    for node in nodes:
        at = _heard(node)
        state = (
            "leaving"
            if node.is_alive and node.is_leaving
            else "alive"
            if node.is_alive
            else "stopped"
            if at is None
            else "away"
        )
        shown = show_moment(at, language) if at is not None and language == "vi" else at
        yield say(f"fleet_node_{state}", language, name=node.name, at=shown, count=node.portals)


def _heard(node: Node) -> str | None:
    return to_iso_utc(node.heartbeat_at) if not node.is_stopped else None
