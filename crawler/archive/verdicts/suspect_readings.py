"""Suspect readings: they look like the parser's fault, and do not overwrite the held article.

A held article that suddenly reads as nearly empty is more often a new layout than an edit. Its reading is put aside
with its capture, and a better parser applies it at the next rebuild. If the article reads so on several nights, the
reading is accepted.
"""

import sqlite3

from crawler.items import Article, Capture
from crawler.sentences import Sentence, say, to_columns

# A body of at least this many words is suspect if the new reading has less than this share of them.
FROM_WORDS = 50
LEAST_SHARE = 0.1
# An edit may remove one of these. If this many vanish at once, the parser does not know the layout.
FIELDS_AT_ONCE = 2
# This many edits in one night may come from a new layout, if they are more than half of the looks at held articles.
LEAST_EDITS = 20
_LOSABLE = ("summary", "byline", "source", "images", "attachments")


def find_suspicion(connection: sqlite3.Connection, article_id: int, *, article: Article) -> Sentence | None:
    """Return the reason why a reading of a held article is suspect. None if it is not."""
    row = connection.execute(
        """select a.word_count, a.byline, a.source, iif(a.summary_from = 'page', a.summary, null) as summary,
             (select count(*) from article_images i where i.article_id = a.id) as images,
             (select count(*) from article_attachments t where t.article_id = a.id) as attachments
           from articles a where a.id = ?""",
        (article_id,),
    ).fetchone()
    words = len(article.body.split())
    if row["word_count"] >= FROM_WORDS and words < LEAST_SHARE * row["word_count"]:
        return say("words-lost", before=row["word_count"], now=words)
    lost = [name for name in _LOSABLE if row[name] and not getattr(article, name)]
    return say("fields-lost", fields=lost) if len(lost) >= FIELDS_AT_ONCE else None


def put_aside(
    connection: sqlite3.Connection, article_id: int, *, why: Sentence, capture: Capture, night: str, nights: int
) -> bool:
    """Put a suspect reading aside. Return False if the article read the same on enough nights to be accepted."""
    connection.execute(
        """insert into quarantined_readings (article_id, night, capture_id, why, why_kind, why_args)
           values (?, ?, ?, ?, ?, ?) on conflict (article_id, night) do update set capture_id = excluded.capture_id,
             why = excluded.why, why_kind = excluded.why_kind, why_args = excluded.why_args""",
        (article_id, night, capture.id, *to_columns(why)),
    )
    so_far = connection.execute(
        """select count(*) as nights from quarantined_readings q join articles a on a.id = q.article_id
           where q.article_id = ? and q.night > coalesce(a.seen_on, '') and q.why_kind <> 'number-reused'""",
        (article_id,),
    ).fetchone()
    return int(so_far["nights"]) < nights


def find_mass_edit(connection: sqlite3.Connection, portal: str, *, crawl_id: int, night: str) -> Sentence | None:
    """Return a doubt if most held articles that were fetched read differently from before; None if not.

    Editors change articles one by one. A new layout (an extra line, a byline, a suffix of titles), a wrong encoding, or
    pages without their pictures change almost all articles in one night.
    """
    (edits,) = connection.execute(
        """select count(distinct e.article_id) from captures c cross join article_events e on e.capture_id = c.id
           join articles a on a.id = e.article_id
           where c.crawl_id = ? and e.kind = 'revised' and a.first_seen_on < ?""",
        (crawl_id, night),
    ).fetchone()
    if edits < LEAST_EDITS:
        return None
    (looks,) = connection.execute(
        """select count(*) from articles
           where portal = ? and seen_on = ? and state <> 'removed' and first_seen_on < ?""",
        (portal, night, night),
    ).fetchone()
    return say("mass-edit", count=edits, total=looks) if edits * 2 > looks else None


def count_aside(connection: sqlite3.Connection, portal: str, *, night: str) -> int:
    """Count the readings that were put aside on a night."""
    row = connection.execute(
        """select count(*) from quarantined_readings q cross join articles a on a.id = q.article_id
           where a.portal = ? and q.night = ?""",
        (portal, night),
    ).fetchone()
    return int(row[0])
