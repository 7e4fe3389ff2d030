"""The media type of a file comes from its bytes, not only from its name or header."""

import hashlib
import os
import random
import stat
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from crawler.errors import BadFileError
from crawler.items import FileReading
from crawler.media.images import THUMBNAIL_PIXELS, examine_image
from crawler.media.picture_cost import MAX_PIXELS
from tests.support.build import picture

HTML = b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><body>404</body></html>"
SVG = b'<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"></svg>'


def drawn(reading: FileReading) -> Image.Image:
    """Open the thumbnail of a reading; it must be a small JPEG."""
    assert reading.thumbnail is not None
    image = Image.open(BytesIO(reading.thumbnail))
    image.load()
    assert image.format == "JPEG"
    assert max(image.size) <= THUMBNAIL_PIXELS
    return image


def huge_png(width: int, height: int) -> bytes:
    """Write the head of a PNG that claims dimensions, with almost no pixels after it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def refused(data: bytes) -> str:
    with pytest.raises(BadFileError) as caught:
        examine_image(data, "image/jpeg")
    return caught.value.kind


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"), ("BMP", "image/bmp")],
)
def test_an_images_type_comes_from_its_bytes_not_the_header(kind: str, media_type: str) -> None:
    data = picture("green", (800, 600), kind)
    reading = examine_image(data, "text/html")
    assert (reading.media_type, reading.width, reading.height) == (media_type, 800, 600)
    assert (reading.sha256, reading.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert drawn(reading).size == (240, 180)


def test_a_picture_smaller_than_a_thumbnail_is_not_made_larger() -> None:
    assert drawn(examine_image(picture(size=(7, 5)), None)).size == (7, 5)


def test_a_transparent_picture_is_drawn_over_white() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 20, 40))
    for kind in ("PNG", "WEBP"):
        out = BytesIO()
        image.save(out, kind)
        thumbnail = drawn(examine_image(out.getvalue(), None)).convert("RGB")
        assert min(thumbnail.getpixel((35, 20))) > 245  # type: ignore[type-var]
        assert thumbnail.getpixel((5, 20))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize("mode", ["P", "LA", "L", "1", "I;16"])
def test_a_png_of_every_mode_is_drawn(mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    assert drawn(examine_image(out.getvalue(), None)).size == (30, 20)


def test_a_palette_with_a_transparent_colour_is_drawn_over_white() -> None:
    image = Image.new("P", (20, 20), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    out = BytesIO()
    image.save(out, "PNG", transparency=1)
    assert min(drawn(examine_image(out.getvalue(), None)).convert("RGB").getpixel((10, 10))) > 245  # type: ignore[type-var]


def test_a_cmyk_jpeg_is_drawn_in_rgb() -> None:
    out = BytesIO()
    Image.new("CMYK", (400, 100), (0, 255, 255, 0)).save(out, "JPEG")
    image = drawn(examine_image(out.getvalue(), None))
    assert (image.mode, image.size) == ("RGB", (240, 60))


def test_an_animated_gif_gives_its_first_frame() -> None:
    frames = [Image.new("P", (30, 30), colour) for colour in (1, 2, 3)]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0)
    reading = examine_image(out.getvalue(), None)
    assert (reading.media_type, reading.width, reading.height) == ("image/gif", 30, 30)
    drawn(reading)


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"\n  "])
def test_an_svg_is_kept_without_dimensions_or_thumbnail(head: bytes) -> None:
    for data in (SVG, b"<svg/>", b"<!DOCTYPE svg PUBLIC 'x'><svg/>"):
        reading = examine_image(head + data, "text/plain")
        assert (reading.media_type, reading.width, reading.thumbnail) == ("image/svg+xml", None, None)


def test_a_truncated_picture_is_kept_with_its_dimensions_and_no_thumbnail() -> None:
    noise = Image.frombytes("RGB", (200, 100), random.Random(1).randbytes(200 * 100 * 3))
    for kind in ("JPEG", "PNG"):
        out = BytesIO()
        noise.save(out, kind)
        data = out.getvalue()[: len(out.getvalue()) // 2]
        reading = examine_image(data, None)
        assert (reading.width, reading.height, reading.thumbnail) == (200, 100, None)


@pytest.mark.parametrize("side", [10_001, 30_000])
def test_a_picture_of_too_many_pixels_is_recorded_but_not_decoded(side: int) -> None:
    assert side * side > MAX_PIXELS
    reading = examine_image(huge_png(side, side), None)
    assert (reading.media_type, reading.width, reading.height) == ("image/png", side, side)
    assert (reading.thumbnail, reading.undrawn) == (None, True)


def test_other_bytes_than_a_picture_are_refused() -> None:
    assert refused(b"") == "empty"
    for data in (HTML, b"%PDF-1.7", b"\0" * 100):
        assert refused(data) == "not-an-image"
    for data in (b"GIF8", b"\xff\xd8\xff"):
        assert refused(data) == "truncated"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of broken metadata, and goes on
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "AVIF", "DDS"])
def test_a_damaged_picture_is_a_reading_or_a_refusal_never_another_error(kind: str) -> None:
    # Pillow's plugins raise different errors: RuntimeError for AVIF, NotImplementedError for DDS.
    chance = random.Random(2)
    out = BytesIO()
    Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3)).save(out, kind)
    whole = out.getvalue()
    for _ in range(150):
        data = bytearray(whole[: chance.randrange(1, len(whole) + 1)] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(1, 5)):
            data[chance.randrange(min(len(data), 300))] = chance.randrange(256)
        try:
            examine_image(bytes(data), None)
        except BadFileError as error:
            assert error.kind in ("not-an-image", "truncated")  # noqa: PT017 - a reading is as good


@pytest.mark.skipif(os.name != "posix", reason="needs a script as a program")
def test_no_picture_starts_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pillow gives PostScript to Ghostscript, if installed: a program would run on bytes of the portal.
    witness = tmp_path / "started"
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\necho 10.0\ntouch {witness}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 30\n%%EndComments\nshowpage\n%%EOF\n"
    try:
        examine_image(eps, "image/jpeg")
    except BadFileError as error:
        assert error.kind == "not-an-image"  # noqa: PT017 - refused is as good as kept undrawn
    assert not witness.exists()


def is_cut(data: bytes) -> bool:
    """Whether bytes are known as a cut picture: as one without its end, or as too little of one to be opened."""
    try:
        return examine_image(data, None).lacks_end
    except BadFileError as error:
        return error.kind == "truncated"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_without_its_end_is_known(kind: str) -> None:
    data = picture("green", (800, 600), kind)
    assert not examine_image(data, None).lacks_end
    for length in (len(data) // 2, len(data) * 9 // 10, len(data) - 12):
        assert is_cut(data[:length]), length


def test_the_end_of_a_small_picture_inside_is_not_the_end_of_a_photograph() -> None:
    small, large = picture("red", (160, 120), "JPEG"), picture("green", (800, 600), "JPEG")
    exif = b"\xff\xe1" + struct.pack(">H", len(small) + 2) + small
    photograph = large[:2] + exif + large[2:]
    assert not examine_image(photograph, None).lacks_end
    assert is_cut(photograph[: len(photograph) - 500])


def test_what_a_camera_writes_after_a_picture_does_not_hide_its_end() -> None:
    assert not examine_image(picture("green", (800, 600), "JPEG") + b"SEFT" * 5_000, None).lacks_end
