"""The status of an archive: the last nights, the plan, sizes, backups, and each problem in a sentence."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.database import open_for_reading
from crawler.cron import PlanLine, last_planned, next_planned
from crawler.errors import ArchiveUnusableError, PortalArchiveError, say_archive_fault
from crawler.items import Outcome
from crawler.language.dates import parse_iso, to_iso_utc
from crawler.language.text import show_bytes
from crawler.locale import localize_size, say, say_stored, show_moment
from crawler.operations.health.backups import BackupHealth, judge_backups, read_backup_health
from crawler.operations.health.disk import DiskSpace, judge_disk, read_disk_space
from crawler.operations.health.histories import BackupPlace, HistoryStatus, history_lines, read_history, read_places
from crawler.operations.health.nights import (
    PATIENCE,
    PATIENCE_IN_TURN,
    RUNS_READ,
    CrawlRow,
    JudgedPortal,
    end_of_all,
    judge_clock,
    judge_nights,
    read_progress,
    read_runs,
    read_under_way,
)
from crawler.operations.health.problems import NIGHT_KINDS, Phrase, Problem, make_problem, quote, say_unusable
from crawler.operations.health.subscriptions import judge_subscriptions
from crawler.operations.health.texts import NO_TEXTS, TextsHealth, read_texts_health
from crawler.operations.health.warnings import Warned, warn_losses, warn_unverified
from crawler.operations.journal.database import read_journal
from crawler.operations.journal.plans import LEFT, read_plan
from crawler.operations.journal.runs import PlannedRun as JournalRun
from crawler.operations.journal.runs import read_runs as read_journal_runs
from crawler.operations.journal.subscriptions import Follower, read_failing
from crawler.operations.journal.verifications import VerificationRun, read_unmended
from crawler.operations.parking import find_parked
from crawler.profile import Profile, restore_profile

NIGHTS_SHOWN = 7

# How long a reader waits for a locked database, in seconds.
BUSY_SECONDS = 5.0

_TEN_YEARS_DAYS = 3650

_UNREADABLE = Phrase("problem_unreadable")


@dataclass(frozen=True, slots=True)
class NightSummary:
    """One run, for a person to read."""

    portal: str
    started_at: str
    finished_at: str | None
    outcome: str
    reason: str | None
    reason_kind: str | None
    reason_args: str | None
    articles_new: int
    articles_changed: int
    errors: int


@dataclass(frozen=True, slots=True)
class ParkedStatus:
    """Since when a portal is dead (ISO 8601 in UTC with Z), for how many nights, and why: a `Death`."""

    since: str
    nights: int
    why: str


@dataclass(frozen=True, slots=True)
class PortalStatus:
    """The status of a portal: its last run, its last complete one, the last and the next planned time (None: never).

    `verdict` is the one judgement of its nights, for every place that says how they go: the kind of its first problem;
    else `running`, or `complete`, or `none` before the first run. `clock_offset_seconds` is by how much its clock was
    ahead of ours, None if not known. `parked` is None unless the portal is parked: since when, and why.
    """

    portal: str
    title: str
    verdict: str
    last_night: NightSummary | None
    last_success_at: str | None
    last_planned_at: str | None
    next_planned_at: str | None
    clock_offset_seconds: int | None
    is_under_way: bool
    parked: ParkedStatus | None = None
    base_url: str = ""
    left_at: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The status of an archive. `nights` are each portal's last runs, the newest first.

    `warnings` say what should be changed, or is lost, where no night went wrong. `disk` is None if it cannot be
    measured. `undecided` are problems, by kind and subject, of which nobody can say now whether they last or are over.
    `history` is None if no run of this version was made.
    """

    checked_at: str
    nights: tuple[NightSummary, ...] = ()
    portals: tuple[PortalStatus, ...] = ()
    problems: tuple[Problem, ...] = ()
    disk: DiskSpace | None = None
    last_backup_at: str | None = None
    last_drill_at: str | None = None
    undecided: frozenset[tuple[str, str]] = frozenset()
    warnings: tuple[Warned, ...] = ()
    history: HistoryStatus | None = None
    backup_places: tuple[BackupPlace, ...] = ()
    texts: TextsHealth = NO_TEXTS

    def lines(self, language: str = "en") -> list[str]:
        """Return the status for a person. Times are in UTC in English, and in the zone of Vietnam in Vietnamese."""
        never, none = say("status_never", language), say("status_none", language)
        rows = []
        for night in self.nights:
            row = say(
                "status_night", language, at=_show_time(night.started_at, language), portal=night.portal,
                outcome=say(f"status_outcome_{night.outcome}", language), new=night.articles_new,
                changed=night.articles_changed, count=night.errors,
            )  # fmt: skip
            reason = say_stored(night.reason, night.reason_args, kind=night.reason_kind, language=language)
            rows.append(f"{row}  ({reason})" if reason else row)
        for portal in self.portals:
            if portal.is_under_way:
                rows.append(say("status_under_way", language, portal=portal.portal))
            else:
                at = _show_time(portal.next_planned_at, language) or never
                rows.append(say("status_next", language, portal=portal.portal, at=at))
        if self.disk is not None:
            rows.append(_disk_line(self.disk, language))
        rows += history_lines(self.history, self.backup_places, language=language)
        backup, drill = (_show_time(at, language) or none for at in (self.last_backup_at, self.last_drill_at))
        rows.append(say("status_backups", language, backup=backup, drill=drill))
        rows += self.texts.lines(language)
        rows += [warned.sentence_vi if language == "vi" else warned.sentence_en for warned in self.warnings]
        rows += [say("status_problem", language, sentence=problem.sentence(language)) for problem in self.problems]
        return rows if self.problems else [*rows, say("status_well", language)]

    def as_json(self) -> dict[str, Any]:
        """Return the status for a program; the disk is under the key `room`, which scripts rely on."""
        fields = asdict(self)
        return {"room" if key == "disk" else key: value for key, value in fields.items() if key != "undecided"}


def _show_time(at: str | None, language: str) -> str:
    return show_moment(at, language) if language == "vi" else at or ""


def _disk_line(disk: DiskSpace, language: str) -> str:
    left = disk.days_left
    if left is None:
        lasts = ""
    elif left < _TEN_YEARS_DAYS:
        lasts = say("status_days_left", language, count=round(left))
    else:
        lasts = say("status_years_left", language)
    database, warc, free = (
        localize_size(show_bytes(count), language) for count in (disk.database_bytes, disk.warc_bytes, disk.free_bytes)
    )
    return say("status_disk", language, database=database, warc=warc, free=free, lasts=lasts)


def read_status(archive: Path, now: datetime, *, backups_planned: bool = False) -> Status:
    """Read the status of an archive, also while a crawl writes. Reads no table in full.

    Args:
        archive: the database.
        now: the time to judge at.
        backups_planned: whether the lack of any backup is a problem.

    Raises:
        ArchiveUnusableError: if there is no archive, or it cannot be read.
        SchemaTooNewError: if a newer version wrote it.
    """
    with closing(open_for_reading(archive, busy_seconds=BUSY_SECONDS)) as connection:
        try:
            return _read(connection, archive, now=now, backups_planned=backups_planned)
        except sqlite3.Error as error:
            raise ArchiveUnusableError(f"{archive}: cannot be read: {say_archive_fault(error)}") from error


def read_status_or_problem(archive: Path, now: datetime, *, backups_planned: bool = False) -> Status:
    """Read the status of an archive; if that is impossible, give this as the problem, without a path."""
    try:
        return read_status(archive, now, backups_planned=backups_planned)
    except (PortalArchiveError, OSError) as error:
        problem = make_problem("archive", since=now, error=say_unusable(archive, error))
        return Status(to_iso_utc(now), problems=(problem,))


def _read(connection: sqlite3.Connection, archive: Path, *, now: datetime, backups_planned: bool) -> Status:
    profiles, faults = _read_profiles(connection, now)
    journal, notes = _read_notes(archive, [profile.name for profile in profiles], now=now)
    problems = [*faults, *notes.problems]
    portals = [_read_portal(connection, archive, profile=profile, notes=notes, now=now) for profile in profiles]
    if not portals and not faults:
        problems.append(make_problem("not-crawled", since=now))
    patience = PATIENCE_IN_TURN if any(portal.is_under_way for portal in portals) else PATIENCE
    for portal in portals:
        problems += judge_nights(portal, now, patience=patience)
    problems += judge_clock(portals, now)
    verdicts = {portal.name: judge_portal(portal, problems) for portal in portals}
    disk = read_disk_space(connection, archive, portals=portals, now=now)
    problems += judge_disk(disk, now)
    problems += judge_subscriptions(notes.failing)
    ended, good = end_of_all(portals), journal.last_good_backup
    if ended is None or good is None or parse_iso(good.at) < ended:
        problems += judge_backups(journal, now, planned_since=_first_end(connection) if backups_planned else None)
    return Status(
        to_iso_utc(now),
        tuple(_night(run) for portal in portals for run in portal.runs[:NIGHTS_SHOWN]),
        tuple(_portal_status(portal, now, verdict=verdicts[portal.name]) for portal in portals),
        _once(problems),
        disk,
        journal.last_good_backup.at if journal.last_good_backup else None,
        journal.last_good_drill.at if journal.last_good_drill else None,
        _undecided(portals, disk),
        (
            *warn_losses(connection, notes.unmended),
            *(one for profile in profiles for one in warn_unverified(connection, profile)),
        ),
        read_history(connection),
        read_places(journal.held),
        read_texts_health(connection),
    )


@dataclass(frozen=True, slots=True)
class _Notes:
    """What the journal says of each portal's runs and plan; `problems` if it cannot be read.

    `unmended` is the last verification that found something, None if all is repaired. `failing` are the subscriptions
    whose messages fail.
    """

    runs: dict[str, list[JournalRun]]
    plans: dict[str, tuple[str, str | None]]
    problems: tuple[Problem, ...] = ()
    unmended: VerificationRun | None = None
    failing: tuple[Follower, ...] = ()

    def replan(self, profile: Profile) -> Profile:
        """Return a profile with the scheduler's plan, which may be newer than the plan of its last run."""
        plan = self.plans.get(profile.name)
        line = PlanLine.parse(plan[0]) if plan else None
        return line.replan(profile) if line else profile

    def plan_since(self, portal: str) -> datetime | None:
        """Return since when a portal's plan holds, None if it always did."""
        plan = self.plans.get(portal)
        return parse_iso(plan[1]) if plan and plan[1] and plan[0] != LEFT else None

    def left_at(self, portal: str) -> datetime | None:
        """Return when a portal left the plan, None if it is in it."""
        plan = self.plans.get(portal)
        return parse_iso(plan[1]) if plan and plan[1] and plan[0] == LEFT else None


def _read_notes(archive: Path, portals: Iterable[str], *, now: datetime) -> tuple[BackupHealth, _Notes]:
    try:
        with read_journal(archive) as journal:
            if journal is None:
                return BackupHealth(), _Notes({}, {})
            runs = {portal: read_journal_runs(journal, portal, limit=RUNS_READ) for portal in portals}
            plans = {portal: plan for portal in runs if (plan := read_plan(journal, portal)) is not None}
            failing = tuple(read_failing(journal))
            return read_backup_health(journal), _Notes(runs, plans, (), read_unmended(journal), failing)
    except ArchiveUnusableError as error:
        what = quote(str(error.__cause__ or "a newer version wrote it"), _UNREADABLE)
        return BackupHealth(), _Notes({}, {}, (make_problem("journal", since=now, error=what),))


def _read_profiles(connection: sqlite3.Connection, now: datetime) -> tuple[list[Profile], list[Problem]]:
    profiles, problems = [], []
    for row in connection.execute("select name, profile from portals order by name").fetchall():
        try:
            profiles.append(restore_profile(row["profile"]))
        except ValueError as error:
            reason = quote(str(error), _UNREADABLE)
            problems.append(make_problem("profile-fault", row["name"], since=now, reason=reason))
    return profiles, problems


def _read_portal(
    connection: sqlite3.Connection, archive: Path, *, profile: Profile, notes: _Notes, now: datetime
) -> JudgedPortal:
    runs, is_under_way = read_under_way(connection, archive, runs=read_runs(connection, profile.name))
    return JudgedPortal(
        notes.replan(profile),
        runs,
        is_under_way,
        read_progress(connection, archive, now=now) if is_under_way else None,
        notes.runs.get(profile.name, ()),
        notes.plan_since(profile.name),
        find_parked(connection, archive, profile=profile),
        notes.left_at(profile.name),
    )


def _first_end(connection: sqlite3.Connection) -> datetime | None:
    row = connection.execute("select min(finished_at) from crawls").fetchone()
    return parse_iso(row[0]) if row[0] else None


def _night(run: CrawlRow) -> NightSummary:
    finished = to_iso_utc(run.finished_at) if run.finished_at else None
    return NightSummary(
        run.portal, to_iso_utc(run.started_at), finished, run.outcome, run.reason,
        run.reason_kind, run.reason_args, run.articles_new, run.articles_changed, run.errors,
    )  # fmt: skip


def judge_portal(portal: JudgedPortal, problems: Iterable[Problem]) -> str:
    """Return the one judgement of a portal's nights, as `PortalStatus.verdict`."""
    found = next((problem.kind for problem in problems if problem.subject == portal.name), None)
    if found is not None:
        return found
    if portal.is_under_way:
        return "running"
    if portal.left_at is not None:
        return "left"
    return "complete" if portal.runs else "none"


def _portal_status(portal: JudgedPortal, now: datetime, *, verdict: str) -> PortalStatus:
    good = next((run for run in portal.runs if run.outcome == Outcome.COMPLETE), None)
    parked = portal.parked
    # A planned time itself is not later than the moment before it.
    soonest = now if parked is None else max(now, parked.next_from - timedelta(microseconds=1))
    former, planned = last_planned(portal.profile, now), next_planned(portal.profile, soonest)
    if portal.left_at is not None:
        former = planned = parked = None
    offsets = (run.clock_offset_seconds for run in portal.runs if run.clock_offset_seconds is not None)
    return PortalStatus(
        portal.name,
        portal.profile.title,
        verdict,
        _night(portal.runs[0]) if portal.runs else None,
        to_iso_utc(good.finished_at) if good and good.finished_at else None,
        to_iso_utc(former) if former else None,
        to_iso_utc(planned) if planned else None,
        next(offsets, None),
        portal.is_under_way,
        ParkedStatus(to_iso_utc(parked.since), parked.nights, str(parked.why)) if parked else None,
        portal.profile.base_url,
        to_iso_utc(portal.left_at) if portal.left_at else None,
    )


def _undecided(portals: Sequence[JudgedPortal], disk: DiskSpace) -> frozenset[tuple[str, str]]:
    """Return the problems of which nobody can say now whether they last or are over.

    These are: how a running run ends, whether a portal's night was missed or waits for its turn, a disk near its limit,
    and all of a portal that left the plan: it is not well again.
    """
    kinds = [*sorted(NIGHT_KINDS), "empty"]
    open_ends = {(kind, portal.name) for portal in portals if portal.is_under_way for kind in kinds}
    left = {(kind, portal.name) for portal in portals if portal.left_at for kind in (*kinds, "night-missed")}
    if open_ends:
        open_ends |= {("night-missed", portal.name) for portal in portals if not portal.is_under_way}
    return frozenset(open_ends | left | (set() if disk.is_short or disk.is_ample else {("disk", "")}))


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Keep the first of those that share kind and subject."""
    found: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        found.setdefault((problem.kind, problem.subject), problem)
    return tuple(found.values())
