"""Absence: the answers that are evidence that an article is gone. Any other unreadable answer is not evidence.

404 and 410 are evidence, and so is a page whose main message is "not found". An answer that equals the portal's answer
of the same night for an address that names nothing (`controls`) is evidence, too. An answer that comes before its
control waits for it.
"""

import sqlite3

from crawler.archive.controls import controls
from crawler.archive.frontier.frontier import Attempt, settle_missed
from crawler.archive.verdicts import removals
from crawler.archive.verdicts.nights import night_of_run
from crawler.archive.warc.captures import as_capture
from crawler.archive.warc.ledger import PageRead
from crawler.items import Capture, PageReading, Purpose
from crawler.page_marks import PageForm
from crawler.profile import Profile

ABSENT_KINDS = frozenset({"http-404", "http-410", "soft-404"})
# The kinds of answers that came instead of a list.
_NO_LIST = "not-a-listing"
# The kinds of a miss that was found by comparison; any other page is a soft 404.
_OWN_KINDS = frozenset({"redirected-away", "no-title", "no-body", "listing", "document"})


def absent_kinds(rules: int) -> frozenset[str]:
    """Return the kinds of answers that alone are evidence of absence, by the rules of a run."""
    return ABSENT_KINDS if rules > 1 else removals.MISS_KINDS


def compare_answer(
    connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, kind: str, capture: Capture,
    form: PageForm | None,
) -> None:  # fmt: skip
    """Compare an unreadable answer with the controls of its run. If its control is not known yet, let it wait.

    Only held articles count. Answers of listings wait, too: if listings get the control's answer, it is not evidence.
    """
    if form is None:
        return
    is_entry = entry.purpose in (Purpose.LISTING, Purpose.MENU) and entry.page == 1
    if is_entry and kind == _NO_LIST:
        role = Purpose.LISTING
    elif (is_entry or entry.purpose == Purpose.ARTICLE) and kind not in controls.NAMED_KINDS | ABSENT_KINDS:
        role = Purpose.ARTICLE
    else:
        return
    if role is Purpose.ARTICLE and not _is_held(connection, profile.name, url=entry.asked):
        return
    controls.put_answer(
        connection, url=entry.asked, role=role, kind=kind, chain=entry.chain, capture=capture, form=form
    )
    if role is Purpose.ARTICLE:
        _settle(connection, profile, crawl_id=capture.crawl_id, url=entry.asked)


def take_control(
    connection: sqlite3.Connection, profile: Profile, *, asked: str, chain: str, reading: PageReading, capture: Capture
) -> None:
    """Store the answer for an address that names nothing, and judge the answers that waited for it."""
    controls.put_control(connection, url=asked, chain=chain, reading=reading, capture=capture)
    for url in controls.waiting_articles(connection, capture.crawl_id):
        _settle(connection, profile, crawl_id=capture.crawl_id, url=url)


def _settle(connection: sqlite3.Connection, profile: Profile, *, crawl_id: int, url: str) -> None:
    """Store a miss if a waiting answer equals its control."""
    answer = controls.waiting_answer(connection, crawl_id, url=url)
    control_id = controls.find_equal_control(connection, profile, crawl_id=crawl_id, answer=answer)
    if control_id is None:
        return
    row = connection.execute("select * from captures where id = ?", (answer["capture_id"],)).fetchone()
    capture = as_capture(row)
    night = night_of_run(connection, profile, crawl_id=crawl_id, at=capture.fetched_at)
    attempt = Attempt(profile.name, capture.fetched_at, night, crawl_id, capture)
    kind = answer["kind"] if answer["kind"] in _OWN_KINDS else "soft-404"
    removals.note_miss(connection, attempt, url=url, kind=kind)
    connection.execute("update misses set control_id = ? where capture_id = ?", (control_id, capture.id))
    connection.execute("delete from unread_looks where capture_id = ?", (capture.id,))
    settle_missed(connection, profile.name, url=url)
    controls.drop_answer(connection, crawl_id, url=url)


def _is_held(connection: sqlite3.Connection, portal: str, *, url: str) -> bool:
    row = connection.execute("select 1 from article_urls where portal = ? and url = ?", (portal, url)).fetchone()
    return row is not None
