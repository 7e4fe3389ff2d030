"""When an article was away from its portal: between when and when, and for how many days. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.language.dates import parse_iso

_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Miss:
    """A night on which an article was not to be had: how, and the answer that shows it, with its HTTP status."""

    night: str
    at: str
    kind: str
    capture_id: int | None
    status: int | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Return:
    """A time at which an article answered again after a miss; `seen_on` is the night it was seen before that."""

    at: str
    capture_id: int | None
    seen_on: str | None


@dataclass(frozen=True, slots=True)
class Absence:
    """A time without an article: from the first miss to its return, None while it is still away.

    `last_seen_at` is when it last answered before, None where that is not known.
    """

    last_seen_at: str | None
    misses: tuple[Miss, ...]
    returned: Return | None

    @property
    def first_missed_at(self) -> str:
        """The first night it was missed: it vanished at the latest then."""
        return self.misses[0].at

    @property
    def last_missed_at(self) -> str:
        """The last night it was missed: it came back at the earliest then."""
        return self.misses[-1].at

    @property
    def days(self) -> float | None:
        """Days from the first miss to the return; None while it is away."""
        return _days(self.first_missed_at, self.returned.at) if self.returned else None

    @property
    def least_days(self) -> float:
        """Days that it was away for certain: from the first miss to the last."""
        return _days(self.first_missed_at, self.last_missed_at)

    @property
    def most_days(self) -> float | None:
        """Days that it can have been away at most: from when it was last seen to the return; None if not known."""
        if self.returned is None or self.last_seen_at is None:
            return None
        return _days(self.last_seen_at, self.returned.at)


def find_absences(misses: Sequence[Miss], returns: Sequence[Return]) -> tuple[Absence, ...]:
    """Put an article's misses and returns together, oldest first; `last_seen_at` is left open.

    A return without a miss before it, and misses beyond the last return, are told as they are: the first is no
    absence, the others are one that still lasts.
    """
    found: list[Absence] = []
    waiting = sorted(misses, key=lambda miss: miss.at)
    for back in sorted(returns, key=lambda one: one.at):
        before = [miss for miss in waiting if miss.at < back.at]
        waiting = waiting[len(before) :]
        if before:
            found.append(Absence(None, tuple(before), back))
    if waiting:
        found.append(Absence(None, tuple(waiting), None))
    return tuple(found)


def _days(since: str, until: str) -> float:
    return max(0.0, (parse_iso(until) - parse_iso(since)).total_seconds() / _DAY_SECONDS)
