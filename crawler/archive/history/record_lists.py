"""Record lists: beside each closed WARC file a text file with one line a record, and digests that chain the lists.

A line is the SHA-256 of the uncompressed record (header, block, and the line ends after it), its WARC-Record-ID and
its WARC-Type. The list holds no offsets, so it stays valid if the file is compressed again. The warcinfo record of the
next file states the digest of the list, and so does the row of the file. If the law requires us to erase a record, its
line stays.
"""

import hashlib
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LIST_SUFFIX = ".sha256"
# Fields of the warcinfo record that names the list of the file before.
PREVIOUS_FILE, PREVIOUS_LIST = "previous-file", "previous-list"

_GZIP = 31  # zlib's window bits for a gzip member
_READ_BYTES = 128 * 1024
_MOST_BYTES = 1024 * 1024
_HEADER_END = b"\r\n\r\n"
_RECORD_ID = re.compile(rb"\r\nWARC-Record-ID: *<([^>\r\n]*)>", re.IGNORECASE)
_KIND = re.compile(rb"\r\nWARC-Type: *([a-z]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\nContent-Length: *([0-9]+)", re.IGNORECASE)
_LINE = re.compile(r"([0-9a-f]{64})  (\S+) ([a-z]+)")


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """One line of a list: SHA-256 of the record in hex, its id without brackets, its type."""

    sha256: str
    record_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A WARC file by its final name, and the SHA-256 of its list in hex."""

    name: str
    list_sha256: str

    def as_fields(self) -> list[tuple[str, str]]:
        """Return the fields of the next file's warcinfo record."""
        return [(PREVIOUS_FILE, self.name), (PREVIOUS_LIST, f"sha256:{self.list_sha256}")]


def list_path(folder: Path, name: str) -> Path:
    """Return the path of the list of a WARC file, by its final name.

    >>> list_path(Path("warc"), "a-00001.warc.gz").name
    'a-00001.warc.gz.sha256'
    """
    return folder / (name + LIST_SUFFIX)


def write_list(path: Path, name: str) -> str | None:
    """Read a WARC file of the archive, write and sync its list, and return the list's SHA-256.

    `name` is the file's final name. Return None, and write no list, if the file is damaged, or a record does not have
    its own gzip member.

    Raises:
        OSError: if the file cannot be read, or the list not be written.
    """
    lines = list_records(path)
    return None if lines is None else put_list(path.parent, name, lines=lines)


def list_records(path: Path) -> list[ListedRecord] | None:
    """Make the lines of a WARC file's list; None if the file is damaged, or a record does not have its own gzip member.

    Raises:
        OSError: if it cannot be read.
    """
    try:
        return list(_list_members(path))
    except (ValueError, zlib.error):
        return None


def put_list(folder: Path, name: str, *, lines: Sequence[ListedRecord]) -> str:
    """Write and sync the list of a WARC file, and return its SHA-256.

    Raises:
        OSError: if it cannot be written.
    """
    content = render_list(lines)
    place = list_path(folder, name)
    part = place.with_name(place.name + ".part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(place)
    return hashlib.sha256(content).hexdigest()


def render_list(lines: Sequence[ListedRecord]) -> bytes:
    """Return the content of a list."""
    return "".join(f"{one.sha256}  {one.record_id} {one.kind}\n" for one in lines).encode()


def digest_list(folder: Path, name: str) -> str | None:
    """Return the SHA-256 of a WARC file's list; None if there is no readable list."""
    try:
        return hashlib.sha256(list_path(folder, name).read_bytes()).hexdigest()
    except OSError:
        return None


def parse_list(content: bytes) -> list[ListedRecord] | None:
    """Parse a list; None if the content is not a list."""
    found = [_LINE.fullmatch(line) for line in content.decode("utf-8", "replace").splitlines()]
    lines = [ListedRecord(one[1], one[2], one[3]) for one in found if one]
    return lines if len(lines) == len(found) else None


def read_list(folder: Path, name: str) -> list[ListedRecord]:
    """Read the list of a WARC file; [] if there is no readable list."""
    try:
        return parse_list(list_path(folder, name).read_bytes()) or []
    except OSError:
        return []


def read_previous(fields: dict[str, str]) -> ListedFile | None:
    """Read name and list digest of the previous file from warcinfo fields; None if they do not state them."""
    name, stated = fields.get(PREVIOUS_FILE), fields.get(PREVIOUS_LIST, "").removeprefix("sha256:")
    return ListedFile(name, stated) if name and stated else None


def _list_members(path: Path) -> Iterator[ListedRecord]:
    """Yield the records of a file that has one gzip member for each record.

    Raises:
        ValueError: if a member does not hold exactly one record.
        zlib.error: if it is damaged.
    """
    with path.open("rb") as stream:
        pending = b""
        while pending or (pending := stream.read(_READ_BYTES)):
            digest, start, size = hashlib.sha256(), b"", 0
            inflater = zlib.decompressobj(_GZIP)
            while not inflater.eof:
                data = inflater.unconsumed_tail or pending or stream.read(_READ_BYTES)
                pending = b""
                if not data:
                    raise ValueError("the file ends inside a member")
                part = inflater.decompress(data, _MOST_BYTES)
                digest.update(part)
                size += len(part)
                start = start if _HEADER_END in start else start + part
            pending = inflater.unused_data
            yield _read_header(start, size, sha256=digest.hexdigest())


def _read_header(start: bytes, size: int, *, sha256: str) -> ListedRecord:
    end = start.find(_HEADER_END) + len(_HEADER_END)
    header = start[:end]
    record_id, kind, length = (pattern.search(header) for pattern in (_RECORD_ID, _KIND, _LENGTH))
    if not (record_id and kind and length) or size != end + int(length[1]) + len(_HEADER_END):
        raise ValueError("a member holds not just one record")
    return ListedRecord(sha256, record_id[1].decode("utf-8", "replace"), kind[1].decode().lower())
