"""A node at work: it plans its own portals, puts their nights into its queue, and says how they are."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from crawler import settings
from crawler.archive.lock import is_held
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, ServerAwayError
from crawler.exit_codes import ExitCode
from crawler.fleet.fleet_file import prepare_fleet
from crawler.fleet.folder import FleetFolder
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.nodes import leave
from crawler.language.dates import to_iso_utc
from crawler.operations.node.heartbeats import TICK_SECONDS, Heartbeats
from crawler.operations.node.jobs import NodeJobs
from crawler.operations.node.leaving import HandOver
from crawler.operations.node.own_portals import NodeIdentity, OwnPortals, read_identity
from crawler.operations.node.queue import NodeQueue, make_queue_tables
from crawler.operations.node.statuses import StatusPusher
from crawler.operations.schedule.child_process import Stop, stop_on_signals
from crawler.operations.schedule.due import SETTLED_CODES
from crawler.operations.schedule.jobs import JobRunner
from crawler.operations.schedule.maintenance import Asked, maintain_until_stopped
from crawler.operations.schedule.night import NightRunner
from crawler.operations.schedule.places import ArchivePerPortal
from crawler.operations.schedule.portals import Plan
from crawler.operations.schedule.scheduler import NOTIFY_AFTER_TRIES, NightScheduler

logger = logging.getLogger(__name__)

# A node ends after the server was away for this long, in seconds, and no crawl is under way. Its supervisor starts it
# again.
AWAY_SECONDS = 60.0
# A job that waits in the queue is put there again after this long, in seconds: somebody may have deleted it.
_DEFER_AGAIN_SECONDS = 600.0


def run_node(
    url: str, fleet: FleetFolder, *, name: str | None, share: float, jobs: int, crawl_arguments: Sequence[str]
) -> int:
    """Join a fleet with this folder, and work as its node until SIGTERM or SIGINT.

    Raises:
        ArchiveLockedError: if another scheduler runs the plan of this folder.
        ServerAwayError: if the server is away for long; the crawls under way have ended then.
        WrongUseError: if the folder cannot be used, or the name or a number is another's.
    """
    fault = prepare_fleet(fleet)
    if fault is not None:
        logger.error(fault)
    stop = Stop()
    stop_on_signals(stop)
    identity = read_identity(fleet, name)
    node = _Node(url, fleet, identity, share=share, jobs=jobs, stop=stop, crawl_arguments=tuple(crawl_arguments))
    with node.places.hold(), JobRunner(node.places) as maintenance:
        node.join()
        return node.run(maintenance)


@dataclass(slots=True)
class _Node:
    url: str
    fleet: FleetFolder
    identity: NodeIdentity
    share: float
    jobs: int
    stop: Stop
    crawl_arguments: tuple[str, ...]
    places: ArchivePerPortal = field(init=False)
    own: OwnPortals = field(init=False)
    _scheduler: NightScheduler = field(init=False)
    _work: NodeJobs = field(init=False)
    _queue: NodeQueue = field(init=False)
    _pusher: StatusPusher = field(init=False)
    _asked: Asked = field(default_factory=Asked)
    # When a job was put into the queue, by portal, until it is taken.
    _waiting: dict[str, float] = field(default_factory=dict)
    # Portals whose crawl may have outlived a former node; the end of such a crawl is not the end of a job.
    _outlived: set[str] | None = None
    # How often the night of a portal failed since one was settled.
    _failed: Counter[str] = field(default_factory=Counter)
    _is_to_look: threading.Event = field(default_factory=threading.Event)
    _heartbeats: Heartbeats = field(init=False)
    _leaving: HandOver = field(init=False)

    def __post_init__(self) -> None:
        self.places = ArchivePerPortal(self.fleet)
        self.own = OwnPortals(self.fleet, self.identity.name)
        watchdog_seconds = settings.watchdog_minutes() * 60
        planning = NightRunner(self.places, self.stop, watchdog_seconds, self.crawl_arguments)
        self._scheduler = NightScheduler(Plan(()), planning, jobs=self.jobs)
        # Journals of its own: those of the plan are open in another thread.
        working = NightRunner(
            ArchivePerPortal(self.fleet), self.stop, watchdog_seconds, self.crawl_arguments, planning.held_back
        )
        self._work = NodeJobs(self.url, self.identity.name, self.fleet, working, self._on_end)
        self._heartbeats = Heartbeats(self.url, self.identity, self.share, self.stop, self._is_to_look.set, self._tell)
        self._leaving = HandOver(self._work, self.places)
        self._pusher = StatusPusher(self.fleet, self.places)
        self._queue = NodeQueue(
            self.url, self.identity.name, jobs=self.jobs, run_night=self._work.run_night, restore=self._work.restore
        )

    def join(self) -> None:
        """Join the fleet, with the portals of this folder that it does not know yet."""
        make_queue_tables(self.url)
        with open_server(self.url) as connection:
            self._heartbeats.beat(connection)
            self.own.adopt(connection)
        logger.info("node %s of the fleet, with %s", self.identity.name, self.fleet.path)

    def run(self, maintenance: JobRunner) -> int:
        """Work until stopped, or the server is away for long. Only a stop ends crawls under way."""
        self._scheduler.begin()
        self._queue.start()
        tending = threading.Thread(
            target=maintain_until_stopped,
            args=(maintenance, self.places),
            kwargs={
                "stop": self.stop, "asked": self._asked, "portals": lambda: list(self.own.ready),
                "may_ship": self._work.may_ship,
            },
            name="maintenance",
        )  # fmt: skip
        beating = threading.Thread(target=self._heartbeats.run_until_stopped, name="heartbeats")
        tending.start()
        beating.start()
        try:
            self._tick_until_stopped()
        finally:
            self._queue.close()
            self.stop.ask()
            self._asked.ask()
            for thread in (tending, beating, self._leaving):
                thread.join()
            self._scheduler.save()
        with suppress(ServerAwayError), open_server(self.url) as connection:
            leave(connection, self.identity.name)
        return ExitCode.OK

    def _tick_until_stopped(self) -> None:
        looked_at, is_idle = float("-inf"), False
        with self.stop.waiting() as event:
            while not self.stop.is_asked:
                self._heartbeats.planned_at = time.monotonic()
                if self._heartbeats.fault is not None:
                    raise self._heartbeats.fault
                try:
                    if self._is_to_look.is_set() or self._is_due(looked_at):
                        self._is_to_look.clear()
                        self._follow()
                        looked_at = time.monotonic()
                        is_busy = self._look()
                        if not is_busy and not is_idle:
                            self._asked.ask()
                            self._scheduler.save()
                        is_idle = not is_busy
                except ServerAwayError:
                    self._is_to_look.set()
                    if time.monotonic() - self._heartbeats.heard_at > AWAY_SECONDS and not self._work.busy():
                        logger.error("this node ends, since the server stays away; what supervises it starts it again")  # noqa: TRY400 - the caller says the rest
                        raise
                except (ArchiveUnusableError, ArchiveLockedError, OSError) as error:
                    self._is_to_look.set()
                    logger.error("the plan waits: %s", error)  # noqa: TRY400 - the message is for the operator
                event.wait(TICK_SECONDS)

    def _is_due(self, looked_at: float) -> bool:
        return time.monotonic() - looked_at >= self._scheduler.seconds_to_next()

    def _follow(self) -> None:
        """Read which portals are this node's, push how they are, and end the jobs of those that moved away."""
        self._work.is_leaving = self._heartbeats.is_leaving
        with open_server(self.url) as connection:
            busy = self._work.busy()
            self.own.follow(connection, busy=busy)
            self._work.end_moved(busy & self.own.gone)
            self._pusher.push(connection, [one for name, one in self.own.ready.items() if name not in busy])
        for portal in self._work.take_unshipped() & self.own.ready.keys():
            self._asked.ask(portal)

    def _look(self) -> bool:
        """Judge the portals that have no job, and put what is due into the queue. True if anything waits or runs."""
        self._ship_outlived()
        # A copy: jobs that end leave it, each in its thread.
        waiting, busy = list(self._waiting.items()), self._work.busy()
        taken = busy | {name for name, at in waiting if time.monotonic() - at < _DEFER_AGAIN_SECONDS}
        if self._heartbeats.is_leaving:
            own = {**self.own.ready, **self.own.awaited}
            self._leaving.start(portal for name, portal in own.items() if name not in busy)
            return bool(busy)
        held_back, now = self._scheduler.runner.held_back, time.monotonic()
        for name in self.own.awaited.keys() - taken:
            if held_back.get(name, 0.0) > now:
                continue
            with self._noted(name):
                self._queue.defer_restore(name)
        self._scheduler.plan.arguments = [
            str(self.own.profile_of(name)) for name in sorted(self.own.ready) if name not in taken
        ]
        for due in self._scheduler.take_due():
            with self._noted(due.portal):
                self._queue.defer_night(due.portal, to_iso_utc(due.night))
        return bool(taken or self._waiting)

    def _ship_outlived(self) -> None:
        """Let archives be shipped whose crawl went on without a node and has ended; after a start it may be any."""
        if self._outlived is None:
            self._outlived = set(self.own.ready)
        for portal in set(self._outlived) & self.own.ready.keys():
            if not is_held(self.fleet.archive_of(portal)):
                self._outlived.discard(portal)
                self._asked.ask(portal)

    @contextmanager
    def _noted(self, portal: str) -> Iterator[None]:
        """Note that a portal has a job in the queue, which may end before the block does; not if the block fails."""
        self._waiting[portal] = time.monotonic()
        try:
            yield
        except ServerAwayError:
            self._waiting.pop(portal, None)
            raise

    def _tell(self) -> None:
        """Let messages be sent, if this node has a portal: `notify` reads the folder of archives."""
        for portal in list(self.own.ready)[:1]:
            self._asked.ask(portal)
            self._asked.ask()

    def _on_end(self, portal: str, code: int | None) -> None:
        """After a job: judge the portal again; let its archive be shipped, and messages be sent, if there is reason."""
        self._waiting.pop(portal, None)
        if code == ExitCode.LOCKED and self._outlived is not None:
            self._outlived.add(portal)
        elif code is not None and portal in self.own.ready:
            self._failed[portal] = 0 if code in SETTLED_CODES else self._failed[portal] + 1
            if code in SETTLED_CODES or self._failed[portal] >= NOTIFY_AFTER_TRIES:
                self._asked.ask(portal)
        self._is_to_look.set()
