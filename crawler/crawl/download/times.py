"""When a transfer is given up: by silence and by rate; a page also by the time that the whole takes, a file never."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from scrapy.settings import BaseSettings

from crawler.crawl.outcomes import NetworkError
from crawler.items import Purpose
from crawler.sentences import say

_PAGES = frozenset(purpose.value for purpose in Purpose if purpose is not Purpose.REQUISITE)


@dataclass(frozen=True, slots=True)
class Times:
    """The limits of a transfer, in seconds and bytes a second.

    `connect_seconds` is for name, connection and TLS together, `head_seconds` from then to the end of the answer's
    head, `idle_seconds` between two bytes of the body. Less than `least_rate` over `rate_seconds` ends it too. A page,
    or a robots.txt, has `page_seconds` for all of it: a drip just above the rate takes nine hours to the largest size.
    """

    connect_seconds: float
    head_seconds: float
    idle_seconds: float
    least_rate: float
    rate_seconds: float
    page_seconds: float = math.inf

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read the limits from Scrapy's settings."""
        return cls(
            connect_seconds=settings.getfloat("DOWNLOAD_CONNECT_SECONDS"),
            head_seconds=settings.getfloat("DOWNLOAD_HEAD_SECONDS"),
            idle_seconds=settings.getfloat("DOWNLOAD_IDLE_SECONDS"),
            least_rate=settings.getfloat("DOWNLOAD_LEAST_RATE"),
            rate_seconds=settings.getfloat("DOWNLOAD_RATE_SECONDS"),
            page_seconds=settings.getfloat("DOWNLOAD_PAGE_SECONDS"),
        )

    @property
    def tick_seconds(self) -> float:
        """How often a transfer must be judged, so that no limit is passed by more than a quarter, or by a second."""
        return min(1.0, min(self.head_seconds, self.idle_seconds, self.rate_seconds, self.page_seconds) / 4)


class Watch:
    """Judges one transfer, from the moment of its connection. The clock is a parameter, in seconds."""

    def __init__(self, times: Times, now: float, *, of: Mapping[str, Any]) -> None:
        """Begin to judge. `of` is the `meta` of the request, which says whether it is for a page."""
        self._times = times
        self._most_seconds = times.page_seconds if of.get("is_robots") or of.get("purpose") in _PAGES else math.inf
        self._began = self._heard = now
        self._received = 0
        self._samples: deque[tuple[float, int]] = deque([(now, 0)])

    def judge(self, received: int, now: float, *, has_head: bool) -> NetworkError | None:
        """Return why a transfer is given up; None if it may go on. `received` are all its bytes so far.

        `now` is in seconds, of the clock that gave the beginning.
        """
        times = self._times
        if received > self._received:
            self._received, self._heard = received, now
        if not has_head:
            if now - self._began >= times.head_seconds:
                return NetworkError("timeout", say("no-head", seconds=_shown(times.head_seconds)))
            self._samples[0] = (now, received)
            return None
        if now - self._heard >= times.idle_seconds:
            return NetworkError("timeout", say("fell-silent", seconds=_shown(times.idle_seconds)))
        if now - self._began >= self._most_seconds:
            return NetworkError("too-slow", say("page-too-slow", seconds=_shown(self._most_seconds)))
        self._samples.append((now, received))
        while len(self._samples) > 1 and now - self._samples[1][0] >= times.rate_seconds:
            self._samples.popleft()
        since, before = self._samples[0]
        if now - since >= times.rate_seconds and received - before < times.least_rate * (now - since):
            rate, over = round(times.least_rate), _shown(times.rate_seconds)
            return NetworkError("too-slow", say("too-slow", bytes=rate, seconds=over))
        return None


def _shown(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else round(seconds, 2)
