"""Writes a Word document of the binary kind, as small as Debian's readers accept, for tests of the texts room."""

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def write_doc(text: str) -> bytes:
    """Give a .doc (Word 97) with these letters; paragraphs end with line feed."""
    letters = text.replace("\n", "\r").encode("utf-16-le")
    count = len(letters) // 2
    start = 2048
    fib = bytearray(start)
    struct.pack_into("<HHHHHHH", fib, 0, 0xA5EC, 0x00C1, 0, 0x042A, 0, 0x0200 | 0x1000, 0x00BF)
    struct.pack_into("<II", fib, 0x18, start, start + len(letters))
    struct.pack_into("<H", fib, 0x20, 14)
    struct.pack_into("<H", fib, 0x3E, 22)
    struct.pack_into("<II", fib, 0x40, start + len(letters), 0)
    struct.pack_into("<I", fib, 0x4C, count)
    struct.pack_into("<H", fib, 0x98, 0x5D)
    # The piece table (MS-DOC 2.9.38): one piece of all letters, two bytes each.
    pieces = struct.pack("<II", 0, count) + struct.pack("<HIH", 0, start, 0)
    table = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", fib, 0x1A2, 0, len(table))
    return _write_compound({"WordDocument": bytes(fib) + letters, "1Table": table})


def _write_compound(streams: dict[str, bytes]) -> bytes:
    """Write a compound file [MS-CFB] of streams, each long enough to need no mini stream."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors: list[bytes] = []
    fat: list[int] = []
    starts = {}
    for name, data in padded.items():
        starts[name] = len(sectors)
        chunks = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
        fat += [len(sectors) + place + 1 for place in range(len(chunks) - 1)] + [_END]
        sectors += chunks
    directory = len(sectors)
    names = list(padded)
    entries = [_entry("Root Entry", 5, child=1, start=_END, size=0)]
    for place, name in enumerate(names):
        right = place + 2 if place + 1 < len(names) else _FREE
        entries.append(_entry(name, 2, right=right, start=starts[name], size=len(padded[name])))
    listing = b"".join(entries).ljust(_SECTOR, b"\0")
    sectors.append(listing)
    fat += [_END, _FAT]
    sectors.append(struct.pack(f"<{_SECTOR // 4}I", *fat, *[_FREE] * (_SECTOR // 4 - len(fat))))
    head = bytearray(b"\xff" * _SECTOR)
    head[:24] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    head[34:40] = bytes(6)
    struct.pack_into("<IIIIIIIII", head, 40, 0, 1, directory, 0, 4096, _END, 0, _END, 0)
    struct.pack_into("<I", head, 76, len(sectors) - 1)
    return bytes(head) + b"".join(sectors)


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    entry = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
    return entry.ljust(116, b"\0") + struct.pack("<II", start, size) + bytes(4)
