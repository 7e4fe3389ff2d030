"""The heartbeats of a node, in their own thread: a plan that takes long to judge makes no node seem lost."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from psycopg import Connection

from crawler.errors import ServerAwayError, WrongUseError
from crawler.fleet.server.connection import open_server
from crawler.fleet.server.nodes import beat, forget_old_nodes, is_leaving, is_to_tell
from crawler.fleet.server.portals import give_homes, read_fingerprint
from crawler.operations.node.own_portals import NodeIdentity
from crawler.operations.schedule.child_process import Stop
from crawler.politeness.server_state import forget_old

logger = logging.getLogger(__name__)

# How often a node says that it is alive, and looks for portals that came or went, in seconds.
TICK_SECONDS = 2.0
# A node whose plan was not looked at for this long hangs, on its disk perhaps: it is not alive, in seconds.
_HUNG_SECONDS = 1800.0
# How often nodes that are long gone are forgotten, in seconds, and how often those are looked for of which to tell.
_FORGET_SECONDS = 3600.0
_TELL_SECONDS = 60.0


@dataclass(slots=True)
class Heartbeats:
    """Says that a node is alive, over a connection that it keeps.

    `heard_at` is when the server last answered (monotonic), `fingerprint` changes with the node's portals, `is_leaving`
    says whether these are to be handed over, `fault` why the node may not go on. `changed` is called when one of these
    is another, `tell` when a message is to say that a node is away or back.
    """

    url: str
    identity: NodeIdentity
    share: float
    stop: Stop
    changed: Callable[[], None]
    tell: Callable[[], None]
    heard_at: float = field(default_factory=time.monotonic)
    planned_at: float = field(default_factory=time.monotonic)
    fingerprint: str = ""
    is_leaving: bool = False
    fault: WrongUseError | None = None
    _is_away: bool = False

    def beat(self, connection: Connection[tuple[object, ...]]) -> None:
        """Say once that the node is alive, and read what became of its portals.

        Raises:
            WrongUseError: if the name is another disk's.
        """
        beat(connection, self.identity.name, identity=self.identity.id, share=self.share)
        give_homes(connection)
        found = read_fingerprint(connection, self.identity.name), is_leaving(connection, self.identity.name)
        self.heard_at = time.monotonic()
        if self._is_away:
            self._is_away = False
            logger.info("the fleet's server answers again")
            self.changed()
        if found != (self.fingerprint, self.is_leaving):
            self.fingerprint, self.is_leaving = found
            self.changed()

    def run_until_stopped(self) -> None:
        """Beat until stopped, or the name is another disk's; runs in its own thread."""
        with self.stop.waiting() as event:
            while not self.stop.is_asked:
                try:
                    with open_server(self.url) as connection:
                        self._beat_with(connection, event)
                except ServerAwayError as error:
                    if not self._is_away:
                        logger.warning("%s; it is tried again", error)
                    self._is_away = True
                except WrongUseError as error:
                    self.fault = error
                    self.changed()
                    return
                event.wait(TICK_SECONDS)

    def _beat_with(self, connection: Connection[tuple[object, ...]], event: threading.Event) -> None:
        forgot_at = told_at = float("-inf")
        while not self.stop.is_asked:
            if time.monotonic() - self.planned_at < _HUNG_SECONDS:
                self.beat(connection)
            if time.monotonic() - forgot_at >= _FORGET_SECONDS:
                forget_old_nodes(connection)
                forget_old(connection)
                forgot_at = time.monotonic()
            if time.monotonic() - told_at >= _TELL_SECONDS:
                told_at = time.monotonic()
                if is_to_tell(connection):
                    self.tell()
            event.wait(TICK_SECONDS)
