"""Read pictures that offices attach instead of a document: each page of a TIFF, however it is turned."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO

from PIL import ExifTags, Image, ImageFile, ImageOps

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import PICTURE_FORMATS, UNREADABLE, Recogniser, write_pgm
from crawler.attachments.formats.pages import count_letters, join_pages
from crawler.media.picture_cost import may_decode

# A document of scans may have a heading or the mark of a program.
FEW_LETTERS = 100
# A TIFF may claim more.
_MAX_PAGES = 500
_MAX_SIDE_PIXELS = 5000
_MANY_PAGES = ("TIFF",)
# Dots across for each one down: of a fax 2.08. More is an error.
_LEAST_FLAT, _MOST_FLAT = 1.3, 4
# How modes with more than eight bits become grey.
_DEEP_MODES = {"I;16": 1 / 256, "I;16B": 1 / 256, "I;16L": 1 / 256, "I": 1 / 256}


def read_picture(data: bytes, recogniser: Recogniser) -> TextReading:
    """Read the text in a picture by OCR. If the time ends, the pages that were read count."""
    stream = BytesIO(data)
    try:
        image = Image.open(stream, formats=PICTURE_FORMATS)
        pages = min(getattr(image, "n_frames", 1), _MAX_PAGES) if image.format in _MANY_PAGES else 1
    except UNREADABLE as error:
        return TextReading(reason="broken", detail=f"not a readable picture ({type(error).__name__})")
    damaged: list[int] = []
    left_out, unsure = recogniser.left_out, recogniser.unsure
    with image:
        joined = join_pages(_read_pages(image, stream, pages=pages, recogniser=recogniser, damaged=damaged))
    read = pages - (recogniser.left_out - left_out)
    notes = [f"{read} of {pages} pages were read; {recogniser.detail}"] if recogniser.detail else []
    notes += [f"damaged pages: {', '.join(map(str, damaged))}"] if damaged else []
    detail = "; ".join(notes) or None
    if joined.text:
        return TextReading(
            joined.text, "ocr", is_ocr=True, detail=detail, tool=recogniser.tool, lacks=recogniser.lacks, pages=pages,
            pages_read=read, is_cut=joined.is_cut or read < pages or bool(damaged), page_starts=joined.starts,
            doubts=("unsure-letters",) if recogniser.unsure > unsure else (),
        )  # fmt: skip
    reason = "no-tool" if recogniser.lacks else "broken" if recogniser.failed or damaged else "no-text"
    return TextReading(
        reason=reason, detail=detail, tool=recogniser.tool, lacks=recogniser.lacks, pages=pages, pages_read=read
    )


def read_pictures(pictures: Sequence[bytes], recogniser: Recogniser) -> TextReading:
    """Read the pictures of a document that has no text of its own: each is a page, or several."""
    read = [read_picture(picture, recogniser) for picture in pictures]
    joined = join_pages(one.text or "" for one in read)
    pages, known = sum(one.pages or 1 for one in read), sum(one.pages_read or 0 for one in read)
    reasons = [one.reason for one in read if one.reason]
    return TextReading(
        joined.text or None,
        "ocr" if joined.text else None,
        is_ocr=bool(joined.text),
        reason=None if joined.text else "no-tool" if "no-tool" in reasons else next(iter(reasons), "no-text"),
        detail="; ".join(dict.fromkeys(one.detail for one in read if one.detail)) or None,
        tool=recogniser.tool,
        lacks=recogniser.lacks,
        pages=pages,
        pages_read=known,
        is_cut=bool(joined.text) and (joined.is_cut or known < pages or any(one.is_cut for one in read)),
        doubts=tuple(dict.fromkeys(doubt for one in read for doubt in one.doubts)),
    )


def add_scans(
    reading: TextReading, recogniser: Recogniser, *, find_pictures: Callable[[], Sequence[bytes]]
) -> TextReading:
    """Return the reading of a document with what its pictures say after its text.

    Unchanged if it has more text than scans have beside them, no pictures, or a password.
    """
    if reading.reason == "encrypted" or count_letters(reading.text or "") >= FEW_LETTERS:
        return reading
    pictures = find_pictures()
    if not pictures:
        return reading
    seen = read_pictures(pictures, recogniser)
    if seen.text is None:
        return seen if reading.text is None else replace(reading, lacks=seen.lacks)
    joined = join_pages([reading.text or "", seen.text])
    return replace(
        seen, text=joined.text, is_cut=reading.is_cut or seen.is_cut or joined.is_cut,
        detail="; ".join(filter(None, (reading.detail, seen.detail))) or None,
        doubts=tuple(dict.fromkeys((*reading.doubts, *seen.doubts))),
    )  # fmt: skip


def _read_pages(
    image: Image.Image, stream: BytesIO, *, pages: int, recogniser: Recogniser, damaged: list[int]
) -> Iterator[str]:
    """Give the text of each page, "" for one that cannot be read. Add the numbers of damaged ones to `damaged`."""
    for number in range(pages):
        text = ""
        try:
            if recogniser.is_spent():
                recogniser.leave_out()
            else:
                image.seek(number)
                text = _read_page(image, stream, number=number, recogniser=recogniser, damaged=damaged)
        except UNREADABLE as error:
            if pages == 1:
                # Tesseract knows packings of TIFF that Pillow does not.
                text = recogniser.read_page(stream.getvalue())
            else:
                recogniser.leave_out(f"page {number + 1} is damaged ({type(error).__name__})")
        yield text


def _read_page(image: Image.Image, stream: BytesIO, *, number: int, recogniser: Recogniser, damaged: list[int]) -> str:
    if not may_decode(image, stream):
        recogniser.leave_out("a page has too many pixels")
        return ""
    # A JPEG is decoded in grey at once, and smaller if it is much too large: a quarter of the memory.
    image.draft("L", (_MAX_SIDE_PIXELS, _MAX_SIDE_PIXELS))
    damaged += [number + 1] if _is_damaged(image) else []
    return recogniser.read_page(write_pgm(_as_grey(image)), ".pgm")


def _is_damaged(image: Image.Image) -> bool:
    """Decode a picture. Return whether its end is missing; what is there is kept."""
    try:
        image.load()
    except OSError:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            image.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        return True
    return False


def _as_grey(image: Image.Image) -> Image.Image:
    """Return a picture in grey, turned as its camera says (EXIF), without transparency, and not larger than needed."""
    is_turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    upright = ImageOps.exif_transpose(image) if is_turned else image
    rate = _DEEP_MODES.get(upright.mode)
    if rate is not None:
        upright = upright.convert("I").point(lambda value: value * rate)
    elif "A" in upright.mode or "transparency" in upright.info:
        shown = (upright if "A" in upright.mode else upright.convert("RGBA")).getchannel("A")
        ground = Image.new("L", upright.size, "white")
        ground.paste(upright.convert("L"), mask=shown)
        upright = ground
    grey = _square(upright.convert("L"), image.info.get("dpi"))
    if max(grey.size) > _MAX_SIDE_PIXELS:
        grey.thumbnail((_MAX_SIDE_PIXELS, _MAX_SIDE_PIXELS))
    return grey


def _square(picture: Image.Image, dots_per_inch: object) -> Image.Image:
    """Return a fax with as many dots down as across: some have half as many (ITU-T T.4), and their letters are flat."""
    try:
        across, down = map(float, dots_per_inch)  # type: ignore[call-overload]
    except (TypeError, ValueError, ZeroDivisionError):
        return picture
    if not _LEAST_FLAT * down < across < _MOST_FLAT * down:
        return picture
    return picture.resize((picture.width, round(picture.height * across / down)), Image.Resampling.BICUBIC)
