"""Find the files with a password in a RAR 5 archive (RAR 5.0 archive format, rarlab.com/technote.htm). Pure.

libarchive before 3.7 passes over that mark, and gives the locked bytes as if they were the file.
"""

from collections.abc import Iterator

_MARK = b"Rar!\x1a\x07\x01\x00"
_FILE, _ARCHIVE_LOCKED = 2, 4
_HAS_EXTRA, _HAS_DATA = 0x1, 0x2
_LOCK_RECORD = 1
_CHECKSUM_BYTES = 4
_LONGEST_NUMBER = 10


def list_locks(data: bytes) -> list[bool]:
    """Return for each file and folder of a RAR 5 archive whether it has a password; [] for any other archive."""
    try:
        return list(_read_blocks(data))
    except IndexError:
        return []


def _read_blocks(data: bytes) -> Iterator[bool]:
    at = len(_MARK) if data.startswith(_MARK) else len(data)
    while at + _CHECKSUM_BYTES < len(data):
        size, start = _read_number(data, at + _CHECKSUM_BYTES)
        end = start + size
        kind, at = _read_number(data, start)
        flags, at = _read_number(data, at)
        extra, at = _read_number(data, at) if flags & _HAS_EXTRA else (0, at)
        packed, at = _read_number(data, at) if flags & _HAS_DATA else (0, at)
        if kind == _ARCHIVE_LOCKED:
            # The headers of all files are locked too.
            return
        if kind == _FILE:
            yield _has_lock(data[end - extra : end])
        at = end + packed


def _has_lock(records: bytes) -> bool:
    at = 0
    while at < len(records):
        size, start = _read_number(records, at)
        kind, _ = _read_number(records, start)
        if kind == _LOCK_RECORD:
            return True
        at = start + max(size, 1)
    return False


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number in groups of seven bits, and the place after it."""
    value = 0
    for place in range(_LONGEST_NUMBER):
        value |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:
            return value, at + place + 1
    raise IndexError
