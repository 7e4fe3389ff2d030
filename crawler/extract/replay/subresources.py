"""Find what a captured page needs for its look: style sheets, icons and layout pictures, no scripts."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborNode

from crawler.addresses import classify, is_allowed_host
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.parts import ancestors, find_parts
from crawler.extract.files.pictures import picture_address
from crawler.extract.page import Page, absolute_url, attribute, join_url, link_address
from crawler.extract.replay.css_tokens import parse_sheet, parse_values
from crawler.profile import Profile

_ICONS = frozenset(("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon"))
_PRELOADED = frozenset(("image", "style", "font"))
_SHOWING = 'img, [style*="url" i], [background], input[type="image" i]'
# The rest of the style of a page, or of one sheet, is not read: parsing takes about 3 s and 150 MB per megabyte.
MAX_STYLE_CHARACTERS = 512 * 1024
# Of the style of a page, or of one sheet.
_MAX_REFERENCES = 2_000
_IN_BLOCK = re.compile(r"url\(", re.IGNORECASE)


def read_requisites(page: Page, profile: Profile) -> tuple[str, ...]:
    """Return the addresses that a page needs for its look, from the portal's hosts only, each once, in order.

    Pictures of articles (in the content, or inside a link to an article) are left out: they are images of the archive.
    """
    parts = find_parts(page)
    content = parts.inside if parts is not None else frozenset()
    found: dict[str, None] = {}
    for url in _references(page, profile, content=content):
        if url is not None and is_allowed_host(url, profile):
            found[url] = None
    return tuple(found)


def read_stylesheet(css: str, url: str, *, profile: Profile) -> tuple[str, ...]:
    """Return the addresses that a style sheet needs: `@import` and `url(…)`, from the portal's hosts only; no `data:`.

    Args:
        css: the text of the sheet. Only its first MAX_STYLE_CHARACTERS are read.
        url: its address, the base of relative addresses.
        profile: decides which hosts may be requested.
    """
    targets = (join_url(url, reference) for reference in _css_references(css[:MAX_STYLE_CHARACTERS]))
    return tuple(dict.fromkeys(target for target in targets if target and is_allowed_host(target, profile)))


def _references(page: Page, profile: Profile, *, content: frozenset[int]) -> Iterator[str | None]:
    for link in page.metadata:
        kinds = attribute(link, "rel").lower().split()
        preloaded = "preload" in kinds and attribute(link, "as").lower() in _PRELOADED
        if "stylesheet" in kinds or preloaded or not _ICONS.isdisjoint(kinds):
            yield absolute_url(page, attribute(link, "href"))
    style = _Style()
    for sheet in page.metadata:
        if sheet.tag == "style":
            yield from (absolute_url(page, reference) for reference in style.read(sheet.text(), _css_references))
    shown = [n for n in page.tree.css(_SHOWING) if n.mem_id not in content]
    for node in shown:
        if node.tag == "img" and not _is_of_article(node, page, profile=profile):
            yield picture_address(page, node)
    for node in shown:
        yield absolute_url(page, attribute(node, "background"))
        if node.tag == "input":
            yield absolute_url(page, attribute(node, "src"))
        yield from (absolute_url(page, reference) for reference in style.read(attribute(node, "style"), _declared))


def _is_of_article(image: LexborNode, page: Page, *, profile: Profile) -> bool:
    if "ImgDetailImage" in attribute(image, "class"):
        return True
    for element in ancestors(image):
        if element.tag == "a":
            address = classify(link_address(page, element), profile)
            return address is not None and address.is_article
        if element.tag == "li" and any(vnpt.is_listing(a) for a in ancestors(element)):
            return True
    return False


class _Style:
    """What may still be read of the style of a page."""

    def __init__(self) -> None:
        self._characters = MAX_STYLE_CHARACTERS
        self._references = _MAX_REFERENCES

    def read(self, css: str, read: Callable[[str], Iterable[str]]) -> Iterator[str]:
        """Yield the references of a style sheet or attribute; none if it is too long."""
        if len(css) > self._characters:
            return
        self._characters -= len(css)
        for reference in islice(read(css), self._references):
            self._references -= 1
            yield reference


def _declared(style: str) -> Iterator[str]:
    if _IN_BLOCK.search(style):
        yield from _addresses(parse_values(style))


# All pages of a skin have the same `<style>`, hence the cache. It is small, because sheets can be large.
@lru_cache(maxsize=32)
def _css_references(css: str) -> tuple[str, ...]:
    rules = parse_sheet(css)
    return tuple(islice((reference for rule in rules for reference in _rule_references(rule)), _MAX_REFERENCES))


def _rule_references(rule: object) -> Iterator[str]:
    """Yield the references of one rule: the string or url of an `@import`, every url of other rules."""
    prelude = getattr(rule, "prelude", None) or []
    if getattr(rule, "lower_at_keyword", None) == "import":
        first = next((token for token in prelude if token.type in ("string", "url", "function")), None)
        if first is not None and first.type == "string":
            yield first.value
        elif first is not None:
            yield from _addresses([first])
        return
    yield from _addresses(getattr(rule, "content", None) or [])


def _addresses(tokens: list[object]) -> Iterator[str]:
    # Uses its own stack: brackets nest deeper than Python's recursion limit.
    stack = tokens[::-1]
    while stack:
        token = stack.pop()
        kind = getattr(token, "type", "")
        if kind == "url":
            yield str(getattr(token, "value", ""))
        elif kind == "function" and getattr(token, "lower_name", "") == "url":
            yield from (str(part.value) for part in getattr(token, "arguments", []) if part.type == "string")
        elif kind == "function":
            stack += getattr(token, "arguments", [])[::-1]
        elif kind in ("{} block", "() block", "[] block"):
            stack += getattr(token, "content", [])[::-1]
