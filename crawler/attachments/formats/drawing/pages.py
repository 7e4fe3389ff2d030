"""Draw the pages of a file as small pictures: of PDF files, and of pictures, which may have several pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps

from crawler.attachments.formats.kinds import find_kind, strip_lead
from crawler.attachments.formats.ocr import PICTURE_FORMATS, UNREADABLE
from crawler.attachments.formats.pdf.annotations import show_annotations
from crawler.attachments.formats.pdf.repair import repair_pdf
from crawler.media.picture_cost import may_decode

# A reader compares single pages with their text; nobody leafs through a book here.
MAX_PAGES = 200
# Pixels of a side: a page of A4 at 120 dpi can be read, stamps and small print too.
_MAX_SIDE_PIXELS = 1400
_DOTS_PER_INCH, _POINTS_PER_INCH = 120, 72
# Of one picture and of all pictures of a file. A page of print takes 60 kB, a scan 150 kB (measured).
_MAX_PICTURE_BYTES = 600_000
_MAX_FILE_BYTES = 24 * 1024**2
_QUALITIES = (60, 30)
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A drawn page: its number from 1, its size in pixels, and the picture as WebP."""

    page: int
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class DrawingEnd:
    """How the drawing of a file ended: the number of its pages, and why not all were drawn; None if all were."""

    pages: int
    reason: str | None


def draw_pages(data: bytes, name: str, *, keep: Callable[[DrawnPage], None]) -> DrawingEnd:
    """Draw the pages of a file, within bounds of pages, pixels and bytes; `keep` is given each. Raise nothing.

    A file of another kind has no pages to draw: reason `unknown-kind`.
    """
    data = strip_lead(data)
    kind = find_kind(data, name)
    if kind == "pdf":
        return _draw_pdf(data, keep)
    if kind == "picture":
        return _draw_picture(data, keep)
    return DrawingEnd(0, "unknown-kind")


def _draw_pdf(data: bytes, keep: Callable[[DrawnPage], None]) -> DrawingEnd:
    try:
        document = _open_pdf(data)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        return DrawingEnd(0, "encrypted" if is_locked else "broken")
    with document:
        return _keep_all(_draw_each(document), keep, pages=len(document))


def _open_pdf(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        repaired = repair_pdf(data)
        if repaired is None:
            raise
        return pypdfium2.PdfDocument(repaired)


def _draw_each(document: pypdfium2.PdfDocument) -> Iterator[Image.Image | None]:
    for number in range(len(document)):
        try:
            page, _ = show_annotations(document, number)
            longest = max(*page.get_size(), 1)
            scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, _MAX_SIDE_PIXELS / longest)
            yield page.render(scale=scale).to_pil().convert("RGB")
            page.close()
        except (ValueError, pypdfium2.PdfiumError):
            yield None


def _draw_picture(data: bytes, keep: Callable[[DrawnPage], None]) -> DrawingEnd:
    stream = BytesIO(data)
    try:
        image = Image.open(stream, formats=PICTURE_FORMATS)
        pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    except UNREADABLE:
        return DrawingEnd(0, "broken")
    with image:
        return _keep_all(_shrink_each(image, stream, pages=pages), keep, pages=pages)


def _shrink_each(image: Image.Image, stream: BytesIO, *, pages: int) -> Iterator[Image.Image | None]:
    for number in range(pages):
        try:
            image.seek(number)
            yield _shrink(image) if may_decode(image, stream) else None
        except UNREADABLE:
            yield None


def _shrink(image: Image.Image) -> Image.Image:
    image.draft("RGB", (_MAX_SIDE_PIXELS, _MAX_SIDE_PIXELS))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((_MAX_SIDE_PIXELS, _MAX_SIDE_PIXELS))
    if upright.mode.startswith("I;16") or upright.mode == "I":
        return upright.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    shown = upright.convert("RGBA")
    ground = Image.new("RGB", shown.size, _WHITE)
    ground.paste(shown, mask=shown.getchannel("A"))
    return ground


def _keep_all(drawn: Iterator[Image.Image | None], keep: Callable[[DrawnPage], None], *, pages: int) -> DrawingEnd:
    size, reason = 0, None
    for number, picture in enumerate(drawn, start=1):
        data = _write(picture) if picture is not None else None
        if picture is None or data is None:
            reason = reason or "broken"
        else:
            size += len(data)
            if size > _MAX_FILE_BYTES:
                return DrawingEnd(pages, "too-large")
            keep(DrawnPage(number, *picture.size, data))
        if number == MAX_PAGES < pages:
            return DrawingEnd(pages, "too-large")
    return DrawingEnd(pages, reason)


def _write(picture: Image.Image) -> bytes | None:
    """Return a picture as WebP; coarser if it is large, None if it still is too large."""
    for quality in _QUALITIES:
        out = BytesIO()
        picture.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= _MAX_PICTURE_BYTES:
            return out.getvalue()
    return None
