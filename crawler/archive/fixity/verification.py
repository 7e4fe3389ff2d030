"""Fixity: recompute every digest, and compare every row with its WARC record."""

import sqlite3
from collections.abc import Set
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crawler.archive.articles.digests import content_sha256
from crawler.archive.database import open_for_reading
from crawler.archive.warc import captures
from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.check import check_records
from crawler.archive.withheld.open_whole import cover
from crawler.archive.withholdings import read_active
from crawler.body import Body, sha256_of
from crawler.errors import ArchiveUnusableError, BadFileError, WarcError
from crawler.language.text import show_count
from crawler.media.pasted import find_pasted
from crawler.media.payload import open_payload

# A decoded file of an archive is not larger than this (the largest sensible limit of a profile).
MAX_DECODED_BYTES = 4 * 1024**3


@dataclass(slots=True)
class Verification:
    """The result of a verification: what it counted, and each difference in words."""

    records: int = 0
    captures: int = 0
    files: int = 0
    articles: int = 0
    revisions: int = 0
    differences: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the result as lines for a person: one for each difference, then the counts."""
        looked = ", ".join(
            [
                show_count(self.records, "WARC record"),
                show_count(self.captures, "capture"),
                f"{self.files} images and attachments",
                show_count(self.articles, "article"),
                show_count(self.revisions, "revision"),
            ]
        )
        verdict = show_count(len(self.differences), "difference") if self.differences else "all as it should be"
        return [*self.differences, f"{looked}: {verdict}"]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return asdict(self)


def verify(archive: Path) -> Verification:
    """Verify an archive; read-only.

    A record after the last commit has no row and is not a difference: the next start brings it in. The same goes for
    a record that a run is writing now.

    Raises:
        ArchiveUnusableError: if the database cannot be read.
    """
    connection = open_for_reading(archive)
    found = Verification()
    try:
        _cover_withheld(connection, archive, found=found)
        connection.execute("begin")
        _verify_database(connection, found)
        checked = check_records(connection, archive.parent / "warc")
        found.records, found.captures = checked.records, checked.captures
        found.differences += checked.differences
        _verify_files(connection, archive.parent / "warc", found=found, lost=checked.lost)
        _verify_content(connection, found)
    finally:
        connection.close()
    return found


def _cover_withheld(connection: sqlite3.Connection, archive: Path, *, found: Verification) -> None:
    """Cover the tables with the withheld rows, so that these are verified too. Report what is still public of them."""
    active = read_active(connection)
    if not active:
        return
    for one in active:
        table, column = {"article": ("articles", "id"), "capture": ("captures", "status <> 451 and id")}.get(
            one.kind, (f"{one.kind}s", "sha256")
        )
        sql = f"select 1 from {table} where {column} = ?"  # noqa: S608 - tables of ours
        if connection.execute(sql, (one.what,)).fetchone():
            found.differences.append(f"{one.kind} {one.what}: is withheld, but stands in the archive")
    try:
        cover(connection, archive)
    except ArchiveUnusableError as error:
        found.differences.append(str(error))


def _verify_database(connection: sqlite3.Connection, found: Verification) -> None:
    for (message,) in connection.execute("pragma integrity_check"):
        if message != "ok":
            found.differences.append(f"database: {message}")
    for row in connection.execute("pragma foreign_key_check"):
        found.differences.append(f"database: row {row[1]} of {row[0]} points to no row of {row[2]}")


def _verify_files(connection: sqlite3.Connection, folder: Path, *, found: Verification, lost: Set[int]) -> None:
    """Decode every image and attachment from the record of its row, for a revisit from the original record.

    Those that stood in a lost record (`lost` are its captures) are lost with it, which is said already.
    """
    rows = connection.execute(
        """select 'image' as kind, sha256, size_bytes, capture_id from images
           union all select 'attachment', sha256, size_bytes, capture_id from attachments"""
    ).fetchall()
    for file in rows:
        found.files += 1
        name = f"{file['kind']} {file['sha256']}"
        capture = connection.execute("select * from captures where id = ?", (file["capture_id"],)).fetchone()
        if capture is None:
            found.differences.append(f"{name}: its capture {file['capture_id']} is missing")
            continue
        try:
            answer = read_answer(connection, folder, capture=captures.as_capture(capture))
            data = open_payload(answer, max_bytes=MAX_DECODED_BYTES)
        except (WarcError, ArchiveUnusableError, BadFileError) as error:
            if lost.isdisjoint(_with_payload(connection, capture["id"])):
                found.differences.append(f"{name}: cannot be read back: {error}")
            continue
        if not _holds(data, file):
            found.differences.append(f"{name}: its bytes in the WARC are not these")


def _holds(data: Body, file: sqlite3.Row) -> bool:
    """Return whether a payload is a file's bytes, or the page that they were pasted into."""
    if sha256_of(data.chunks()) == file["sha256"]:
        return bool(data.size_bytes == file["size_bytes"])
    pasted = find_pasted(data.read(), file["sha256"]) if file["kind"] == "image" else None
    return pasted is not None and len(pasted) == file["size_bytes"]


def _with_payload(connection: sqlite3.Connection, capture_id: int) -> set[int]:
    """Return a capture, and those with the same payload, which one of them holds for all."""
    rows = connection.execute(
        """select o.id from captures c join captures o on o.payload_sha256 = c.payload_sha256 and o.payload_sha256 <> ''
           where c.id = ?""",
        (capture_id,),
    )
    return {capture_id, *(row[0] for row in rows)}


def _verify_content(connection: sqlite3.Connection, found: Verification) -> None:
    """Recompute the digest of every revision, and compare every article with its current revision."""
    for row in connection.execute("select * from revisions order by article_id, number").fetchall():
        found.revisions += 1
        key = (row["article_id"], row["number"])
        if _digest_of(connection, row, key=key) != row["content_sha256"]:
            found.differences.append(f"revision {key[1]} of article {key[0]}: content_sha256 is not its digest")
    fields = (
        "title", "summary", "body", "body_html", "byline", "source", "published_on", "content_sha256", "capture_id",
    )  # fmt: skip
    for article in connection.execute("select * from articles").fetchall():
        found.articles += 1
        current = connection.execute(
            "select * from revisions where article_id = ? and number = ?", (article["id"], article["revision"])
        ).fetchone()
        if current is None:
            found.differences.append(f"article {article['id']}: revision {article['revision']} is missing")
            continue
        unequal = [name for name in fields if article[name] != current[name]]
        if unequal:
            found.differences.append(
                f"article {article['id']}: differs from its current revision in {', '.join(unequal)}"
            )


def _digest_of(connection: sqlite3.Connection, row: sqlite3.Row, *, key: tuple[int, int]) -> str:
    def words(table: str, column: str) -> list[str]:
        sql = f"select {column} from {table} where article_id = ? and number = ? order by position"  # noqa: S608
        return [found[0] for found in connection.execute(sql, key) if found[0] is not None]

    return content_sha256(
        title=row["title"], summary=row["summary"], body=row["body"], byline=row["byline"], source=row["source"],
        published_on=row["published_on"], captions=words("revision_images", "caption"),
        labels=words("revision_attachments", "label"),
    )  # fmt: skip
