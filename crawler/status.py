"""How the last nights went, judged by the archive and the plan, not by a crawler's word."""

import sqlite3
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.database import open_for_reading
from crawler.archive.lock import is_held
from crawler.cron import last_fire_time
from crawler.dates import parse_iso, to_iso_utc
from crawler.profile import restore_profile

# A night may begin so much later than planned (another portal's is under way) before it is called missed.
PATIENCE = timedelta(hours=12)
NIGHTS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class Night:
    """One run, as a person wants to read it."""

    portal: str
    started_at: str
    finished_at: str | None
    outcome: str
    reason: str | None
    articles_new: int
    articles_changed: int
    errors: int


@dataclass(slots=True)
class Status:
    """The last runs, the newest first, and each problem in a sentence."""

    checked_at: str
    nights: list[Night] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Give the status for a person."""
        rows = [
            f"{night.started_at}  {night.portal}  {night.outcome}  "
            f"{night.articles_new} new, {night.articles_changed} changed, {night.errors} errors"
            + (f"  ({night.reason})" if night.reason else "")
            for night in self.nights
        ]
        return [
            *rows,
            *(f"PROBLEM: {problem}" for problem in self.problems),
            *([] if self.problems else ["all well"]),
        ]

    def as_json(self) -> dict[str, Any]:
        """Give the status for a program."""
        return asdict(self)


def read_status(archive: Path, now: datetime) -> Status:
    """Read how an archive stands.

    Raises:
        ArchiveUnusableError: if there is no archive, or it cannot be read.

    """
    connection = open_for_reading(archive)
    status = Status(to_iso_utc(now))
    try:
        portals = connection.execute("select name, profile from portals order by name").fetchall()
        if not portals:
            status.problems.append("no portal was ever crawled into this archive; run a crawl")
        for portal in portals:
            nights = _nights(connection, portal["name"])
            status.nights += nights
            cron, zone = _plan(portal["profile"])
            overdue = now - PATIENCE - timedelta(seconds=1)
            status.problems += _problems(portal["name"], nights, last_fire_time(cron, zone, overdue), archive)
    finally:
        connection.close()
    return status


def _nights(connection: sqlite3.Connection, portal: str) -> list[Night]:
    rows = connection.execute(
        """select portal, started_at, finished_at, outcome, reason, articles_new, articles_changed, errors
           from crawls where portal = ? order by id desc limit ?""",
        (portal, NIGHTS_SHOWN),
    )
    return [Night(*row) for row in rows.fetchall()]


def _plan(profile_json: str) -> tuple[str, Any]:
    profile = restore_profile(profile_json)
    return profile.schedule.cron, profile.zone


def _problems(portal: str, nights: list[Night], planned: datetime | None, archive: Path) -> list[str]:
    if not nights:
        return [f"{portal}: never crawled; run a crawl"]
    problems = []
    last = nights[0]
    if planned is not None and parse_iso(last.started_at) < planned:
        problems.append(
            f"{portal}: the night planned for {to_iso_utc(planned)} did not begin; the last began {last.started_at}. "
            "Is the scheduler running?"
        )
    if last.outcome == "running" and not is_held(archive):
        problems.append(
            f"{portal}: the run begun {last.started_at} died; the next one resumes it. Start it, or wait for the night"
        )
    elif last.outcome not in ("complete", "running"):
        problems.append(
            f"{portal}: the run begun {last.started_at} is {last.outcome}: {last.reason or 'no reason given'}"
        )
    return problems
