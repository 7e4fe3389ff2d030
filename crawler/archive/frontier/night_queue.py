"""The order of a night: what is due is handed out in parts, each kind in its share, and nothing twice.

A portal can name more than a night can ask for: pages without end, thousands of invented links. Each part holds looks
at held articles, new articles of listings, and a few links of texts and boxes, so that none keeps the others waiting.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from crawler.archive.frontier.frontier import FrontierEntry, Lane, read_due
from crawler.archive.frontier.rechecks import read_due_rechecks
from crawler.items import FrontierState
from crawler.profile import Profile

# The shares of the kinds in a part.
SHARES: Mapping[Lane, int] = {Lane.RECHECK: 10, Lane.LISTED: 9, Lane.LINK: 1}


@dataclass(frozen=True, slots=True)
class NightAllowance:
    """How many entries may be handed out: in this part, and of each kind in the rest of the run.

    `is_beside`: pages of listings are asked for meanwhile, so that links of texts get no more than their share.
    `new_articles` counts listed ones and links together.
    """

    entries: int
    new_articles: int
    links: int
    requisites: int
    is_beside: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What is due in a night and was not tried in a run: looks at held articles, listed articles, links, requisites."""

    rechecks: int
    listed: int
    links: tuple[str, ...]
    requisites: tuple[str, ...]


class NightQueue:
    """Hands out what is due in one run."""

    def __init__(
        self, connection: sqlite3.Connection, profile: Profile, *, night: str, full: bool, crawl_id: int
    ) -> None:
        self._connection = connection
        self._profile = profile
        self._night = night
        self._full = full
        self._crawl_id = crawl_id
        self._rechecks: dict[str, FrontierEntry] | None = None  # those that are not handed out, by address
        self._given: dict[str, int] = {}  # addresses, with the tries that they had

    def take(self, allowance: NightAllowance) -> list[FrontierEntry]:
        """Return the next part. [] if nothing is left, or a bound is reached.

        An address that became pending again is handed out again. Page requisites come alone, at the end.
        """
        most = {
            Lane.RECHECK: allowance.entries,
            Lane.LISTED: min(allowance.entries, allowance.new_articles),
            Lane.LINK: min(allowance.entries, allowance.new_articles, allowance.links),
            Lane.REQUISITE: min(allowance.entries, allowance.requisites),
        }
        if allowance.is_beside:
            share = max(1, allowance.entries * SHARES[Lane.LINK] // sum(SHARES.values()))
            most[Lane.LINK] = min(most[Lane.LINK], share)
        lanes: dict[Lane, list[FrontierEntry]] = {lane: [] for lane in Lane}
        for entry in self._untaken(rechecks=most[Lane.RECHECK]):
            if len(lanes[entry.lane]) < most[entry.lane]:
                lanes[entry.lane].append(entry)
            elif all(len(lanes[lane]) >= most[lane] for lane in Lane):
                break
        requisites = [] if allowance.is_beside else lanes.pop(Lane.REQUISITE)
        taken = _within(mix(lanes), allowance) or requisites
        self._note_taken(taken)
        return taken

    def count_left(self) -> Left:
        """Count what is due and was not tried in this run. A link or requisite that failed before was reported then."""
        held = self._connection.execute(
            "select url from articles where portal = ? and (looked_on is ? or last_crawl_id = ?)",
            (self._profile.name, self._night, self._crawl_id),
        )
        looked = {row["url"] for row in held}
        due = list(read_due(self._connection, self._profile.name, night=self._night, crawl_id=self._crawl_id))
        new = [entry for entry in due if entry.state is FrontierState.PENDING]
        rechecks = {entry.url for entry in chain(due, self._read_rechecks()) if entry.lane is Lane.RECHECK}
        return Left(
            rechecks=len(rechecks - looked),
            listed=sum(entry.lane is Lane.LISTED for entry in due),
            links=tuple(entry.url for entry in new if entry.lane is Lane.LINK),
            requisites=tuple(entry.url for entry in new if entry.lane is Lane.REQUISITE),
        )

    def _untaken(self, *, rechecks: int) -> Iterator[FrontierEntry]:
        """Give what is due and not handed out; of the looks at held articles this many, as there may be a million."""
        if self._rechecks is None:
            self._rechecks = {}
            for entry in self._read_rechecks():
                self._rechecks.setdefault(entry.url, entry)
        found = read_due(self._connection, self._profile.name, night=self._night, crawl_id=self._crawl_id)
        yield from tuple(islice(self._rechecks.values(), rechecks))
        met = set()
        for entry in found:
            tries = self._given.get(entry.url)
            is_again = tries is not None and entry.state is FrontierState.PENDING and entry.attempts > tries
            if (tries is None or is_again) and entry.url not in met and entry.url not in self._rechecks:
                met.add(entry.url)
                yield replace(entry, is_again=True) if is_again else entry

    def _note_taken(self, taken: Iterable[FrontierEntry]) -> None:
        assert self._rechecks is not None
        for entry in taken:
            self._given[entry.url] = entry.attempts
            self._rechecks.pop(entry.url, None)

    def _read_rechecks(self) -> Iterator[FrontierEntry]:
        return read_due_rechecks(
            self._connection, self._profile.name, relook=self._profile.relook, night=self._night, full=self._full
        )


def mix(lanes: Mapping[Lane, Sequence[FrontierEntry]]) -> list[FrontierEntry]:
    """Merge the entries of several kinds, each in its order, so that any beginning holds them in their shares."""
    placed = [
        ((place + 1) / SHARES[lane], lane, entry)
        for lane, entries in lanes.items() if lane in SHARES for place, entry in enumerate(entries)
    ]  # fmt: skip
    return [entry for _, _, entry in sorted(placed, key=lambda one: one[:2])]


def _within(entries: Iterable[FrontierEntry], allowance: NightAllowance) -> list[FrontierEntry]:
    """Cut a part to its size, and to the new articles that may be asked for."""
    taken: list[FrontierEntry] = []
    new = 0
    for entry in entries:
        is_new = entry.lane is not Lane.RECHECK
        if len(taken) < allowance.entries and not (is_new and new >= allowance.new_articles):
            taken.append(entry)
            new += is_new
    return taken
