"""What another reading of a revision's capture changes: it replaces the stored reading.

The revision keeps its number, capture, times and event. Every function works inside the caller's transaction.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from crawler.archive.articles import publication_dates as dating
from crawler.archive.articles import revisions
from crawler.archive.articles.articles import reindex, settle
from crawler.archive.articles.changes import without_counters
from crawler.archive.articles.digests import join_sha256
from crawler.archive.articles.files import put_pasted
from crawler.archive.articles.last_looks import put_last_look, put_unkept, read_last_look
from crawler.archive.articles.revisions import FileRow, RevisionContent
from crawler.archive.articles.search_index import read_search_row
from crawler.archive.readings import attempt_of
from crawler.archive.verdicts.rules import rules_of
from crawler.archive.warc.captures import as_capture, capture_by_record
from crawler.archive.warc.ledger import PageReread
from crawler.items import Article, Capture, PageReading
from crawler.profile import Profile


def apply_reread(connection: sqlite3.Connection, profile: Profile, *, entry: PageReread, reading: PageReading) -> bool:
    """Store another reading of a revision's capture. False, and nothing is stored, for a page that is refused now.

    Revisions that only other bytes of a file made have the same page, and follow it.
    """
    capture = capture_by_record(connection, entry.capture)
    numbers = connection.execute(
        """select number from revisions where article_id = ? and number >= ? and capture_id = ? order by number""",
        (entry.article_id, entry.number, capture.id),
    ).fetchall()
    article = reading.article
    if not numbers or article is None or reading.refusal is not None or not article.title.strip():
        return False
    put_pasted(connection, attempt_of(connection, profile, capture=capture), pasted=reading.pasted, capture=capture)
    indexed = read_search_row(connection, entry.article_id)
    current = connection.execute(
        "select revision, last_crawl_id from articles where id = ?", (entry.article_id,)
    ).fetchone()
    rules = rules_of(connection, current["last_crawl_id"])  # those of the last look
    _put_dates(connection, entry.article_id, article=article, capture=capture)
    settle(connection, profile, article_id=entry.article_id, rules=rules)  # a date from the page is better evidence
    for (number,) in numbers:
        content = reread_content(connection, profile, article_id=entry.article_id, number=number, article=article)
        if content == revisions.read_content(connection, entry.article_id, number=number):
            revisions.put_reader(connection, entry.article_id, number=number, reader=entry.reader)
            continue
        revisions.replace_content(connection, entry.article_id, number=number, content=content, reader=entry.reader)
    for place in range(entry.number, number + 2):
        revisions.compare_again(connection, entry.article_id, number=place)
    if current["revision"] == number:
        _put_current(connection, entry.article_id, article=article, content=content, rules=rules)
        put_unkept(connection, entry.article_id, found=reading.unkept, capture=capture)
        if rules >= 2:
            spots = read_last_look(connection, entry.article_id).spots
            put_last_look(connection, entry.article_id, marks=reading.marks, spots=spots)
    settle(connection, profile, article_id=entry.article_id, rules=rules)
    revisions.share_text(connection, entry.article_id)
    reindex(connection, entry.article_id, indexed=indexed)
    return True


def reread_content(
    connection: sqlite3.Connection, profile: Profile, *, article_id: int, number: int, article: Article
) -> RevisionContent:
    """Return what a revision is with another reading of its capture. Read-only.

    What the page itself does not say stays: a summary or a date of a listing, and the bytes that a file had then.
    """
    held = connection.execute(
        """select r.capture_id, a.summary_from, a.published_from from revisions r
           join articles a on a.id = r.article_id where r.article_id = ? and r.number = ?""",
        (article_id, number),
    ).fetchone()
    capture = as_capture(connection.execute("select * from captures where id = ?", (held["capture_id"],)).fetchone())
    on = page_date(connection, profile, article=article, capture=capture)
    before = revisions.read_content(connection, article_id, number=number)
    after = revisions.carry_over(
        revisions.content_of(connection, profile.name, article=article, published_on=on), before,
        summary_from=held["summary_from"], published_from=held["published_from"],
    )  # fmt: skip
    next_capture = connection.execute(
        "select min(capture_id) from revisions where article_id = ? and number > ? and capture_id > ?",
        (article_id, number, held["capture_id"]),
    ).fetchone()[0]
    return replace(
        after,
        images=_with_former_bytes(connection, before.images, after=after.images, before_capture=next_capture),
        attachments=_with_former_bytes(
            connection, before.attachments, after=after.attachments, before_capture=next_capture
        ),
    )


def page_date(connection: sqlite3.Connection, profile: Profile, *, article: Article, capture: Capture) -> str | None:
    """Return the date that a page shows of itself, as the run of its capture chooses it. Read-only."""
    return dating.choose_page_date(
        article.dates, captured_at=capture.fetched_at, zone=profile.zone,
        rules=rules_of(connection, capture.crawl_id),
    )  # fmt: skip


def _with_former_bytes(
    connection: sqlite3.Connection, before: Sequence[FileRow], *, after: Sequence[FileRow], before_capture: int | None
) -> tuple[FileRow, ...]:
    """Give files the bytes that the revision had. A file that only this reading names has what came in its time."""
    held = {row.url: row.sha256 for row in before}
    return tuple(
        replace(row, sha256=held[row.url])
        if row.url in held
        else replace(row, sha256=None)
        if before_capture is not None and not _came_by(connection, row, before_capture=before_capture)
        else row
        for row in after
    )


def _came_by(connection: sqlite3.Connection, row: FileRow, *, before_capture: int) -> bool:
    found = connection.execute(
        "select 1 from files where url = ? and sha256 = ? and capture_id < ?", (row.url, row.sha256, before_capture)
    ).fetchone()
    return found is not None


def _put_dates(connection: sqlite3.Connection, article_id: int, *, article: Article, capture: Capture) -> None:
    """Store the dates that this reading finds, in place of those that the older one found in the same page."""
    said = {(found.on.isoformat(), found.source) for found in article.dates}
    stored = connection.execute(
        """select rowid, published_on, published_from from article_dates
           where article_id = ? and capture_id = ? and url is null""",
        (article_id, capture.id),
    ).fetchall()
    connection.executemany(
        "delete from article_dates where rowid = ?", [(row[0],) for row in stored if (row[1], row[2]) not in said]
    )
    dating.put_dates(connection, article_id, dates=article.dates, capture=capture)


def _put_current(
    connection: sqlite3.Connection, article_id: int, *, article: Article, content: RevisionContent, rules: int
) -> None:
    join = join_sha256(without_counters(article) if rules >= 2 else article)
    connection.execute(
        """update articles set title = :title, summary = :summary,
             summary_from = iif(:on_page, 'page', iif(:summary is null, null, summary_from)), body = :body,
             body_html = :body_html, byline = :byline, source = :source, word_count = :words, captions = :captions,
             content_sha256 = :sha256, join_sha256 = :join where id = :id""",
        {
            "title": content.title, "summary": content.summary, "on_page": int(article.summary is not None),
            "body": content.body, "body_html": content.body_html, "byline": content.byline, "source": content.source,
            "words": len(content.body.split()), "captions": "\n".join(content.captions) or None,
            "sha256": content.sha256, "join": join, "id": article_id,
        },
    )  # fmt: skip
