"""Fixity: recompute every digest, and compare every row with its WARC record."""

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from crawler.archive.articles.digests import content_sha256
from crawler.archive.database import open_for_reading
from crawler.archive.warc import captures
from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.reader import (
    TornFileError,
    has_true_block_digest,
    has_true_payload_digest,
    read_records,
    warc_files,
)
from crawler.archive.warc.record import WarcRecord
from crawler.archive.warc.record_to_capture import CaptureReader
from crawler.archive.warc.writer import OPEN_SUFFIX
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
        _verify_records(connection, archive.parent / "warc", found=found)
        _verify_files(connection, archive.parent / "warc", found=found)
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


def _verify_records(connection: sqlite3.Connection, folder: Path, *, found: Verification) -> None:
    files = {path.name.removesuffix(OPEN_SUFFIX): path for path in warc_files(folder)}
    known = {row["name"]: row for row in connection.execute("select * from warc_files order by serial")}
    for name, row in known.items():
        path = files.get(name)
        if path is None:
            found.differences.append(f"warc/{name}: the file is missing")
        elif path.stat().st_size < row["size_bytes"]:
            found.differences.append(
                f"warc/{name}: {path.stat().st_size} bytes, where {row['size_bytes']} were written"
            )
        elif row["closed"] and path.stat().st_size > row["size_bytes"]:
            found.differences.append(f"warc/{name}: longer than the {row['size_bytes']} bytes it was closed with")
    seen: set[str] = set()
    for name, path in files.items():
        accounted = known[name]["size_bytes"] if name in known else 0
        reader = CaptureReader()
        for record in _records(path, accounted, found=found):
            seen.add(record.record_id)
            _verify_record(
                connection, record, reader=reader, found=found, is_accounted=record.position.offset < accounted
            )
    for row in connection.execute("select id, record_id, warc_file from captures"):
        found.captures += 1
        if row["record_id"] not in seen:
            found.differences.append(f"capture {row['id']}: no record {row['record_id']} in warc/{row['warc_file']}")


def _records(path: Path, accounted: int, *, found: Verification) -> Iterator[WarcRecord]:
    try:
        yield from read_records(path)
    except TornFileError as error:
        if error.offset < accounted:
            found.differences.append(str(error))
    except WarcError as error:
        found.differences.append(str(error))


def _verify_record(
    connection: sqlite3.Connection,
    record: WarcRecord,
    *,
    reader: CaptureReader,
    found: Verification,
    is_accounted: bool,
) -> None:
    found.records += 1
    place = f"warc/{record.position.warc_file}, record {record.record_id}"
    if not has_true_block_digest(record):
        found.differences.append(f"{place}: its block does not have the digest it states")
    try:
        stated = reader.read(record)
    except WarcError as error:
        found.differences.append(str(error))
        return
    if stated is None:
        return
    row = connection.execute("select * from captures where record_id = ?", (record.record_id,)).fetchone()
    if row is None:
        if is_accounted:
            found.differences.append(f"{place}: has no row in captures")
        return
    if record.kind == "response" and not has_true_payload_digest(record, stated.payload_sha256):
        found.differences.append(f"capture {row['id']}: its payload does not have the digest its record states")
    if record.kind == "revisit":
        stated = replace(stated, payload_sha256=_original_digest(connection, record, row=row, found=found) or "")
    for name, value in asdict(stated).items():
        if name != "id" and row[name] != value:
            found.differences.append(f"capture {row['id']}: {name} is {row[name]!r}, in the WARC {value!r}")


def _original_digest(
    connection: sqlite3.Connection, record: WarcRecord, *, row: sqlite3.Row, found: Verification
) -> str | None:
    """Return the digest of the payload that a revisit refers to; None if its record is not held."""
    refers_to = record.fields.get("warc-refers-to", "")
    original = connection.execute(
        "select payload_sha256 from captures where record_id = ? and record_type = 'response'", (refers_to,)
    ).fetchone()
    if original is None:
        found.differences.append(f"capture {row['id']}: revisits record {refers_to}, which is not held")
        return None
    return str(original["payload_sha256"])


def _verify_files(connection: sqlite3.Connection, folder: Path, *, found: Verification) -> None:
    """Decode every image and attachment from the record of its row, for a revisit from the original record."""
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
