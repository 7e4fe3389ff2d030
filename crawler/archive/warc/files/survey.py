"""Survey a WARC file before its records are replayed: the place of each record, and the file that it was written to.

A file may hold several files of a run, or a part of one, because people merge, split and rename files. A segment holds
the records of one original file. It begins with the warcinfo record, which names the original file.
"""

import hashlib
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.archive.history.record_lists import ListedFile, read_previous
from crawler.archive.warc.files.folder import FolderFile, serial_in
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.writer import Position

_RUN_LINE = re.compile(rb"^crawl: *[1-9][0-9]{0,17}\r?$", re.MULTILINE)
_LEDGER = b'"portal-archive-ledger/'
ID_BYTES = 16


@dataclass(slots=True)
class Segment:
    """The records of one original file, in the file that holds them now.

    Args:
        file: the file that holds them now.
        stated: the file name in the warcinfo record; None without a warcinfo record.
        date: the first WARC-Date; empty if none could be read.
        info_id: the id of its warcinfo record; empty without one.
        previous: the list of the previous file, as the warcinfo record states it; None if it states none.
        is_ours: a run or act of an archive wrote it.
        ids: a digest of each record's id, ID_BYTES each, in order; `offsets` and `lengths` are their positions.
        tellers: the indexes of warcinfo and ledger records in this order.
        all_have_members: each record has its own gzip member.
    """

    file: FolderFile
    stated: str | None = None
    date: str = ""
    info_id: str = ""
    previous: ListedFile | None = None
    is_ours: bool = False
    ids: bytearray = field(default_factory=bytearray)
    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    lengths: "array[int]" = field(default_factory=lambda: array("q"))
    tellers: list[int] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    all_have_members: bool = True

    @property
    def has_info(self) -> bool:
        """Whether it has a warcinfo record."""
        return bool(self.info_id)

    def id_at(self, place: int) -> bytes:
        """Return the digest of the id of a record."""
        return bytes(self.ids[place * ID_BYTES : (place + 1) * ID_BYTES])

    def id_set(self) -> set[bytes]:
        """Return the digests of all ids."""
        return {self.id_at(place) for place in range(len(self.offsets))}

    def position(self, place: int) -> Position:
        """Return the position of a record."""
        return Position(self.file.name, self.offsets[place], self.lengths[place])

    def note(self, record: WarcRecord) -> None:
        """Add the next record."""
        if record.kind == "warcinfo":
            self.info_id = record.record_id
            self.tellers.append(len(self.offsets))
            named = record.fields.get("warc-filename", "")
            self.stated = named if serial_in(named) is not None and "/" not in named else None
            lines = record.block.decode("utf-8", "replace").splitlines()
            self.previous = read_previous(dict(line.split(": ", 1) for line in lines if ": " in line))
            self.is_ours = self.is_ours or bool(_RUN_LINE.search(record.block))
        elif record.kind == "metadata" and _LEDGER in record.body.peek(200):
            self.is_ours = True
            self.tellers.append(len(self.offsets))
        self.date = self.date or record.fields.get("warc-date", "")
        self.ids += digest_id(record.record_id)
        self.offsets.append(record.position.offset)
        self.lengths.append(record.position.length)
        self.all_have_members = self.all_have_members and record.has_member


def digest_id(record_id: str) -> bytes:
    """Return a short digest of a WARC-Record-ID."""
    return hashlib.blake2b(record_id.encode("utf-8", "surrogatepass"), digest_size=ID_BYTES).digest()


def survey(file: FolderFile) -> list[Segment]:
    """Read a file to its end, and return its segments in order. Keep no bodies of large records."""
    segments = [Segment(file)]
    for one in scan_records(file.path, name=file.name):
        if isinstance(one, Damage):
            segments[-1].damages.append(one)
            continue
        if one.kind == "warcinfo" and segments[-1].offsets:
            segments.append(Segment(file))
        segments[-1].note(one)
    return segments


def merge_places(segments: list[Segment]) -> Iterator[tuple[Segment, int]]:
    """Yield all records of the copies of one file, each record once.

    A copy lacks the records that are damaged in it. The order is that of the first copy. A record that only another
    copy holds comes after the same record as in that copy.
    """
    first, *others = segments
    anchors = first.id_set()
    known = set(anchors)
    behind: dict[bytes, list[tuple[Segment, int]]] = {}
    for other in others:
        before = b""
        for place in range(len(other.offsets)):
            one = other.id_at(place)
            if one in anchors:
                before = one
            elif one not in known:
                known.add(one)
                behind.setdefault(before, []).append((other, place))
    yield from behind.get(b"", [])
    for place in range(len(first.offsets)):
        one = first.id_at(place)
        if one in anchors:
            anchors.discard(one)  # a record may also be twice in one file
            yield first, place
            yield from behind.get(one, [])
