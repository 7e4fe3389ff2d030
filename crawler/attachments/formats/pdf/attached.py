"""Read a PDF file with the files that are attached to it. The page of a portfolio says only that there are some."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pypdfium2

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.embedded import ReadWithin, name_unread, read_embedded
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pages import MAX_CHARACTERS
from crawler.attachments.formats.pdf.document import read_pdf

# A name tree that refers to itself is long.
_MOST = 100
# PDFium unpacks a file in memory. Its process dies where there is not enough: then the text of the PDF is lost, too.
_MOST_BYTES = 100 * 1024**2
_STREAM = re.compile(rb"/EmbeddedFile\b(?:(?!stream).){0,2000}stream\r?\n", re.DOTALL)


def read_pdf_and_attached(data: bytes, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    """Read a PDF file, and after its text each document that is attached to it, by its name.

    Args:
        data: its bytes.
        recogniser: for its scans.
        read: reads an attached document by its bytes and name.
    """
    reading = read_pdf(data, recogniser)
    if _unpacks_too_far(data):
        note = name_unread(["attached files (too-large)"])
        return replace(reading, detail="; ".join(filter(None, (reading.detail, note))))
    doubts = dict.fromkeys(reading.doubts)

    def read_named(within: bytes, name: str) -> TextReading:
        got = read(within, name)
        doubts.update(dict.fromkeys(got.doubts))
        return replace(got, text=f"{name}\n{got.text}") if got.text else got

    within = read_embedded(_find_attached(data), read_named)
    note = "; ".join(filter(None, (reading.detail, name_unread(within.unread)))) or None
    if not within.texts:
        return replace(reading, detail=note)
    text = "\n\n".join(filter(None, (reading.text, *within.texts)))
    return replace(
        reading, text=text[:MAX_CHARACTERS], method=reading.method or "pdf", reason=None, detail=note,
        doubts=tuple(doubts), is_cut=reading.is_cut or len(text) > MAX_CHARACTERS,
    )  # fmt: skip


def _unpacks_too_far(data: bytes) -> bool:
    """Return whether the attached files together are larger than `_MOST_BYTES`; what is encrypted is not known."""
    left = _MOST_BYTES
    for found in _STREAM.finditer(data):
        with suppress(zlib.error):
            left -= len(zlib.decompressobj().decompress(memoryview(data)[found.end() :], left))
        if left <= 0:
            return True
    return False


def _find_attached(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return
    with document:
        for place in range(min(document.count_attachments(), _MOST)):
            with suppress(pypdfium2.PdfiumError, RuntimeError):
                attached = document.get_attachment(place)
                yield attached.get_name(), bytes(attached.get_data())
