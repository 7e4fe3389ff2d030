"""Write metafiles: words at their places, in fonts (EMF [MS-EMF], WMF [MS-WMF])."""

import struct
from collections.abc import Sequence

Text = tuple[str, int, int]  # letters, left, base


def emf_record(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 8 + len(body)) + body


def emf_text(text: str, left: int, base: int, *, width: int = 10, flags: int = 0) -> bytes:
    """Write a text whose letters are each so wide; 0 leaves their widths out."""
    letters = text.encode("utf-16-le")
    letters += bytes(len(letters) % 4)
    widths = struct.pack(f"<{len(text)}i", *(width for _ in text)) if width else b""
    at = 76
    head = struct.pack("<16xIffii3I16xI", 1, 1, 1, left, base, len(text), at, flags, at + len(letters) if width else 0)
    return emf_record(84, head + letters + widths)


def emf_font(name: str, height: int = 20) -> bytes:
    """Write a font, and that it is used from here."""
    face = struct.pack("<i", -height) + bytes(24) + name.encode("utf-16-le").ljust(64, b"\0")
    return emf_record(82, struct.pack("<I", 1) + face) + emf_record(37, struct.pack("<I", 1))


def write_emf(*records: bytes) -> bytes:
    """Return an Enhanced Metafile of these records."""
    head = emf_record(1, bytes(32) + b" EMF" + bytes(44))
    return head + b"".join(records) + emf_record(14, bytes(12))


def plus_comment(*texts: Text) -> bytes:
    """Write the texts as commands of GDI+ in a comment."""
    strings = b""
    for text, left, top in texts:
        letters = text.encode("utf-16-le") + bytes(2 * len(text) % 4)
        body = struct.pack("<III4f", 0, 0, len(text), left, top, 10.0 * len(text), 20.0) + letters
        strings += struct.pack("<HHII", 0x401C, 0, 12 + len(body), len(body)) + body
    return emf_record(70, struct.pack("<I", 4 + len(strings)) + b"EMF+" + strings)


def write_wmf(texts: Sequence[Text], *, font: bytes = b"Arial", charset: int = 0, codec: str = "cp1252") -> bytes:
    """Return a Windows Metafile of these texts in one font."""
    face = struct.pack("<hhhhhBBBBBBBB", -20, 0, 0, 0, 400, 0, 0, 0, charset, 0, 0, 0, 0) + font + b"\0"
    records = _wmf_record(0x02FC, bytes(8)) + _wmf_record(0x02FB, face) + _wmf_record(0x012D, struct.pack("<H", 1))
    for text, left, base in texts:
        letters = text.encode(codec)
        place = struct.pack("<hhHH", base, left, len(letters), 0)
        widths = struct.pack(f"<{len(letters)}h", *(10 for _ in letters))
        records += _wmf_record(0x0A32, place + letters + bytes(len(letters) % 2) + widths)
    return b"\x01\0\x09\0\0\x03" + bytes(12) + records + _wmf_record(0, b"")


def _wmf_record(function: int, content: bytes) -> bytes:
    content += bytes(len(content) % 2)
    return struct.pack("<IH", 3 + len(content) // 2, function) + content
