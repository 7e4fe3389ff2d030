"""Removals: live -> suspect -> removed, with the evidence for each step. With `removal.nights = 1`: live -> removed.

A miss is an answer that the article is gone. It is stored when it comes and judged at the end of the night's run:
another address of the article may still answer, and no miss counts while the portal as a whole is ill. What makes a
removal certain is in `evidence` and in docs/decisions/removals.md. An answer that cannot be read is not a miss. It is
stored separately, and reported after `UNREAD_NIGHTS` nights. Nothing is ever deleted.
"""

import sqlite3
from datetime import date, timedelta

from crawler.archive.events import put_event
from crawler.archive.frontier.frontier import Attempt
from crawler.archive.verdicts.evidence import Absence, find_many, is_certain, read_absence
from crawler.items import ArticleState, Capture, EventKind
from crawler.language.end_dates import find_end_dates
from crawler.sentences import Sentence, say

# Answers that a held article is gone. They are evidence about the portal and do not make a night incomplete. A page
# that cannot be read (a login, an unknown layout, a broken coding) says nothing about its article.
MISS_KINDS = frozenset(
    {"http-404", "http-410", "soft-404", "redirected-away", "no-title", "no-body", "listing", "document"}
)

# An article that could not be read for this many nights is reported. It is not removed.
UNREAD_NIGHTS = 30
# At least this many looks must have failed, because a known gap is tried rarely.
UNREAD_LOOKS = 3


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
        """update frontier set state = 'pending' where portal = ? and +state = 'done' and url <> ?
             and url in (select url from article_urls where article_id = ?)""",
        (portal, url, article_id),
    )
    return True


def is_removed(connection: sqlite3.Connection, portal: str, *, url: str) -> bool:
    """Return whether an address is that of a removed article."""
    row = connection.execute(
        """select 1 from article_urls u join articles a on a.id = u.article_id
           where u.portal = ? and u.url = ? and a.state = 'removed'""",
        (portal, url),
    ).fetchone()
    return row is not None


def note_unread(connection: sqlite3.Connection, attempt: Attempt, *, url: str, kind: str) -> None:
    """Store that a held article could not be read: no answer, or one that is neither the article nor its absence."""
    connection.execute(
        """insert into unread_looks (article_id, night, at, kind, capture_id)
           select article_id, ?, ?, ?, ? from article_urls where portal = ? and url = ?
           on conflict (article_id, night) do nothing""",
        (attempt.night, attempt.at, kind, attempt.capture_id, attempt.portal, url),
    )


def note_seen(connection: sqlite3.Connection, article_id: int, *, capture: Capture, night: str) -> None:
    """Store that an article answered. If it was suspect or removed, it has returned."""
    row = connection.execute("select state, removed_at, seen_on from articles where id = ?", (article_id,)).fetchone()
    connection.execute(
        """update articles set looked_on = ?, seen_on = ?, state = 'live', removed_at = null, unread_since = null
           where id = ?""",
        (night, night, article_id),
    )
    if row["state"] != ArticleState.LIVE:
        detail = say("returned", state=row["state"], seen_on=row["seen_on"])
        put_event(
            connection, article_id, kind=EventKind.RETURNED, at=capture.fetched_at, capture_id=capture.id, detail=detail
        )


def judge_misses(
    connection: sqlite3.Connection, portal: str, *, night: str, nights: int, ill: Sentence | None, rules: int
) -> int:
    """Judge a night's misses at its end. Return the number of articles that became removed.

    Args:
        nights: the number of absent nights, since the article last answered, that make an ordinary removal certain.
        ill: the reason why the portal as a whole has a fault, so that no miss counts. None if it works.
    """
    many = find_many(connection, portal, night=night) if ill is None else None
    missed = connection.execute(
        """select m.*, a.state, a.seen_on from misses m cross join articles a on a.id = m.article_id
           where a.portal = ? and m.night = ? and m.counted is null order by m.article_id""",
        (portal, night),
    ).fetchall()
    for miss in missed:
        article_id = miss["article_id"]
        counts = ill is None and miss["seen_on"] != night
        connection.execute(
            "update misses set counted = ?, many = ? where article_id = ? and night = ?",
            (int(counts), int(many is not None and article_id in many.articles), article_id, night),
        )
        if counts and miss["state"] != ArticleState.REMOVED:
            _suspect(connection, miss)
    if ill is not None:
        return 0
    _note_long_unread(connection, portal, night=night)
    return _settle(connection, portal, night=night, nights=nights, rules=rules)


def _suspect(connection: sqlite3.Connection, miss: sqlite3.Row) -> None:
    detail = say("missed", miss=miss["kind"])
    at, capture_id = miss["at"], miss["capture_id"]
    put_event(connection, miss["article_id"], kind=EventKind.MISSED, at=at, capture_id=capture_id, detail=detail)
    connection.execute("update articles set state = 'suspect', unread_since = null where id = ?", (miss["article_id"],))


def _settle(connection: sqlite3.Connection, portal: str, *, night: str, nights: int, rules: int) -> int:
    """Mark the articles whose absence is certain this night as removed, and return their number.

    All articles that vanished are suspect now, so none of them is a witness for another.
    """
    misses = connection.execute(
        """select m.* from misses m cross join articles a on a.id = m.article_id
           where a.portal = ? and m.night = ? and m.counted and a.state = 'suspect' order by m.article_id""",
        (portal, night),
    ).fetchall()
    certain = []
    for miss in misses:
        absence = read_absence(connection, miss["article_id"])
        if absence is not None and is_certain(
            connection, portal, absence=absence, night=night, nights=nights, rules=rules
        ):
            certain.append((miss, absence))
    for miss, absence in certain:
        connection.execute(
            "update articles set state = 'removed', removed_at = ? where id = ?", (absence.first_at, absence.article_id)
        )
        put_event(
            connection, absence.article_id, kind=EventKind.REMOVED, at=miss["at"], capture_id=miss["capture_id"],
            detail=_tell_removal(connection, absence),
        )  # fmt: skip
    return len(certain)


def _tell_removal(connection: sqlite3.Connection, absence: Absence) -> Sentence:
    """Return the evidence of a removal as a sentence, with an end date that the article's last text named.

    Editors can set an end date for an article. No page shows whether they did, so the date is only a sign.
    """
    seen = {"nights": absence.nights, "since": absence.first_at}
    if absence.is_listed:
        return say("removed-listed", **seen)
    row = connection.execute(
        "select title, summary, body, seen_on from articles where id = ?", (absence.article_id,)
    ).fetchone()
    text = "\n".join(filter(None, (row["title"], row["summary"], row["body"])))
    since = date.fromisoformat(row["seen_on"] or absence.first_night) - timedelta(days=1)
    passed = [on for on in find_end_dates(text) if since <= on <= date.fromisoformat(absence.first_night)]
    return say("removed-ended", **seen, ends_on=passed[-1].isoformat()) if passed else say("removed", **seen)


def _note_long_unread(connection: sqlite3.Connection, portal: str, *, night: str) -> None:
    """Store since when articles are neither seen nor gone, if they could not be read for `UNREAD_NIGHTS` nights."""
    rows = connection.execute(
        """select a.id, min(l.night) as night, min(l.at) as at
           from unread_looks l cross join articles a on a.id = l.article_id
           where a.portal = ? and a.state <> 'removed' and a.unread_since is null
             and l.night > coalesce(a.seen_on, '') and l.night > coalesce(
               (select max(m.night) from misses m where m.article_id = a.id and m.counted), '')
           group by a.id having count(*) >= ? order by a.id""",
        (portal, UNREAD_LOOKS),
    ).fetchall()
    for row in rows:
        if (date.fromisoformat(night) - date.fromisoformat(row["night"])).days >= UNREAD_NIGHTS - 1:
            connection.execute("update articles set unread_since = ? where id = ?", (row["at"], row["id"]))
