"""Read a WARC file to its end: yield every readable record, and a `Damage` for all other bytes."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawler.archive.warc.files.record import BadRecordError, WarcRecord, is_at_record, next_record
from crawler.archive.warc.members.unpacked import Unpacked, find_record
from crawler.archive.warc.writer import OPEN_SUFFIX


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a file that hold no readable record.

    Args:
        warc_file: name of the file in `warc/`.
        offset: the offset of the gzip member in which the damaged record begins.
        length: bytes of the file up to the next record; 0 if the next record begins in the same member.
        what: the fault, as the rest of a sentence about the record.
        fields: the named fields of the damaged record, as far as they could be read. They may be damaged too.
        is_cut: the file ends in the record.
    """

    warc_file: str
    offset: int
    length: int
    what: str
    fields: dict[str, str]
    is_cut: bool = False

    @property
    def record_id(self) -> str:
        """The WARC-Record-ID without its angle brackets; empty if it could not be read."""
        return self.fields.get("warc-record-id", "")

    @property
    def record(self) -> str:
        """Kind, address and id of the record for a person; empty if nothing of it could be read."""
        kind, url = self.fields.get("warc-type", ""), self.fields.get("warc-target-uri", "")
        return " ".join(part for part in (kind, url[:300], self.record_id) if part)

    def __str__(self) -> str:
        named = f"; it reads as {self.record}" if self.record else ""
        size = f"; {self.length} bytes up to the next" if self.length else ""
        return f"warc/{self.warc_file}: the record at offset {self.offset} {self.what}{named}{size}"


def scan_records(
    path: Path, *, name: str | None = None, kinds: Collection[str] | None = None
) -> Iterator[WarcRecord | Damage]:
    """Read all records of a file in any compression. Continue after damaged bytes.

    Records without their own gzip member have `has_member` False. Digests are not checked.

    Args:
        name: the file's name in positions; default: its own name without `.open`.
        kinds: skip records of other kinds.
    """
    name = name or path.name.removesuffix(OPEN_SUFFIX)
    try:
        stream = path.open("rb")
    except OSError as error:
        yield Damage(name, 0, 0, f"cannot be read: {error.strerror}", {})
        return
    with stream:
        source = Unpacked(stream)
        while True:
            try:
                while is_at_record(source):
                    if (record := next_record(source, name, kinds=kinds)) is not None:
                        yield record
            except BadRecordError as error:
                found = _next_sound(stream, error)
                end = found.at[0] if found else stream.seek(0, os.SEEK_END)
                is_cut = error.is_cut and found is None
                what = str(error) if is_cut or not error.is_cut else "is damaged"
                yield Damage(name, error.offset, end - error.offset, what, error.fields, is_cut)
            else:
                return
            if found is None:
                return
            source = found


def _next_sound(stream: BinaryIO, error: BadRecordError) -> Unpacked | None:
    try:
        return find_record(stream, offset=error.offset, place=error.place)
    except OSError:
        return None  # the disk cannot be read from here on
