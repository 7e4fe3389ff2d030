"""A picture whose decoding would cost too much is known by its head, in every format, and is not decoded."""

import resource
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from crawler.media.images import examine_image

# What reading may take beside the bytes of the file.
MEMORY = 300 * 1024**2


def save(mode: str, size: tuple[int, int], kind: str, **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 6) -> bytes:
    """Write a PNG whose head claims dimensions, with one row."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(width))) + chunk(b"IEND", b"")


def icon(picture: bytes) -> bytes:
    """Write an icon whose directory claims 256 pixels each way."""
    return b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(picture), 22) + picture


def webp(form: bytes) -> bytes:
    """Write the head of a WebP file of 16,000 by 9,000 pixels in one of its three forms."""
    head = {
        b"VP8X": b"\x10\0\0\0" + (15999).to_bytes(3, "little") + (8999).to_bytes(3, "little"),
        b"VP8L": b"\x2f" + (15999 | 8999 << 14).to_bytes(4, "little") + bytes(5),
        b"VP8 ": b"\x30\0\0\x9d\x01\x2a" + struct.pack("<HH", 16000, 9000),
    }[form]
    return b"RIFF" + struct.pack("<I", 4 + 8 + len(head)) + b"WEBP" + form + struct.pack("<I", len(head)) + head


def tiff_of_one_tile(side: int) -> bytes:
    """Write a TIFF of 8 by 8 pixels in a tile of `side`."""
    tags = [(256, 8), (257, 8), (258, 8), (259, 8), (262, 1), (277, 1), (322, side), (323, side), (324, 8), (325, 9)]
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + rows + bytes(4)


def bitmap_head(width: int, height: int) -> bytes:
    return struct.pack("<IiiHHIIiiII", 40, width, height * 2, 1, 32, 0, 0, 0, 0, 0, 0)


def one_component_first(data: bytes) -> bytes:
    """Let the first scan of a JPEG have one component, so that a decoder waits for others."""
    at = data.index(b"\xff\xda")
    return data[:at] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + data[at + 14 :]


ICON_ENTRY = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, 99, 38)
HUGE = {
    "png": lambda: png(9_000, 9_000),
    "png-of-16-bits": lambda: png(7_000, 7_000, depth=16),
    "webp": lambda: webp(b"VP8X"),
    "webp-lossless": lambda: webp(b"VP8L"),
    "webp-lossy": lambda: webp(b"VP8 "),
    "avif": lambda: save("RGB", (4_000, 4_000), "AVIF", quality=1, speed=10),
    "icon-of-png": lambda: icon(png(9_000, 9_000)),
    "icon-of-bitmap": lambda: icon(bitmap_head(9_000, 9_000)),
    "icon-twice": lambda: (
        b"\0\0\1\0\2\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, 99, 38) * 2 + png(9_000, 9_000)
    ),
    "tiff": lambda: save("RGB", (9_000, 9_000), "TIFF", compression="tiff_lzw"),
    "tiff-of-one-tile": lambda: tiff_of_one_tile(2**16),
    "jpeg-progressive": lambda: save("RGB", (7_000, 7_000), "JPEG", progressive=True, quality=1),
    "jpeg-of-parts": lambda: one_component_first(save("RGB", (7_000, 7_000), "JPEG", quality=1)),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_picture_that_costs_too_much_is_kept_undrawn(name: str) -> None:
    reading = examine_image(HUGE[name](), None)
    assert (reading.undrawn, reading.thumbnail, reading.refusal) == (True, None, None)
    assert reading.width
    assert reading.height


def test_a_jpeg_of_very_many_scans_is_not_drawn() -> None:
    data = save("RGB", (2_000, 2_000), "JPEG", progressive=True, quality=1)
    at, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    assert not examine_image(data, None).undrawn
    assert examine_image(data[:end] + data[at:end] * 300 + data[end:], None).undrawn


@pytest.mark.parametrize(
    ("mode", "size", "kind"),
    [
        ("RGB", (9_000, 9_000), "JPEG"), ("P", (9_000, 9_000), "GIF"), ("RGB", (4_000, 3_000), "WEBP"),
        ("RGBA", (3_000, 2_000), "WEBP"), ("RGB", (4_000, 3_000), "PNG"), ("RGB", (3_000, 2_000), "AVIF"),
        ("RGB", (6_000, 4_000), "TIFF"), ("RGBA", (256, 256), "ICO"),
    ],
)  # fmt: skip
def test_a_photograph_of_ordinary_size_is_drawn(mode: str, size: tuple[int, int], kind: str) -> None:
    reading = examine_image(save(mode, size, kind), None)
    assert (reading.width, reading.height, reading.undrawn) == (*size, False)
    assert reading.thumbnail is not None


def test_a_progressive_photograph_is_drawn() -> None:
    assert examine_image(save("RGB", (4_000, 3_000), "JPEG", progressive=True), None).thumbnail is not None


LIE = """
import resource, sys
from crawler.media.images import examine_image
from PIL import Image
Image.init()
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]),) * 2)
reading = examine_image(sys.stdin.buffer.read(), None)
print(reading.undrawn, reading.thumbnail, reading.width)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold the limit")
def test_a_picture_that_needs_more_memory_than_there_is_is_kept_undrawn() -> None:
    data = save("RGB", (5_000, 5_000), "PNG")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LIE, str(60 * 1024**2)], input=data, capture_output=True, check=True, cwd=root
    )
    assert done.stdout == b"True None 5000\n"


def test_the_bounds_hold_the_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for size, kind in (((4_000, 3_000), "WEBP"), ((7_000, 7_000), "PNG"), ((3_600, 3_600), "AVIF")):
        examine_image(save("RGB", size, kind), None)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MEMORY
