"""The proof that a list ends where its pager gives nothing new, for pagers that do not announce their pages.

A page far beyond the list is asked for: it shows what this portal gives past the end. If the page at the end equals it,
a page with rows is asked for again, since a pager that broke down or a firewall gives one answer for every page.
"""

from dataclasses import dataclass, field

from crawler.sentences import Sentence

# No list has this many pages. After a list of more than 900 pages, ten times its length.
FAR_PAGE = 9_000
# After this many pages in a row that bring nothing new, a list is left.
MOST_STALE_PAGES = 3

# How the end of a list is known: `listing_walks.end_by`.
ANNOUNCED, PROVED, ALONE, UNPROVED = "announced", "proved", "alone", "unproved"
KNOWN_ENDS = frozenset((ANNOUNCED, PROVED, ALONE))


@dataclass(frozen=True, slots=True)
class PagerAnswer:
    """An answer of a pager: its status, its rows by address, and the digests of a page without rows.

    `problem` is why it could not be read, None if it was.
    """

    status: int
    rows: tuple[str, ...] = ()
    pieces: bytes = b""
    problem: Sentence | None = None

    @property
    def is_sound(self) -> bool:
        """True if the answer can be past the end of a list: a fragment that was read, 404 or 410."""
        return self.problem is None or self.status in (404, 410)

    @property
    def may_be_past_the_end(self) -> bool:
        """True also for a status of failure and for an answer without bytes: some pagers give these past the end."""
        return self.is_sound or self.status >= 400 or (self.status == 200 and not self.pieces)


@dataclass(slots=True)
class EndProof:
    """The proof in progress: the answer at the end of the list, the one far beyond it, and one with rows again."""

    page: int
    end: PagerAnswer
    far: PagerAnswer | None = None
    again: PagerAnswer | None = field(default=None)

    @property
    def far_page(self) -> int:
        """The number of the page to ask for far beyond the list."""
        return max(FAR_PAGE, self.page * 10)

    @property
    def is_like_far(self) -> bool:
        """True if the end looks like the page far beyond: the same status, rows and page."""
        far = self.far
        if far is None or far.status != self.end.status:
            return False
        return (far.rows, far.pieces) == (self.end.rows, self.end.pieces) if self.end.status == 200 else True

    def take(self, answer: PagerAnswer) -> None:
        """Add the next answer: first that of the far page, then that of the page with rows."""
        if self.far is None:
            self.far = answer
        else:
            self.again = answer
