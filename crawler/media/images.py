"""Examine a fetched picture: its media type by its bytes, its dimensions and thumbnail.

Originals stay in the WARC as the portal sent them.
"""

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from crawler.body import Body, sha256_of
from crawler.errors import BadFileError
from crawler.items import FileReading
from crawler.media.end_marks import TAIL_BYTES, has_end_mark
from crawler.media.picture_cost import may_decode, read_claim
from crawler.media.signatures import sniff_media_type
from crawler.sentences import say

# Twice the width of thumbnails in lists, for screens of double density.
THUMBNAIL_PIXELS = 240

# The formats that portals show. Pillow knows more formats, and starts Ghostscript for one of them.
_PICTURE_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF")

# Pillow would warn or refuse before the dimensions are read. `picture_cost` decides instead.
Image.MAX_IMAGE_PIXELS = None

_HEAD_BYTES = 1024

# The errors that Pillow raises on a broken picture or other bytes, by format.
_UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError, NotImplementedError)

# Pillow says this if a file ended before its picture did, and has no special error for it.
_CUT = "truncated"


def examine_image(content: bytes | Body, stated_type: str | None) -> FileReading:
    """Find the media type and dimensions of an image, and draw its thumbnail.

    If the pixels cannot be decoded, the reading has no thumbnail. If decoding would cost too much, it is `undrawn`. SVG
    has neither dimensions nor thumbnail.

    Raises:
        BadFileError: kind `not-an-image` if the bytes are not a picture; `truncated` if they are too little of one;
            `empty` if there are none.
    """
    body = content if isinstance(content, Body) else Body(content)
    digest, size = _digest(body), body.size_bytes
    head = body.peek(_HEAD_BYTES)
    if _is_svg(head):
        return FileReading(digest, "image/svg+xml", size)
    lacks_end = has_end_mark(head + body.tail(TAIL_BYTES), size=size) is False
    with body.open() as stream:
        claim = read_claim(stream)
        if claim is not None and claim.is_too_large:
            return FileReading(
                digest, claim.media_type, size, claim.width, claim.height, lacks_end=lacks_end, undrawn=True
            )
        try:
            image = Image.open(stream, formats=_PICTURE_FORMATS)
            width, height = image.size
        except _UNREADABLE as error:
            if lacks_end and (sniff_media_type(head) or "").startswith("image/"):
                raise BadFileError("truncated", say("file-lacks-end")) from error
            raise BadFileError("not-an-image", say("no-picture", error=type(error).__name__)) from error
        media_type = Image.MIME.get(image.format or "", stated_type or "application/octet-stream")
        try:
            undrawn = not may_decode(image, stream)
            thumbnail, is_cut = (None, False) if undrawn else _thumbnail(image)
        except MemoryError:  # a header with wrong dimensions
            undrawn, thumbnail, is_cut = True, None, False
    return FileReading(
        digest, media_type, size, width, height, thumbnail, lacks_end=lacks_end or is_cut, undrawn=undrawn
    )


def _digest(body: Body) -> str:
    if not body.size_bytes:
        raise BadFileError("empty", say("empty"))
    return sha256_of(body.chunks())


def _thumbnail(image: Image.Image) -> tuple[bytes | None, bool]:
    """Draw a small JPEG, with transparent parts in white; None if the pixels cannot be decoded.

    Also return whether the decoder found the end of the file before the end of the picture.
    """
    try:
        # The gap allows to decode a JPEG at an eighth of its size and to shrink it in whole steps: two thirds of the
        # cost without visible loss (measured on the pictures of the replica).
        image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), Image.Resampling.BILINEAR, reducing_gap=1.0)
        if image.mode not in ("RGB", "L"):
            image = image.convert("RGBA")
            ground = Image.new("RGBA", image.size, "white")
            ground.alpha_composite(image)
            image = ground.convert("RGB")
        out = BytesIO()
        image.save(out, "JPEG", quality=75)
    except _UNREADABLE as error:
        return None, _CUT in str(error).lower()
    return out.getvalue(), False


def _is_svg(start: bytes) -> bool:
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!doctype svg")) and b"<svg" in head)
