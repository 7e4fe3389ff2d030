"""Unpack the documents that are set on slides of a binary presentation [MS-PPT 2.10.34]. Pure."""

import struct
import zlib

# A record says the size of what it unpacks to; it may lie.
_MOST_BYTES = 100 * 1024**2
_PACKED = 1  # instance of a record that holds an object packed


def unpack_object(content: bytes, *, instance: int) -> bytes:
    """Return the compound file that a record of an object holds; b"" if it is damaged or too large."""
    if instance != _PACKED:
        return content
    if len(content) < 4 or struct.unpack_from("<I", content)[0] > _MOST_BYTES:
        return b""
    try:
        return zlib.decompressobj().decompress(content[4:], _MOST_BYTES)
    except zlib.error:
        return b""
