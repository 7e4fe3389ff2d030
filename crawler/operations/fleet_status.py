"""The status of every portal of a fleet, from the archives themselves, the worst first."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import read_numbers
from crawler.operations.health.status import read_status_or_problem


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """The status of one portal.

    `verdict` is as in `status --json`: the kind of its first problem, else `running`, `complete` or `none`. `number` is
    None for a portal without one. Times are ISO 8601 in UTC with Z. `problems` are kinds and sentences. `parked` says
    since when, for how many nights and why; None unless it is.
    """

    portal: str
    number: int | None = None
    verdict: str = "none"
    last_night_at: str | None = None
    last_outcome: str | None = None
    last_success_at: str | None = None
    next_planned_at: str | None = None
    problems: tuple[dict[str, str], ...] = ()
    parked: dict[str, str | int] | None = None

    @property
    def is_well(self) -> bool:
        """True if nothing needs a person."""
        return not self.problems

    def line(self, language: str) -> str:
        """Return it for a person, in one line."""
        told = self.problems[0][f"sentence_{language}"] if self.problems else f"next {self.next_planned_at or 'never'}"
        night = f"{self.last_night_at or '-':<20} {self.last_outcome or '-':<11}"
        return f"{self.verdict:<16} {self.portal:<24} {night} {told}"


def read_fleet_status(fleet: FleetFolder, now: datetime, *, backups_planned: bool) -> list[MemberStatus]:
    """Read the status of every portal that has a number or an archive; the worst first, then by name.

    Raises:
        ArchiveUnusableError: if the registry cannot be read.
    """
    numbers = read_numbers(fleet)
    archives = fleet.archives()
    found = [
        read_member_status(name, archives[name], number=numbers.get(name), now=now, backups_planned=backups_planned)
        if name in archives
        else MemberStatus(name, numbers.get(name))
        for name in {*numbers, *archives}
    ]
    return sorted(found, key=badness)


def read_member_status(
    name: str, archive: Path, *, number: int | None, now: datetime, backups_planned: bool
) -> MemberStatus:
    """Read the status of one portal from its archive; of the first portal there if none has the archive's name."""
    status = read_status_or_problem(archive, now, backups_planned=backups_planned)
    problems = tuple(
        {"kind": one.kind, "since": one.since, "sentence_en": one.sentence_en, "sentence_vi": one.sentence_vi}
        for one in status.problems
    )
    portal = next((one for one in status.portals if one.portal == name), next(iter(status.portals), None))
    night = portal.last_night if portal else None
    return MemberStatus(
        name, number, problems[0]["kind"] if problems else portal.verdict if portal else "none",
        night.started_at if night else None, night.outcome if night else None,
        portal.last_success_at if portal else None, portal.next_planned_at if portal else None, problems,
        asdict(portal.parked) if portal and portal.parked else None,
    )  # fmt: skip


def badness(member: MemberStatus) -> tuple[int, str, str]:
    """Order portals: the most problems first; of as many, what had no good night for longest."""
    return -len(member.problems), member.last_success_at or "", member.portal


def fleet_as_json(members: list[MemberStatus], now: str) -> dict[str, Any]:
    """Return the status of a fleet for a program."""
    return {"checked_at": now, "portals": [asdict(member) for member in members]}


def fleet_lines(members: list[MemberStatus], language: str) -> Iterator[str]:
    """Yield the status of a fleet for a person, one line a portal and one for all."""
    for member in members:
        yield member.line(language)
    ill = sum(not member.is_well for member in members)
    yield f"{len(members)} portals, {ill} with problems"
