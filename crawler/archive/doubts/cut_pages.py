"""Pages that were cut off: by a server, a proxy, or on the way. They are not edits, and are fetched again.

A cut page lacks what comes after its article. A portal that changes its look may lack it too: then its other pages lack
it, or the page reads so night after night.
"""

import sqlite3

from crawler.archive.articles.last_looks import read_last_look
from crawler.archive.articles.revisions import RevisionContent
from crawler.archive.articles.search_index import FIRST_DATED
from crawler.archive.doubts.looks import PageLook, count_nights_before
from crawler.items import Capture, Refusal
from crawler.page_marks import PageMarks
from crawler.sentences import say, to_columns

KIND = "truncated"
# What a page can be read as if its end is missing.
PARTIAL_KINDS = frozenset(
    {"no-title", "no-body", "listing", "document", "another-layout", "not-the-portal", "no-article"}
)
# Where a page was cut, its last words may be read otherwise: as a caption, a byline, half a word.
_TAIL_SHARE = 0.2
_TAIL_WORDS = 40
# This many articles of the portal, the newest, tell whether its pages have an end.
_NEWEST = 5
_LEAST = 3
# A page that ends in its way, and was read with as many words on this many nights, counts as whole.
_BELIEVED_NIGHTS = 7


def find_cut(connection: sqlite3.Connection, look: PageLook) -> Refusal | None:
    """Return the refusal of a page that was cut. None for a whole one."""
    is_truncated = _is_truncated(look.attempt.capture) and not look.marks.has_end
    if not is_truncated:
        is_cut = _is_cut_edit(connection, look) if look.article_id is not None else not look.marks.has_end
        if not is_cut:
            return None
    refusal = Refusal(KIND, say("page-lacks-end", words=len(look.article.body.split())))
    if is_truncated:
        return refusal
    have_ends = _do_others(connection, look, mark="has_end", unless=look.article_id is not None)
    if not have_ends and (look.marks.goes_on or not _do_others(connection, look, mark="goes_on", unless=False)):
        return None
    if (look.marks.has_end or not have_ends) and _is_believed(connection, look, refusal=refusal):
        return None
    return refusal


def find_cut_refusal(
    connection: sqlite3.Connection, article_id: int | None, *, refusal: Refusal, marks: PageMarks, capture: Capture
) -> Refusal | None:
    """Return another refusal for a page that was cut before it could be read as an article; the same otherwise."""
    if refusal.kind not in PARTIAL_KINDS or marks.has_end:
        return refusal
    last = read_last_look(connection, article_id).marks if article_id is not None else None
    if _is_truncated(capture) or (last is not None and last.has_end):
        return Refusal(KIND, say("page-lacks-end", words=0))
    return refusal


def _is_truncated(capture: Capture | None) -> bool:
    return capture is not None and capture.truncated is not None


def _is_cut_edit(connection: sqlite3.Connection, look: PageLook) -> bool:
    if look.article_id is None or look.change is None or not look.change.fields:
        return False
    last = read_last_look(connection, look.article_id).marks
    if last is not None and last.has_end and not look.marks.has_end:
        return True
    return _lacks_closing(look.marks, last) and _is_beginning(look.change.before, look.change.after)


def _do_others(connection: sqlite3.Connection, look: PageLook, *, mark: str, unless: bool) -> bool:
    """Return whether the portal's other pages have an end, or go on after their article (`mark` is the column).

    The last looks at its newest articles show this.

    `unless` is the answer while too few articles are known.
    """
    own = f"""select l.{mark}, a.id,
            coalesce(a.published_on, date(a.first_seen_at, coalesce(p.utc_offset, '+00:00'))) as day
        from articles a join portals p on p.name = a.portal join last_looks l on l.article_id = a.id
        where a.portal = :portal and a.id is not :id and a.sort_key"""  # noqa: S608 - two columns of ours
    # An article without a date counts by the day it was first seen, which its sort_key does not have.
    newest = " union all ".join(
        f"select * from ({own} {which} {FIRST_DATED} order by a.sort_key desc limit {_NEWEST})"  # noqa: S608
        for which in (">=", "<")
    )
    rows = connection.execute(
        f"select {mark} from ({newest}) order by day desc, id desc limit {_NEWEST}",  # noqa: S608 - two columns of ours
        {"portal": look.profile.name, "id": look.article_id},
    ).fetchall()
    return sum(row[mark] for row in rows) * 2 > len(rows) if len(rows) >= _LEAST else unless


def _is_believed(connection: sqlite3.Connection, look: PageLook, *, refusal: Refusal) -> bool:
    said = to_columns(refusal.message)[2]
    return count_nights_before(connection, look, kind=KIND, said=said) >= _BELIEVED_NIGHTS - 1


def _lacks_closing(marks: PageMarks, last: PageMarks | None) -> bool:
    """Return whether a page lacks what followed the article in the last look."""
    if marks.goes_on:
        return False
    if last is None:
        return not marks.has_end or marks.open_tags > 0
    return (last.has_end and not marks.has_end) or last.goes_on or marks.open_tags > last.open_tags


def _is_beginning(before: RevisionContent, after: RevisionContent) -> bool:
    """Return whether a content is the beginning of another one, and lacks something of it."""
    old, new = before.body.split(), after.body.split()
    equal = 0
    while equal < min(len(old), len(new)) and old[equal] == new[equal]:
        equal += 1
    tail = min(_TAIL_WORDS, int(len(new) * _TAIL_SHARE)) + 1
    lacks = len(new) < len(old) or any(
        len(getattr(after, name) or ()) < len(getattr(before, name) or ())
        for name in ("images", "attachments", "byline", "source", "summary")
    )
    return lacks and before.title.startswith(after.title[:-1]) and equal >= len(new) - tail and len(new) <= len(old) + 1
