"""Removals: live -> suspect -> removed, with the evidence for each step. With `removal.nights = 1`: live -> removed.

A miss is an answer that the article is gone: 404, 410, a redirect to the home page, a page without its parts. It is
stored when it comes and judged at the end of the night's run: another address of the article may still answer, and no
miss counts while the portal as a whole is ill. Nothing is ever deleted.
"""

import sqlite3

from crawler.archive.events import put_event
from crawler.archive.frontier.frontier import Attempt
from crawler.items import ArticleState, Capture, EventKind
from crawler.sentences import Sentence, say

# Answers that a held article is gone. They are evidence about the portal and do not make a night incomplete. A page
# that cannot be read (a login, an unknown layout, a broken coding) says nothing about its article.
MISS_KINDS = frozenset(
    {"http-404", "http-410", "soft-404", "redirected-away", "no-title", "no-body", "listing", "document"}
)


def note_miss(connection: sqlite3.Connection, attempt: Attempt, *, url: str, kind: str) -> bool:
    """Store a miss of a held article. False without an answer, or if no held article has the address.

    The other addresses of the article are fetched the same night.
    """
    portal, night, capture = attempt.portal, attempt.night, attempt.capture
    row = connection.execute(
        "select article_id from article_urls where portal = ? and url = ?", (portal, url)
    ).fetchone()
    if row is None or capture is None:
        return False
    article_id = row["article_id"]
    connection.execute("update articles set looked_on = ? where id = ?", (night, article_id))
    connection.execute(
        """insert into misses (article_id, night, at, kind, capture_id) values (?, ?, ?, ?, ?)
           on conflict (article_id, night) do nothing""",
        (article_id, night, capture.fetched_at, kind, capture.id),
    )
    connection.execute(
        """update frontier set state = 'pending' where portal = ? and state = 'done' and url <> ?
             and url in (select url from article_urls where article_id = ?)""",
        (portal, url, article_id),
    )
    return True


def note_seen(connection: sqlite3.Connection, article_id: int, *, capture: Capture, night: str) -> None:
    """Store that an article answered. A suspect or removed article has returned."""
    row = connection.execute("select state, removed_at, seen_on from articles where id = ?", (article_id,)).fetchone()
    connection.execute(
        "update articles set looked_on = ?, seen_on = ?, state = 'live', removed_at = null where id = ?",
        (night, night, article_id),
    )
    if row["state"] != ArticleState.LIVE:
        detail = say("returned", state=row["state"], seen_on=row["seen_on"])
        put_event(
            connection, article_id, kind=EventKind.RETURNED, at=capture.fetched_at, capture_id=capture.id, detail=detail
        )


def judge_misses(connection: sqlite3.Connection, portal: str, *, night: str, nights: int, ill: Sentence | None) -> int:
    """Judge a night's misses at its end. Give the number of articles that became removed.

    Args:
        nights: the number of nights with a miss, since the article was last seen, that make a removal certain.
        ill: why the portal as a whole is ill, so that no miss counts. None if it is well.
    """
    missed = connection.execute(
        """select m.*, a.state, a.seen_on from misses m join articles a on a.id = m.article_id
           where a.portal = ? and m.night = ? and m.counted is null order by m.article_id""",
        (portal, night),
    ).fetchall()
    removed = 0
    for miss in missed:
        counts = ill is None and miss["seen_on"] != night
        connection.execute(
            "update misses set counted = ? where article_id = ? and night = ?", (int(counts), miss["article_id"], night)
        )
        if counts and miss["state"] != ArticleState.REMOVED:
            removed += _step(connection, miss, nights=nights)
    return removed


def _step(connection: sqlite3.Connection, miss: sqlite3.Row, *, nights: int) -> bool:
    article_id = miss["article_id"]
    at, capture_id = miss["at"], miss["capture_id"]
    detail = say("missed", miss=miss["kind"])
    put_event(connection, article_id, kind=EventKind.MISSED, at=at, capture_id=capture_id, detail=detail)
    so_far = connection.execute(
        """select count(*) as nights, min(at) as first from misses
           where article_id = ? and counted and night > coalesce(?, '')""",
        (article_id, miss["seen_on"]),
    ).fetchone()
    if so_far["nights"] < nights:
        connection.execute("update articles set state = 'suspect' where id = ?", (article_id,))
        return False
    connection.execute(
        "update articles set state = 'removed', removed_at = ? where id = ?", (so_far["first"], article_id)
    )
    detail = say("removed", nights=so_far["nights"], since=so_far["first"])
    put_event(connection, article_id, kind=EventKind.REMOVED, at=at, capture_id=capture_id, detail=detail)
    return True
