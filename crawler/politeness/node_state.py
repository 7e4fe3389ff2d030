"""The state of a machine that is one of many: the server's, and while that is away the machine's own with its share."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from crawler.politeness.caps import Cap
from crawler.politeness.server_state import ServerState
from crawler.politeness.state import KeptRobots, SharedState, Slot, StateUnreachableError

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A process goes on without the server this long before it asks again, in seconds.
_AWAY_SECONDS = 20.0


class NodeState:
    """Asks the server. While it is away, all crawls of this machine share what the machine gets of each cap.

    That is the cap divided by the machines that the server knew last. `Retry-After` and hosts that are down are kept in
    both, so that the machine still knows its own while the server is away.

    Args:
        open_server: opens a session.
        local: the machine's own state.
        nodes: how many machines the server knew last.
        keep_nodes: keeps a new number of machines for later starts.
        monotonic: by which the server is asked again.
    """

    def __init__(
        self, open_server: Callable[[], ServerState], local: SharedState, *, nodes: int,
        keep_nodes: Callable[[int], None], monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._open_server = open_server
        self._local = local
        self._nodes = nodes
        self._keep_nodes = keep_nodes
        self._monotonic = monotonic
        self._server: ServerState | None = None
        self._away_until: float | None = None
        # Leases of the server's connections, and of its places in the order; all others are the machine's own.
        self._of_server: set[str] = set()

    def close(self) -> None:
        """Close both."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._local.close()

    def reserve(self, key: str, cap: Cap) -> float:
        """Reserve the next turn of a host or address; give the seconds until then."""
        return self._ask(lambda one: one.reserve(key, cap), lambda own: own.reserve(key, cap.share(self._nodes)))

    def put_off(self, key: str, cap: Cap) -> float:
        """Tell for how long a turn is put off, by what began on this machine: it alone woke its crawls late."""
        return self._local.put_off(key, cap)

    def begin(self, caps: Sequence[tuple[str, Cap]], lease: str) -> Slot | float:
        """Take a connection and reserve its turn; if there is no room, give the seconds until the next try."""

        def of_server(one: ServerState) -> Slot | float:
            found = one.begin(caps, lease)
            self._of_server.add(lease)
            return found

        def of_local(own: SharedState) -> Slot | float:
            self._of_server.discard(lease)
            return own.begin([(key, cap.share(self._nodes)) for key, cap in caps], lease)

        return self._ask(of_server, of_local)

    def disconnect(self, lease: str, keys: Sequence[str]) -> None:
        """Give a connection back to whom it was taken from; one of a session that ended is free already.

        So too the place of one that waits.
        """
        if lease in self._of_server:
            self._of_server.remove(lease)
            self._ask(lambda one: one.disconnect(lease, keys), lambda _: None)
        else:
            self._local.disconnect(lease, keys)

    def put_rest(self, kind: str, host: str, *, seconds: float) -> None:
        """Let a host rest for all machines."""
        self._local.put_rest(kind, host, seconds=seconds)
        self._ask(lambda one: one.put_rest(kind, host, seconds=seconds), lambda _: None)

    def end_rest(self, kind: str, host: str) -> None:
        """Let a host be asked again by all machines."""
        self._local.end_rest(kind, host)
        self._ask(lambda one: one.end_rest(kind, host), lambda _: None)

    def rest_seconds(self, kind: str, host: str) -> float:
        """Return for how long a host still rests; 0 if it does not."""
        return self._ask(lambda one: one.rest_seconds(kind, host), lambda own: own.rest_seconds(kind, host))

    def find_robots(self, origin: str) -> KeptRobots | None:
        """Return the robots.txt that is kept of an origin, of any age."""
        return self._ask(lambda one: one.find_robots(origin), lambda own: own.find_robots(origin))

    def claim_robots(self, origin: str, *, seconds: float) -> bool:
        """Claim the fetch of an origin's robots.txt for this long. False if another crawl fetches it now."""
        return self._ask(
            lambda one: one.claim_robots(origin, seconds=seconds), lambda own: own.claim_robots(origin, seconds=seconds)
        )

    def put_robots(self, origin: str, kept: KeptRobots | None) -> None:
        """End a claim, and keep what was fetched for all machines; None if nothing that may be shared was."""
        self._local.put_robots(origin, kept)
        self._ask(lambda one: one.put_robots(origin, kept), lambda _: None)

    def _ask(self, of_server: Callable[[ServerState], T], of_local: Callable[[SharedState], T]) -> T:
        """Ask the server, or the machine's own state while the server is away."""
        if self._away_until is None or self._monotonic() >= self._away_until:
            try:
                answer = of_server(self._reach())
            except StateUnreachableError as error:
                self._go_on_without(error)
            else:
                if self._away_until is not None:
                    logger.info("the fleet's server answers again; hosts are shared with other machines")
                    self._away_until = None
                return answer
        return of_local(self._local)

    def _reach(self) -> ServerState:
        if self._server is None:
            self._server = self._open_server()
            if self._server.nodes != self._nodes:
                self._nodes = self._server.nodes
                self._keep_nodes(self._nodes)
        return self._server

    def _go_on_without(self, error: StateUnreachableError) -> None:
        if self._away_until is None:
            logger.error(
                "the fleet's server cannot be asked (%s); this machine takes a %dth of each host's cap",
                error,
                self._nodes,
            )
        if self._server is not None:
            self._server.close()
            self._server = None
        self._away_until = self._monotonic() + _AWAY_SECONDS
