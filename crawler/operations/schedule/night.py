"""One planned night: its crawl as a child process under the watchdog, from the first row of the journal to the last."""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler import settings
from crawler.cron import last_planned
from crawler.errors import ArchiveLockedError, ArchiveUnusableError
from crawler.exit_codes import ExitCode
from crawler.language.dates import local_date, to_iso_utc
from crawler.operations.journal import runs
from crawler.operations.journal.runs import EndedFor
from crawler.operations.schedule.child_process import STOP_ASKED, Stop, run_child
from crawler.operations.schedule.due import SETTLED_CODES, WAITS, NightVerdict
from crawler.operations.schedule.places import Places
from crawler.operations.schedule.portals import Planned
from crawler.operations.schedule.watchdog import Watchdog
from crawler.side_process.lateness import Stopwatch

logger = logging.getLogger(__name__)

# How often a running crawl is checked, in seconds; more often if the watchdog's patience is shorter.
CRAWL_LOOK_SECONDS = 30.0
# A night that begins this much later than planned is logged as made up.
LATE = timedelta(minutes=30)
# After a crawl with one of these codes our own line works.
ANSWERED_CODES = (ExitCode.OK, ExitCode.INCOMPLETE)


@dataclass(frozen=True, slots=True)
class Due:
    """A night to be run now."""

    planned: Planned
    verdict: NightVerdict
    night: datetime

    @property
    def portal(self) -> str:
        """The portal's name."""
        return self.planned.profile.name


@dataclass(slots=True)
class NightRunner:
    """Runs nights; several at once in their own threads, if their archives are apart."""

    places: Places
    stop: Stop
    watchdog_seconds: float
    crawl_arguments: tuple[str, ...] = ()
    # When to try again where the journal cannot be written: by portal, on the monotonic clock.
    held_back: dict[str, float] = field(default_factory=dict)
    # Files that a crawl keeps open, by number.
    inherited: tuple[int, ...] = ()

    def run(self, due: Due) -> int:
        """Run a night's crawl to its end; give its exit code, 1 if it died or the watchdog ended it."""
        profile, now = due.planned.profile, settings.clock()
        journal = self.places.journal_of(profile.name)
        if missed := due.verdict.missed:
            logger.warning("%s: %d nights were missed before this one", profile.name, len(missed))
            journal.write(runs.note_missed, profile.name, nights=missed, now=now)
        run_id = journal.write(runs.begin_run, profile.name, planned_at=due.night, now=now)
        if now - due.night > LATE and due.verdict.tries == 0 and not due.verdict.is_first:
            late = f"made up {_in_words(now - due.night)} later than planned"
            logger.info("%s: %s", profile.name, late)
            journal.write(runs.add_note, run_id, note=late)
        logger.info("%s: crawl begins, for the night planned at %s", profile.name, to_iso_utc(due.night))
        code, ended_for, note = self._hold_and_crawl(due, run_id)
        journal.write(runs.end_run, run_id, exit_code=code, note=note, now=settings.clock(), ended_for=ended_for)
        if code in ANSWERED_CODES:
            self.places.note_answered(local_date(settings.clock(), profile.zone))
        if code in SETTLED_CODES:
            self.held_back.pop(profile.name, None)
        elif run_id is None or not journal.is_writable:
            self.held_back[profile.name] = time.monotonic() + WAITS[0].total_seconds()
        logger.log(
            logging.INFO if code == 0 else logging.WARNING, "%s: crawl ended: %s%s",
            profile.name, _meaning(code), f" ({note})" if note else "",
        )  # fmt: skip
        return code if code in set(ExitCode) and ended_for is not EndedFor.WATCHDOG else ExitCode.FAILED

    def _hold_and_crawl(self, due: Due, run_id: int | None) -> tuple[int, EndedFor | None, str | None]:
        try:
            with self.places.hold_night(due.portal):
                return self._crawl(due, run_id)
        except ArchiveLockedError as error:
            return ExitCode.LOCKED, None, str(error)
        except ArchiveUnusableError as error:
            return ExitCode.FAILED, None, str(error)

    def _crawl(self, due: Due, run_id: int | None) -> tuple[int, EndedFor | None, str | None]:
        """Run the crawl as a child process under the watchdog; give exit code, reason and note for its row."""
        archive = self.places.archive_of(due.portal)
        overdue = OverdueNight(due)

        def look() -> str | None:
            if (sentence := overdue.look(settings.clock())) is not None:
                logger.warning("%s: %s", due.planned.profile.name, sentence)
                self.places.journal_of(due.portal).write(runs.add_note, run_id, note=sentence)
            idle = watchdog.idle_seconds()
            if idle is None:
                return None
            return f"ended by the watchdog: no progress since {to_iso_utc(settings.clock() - timedelta(seconds=idle))}"

        seconds = min(CRAWL_LOOK_SECONDS, self.watchdog_seconds / 4)
        # A machine that sleeps is not a crawl that hangs.
        clock = Stopwatch(most_gap_seconds=2 * seconds)
        watchdog = Watchdog(archive, patience_seconds=self.watchdog_seconds, monotonic=clock.look)
        try:
            with due.planned.usable_source() as source:
                arguments = ["crawl", "--portal", source, "--archive", str(archive), *self.crawl_arguments]
                ended = run_child(arguments, self.stop, look=look, look_seconds=seconds, inherited=self.inherited)
        except OSError as error:
            return ExitCode.FAILED, None, f"the crawl could not be started: {error}"
        if ended.ended_for == STOP_ASKED:
            return ended.code, EndedFor.STOP, runs.STOPPED
        return ended.code, EndedFor.WATCHDOG if ended.ended_for else None, ended.ended_for


@dataclass(slots=True)
class OverdueNight:
    """Reports, once, that a crawl is still running when its portal's next night is due."""

    due: Due
    _is_reported: bool = False

    def look(self, now: datetime) -> str | None:
        """Return the sentence for the run's row, None if there is nothing new."""
        following = last_planned(self.due.planned.profile, now)
        if self._is_reported or following is None or following <= self.due.night:
            return None
        self._is_reported = True
        return f"still under way when the night planned at {to_iso_utc(following)} was due; that one waits"


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
