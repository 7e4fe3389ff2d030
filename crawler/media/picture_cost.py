"""Estimate the cost of decoding a picture from its header, before any pixel is decoded.

A file of some hundred bytes can claim pixels for gigabytes. The limits are counts, so a rebuild decides the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, TiffImagePlugin

from crawler.media.signatures import sniff_media_type

# A picture of more pixels is recorded but not decoded, in any format.
MAX_PIXELS = 100_000_000
# The memory that a decoder may need. Photographs of 12 megapixels stay below it in every format.
MAX_DECODED_BYTES = 210_000_000
# A decoder passes over the pixels of a JPEG once for each scan. Ten scans are common.
MAX_SCANNED_PIXELS = 1_000_000_000

# Bytes per pixel that a decoder needs besides Pillow's own picture: by the memory peak on pictures of 25 and 99
# megapixels, rounded up (measured with Pillow 12).
_DECODER_BYTES = {"WEBP": 12, "AVIF": 12, "TIFF": 4, "ICO": 8}
# Pillow's own bytes per pixel, by mode. A picture with transparency is copied once more while it is scaled down.
_MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "RGB": 4, "YCbCr": 4, "CMYK": 4, "I": 4, "F": 4}
_OTHER_BYTES = 8
# Bytes per coefficient of a JPEG of several scans: the decoder keeps them all until the last scan.
_COEFFICIENT_BYTES = 2

_HEAD_BYTES = 30
_ICON_HEAD_BYTES, _ICON_ENTRY_BYTES = 6, 16
_CHUNK_BYTES = 256 * 1024
# Markers of a JPEG (ITU-T T.81, table B.1) without a length: TEM, RST0-7, SOI.
_BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD9)))
_START_OF_SCAN = b"\xff\xda"


def may_decode(image: Image.Image, stream: BinaryIO) -> bool:
    """Return whether a picture that was opened, but not decoded, is within the limits."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        return False
    if image.format in ("JPEG", "MPO"):
        return _may_decode_jpeg(image, stream)
    each = _DECODER_BYTES.get(image.format or "", 0) + _MODE_BYTES.get(image.mode, _OTHER_BYTES)
    return max(width * height, _tile_pixels(image)) * each <= MAX_DECODED_BYTES


@dataclass(frozen=True, slots=True)
class StatedSize:
    """The largest picture that a file claims to hold, of a format whose decoder takes memory when it is opened."""

    media_type: str
    width: int
    height: int
    bytes_each: int

    @property
    def is_too_large(self) -> bool:
        """Return whether opening the file would cost too much."""
        return self.width * self.height * self.bytes_each > MAX_DECODED_BYTES


def read_claim(stream: BinaryIO) -> StatedSize | None:
    """Read the claim of a WebP file or an icon before it is opened. None for other formats, and without dimensions."""
    start = stream.read(_HEAD_BYTES)
    kind = sniff_media_type(start)
    sizes = [_size_of_webp(start)] if kind == "image/webp" else []
    if kind == "image/x-icon":
        sizes = list(_sizes_in_icon(stream, count=int.from_bytes(start[4:6], "little")))
    stream.seek(0)
    width, height = max(
        (size for size in sizes if size is not None), key=lambda size: size[0] * size[1], default=(0, 0)
    )
    if kind is None or not width * height:
        return None
    return StatedSize(
        kind, width, height, _DECODER_BYTES["WEBP" if kind == "image/webp" else "ICO"] + _MODE_BYTES["RGB"]
    )


def _size_of_webp(start: bytes) -> tuple[int, int] | None:
    r"""Read width and height of a WebP file from its first 30 bytes (RFC 9649); None if they are missing.

    >>> _size_of_webp(b"RIFF....WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\x27\0\xf3\x01\0")
    (10000, 500)
    """
    kind = start[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(start[26:28], "little") & 0x3FFF, int.from_bytes(start[28:30], "little") & 0x3FFF
    return None


def _sizes_in_icon(stream: BinaryIO, *, count: int) -> Iterator[tuple[int, int]]:
    """Yield the sizes of the pictures in an icon from their own headers: the icon's directory may state less."""
    for number in range(count):
        stream.seek(_ICON_HEAD_BYTES + number * _ICON_ENTRY_BYTES)
        entry = stream.read(_ICON_ENTRY_BYTES)
        if len(entry) < _ICON_ENTRY_BYTES:
            return
        stream.seek(int.from_bytes(entry[12:], "little"))
        head = stream.read(_HEAD_BYTES)
        if sniff_media_type(head) == "image/png":
            yield int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        else:  # a bitmap without file header; its height counts the mask
            width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (4, 8))
            yield abs(width), abs(height)


def _tile_pixels(image: Image.Image) -> int:
    """Return the pixels of one tile of a TIFF, which may be larger than its picture; 0 for other formats."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0
    tags = image.tag_v2
    sides = (tags.get(TiffImagePlugin.TILEWIDTH, 0), tags.get(TiffImagePlugin.TILELENGTH, 0))
    width, height = (side if isinstance(side, int) else MAX_PIXELS for side in sides)
    return width * height


def _may_decode_jpeg(image: Image.Image, stream: BinaryIO) -> bool:
    """Return whether a JPEG may be decoded: one scan row by row at an eighth of its size, several scans as a whole."""
    scan = _find_scan(stream)
    bands = len(image.getbands())
    if scan is None or (not image.info.get("progressive") and scan >= bands):
        return True
    pixels = image.size[0] * image.size[1]
    if pixels * bands * _COEFFICIENT_BYTES > MAX_DECODED_BYTES:
        return False
    return pixels * _count_scans(stream) <= MAX_SCANNED_PIXELS


def _find_scan(stream: BinaryIO) -> int | None:
    """Go to the first scan of a JPEG and return the number of its components; None if there is none."""
    stream.seek(2)
    while True:
        byte = stream.read(1)
        if byte != b"\xff":
            if not byte:
                return None
            continue
        while byte == b"\xff":
            byte = stream.read(1)
        if not byte:
            return None
        if byte[0] in _BARE_MARKERS or byte == b"\0":
            continue
        length = int.from_bytes(stream.read(2), "big")
        if byte == _START_OF_SCAN[1:]:
            return int.from_bytes(stream.read(1), "big")
        stream.seek(max(0, length - 2), 1)


def _count_scans(stream: BinaryIO) -> int:
    """Count the scans, from after the header of the first. The two bytes of the marker are not in coded data."""
    count, last = 1, b""
    while chunk := stream.read(_CHUNK_BYTES):
        count += (last + chunk).count(_START_OF_SCAN)
        last = chunk[-1:]
    return count
