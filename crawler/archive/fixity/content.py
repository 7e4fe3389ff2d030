# ruff: noqa: S608 - the conditions are ours
"""Check that rows agree with each other: files with their bytes, revisions with their digests, articles with both."""

import json
import re
import sqlite3
from collections.abc import Iterator, Set
from pathlib import Path

from crawler.archive.articles.digests import content_sha256
from crawler.archive.fixity.findings import Verification
from crawler.archive.row_digests.shapes import encode_key
from crawler.archive.warc import captures
from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.check.records import NO_ROW, RecordCheck
from crawler.archive.warc.finding import Finding
from crawler.body import Body, sha256_of
from crawler.errors import ArchiveUnusableError, BadFileError, WarcError
from crawler.media.pasted import find_pasted
from crawler.media.payload import open_payload

# The maximum size in bytes of a decoded file of an archive (the largest sensible limit of a profile).
MAX_DECODED_BYTES = 4 * 1024**3
_COPIED = ("title", "summary", "body", "body_html", "byline", "source", "published_on", "content_sha256", "capture_id")


def check_files(connection: sqlite3.Connection, folder: Path, *, found: Verification, checked: RecordCheck) -> None:
    """Decode every image and attachment from the record of its row; for a revisit, from the original record.

    If digest and size of a file equal those of its capture's payload, do not read it again, because `checked` read it.
    A file in a lost record gets no finding, because there is one for the record. Neither does a file of a capture whose
    row has a finding.
    """
    rows = connection.execute(
        """select 'image' as kind, sha256, size_bytes, capture_id from images
           union all select 'attachment', sha256, size_bytes, capture_id from attachments"""
    ).fetchall()
    is_said = bool(found.keys_of("captures")) or any(one.text.endswith(NO_ROW) for one in found.findings)
    lost = checked.lost | {int(key) for key in found.keys_of("captures") if re.fullmatch("-?[0-9]{1,18}", key)}
    for file in rows:
        found.files += 1
        if _was_read(connection, file, checked=checked):
            continue
        fault = _check_file(connection, folder, file=file, lost=lost, is_said=is_said)
        if fault is not None:
            said = f"{file['kind']} {file['sha256']}: {fault}"
            found.add(Finding("content", said, table=f"{file['kind']}s", key=encode_key((file["sha256"],))))


def _was_read(connection: sqlite3.Connection, file: sqlite3.Row, *, checked: RecordCheck) -> bool:
    """Return whether a file is the payload of its capture, and the record was compared with digest and row."""
    capture_id = file["capture_id"]
    if not isinstance(capture_id, int) or checked.sizes.of(capture_id) != file["size_bytes"]:
        return False
    stated = connection.execute("select payload_sha256 from captures where id = ?", (capture_id,)).fetchone()
    return stated is not None and stated["payload_sha256"] == file["sha256"]


def _check_file(
    connection: sqlite3.Connection, folder: Path, *, file: sqlite3.Row, lost: Set[int], is_said: bool
) -> str | None:
    """Return the fault of a file; None if it is intact, or lost together with its capture.

    `is_said`: there are findings that rows of captures differ or are missing. One of these may be the file's capture.
    """
    capture = connection.execute("select * from captures where id = ?", (file["capture_id"],)).fetchone()
    if capture is None:
        return None if lost or is_said else f"its capture {file['capture_id']} is missing"
    try:
        answer = read_answer(connection, folder, capture=captures.as_capture(capture))
        data = open_payload(answer, max_bytes=MAX_DECODED_BYTES)
    except (WarcError, ArchiveUnusableError, BadFileError) as error:
        return f"cannot be read back: {error}" if lost.isdisjoint(_with_payload(connection, capture["id"])) else None
    if _holds(data, file) or not lost.isdisjoint(_with_payload(connection, capture["id"])):
        return None
    return "its bytes in the WARC are not these"


def _holds(data: Body, file: sqlite3.Row) -> bool:
    """Return whether a payload is the bytes of a file, or the page in which the file is embedded."""
    if sha256_of(data.chunks()) == file["sha256"]:
        return bool(data.size_bytes == file["size_bytes"])
    pasted = find_pasted(data.read(), file["sha256"]) if file["kind"] == "image" else None
    return pasted is not None and len(pasted) == file["size_bytes"]


def _with_payload(connection: sqlite3.Connection, capture_id: int) -> set[int]:
    """Return a capture and all others with the same payload. One record holds it for all of them."""
    rows = connection.execute(
        """select o.id from captures c join captures o on o.payload_sha256 = c.payload_sha256 and o.payload_sha256 <> ''
           where c.id = ?""",
        (capture_id,),
    )
    return {capture_id, *(row[0] for row in rows)}


def check_revisions(connection: sqlite3.Connection, found: Verification, *, where: str = "true") -> None:
    """Recompute the digest of every revision, and compare every article with its current revision.

    Args:
        where: SQL that chooses articles by `article_id`.
    """
    of_files = found.keys_of("revision_images", "revision_attachments")
    odd = {tuple(json.loads(key)[:2]) for key in of_files}
    rows = f"""select r.*, iif(o.title is null, a.content_sha256, null) as sha256_of_article,
        o.title is null and a.id is null as lacks_text from revisions r
        join revision_rows o on o.article_id = r.article_id and o.number = r.number
        left join articles a on a.id = r.article_id and a.revision = r.number
        where {where.replace("article_id", "r.article_id")} order by r.article_id, r.number"""
    for row in connection.execute(rows).fetchall():
        found.revisions += 1
        key = (row["article_id"], row["number"])
        if row["lacks_text"] and encode_key(key[:1]) in found.keys_of("articles"):
            continue  # the article's row names another revision now
        if key not in odd and _digest_of(connection, row, key=key) != row["content_sha256"]:
            odd.add(key)
            # The text of a current revision is in the row of its article.
            is_named = encode_key(key) in found.keys_of("revision_rows")
            if not is_named and row["sha256_of_article"] == row["content_sha256"]:
                said = f"article {key[0]}: content_sha256 is not its digest"
                found.add(Finding("content", said, table="articles", key=encode_key(key[:1])))
                continue
            said = f"revision {key[1]} of article {key[0]}: content_sha256 is not its digest"
            found.add(Finding("content", said, table="revision_rows", key=encode_key(key)))
    named = {json.loads(key)[0] for key in found.keys_of("revision_rows")}
    articles = f"select *, id as article_id from articles where {where.replace('article_id', 'id')}"
    for row in connection.execute(articles).fetchall():
        found.articles += 1
        if row["id"] not in named and (fault := _compare_current(connection, row)) is not None:
            said = f"article {row['id']}: {fault}"
            found.add(Finding("content", said, table="articles", key=encode_key((row["id"],))))


def _compare_current(connection: sqlite3.Connection, article: sqlite3.Row) -> str | None:
    current = connection.execute(
        "select * from revisions where article_id = ? and number = ?", (article["id"], article["revision"])
    ).fetchone()
    if current is None:
        return f"revision {article['revision']} is missing"
    unequal = [name for name in _COPIED if article[name] != current[name]]
    return f"differs from its current revision in {', '.join(unequal)}" if unequal else None


def _digest_of(connection: sqlite3.Connection, row: sqlite3.Row, *, key: tuple[int, int]) -> str:
    def words(table: str, column: str) -> Iterator[str]:
        sql = f"select {column} from {table} where article_id = ? and number = ? order by position"
        return (found[0] for found in connection.execute(sql, key) if found[0] is not None)

    return content_sha256(
        title=row["title"], summary=row["summary"], body=row["body"], byline=row["byline"], source=row["source"],
        published_on=row["published_on"], captions=list(words("revision_images", "caption")),
        labels=list(words("revision_attachments", "label")),
    )  # fmt: skip
