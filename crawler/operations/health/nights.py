"""What is wrong with a portal's nights: those that did not begin, the running one, and the last that ended."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

from crawler.archive.lock import is_held
from crawler.cron import last_planned, next_planned, planned_nights
from crawler.exit_codes import ExitCode
from crawler.items import SETTLED_OUTCOMES, Outcome
from crawler.language.dates import parse_iso
from crawler.operations.health.problems import Phrase, Problem, StoredReason, Value, make_problem, quote
from crawler.operations.health.silence import EndedRun, find_silence
from crawler.operations.journal.runs import EndedFor
from crawler.operations.journal.runs import PlannedRun as JournalRun
from crawler.operations.parking import Death, Parked
from crawler.profile import Profile

# A night is missed if it has not begun this long after its planned time; the second while another portal's run holds
# the archive ...
PATIENCE = timedelta(hours=6)
PATIENCE_IN_TURN = timedelta(hours=24)
# ... and only this long after the last run: a run by hand counts for a night in between.
FRESH = timedelta(hours=26)
# Missed nights are counted this far back.
NIGHTS_COUNTED = timedelta(days=14)
# A run hangs if the archive did not grow for this long; a host may ask for a pause of five minutes several times.
HUNG_AFTER = timedelta(minutes=45)
# A time this far in the future was taken by another clock.
AHEAD = timedelta(minutes=10)

# How many of a portal's last runs are judged: a year of nights, with their retries.
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
    reason_kind: str | None
    reason_args: str | None
    articles_new: int
    articles_changed: int
    errors: int
    clock_offset_seconds: int | None


@dataclass(frozen=True, slots=True)
class JudgedPortal:
    """A portal to judge: its profile with the plan that holds, and its runs, the newest first.

    `is_under_way` is True if the newest run is alive; `progress_at` is when the archive last grew by it. `plan_since`
    is since when the plan holds, None if it always did. `parked` says how it is parked, None if it is not. `left_at` is
    when it left the plan, None if it is in it.
    """

    profile: Profile
    runs: Sequence[CrawlRow]
    is_under_way: bool
    progress_at: datetime | None = None
    journal: Sequence[JournalRun] = ()
    plan_since: datetime | None = None
    parked: Parked | None = None
    left_at: datetime | None = None

    @property
    def name(self) -> str:
        """The portal's name."""
        return self.profile.name

    @property
    def last_ended(self) -> CrawlRow | None:
        """The newest run that ended."""
        return next((run for run in self.runs if run.finished_at is not None), None)

    def make_problem(self, wording: str, *, since: datetime, **values: Value) -> Problem:
        """Make a problem of this portal, with its times in the portal's zone."""
        return make_problem(wording, self.name, since=since, zone=self.profile.zone, **values)


def read_runs(connection: sqlite3.Connection, portal: str) -> list[CrawlRow]:
    """Read a portal's last runs, the newest first."""
    rows = connection.execute(
        """select id, portal, started_at, finished_at, outcome, reason, reason_kind, reason_args, articles_new,
             articles_changed, errors, clock_offset_seconds
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
    """Return a portal's runs, read again, and whether the newest one is alive: open, and the archive is locked."""
    if not runs or runs[0].finished_at is not None:
        return runs, False
    held = is_held(archive)
    # It may have ended, or another one begun, between the reading of its row and of the lock.
    now = read_runs(connection, runs[0].portal)
    is_other = now[0].id != runs[0].id
    newest_id = int(connection.execute("select max(id) from crawls").fetchone()[0])
    return now, now[0].finished_at is None and now[0].id == newest_id and (held or is_other)


def read_progress(connection: sqlite3.Connection, archive: Path, *, now: datetime) -> datetime | None:
    """Return when the archive last grew, by its rows and its open files; None if neither says.

    A file's time is by the system's clock: it is ignored if it is in the future by `now`.
    """
    row = connection.execute("select fetched_at from captures order by id desc limit 1").fetchone()
    times = [parse_iso(row[0])] if row else []
    for path in (archive.parent / "warc").glob("*.open"):
        with suppress(OSError):  # closed under its final name in between
            times.append(datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo))
    return max((time for time in times if time <= now + AHEAD), default=None)


def judge_nights(portal: JudgedPortal, now: datetime, *, patience: timedelta) -> Iterator[Problem]:
    """Return the problems of a portal's nights; a night that is late by less than `patience` is not missed yet."""
    if not portal.runs:
        return
    newest = portal.runs[0]
    if portal.left_at is not None:
        # Nobody waits for its nights. What was crawled by hand since then is judged.
        if newest.started_at > portal.left_at:
            yield from _judge_run(portal, now)
        return
    if newest.started_at > now + AHEAD:
        what = Phrase("clock_future_run", {"portal": portal.name, "began": newest.started_at})
        yield portal.make_problem("clock", since=now, what=what)
    if portal.parked is not None and not portal.is_under_way:
        yield _say_parked(portal, portal.parked)
        return
    refused = [] if portal.is_under_way else _find_refused(portal, now)
    if refused:
        yield portal.make_problem("failed/unbegun", since=refused[0][0], began=refused[-1][0], code=refused[-1][1])
    if not portal.is_under_way and not (refused and now - refused[-1][0] < FRESH):
        yield from _judge_missed(portal, now, patience=patience)
    if not refused:
        yield from _judge_run(portal, now)


def _say_parked(portal: JudgedPortal, parked: Parked) -> Problem:
    following, probed = next_planned(portal.profile, parked.next_from) or parked.next_from, parked.probed_at
    if parked.why is Death.OTHER_SYSTEM:
        return portal.make_problem(
            "parked/other-system", since=parked.since, nights=parked.nights, probed=probed, following=following
        )
    return portal.make_problem("parked", since=parked.since, nights=parked.nights, probed=probed, following=following)


def _find_refused(portal: JudgedPortal, now: datetime) -> list[tuple[datetime, int]]:
    """Return when the last tries began, and their exit codes, if they failed before they had a row in `crawls`."""
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
    # A run that took days counts for the nights within it.
    ends = [run.finished_at for run in past if run.finished_at is not None and run.finished_at <= now + AHEAD]
    last = max([began, *ends])
    missed = find_missed(portal, last, now=now, patience=patience)
    if missed and now - last > FRESH:
        first, nights = _find_first_missed(portal, last, missed=missed)
        yield portal.make_problem(
            "night-missed" if len(missed) == 1 else "night-missed/many", since=first, nights=nights, last=began
        )


def _find_first_missed(
    portal: JudgedPortal, last: datetime, *, missed: Sequence[datetime]
) -> tuple[datetime, int | Phrase]:
    """Return the first planned time after the last run, and the missed nights, "more than" if some are older."""
    since = last if portal.plan_since is None else max(last, portal.plan_since)
    first = next_planned(portal.profile, since)
    if first is None or missed[0] - first < timedelta(days=1):
        return missed[0], len(missed)
    return first, Phrase("nights_more_than", {"count": len(missed)})


def find_missed(portal: JudgedPortal, last: datetime, *, now: datetime, patience: timedelta) -> list[datetime]:
    """Return the planned times after the last run that are later than `patience`: one a night, two weeks back."""
    if portal.plan_since is not None and portal.plan_since <= now:
        last = max(last, portal.plan_since)
    overdue = now - patience
    planned = planned_nights(portal.profile, max(last, now - NIGHTS_COUNTED) - timedelta(days=1), until=now)
    newest = last_planned(portal.profile, overdue - timedelta(seconds=1))
    missed = [time for time in [*planned, *([newest] if newest else [])] if last < time < overdue]
    nights = {time.astimezone(portal.profile.zone).date(): time for time in reversed(missed)}
    return sorted(nights.values())


def _judge_run(portal: JudgedPortal, now: datetime) -> Iterator[Problem]:
    """Return the problem of the running run, or of the last that ended; one at most."""
    newest = portal.runs[0]
    if portal.is_under_way:
        last = max(newest.started_at, portal.progress_at or newest.started_at)
        if newest.started_at <= now + AHEAD and now - last > HUNG_AFTER:
            yield portal.make_problem("hung", since=last, began=newest.started_at)
            return
    elif newest.finished_at is None:
        died = portal.make_problem("died", since=newest.started_at, began=newest.started_at)
        yield _ended_by_watchdog(portal, newest) or died
        return
    yield from _judge_ended(portal)


def _judge_ended(portal: JudgedPortal) -> Iterator[Problem]:
    last = portal.last_ended
    if last is None or (last.outcome == Outcome.INTERRUPTED and portal.is_under_way):
        return  # the interrupted pass goes on now
    if last.outcome == Outcome.COMPLETE:
        if not portal.is_under_way:
            yield from _judge_silence(portal)
        return
    stopped = _ended_by_watchdog(portal, last) if last.outcome in (Outcome.INTERRUPTED, Outcome.FAILED) else None
    reason = StoredReason(last.reason, last.reason_kind, last.reason_args)
    since = _since(portal.runs, last)
    yield stopped or portal.make_problem(last.outcome, since=since, began=last.started_at, reason=reason)


def _since(runs: Sequence[CrawlRow], last: CrawlRow) -> datetime:
    """Return the start of the unbroken series of runs with the same outcome as the last."""
    ended = (run for run in runs if run.id <= last.id)
    return [run.started_at for run in takewhile(lambda run: run.outcome == last.outcome, ended)][-1]


def _judge_silence(portal: JudgedPortal) -> Iterator[Problem]:
    ended = [run for run in reversed(portal.runs) if run.outcome in SETTLED_OUTCOMES]
    counted = sorted((EndedRun(run.started_at, run.articles_new) for run in ended), key=lambda one: one.began)
    found = find_silence(counted, portal.profile.zone)
    if found is not None:
        yield portal.make_problem("empty", since=found.since, days=found.nights, longest=found.longest)


def _ended_by_watchdog(portal: JudgedPortal, run: CrawlRow) -> Problem | None:
    """Return the problem of a run that the scheduler's watchdog ended, by the journal; None if it was not that."""
    for noted in reversed(portal.journal):
        if noted.began_at is None or noted.ended_at is None or noted.ended_for != EndedFor.WATCHDOG:
            continue
        if parse_iso(noted.began_at) - AHEAD <= run.started_at <= parse_iso(noted.ended_at):
            reason = quote(noted.note, _NO_REASON)
            return portal.make_problem("hung/ended", since=run.started_at, began=run.started_at, reason=reason)
    return None


def end_of_all(portals: Sequence[JudgedPortal]) -> datetime | None:
    """Return when the last run ended, if all portals left the plan: a backup of then has all. None otherwise."""
    if any(portal.left_at is None for portal in portals):
        return None
    return max((run.finished_at or run.started_at for portal in portals for run in portal.runs), default=None)


def judge_clock(portals: Sequence[JudgedPortal], now: datetime) -> Iterator[Problem]:
    """Return the problem if our clock is wrong, by the `Date` headers of the portals' answers.

    One portal that agrees with us is enough: then the other portals' clocks are wrong.
    """
    latest = []
    for portal in portals:
        known = (run for run in portal.runs if run.clock_offset_seconds is not None and run.started_at <= now + AHEAD)
        run = next(known, None)
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
    """Return a time span in the largest unit of which it has at least two.

    >>> from datetime import UTC
    >>> _find_span(15).say_in("en", UTC), _find_span(180).say_in("vi", UTC), _find_span(3 * 24 * 60).say_in("en", UTC)
    ('15 minutes', '3 giờ', '3 days')
    """
    for unit, key in ((24 * 60, "span_days"), (60, "span_hours")):
        if minutes >= 2 * unit:
            return Phrase(key, {"count": round(minutes / unit)})
    return Phrase("span_minutes", {"count": minutes})
