"""The politeness of one crawl in a fleet: it waits for its turn among all crawls of the machine."""

import asyncio
import logging
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from crawler.politeness.caps import Cap, Caps
from crawler.politeness.state import KeptRobots, PolitenessState, SharedState, Slot, StateUnreachableError
from crawler.politeness.state_file import StateBusyError

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Kinds of rest: a host asked for a wait (`Retry-After`), or it did not answer.
ASKED, DOWN = "asked", "down"

# Between two tries for a connection of a crawl by itself, in seconds.
_ROOM_SECONDS = 0.1
# A crawl goes on by itself this long after the shared state failed, in seconds. A file is asked again soon: who goes
# on by itself asks beside those that share. A server is asked seldom: it may take seconds to be found away.
_ALONE_SECONDS, _ALONE_FROM_SERVER_SECONDS = 2.0, 60.0
# A file that is locked for this many seconds counts as failed: the process that holds it has stopped.
_LOCKED_SECONDS = 30.0
# Between two tries of a file that is locked, in seconds: at first, and at most.
_BUSY_SECONDS, _SLOWEST_BUSY_SECONDS = 0.02, 0.25
# A report that did not reach the state is repeated after this many seconds, if nothing was asked meanwhile.
_TELL_SECONDS = 1.0
# A robots.txt is taken from another crawl for half of the day that RFC 9309 allows (2.4): each night asks again.
ROBOTS_AGE = timedelta(hours=12)
# In seconds; longer than a robots.txt with its retries takes. A crawl that died fetching it delays others no longer.
_FETCHING_SECONDS = 120.0
_LOOK_SECONDS = 0.5


class Politeness:
    """Asks the shared state before each request.

    While it is locked, requests wait. If it fails, or stays locked, the crawl takes a fixed share of each cap, says so
    once, and tries the state again: as many crawls as a machine may run stay within the caps together.

    Args:
        path: of the machine's own state; messages name it.
        caps: what may be asked of each host.
        shares: of how many equal parts of a cap a crawl by itself takes one.
        open_state: opens the state; by default the machine's own.
        monotonic: the clock of a crawl by itself, and of how long the state is locked.
    """

    def __init__(
        self, path: Path, caps: Caps, *, shares: int, open_state: Callable[[], PolitenessState] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._path = path
        self._open_state = open_state or (lambda: SharedState(path))
        self._caps = caps
        self._shares = shares
        self._monotonic = monotonic
        self._state: PolitenessState | None = None
        self._alone_until: float | None = None
        self._next_at: dict[str, float] = {}
        self._open: Counter[str] = Counter()
        self._locked_since: float | None = None
        self._next_try, self._busy_seconds = 0.0, _BUSY_SECONDS
        # What the state does not know yet, by what it is about.
        self._untold: dict[tuple[str, ...], Callable[[PolitenessState], object]] = {}
        self._later: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Close the shared state."""
        self._tell()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._drop()

    def _drop(self) -> None:
        if self._state is not None:
            with suppress(sqlite3.Error):
                self._state.close()
            self._state = None

    @asynccontextmanager
    async def turn(self, netloc: str, address: str | None) -> AsyncIterator[None]:
        """Wait until a host may be asked, and hold a connection to it while the block runs.

        A connection comes first, then the turn of the host, then that of its address: so no more crawls wait for a turn
        than may be connected, and none begins at once with another after a jam.

        Args:
            netloc: `host` or `host:port`.
            address: the server address that its name leads to; None if unknown.
        """
        caps = [(f"host {netloc}", self._caps.of_host(netloc))]
        if address is not None:
            caps.append((f"address {address}", self._caps.of_address(address)))
        async with self._connected(caps) as waits:
            for number, (key, cap) in enumerate(caps):
                await asyncio.sleep(waits[number] if number < len(waits) else await self._reserve(key, cap))
                await self._wait_if_put_off(key, cap)
            yield

    @asynccontextmanager
    async def _connected(self, caps: Sequence[tuple[str, Cap]]) -> AsyncIterator[Sequence[float]]:
        """Hold a connection while the block runs; give the waits for the turns that were reserved with it."""
        keys = [key for key, _ in caps]
        slot = await self._take_connection(caps)
        try:
            yield slot.waits if slot is not None else ()
        finally:
            if slot is not None:
                self._give_back(slot.lease, keys)
            self._open.subtract(keys)

    async def _take_connection(self, caps: Sequence[tuple[str, Cap]]) -> Slot | None:
        """Wait for a connection; None for one within the own share."""
        lease = uuid.uuid4().hex
        try:
            while True:
                found = await self._ask(lambda state: state.begin(caps, lease))
                if isinstance(found, Slot) or (self._is_alone and self._has_room_alone(caps)):
                    self._open.update(key for key, _ in caps)
                    return found if isinstance(found, Slot) else None
                await asyncio.sleep(found or _ROOM_SECONDS)
        except asyncio.CancelledError:
            self._give_back(lease, [key for key, _ in caps])
            raise

    def _give_back(self, lease: str, keys: Sequence[str]) -> None:
        """Give a connection or a place back. Others would wait for it for as long as this process lives."""
        self._tell(("lease", lease), lambda state: state.disconnect(lease, keys))

    async def _wait_if_put_off(self, key: str, cap: Cap) -> None:
        """Wait once more if this process woke so late that others of its kind begin now, too."""
        while put_off := await self._ask(lambda state: state.put_off(key, cap)):
            until = self._monotonic() + put_off
            await asyncio.sleep(put_off)
            if self._monotonic() <= until + cap.interval:
                return

    def _has_room_alone(self, caps: Sequence[tuple[str, Cap]]) -> bool:
        return all(self._open[key] < cap.share(self._shares).connections for key, cap in caps)

    async def _reserve(self, key: str, cap: Cap) -> float:
        wait = await self._ask(lambda state: state.reserve(key, cap))
        return self._reserve_alone(key, cap) if wait is None else wait

    def _reserve_alone(self, key: str, cap: Cap) -> float:
        now, interval = self._monotonic(), cap.share(self._shares).interval
        at = max(self._next_at.get(key, now), now)
        self._next_at[key] = at + interval
        return at - now

    def note_rest(self, kind: str, netloc: str, *, seconds: float) -> None:
        """Tell all crawls that a host rests."""
        until = self._monotonic() + seconds
        self._tell(
            ("rest", kind, netloc),
            lambda state: state.put_rest(kind, netloc, seconds=max(0.0, until - self._monotonic())),
        )

    def note_awake(self, kind: str, netloc: str) -> None:
        """Tell all crawls that a host answers again."""
        self._tell(("rest", kind, netloc), lambda state: state.end_rest(kind, netloc))

    def rest_seconds(self, kind: str, netloc: str) -> float:
        """Return for how long a host rests, by what any crawl saw; 0 if it does not, or the state is locked now."""
        return self._ask_now(lambda state: state.rest_seconds(kind, netloc)) or 0.0

    async def find_robots(self, origin: str, *, now: datetime) -> KeptRobots | None:
        """Return the robots.txt that another crawl fetched lately. If None, fetch it, and call `keep_robots` then.

        While another crawl fetches it, wait.
        """
        while True:
            kept = await self._ask(lambda state: state.find_robots(origin))
            if kept is not None and now - ROBOTS_AGE < datetime.fromisoformat(kept.fetched_at) <= now:
                return kept
            if await self._ask(lambda state: state.claim_robots(origin, seconds=_FETCHING_SECONDS)) is not False:
                return None
            await asyncio.sleep(_LOOK_SECONDS)

    def keep_robots(self, origin: str, kept: KeptRobots | None) -> None:
        """Pass on a robots.txt that was fetched; None if it says nothing that others may go by."""
        self._tell(("robots", origin), lambda state: state.put_robots(origin, kept))

    @property
    def _is_alone(self) -> bool:
        return self._alone_until is not None and self._monotonic() < self._alone_until

    async def _ask(self, question: Callable[[PolitenessState], T]) -> T | None:
        """Ask the shared state; wait while it is locked. None if it fails, and for some time from then on."""
        while True:
            with suppress(StateBusyError):
                return self._ask_once(question)
            await asyncio.sleep(max(0.0, self._next_try - self._monotonic()))

    def _ask_now(self, question: Callable[[PolitenessState], T]) -> T | None:
        """Ask the shared state. None if it is locked, too."""
        with suppress(StateBusyError):
            return self._ask_once(question)
        return None

    def _tell(self, about: tuple[str, ...] = (), question: Callable[[PolitenessState], object] | None = None) -> None:
        """Tell the shared state something, with all that it was not told yet. If it cannot be asked now, do it later.

        The last statement about a thing is valid.
        """
        if question is not None:
            self._untold[about] = question
        if self._untold:
            self._ask_now(self._tell_kept)
        if self._untold and self._later is None:
            with suppress(RuntimeError):  # no loop runs: it is reported with the next question
                self._later = asyncio.get_running_loop().call_later(_TELL_SECONDS, self._tell_later)

    def _tell_later(self) -> None:
        self._later = None
        self._tell()

    def _tell_kept(self, state: PolitenessState) -> None:
        for about, question in list(self._untold.items()):
            question(state)
            del self._untold[about]

    def _ask_once(self, question: Callable[[PolitenessState], T]) -> T | None:
        """Ask the shared state once. None if it fails, and for some time from then on.

        Raises:
            StateBusyError: if it is locked, or was a moment ago.
        """
        now = self._monotonic()
        if self._is_alone:
            return None
        if now < self._next_try:
            raise StateBusyError
        try:
            if self._state is None:
                self._state = self._open_state()
            answer = question(self._state)
        except StateBusyError as error:
            self._wait_or_leave(error, now=now)
            return None
        except (sqlite3.Error, OSError, StateUnreachableError) as error:
            self._go_alone(error)
            return None
        self._locked_since, self._next_try, self._busy_seconds = None, 0.0, _BUSY_SECONDS
        if self._alone_until is not None:
            logger.info("%s: can be asked again; hosts are shared with other crawls", self._path)
            self._alone_until = None
        return answer

    def _wait_or_leave(self, error: StateBusyError, *, now: float) -> None:
        """Let all wait for a moment; if the state was locked for long, go on without it."""
        if self._locked_since is None:
            self._locked_since = now
        # Who went on by itself does not wait again before it does so.
        if self._alone_until is not None or now - self._locked_since >= _LOCKED_SECONDS:
            self._go_alone(error)
            return
        self._next_try = now + self._busy_seconds
        self._busy_seconds = min(2 * self._busy_seconds, _SLOWEST_BUSY_SECONDS)
        raise error

    def _go_alone(self, error: Exception) -> None:
        if self._alone_until is None:
            logger.error(
                "%s: cannot be asked what other crawls do (%s); this crawl takes a %dth of each host's cap",
                self._path, error, self._shares,
            )  # fmt: skip
        self._drop()
        seconds = _ALONE_FROM_SERVER_SECONDS if isinstance(error, StateUnreachableError) else _ALONE_SECONDS
        self._alone_until = self._monotonic() + seconds
