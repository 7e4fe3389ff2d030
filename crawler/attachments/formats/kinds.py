"""Find the kind of a document by its bytes, not by its name or by the header of the answer. Pure."""

import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from typing import Literal

from crawler.media.signatures import PDF, sniff_media_type

Kind = Literal["pdf", "docx", "xlsx", "pptx", "odf", "doc", "xls", "ppt", "rtf", "picture", "plain", "locked", "other"]

# What the OCR program opens.
_PICTURES = frozenset(f"image/{name}" for name in ("jpeg", "png", "tiff", "bmp", "gif", "webp"))
# Names of streams in the directory of a compound file [MS-CFB 2.6.4].
_OLE_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("EncryptedPackage", "locked"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)  # fmt: skip
_PLAIN_SUFFIXES = frozenset((".txt", ".csv", ".tsv"))
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def find_kind(data: bytes, name: str) -> Kind:
    r"""Return the kind of a document. Its name decides only if the bytes have no known beginning: plain text or not.

    >>> find_kind(b"%PDF-1.4 ...", "a.doc"), find_kind(b"{\\rtf1 ", "a.doc"), find_kind(b"tin", "a.txt")
    ('pdf', 'rtf', 'plain')
    """
    if PDF in data[:1024]:  # some files begin with other bytes
        return "pdf"
    media_type = sniff_media_type(data)
    if media_type == "application/zip":
        return _find_package(data)
    if media_type == "application/x-ole-storage":
        return next((kind for stream, kind in _OLE_STREAMS if stream.encode("utf-16-le") in data), "other")
    if media_type == "application/rtf":
        return "rtf"
    if media_type in _PICTURES:
        return "picture"
    is_named_so = PurePosixPath(name.lower()).suffix in _PLAIN_SUFFIXES
    return "plain" if is_named_so or data.startswith(_TEXT_MARKS) else "other"


def _find_package(data: bytes) -> Kind:
    """Return the kind of a zip package by the parts it holds (ECMA-376, ODF 1.3); `other` if it is no document."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "other"
    for part, kind in (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx")):
        if part in names:
            return kind  # type: ignore[return-value]
    return "odf" if {"mimetype", "content.xml"} <= names else "other"
