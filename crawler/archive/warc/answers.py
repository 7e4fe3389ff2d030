"""Read captured answers back from the WARC files."""

import sqlite3
from pathlib import Path

from crawler.archive.warc import captures
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.reader import parse_http, read_http_head, read_record
from crawler.archive.warc.writer import Position
from crawler.errors import WarcError
from crawler.items import Answer, Capture


def read_answer(connection: sqlite3.Connection, folder: Path, *, capture: Capture) -> Answer:
    """Read a captured answer back from its WARC record. A revisit gets the payload of the record it refers to.

    A large body is in a spool file. A 304 gives the whole earlier answer, since it declares that answer still valid.

    Raises:
        WarcError: if the record is missing or damaged.
    """
    return read_held_answer(folder, capture, holder=find_holder(connection, folder, capture=capture))


def find_holder(connection: sqlite3.Connection, folder: Path, *, capture: Capture) -> Capture:
    """Return the capture whose record holds a capture's payload: the capture itself, or the one that it refers to.

    Raises:
        WarcError: if the record of a revisit is missing or damaged.
    """
    if capture.record_type != "revisit":
        return capture
    return captures.capture_by_record(connection, _record_of(folder, capture).fields.get("warc-refers-to", ""))


def read_held_answer(folder: Path, capture: Capture, *, holder: Capture) -> Answer:
    """Read a captured answer back, with the payload of `holder` (`find_holder`).

    Raises:
        WarcError: if a record is missing or damaged.
    """
    message = parse_http(_record_of(folder, capture))
    holding = message
    if holder.record_id != capture.record_id:
        holding = parse_http(_record_of(folder, holder))
        if capture.status == 304:
            message = holding
    return Answer(
        capture.url,
        holding.body if holding.raw.path is None else b"",
        message.header("content-type"),
        message.header("content-encoding"),
        is_cut=capture.truncated is not None,
        spooled=holding.raw if holding.raw.path is not None else None,
        transfer_encoding=holding.head.transfer_encoding,
        disposition=message.header("content-disposition"),
    )


def read_validators(connection: sqlite3.Connection, folder: Path, *, url: str) -> dict[str, str]:
    """Return the headers of a conditional request for an address (RFC 9110, 13.1).

    Empty if there is no complete answer of the address, the answer has no validator, or its record cannot be read.
    """
    last = captures.last_whole(connection, url)
    if last is None:
        return {}
    try:
        head = read_http_head(folder, _position_of(last))
    except WarcError:
        return {}  # a damaged record: the address is fetched without conditions, and `verify` reports the record
    stated = {"If-None-Match": head.header("etag"), "If-Modified-Since": head.header("last-modified")}
    return {name: value for name, value in stated.items() if value}


def _record_of(folder: Path, capture: Capture) -> WarcRecord:
    return read_record(folder, _position_of(capture))


def _position_of(capture: Capture) -> Position:
    return Position(capture.warc_file, capture.warc_offset, capture.warc_length)
