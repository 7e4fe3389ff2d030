"""How a portal's nights went: those that did not begin, the run under way, and the last one that ended."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.lock import is_held
from crawler.cron import last_planned, next_planned, planned_nights
from crawler.exit_codes import ExitCode
from crawler.language.dates import parse_iso
from crawler.operations.health.problems import Phrase, Problem, make_problem, quote
from crawler.operations.health.silence import LookedAt, find_emptiness
from crawler.operations.journal.runs import PlannedRun as JournalRun
from crawler.profile import Profile

# A night may begin so much later than planned before it is called missed, and while another portal's run holds the
# archive, whose turn it is ...
PATIENCE = timedelta(hours=6)
PATIENCE_IN_TURN = timedelta(hours=24)
# ... and not before so much has passed since the last run: one by hand stands for a night in between.
FRESH = timedelta(hours=26)
# Only so many nights back are counted as missed.
NIGHTS_COUNTED = timedelta(days=14)
# A run hung if nothing came for so long; a host may ask for five minutes of patience several times.
HUNG_AFTER = timedelta(minutes=45)
# A time that lies so far ahead of ours was taken by another clock.
AHEAD = timedelta(minutes=10)

# So many of a portal's last runs are judged: a year of nights, and what was tried again.
RUNS_READ = 400

_NO_REASON = Phrase("problem_no_reason")


@dataclass(frozen=True, slots=True)
class CrawlRow:
    """A row of `crawls`."""

    id: int
    portal: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    reason: str | None
    articles_new: int
    articles_changed: int
    errors: int
    clock_offset_seconds: int | None


@dataclass(frozen=True, slots=True)
class JudgedPortal:
    """A portal as it is judged: its profile with the plan in force, and its runs, the newest first.

    `is_under_way` tells that the newest run is alive, `progress_at` when the archive last grew by it. `plan_since` is
    from when on the plan holds, None if always.
    """

    profile: Profile
    runs: Sequence[CrawlRow]
    is_under_way: bool
    progress_at: datetime | None = None
    journal: Sequence[JournalRun] = ()
    plan_since: datetime | None = None

    @property
    def name(self) -> str:
        """The portal's name."""
        return self.profile.name

    @property
    def last_ended(self) -> CrawlRow | None:
        """The newest run that ended."""
        return next((run for run in self.runs if run.finished_at is not None), None)


def read_runs(connection: sqlite3.Connection, portal: str) -> list[CrawlRow]:
    """Read a portal's last runs, the newest first."""
    rows = connection.execute(
        """select id, portal, started_at, finished_at, outcome, reason, articles_new, articles_changed, errors,
             clock_offset_seconds
           from crawls where portal = ? order by id desc limit ?""",
        (portal, RUNS_READ),
    )
    return [
        CrawlRow(row[0], row[1], parse_iso(row[2]), parse_iso(row[3]) if row[3] else None, *row[4:])
        for row in rows.fetchall()
    ]


def read_under_way(
    connection: sqlite3.Connection, archive: Path, *, runs: Sequence[CrawlRow]
) -> tuple[Sequence[CrawlRow], bool]:
    """Tell whether a portal's newest run is alive: open, and the archive held; with the runs as they are by then."""
    if not runs or runs[0].finished_at is not None:
        return runs, False
    held = is_held(archive)
    # It may have ended, or another begun, between the looks at its row and at the lock.
    now = read_runs(connection, runs[0].portal)
    is_other = now[0].id != runs[0].id
    newest_id = int(connection.execute("select max(id) from crawls").fetchone()[0])
    return now, now[0].finished_at is None and now[0].id == newest_id and (held or is_other)


def read_progress(connection: sqlite3.Connection, archive: Path, *, now: datetime) -> datetime | None:
    """Give when the archive last grew, by its rows and its open files; None if neither tells.

    A file's time is the machine's: it tells nothing where `now` is another's, and it lies ahead.
    """
    row = connection.execute("select fetched_at from captures order by id desc limit 1").fetchone()
    times = [parse_iso(row[0])] if row else []
    for path in (archive.parent / "warc").glob("*.open"):
        try:
            times.append(datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo))
        except OSError:
            continue  # closed under its final name in between
    return max((time for time in times if time <= now + AHEAD), default=None)


def judge_nights(portal: JudgedPortal, now: datetime, *, patience: timedelta) -> Iterator[Problem]:
    """Name what is wrong with a portal's nights; one that is late by less than `patience` is not missed yet."""
    if not portal.runs:
        return
    newest = portal.runs[0]
    if newest.started_at > now + AHEAD:
        what = Phrase("clock_future_run", {"portal": portal.name, "began": newest.started_at})
        yield make_problem("clock", portal.name, since=now, zone=portal.profile.zone, what=what)
    refused = [] if portal.is_under_way else _find_refused(portal, now)
    if refused:
        yield make_problem(
            "failed/unbegun", portal.name, since=refused[0][0], zone=portal.profile.zone,
            began=refused[-1][0], code=refused[-1][1],
        )  # fmt: skip
    if not portal.is_under_way and not (refused and now - refused[-1][0] < FRESH):
        yield from _judge_missed(portal, now, patience=patience)
    if not refused:
        yield from _judge_run(portal, now)


def _find_refused(portal: JudgedPortal, now: datetime) -> list[tuple[datetime, int]]:
    """Give when the plan's last tries began, and their exit codes, if none of them came so far as to have a row."""
    found = []
    for noted in reversed(portal.journal):
        if noted.began_at is None:
            continue
        began, code = parse_iso(noted.began_at), noted.exit_code
        is_later = portal.runs[0].started_at < began <= now + AHEAD
        if not is_later or code is None or code not in (ExitCode.FAILED, ExitCode.WRONG_USE):
            break
        found.append((began, code))
    return found[::-1]


def _judge_missed(portal: JudgedPortal, now: datetime, *, patience: timedelta) -> Iterator[Problem]:
    past = [run for run in portal.runs if run.started_at <= now + AHEAD]
    if not past:
        return
    began = max(run.started_at for run in past)
    # A run that took days stands for the nights that came meanwhile.
    ends = [run.finished_at for run in past if run.finished_at is not None and run.finished_at <= now + AHEAD]
    last = max([began, *ends])
    missed = find_missed(portal, last, now=now, patience=patience)
    if missed and now - last > FRESH:
        first, nights = _find_first_missed(portal, last, missed=missed)
        yield make_problem(
            "night-missed" if len(missed) == 1 else "night-missed/many", portal.name, since=first,
            zone=portal.profile.zone, nights=nights, last=began,
        )  # fmt: skip


def _find_first_missed(
    portal: JudgedPortal, last: datetime, *, missed: Sequence[datetime]
) -> tuple[datetime, int | Phrase]:
    """Give the first planned time after the last run, and how many were missed: those before `missed` uncounted."""
    since = last if portal.plan_since is None else max(last, portal.plan_since)
    first = next_planned(portal.profile, since)
    if first is None or missed[0] - first < timedelta(days=1):
        return missed[0], len(missed)
    return first, Phrase("nights_more_than", {"count": len(missed)})


def find_missed(portal: JudgedPortal, last: datetime, *, now: datetime, patience: timedelta) -> list[datetime]:
    """Give the planned times after the last run that are past all patience, one a night, of the last two weeks."""
    if portal.plan_since is not None and portal.plan_since <= now:
        last = max(last, portal.plan_since)
    overdue = now - patience
    planned = planned_nights(portal.profile, max(last, now - NIGHTS_COUNTED) - timedelta(days=1), until=now)
    newest = last_planned(portal.profile, overdue - timedelta(seconds=1))
    missed = [time for time in [*planned, *([newest] if newest else [])] if last < time < overdue]
    nights = {time.astimezone(portal.profile.zone).date(): time for time in reversed(missed)}
    return sorted(nights.values())


def _judge_run(portal: JudgedPortal, now: datetime) -> Iterator[Problem]:
    """Name what is wrong with the run under way, or with the last that ended; one thing at most."""
    newest, zone = portal.runs[0], portal.profile.zone
    if portal.is_under_way:
        last = max(newest.started_at, portal.progress_at or newest.started_at)
        if newest.started_at <= now + AHEAD and now - last > HUNG_AFTER:
            yield make_problem("hung", portal.name, since=last, zone=zone, began=newest.started_at)
            return
    elif newest.finished_at is None:
        ended = _ended_by_watchdog(portal, newest)
        if ended is not None:
            yield ended
        else:
            yield make_problem("died", portal.name, since=newest.started_at, zone=zone, began=newest.started_at)
        return
    yield from _judge_ended(portal)


def _judge_ended(portal: JudgedPortal) -> Iterator[Problem]:
    last = portal.last_ended
    if last is None or (last.outcome == "interrupted" and portal.is_under_way):
        return  # what was interrupted is being gone on with
    name, zone = portal.name, portal.profile.zone
    if last.outcome == "complete":
        if not portal.is_under_way:
            yield from _judge_silence(portal)
        return
    stopped = _ended_by_watchdog(portal, last) if last.outcome in ("interrupted", "failed") else None
    if stopped is not None:
        yield stopped
        return
    yield make_problem(
        last.outcome, name, since=_since(portal.runs, last), zone=zone,
        began=last.started_at, reason=quote(last.reason, _NO_REASON),
    )  # fmt: skip


def _since(runs: Sequence[CrawlRow], last: CrawlRow) -> datetime:
    """Give when the first of the runs began that went as the last did, without another in between."""
    since = last.started_at
    for run in runs:
        if run.id > last.id:
            continue
        if run.outcome != last.outcome:
            break
        since = run.started_at
    return since


def _judge_silence(portal: JudgedPortal) -> Iterator[Problem]:
    ended = [run for run in reversed(portal.runs) if run.outcome in ("complete", "partial", "suspect")]
    looked = sorted((LookedAt(run.started_at, run.articles_new) for run in ended), key=lambda one: one.began)
    found = find_emptiness(looked, portal.profile.zone)
    if found is not None:
        yield make_problem(
            "empty", portal.name, since=found.since, zone=portal.profile.zone, days=found.nights, longest=found.longest
        )


def _ended_by_watchdog(portal: JudgedPortal, run: CrawlRow) -> Problem | None:
    """Name a run that the scheduler's watchdog ended, by the journal; None if it was not so."""
    for noted in reversed(portal.journal):
        if noted.began_at is None or noted.ended_at is None or "watchdog" not in (noted.note or ""):
            continue
        if parse_iso(noted.began_at) - AHEAD <= run.started_at <= parse_iso(noted.ended_at):
            return make_problem(
                "hung/ended", portal.name, since=run.started_at, zone=portal.profile.zone,
                began=run.started_at, reason=quote(noted.note, _NO_REASON),
            )  # fmt: skip
    return None


def judge_clock(portals: Sequence[JudgedPortal], now: datetime) -> Iterator[Problem]:
    """Say if our clock is off, by the `Date` headers of the portals' answers.

    One portal that agrees with us is enough: then it is the others' clocks that are off.
    """
    latest = []
    for portal in portals:
        told = (run for run in portal.runs if run.clock_offset_seconds is not None and run.started_at <= now + AHEAD)
        run = next(told, None)
        if run is not None and now - run.started_at <= NIGHTS_COUNTED:
            latest.append(run)
    if not latest or any(abs(run.clock_offset_seconds or 0) <= AHEAD.total_seconds() for run in latest):
        return
    run = min(latest, key=lambda one: abs(one.clock_offset_seconds or 0))
    off = _find_span(round(abs(run.clock_offset_seconds or 0) / 60))
    is_ahead = (run.clock_offset_seconds or 0) < 0
    what = Phrase("clock_ahead" if is_ahead else "clock_behind", {"span": off, "portal": run.portal})
    yield make_problem("clock", since=run.started_at, what=what)


def _find_span(minutes: int) -> Phrase:
    """Give a span of time in its largest unit of which it has at least two.

    >>> from datetime import UTC
    >>> _find_span(15).say_in("en", UTC), _find_span(180).say_in("vi", UTC), _find_span(3 * 24 * 60).say_in("en", UTC)
    ('15 minutes', '3 giờ', '3 days')

    """
    for unit, key in ((24 * 60, "span_days"), (60, "span_hours")):
        if minutes >= 2 * unit:
            return Phrase(key, {"count": round(minutes / unit)})
    return Phrase("span_minutes", {"count": minutes})
