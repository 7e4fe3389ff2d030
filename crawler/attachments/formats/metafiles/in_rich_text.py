"""Find the metafiles in a Rich Text document (RTF 1.9.1, pictures). Pure."""

import re
from collections.abc import Iterator

_KIND = re.compile(rb"\\(?:emfblip|wmetafile[0-9]{0,3})(?![a-z0-9])")
# Between the kind of a picture and its bytes are its sizes, and groups of its own with names and tags.
_HEAD_BYTES = 4_000
_BYTES = re.compile(rb"[ \r\n}]([0-9a-fA-F]{2}[0-9a-fA-F\r\n\t ]{34,})")
_BINARY = re.compile(rb"\\bin([0-9]{1,9}) ")
_OTHER_PICTURE = b"\\pict"
_WHITE = b"\r\n\t "


def find_metafiles(data: bytes) -> Iterator[bytes]:
    """Give the metafiles of a document in their order; those in the form for older programs too."""
    at = 0
    while kind := _KIND.search(data, at):
        at = kind.end()
        stop = data.find(_OTHER_PICTURE, at, at + _HEAD_BYTES)
        stop = stop if stop > 0 else at + _HEAD_BYTES
        binary = _BINARY.search(data, at, stop)
        if binary is not None:
            picture = data[binary.end() : binary.end() + int(binary[1])]
            at = binary.end() + len(picture)
        else:
            picture, at = _read_hexadecimal(data, at, stop=stop)
        if picture:
            yield picture


def _read_hexadecimal(data: bytes, at: int, *, stop: int) -> tuple[bytes, int]:
    """Return a picture in hexadecimal and where it ends; b"" if none begins before `stop`."""
    begin = _BYTES.search(data, at, stop)
    if begin is None:
        return b"", at
    end = data.find(b"}", begin.start(1))
    digits = data[begin.start(1) : end if end > 0 else len(data)].translate(None, _WHITE)
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii")), begin.start(1) + len(digits)
    except ValueError:
        return b"", at
