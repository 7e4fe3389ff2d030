"""Captured answers, brought back from the WARC for a parser or a reader."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import store
from crawler.archive.warc import Position
from crawler.archive.warc_reader import parse_http, read_record
from crawler.items import Capture


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading needs of a response: its address, body as transferred, and two headers."""

    url: str
    body: bytes
    content_type: str | None
    content_encoding: str | None

    @property
    def media_type(self) -> str | None:
        """The stated media type without parameters, lower case."""
        return (self.content_type or "").partition(";")[0].strip().lower() or None


def read_answer(connection: sqlite3.Connection, folder: Path, capture: Capture) -> Answer:
    """Read a captured answer back from its WARC record, for a revisit with the payload it refers to.

    Raises:
        WarcError: if the record is missing or damaged.

    """
    record = read_record(folder, Position(capture.warc_file, capture.warc_offset, capture.warc_length))
    message = parse_http(record)
    body = message.body
    if record.kind == "revisit":
        original = store.capture_by_record(connection, record.fields.get("warc-refers-to", ""))
        place = Position(original.warc_file, original.warc_offset, original.warc_length)
        body = parse_http(read_record(folder, place)).body
    return Answer(capture.url, body, message.header("content-type"), message.header("content-encoding"))
