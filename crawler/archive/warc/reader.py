"""Read the record at a position of a WARC file, and its parts. Repair the end of a file that a dead run left.

`files/` reads whole files.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from crawler.archive.warc.digests import is_digest_of
from crawler.archive.warc.files.record import UNREADABLE, RecordParser, WarcRecord, is_at_record, next_record
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.members.unpacked import Unpacked
from crawler.archive.warc.writer import OPEN_SUFFIX, Position, sync_path
from crawler.body import Body, sha256_of
from crawler.errors import WarcError
from crawler.language.numbers import whole_number
from crawler.media.http_head import HttpHead, parse_head
from crawler.media.payload import undo_body
from crawler.media.transfer_coding import undo


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """The HTTP head and body of a request, response or revisit block. `raw` is the body with its transfer coding."""

    head: HttpHead
    raw: Body

    @property
    def first_line(self) -> bytes:
        """The request line or status line."""
        return self.head.first_line

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header lines in their order."""
        return self.head.headers

    @property
    def payload(self) -> Body:
        """The body with its transfer coding undone, its content coding kept."""
        return undo_body(self.raw, self.head.transfer_encoding)

    @property
    def body(self) -> bytes:
        """The payload in memory; only for payloads that fit there."""
        return self.payload.read()

    def payload_sha256(self) -> str:
        """Return the hex SHA-256 of the payload."""
        return sha256_of(undo(self.raw.chunks(), self.head.transfer_encoding))

    def header(self, name: str) -> str | None:
        """Return the first header of a name (any case), decoded as Latin-1; None if there is none."""
        return self.head.header(name)


def warc_files(folder: Path) -> list[Path]:
    """List the WARC files of an archive in the order of their serials, open ones included."""
    found = [path for path in folder.glob("*.warc.gz*") if path.name.removesuffix(OPEN_SUFFIX).endswith(".warc.gz")]
    return sorted(found, key=serial_of)


def serial_of(path: Path) -> int:
    """Return the serial in a WARC file's name.

    Raises:
        WarcError: if the name has no serial: the file is not of this archive.
    """
    stem = path.name.removesuffix(OPEN_SUFFIX).removesuffix(".warc.gz")
    serial = whole_number(stem.rpartition("-")[2])
    if serial is None:
        raise WarcError(f"warc/{path.name}: not a file of this archive: its name ends in no serial")
    return serial


def locate(folder: Path, name: str) -> Path:
    """Return the path of a WARC file by its final name, also if the file is still open.

    Raises:
        WarcError: if it is missing.
    """
    for path in (folder / name, folder / (name + OPEN_SUFFIX)):
        if path.is_file():
            return path
    raise WarcError(f"warc/{name}: the file is missing")


def read_record(folder: Path, position: Position) -> WarcRecord:
    """Read the record at a position.

    Raises:
        WarcError: if the file is missing, or has no record exactly there.
    """
    with _at(folder, position) as source:
        record = next_record(source, position.warc_file)
    if record is None or record.position != position:
        raise WarcError(f"warc/{position.warc_file}: no record of {position.length} bytes at {position.offset}")
    return record


def read_http_head(folder: Path, position: Position) -> HttpHead:
    """Read the HTTP head of the record at a position, without its body.

    Raises:
        WarcError: if the file is missing, or no record begins there.
    """
    with _at(folder, position) as source:
        return parse_head(RecordParser(source, position.warc_file).read_begin())


@contextmanager
def _at(folder: Path, position: Position) -> Iterator[Unpacked]:
    """Open a file at a position; errors of the block name it."""
    place = f"warc/{position.warc_file}"
    if position.offset < 0:
        raise WarcError(f"{place}: no record is at offset {position.offset}")
    with locate(folder, position.warc_file).open("rb") as stream:
        source = Unpacked(stream, offset=position.offset, most_bytes=position.length)
        try:
            if not is_at_record(source):
                raise WarcError("is missing")
            yield source
        except UNREADABLE as error:
            raise WarcError(f"{place}: the record at offset {position.offset} {error}") from error


def parse_http(record: WarcRecord) -> HttpMessage:
    """Read the HTTP head of a request, response or revisit record."""
    return HttpMessage(parse_head(record.head), record.body)


def has_true_block_digest(record: WarcRecord) -> bool:
    """Recompute a record's block digest, and compare it with the stated one."""
    return is_digest_of(record.fields.get("warc-block-digest"), sha256_of(chain([record.head], record.body.chunks())))


def has_true_payload_digest(record: WarcRecord, payload_sha256: str) -> bool:
    """Compare a payload's digest (`HttpMessage.payload_sha256`) with the one that its record states.

    True if the record states none (`writer.render_exchange`): its block digest covers the payload too.
    """
    stated = record.fields.get("warc-payload-digest")
    return stated is None or is_digest_of(stated, payload_sha256)


def mend_torn_tail(path: Path, *, accounted: int = 0) -> int | None:
    """Truncate a file that ends inside a gzip member to its last complete member.

    No row can point to the removed bytes, because rows are committed after the fsync. The first `accounted` bytes have
    rows, so they always stay: a record that ends too late there is damaged.

    Returns:
        The number of bytes removed; None if the file is complete.
    """
    last = None
    for one in scan_records(path, kinds=()):
        last = one
    if not isinstance(last, Damage) or not last.is_cut or last.offset < accounted:
        return None
    with path.open("r+b") as stream:
        stream.truncate(last.offset)
        stream.flush()
        os.fsync(stream.fileno())
    return last.length


def close_open_file(path: Path) -> Path:
    """Give a file that a dead run left open its final name."""
    final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    path.rename(final)
    sync_path(path.parent)
    return final
