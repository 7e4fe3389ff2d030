"""Read the documents that are set in a document or on a slide: a table of Excel, a page of Word."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

import olefile

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.structure.storages import pack_storage

OFFICE_KINDS = frozenset(("docx", "xlsx", "xlsb", "pptx", "odf", "doc", "xls", "ppt", "rtf", "locked"))
# The stream of a compound file in which newer documents lie.
_WITHIN = "Package"
_MOST = 100
# Streams that are a whole document outside of their compound file: a workbook, a newer document.
_WHOLE = ("Workbook", "Book", _WITHIN)
# Streams of documents that need those beside them.
_PARTED = ("WordDocument", "PowerPoint Document")

ReadWithin = Callable[[bytes, str], TextReading]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The texts of the documents within another, and those that were not read: name and reason."""

    texts: list[str]
    unread: list[str]


def read_embedded(
    objects: Iterable[tuple[str, bytes]], read: ReadWithin, *, kinds: Collection[str] = OFFICE_KINDS
) -> Embedded:
    """Read the documents among the objects of a document. Others (equations, sounds) have no text.

    Args:
        objects: their names and bytes.
        read: reads a document by its bytes and name.
        kinds: of documents that are read.
    """
    texts: list[str] = []
    unread: list[str] = []
    for number, (name, held) in enumerate(objects):
        data = _unwrap(held)
        if find_kind(data, name) not in kinds:
            continue
        reading = read(data, name) if number < _MOST else TextReading(reason="too-large")
        texts += [reading.text] if reading.text else []
        unread += [f"{name} ({reading.reason})"] if reading.reason not in (None, "no-text") else []
    return Embedded(texts, unread)


def find_stored(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the documents that are stored within a binary document, each by its storage's name."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            paths = compound.listdir(streams=True, storages=False)
            for path in paths:
                if len(path) == 1:
                    continue
                if path[-1] in _WHOLE:
                    yield path[-2], compound.openstream(path).read()
                elif path[-1] in _PARTED:
                    beside = [one for one in paths if one[:-1] == path[:-1]]
                    packed = pack_storage({one[-1]: compound.openstream(one).read() for one in beside})
                    yield path[-2], packed or b""
    except Exception:  # a damaged file raises whatever its damage leads to
        return


def name_unread(unread: Iterable[str]) -> str | None:
    """Return the note for `TextReading.detail` on documents that were not read; None if all were.

    >>> name_unread(["bang.xlsx (encrypted)"]), name_unread([])
    ('documents within, not read: bang.xlsx (encrypted)', None)
    """
    names = ", ".join(unread)
    return f"documents within, not read: {names}" if names else None


def _unwrap(data: bytes) -> bytes:
    """Return the newer document that is in a compound file; the file itself if there is none."""
    if not data.startswith(olefile.MAGIC):
        return data
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            return compound.openstream(_WITHIN).read() if compound.exists(_WITHIN) else data
    except Exception:  # a damaged file raises whatever its damage leads to
        return data
