"""Read the pictures that are pasted into a page, and distinguish them from icons and placeholders."""

import re
from dataclasses import replace

from crawler.errors import BadFileError
from crawler.extract.page import Page
from crawler.items import FileReading, Refusal
from crawler.language.numbers import whole_number
from crawler.media.pasted import Pasted, read_pasted
from crawler.sentences import say

# The largest icon or separating line, in pixels: of both sides, and of one.
_ICON_PIXELS, _LINE_PIXELS = 32, 2
# What an SVG draws. A lazy loader's placeholder draws nothing, or one rectangle.
_SHAPE = re.compile(rb"<(path|image|circle|ellipse|text|polygon|polyline|line|use|rect|foreignobject)\b", re.IGNORECASE)
_SVG_TAG = re.compile(rb"<svg\b[^<>]*+>", re.IGNORECASE)
_SVG_SIDE = re.compile(rb"\s(?:width|height)\s*+=\s*+[\"']?\s*+(\d++)(?![\d%])", re.IGNORECASE)


def read_pasted_picture(page: Page, source: str) -> str | None:
    """Return the archive's address of the picture in a `data:` address. None for an icon, placeholder or no data."""
    if source not in page.pasted:
        page.pasted[source] = _read(source)
    known = page.pasted[source]
    return known[0] if known is not None else None


def read_pasted_files(page: Page, *, max_bytes: int) -> dict[str, FileReading]:
    """Return what each picture is that `read_pasted_picture` found on a page, by its address.

    One of more than `max_bytes` is refused, as a fetched file would be.
    """
    found = dict(known for known in page.pasted.values() if known is not None)
    refusal = Refusal("too-large", say("too-large", bytes=max_bytes))
    return {
        url: replace(reading, refusal=refusal) if reading.size_bytes > max_bytes else reading
        for url, reading in found.items()
    }


def _read(source: str) -> tuple[str, FileReading] | None:
    found = read_pasted(source)
    if found is None:
        return None
    from crawler.media.images import examine_image  # Pillow: few pages have pasted pictures

    try:
        reading = examine_image(found.content, found.media_type)
    except BadFileError as error:
        refusal = Refusal(error.kind, error.sentence)
        return found.url, FileReading("", found.media_type, len(found.content), refusal=refusal)
    is_content = _is_drawing(found) if reading.width is None else _is_large(reading)
    return (found.url, reading) if is_content else None


def _is_large(reading: FileReading) -> bool:
    sides = (reading.width or 0, reading.height or 0)
    return max(sides) > _ICON_PIXELS and min(sides) > _LINE_PIXELS


def _is_drawing(found: Pasted) -> bool:
    tag = _SVG_TAG.search(found.content)
    sides = [whole_number(side.decode()) for side in _SVG_SIDE.findall(tag[0])] if tag is not None else []
    is_icon = bool(sides) and all(side is not None and side <= _ICON_PIXELS for side in sides)
    return not is_icon and len(_SHAPE.findall(found.content)) > 1
