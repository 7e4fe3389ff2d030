r"""Check whether a file has the end mark of its format. A truncated file lacks it.

>>> has_end_mark(b"GIF89a...\x3b"), has_end_mark(b"GIF89a..."), has_end_mark(b"plain text")
(True, False, None)
"""

import re

from crawler.media.signatures import PDF, sniff_media_type

PDF_TYPE, ZIP_TYPE = "application/pdf", "application/zip"
# A reader accepts a PDF whose header comes within the first KiB (ISO 32000-1, annex H).
PDF_HEADER_BYTES = 1024
# A ZIP's directory ends with a record of 22 bytes and a comment of at most 65,535.
TAIL_BYTES = 66_000
_PDF_TAIL_BYTES = 16_384
# The most bytes that cameras and editors write after the end of a picture.
_PICTURE_TAIL_BYTES = 4_096
_WITH_END = frozenset((ZIP_TYPE, "image/jpeg", "image/png", "image/gif", "image/webp"))
_JPEG_SCAN, _JPEG_END = b"\xff\xda", b"\xff\xd9"
_PDF_END = re.compile(rb"%%EOF|startxref")


def has_end_mark(data: bytes, *, size: int | None = None) -> bool | None:
    """Return whether a file has the end mark of its format; None if the format has none, or is unknown.

    Args:
        data: the file, or its beginning and its end.
        size: how many bytes the file has, if `data` is not all of it. A WebP states its length instead of an end.
    """
    kind = sniff_media_type(data)
    if kind not in _WITH_END and PDF in data[:PDF_HEADER_BYTES]:
        # A ZIP file that stores a PDF uncompressed is a ZIP file.
        kind = PDF_TYPE
    if kind == PDF_TYPE:
        return _PDF_END.search(data[-_PDF_TAIL_BYTES:]) is not None
    if kind == ZIP_TYPE:
        return b"PK\x05\x06" in data[-TAIL_BYTES:]
    if kind == "image/jpeg":
        # Inside the coded picture, FF is never followed by D9. A small picture before it has an end of its own.
        return _JPEG_END in data[-_PICTURE_TAIL_BYTES:] or data.rfind(_JPEG_END) > data.rfind(_JPEG_SCAN)
    if kind == "image/png":
        return b"IEND" in data[-_PICTURE_TAIL_BYTES:]
    if kind == "image/gif":
        return data.rstrip(b"\0\r\n").endswith(b"\x3b")
    if kind == "image/webp":
        # The length counts from its own end; some writers leave out the last byte, which only makes it even.
        return (len(data) if size is None else size) + 1 >= int.from_bytes(data[4:8], "little") + 8
    return None
