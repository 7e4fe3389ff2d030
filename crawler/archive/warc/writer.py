"""Write WARC 1.1 files (ISO 28500:2017): one gzip member for each record, SHA-256 digests, synced before the rows."""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import overload

from crawler.archive.history.record_lists import ListedFile, ListedRecord, put_list, write_list
from crawler.archive.warc.digests import label_digest, labelled_digest
from crawler.archive.warc.members.packed import pack, pack_parts
from crawler.archive.warc.plain_warcio import ArcWarcRecord, StatusAndHeaders, WARCWriter
from crawler.body import Body, sha256_of
from crawler.errors import WarcError, say_fault
from crawler.items import Exchange
from crawler.language.dates import to_iso_utc_ms
from crawler.media.http_head import head_length, is_plain_head, parse_head
from crawler.media.transfer_coding import read_codings, undo

OPEN_SUFFIX = ".open"
REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# Our own field, in records of answers whose head does not end where `http_head.head_length` finds its end.
HEAD_LENGTH = "WARC-Head-Length"

RECORD_END = b"\r\n\r\n"

# A gzip member: its bytes, or an iterable that makes its parts while they are written.
Member = bytes | Iterable[bytes]


class PackedRecord(bytes):
    """The gzip member of a record, with its line in the record list."""

    listed: ListedRecord


class SpooledRecord:
    """The gzip member of a large record. Iterating compresses it; after that its line in the list is known."""

    def __init__(self, parts: Iterable[bytes], body: Body, *, record_id: str, kind: str) -> None:
        self._parts = parts
        self._body = body
        self._name = record_id, kind
        self._digest = hashlib.sha256()

    @property
    def listed(self) -> ListedRecord:
        """The line in the record list."""
        return ListedRecord(self._digest.hexdigest(), *self._name)

    def __iter__(self) -> Iterator[bytes]:
        return pack_parts(self._digested(), self._body)

    def _digested(self) -> Iterator[bytes]:
        for part in self._parts:
            self._digest.update(part)
            yield part


# Makes the warcinfo member of a file, from its name and from fields besides those of the run.
MakeWarcinfo = Callable[[str, Sequence[tuple[str, str]]], bytes]

# A file of this size in bytes is closed, and the next file begins. WARC implementation guidelines: 1 GB.
MAX_FILE_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class RefersTo:
    """The earlier record that has the payload of a revisit. `warc_date` is its WARC-Date."""

    record_id: str
    url: str
    warc_date: str


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a record: final name of the file, offset and length of its gzip member in bytes."""

    warc_file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class FileState:
    """The size of a WARC file of this run, and whether it is closed (has its final name).

    `list_sha256` is the digest of its record list, None while the file is open.
    """

    name: str
    serial: int
    size_bytes: int
    closed: bool
    list_sha256: str | None = None


def payload_chunks(exchange: Exchange) -> Iterator[bytes]:
    """Yield the payload of an answer: its body with the transfer coding undone, the content coding kept."""
    return undo(exchange.body.chunks(), parse_head(exchange.response_head).transfer_encoding)


def new_record_id() -> str:
    """Make a WARC-Record-ID, without its angle brackets."""
    return f"urn:uuid:{uuid.uuid4()}"


def render_exchange(
    exchange: Exchange, record_id: str, *, refers_to: RefersTo | None, payload_sha256: str | None = None
) -> tuple[bytes, Member]:
    """Render the request record and the response record (a revisit if `refers_to`), each as one gzip member.

    A record states its payload digest only if all readers agree on the bytes of the payload. Readers that check digests
    (`warcio check`) hash the bytes after the first blank line, and do not undo a transfer coding.

    Args:
        exchange: the exchange with its answer.
        record_id: the id of the response or revisit record.
        refers_to: the record that has the payload already; None for a response record.
        payload_sha256: the hex digest of the payload (`payload_chunks`), if the caller knows it.
    """
    request_id = new_record_id()
    response = _render(
        "revisit" if refers_to else "response",
        [
            ("WARC-Record-ID", f"<{record_id}>"),
            *_common_fields(exchange),
            ("WARC-Concurrent-To", f"<{request_id}>"),
            *_response_fields(exchange, refers_to, sha256=payload_sha256 or sha256_of(payload_chunks(exchange))),
        ],
        block=exchange.response_head,
        body=Body() if refers_to else exchange.body,
        content_type="application/http; msgtype=response",
    )
    return render_request(exchange, request_id, answer_id=record_id), response


def render_request(exchange: Exchange, record_id: str, *, answer_id: str) -> bytes:
    """Render the request record of an exchange; `answer_id` is the id of the record of its answer or failure."""
    return _render(
        "request",
        [
            ("WARC-Record-ID", f"<{record_id}>"),
            *_common_fields(exchange),
            ("WARC-Concurrent-To", f"<{answer_id}>"),
            ("WARC-Payload-Digest", labelled_digest(exchange.request_body)),
        ],
        block=exchange.request_head + exchange.request_body,
        content_type="application/http; msgtype=request",
    )


def _common_fields(exchange: Exchange) -> list[tuple[str, str]]:
    fields = [("WARC-Target-URI", exchange.url), ("WARC-Date", to_iso_utc_ms(exchange.fetched_at))]
    return [*fields, ("WARC-IP-Address", exchange.ip_address)] if exchange.ip_address else fields


def _response_fields(exchange: Exchange, refers_to: RefersTo | None, *, sha256: str) -> list[tuple[str, str]]:
    """Return the fields of a response or revisit record besides the fields of every record of the exchange."""
    head = parse_head(exchange.response_head)
    fields = [("WARC-Truncated", exchange.truncated)] if exchange.truncated else []
    if head_length(exchange.response_head + exchange.body.peek(), is_answer=True) != len(exchange.response_head):
        fields.append((HEAD_LENGTH, str(len(exchange.response_head))))
    is_unchanged = refers_to is not None and head.status == 304
    if refers_to is not None:
        fields += [
            ("WARC-Profile", NOT_MODIFIED_PROFILE if is_unchanged else REVISIT_PROFILE),
            ("WARC-Refers-To", f"<{refers_to.record_id}>"),
            ("WARC-Refers-To-Target-URI", refers_to.url),
            ("WARC-Refers-To-Date", refers_to.warc_date),
        ]
    is_shared = is_plain_head(exchange.response_head) and not read_codings(head.transfer_encoding)
    if not is_unchanged and (refers_to is not None or is_shared):
        fields.append(("WARC-Payload-Digest", label_digest(sha256)))
    return fields


def render_metadata(
    content: bytes, now: datetime, *, url: str, record_id: str | None = None, fields: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Render a metadata record of JSON as one gzip member. `url` is the address or URN that it describes."""
    headers = [
        ("WARC-Record-ID", f"<{record_id or new_record_id()}>"),
        ("WARC-Target-URI", url),
        ("WARC-Date", to_iso_utc_ms(now)),
        *fields,
    ]
    return _render("metadata", headers, block=content, content_type="application/json")


def render_warcinfo(fields: Sequence[tuple[str, str]], name: str, *, now: datetime) -> bytes:
    """Render the warcinfo record that opens a file, as one gzip member."""
    block = "".join(f"{key}: {value}\r\n" for key, value in fields).encode()
    headers = [("WARC-Record-ID", f"<{new_record_id()}>"), ("WARC-Date", to_iso_utc_ms(now)), ("WARC-Filename", name)]
    return _render("warcinfo", headers, block=block, content_type="application/warc-fields")


class WarcWriter:
    """Appends members to the newest file of `warc/`, and begins a new file when that one is full.

    `make_warcinfo(name, fields)` gives the warcinfo member of a new file, with additional fields. `clock()` gives the
    time in its name. `previous` is the last file with a record list. Every method raises WarcError if the bytes cannot
    be written; then the writer is unusable.
    """

    def __init__(
        self, folder: Path, prefix: str, *, next_serial: int, clock: Callable[[], datetime],
        make_warcinfo: MakeWarcinfo, previous: ListedFile | None = None,
    ) -> None:  # fmt: skip
        self._previous = previous
        self._lines: list[ListedRecord | None] = []
        self._folder = folder
        self._prefix = prefix
        self._clock = clock
        self._make_warcinfo = make_warcinfo
        self._closed: list[FileState] = []
        self._handle: int | None = None
        self.serial = next_serial - 1
        self.name: str | None = None
        self.size_bytes = 0

    def append(self, *members: Member) -> list[Position]:
        """Append members, and return their positions. Call `sync` to write them to disk."""
        if self._handle is None or self.size_bytes >= MAX_FILE_BYTES:
            self.close()
            self._begin()
        positions = []
        for member in members:
            offset = self.size_bytes
            self._write_member(member)
            positions.append(Position(self.name or "", offset, self.size_bytes - offset))
        return positions

    def sync(self) -> None:
        """Sync all appended members to disk."""
        if self._handle is not None:
            with _as_warc_error(self.name):
                os.fsync(self._handle)

    def close(self) -> None:
        """Close the current file, if one is open, and give it its final name."""
        if self._handle is None or self.name is None:
            return
        with _as_warc_error(self.name):
            os.fsync(self._handle)
            os.close(self._handle)
            self._handle = None
            path = self._folder / (self.name + OPEN_SUFFIX)
            list_sha256 = self._put_list(path, self.name)
            os.rename(path, self._folder / self.name)
            sync_path(self._folder)
        if list_sha256 is not None:
            self._previous = ListedFile(self.name, list_sha256)
        self._closed.append(FileState(self.name, self.serial, self.size_bytes, True, list_sha256))

    def take_changed(self) -> list[FileState]:
        """Return the files closed since the last call, and the open one."""
        states, self._closed = self._closed, []
        if self._handle is not None and self.name is not None:
            states.append(FileState(self.name, self.serial, self.size_bytes, closed=False))
        return states

    def _begin(self) -> None:
        self.serial += 1
        now = self._clock()
        self.name = f"{self._prefix}-{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}-{self.serial:05d}.warc.gz"
        with _as_warc_error(self.name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._handle = os.open(self._folder / (self.name + OPEN_SUFFIX), flags, 0o666)
            sync_path(self._folder)
        self.size_bytes = 0
        self._lines = []
        self._write_member(self._make_warcinfo(self.name, self._previous.as_fields() if self._previous else []))

    def _write_member(self, member: Member) -> None:
        for part in (member,) if isinstance(member, bytes) else member:
            self._write(part)
        self._lines.append(member.listed if isinstance(member, PackedRecord | SpooledRecord) else None)

    def _put_list(self, path: Path, name: str) -> str | None:
        """Write the list of a file. Read members back if other code rendered them."""
        lines = [line for line in self._lines if line is not None]
        return put_list(path.parent, name, lines=lines) if len(lines) == len(self._lines) else write_list(path, name)

    def _write(self, data: bytes) -> None:
        assert self._handle is not None
        view = memoryview(data)
        with _as_warc_error(self.name):
            while view:
                written = os.write(self._handle, view)
                self.size_bytes += written
                view = view[written:]


@contextmanager
def _as_warc_error(name: str | None) -> Iterator[None]:
    """Raise an OSError of the block as a WarcError that names the file."""
    try:
        yield
    except OSError as error:
        raise WarcError(f"warc/{name}: cannot be written: {say_fault(error)}") from error


def sync_path(path: Path) -> None:
    """Sync a file, or the entries of a folder, so that a new or renamed file survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@overload
def _render(kind: str, headers: list[tuple[str, str]], *, block: bytes, content_type: str) -> bytes: ...
@overload
def _render(kind: str, headers: list[tuple[str, str]], *, block: bytes, body: Body, content_type: str) -> Member: ...
def _render(
    kind: str, headers: list[tuple[str, str]], *, block: bytes, body: Body | None = None, content_type: str
) -> Member:
    """Render a record from `block` and body. If the body is spooled, the member is made while it is written."""
    body = body or Body()
    digest = sha256_of(chain([block], body.chunks()))
    headers = [("WARC-Type", kind), *headers, ("WARC-Block-Digest", label_digest(digest))]
    in_memory = block if body.path else block + body.data
    # For a revisit warcio leaves out the block, unless it parsed the headers itself; that would change malformed
    # headers. Where it finds no payload digest it adds one of SHA-1. It does neither to a warcinfo record, so every
    # record is given to it as one.
    stated = StatusAndHeaders("", headers, "WARC/1.1")
    length = len(block) + body.size_bytes
    record = ArcWarcRecord("warc", "warcinfo", stated, BytesIO(in_memory), None, content_type, length)
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="WARC/1.1")
    writer.write_record(record)
    data = buffer.getvalue()
    record_id = dict(headers)["WARC-Record-ID"].strip("<>")
    if body.path is not None:
        parts = chain([data.removesuffix(RECORD_END)], body.chunks(), [RECORD_END])
        return SpooledRecord(parts, body, record_id=record_id, kind=kind)
    packed = PackedRecord(pack(data, body))
    packed.listed = ListedRecord(hashlib.sha256(data).hexdigest(), record_id, kind)
    return packed
