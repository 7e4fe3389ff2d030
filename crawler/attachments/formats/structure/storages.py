"""Make a compound file [MS-CFB] of its own from a storage of another: a document that is set in a document. Pure."""

import struct

_SECTOR, _NUMBERS_A_SECTOR = 512, 128
_FREE, _END, _IS_TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STREAM, _ROOT = 2, 5
_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The header lists this many sectors of the table. More than these hold, 7 MiB, would need a list of lists.
_MOST_TABLES = 109
_MOST_NAME, _LEAST_BYTES = 31, 4096


def pack_storage(streams: dict[str, bytes]) -> bytes | None:
    """Return a compound file with these streams in its root; None if they are too large for a plain one.

    Shorter streams than 4,096 bytes are filled up with zeros: they would need a stream of their own for small ones.
    """
    sectors: list[bytes] = []
    table: list[int] = []
    entries = [_write_entry("Root Entry", _ROOT, start=_END, size=0, right=_FREE, child=1 if streams else _FREE)]
    for number, (name, data) in enumerate(streams.items(), 1):
        right = number + 1 if number < len(streams) else _FREE
        filled = data.ljust(_LEAST_BYTES, b"\0")
        start = _add(sectors, table, data=filled)
        entries.append(_write_entry(name, _STREAM, start=start, size=len(filled), right=right, child=_FREE))
    directory = _add(sectors, table, data=b"".join(entries))
    count = -(-len(table) // (_NUMBERS_A_SECTOR - 1))
    if count > _MOST_TABLES:
        return None
    places = range(len(table), len(table) + count)
    table += [_IS_TABLE] * count
    table += [_FREE] * (count * _NUMBERS_A_SECTOR - len(table))
    header = _MAGIC + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, count, directory, 0, _LEAST_BYTES, _END, 0, _END, 0)
    listed = [*places, *[_FREE] * (_MOST_TABLES - count)]
    return b"".join((header, struct.pack("<109I", *listed), *sectors, struct.pack(f"<{len(table)}I", *table)))


def _add(sectors: list[bytes], table: list[int], *, data: bytes) -> int:
    """Put a stream after the others; return its first sector."""
    first = len(sectors)
    pieces = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
    sectors += pieces
    table += [*range(first + 1, first + len(pieces)), _END]
    return first


def _write_entry(name: str, kind: int, *, start: int, size: int, right: int, child: int) -> bytes:
    """Write an entry of the directory; each stream is right of the one before."""
    letters = name[:_MOST_NAME].encode("utf-16-le") + b"\0\0"
    entry = letters.ljust(64, b"\0") + struct.pack("<HBBIII", len(letters), kind, 1, _FREE, right, child)
    return entry.ljust(116, b"\0") + struct.pack("<IQ", start, size)
