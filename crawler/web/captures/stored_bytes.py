"""Captured bytes, read from the WARC files beside the database."""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.warc.answers import read_answer
from crawler.archive.warc.captures import as_capture, capture_by_record
from crawler.archive.warc.reader import parse_http, read_record
from crawler.archive.warc.writer import Position
from crawler.errors import WarcError
from crawler.items import Capture
from crawler.media import payload as media
from crawler.media.content_coding import decode_payload
from crawler.media.pasted import find_pasted
from crawler.web.served_files import file_name

# More than the largest file that a crawl stores by default (a profile's `limits.attachment_bytes`).
MAX_PAYLOAD_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Captured:
    """A captured answer: its head, and its body as transferred.

    For a revisit, `raw` is the payload of the capture `holder_id` that it refers to.
    """

    capture: Capture
    portal: str
    timezone: str
    first_line: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    content_type: str | None
    content_encoding: str | None
    holder_id: int | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The row of an image or attachment."""

    sha256: str
    media_type: str
    capture_id: int


def read_image_row(connection: sqlite3.Connection, sha256: str) -> StoredFile | None:
    """Look an image up by its digest."""
    row = connection.execute("select sha256, media_type, capture_id from images where sha256 = ?", (sha256,)).fetchone()
    return StoredFile(*row) if row else None


def read_attachment_row(connection: sqlite3.Connection, sha256: str) -> StoredFile | None:
    """Look an attachment up by its digest."""
    row = connection.execute(
        "select sha256, media_type, capture_id from attachments where sha256 = ?", (sha256,)
    ).fetchone()
    return StoredFile(*row) if row else None


def read_attachment_name(connection: sqlite3.Connection, sha256: str) -> str:
    """Return the name of an attachment: that its answer stated, else that in its first address, else `file`."""
    stated = connection.execute(
        "select name from files where sha256 = ? and role = 'attachment' and name is not null order by url limit 1",
        (sha256,),
    ).fetchone()
    if stated:
        return str(stated[0])
    row = connection.execute(
        """select url from revision_attachments where attachment_sha256 = ?
           order by article_id, number, position limit 1""",
        (sha256,),
    ).fetchone()
    return file_name(row[0]) if row else "file"


def read_thumbnail(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """Read an image's thumbnail; None if it has none."""
    row = connection.execute("select thumbnail from images where sha256 = ?", (sha256,)).fetchone()
    return bytes(row[0]) if row and row[0] is not None else None


def read_file(connection: sqlite3.Connection, folder: Path, *, stored: StoredFile) -> bytes:
    """Read the bytes of an image or attachment from its capture.

    Raises:
        WarcError: if the record is missing or damaged, or the bytes are not those of the digest.
    """
    row = connection.execute("select * from captures where id = ?", (stored.capture_id,)).fetchone()
    if row is None:
        raise WarcError(f"file {stored.sha256}: its capture {stored.capture_id} is missing")
    answer = read_answer(connection, folder, capture=as_capture(row))
    data = media.open_payload(answer, max_bytes=MAX_PAYLOAD_BYTES).read()
    if hashlib.sha256(data).hexdigest() == stored.sha256:
        return data
    pasted = find_pasted(data, stored.sha256)
    if pasted is None:
        raise WarcError(f"file {stored.sha256}: capture {stored.capture_id} holds other bytes")
    return pasted


def read_capture(connection: sqlite3.Connection, folder: Path, *, capture_id: int) -> Captured | None:
    """Read a captured answer with its head; None if there is no capture with this id.

    Raises:
        WarcError: if the record is missing or damaged.
    """
    row = connection.execute("select * from captures where id = ?", (capture_id,)).fetchone()
    if row is None:
        return None
    capture = as_capture(row)
    record = read_record(folder, Position(capture.warc_file, capture.warc_offset, capture.warc_length))
    message = parse_http(record)
    raw, kind, encoding = message.body, message.header("content-type"), message.header("content-encoding")
    holder_id = None
    if record.kind == "revisit":
        answer = read_answer(connection, folder, capture=capture)
        raw, kind, encoding = media.transferred(answer).read(), answer.content_type, answer.content_encoding
        holder_id = capture_by_record(connection, record.fields.get("warc-refers-to", "")).id
    portal, timezone = connection.execute(
        "select p.name, p.timezone from crawls c join portals p on p.name = c.portal where c.id = ?",
        (capture.crawl_id,),
    ).fetchone()
    return Captured(
        capture,
        portal,
        timezone,
        message.first_line.decode("latin-1"),
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in message.headers),
        raw,
        kind,
        encoding,
        holder_id,
    )


def open_payload(found: Captured, *, max_bytes: int = MAX_PAYLOAD_BYTES) -> bytes:
    """Undo the content codings of a captured answer.

    Raises:
        BadFileError: kind `too-large` past `max_bytes`, `bad-encoding` if they are broken.
    """
    return decode_payload(found.raw, found.content_encoding, max_bytes=max_bytes)
