"""Revisions: the versions of an article, and what makes a new one.

The text of a current revision is in the row of its article, and not in its row of `revision_rows`. The view
`revisions` shows every revision whole. A revision keeps its own text once it is not the current one, and while it
differs from the article's row in any way.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from crawler.archive.articles.derived import Wording, join_captions, put_change, put_sums, replace_sums
from crawler.archive.articles.digests import content_sha256
from crawler.items import Article, Capture, FileRole

_TABLES = {
    FileRole.IMAGE: ("revision_images", "image_sha256", "caption"),
    FileRole.ATTACHMENT: ("revision_attachments", "attachment_sha256", "label"),
}
# What is in an article's row and in `revision_rows`, once.
_SHARED = ("title", "summary", "body", "body_html", "byline", "source", "published_on")
_NO_TEXTS: tuple[str | None, ...] = (None,) * len(_SHARED)
_TEXT_FIELDS = ("title", "summary", "body", "byline", "source", "published_on", "captions", "labels")


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a revision: digest (None until its bytes are fetched), address, caption or label."""

    sha256: str | None
    url: str
    caption_or_label: str | None


@dataclass(frozen=True)
class RevisionContent:
    """The content of a revision, as stored."""

    title: str
    summary: str | None
    body: str
    body_html: str
    byline: str | None
    source: str | None
    published_on: str | None
    images: tuple[FileRow, ...]
    attachments: tuple[FileRow, ...]

    @property
    def captions(self) -> list[str]:
        """The captions, in order of their images."""
        return [row.caption_or_label for row in self.images if row.caption_or_label is not None]

    @property
    def labels(self) -> list[str]:
        """The labels of the attachments, in order."""
        return [row.caption_or_label for row in self.attachments if row.caption_or_label is not None]

    @property
    def wording(self) -> Wording:
        """The texts by which it is compared."""
        captions = join_captions(self.captions)
        return Wording(self.title, self.summary, self.body, captions, self.body_html, self.byline, self.source)

    @cached_property
    def sha256(self) -> str:
        """The contract's `content_sha256`."""
        return content_sha256(
            title=self.title, summary=self.summary, body=self.body, byline=self.byline, source=self.source,
            published_on=self.published_on, captions=self.captions, labels=self.labels,
        )  # fmt: skip


def content_of(
    connection: sqlite3.Connection, portal: str, *, article: Article, published_on: str | None
) -> RevisionContent:
    """Make the content of a page's reading, with the digests of held files. `published_on` is the page's own date."""
    images = [
        FileRow(file_sha256(connection, portal, url=ref.url, role=FileRole.IMAGE), ref.url, ref.caption)
        for ref in article.images
    ]
    attachments = [
        FileRow(file_sha256(connection, portal, url=ref.url, role=FileRole.ATTACHMENT), ref.url, ref.label)
        for ref in article.attachments
        if not _is_page(connection, portal, url=ref.url)
    ]
    return RevisionContent(
        article.title, article.summary, article.body, article.body_html, article.byline, article.source,
        published_on, tuple(images), tuple(attachments),
    )  # fmt: skip


def without_pages(connection: sqlite3.Connection, portal: str, *, content: RevisionContent) -> RevisionContent:
    """Return a content without the attachments that turned out to be pages: they were never files of the article."""
    kept = [
        row for row in content.attachments if row.sha256 is not None or not _is_page(connection, portal, url=row.url)
    ]
    return content if len(kept) == len(content.attachments) else replace(content, attachments=tuple(kept))


def _is_page(connection: sqlite3.Connection, portal: str, *, url: str) -> bool:
    """Return whether the last answer of an address that may be a download was a web page, and none was a file."""
    row = connection.execute(
        """select 1 from files where portal = ? and url = ? and role = 'attachment' and error = 'a-page'
           and sha256 is null""",
        (portal, url),
    ).fetchone()
    return row is not None


def current_content(connection: sqlite3.Connection, article_id: int) -> RevisionContent:
    """Read the current revision of an article."""
    (number,) = connection.execute("select revision from articles where id = ?", (article_id,)).fetchone()
    return read_content(connection, article_id, number=number)


def read_content(connection: sqlite3.Connection, article_id: int, *, number: int) -> RevisionContent:
    """Read a revision of an article."""
    row = connection.execute(
        "select * from revisions where article_id = ? and number = ?", (article_id, number)
    ).fetchone()
    return RevisionContent(
        row["title"], row["summary"], row["body"], row["body_html"], row["byline"], row["source"], row["published_on"],
        _file_rows(connection, article_id, number=row["number"], role=FileRole.IMAGE),
        _file_rows(connection, article_id, number=row["number"], role=FileRole.ATTACHMENT),
    )  # fmt: skip


def carry_over(
    after: RevisionContent, before: RevisionContent, *, summary_from: str | None, published_from: str | None
) -> RevisionContent:
    """Fill what the page lacks from the current revision, so that it does not count as a change.

    A summary or a date from a listing or a box stays. If the page drops its own summary, the summary changes. If it
    drops its own date, the date stays. A page that now shows a date known from another source is better evidence, not
    an edit.
    """
    if after.summary is None and summary_from != "page":
        after = replace(after, summary=before.summary)
    if after.published_on is None or published_from != "page":
        after = replace(after, published_on=before.published_on)
    return after


def changed_fields(before: RevisionContent, after: RevisionContent) -> list[str]:
    """Name the fields that differ, as the contract counts a revision."""
    changed = [name for name in _TEXT_FIELDS if getattr(before, name) != getattr(after, name)]
    if files_differ(before.images, after.images):
        changed.append("images")
    if files_differ(before.attachments, after.attachments):
        changed.append("attachments")
    return changed


def files_differ(before: Sequence[FileRow], after: Sequence[FileRow]) -> bool:
    """Compare two lists of files by digest. Without a digest, compare the file names of the addresses."""
    if len(before) != len(after):
        return True
    for old, new in zip(before, after, strict=True):
        if old.sha256 and new.sha256:
            if old.sha256 != new.sha256:
                return True
        elif old.url.rpartition("/")[2] != new.url.rpartition("/")[2]:
            return True
    return False


def insert_first(
    connection: sqlite3.Connection, article_id: int, *, content: RevisionContent, dated: str | None, capture: Capture,
    reader: int | None,
) -> None:  # fmt: skip
    """Store the first revision of an article whose row was inserted with the same content, and the date `dated`.

    It has its own text only if that is another date than the content's, until the dates are settled.
    """
    texts = _NO_TEXTS if dated == content.published_on else _texts_of(content)
    _insert_row(connection, article_id, number=1, content=content, capture=capture, reader=reader, texts=texts)
    _insert_files(connection, article_id, number=1, content=content)
    put_sums(connection, article_id, number=1, wording=content.wording)


def insert_revision(
    connection: sqlite3.Connection,
    article_id: int,
    *,
    number: int,
    content: RevisionContent,
    before: RevisionContent,
    capture: Capture,
    reader: int | None,
) -> None:
    """Store a revision with its images and attachments, and its differences from the one before.

    It has its own text until `share_text`. `reader` is the version of the reader that read it.
    """
    changed = changed_fields(before, content)
    _insert_row(
        connection, article_id, number=number, content=content, capture=capture, reader=reader,
        texts=_texts_of(content), changed=json.dumps(changed) if changed else None,
    )  # fmt: skip
    _insert_files(connection, article_id, number=number, content=content)
    put_sums(connection, article_id, number=number, wording=content.wording)
    put_change(connection, article_id, number=number, before=before.wording, after=content.wording)


def _texts_of(content: RevisionContent) -> tuple[str | None, ...]:
    return tuple(getattr(content, name) for name in _SHARED)


def _insert_row(
    connection: sqlite3.Connection, article_id: int, *, number: int, content: RevisionContent, capture: Capture,
    reader: int | None, texts: tuple[str | None, ...], changed: str | None = None,
) -> None:  # fmt: skip
    connection.execute(
        f"""insert into revision_rows (article_id, number, seen_at, confirmed_at, {", ".join(_SHARED)}, content_sha256,
             changed, capture_id, reader)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",  # noqa: S608 - our own names
        (
            article_id, number, capture.fetched_at, capture.fetched_at, *texts, content.sha256, changed, capture.id,
            reader,
        ),
    )  # fmt: skip


def keep_text(connection: sqlite3.Connection, article_id: int, *, number: int) -> None:
    """Give the current revision its own text. Call before the row of its article gets a newer one's text."""
    connection.execute(
        f"""update revision_rows set ({", ".join(_SHARED)}) = (select {", ".join(_SHARED)} from articles where id = :id)
           where article_id = :id and number = :number and title is null""",  # noqa: S608 - our own names
        {"id": article_id, "number": number},
    )


def share_text(connection: sqlite3.Connection, article_id: int) -> None:
    """Drop the text of the current revision if the row of its article has exactly the same. Call after both changed."""
    connection.execute(
        f"""update revision_rows set {", ".join(f"{name} = null" for name in _SHARED)}
            where article_id = :id and number = (select revision from articles where id = :id) and title is not null
              and exists (select 1 from articles a where a.id = :id
                and {" and ".join(f"a.{name} is revision_rows.{name}" for name in _SHARED)})""",  # noqa: S608 - ours
        {"id": article_id},
    )


def _insert_files(connection: sqlite3.Connection, article_id: int, *, number: int, content: RevisionContent) -> None:
    for role, rows in ((FileRole.IMAGE, content.images), (FileRole.ATTACHMENT, content.attachments)):
        if not rows:
            continue
        table, column, words = _TABLES[role]
        connection.executemany(
            f"insert into {table} (article_id, number, position, {column}, url, {words})"  # noqa: S608
            " values (?, ?, ?, ?, ?, ?)",
            [(article_id, number, place, row.sha256, row.url, row.caption_or_label) for place, row in enumerate(rows)],
        )


def replace_content(
    connection: sqlite3.Connection, article_id: int, *, number: int, content: RevisionContent, reader: int
) -> None:
    """Store another reading of a revision, made by `reader`. What it changed is kept (`compare_again`)."""
    connection.execute(
        """update revision_rows set title = ?, summary = ?, body = ?, body_html = ?, byline = ?, source = ?,
             published_on = ?, content_sha256 = ?, reader = ? where article_id = ? and number = ?""",
        (
            content.title, content.summary, content.body, content.body_html, content.byline, content.source,
            content.published_on, content.sha256, reader, article_id, number,
        ),
    )  # fmt: skip
    for table, _, _ in _TABLES.values():
        connection.execute(
            f"delete from {table} where article_id = ? and number = ?",  # noqa: S608 - ours
            (article_id, number),
        )
    _insert_files(connection, article_id, number=number, content=content)
    replace_sums(connection, article_id, number=number, wording=content.wording)


def put_reader(connection: sqlite3.Connection, article_id: int, *, number: int, reader: int) -> None:
    """Store that another reader read a revision alike."""
    connection.execute(
        "update revision_rows set reader = ? where article_id = ? and number = ?", (reader, article_id, number)
    )


def compare_again(connection: sqlite3.Connection, article_id: int, *, number: int) -> None:
    """Compare a revision with the one before it again, if one reader read both, and they still differ."""
    rows = connection.execute(
        "select number, reader from revisions where article_id = ? and number in (?, ?) order by number",
        (article_id, number - 1, number),
    ).fetchall()
    if [row["number"] for row in rows] != [number - 1, number] or rows[0]["reader"] != rows[1]["reader"]:
        return
    before, after = (read_content(connection, article_id, number=row["number"]) for row in rows)
    if not (changed := changed_fields(before, after)):
        return
    connection.execute(
        "update revision_rows set changed = ? where article_id = ? and number = ?",
        (json.dumps(changed), article_id, number),
    )
    put_change(connection, article_id, number=number, before=before.wording, after=after.wording)


def complete_files(connection: sqlite3.Connection, article_id: int, *, number: int, content: RevisionContent) -> bool:
    """Fill in missing digests of a revision's files. True if one was filled in."""
    completed = False
    for role, rows in ((FileRole.IMAGE, content.images), (FileRole.ATTACHMENT, content.attachments)):
        table, column, _ = _TABLES[role]
        held = _file_rows(connection, article_id, number=number, role=role)
        for position, row in enumerate(rows):
            if row.sha256 is None:
                continue
            # An address that turned out to be a page may be among the held ones.
            place = "position = :position" if len(held) == len(rows) else "url = :url"
            cursor = connection.execute(
                f"update {table} set {column} = :sha256"  # noqa: S608
                f" where article_id = :article and number = :number and {place} and {column} is null",
                {"sha256": row.sha256, "article": article_id, "number": number, "position": position, "url": row.url},
            )
            completed = completed or cursor.rowcount > 0
    return completed


def complete_text(
    connection: sqlite3.Connection, article_id: int, *, summary: str | None, published_on: str | None
) -> None:
    """Fill in a summary or date that another page shows. This completes the current revision and makes no new one.

    The row of the article has the date already.
    """
    (number,) = connection.execute("select revision from articles where id = ?", (article_id,)).fetchone()
    held = read_content(connection, article_id, number=number)
    content = replace(held, summary=summary, published_on=published_on)
    connection.execute(
        """update revision_rows set summary = iif(title is null, null, ?),
             published_on = iif(title is null, null, ?), content_sha256 = ? where article_id = ? and number = ?""",
        (summary, published_on, content.sha256, article_id, number),
    )
    if summary != held.summary:
        replace_sums(connection, article_id, number=number, wording=content.wording)
    connection.execute(
        "update articles set summary = ?, content_sha256 = ? where id = ?", (summary, content.sha256, article_id)
    )
    share_text(connection, article_id)


def file_sha256(connection: sqlite3.Connection, portal: str, *, url: str, role: str) -> str | None:
    """Return the digest of a file for a role, by the address that pages give it. None if it is not held."""
    row = connection.execute(
        "select sha256 from files where portal = ? and url = ? and role = ?", (portal, url, role)
    ).fetchone()
    return row["sha256"] if row else None


def _file_rows(connection: sqlite3.Connection, article_id: int, *, number: int, role: FileRole) -> tuple[FileRow, ...]:
    table, column, words = _TABLES[role]
    rows = connection.execute(
        f"select {column}, url, {words} from {table} where article_id = ? and number = ? order by position",  # noqa: S608
        (article_id, number),
    )
    return tuple(FileRow(*row) for row in rows.fetchall())
