"""Decisions of a person about an article: removed, or live. Later evidence still counts."""

import sqlite3

from crawler.archive.events import put_event
from crawler.archive.verdicts.evidence import read_absence
from crawler.archive.warc.ledger import Decided
from crawler.items import ArticleState, EventKind
from crawler.sentences import say

# What a person can decide an article to be.
VERDICTS = (ArticleState.REMOVED, ArticleState.LIVE)


def put_decision(connection: sqlite3.Connection, entry: Decided) -> bool:
    """Store a decision. Return False if the article has this state already, or does not exist.

    After `live` the count of absent looks starts again at 0. After `removed` an answer brings the article back.
    """
    article_id = entry.article_id
    row = connection.execute("select state from articles where id = ?", (article_id,)).fetchone()
    if row is None or row["state"] == entry.verdict:
        return False
    is_removed = entry.verdict == ArticleState.REMOVED
    absence = read_absence(connection, article_id)
    removed_at = (absence.first_at if absence else entry.at) if is_removed else None
    connection.execute(
        "update articles set state = ?, removed_at = ?, unread_since = null, decided_at = ? where id = ?",
        (entry.verdict, removed_at, entry.at, article_id),
    )
    last = connection.execute(
        "select capture_id from misses where article_id = ? and counted order by night desc limit 1", (article_id,)
    ).fetchone()
    put_event(
        connection, article_id,
        kind=EventKind.REMOVED if is_removed else EventKind.DECIDED,
        at=entry.at, capture_id=last["capture_id"] if last else None,
        detail=say(f"decided-{entry.verdict}", by=entry.by, reason=entry.reason),
    )  # fmt: skip
    return True
