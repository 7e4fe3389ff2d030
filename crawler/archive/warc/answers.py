"""Captured answers, brought back from the WARC for a parser or a reader."""

import sqlite3
from pathlib import Path

from crawler.archive.warc import captures
from crawler.archive.warc.reader import WarcRecord, parse_http, read_record
from crawler.archive.warc.writer import Position
from crawler.items import Answer, Capture


def read_answer(connection: sqlite3.Connection, folder: Path, *, capture: Capture) -> Answer:
    """Read a captured answer back from its WARC record, for a revisit with the payload it refers to.

    An answer 304 is read as the answer that it says is still good.

    Raises:
        WarcError: if the record is missing or damaged.

    """
    record = _record_of(folder, capture)
    message = parse_http(record)
    body = message.body
    if record.kind == "revisit":
        original = parse_http(_record_of(folder, captures.capture_by_record(connection, _refers_to(record))))
        body = original.body
        if capture.status == 304:
            message = original
    return Answer(capture.url, body, message.header("content-type"), message.header("content-encoding"))


def read_validators(connection: sqlite3.Connection, folder: Path, *, url: str) -> dict[str, str]:
    """Give the request headers that ask for an address only if it changed (RFC 9110, 13.1).

    Empty if it was never had whole, or its answer named no validator.
    """
    last = captures.last_whole(connection, url)
    if last is None:
        return {}
    message = parse_http(_record_of(folder, last))
    stated = {"If-None-Match": message.header("etag"), "If-Modified-Since": message.header("last-modified")}
    return {name: value for name, value in stated.items() if value}


def _record_of(folder: Path, capture: Capture) -> WarcRecord:
    return read_record(folder, Position(capture.warc_file, capture.warc_offset, capture.warc_length))


def _refers_to(record: WarcRecord) -> str:
    return record.fields.get("warc-refers-to", "")
