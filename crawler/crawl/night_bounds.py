"""The bounds of a run: what it may still ask for, and what it leaves to the next run.

A portal may have more than a night can hold: a first crawl of twenty years, or a trap without end. Nothing waits behind
it, and what is left is said (docs/decisions/bounds-of-a-night.md).
"""

from collections.abc import Iterable, Sequence

from crawler.archive.frontier.frontier import MAX_UNLISTED, FrontierEntry, Lane
from crawler.archive.frontier.night_queue import Left, NightAllowance
from crawler.extract.cost import MAX_NAMED
from crawler.items import FileRole, Link, PageReading
from crawler.profile import Limits
from crawler.sentences import Sentence, say

# Frontier entries of one round: it bounds the requests held in memory.
ROUND_ENTRIES = 2000
# As long as listings have more pages, a round has this many entries at most,
BESIDE_ENTRIES = 300
# and this many pages of each listing: first a few, so that articles come soon, then more, so that rounds are few.
FIRST_PAGES, MOST_PAGES = 3, 48


class NightBounds:
    """Counts what a run asked for, against the bounds of its profile."""

    def __init__(self, limits: Limits, *, articles: int = 0) -> None:
        """Begin to count. `articles`: the run ends when it has read this many; 0 for all."""
        self._limits = limits
        self._articles_left = articles or None
        self._new_articles = 0
        self._links = 0
        self._requisites = 0
        self._entries: set[str] = set()
        self._entries_left: set[str] = set()
        self._named: set[int] = set()
        self._files_left = 0
        self._unnoted = 0
        self._round_pages: dict[str, int] = {}
        self._pages_a_round = FIRST_PAGES

    def begin_round(self) -> None:
        """Give each listing its pages of the next round."""
        self._round_pages.clear()
        self._pages_a_round = min(MOST_PAGES, 2 * self._pages_a_round)

    def may_go_on(self, listing: str) -> bool:
        """Count a page of a listing. False if it is one of the next round."""
        self._round_pages[listing] = self._round_pages.get(listing, 0) + 1
        return self._round_pages[listing] <= self._pages_a_round

    def allowance(self, *, is_beside: bool) -> NightAllowance:
        """Return what the next round may hold; `is_beside` if listings have more pages."""
        most = BESIDE_ENTRIES if is_beside else ROUND_ENTRIES
        return NightAllowance(
            entries=min(most, self._articles_left) if self._articles_left is not None else most,
            new_articles=max(0, self._limits.new_articles - self._new_articles),
            links=max(0, self._limits.links - self._links),
            requisites=max(0, self._limits.requisites - self._requisites),
            is_beside=is_beside,
        )

    def note_article(self) -> None:
        """Count an article that was read."""
        if self._articles_left is not None:
            self._articles_left = max(0, self._articles_left - 1)

    @property
    def are_articles_read(self) -> bool:
        """Whether as many articles were read as the run was to read."""
        return self._articles_left == 0

    def note(self, entries: Iterable[FrontierEntry]) -> None:
        """Count the entries of a round."""
        for entry in entries:
            self._new_articles += entry.lane in (Lane.LISTED, Lane.LINK)
            self._links += entry.lane is Lane.LINK
            self._requisites += entry.lane is Lane.REQUISITE

    def note_named(self, reading: PageReading) -> None:
        """Note what a page of this run names. Only that can be left to the next run; the rest was said before."""
        self._named.update(hash(link.address.url) for link in reading.links)
        self._named.update(map(hash, reading.requisites))
        self._unnoted += reading.unnoted

    def take_files(self, wanted: Sequence[tuple[str, FileRole]]) -> list[tuple[str, FileRole]]:
        """Return the files of an article that are fetched now, each with its role; attachments go first."""
        most = self._limits.article_files
        self._files_left += max(0, len(wanted) - most)
        if len(wanted) <= most:
            return list(wanted)
        return sorted(wanted, key=lambda file: file[1] is not FileRole.ATTACHMENT)[:most]

    def has_room_for(self, entries: Sequence[str]) -> bool:
        """Whether this many more entries of the menu may be asked for."""
        return len(self._entries.union(entries)) <= self._limits.menu_entries

    def take_entries(
        self, menu: Sequence[Link], *, beside: Iterable[Link], known: frozenset[str], turn: int
    ) -> tuple[Link, ...]:
        """Return the entries of a menu that are asked for in this run, and count them.

        Known entries go first, then those whose slug the articles named `beside` have in their addresses. The others
        take turns: each `turn` begins elsewhere.
        """
        slugs = {link.address.category_slug for link in beside}

        def rank(link: Link) -> int:
            return 0 if link.address.url in known else 1 if link.address.category_slug in slugs else 2

        rest = [link for link in menu if rank(link) == 2]
        start = turn * self._limits.menu_entries % len(rest) if rest else 0
        first = sorted((link for link in menu if rank(link) < 2), key=rank)
        taken = []
        for link in (*first, *rest[start:], *rest[:start]):
            if self.has_room_for([link.address.url]):
                self._entries.add(link.address.url)
                taken.append(link)
            else:
                self._entries_left.add(link.address.url)
        return tuple(taken)

    @property
    def may_leave(self) -> bool:
        """Whether a bound on what the frontier holds was reached."""
        limits = self._limits
        return (
            self._new_articles >= limits.new_articles
            or self._links >= limits.links
            or self._requisites >= limits.requisites
        )

    def reasons(self, left: Left | None, *, unnoted: int = 0) -> tuple[Sentence, ...]:
        """Return which bounds were reached, and what is left. () if nothing is.

        Args:
            left: what the frontier has left, if a bound was reached or the run was stopped; else None.
            unnoted: links for which the frontier had no room.
        """
        said: list[Sentence] = []
        limits = self._limits
        if left is not None:
            links, requisites = self._among_named(left.links), self._among_named(left.requisites)
            is_full = self._new_articles >= limits.new_articles
            if is_full and (left.listed or links):
                said.append(say("bound-articles", bound=limits.new_articles))
            elif links and self._links >= limits.links:
                said.append(say("bound-links", bound=limits.links))
            if requisites and self._requisites >= limits.requisites:
                said.append(say("bound-requisites", bound=limits.requisites))
            if left.rechecks or left.listed or links or requisites:
                said.append(say("left", rechecks=left.rechecks, listed=left.listed, links=links, requisites=requisites))
        if unnoted:
            said.append(say("bound-frontier", count=unnoted, bound=MAX_UNLISTED))
        if self._unnoted:
            said.append(say("bound-named", count=self._unnoted, bound=MAX_NAMED))
        if self._entries_left:
            said.append(say("bound-menu", count=len(self._entries_left), bound=limits.menu_entries))
        if self._files_left:
            said.append(say("bound-files", count=self._files_left, bound=limits.article_files))
        return tuple(said)

    def _among_named(self, urls: Iterable[str]) -> int:
        return sum(hash(url) in self._named for url in urls)
