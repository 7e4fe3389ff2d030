"""Hosts that are down: after some failures in a row, a host is not asked for a while.

A dead file host would cost a time-out for each picture of each article.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.settings import BaseSettings

from crawler.crawl.outcomes import RefusedError
from crawler.politeness.politeness import DOWN, Politeness
from crawler.sentences import Sentence, say

HOST_DOWN = "host-down"

# What the first try leaves in a request's `meta`.
_TRACES = ("retry_times", "download_slot", "download_latency", "is_trial", "came")


@dataclass(slots=True)
class _Host:
    failures: int = 0
    rests: int = 0
    has_answered: bool = False
    open_from: float | None = None  # when it may be tried again; None if it is not down
    trial: "asyncio.Future[None] | None" = None
    problem: Sentence | None = None  # of the last failure


class Breakers:
    """Counts the failures of each host, and says which may be asked.

    A host that failed `failures` times in a row rests for `rest_seconds`. Then one request tries it, and the others
    wait for its outcome. The portal's own host, if it answered in this run, has twice the failures, and its requests
    wait through its first rests instead of failing. The clock gives seconds.
    """

    def __init__(
        self,
        own: str,
        *,
        failures: int,
        rest_seconds: float,
        own_rest_seconds: float,
        own_rests: int,
        politeness: Politeness | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own = own
        self._failures = failures
        self._rest_seconds = rest_seconds
        self._own_rest_seconds = own_rest_seconds
        self._own_rests = own_rests
        self._politeness = politeness
        self._monotonic = monotonic
        self._hosts: dict[str, _Host] = {}
        self._skipped: list[Request] | None = []

    @classmethod
    def from_settings(cls, settings: BaseSettings, own: str, *, politeness: Politeness | None) -> "Breakers":
        """Make it with the limits of Scrapy's settings. `own` is the portal's `host` or `host:port`.

        With `politeness`, a host that is down for another crawl of the fleet is down for this one, the own one aside.
        """
        return cls(
            own,
            failures=settings.getint("HOST_DOWN_FAILURES"),
            rest_seconds=settings.getfloat("HOST_DOWN_SECONDS"),
            own_rest_seconds=settings.getfloat("PORTAL_DOWN_SECONDS"),
            own_rests=settings.getint("PORTAL_DOWN_RESTS"),
            politeness=politeness,
        )

    def is_down(self, url: str) -> bool:
        """Whether the host of an address is down, also while it is tried again."""
        return self._of(url).open_from is not None

    async def enter(self, url: str) -> bool:
        """Wait until the host may be asked. True if the request is the one that tries a host that was down.

        Raises:
            RefusedError: kind `host-down`.
        """
        host = self._of(url)
        self._learn(url, host)
        while host.open_from is not None:
            wait = host.open_from - self._monotonic()
            if wait <= 0 and host.trial is None:
                host.trial = asyncio.get_running_loop().create_future()
                return True
            if host.trial is not None:
                await asyncio.wait([host.trial])
            elif self._is_patient(url, host):
                await asyncio.sleep(wait)
            else:
                raise self.refusal(url)
        return False

    def refusal(self, url: str) -> RefusedError:
        """Return the refusal of a request to a host that is down."""
        host = self._of(url)
        problem = host.problem or say("no-answer")
        return RefusedError(HOST_DOWN, say("host-down", host=_name(url), count=host.failures, problem=problem))

    def note_answer(self, url: str) -> None:
        """Note that the host answered: it is not down."""
        host = self._of(url)
        if self._politeness is not None and host.open_from is not None:
            self._politeness.note_awake(DOWN, _name(url))
        host.failures, host.rests, host.open_from, host.has_answered = 0, 0, None, True
        self._end_trial(host)

    def note_failure(self, url: str, problem: Sentence | None = None, *, is_retry: bool = False) -> None:
        """Note that the network failed, and how. After too many times in a row, or at a trial, the host rests.

        Of the portal's own host only retries count: some portals reset each first connection.
        """
        host = self._of(url)
        host.problem = problem or host.problem
        is_own = self._is_own(url, host)
        if is_own and not is_retry:
            self._end_trial(host)
            return
        host.failures += 1
        if host.failures >= self._failures * (2 if is_own else 1) and (host.open_from is None or host.trial):
            host.rests += 1
            host.open_from = self._monotonic() + (self._own_rest_seconds if is_own else self._rest_seconds)
            if self._politeness is not None and _name(url) != self._own:
                self._politeness.note_rest(DOWN, _name(url), seconds=self._rest_seconds)
        self._end_trial(host)

    def note_nothing(self, url: str) -> None:
        """Note that a request ended without having been sent. Another one may try the host."""
        self._end_trial(self._of(url))

    def skip(self, request: Request) -> None:
        """Keep a request that failed because its host is down, for `take_skipped`."""
        if self._skipped is not None:
            meta = {name: value for name, value in request.meta.items() if name not in _TRACES}
            self._skipped.append(request.replace(meta=meta))

    def take_skipped(self) -> list[Request]:
        """Return the requests that were kept, and let their hosts be tried now. They are kept until the first call."""
        if not self._skipped:
            return []
        skipped, self._skipped = self._skipped, None
        for host in self._hosts.values():
            if host.open_from is not None:
                host.open_from = min(host.open_from, self._monotonic())
        return skipped

    def _of(self, url: str) -> _Host:
        return self._hosts.setdefault(_name(url), _Host())

    def _learn(self, url: str, host: _Host) -> None:
        """Take over from other crawls that a host is down. After its rest, a request of this crawl tries it."""
        if self._politeness is None or host.open_from is not None or _name(url) == self._own:
            return
        if seconds := self._politeness.rest_seconds(DOWN, _name(url)):
            host.open_from, host.failures = self._monotonic() + seconds, max(host.failures, self._failures)

    def _is_own(self, url: str, host: _Host) -> bool:
        return _name(url) == self._own and host.has_answered

    def _is_patient(self, url: str, host: _Host) -> bool:
        return self._is_own(url, host) and host.rests <= self._own_rests

    def _end_trial(self, host: _Host) -> None:
        if host.trial is not None:
            host.trial.set_result(None)
            host.trial = None


def _name(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower()
