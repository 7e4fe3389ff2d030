"""Write RAR archives of unpacked files, in the formats of RAR 4 and RAR 5 (technote.txt of WinRAR)."""

import struct
import zlib

_MARK_4, _MARK_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


def write_rar_4(files: dict[str, bytes], *, is_locked: bool = False) -> bytes:
    """Return a RAR 4 archive; names beyond ASCII in UTF-8; `is_locked` encrypts the files."""
    out = _MARK_4 + _block_4(0x73, 0, bytes(6))
    for name, data in files.items():
        raw = name.encode()
        flags = 0x8000 | (0x4 if is_locked else 0)
        body = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0, 29, 0x30, len(raw), 0o100644)
        out += _block_4(0x74, flags, body + raw) + (_scramble(data) if is_locked else data)
    return out + _block_4(0x7B, 0x4000, b"")


def _block_4(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def write_rar_5(files: dict[str, bytes], *, is_locked: bool = False) -> bytes:
    """Return a RAR 5 archive; `is_locked` gives each file an encryption record."""
    out = _MARK_5 + _block_5(_number(1) + _number(0) + _number(0))
    for name, data in files.items():
        raw = name.encode()
        extra = b""
        if is_locked:
            record = _number(1) + _number(0) + _number(0) + b"\x0f" + bytes(32)
            extra = _number(len(record)) + record
        flags = 0x2 | (0x1 if extra else 0)
        body = _number(2) + _number(flags) + (_number(len(extra)) if extra else b"") + _number(len(data))
        body += _number(0x4) + _number(len(data)) + _number(0o100644) + struct.pack("<I", zlib.crc32(data))
        body += _number(0) + _number(1) + _number(len(raw)) + raw + extra
        out += _block_5(body) + (_scramble(data) if is_locked else data)
    return out + _block_5(_number(5) + _number(0) + _number(0))


def _block_5(body: bytes) -> bytes:
    head = _number(len(body)) + body
    return struct.pack("<I", zlib.crc32(head)) + head


def _scramble(data: bytes) -> bytes:
    return bytes(255 - byte for byte in data)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
