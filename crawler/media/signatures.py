"""The first bytes of every file format that the archive knows. The only table of them; it loads no library."""

PDF = b"%PDF-"

# No entry is the beginning of another.
_SIGNATURES = (
    (PDF, "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"true", "font/ttf"),
    (b"OTTO", "font/otf"),
)


def sniff_media_type(data: bytes) -> str | None:
    r"""Return the media type of a file by its first bytes; None if they are not in the table.

    Two letters (BMP) or a word (TTF) can also begin a plain text: a caller accepts only the types that it expects.

    >>> sniff_media_type(b"GIF89a"), sniff_media_type(b"RIFF\0\0\0\0WEBPVP8 "), sniff_media_type(b"<html>")
    ('image/gif', 'image/webp', None)
    """
    if data[:4] == b"RIFF":  # a container; also of sound and films
        return "image/webp" if data[8:12] == b"WEBP" else None
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return next((media_type for first, media_type in _SIGNATURES if data.startswith(first)), None)
