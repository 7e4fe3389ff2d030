"""What the archive says of a run at its end: plain values, without the queries that find them."""

from dataclasses import dataclass

from crawler.archive.frontier.rechecks import Rechecks
from crawler.sentences import Sentence


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What the archive says of a run at its end.

    Args:
        rechecks: how the night's rechecks of held articles went.
        missing_articles: listed articles that are not held.
        held_articles: articles of the portal; at most this many as its profile expects, or one if it says nothing.
        newest_seen_at: when its newest article was first seen; None without articles.
        new_gaps: listed articles that became known gaps in this run.
        put_aside: readings of the night that were quarantined as suspect.
        unlike_before: how the night differs from the portal's past nights, a sentence each.
        changed_keys: hosts that showed another public key than their profile pins, a sentence each.
        file_gaps: why the night is incomplete in its files, a sentence each.
        unnoted: links of this run's pages for which the frontier had no room.
    """

    rechecks: Rechecks
    missing_articles: int
    held_articles: int
    newest_seen_at: str | None
    new_gaps: int
    put_aside: int
    unlike_before: tuple[Sentence, ...]
    file_gaps: tuple[Sentence, ...]
    changed_keys: tuple[Sentence, ...] = ()
    unnoted: int = 0
