"""How far a walk came: what the spider hands to the store, and its entry in the ledger."""

from dataclasses import dataclass

from crawler.archive.warc.ledger import ListingWalked
from crawler.sentences import Sentence


@dataclass(frozen=True, slots=True)
class WalkItem:
    """How far a listing was read: pages announced and read, distinct rows, and what is missing.

    `whole`: it was read to its end, no page is missing or was passed over, and no row moved meanwhile. `to_end`: the
    walk did not stop early, at known rows or at a bound. `end_by`: how its end is known (`announced`, `proved`,
    `alone`, `unproved`), None if it was not reached. `rows_unknown`: rows whose address has no known form. `cut_at`:
    the page at which a bound cut the walk, None if none did. `resumed_at`: the page at which it went on with an
    earlier walk, past pages that are known; None if it read them all.
    """

    url: str
    pages_announced: int | None
    pages_read: int
    rows_seen: int
    missing: tuple[Sentence, ...]
    whole: bool
    to_end: bool = True
    end_by: str | None = None
    rows_unknown: int = 0
    cut_at: int | None = None
    resumed_at: int | None = None


def walk_entry(crawl_id: int, at: str, *, walk: WalkItem) -> ListingWalked:
    """Make the entry of a walk that ended at a time."""
    return ListingWalked(
        crawl_id,
        walk.url,
        at,
        walk.pages_announced,
        walk.pages_read,
        walk.rows_seen,
        walk.missing,
        walk.whole,
        walk.to_end,
        walk.end_by,
        walk.rows_unknown,
        walk.cut_at,
        walk.resumed_at,
    )
