"""Find the kind of a document by its structure, not by a word in it, its name or the header of the answer. Pure."""

import re
from pathlib import PurePosixPath
from typing import Literal, cast

from crawler.attachments.formats.encodings import decode_text
from crawler.attachments.formats.structure.compound import find_compound_kind
from crawler.attachments.formats.structure.foreign import find_foreign
from crawler.attachments.formats.structure.markup import find_markup_kind
from crawler.attachments.formats.structure.packages import find_cut_kind, find_package_kind
from crawler.media.signatures import PDF, sniff_media_type

Kind = Literal[
    "pdf", "docx", "xlsx", "xlsb", "pptx", "odf", "flat-odf", "doc", "xls", "ppt", "rtf", "html", "mht", "xps",
    "wordml", "sheetml", "flat-opc", "xml", "epub", "message", "mail", "zip", "packed", "picture", "plain", "locked",
    "foreign", "other",
]  # fmt: skip

# What the OCR program opens.
_PICTURES = frozenset(f"image/{name}" for name in ("jpeg", "png", "tiff", "gif", "webp"))
# A file of JPEG 2000, which scanners write, and its bare stream (ISO/IEC 15444-1, annexes I and A).
_JPEG_2000 = (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
_ZIP, _OLE, _RAR = "application/zip", "application/x-ole-storage", "application/vnd.rar"
# A reader accepts a PDF whose header comes within the first KiB (ISO 32000-1, annex H).
_PDF_HEADER_BYTES = 1024
_PDF_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
# Damage took the header, not the first object.
_PDF_WITHOUT_HEADER = re.compile(rb"(?:%[^\r\n]{0,20}[\r\n ]+){0,2}\d+ \d+ obj\s*<<")
_PDF_WORDS = re.compile(rb"\b(?:endobj|endstream|startxref|trailer)\b|%%EOF")
# Streams of Word and Excel from before compound files.
_BARE_STREAMS: tuple[tuple[bytes, Kind], ...] = (
    (b"\x31\xbe\x00\x00", "doc"), (b"\xdb\xa5\x2d\x00", "doc"), (b"\x09\x00\x04\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"), (b"\x09\x04\x06\x00", "xls"), (b"\x09\x08\x08\x00", "xls"),
    (b"\x09\x08\x10\x00", "xls"),
)  # fmt: skip
# Archives and compressed files that are not zip files.
_PACKED = (
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"RE~^",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF\x00\x00\x00\x00",
)
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
# A program that unpacks itself is a program with a zip after it.
_PROGRAM = b"MZ"
# What damage left without a directory is what its name says.
_BY_SUFFIX: dict[str, Kind] = {
    ".doc": "doc", ".dot": "doc", ".xls": "xls", ".xlt": "xls", ".ppt": "ppt", ".pps": "ppt", ".docx": "docx",
    ".docm": "docx", ".dotx": "docx", ".dotm": "docx", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xltx": "xlsx",
    ".xltm": "xlsx", ".xlsb": "xlsb", ".pptx": "pptx", ".pptm": "pptx", ".ppsx": "pptx", ".potx": "pptx",
    ".pot": "ppt", ".odt": "odf", ".ods": "odf", ".odp": "odf", ".ott": "odf", ".ots": "odf", ".otp": "odf",
}  # fmt: skip
# What may be a document that LibreOffice alone reads. Some programs pack theirs as an archive of parts.
_NO_DOCUMENTS = frozenset(("other", "zip"))
_PLAIN_SUFFIXES = frozenset((".txt", ".csv", ".tsv", ".log", ".md"))
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TEXT_SAMPLE_BYTES = 64 * 1024
_LEAD_BYTES = 256
_AFTER_LEAD = (
    b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"%PDF-",
    b"\x89PNG\r\n", b"\xff\xd8\xff",
)  # fmt: skip


def strip_lead(data: bytes) -> bytes:
    r"""Return a file without the blank lines that a portal's script sent before it.

    >>> strip_lead(b"\xef\xbb\xbf\r\n\r\nPK\x03\x04..."), strip_lead(b"\n  text")
    (b'PK\x03\x04...', b'\n  text')
    """
    start = data[:_LEAD_BYTES].removeprefix(_TEXT_MARKS[0]).lstrip(b"\r\n\t ")
    if len(start) < len(data[:_LEAD_BYTES]) and start.startswith(_AFTER_LEAD):
        return data[data.index(start) :]
    return data


def find_kind(data: bytes, name: str) -> Kind:
    r"""Return the kind of a document. Its name decides only where its bytes leave it open.

    >>> find_kind(b"%PDF-1.4 ...", "a.doc"), find_kind(b"{\\rtf1 ", "a.doc"), find_kind(b"tin", "a.txt")
    ('pdf', 'rtf', 'plain')
    """
    kind = _find_own_kind(data, PurePosixPath(name.lower()).suffix)
    return "foreign" if kind in _NO_DOCUMENTS and find_foreign(data, name) is not None else kind


def _find_own_kind(data: bytes, suffix: str) -> Kind:
    if data.startswith(PDF):
        return "pdf"
    known = _find_by_beginning(data, suffix)
    if known is not None:
        return known
    if data.startswith(_PROGRAM):
        return "zip" if find_package_kind(data) is not None else "other"
    if PDF in data[:_PDF_HEADER_BYTES] and _PDF_OBJECT.search(data):
        return "pdf"
    if _PDF_WITHOUT_HEADER.match(data) and b"endobj" in data:
        return "pdf"
    markup = find_markup_kind(data)
    if markup is not None:
        return "plain" if markup == "xml" and suffix in _PLAIN_SUFFIXES else cast(Kind, markup)
    if data.startswith(_JPEG_2000) or (data.startswith(b"BM") and data[6:10] == bytes(4)):
        return "picture"
    if suffix in _PLAIN_SUFFIXES or data.startswith(_TEXT_MARKS):
        return "plain"
    is_named = suffix in _BY_SUFFIX or suffix == ".rtf" or (suffix == ".pdf" and not _PDF_WORDS.search(data))
    return "plain" if is_named and _is_text(data) else "other"


def _find_by_beginning(data: bytes, suffix: str) -> Kind | None:
    sniffed = sniff_media_type(data)
    if sniffed == _ZIP or data.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        # A zip that was cut has no directory.
        return (
            cast(Kind, find_package_kind(data))
            or cast(Kind, find_cut_kind(data))
            or _of_damaged(suffix, ("docx", "xlsx", "xlsb", "pptx", "odf"))
            or "packed"
        )
    if sniffed == _OLE:
        return cast(Kind, find_compound_kind(data)) or _of_damaged(suffix, ("doc", "xls", "ppt")) or "other"
    if sniffed == _RAR or data.startswith(_PACKED) or data[_TAR_MARK_AT:].startswith(_TAR_MARK):
        return "packed"
    if sniffed == "application/rtf":
        return "rtf"
    if sniffed in _PICTURES:
        return "picture"
    return next((kind for first, kind in _BARE_STREAMS if data.startswith(first)), None)


def _of_damaged(suffix: str, kinds: tuple[Kind, ...]) -> Kind | None:
    kind = _BY_SUFFIX.get(suffix)
    return kind if kind in kinds else None


def _is_text(data: bytes) -> bool:
    """True if bytes have no control characters but white space and escapes; some programs name a text so."""
    sample = decode_text(data[:_TEXT_SAMPLE_BYTES]).text.encode() if 0 in data[:_TEXT_SAMPLE_BYTES] else data
    sample = sample[:_TEXT_SAMPLE_BYTES]
    return bool(sample) and not any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in sample)
