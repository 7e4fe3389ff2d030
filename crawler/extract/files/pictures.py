"""Find the address of an `img` or the like, and distinguish the content's pictures from icons, trackers and banners."""

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.extract.files.pasted import read_pasted_picture
from crawler.extract.page import Page, absolute_url, attribute
from crawler.language.numbers import whole_number
from crawler.media.pasted import is_data_address

# Elements that show a picture as `img` does: those of AMP, and of a drawing.
LIKE_IMG = frozenset(("img", "amp-img", "amp-anim"))
IN_DRAWING = "image"
# Attributes with the address in pages of lazy loaders; `src` then has a placeholder.
_LAZY = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-url",
    "data-image",
    "data-original-src",
    "lazy-src",
)
# Only these exact names: "loading-hang.jpg" can be a picture of a lorry.
_PLACEHOLDER = re.compile(
    r"/(blank|spacer|pixel|transparent|1x1|lazy|lazyload|loading|loader|placeholder|grey|gray|no-?image|no_image)"
    r"[-_]?[0-9]{0,3}\.(gif|png|jpe?g|svg|webp)(\?|$)",
    re.IGNORECASE,
)
_NO_CONTENT = re.compile(
    r"/(emoticons?|emoji|smil(ey|ies)|icons?|ico)/|emoji\.php|"
    r"/(icon|ico|bullet|btn|button)[-_]?\w{0,12}\.(gif|png|svg|ico)(\?|$)|/(new|hot|moi)[-_]?[0-9]{0,3}\.gif(\?|$)|"
    r"[-_/](icon|ico)[-_]?(pdf|doc|xls|word|excel|file|download)|"
    r"/(pdf|doc|docx|word|excel|xls|download|attach)\.(png|gif|svg)(\?|$)",
    re.IGNORECASE,
)
_BANNER_ALTS = ("no title", "image advertisement")
_NO_CONTENT_CLASS = re.compile(r"(^|\s)(emoji|emoticon|icon|wp-smiley|fa)(\s|$)|^an1$", re.IGNORECASE)
_SIZE = re.compile(r"([0-9]+)\s*(?:px)?")
_STYLED_SIZE = {
    name: re.compile(rf"(?:^|[;\s]){name}\s*+:\s*+([0-9]+)px", re.IGNORECASE) for name in ("width", "height")
}
# The width or density of a candidate in a `srcset`.
_DESCRIPTOR = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}")
# A comma is part of an address, unless a blank follows it or a descriptor precedes it.
_CANDIDATES = re.compile(r",\s+|(?<=\d[wx]),")
# A picture of at most this size is an icon or a tracker: emoticons of the common editors are 16 to 32 pixels wide.
_ICON_PIXELS = 32


def read_picture(page: Page, image: LexborNode) -> str | None:
    """Return the absolute address of a content picture, or the archive's address of a pasted one.

    None for icons, trackers, banners and placeholders.
    """
    url = picture_address(page, image) or _pasted_address(page, image)
    if url is None or _is_icon(url) or _NO_CONTENT_CLASS.search(attribute(image, "class")):
        return None
    if attribute(image, "alt").lower().startswith(_BANNER_ALTS):
        return None
    width, height = (_pixels(image, name) for name in ("width", "height"))
    if width is not None and height is not None and max(width, height) <= _ICON_PIXELS:
        return None
    return None if 1 in (width, height) or 0 in (width, height) else url


def picture_address(page: Page, image: LexborNode) -> str | None:
    """Return the absolute address of any picture: `src`, or what a lazy loader would put there. None without one."""
    source = _source(image)
    if source and not is_data_address(source) and not _is_placeholder(source):
        url = absolute_url(page, source)
        if url is not None:
            return url
    for name in _LAZY:
        url = absolute_url(page, attribute(image, name))
        if url is not None:
            return url
    candidates = attribute(image, "data-srcset") or attribute(image, "srcset")
    widest = _widest(candidates) or _widest_of_sources(image)
    return absolute_url(page, widest) if widest else None


def _source(image: LexborNode) -> str:
    if image.tag == IN_DRAWING:
        return attribute(image, "href") or attribute(image, "xlink:href")
    return attribute(image, "src")


def _pasted_address(page: Page, image: LexborNode) -> str | None:
    for source in (_source(image), *(attribute(image, name) for name in _LAZY)):
        url = read_pasted_picture(page, source) if is_data_address(source) else None
        if url is not None:
            return url
    return None


def _widest_of_sources(image: LexborNode) -> str | None:
    """Return the widest candidate of the `source` elements around an `img` without its own address."""
    parent = image.parent
    if parent is None or parent.tag != "picture":
        return None
    candidates = (attribute(one, "srcset") or attribute(one, "data-srcset") for one in parent.css("source"))
    return next((widest for one in candidates if one and (widest := _widest(one))), None)


# Several readers test every picture, and those of the layout are on every page, hence the caches.
@lru_cache(maxsize=2048)
def _is_icon(url: str) -> bool:
    return bool(_NO_CONTENT.search(url))


@lru_cache(maxsize=2048)
def _is_placeholder(source: str) -> bool:
    return bool(_PLACEHOLDER.search(source))


def _widest(candidates: str) -> str | None:
    """Return the candidate of a `srcset` with the largest descriptor."""
    found: list[tuple[float, str]] = []
    for candidate in _CANDIDATES.split(candidates.strip()):
        address, _, descriptor = candidate.strip().partition(" ")
        number = _DESCRIPTOR.match(descriptor.strip())
        if address:
            found.append((float(number[0]) if number else 1.0, address))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _pixels(image: LexborNode, name: str) -> int | None:
    """Read a width or height in pixels from the attribute, else the style. None if missing or in percent."""
    match = _SIZE.fullmatch(attribute(image, name))
    if match:
        return whole_number(match[1])
    styled = _STYLED_SIZE[name].search(attribute(image, "style"))
    return whole_number(styled[1]) if styled else None
