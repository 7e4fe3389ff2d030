"""Parked portals: dead for many nights in a row, and so asked once in many days only.

A portal is dead in a night if every run of that night got no answer at all, or found another system at its address. The
rows of its archive alone show it; nothing else is stored. So the first run with an answer unparks it, also one by hand.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from crawler.errors import ProfileError
from crawler.fleet.answers import read_answered
from crawler.fleet.fleet_file import ParkingRule, read_parking
from crawler.fleet.folder import FleetFolder, fleet_of
from crawler.items import Outcome
from crawler.language.dates import local_date, parse_iso, to_iso_utc
from crawler.profile import Profile

# A probe may come this long before its days are over: nights do not begin to the minute.
_EARLY = timedelta(hours=12)
# How many of a portal's last runs are read. A dead night has some eight.
_RUNS_READ = 1000

_SILENT_REASONS = ("home-failed", "portal-silent")
_OTHER_SYSTEMS = ("another-cms", "no-portal")
# Inside the reason of a night on which the host answered in some way, or was not asked.
_NO_SILENCE = (
    "it-answered",
    "robots-answered",
    "tls-",
    "resolves-to-private",
    "answered-from-private",
    "address-unreadable",
)


class Death(StrEnum):
    """How a portal is dead."""

    NO_ANSWER = "no-answer"
    OTHER_SYSTEM = "other-system"


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked portal: dead since its first dead night, for this many nights in which others answered.

    `probed_at` is when its last run began; the first planned night from `next_from` on asks it again.
    """

    since: datetime
    nights: int
    why: Death
    probed_at: datetime
    next_from: datetime


@dataclass(frozen=True, slots=True)
class _DeadRun:
    began: datetime
    why: Death


def find_parked(connection: sqlite3.Connection, archive: Path, *, profile: Profile) -> Parked | None:
    """Return how a portal is parked, by its runs in the open archive; None if it is not.

    Only nights count in which another portal of the fleet, or of the archive, was answered: where nobody answers, our
    own line is down. A portal whose profile got another `base_url` is not parked.
    """
    dead = [*_read_dead_runs(connection, profile.name)]
    if not dead or _is_corrected(connection, profile):
        return None
    fleet = fleet_of(archive)
    rule = _read_rule(fleet)
    if rule.nights == 0:
        return None
    answered = read_answered(fleet) if fleet is not None else set()
    answered |= _read_answered_beside(connection, profile, since=dead[-1].began)
    nights = {local_date(run.began, profile.zone).isoformat() for run in dead} & answered
    if len(nights) < rule.nights:
        return None
    last = dead[0]
    next_from = last.began + timedelta(days=rule.probe_days) - _EARLY
    return Parked(dead[-1].began, len(nights), last.why, last.began, next_from)


def _read_dead_runs(connection: sqlite3.Connection, portal: str) -> Iterator[_DeadRun]:
    """Yield the dead runs since the last one that was answered, the newest first.

    A run that was stopped, died, or failed by a fault of ours says nothing about the portal.
    """
    rows = connection.execute(
        """select started_at, outcome, reason_kind, reason_args,
             exists (select 1 from captures where crawl_id = crawls.id) as is_answered
           from crawls where portal = ? and finished_at is not null order by id desc limit ?""",
        (portal, _RUNS_READ),
    )
    for started_at, outcome, kind, args, is_answered in rows:
        why = _judge_death(outcome, kind, args=args, is_answered=bool(is_answered))
        if why is not None:
            yield _DeadRun(parse_iso(started_at), why)
        elif is_answered or kind in _SILENT_REASONS:
            return  # a certificate that is refused is an answer, too


def _judge_death(outcome: str, kind: str | None, *, args: str | None, is_answered: bool) -> Death | None:
    if kind in _OTHER_SYSTEMS and outcome in (Outcome.FAILED, Outcome.SUSPECT):
        return Death.OTHER_SYSTEM
    is_silent = outcome == Outcome.FAILED and kind in _SILENT_REASONS and not is_answered
    if is_silent and not any(one.startswith(_NO_SILENCE) for one in _kinds_in(json.loads(args or "[]"))):
        return Death.NO_ANSWER
    return None


def _kinds_in(said: Any) -> Iterator[str]:
    """Yield the kinds of sentences, and of those inside them."""
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, dict):
            yield str(one.get("kind", ""))
            for value in (one.get("args") or {}).values():
                yield from _kinds_in(value)
        elif isinstance(one, str):
            yield one


def _is_corrected(connection: sqlite3.Connection, profile: Profile) -> bool:
    row = connection.execute("select base_url from portals where name = ?", (profile.name,)).fetchone()
    return row is not None and row[0] != profile.base_url


def _read_answered_beside(connection: sqlite3.Connection, profile: Profile, *, since: datetime) -> set[str]:
    """Return the nights on which other portals of the archive were answered."""
    rows = connection.execute(
        """select distinct substr(started_at, 1, 13) from crawls
           where portal != ? and outcome in (?, ?) and started_at >= ?""",
        (profile.name, Outcome.COMPLETE, Outcome.PARTIAL, to_iso_utc(since - _EARLY)),
    )
    return {local_date(parse_iso(f"{hour}:00:00Z"), profile.zone).isoformat() for (hour,) in rows}


def _read_rule(fleet: FleetFolder | None) -> ParkingRule:
    if fleet is None:
        return ParkingRule()
    try:
        return read_parking(fleet)
    except ProfileError:
        return ParkingRule()  # each crawl logs the fault of the file
