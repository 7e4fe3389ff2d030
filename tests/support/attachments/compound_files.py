"""Write compound files [MS-CFB]: streams in storages, as binary Office files are."""

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
# Shorter streams would need a mini stream.
_LEAST_BYTES = 4096


def write_compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file of streams; a name such as `Pool/WordDocument` puts one into a storage."""
    children: dict[str, list[str]] = {"": []}
    for path in streams:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            own, parent = "/".join(parts[:depth]), "/".join(parts[: depth - 1])
            if own not in children.setdefault(parent, []):
                children[parent].append(own)
    order = [""]
    for path in order:
        order += children.get(path, [])
    starts, sectors, fat = _lay_out(streams)
    entries = b"".join(_entry(path, order, children=children, starts=starts, streams=streams) for path in order)
    directory = [entries[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(entries), _SECTOR)]
    first = len(sectors)
    fat += [first + place + 1 for place in range(len(directory) - 1)] + [_END]
    sectors += directory
    count = -(-(len(fat) + 1) // (_SECTOR // 4 - 1))
    places = list(range(len(sectors), len(sectors) + count))
    fat += [_FAT] * count
    fat += [_FREE] * (count * _SECTOR // 4 - len(fat))
    packed = struct.pack(f"<{len(fat)}I", *fat)
    head = bytearray(b"\xff" * _SECTOR)
    head[:24] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    head[34:40] = bytes(6)
    struct.pack_into("<IIIIIIIII", head, 40, 0, count, first, 0, _LEAST_BYTES, _END, 0, _END, 0)
    struct.pack_into(f"<{count}I", head, 76, *places)
    return bytes(head) + b"".join(sectors) + packed


def _lay_out(streams: dict[str, bytes]) -> tuple[dict[str, int], list[bytes], list[int]]:
    starts: dict[str, int] = {}
    sectors: list[bytes] = []
    fat: list[int] = []
    for path, data in streams.items():
        padded = data.ljust(_LEAST_BYTES, b"\0")
        starts[path] = len(sectors)
        pieces = [padded[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(padded), _SECTOR)]
        fat += [len(sectors) + place + 1 for place in range(len(pieces) - 1)] + [_END]
        sectors += pieces
    return starts, sectors, fat


def _entry(
    path: str, order: list[str], *, children: dict[str, list[str]], starts: dict[str, int], streams: dict[str, bytes]
) -> bytes:
    """Return the directory entry of a stream or storage; each child of a storage is right of the one before it."""
    siblings = next((names for names in children.values() if path in names), [path])
    place = siblings.index(path)
    right = order.index(siblings[place + 1]) if place + 1 < len(siblings) else _FREE
    own = children.get(path, [])
    child = order.index(own[0]) if own else _FREE
    kind = _STREAM if path in streams else _STORAGE if path else _ROOT
    name = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le") + b"\0\0"
    size = max(len(streams[path]), _LEAST_BYTES) if path in streams else 0
    start = starts.get(path, _END if not path else 0)
    entry = name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name), kind, 1, _FREE, right, child)
    return entry.ljust(116, b"\0") + struct.pack("<II", start, size) + bytes(4)
