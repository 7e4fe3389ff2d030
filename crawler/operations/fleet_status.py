"""The status of every portal of a fleet, from the archives themselves, the worst first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.addresses import domain_of
from crawler.cron import last_planned, next_planned
from crawler.errors import ProfileError
from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import read_numbers
from crawler.language.dates import to_iso_utc
from crawler.locale import say, show_moment
from crawler.operations.health.status import read_status_or_problem
from crawler.profile import Profile, load_profile


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """The status of one portal.

    `verdict` is as in `status --json`: the kind of its first problem, else `running`, `complete` or `none`. `number` is
    None for a portal without one. Times are ISO 8601 in UTC with Z. `problems` are kinds and sentences. `parked` says
    since when, for how many nights and why; None unless it is. `due_since` is the planned time of a night that has not
    begun. `province` is the domain that its host is under. `home` is its node on many machines, else None.
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
    due_since: str | None = None
    province: str = ""
    home: str | None = None

    @property
    def is_well(self) -> bool:
        """True if nothing needs a person."""
        return not self.problems

    def line(self, language: str) -> str:
        """Return it for a person, in one line: its verdict, its last night, what is due, and its first problem."""
        verdict, never = say(f"fleet_verdict_{self.verdict}", language), say("status_never", language)
        night = _show(self.last_night_at, language) or "-"
        outcome = say(f"status_outcome_{self.last_outcome}", language) if self.last_outcome else "-"
        if self.due_since is not None:
            told = [say("fleet_due_since", language, at=_show(self.due_since, language))]
        else:
            told = [say("fleet_next_at", language, at=_show(self.next_planned_at, language) or never)]
        told += [one[f"sentence_{language}"] for one in self.problems[:1]]
        return f"{verdict:<16} {self.portal:<24} {night:<20} {outcome:<11} {'; '.join(told)}"


def _show(at: str | None, language: str) -> str:
    return show_moment(at, language) if at and language == "vi" else at or ""


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
        else judge_new(name, numbers.get(name), profile=_find_profile(fleet, name), now=now)
        for name in {*numbers, *archives}
    ]
    return sorted(found, key=badness)


def read_new_members(fleet: FleetFolder, now: datetime) -> list[MemberStatus]:
    """Read the status of every portal that has a number and a profile, but no archive yet.

    Raises:
        ArchiveUnusableError: if the registry cannot be read.
    """
    numbers = read_numbers(fleet)
    profiles = {name: _find_profile(fleet, name) for name in numbers.keys() - fleet.archives().keys()}
    return [
        judge_new(name, numbers[name], profile=profile, now=now)
        for name, profile in profiles.items()
        if profile is not None
    ]


def judge_new(name: str, number: int | None, *, profile: Profile | None, now: datetime) -> MemberStatus:
    """Return the status of a portal without an archive: the scheduler begins its first night as soon as it can."""
    if profile is None:
        return MemberStatus(name, number)
    planned, following = last_planned(profile, now), next_planned(profile, now)
    return MemberStatus(
        name,
        number,
        next_planned_at=to_iso_utc(following) if following is not None else None,
        due_since=to_iso_utc(planned) if planned is not None else None,
        province=name_province(profile.base_url),
    )


def _find_profile(fleet: FleetFolder, name: str) -> Profile | None:
    """Read a portal's profile in the fleet's own folder of profiles. None if there is none that can be used."""
    path = fleet.profiles / f"{name}.toml"
    try:
        return load_profile(str(path)) if path.is_file() else None
    except ProfileError:
        return None


def read_member_status(
    name: str, archive: Path, *, number: int | None, now: datetime, backups_planned: bool
) -> MemberStatus:
    """Read the status of one portal from its archive; of the first portal there if none has the archive's name."""
    status = read_status_or_problem(archive, now, backups_planned=backups_planned)
    return member_of(name, number, status=status.as_json())


def member_of(name: str, number: int | None, *, status: Mapping[str, Any]) -> MemberStatus:
    """Return the status of one portal by `status --json` of its archive."""
    problems = tuple(
        {key: one[key] for key in ("kind", "since", "sentence_en", "sentence_vi")} for one in status["problems"]
    )
    found = status["portals"]
    portal: dict[str, Any] = next((one for one in found if one["portal"] == name), next(iter(found), {}))
    night = portal.get("last_night") or {}
    return MemberStatus(
        name, number, problems[0]["kind"] if problems else portal.get("verdict", "none"),
        night.get("started_at"), night.get("outcome"), portal.get("last_success_at"), portal.get("next_planned_at"),
        problems, portal.get("parked"), _due_since(portal), name_province(portal.get("base_url", "")),
    )  # fmt: skip


def _due_since(portal: Mapping[str, Any]) -> str | None:
    """Return the last planned time if no run began since then, though one should."""
    planned, night = portal.get("last_planned_at"), portal.get("last_night")
    if planned is None or portal.get("is_under_way") or portal.get("parked") is not None:
        return None
    return str(planned) if night is None or night["started_at"] < planned else None


def name_province(base_url: str) -> str:
    """Name the domain that a portal's host is under; empty if it has none, as a literal address.

    >>> name_province("https://sapa.laocai.gov.vn/"), name_province("http://127.0.0.1:8000/"), name_province("")
    ('laocai.gov.vn', '', '')
    """
    return domain_of(urlsplit(base_url).hostname or "") or ""


def badness(member: MemberStatus) -> tuple[int, str, str]:
    """Order portals: the most problems first; of as many, what had no good night for longest."""
    return -len(member.problems), member.last_success_at or "", member.portal


def fleet_as_json(members: list[MemberStatus], now: str) -> dict[str, Any]:
    """Return the status of a fleet for a program."""
    return {"checked_at": now, "portals": [asdict(member) for member in members]}


def by_province(members: Iterable[MemberStatus]) -> dict[str, list[MemberStatus]]:
    """Return portals by province; the order of portals stays, and provinces follow the first of each."""
    found: dict[str, list[MemberStatus]] = {}
    for member in members:
        found.setdefault(member.province, []).append(member)
    return found


def fleet_lines(members: list[MemberStatus], language: str) -> Iterator[str]:
    """Yield the status of a fleet for a person: its provinces, one line a portal, and one for all."""
    for province, portals in by_province(members).items():
        yield f"{province or say('fleet_no_province', language)} ({len(portals)})"
        for member in portals:
            yield f"  {member.line(language)}"
    ill = sum(not member.is_well for member in members)
    yield " ".join(
        [
            say("fleet_counts", language, count=len(members)),
            say("fleet_ill", language, count=ill) if ill else say("fleet_well", language),
            *count_waiting(members, language),
        ]
    )


def count_waiting(members: Iterable[MemberStatus], language: str) -> Iterator[str]:
    """Yield how many portals are due and how many parked; nothing of those that none is."""
    counted = list(members)
    due, parked = sum(one.due_since is not None for one in counted), sum(one.parked is not None for one in counted)
    if due:
        yield say("fleet_due_count", language, count=due)
    if parked:
        yield say("fleet_parked_count", language, count=parked)
