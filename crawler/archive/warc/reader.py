"""Reading WARC files member by member. A torn tail, a damaged member and the end of a file are three different results.

`warcio check` exits 0 on a truncated file; this reader does not.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive.warc.writer import HEAD_LENGTH, OPEN_SUFFIX, Position, labelled_digest, sync_folder
from crawler.errors import WarcError
from crawler.media.http_head import HttpHead, head_length, parse_head
from crawler.media.transfer_coding import undo_bytes

_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: its named fields (lower-case names, ids without brackets), its block, its position."""

    kind: str
    fields: dict[str, str]
    block: bytes
    position: Position

    @property
    def record_id(self) -> str:
        """The WARC-Record-ID without its angle brackets."""
        return self.fields.get("warc-record-id", "")

    @property
    def url(self) -> str:
        """The WARC-Target-URI; empty for records without one."""
        return self.fields.get("warc-target-uri", "")


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """The HTTP head and payload of a request, response or revisit block.

    `body` is the payload: its transfer coding is undone, its content coding is kept.
    """

    head: HttpHead
    body: bytes

    @property
    def first_line(self) -> bytes:
        """The request line or status line."""
        return self.head.first_line

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header lines in their order."""
        return self.head.headers

    def header(self, name: str) -> str | None:
        """Return the first header of a name (any case), decoded as Latin-1; None without one."""
        return self.head.header(name)


class TornFileError(WarcError):
    """Raised when a file ends inside a member, by `read_records`. `offset` is the end of the last complete member."""

    def __init__(self, name: str, offset: int) -> None:
        super().__init__(f"warc/{name}: the record at offset {offset} is cut off")
        self.offset = offset


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
    serial = stem.rpartition("-")[2]
    if not serial.isdigit():
        raise WarcError(f"warc/{path.name}: not a file of this archive: its name ends in no serial")
    return int(serial)


def locate(folder: Path, name: str) -> Path:
    """Return the path of a WARC file by its final name, also if it is still open.

    Raises:
        WarcError: if it is missing.
    """
    for path in (folder / name, folder / (name + OPEN_SUFFIX)):
        if path.is_file():
            return path
    raise WarcError(f"warc/{name}: the file is missing")


def read_records(path: Path, start: int = 0) -> Iterator[WarcRecord]:
    """Read the records of a file, starting at the offset of a member.

    Raises:
        TornFileError: if the file ends inside a member.
        WarcError: if a member is damaged or holds no WARC record.
    """
    name = path.name.removesuffix(OPEN_SUFFIX)
    with path.open("rb") as stream:
        stream.seek(start)
        offset = start
        pending = b""
        while True:
            data, consumed, pending = _read_member(stream, pending, name=name, offset=offset)
            if not consumed:
                return
            yield _parse_record(data, Position(name, offset, consumed))
            offset += consumed


def read_record(folder: Path, position: Position) -> WarcRecord:
    """Read the record at a position.

    Raises:
        WarcError: if the file is missing, or has no record exactly there.
    """
    with locate(folder, position.warc_file).open("rb") as stream:
        stream.seek(position.offset)
        data, consumed, _ = _read_member(
            BytesIO(stream.read(position.length)), b"", name=position.warc_file, offset=position.offset
        )
    if consumed != position.length:
        raise WarcError(f"warc/{position.warc_file}: no record of {position.length} bytes at {position.offset}")
    return _parse_record(data, position)


def parse_http(record: WarcRecord) -> HttpMessage:
    """Split the block of a request, response or revisit record into HTTP head and payload."""
    stated = record.fields.get(HEAD_LENGTH.lower())
    length = int(stated) if stated else head_length(record.block, is_answer=record.kind != "request")
    head = parse_head(record.block[:length])
    return HttpMessage(head, undo_bytes(record.block[length:], head.transfer_encoding))


def has_true_block_digest(record: WarcRecord) -> bool:
    """Recompute a record's block digest and compare it with the one it carries."""
    return record.fields.get("warc-block-digest") == labelled_digest(record.block)


def has_true_payload_digest(record: WarcRecord, message: HttpMessage) -> bool:
    """Recompute a payload's digest and compare it with the one its record carries.

    True for a record that states none (`writer.render_exchange`): its block digest covers the payload too.
    """
    stated = record.fields.get("warc-payload-digest")
    return stated is None or stated == labelled_digest(message.body)


def mend_torn_tail(path: Path) -> int | None:
    """Truncate a file that ends inside a member to its last complete one; give the bytes cut, None if it is complete.

    No row can point to the bytes that are cut: rows are committed after the fsync.
    """
    try:
        for _ in read_records(path):
            pass
    except TornFileError as error:
        size = path.stat().st_size
        with path.open("r+b") as stream:
            stream.truncate(error.offset)
            stream.flush()
            os.fsync(stream.fileno())
        return size - error.offset
    return None


def close_open_file(path: Path) -> Path:
    """Rename a file that a dead run left open to its final name."""
    final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    path.rename(final)
    sync_folder(path.parent)
    return final


def _read_member(stream: BinaryIO, pending: bytes, *, name: str, offset: int) -> tuple[bytes, int, bytes]:
    inflater = zlib.decompressobj(31)
    parts: list[bytes] = []
    consumed = 0
    while not inflater.eof:
        chunk = pending or stream.read(_READ_BYTES)
        pending = b""
        if not chunk:
            if consumed:
                raise TornFileError(name, offset)
            return b"", 0, b""
        try:
            parts.append(inflater.decompress(chunk))
        except zlib.error as error:
            raise WarcError(f"warc/{name}: the record at offset {offset} is damaged: {error}") from error
        consumed += len(chunk)
    return b"".join(parts), consumed - len(inflater.unused_data), inflater.unused_data


def _parse_record(data: bytes, position: Position) -> WarcRecord:
    try:
        record = next(iter(ArchiveIterator(BytesIO(data), no_record_parse=True)))
        block = record.raw_stream.read()
    except (ArchiveLoadFailed, StopIteration) as error:
        raise WarcError(f"warc/{position.warc_file}: no WARC record at offset {position.offset}: {error}") from error
    fields = {key.lower(): value.strip("<>") for key, value in record.rec_headers.headers}
    if int(fields.get("content-length", "-1")) != len(block):
        raise WarcError(f"warc/{position.warc_file}: the record at offset {position.offset} is cut short")
    return WarcRecord(record.rec_type, fields, block, position)
