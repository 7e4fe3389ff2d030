"""Reading captured answers back from the WARC files."""

import sqlite3
from pathlib import Path

from crawler.archive.warc import captures
from crawler.archive.warc.reader import parse_http, read_http_head, read_record
from crawler.archive.warc.record import WarcRecord
from crawler.archive.warc.writer import Position
from crawler.items import Answer, Capture


def read_answer(connection: sqlite3.Connection, folder: Path, *, capture: Capture) -> Answer:
    """Read a captured answer back from its WARC record. A revisit gets the payload of the record it refers to.

    A large body is in a spool file. A 304 gives the whole earlier answer, which it declares to be still good.

    Raises:
        WarcError: if the record is missing or damaged.
    """
    record = _record_of(folder, capture)
    message = parse_http(record)
    holder = message
    if record.kind == "revisit":
        holder = parse_http(_record_of(folder, captures.capture_by_record(connection, _refers_to(record))))
        if capture.status == 304:
            message = holder
    return Answer(
        capture.url,
        holder.body if holder.raw.path is None else b"",
        message.header("content-type"),
        message.header("content-encoding"),
        is_cut=capture.truncated is not None,
        spooled=holder.raw if holder.raw.path is not None else None,
        transfer_encoding=holder.head.transfer_encoding,
        disposition=message.header("content-disposition"),
    )


def read_validators(connection: sqlite3.Connection, folder: Path, *, url: str) -> dict[str, str]:
    """Return the request headers that ask for an address only if it changed (RFC 9110, 13.1).

    Empty if there is no complete answer of it, or the answer has no validator.
    """
    last = captures.last_whole(connection, url)
    if last is None:
        return {}
    head = read_http_head(folder, _position_of(last))
    stated = {"If-None-Match": head.header("etag"), "If-Modified-Since": head.header("last-modified")}
    return {name: value for name, value in stated.items() if value}


def _record_of(folder: Path, capture: Capture) -> WarcRecord:
    return read_record(folder, _position_of(capture))


def _position_of(capture: Capture) -> Position:
    return Position(capture.warc_file, capture.warc_offset, capture.warc_length)


def _refers_to(record: WarcRecord) -> str:
    return record.fields.get("warc-refers-to", "")
