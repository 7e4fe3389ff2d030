"""Read the documents that are set in a document or on a slide: a table of Excel, a page of Word."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

import olefile

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.structure.storages import pack_storage

_KINDS = frozenset(("docx", "xlsx", "xlsb", "pptx", "odf", "doc", "xls", "ppt", "rtf", "locked", "pdf", "plain"))
# The stream of a compound file that holds newer documents.
_WITHIN = "Package"
_MOST = 100
# Streams that are a whole document outside of their compound file: a workbook, a newer document.
_WHOLE = ("workbook", "book", _WITHIN.lower())
# A file that is shown as an icon [MS-OLEDS 2.3.6]: its size, a mark, its name and path, a mark and the path that it was
# taken from, with its length; then its bytes, with their length.
_ICON = "\x01Ole10Native"
_ICON_HEAD = re.compile(rb".{4}\x02\0([^\0]{1,260})\0[^\0]{0,1000}\0\0\0\x03\0(....)", re.DOTALL)
# Streams of documents that need those beside them.
_PARTED = ("worddocument", "powerpoint document")

ReadWithin = Callable[[bytes, str], TextReading]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The texts of the documents within another, and those that were not read: name and reason."""

    texts: list[str]
    unread: list[str]


def read_embedded(objects: Iterable[tuple[str, bytes | None]], read: ReadWithin) -> Embedded:
    """Read the documents among the objects of a document. Others (equations, sounds) have no text.

    Args:
        objects: their names and bytes; None for one that is too large.
        read: reads a document by its bytes and name.
    """
    texts: list[str] = []
    unread: list[str] = []
    for number, (own_name, held) in enumerate(objects):
        if held is None:
            unread.append(f"{own_name} (too-large)")
            continue
        name, data = _unwrap(own_name, held)
        if find_kind(data, name) not in _KINDS:
            continue
        reading = read(data, name) if number < _MOST else TextReading(reason="too-large")
        texts += [reading.text] if reading.text else []
        unread += [f"{name} ({reading.reason})"] if reading.reason not in (None, "no-text") else []
    return Embedded(texts, unread)


def find_stored(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Give the documents that are stored within a binary document, by storage; None for one that is too large."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            paths = compound.listdir(streams=True, storages=False)
            for path in paths:
                # Programs write the names in either case.
                name = path[-1].lower() if len(path) > 1 else ""
                if name in _WHOLE:
                    yield path[-2], compound.openstream(path).read()
                elif name == _ICON.lower():
                    yield _read_icon(compound.openstream(path).read()) or (path[-2], b"")
                elif name in _PARTED:
                    beside = [one for one in paths if one[:-1] == path[:-1]]
                    yield path[-2], pack_storage({one[-1]: compound.openstream(one).read() for one in beside})
    except Exception:  # a damaged file raises whatever its damage leads to
        return


def name_unread(unread: Iterable[str]) -> str | None:
    """Return the note for `TextReading.detail` on documents that were not read; None if all were.

    >>> name_unread(["bang.xlsx (encrypted)"]), name_unread([])
    ('documents within, not read: bang.xlsx (encrypted)', None)
    """
    names = ", ".join(unread)
    return f"documents within, not read: {names}" if names else None


def _unwrap(name: str, data: bytes) -> tuple[str, bytes]:
    """Return the newer document, or the file shown as an icon, in a compound file; the file itself if it has none."""
    if not data.startswith(olefile.MAGIC):
        return name, data
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            if compound.exists(_WITHIN):
                return name, compound.openstream(_WITHIN).read()
            icon = _read_icon(compound.openstream(_ICON).read()) if compound.exists(_ICON) else None
            return icon or (name, data)
    except Exception:  # a damaged file raises whatever its damage leads to
        return name, data


def _read_icon(stream: bytes) -> tuple[str, bytes] | None:
    """Return the name and bytes of a file that is shown as an icon; None for objects of another form."""
    head = _ICON_HEAD.match(stream)
    if head is None:
        return None
    at = head.end() + int.from_bytes(head[2], "little")
    size = int.from_bytes(stream[at : at + 4], "little")
    return head[1].decode("cp1252", "replace"), stream[at + 4 : at + 4 + size]
