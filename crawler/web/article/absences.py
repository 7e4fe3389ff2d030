"""The absences of an article from its portal: from when to when, and for how many days. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.language.dates import parse_iso

_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Miss:
    """A night on which an article was missed: the kind of miss, and the answer that shows it with its HTTP status."""

    night: str
    at: str
    kind: str
    capture_id: int | None
    status: int | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Return:
    """A time at which an article answered again after a miss; `seen_on` is the night it was last seen before that.

    `is_decided`: it did not answer, but a person decided that it is not removed.
    """

    at: str
    capture_id: int | None
    seen_on: str | None
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class ShownAbsence:
    """An absence: from the first miss to the return; `returned` is None while the article is still absent.

    `last_seen_at` is when it last answered before; None if that is unknown.
    """

    last_seen_at: str | None
    misses: tuple[Miss, ...]
    returned: Return | None

    @property
    def first_missed_at(self) -> str:
        """The time of the first miss: the article vanished before it."""
        return self.misses[0].at

    @property
    def last_missed_at(self) -> str:
        """The time of the last miss: the article came back after it."""
        return self.misses[-1].at

    @property
    def days(self) -> float | None:
        """Days from the first miss to the return; None while the article is absent."""
        return _days(self.first_missed_at, self.returned.at) if self.returned else None

    @property
    def least_days(self) -> float:
        """The least days of absence: from the first miss to the last."""
        return _days(self.first_missed_at, self.last_missed_at)

    @property
    def most_days(self) -> float | None:
        """The most days of absence: from when it was last seen to the return; None if unknown."""
        if self.returned is None or self.last_seen_at is None:
            return None
        return _days(self.last_seen_at, self.returned.at)


def find_absences(misses: Sequence[Miss], returns: Sequence[Return]) -> tuple[ShownAbsence, ...]:
    """Pair an article's misses with its returns, oldest first; `last_seen_at` stays None.

    A return without a miss before it gives no absence. Misses after the last return give an absence that still lasts.
    """
    found: list[ShownAbsence] = []
    waiting = sorted(misses, key=lambda miss: miss.at)
    for back in sorted(returns, key=lambda one: one.at):
        before = [miss for miss in waiting if miss.at < back.at]
        waiting = waiting[len(before) :]
        if before:
            found.append(ShownAbsence(None, tuple(before), back))
    if waiting:
        found.append(ShownAbsence(None, tuple(waiting), None))
    return tuple(found)


def _days(since: str, until: str) -> float:
    return max(0.0, (parse_iso(until) - parse_iso(since)).total_seconds() / _DAY_SECONDS)
