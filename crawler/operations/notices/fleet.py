"""One message for all portals of a fleet: what is new or over since the last one, by the kind of trouble."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError, ArchiveUnusableError
from crawler.fleet.folder import FleetFolder
from crawler.locale import say
from crawler.operations.health.problems import NIGHT_KINDS, Problem
from crawler.operations.health.status import Status, read_status_or_problem
from crawler.operations.journal.database import write_journal
from crawler.operations.journal.messages import Alarm, mark_sent
from crawler.operations.notices.messages import Message, add_host, fit_lines
from crawler.operations.notices.notify import (
    LOCK_NAME,
    NotificationSettings,
    Notified,
    PendingNotices,
    find_pending,
    read_sent,
    record_alarms,
)
from crawler.operations.notices.send import send

# This many portals are named of each kind of trouble, the others counted.
_NAMED = 25

# Kinds of trouble that only the reason of the last run distinguishes.
_BY_REASON = {
    "home-failed": "silent",
    "portal-silent": "silent",
    "another-cms": "other-system",
    "no-portal": "other-system",
    "handed-over": "other-system",
    "layout-changed": "layout",
    "nearly-empty": "layout",
    "mass-edit": "layout",
}


@dataclass(frozen=True, slots=True)
class _Member:
    """A portal of the fleet with what changed of its problems; `not_remembered` as for `record_alarms`."""

    name: str
    archive: Path
    status: Status
    pending: PendingNotices
    not_remembered: str | None = None

    @property
    def is_changed(self) -> bool:
        return bool(self.pending.new or self.pending.ended)


def notify_fleet(fleet: FleetFolder, settings: NotificationSettings, *, now: datetime) -> Notified:
    """Send the one message that is due, and record it in the journal of each portal that it names.

    An archive whose messages another process sends now is left out.

    Raises:
        ArchiveLockedError: if another process sends the fleet's messages now.
        ArchiveUnusableError: if the folder cannot be written to.
    """
    fleet.state.mkdir(exist_ok=True)
    with hold_lock(fleet.state / LOCK_NAME, f"{fleet.path}: another `notify` is at work"):
        members = []
        for name, archive in fleet.archives().items():
            try:
                with hold_lock(archive.parent / LOCK_NAME, f"{archive}: another `notify` is at work"):
                    found = _read_member(name, archive, settings=settings, now=now)
                    failed = record_alarms(archive, found.pending, language=settings.language, now=now)
                    members.append(replace(found, not_remembered=failed))
            except ArchiveLockedError:
                continue
            except ArchiveUnusableError as error:
                found = _read_member(name, archive, settings=settings, now=now)
                members.append(replace(found, not_remembered=str(error)))
        message = _make_message(members, settings)
        if message is None:
            return Notified()
        sent = send(message, settings.targets)
        for member in members if sent.reached else ():
            if member.is_changed and member.not_remembered is None:
                # A message that cannot be noted for one is sent again; those of the others must not be.
                with suppress(ArchiveUnusableError), write_journal(member.archive) as journal:
                    mark_sent(journal, now=now)
    return Notified(((message, sent),))


def preview_fleet(fleet: FleetFolder, settings: NotificationSettings, *, now: datetime) -> Message | None:
    """Return the message that `notify_fleet` would send now; nothing is sent or recorded."""
    members = [_read_member(name, archive, settings=settings, now=now) for name, archive in fleet.archives().items()]
    return _make_message(members, settings)


def in_room(settings: NotificationSettings, portal: str) -> NotificationSettings:
    """Return the settings with the address of a portal's own site in the reading room over all."""
    return replace(settings, site=f"{settings.site}/portal/{portal}") if settings.site else settings


def _read_member(name: str, archive: Path, *, settings: NotificationSettings, now: datetime) -> _Member:
    status = read_status_or_problem(archive, now, backups_planned=settings.backups_planned)
    return _Member(name, archive, status, find_pending(status, read_sent(archive)[0]))


def _make_message(members: Sequence[_Member], settings: NotificationSettings) -> Message | None:
    language = settings.language
    new: dict[str, dict[str, Problem]] = {}
    over: dict[str, Alarm] = {}
    for member in members:
        for problem in member.pending.new:
            new.setdefault(name_trouble(problem, member.status), {}).setdefault(member.name, problem)
        lasting = any(problem.kind in NIGHT_KINDS for problem in member.status.problems)
        for alarm in member.pending.ended:
            # A trouble that another one replaces is not good news.
            if not (lasting and alarm.kind in NIGHT_KINDS):
                over.setdefault(member.name, alarm)
    lines = [_say_trouble(trouble, of_portals, language=language) for trouble, of_portals in _most_first(new)]
    if over:
        lines.append(say("fleet_over", language, count=len(over), names=_name(over, language)))
    lines += [
        say("notice_not_remembered", language, error=f"{member.name}: {member.not_remembered}")
        for member in members
        if member.not_remembered is not None and member.is_changed
    ]
    if not lines:
        return None
    count = len({name for of_portals in new.values() for name in of_portals})
    title = say("fleet_trouble_title", language, count=count) if count else say("notice_well", language)
    body = fit_lines([f"• {line}" for line in lines])
    return Message(add_host(title, settings.site), body, "failure" if count else "success")


def name_trouble(problem: Problem, status: Status) -> str:
    """Name the kind of a portal's trouble: that of the problem, or what the reason of its last run tells apart."""
    if problem.kind not in ("failed", "suspect"):
        return problem.kind
    portal = next((one for one in status.portals if one.portal == problem.subject), None)
    reason = portal.last_night.reason_kind if portal and portal.last_night else None
    return _BY_REASON.get(reason or "", problem.kind)


def _most_first(new: Mapping[str, dict[str, Problem]]) -> list[tuple[str, dict[str, Problem]]]:
    return sorted(new.items(), key=lambda one: (-len(one[1]), one[0]))


def _say_trouble(trouble: str, of_portals: Mapping[str, Problem], *, language: str) -> str:
    """Say which portals have a trouble; of one alone, all that is known."""
    if len(of_portals) == 1:
        ((name, problem),) = of_portals.items()
        sentence = problem.sentence(language)
        return sentence if problem.subject == name else f"{name}: {sentence}"
    return say(f"fleet_trouble_{trouble}", language, count=len(of_portals), names=_name(of_portals, language))


def _name(portals: Mapping[str, object], language: str) -> str:
    names = ", ".join(sorted(portals)[:_NAMED])
    more = len(portals) - _NAMED
    return say("fleet_and_more", language, names=names, count=more) if more > 0 else names
