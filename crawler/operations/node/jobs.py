"""What a job of the queue does on this node: a night, or the restore of an archive; each only if it is still right."""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler import settings
from crawler.archive.lock import is_held
from crawler.errors import ArchiveUnusableError, PortalArchiveError, ServerAwayError, WrongUseError
from crawler.exit_codes import ExitCode
from crawler.fleet.epoch import EpochMark, read_mark, write_mark
from crawler.fleet.fleet_file import read_storage
from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.portals import read_portal
from crawler.language.dates import to_iso_utc
from crawler.operations.node.own_portals import find_fault
from crawler.operations.schedule.child_process import Stop, run_child
from crawler.operations.schedule.due import judge_portal
from crawler.operations.schedule.night import Due, NightRunner
from crawler.operations.schedule.portals import Planned
from crawler.profile import load_profile

logger = logging.getLogger(__name__)

# Held by the crawl of a portal, beside its archive.
_CRAWL_LOCK = ".crawl.lock"
# How often a running restore is checked, in seconds; its end and a stop are noticed at once.
_LOOK_SECONDS = 60.0
# A portal whose archive another run holds, such as a crawl that outlived its node, waits this long, in seconds.
_HELD_SECONDS = 5.0
# A job that could not do its work is tried again after this long, in seconds.
_FAILED_SECONDS = 60.0


@dataclass(slots=True)
class NodeJobs:
    """Runs the jobs of a node in the threads of its queue. A portal has one job at a time here.

    `ended` is called after each job, with the portal and the exit code of its crawl: `LOCKED` if another run holds the
    archive, None if there was none. While `is_leaving`, no night begins: the next home of the portal runs it.
    """

    url: str
    node: str
    fleet: FleetFolder
    runner: NightRunner
    ended: Callable[[str, int | None], None]
    is_leaving: bool = False
    # Portals that were not shipped, since the server did not say whether they may be.
    _unshipped: set[str] = field(default_factory=set)
    # What ends the job of a portal.
    _busy: dict[str, Stop] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def stop(self) -> Stop:
        """What ends all of it."""
        return self.runner.stop

    def busy(self) -> set[str]:
        """Return the portals that have a job running here."""
        with self._lock:
            return set(self._busy)

    def end_moved(self, moved: Collection[str]) -> None:
        """End the jobs of portals that have another home now: what they did is for nothing."""
        with self._lock:
            stops = {portal: stop for portal, stop in self._busy.items() if portal in moved and not stop.is_asked}
        for portal, stop in stops.items():
            logger.warning("%s: has another home now; its job here is ended", portal)
            stop.ask()

    def take_unshipped(self) -> set[str]:
        """Give the portals that were to be shipped while the server was away, once."""
        with self._lock:
            found, self._unshipped = self._unshipped, set()
        return found

    def may_ship(self, portal: str) -> bool:
        """Tell whether the archive here is the one that the fleet goes on with, by what the server says now."""
        try:
            with open_server(self.url) as connection:
                fault = find_fault(self.fleet, read_portal(connection, portal), node=self.node)
        except ServerAwayError as error:
            fault = str(error)
            with self._lock:
                self._unshipped.add(portal)
        except PortalArchiveError as error:
            fault = str(error)
        if fault is not None:
            logger.warning("%s: is not shipped: %s", portal, fault)
        return fault is None

    def run_night(self, portal: str, night: str) -> None:
        """Run a night if this node may, and the archive says that it is due; else log why not, and do nothing."""
        with self.taking(portal, f"the night of {night}") as done:
            done.code = self._run_night(portal, night, stop=done.stop) if done.is_free else None

    def _run_night(self, portal: str, night: str, *, stop: Stop) -> int | None:
        with open_server(self.url) as connection:
            fault = find_fault(self.fleet, read_portal(connection, portal), node=self.node)
        if fault is not None:
            logger.warning("%s: the night of %s is refused: %s", portal, night, fault)
            return None
        if self.is_leaving:
            logger.info("%s: the night of %s is left to its next home", portal, night)
            return None
        with _held_by_crawl(self.fleet.archive_of(portal)) as lock:
            if lock is None or is_held(self.fleet.archive_of(portal)):
                logger.info("%s: another run holds the archive; it is judged again", portal)
                self._hold_back(portal, _HELD_SECONDS)
                return ExitCode.LOCKED
            return self._judge_and_run(portal, night, runner=replace(self.runner, stop=stop, inherited=(lock,)))

    def _judge_and_run(self, portal: str, night: str, *, runner: NightRunner) -> int | None:
        path = str(self.fleet.profiles / f"{portal}.toml")
        planned = Planned(path, load_profile(path))
        # After the check above: a crawl that outlived its worker has settled its night by now, or holds the archive.
        journal = self.runner.places.journal_of(portal)
        with journal.kept_open():
            verdict = judge_portal(planned.profile, journal.read_history(planned), now=settings.clock())
        if not verdict.is_due or verdict.planned is None or to_iso_utc(verdict.planned) != night:
            logger.info("%s: the night of %s is settled already", portal, night)
            return None
        if runner.stop.is_asked:
            return None
        return runner.run(Due(planned, verdict, verdict.planned))

    def restore(self, portal: str) -> None:
        """Bring the archive of a portal's epoch from its backup, if this node may and it is not here yet."""
        with self.taking(portal, "the restore") as done:
            if done.is_free:
                self._restore(portal, done.stop)

    def _restore(self, portal: str, stop: Stop) -> None:
        with open_server(self.url) as connection:
            found = read_portal(connection, portal)
        mark = read_mark(self.fleet, portal)
        if found is None or found.home != self.node or mark is None or mark.epoch != found.epoch:
            logger.warning("%s: the restore is refused: this node is not its home, or has another epoch", portal)
            return
        if mark.is_whole or stop.is_asked:
            return
        storage = read_storage(self.fleet)
        if storage is None:
            raise WrongUseError(f"{self.fleet.file} names no `storage`")
        archive = self.fleet.archive_of(portal)
        if not archive.is_file():
            words = ["restore", "--from", place_of(storage, portal), "--into", str(archive)]
            code = run_child(words, stop, look=lambda: None, look_seconds=_LOOK_SECONDS).code
            logger.log(logging.WARNING if code else logging.INFO, "%s: restore ended with exit code %d", portal, code)
        if not archive.is_file():
            raise ArchiveUnusableError("it has failed; the lines above say why")
        write_mark(self.fleet, portal, mark=EpochMark(mark.epoch))

    def _hold_back(self, portal: str, seconds: float) -> None:
        self.runner.held_back[portal] = time.monotonic() + seconds

    @contextmanager
    def taking(self, portal: str, what: str) -> Iterator["_Job"]:
        """Hold a portal for a job, if no other one runs here. What goes wrong is logged; the plan tries it again."""
        with self.stop.part() as stop:
            yield from self._taking_with(portal, what, stop=stop)

    def _taking_with(self, portal: str, what: str, *, stop: Stop) -> Iterator["_Job"]:
        with self._lock:
            job = _Job(portal not in self._busy, stop)
            self._busy.setdefault(portal, stop)
        try:
            if not job.is_free:
                logger.info("%s: a job of it runs here already", portal)
            yield job
        except (PortalArchiveError, OSError) as error:
            logger.error("%s: %s is not done: %s", portal, what, error)  # noqa: TRY400 - the message is for the operator
            self._hold_back(portal, _FAILED_SECONDS)
        except Exception:
            logger.exception("%s: %s failed", portal, what)
            self._hold_back(portal, _FAILED_SECONDS)
        finally:
            if job.is_free:
                with self._lock:
                    del self._busy[portal]
            self.ended(portal, job.code)


@dataclass(slots=True)
class _Job:
    """A job at work: whether the portal was free for it, what ends it, and the exit code of its crawl, if any."""

    is_free: bool
    stop: Stop
    code: int | None = None


@contextmanager
def _held_by_crawl(archive: Path) -> Iterator[int | None]:
    """Hold a file that the crawl inherits, so that it holds it from its first moment to its last; None if one does.

    A crawl takes the archive's own lock only when it has begun. If the node died before, the next one would find the
    archive free, and the night not settled.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(archive.parent / _CRAWL_LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock
    finally:
        os.close(lock)


def place_of(storage: str, portal: str) -> str:
    """Return where the backups of a portal's archive are, below the storage of its fleet."""
    return f"{storage.rstrip('/')}/{portal}"
