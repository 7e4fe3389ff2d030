"""A node that leaves: each of its portals is shipped once more, and gets a new home, while the fleet goes on."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.lock import is_held
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.nodes import put_trouble, shares_alive
from crawler.fleet.server.portals import Portal, hand_over
from crawler.operations.node.jobs import NodeJobs, place_of
from crawler.operations.schedule.child_process import Stop, run_child
from crawler.operations.schedule.places import ArchivePerPortal

logger = logging.getLogger(__name__)

# How often a running backup is checked, in seconds; its end and a stop are noticed at once.
_LOOK_SECONDS = 60.0
# A portal that could not be handed over is tried again after this long, in seconds.
_AGAIN_SECONDS = 60.0


@dataclass(slots=True)
class HandOver:
    """Hands portals over, one after the other, in its own thread. A portal with a job here waits for its end."""

    work: NodeJobs
    places: ArchivePerPortal
    _thread: threading.Thread | None = None
    _not_before: float = float("-inf")

    def start(self, portals: Iterable[Portal]) -> None:
        """Hand over this many portals, unless that is under way, or failed lately."""
        if (self._thread is None or not self._thread.is_alive()) and time.monotonic() >= self._not_before:
            self._thread = threading.Thread(target=self._run, args=(list(portals),), name="leaving")
            self._thread.start()

    def join(self) -> None:
        """Wait for its end; a stop ends it."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, portals: Iterable[Portal]) -> None:
        for portal in portals:
            if self.work.stop.is_asked or not self.work.is_leaving:
                return
            trouble: str | None = "it failed; the log says why"
            with self.work.taking(portal.name, "the hand-over") as job:
                trouble = self._hand_over(portal, job.stop) if job.is_free else None
                with open_server(self.work.url) as connection:
                    put_trouble(connection, self.work.node, trouble=trouble)
            if trouble is not None:
                logger.warning("%s: is not handed over: %s", portal.name, trouble)
                self._not_before = time.monotonic() + _AGAIN_SECONDS
                return

    def _hand_over(self, portal: Portal, stop: Stop) -> str | None:
        """Ship a portal's archive, and give it away; say why not."""
        with open_server(self.work.url) as connection:
            if not shares_alive(connection):
                return "no other node is alive"
        archive = self.work.fleet.archive_of(portal.name)
        is_awaited, is_there = portal.origin == "backup", archive.is_file()
        if is_held(archive):
            return f"{portal.name}: another run holds its archive"
        if is_there and not is_awaited and (trouble := self._ship(portal, archive, stop=stop)) is not None:
            return f"{portal.name}: {trouble}"
        with open_server(self.work.url) as connection:
            home = hand_over(
                connection, portal, origin="backup" if is_there or is_awaited else "nothing",
                is_shipped=is_there and not is_awaited,
            )  # fmt: skip
        if home is None:
            return f"{portal.name}: no other node is alive, or it has moved"
        logger.info("%s: is handed over to %s", portal.name, home)
        return None

    def _ship(self, portal: Portal, archive: Path, *, stop: Stop) -> str | None:
        storage = self.places.storage
        if storage is None:
            return f"{self.work.fleet.file} names no `storage` to ship its archive to"
        words = ["backup", "--to", place_of(storage, portal.name), "--archive", str(archive)]
        ended = run_child(words, stop, look=lambda: None, look_seconds=_LOOK_SECONDS)
        return None if ended.code == 0 else f"its backup ended with exit code {ended.code}; the log says why"
