"""Find the articles that a page names, with the words and dates beside their links."""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract.article.parts import find_parts
from crawler.extract.page import Page, attribute
from crawler.items import FoundDate, Link
from crawler.language.dates import parse_box_date
from crawler.language.text import fold, normalize_text
from crawler.profile import Profile

_CUT = re.compile(r"((?<!\.)\.{2,}+|…)\s*+$")
_BOX_DATE = re.compile(r"^[\s\xa0:–-]*(\(\s*\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}[^()]*\))")
_MORE = re.compile(
    r"^(xem (them|tiep|chi tiet|tat ca)|chi tiet|doc (tiep|them)|read more|more|tiep|"
    r">++|»++|\[?\.{2,}+\]?|…)?\s*+[.»>]*+$"
)


def read_links(page: Page, profile: Profile) -> tuple[Link, ...]:
    """Return every article address on a page once, in order, for discovery.

    A "(dd/mm/yyyy)" right after a link is its date (source `box`). Links inside an article's own text give no title
    or date: there the words and dates around a link are about something else.
    """
    parts = find_parts(page)
    inside = parts.inside if parts is not None else frozenset()
    found: dict[str, Link] = {}
    for node, url in page.links:
        address = classify(url, profile)
        if address is None or not address.is_article:
            continue
        own = node.mem_id in inside
        link = Link(address, None if own else read_link_title(node), None, None if own else _box_date(node, profile))
        found[address.url] = merge_links(found[address.url], link) if address.url in found else link
    return tuple(found.values())


def read_link_title(link: LexborNode) -> str | None:
    """Return a link's text, or its `title` if the text is cut with "..." or only says "more"."""
    return _choose_title(link.text(), attribute(link, "title"))


# Menus and boxes are the same on every page, hence the caches.
@lru_cache(maxsize=4096)
def _choose_title(words: str, title: str) -> str | None:
    text, given = normalize_text(words), normalize_text(title)
    if is_cut(text) and given and not is_cut(given) and fold(given).startswith(fold(_CUT.sub("", text)).strip()[:20]):
        return given
    if _MORE.match(fold(text)):
        return given if given and not _MORE.match(fold(given)) else None
    return text


def is_cut(text: str) -> bool:
    """True for a text that ends in dots."""
    return bool(_CUT.search(text))


def merge_links(first: Link, second: Link) -> Link:
    """Merge two links to one article. The first has priority, unless its title is cut."""
    title = first.title
    if title is None or (is_cut(title) and second.title and not is_cut(second.title)):
        title = second.title or title
    return Link(first.address, title, first.summary or second.summary, first.date or second.date)


def _box_date(link: LexborNode, profile: Profile) -> FoundDate | None:
    """Read the "(dd/mm/yyyy)" that follows a link, before the next link."""
    match = _BOX_DATE.match(_text_after(link))
    return _parse_box_date(match[1], profile.zone) if match else None


@lru_cache(maxsize=1024)
def _parse_box_date(text: str, zone: ZoneInfo) -> FoundDate | None:
    found = parse_box_date(text, zone)
    return FoundDate(found.on, "box", found.at) if found is not None else None


def _text_after(link: LexborNode) -> str:
    """Return the text after a link up to the next link. Goes up to the parent if no text follows the link."""
    node: LexborNode | None = link
    for _ in range(4):
        text = ""
        following = node.next if node is not None else None
        while following is not None:
            if following.tag == "a" or (following.tag != "-text" and following.css_first("a") is not None):
                return text
            if following.tag not in ("script", "style", "-comment"):
                text += f" {following.text_content or '' if following.tag == '-text' else following.text()}"
            following = following.next
        if text.strip(" \t\r\n\xa0"):
            return text
        node = node.parent if node is not None else None
        if node is None or node.tag in ("li", "tr", "ul", "ol", "table", "body"):
            return ""
    return ""
