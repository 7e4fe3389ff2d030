"""One WARC record: its parts, and how it is parsed from the bytes of a file."""

import hashlib
import re
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import cast

from crawler.archive.warc.members.unpacked import (
    GZIP_MAGIC,
    RECORD_BEGIN,
    RECORD_BEGIN_BYTES,
    RECORD_START,
    CutError,
    NoMemberError,
    Unpacked,
)
from crawler.archive.warc.plain_warcio import StatusAndHeadersParser, StatusAndHeadersParserException
from crawler.archive.warc.writer import HEAD_LENGTH, RECORD_END, Position
from crawler.body import Body, collect
from crawler.errors import WarcError
from crawler.language.numbers import whole_number
from crawler.media.http_head import STATUS_LINE_BYTES, head_length

_HEADER_PARSER = StatusAndHeadersParser(["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"])
# All readers split such a header in the same way: ASCII, no folded line, one blank after each name.
_PLAIN_HEADER = re.compile(rb"WARC/1\.[01]\r\n(?:[A-Za-z0-9-]+: [!-~][ -~]*\r\n)+\r\n")
_HEADER_END = re.compile(rb"\n\r?\n")
# The fields of a record and the head of a message are read into memory; no intact one is larger than this.
_MAX_HEAD_BYTES = 64 * 1024 * 1024
# The errors that a damaged record raises while it is parsed.
UNREADABLE = (WarcError, zlib.error, StatusAndHeadersParserException)


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: its named fields (lower-case names, ids without brackets), its block, its position.

    The block is `head`, then `body`. `head` is the HTTP head of a request, response or revisit, and empty in other
    records. A large `body` is a spool file. `header` are the bytes of the named fields, including the blank line. `end`
    are the line ends after the block. `has_member`: the record has its own gzip member, so that rows can point to it.
    Otherwise the position has the offset of the member in which the record begins, and the length 0. `digest` is the
    SHA-256 of the whole uncompressed record in hex, None if it was not computed yet.
    """

    kind: str
    fields: dict[str, str]
    head: bytes
    body: Body
    position: Position
    header: bytes = b""
    has_member: bool = True
    end: bytes = RECORD_END
    digest: str | None = field(default=None, compare=False)

    @property
    def record_id(self) -> str:
        """The WARC-Record-ID without its angle brackets."""
        return self.fields.get("warc-record-id", "")

    @property
    def url(self) -> str:
        """The WARC-Target-URI; empty if the record has none."""
        return self.fields.get("warc-target-uri", "")

    @property
    def block(self) -> bytes:
        """All bytes of the block; only for blocks that fit into memory."""
        return self.head + self.body.read()


def with_digest(record: WarcRecord) -> WarcRecord:
    """Return a record with the SHA-256 of the whole, as record lists have it."""
    digest = hashlib.sha256(record.header + record.head)
    for chunk in record.body.chunks():
        digest.update(chunk)
    digest.update(record.end)
    return replace(record, digest=digest.hexdigest())


class BadRecordError(WarcError):
    """Raised when a record is damaged, or no record is at the place, by `next_record` and `is_at_record`.

    Attributes:
        offset: the offset in the file of the member in which the record begins.
        place: the offset of the record in the uncompressed bytes of that member.
        fields: the named fields, as far as they could be read.
        is_cut: the file ends in the record.
    """

    def __init__(self, what: str, *, offset: int, place: int, fields: dict[str, str], is_cut: bool) -> None:
        super().__init__(what)
        self.offset, self.place = offset, place
        self.fields = fields
        self.is_cut = is_cut


def next_record(source: Unpacked, name: str, *, kinds: Collection[str] | None = None) -> WarcRecord | None:
    """Read the next record of a source. With `kinds`, return None for a record of another kind. Spool a large body.

    Raises:
        BadRecordError: if it is damaged.
    """
    parser = RecordParser(source, name)
    begun = source.at
    try:
        return parser.read(kinds)
    except UNREADABLE as error:
        raise _as_bad(error, begun, fields=parser.fields) from error


def is_at_record(source: Unpacked) -> bool:
    """Skip line ends and empty members up to the next record of a source. Return False at the end of the file.

    Raises:
        BadRecordError: if something else follows.
    """
    try:
        while True:
            source.take(len(source.left) - len(source.left.lstrip(b"\r\n")))
            if source.left:
                return True
            if not source.more() and not source.begin():
                return False
    except UNREADABLE as error:
        raise _as_bad(error, source.at, fields={}) from error


def _as_bad(error: Exception, at: tuple[int, int], *, fields: dict[str, str]) -> BadRecordError:
    what = str(error) if isinstance(error, WarcError) else f"is damaged: {error}"
    return BadRecordError(what, offset=at[0], place=at[1], fields=fields, is_cut=isinstance(error, CutError))


def _parse_header(header: bytes) -> Iterable[tuple[str, str]]:
    """Yield the named fields. Those of our own records are split here, since warcio takes five times as long."""
    if not _PLAIN_HEADER.fullmatch(header):
        return cast(Iterable[tuple[str, str]], _HEADER_PARSER.parse(BytesIO(header)).headers)
    lines = header.decode("ascii").split("\r\n")[1:-2]
    return ((name, value.rstrip()) for name, _, value in (line.partition(": ") for line in lines))


class RecordParser:
    """Parses one record of a source: its fields, its HTTP head, its body, and the blank lines after it."""

    def __init__(self, source: Unpacked, name: str) -> None:
        self.fields: dict[str, str] = {}
        self._source = source
        self._name = name
        self._begun_at, self._begun_place = source.at
        self._has_member = source.is_packed and source.place == 0

    def read(self, kinds: Collection[str] | None) -> WarcRecord | None:
        """Read the whole record; None if it is of another kind."""
        header = self._read_header()
        kind, size = self.fields.get("warc-type", ""), self._size()
        if kinds is not None and kind not in kinds:
            deque(self._take(size), maxlen=0)
            self._read_end()
            return None
        head = self._read_head(kind, size)
        body = collect(self._take(size - len(head)))
        end = self._read_end()
        has_member = self._has_member and self._source.is_over and not self._source.left
        position = Position(self._name, self._begun_at, self._source.length if has_member else 0)
        return WarcRecord(kind, self.fields, head, body, position, header, has_member, end)

    def read_begin(self) -> bytes:
        """Read the fields and the HTTP head, and return the head."""
        self._read_header()
        return self._read_head(self.fields.get("warc-type", ""), self._size())

    def _read_header(self) -> bytes:
        source = self._source
        while not (end := _HEADER_END.search(source.left)):
            if len(source.left) > _MAX_HEAD_BYTES:
                raise WarcError("has no end of its header")
            if not self._fill():
                raise WarcError("has no end of its header")
        header = source.take(end.end())
        self.fields = {key.lower(): value.strip("<>") for key, value in _parse_header(header)}
        return header

    def _size(self) -> int:
        stated = self.fields.get("content-length", "")
        size = whole_number(stated)
        if size is None:
            raise WarcError(f"states no length, but {stated[:40]!r}")
        return size

    def _read_head(self, kind: str, size: int) -> bytes:
        """Read the HTTP head of the block; empty if records of this kind have none."""
        if kind not in ("request", "response", "revisit"):
            return b""
        source, known = self._source, whole_number(self.fields.get(HEAD_LENGTH.lower(), ""))
        while True:
            seen = source.left[:size]
            length = known if known is not None else head_length(seen, is_answer=kind != "request")
            is_decided = length < len(seen) and len(seen.lstrip(b"\r\n")) >= STATUS_LINE_BYTES
            if len(seen) == size or is_decided or len(seen) > _MAX_HEAD_BYTES:
                return source.take(min(length, len(seen)))
            if not self._fill():
                raise WarcError("is cut short")

    def _take(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes of the block, in parts."""
        while size:
            if not self._source.left and not self._fill():
                raise WarcError("is cut short")
            taken = self._source.take(size)
            size -= len(taken)
            yield taken

    def _fill(self) -> bool:
        """Read more bytes of this record: from its member, or from the next member if no record begins there."""
        source = self._source
        if source.more():
            return True
        left, was_packed = source.left, source.is_packed
        try:
            if not source.begin():
                raise WarcError("is cut short") if was_packed else CutError("is cut off")
        except NoMemberError as error:
            raise WarcError("is cut short") from error
        while len(source.left) < RECORD_BEGIN_BYTES and source.more():
            pass
        if RECORD_BEGIN.match(source.left):
            raise WarcError("is cut short")
        self._has_member = False
        source.left = left + source.left
        source.place = -len(left)  # these bytes belong to the member before
        return True

    def _read_end(self) -> bytes:
        """Read the line ends after the block. Then the member ends, or another record follows."""
        source, end = self._source, b""
        while True:
            end += source.take(len(source.left) - len(source.left.lstrip(b"\r\n")))
            if len(source.left) >= len(RECORD_START) or not self._has_more():
                break
        follows = source.left
        if not source.is_packed and follows.startswith(GZIP_MAGIC):
            source.end_here()
        elif not follows.startswith(RECORD_START) and not RECORD_START.startswith(follows):
            raise WarcError(f"does not end where it says: its header states {self.fields['content-length']} bytes")
        return end

    def _has_more(self) -> bool:
        try:
            return self._source.more()
        except zlib.error:
            if self._begun_place == 0:
                raise
            # The member is damaged after this record, or in it: its digest shows which.
            return False
