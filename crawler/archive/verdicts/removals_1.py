"""Removals by rules 1: a number of nights with a miss is a removal. Only a rebuild uses them, for old runs."""

import sqlite3

from crawler.archive.events import put_event
from crawler.items import ArticleState, EventKind
from crawler.sentences import Sentence, say


def judge_misses(connection: sqlite3.Connection, portal: str, *, night: str, nights: int, ill: Sentence | None) -> int:
    """Judge a night's misses at its end. Return the number of articles that became removed.

    Args:
        nights: the number of nights with a miss, since the article was last seen, that make a removal certain.
        ill: the reason why the portal as a whole has a fault, so that no miss counts. None if it works.
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
