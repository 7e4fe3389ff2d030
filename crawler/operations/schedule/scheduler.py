"""Holds the plan of one archive: looks what is due, runs it, tries again what failed, until told to stop."""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler import settings as own
from crawler.archive.lock import hold_plan
from crawler.cron import last_planned, next_planned
from crawler.exit_codes import ExitCode
from crawler.language.dates import to_iso_utc
from crawler.operations.journal.runs import STOPPED
from crawler.operations.schedule.child_process import STOP_ASKED, Stop, run_child, stop_on_signals
from crawler.operations.schedule.due import SETTLED_CODES, WAITS, Verdict, judge_portal
from crawler.operations.schedule.journaling import PlanJournal
from crawler.operations.schedule.maintenance import keep_chores, run_chores
from crawler.operations.schedule.portals import Plan, Planned
from crawler.operations.schedule.watchdog import Watchdog

logger = logging.getLogger(__name__)

# The plan is compared with the clock at least so often, in seconds: a clock that is set skips and doubles nothing, and
# a changed profile takes effect.
LOOK_SECONDS = 20.0
# A clock that stands still (a rehearsal) must not keep the plan busy.
SHORTEST_WAIT_SECONDS = 0.5
# A crawl is looked at so often, in seconds, or oftener where the watchdog's patience is shorter.
CRAWL_LOOK_SECONDS = 30.0
# From so many tries in vain on, a night is told of; the first may be a matter of minutes.
TOLD_AFTER_TRIES = 3
# A night that begins so much later than planned is said to be made up.
LATE = timedelta(minutes=30)

# How bad an exit code is, the worst last: what `--once` answers with for several portals.
_SEVERITY = (
    ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.SUSPECT, ExitCode.LOCKED, ExitCode.WRONG_USE, ExitCode.FAILED,
    ExitCode.INTERRUPTED,
)  # fmt: skip


def run_once(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str] = ()) -> int:
    """Run what is due by now, one portal after the other; give the worst exit code, 0 if nothing was due.

    A night that failed before is tried again at once: whoever calls this decides how often. `crawl_arguments` are
    given to every crawl.

    Raises:
        ProfileError: if a profile that was named cannot be used; nothing is run then.
        ArchiveLockedError: if another scheduler runs the plan of this archive.

    """
    keeper = _make_keeper(portals, archive, crawl_arguments=crawl_arguments)
    stop = keeper.stop
    codes: list[int] = []
    with hold_plan(keeper.archive):
        keeper.record.close_dead_runs(own.clock())
        tried: set[str] = set()
        while not stop.is_asked and (due := keeper.find_due(without=tried)):
            tried.add(due.planned.profile.name)
            codes.append(keeper.run(due))
        if not stop.is_asked:
            run_chores(keeper.archive, stop, now=own.clock())
    if stop.is_asked:
        codes.append(ExitCode.INTERRUPTED)
    return max(codes, key=_SEVERITY.index, default=ExitCode.OK)


def run_until_stopped(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str] = ()) -> int:
    """Hold the plan and run it until SIGTERM or SIGINT; a crawl under way is then ended so that it can resume.

    Raises:
        ProfileError: if a profile that was named cannot be used; nothing is run then.
        ArchiveLockedError: if another scheduler runs the plan of this archive.

    """
    keeper = _make_keeper(portals, archive, crawl_arguments=crawl_arguments)
    with hold_plan(keeper.archive):
        keeper.record.close_dead_runs(own.clock())
        chores_asked = threading.Event()
        chores = threading.Thread(
            target=keep_chores, args=(keeper.archive, keeper.stop), kwargs={"asked": chores_asked}, name="chores"
        )
        chores.start()
        try:
            _hold(keeper, chores_asked)
        finally:
            logger.info("stopping")
            keeper.stop.ask()
            chores_asked.set()
            chores.join()
    return ExitCode.OK


def _hold(keeper: "NightScheduler", chores_asked: threading.Event) -> None:
    """Run what becomes due, until stopped; have the chores done after each night, and when rest begins."""
    rests = False
    with keeper.stop.waiting() as event:
        while not keeper.stop.is_asked:
            due = keeper.find_due(patient=True)
            if due is None:
                if not rests:
                    chores_asked.set()
                rests = True
                event.wait(keeper.seconds_to_next())
            elif keeper.run(due) in SETTLED_CODES or due.verdict.tries + 1 >= TOLD_AFTER_TRIES:
                chores_asked.set()


def _make_keeper(portals: Sequence[str], archive: Path, *, crawl_arguments: Sequence[str]) -> "NightScheduler":
    stop = Stop()
    stop_on_signals(stop)
    plan = Plan(portals)
    plan.check()
    archive = archive.absolute()
    return NightScheduler(
        archive, plan, PlanJournal(archive), stop, own.watchdog_minutes() * 60, tuple(crawl_arguments)
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A night to be run now."""

    planned: Planned
    verdict: Verdict
    night: datetime


@dataclass(slots=True)
class NightScheduler:
    """The plan of one archive, looked at again and again."""

    archive: Path
    plan: Plan
    record: PlanJournal
    stop: Stop
    watchdog_seconds: float
    crawl_arguments: tuple[str, ...]
    _told_next: dict[str, str] = field(default_factory=dict)
    # Where the journal cannot say when to try again: by portal, on the monotonic clock.
    _held_back: dict[str, float] = field(default_factory=dict)
    _settled: dict[str, tuple[str, datetime | None, tuple[int, ...]]] = field(default_factory=dict)
    _portals: list[Planned] = field(default_factory=list)

    def find_due(self, *, without: frozenset[str] | set[str] = frozenset(), patient: bool = False) -> Due | None:
        """Look at the plan anew; give the night to run next, None if none is due.

        With `patient`, a night that failed waits for its next try.
        """
        now = own.clock()
        self._portals = self.plan.read()
        self.record.put_faults(self.plan.faults, now)
        found: list[Due] = []
        for planned in self._portals:
            name = planned.profile.name
            if name in without:
                continue
            verdict = self._judge(planned, now)
            if verdict.is_due and verdict.planned is not None and not (patient and self._waits(name, verdict)):
                found.append(Due(planned, verdict, verdict.planned))
            elif not verdict.is_due:
                self._tell_next(planned, now)
        return min(found, key=lambda due: due.night, default=None)

    def _judge(self, planned: Planned, now: datetime) -> Verdict:
        """Judge a portal; one whose night was settled is judged again only when plan, night or archive change."""
        name, night = planned.profile.name, last_planned(planned.profile, now)
        known = (planned.schedule, night, _changed_at(self.archive))
        if self._settled.get(name) == known:
            return Verdict(night)
        self.record.note_plan(planned, now)
        verdict = judge_portal(planned.profile, self.record.read_history(planned), now=now)
        if not verdict.is_due:
            self._settled[name] = known
        return verdict

    def _waits(self, portal: str, verdict: Verdict) -> bool:
        return verdict.not_before is not None or self._held_back.get(portal, 0.0) > time.monotonic()

    def _tell_next(self, planned: Planned, now: datetime) -> None:
        name, following = planned.profile.name, next_planned(planned.profile, now)
        said = following.astimezone(planned.profile.zone).isoformat(timespec="seconds") if following else "never"
        if self._told_next.get(name) != said:
            self._told_next[name] = said
            logger.info("plan: %s next at %s", name, said)

    def seconds_to_next(self) -> float:
        """Give how long nothing can be due by the plan, at most until the next look, in seconds."""
        now = own.clock()
        times = [next_planned(planned.profile, now) for planned in self._portals]
        ahead = [(time - now).total_seconds() for time in times if time is not None]
        return max(SHORTEST_WAIT_SECONDS, min([LOOK_SECONDS, *ahead]))

    def run(self, due: Due) -> int:
        """Run a night's crawl to its end; give its exit code, 1 if it died or was ended by the watchdog."""
        profile, now = due.planned.profile, own.clock()
        self.record.note_missed(profile.name, due.verdict.missed, now=now)
        run_id = self.record.begin_run(profile.name, due.night, now=now)
        if now - due.night > LATE and due.verdict.tries == 0 and not due.verdict.is_first:
            late = f"made up {_in_words(now - due.night)} later than planned"
            logger.info("%s: %s", profile.name, late)
            self.record.add_note(run_id, late)
        logger.info("%s: crawl begins, for the night planned at %s", profile.name, to_iso_utc(due.night))
        code, note = self._crawl(due, run_id)
        self.record.end_run(run_id, code, note=note, now=own.clock())
        if code in SETTLED_CODES:
            self._held_back.pop(profile.name, None)
        elif run_id is None or not self.record.is_writable:
            self._held_back[profile.name] = time.monotonic() + WAITS[0].total_seconds()
        logger.log(
            logging.INFO if code == 0 else logging.WARNING, "%s: crawl ended: %s%s",
            profile.name, _meaning(code), f" ({note})" if note else "",
        )  # fmt: skip
        return code if code in set(ExitCode) and note in (None, STOPPED) else ExitCode.FAILED

    def _crawl(self, due: Due, run_id: int | None) -> tuple[int, str | None]:
        """Run the crawl as a child, watched; give its exit code and what is to be noted of it."""
        watchdog = Watchdog(self.archive, patience_seconds=self.watchdog_seconds)
        overtaken = Overtaken(due)

        def look() -> str | None:
            if (sentence := overtaken.look(own.clock())) is not None:
                logger.warning("%s: %s", due.planned.profile.name, sentence)
                self.record.add_note(run_id, sentence)
            idle = watchdog.idle_seconds()
            if idle is None:
                return None
            return f"ended by the watchdog: no progress since {to_iso_utc(own.clock() - timedelta(seconds=idle))}"

        seconds = min(CRAWL_LOOK_SECONDS, self.watchdog_seconds / 4)
        try:
            with due.planned.usable_source() as source:
                arguments = ["crawl", "--portal", source, "--archive", str(self.archive), *self.crawl_arguments]
                ended = run_child(arguments, self.stop, look=look, look_seconds=seconds)
        except OSError as error:
            return ExitCode.FAILED, f"the crawl could not be started: {error}"
        if ended.ended_for == STOP_ASKED:
            return ended.code, STOPPED
        return ended.code, ended.ended_for


@dataclass(slots=True)
class Overtaken:
    """Notices, once, that a crawl is still under way when its portal's next night is due."""

    due: Due
    _is_told: bool = False

    def look(self, now: datetime) -> str | None:
        """Give the sentence to be noted, None if there is nothing new to say."""
        following = last_planned(self.due.planned.profile, now)
        if self._is_told or following is None or following <= self.due.night:
            return None
        self._is_told = True
        return f"still under way when the night planned at {to_iso_utc(following)} was due; that one waits"


def _changed_at(archive: Path) -> tuple[int, ...]:
    """Give when the database and its log were last changed, in nanoseconds; nothing of what is not there."""
    found = []
    for path in (archive, archive.with_name(f"{archive.name}-wal")):
        with suppress(FileNotFoundError):
            found.append(path.stat().st_mtime_ns)
    return tuple(found)


def _in_words(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"


def _meaning(code: int) -> str:
    meanings = {
        ExitCode.OK: "complete",
        ExitCode.FAILED: "failed",
        ExitCode.WRONG_USE: "refused: wrong use",
        ExitCode.INCOMPLETE: "done, but incomplete",
        ExitCode.SUSPECT: "done, but suspect",
        ExitCode.LOCKED: "not begun: another run holds the archive",
        ExitCode.INTERRUPTED: "interrupted",
    }
    return meanings[ExitCode(code)] if code in set(ExitCode) else f"died (exit code {code})"
