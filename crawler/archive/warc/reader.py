"""Reading WARC files member by member. A torn tail, a damaged member and the end of a file are three different results.

`warcio check` exits 0 on a truncated file; this reader does not.
"""

import os
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive.warc.digests import is_digest_of
from crawler.archive.warc.writer import HEAD_LENGTH, OPEN_SUFFIX, Position, sync_folder
from crawler.body import Body, collect, sha256_of
from crawler.errors import WarcError
from crawler.media.http_head import HttpHead, head_length, parse_head
from crawler.media.payload import undo_body
from crawler.media.transfer_coding import undo

_READ_BYTES = _START_BYTES = 1024 * 1024
_GZIP = 31  # zlib's window bits for a gzip member


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: its named fields (lower-case names, ids without brackets), its block, its position.

    The block is `head`, then `body`. `head` is the HTTP head of a request, response or revisit, and empty in other
    records. A large `body` is a spool file.
    """

    kind: str
    fields: dict[str, str]
    head: bytes
    body: Body
    position: Position

    @property
    def record_id(self) -> str:
        """The WARC-Record-ID without its angle brackets."""
        return self.fields.get("warc-record-id", "")

    @property
    def url(self) -> str:
        """The WARC-Target-URI; empty for records without one."""
        return self.fields.get("warc-target-uri", "")

    @property
    def block(self) -> bytes:
        """All bytes of the block; only for blocks that fit into memory."""
        return self.head + self.body.read()


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


def read_records(path: Path, start: int = 0, *, kinds: Collection[str] | None = None) -> Iterator[WarcRecord]:
    """Read the records of a file, starting at the offset of a member. With `kinds`, pass over all others.

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
            member = _Member(stream, pending, name=name, offset=offset)
            record = _parse_record(member, kinds=kinds)
            if not member.length:
                return
            if record is not None:
                yield record
            offset += member.length
            pending = member.unused


def read_record(folder: Path, position: Position) -> WarcRecord:
    """Read the record at a position.

    Raises:
        WarcError: if the file is missing, or has no record exactly there.
    """
    with locate(folder, position.warc_file).open("rb") as stream:
        stream.seek(position.offset)
        member = _Member(stream, b"", name=position.warc_file, offset=position.offset, most_bytes=position.length)
        record = _parse_record(member)
    if record is None or member.length != position.length:
        raise WarcError(f"warc/{position.warc_file}: no record of {position.length} bytes at {position.offset}")
    return record


def read_http_head(folder: Path, position: Position) -> HttpHead:
    """Read the HTTP head of the record at a position, without its body.

    Raises:
        WarcError: if the file is missing, or no record begins there.
    """
    with locate(folder, position.warc_file).open("rb") as stream:
        stream.seek(position.offset)
        member = _Member(stream, b"", name=position.warc_file, offset=position.offset, most_bytes=position.length)
        begun = _begin_record(member, member.chunks())
    if begun is None:
        raise WarcError(f"warc/{position.warc_file}: no record at {position.offset}")
    return parse_head(begun.head)


def parse_http(record: WarcRecord) -> HttpMessage:
    """Read the HTTP head of a request, response or revisit record."""
    return HttpMessage(parse_head(record.head), record.body)


def has_true_block_digest(record: WarcRecord) -> bool:
    """Recompute a record's block digest and compare it with the one it carries."""
    return is_digest_of(record.fields.get("warc-block-digest"), sha256_of(chain([record.head], record.body.chunks())))


def has_true_payload_digest(record: WarcRecord, payload_sha256: str) -> bool:
    """Compare a payload's digest (`HttpMessage.payload_sha256`) with the one its record carries.

    True for a record that states none (`writer.render_exchange`): its block digest covers the payload too.
    """
    stated = record.fields.get("warc-payload-digest")
    return stated is None or is_digest_of(stated, payload_sha256)


def mend_torn_tail(path: Path) -> int | None:
    """Truncate a file that ends inside a member to its last complete one; give the bytes cut, None if it is complete.

    No row can point to the bytes that are cut: rows are committed after the fsync.
    """
    try:
        deque(read_records(path, kinds=()), maxlen=0)
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


class _Member:
    """A gzip member that is read in parts. After its end, `length` is its size, `unused` what was read behind it."""

    def __init__(
        self, stream: BinaryIO, pending: bytes, *, name: str, offset: int, most_bytes: int | None = None
    ) -> None:
        self.name, self.offset = name, offset
        self.length, self.unused = 0, b""
        self._stream = stream
        self._pending = pending
        self._left = most_bytes
        self._inflater = zlib.decompressobj(_GZIP)

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes; nothing at the end of the file.

        Raises:
            TornFileError: if the file, or the part of it that may be read, ends inside the member.
            WarcError: if the member is damaged.
        """
        while not self._inflater.eof:
            data = self._inflater.unconsumed_tail or self._read()
            if not data:
                if self.length:
                    raise TornFileError(self.name, self.offset)
                return
            try:
                part = self._inflater.decompress(data, _READ_BYTES)
            except zlib.error as error:
                raise self.error(f"is damaged: {error}") from error
            if part:
                yield part
        self.unused = self._inflater.unused_data
        self.length -= len(self.unused)

    def error(self, what: str) -> WarcError:
        """Make an error that says what is wrong with the record."""
        return WarcError(f"warc/{self.name}: the record at offset {self.offset} {what}")

    def _read(self) -> bytes:
        data, self._pending = self._pending, b""
        if not data:
            data = self._stream.read(_READ_BYTES if self._left is None else min(_READ_BYTES, self._left))
            if self._left is not None:
                self._left -= len(data)
        self.length += len(data)
        return data


@dataclass(frozen=True, slots=True)
class _Begun:
    """The beginning of a record: its fields, and the first bytes of its block."""

    kind: str
    fields: dict[str, str]
    block: bytes

    @property
    def head(self) -> bytes:
        """The HTTP head of the block; empty if its kind has none."""
        if self.kind not in ("request", "response", "revisit"):
            return b""
        stated = self.fields.get(HEAD_LENGTH.lower())
        return self.block[: int(stated) if stated else head_length(self.block, is_answer=self.kind != "request")]


def _begin_record(member: _Member, chunks: Iterator[bytes]) -> _Begun | None:
    """Read the beginning of a record: its fields, its HTTP head, and mostly all of it. None at the end of the file."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= _START_BYTES:
            break
    if not member.length:
        return None
    try:
        record = next(iter(ArchiveIterator(BytesIO(start), no_record_parse=True)))
        block = record.raw_stream.read()
    except (ArchiveLoadFailed, StopIteration) as error:
        raise WarcError(f"warc/{member.name}: no WARC record at offset {member.offset}: {error}") from error
    return _Begun(record.rec_type, {key.lower(): value.strip("<>") for key, value in record.rec_headers.headers}, block)


def _parse_record(member: _Member, *, kinds: Collection[str] | None = None) -> WarcRecord | None:
    """Read a record; None at the end of the file. A large body goes to a spool file while it is read.

    With `kinds`, a record of another kind is read to its end, and is None too.
    """
    chunks = member.chunks()
    begun = _begin_record(member, chunks)
    if begun is None:
        return None
    if kinds is not None and begun.kind not in kinds:
        deque(chunks, maxlen=0)
        return None
    stated = begun.fields.get("content-length", "")
    size = int(stated) if stated.isdigit() else -1
    head = begun.head
    body = collect(_limit(chain([begun.block[len(head) :]], chunks), size - len(head)))
    deque(chunks, maxlen=0)  # to the end of the member, which may be torn
    if len(head) + body.size_bytes != size:
        raise member.error("is cut short")
    return WarcRecord(begun.kind, begun.fields, head, body, Position(member.name, member.offset, member.length))


def _limit(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the first `size` bytes. What follows them in the last part is the end of a record."""
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
