"""Find the portal's feeds, and read the articles in them."""

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crawler.addresses import classify, is_allowed_host, is_overlong
from crawler.errors import BadFileError
from crawler.extract.cost import MAX_SIGNS
from crawler.extract.links import is_cut, merge_links
from crawler.extract.page import Page, absolute_url, attribute, decode_html, parse_page
from crawler.items import FoundDate, Link
from crawler.language.dates import parse_rss_date
from crawler.language.text import normalize_text
from crawler.profile import Profile
from crawler.sentences import say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FEED_ADDRESS = re.compile(r"rss|feed|atom", re.IGNORECASE)
# The CMS encodes entities twice (docs/cms-vnpt.md). More encodings belong to the text.
_MAX_ENCODINGS = 2


def read_feed_addresses(page: Page, profile: Profile) -> tuple[str, ...]:
    """Return the addresses of feeds that a page names, on the portal's own hosts."""
    found: dict[str, None] = {}
    for node in page.tree.css('link[rel~="alternate"][href], a[href]'):
        kind = attribute(node, "type").lower()
        href = attribute(node, "href")
        is_feed = (
            ("rss" in kind or "atom" in kind)
            if node.tag == "link"
            else bool(re.search(r"(rss|feed|atom)[^/]*$", href, re.IGNORECASE))
        )
        url = absolute_url(page, href) if is_feed and _FEED_ADDRESS.search(kind + href) else None
        if url is not None and is_allowed_host(url, profile):
            found[url] = None
    return tuple(found)


def read_feed(body: bytes, url: str, *, profile: Profile) -> tuple[Link, ...]:
    """Read an RSS or Atom feed. Empty if it is not well-formed, or defines entities.

    Entities are decoded up to twice. A description is a summary only if it is not cut.

    Raises:
        BadFileError: kind `page_too_costly`.

    Args:
        body: the payload.
        url: the feed's address, the base of relative addresses.
        profile: of the portal.
    """
    root = _parse(body)
    if root is None:
        return ()
    found: dict[str, Link] = {}
    for item in root.iter():
        if _name(item) not in ("item", "entry"):
            continue
        link = _read_item(item, url, profile=profile)
        if link is not None:
            earlier = found.get(link.address.url)
            found[link.address.url] = merge_links(earlier, link) if earlier else link
    return tuple(found.values())


def _parse(body: bytes) -> "Element | None":
    if body.count(b"<") > MAX_SIGNS:
        raise BadFileError("page_too_costly", say("costs-tags", count=MAX_SIGNS))
    for text in (body.strip(), re.sub(r"^\s*<\?xml[^>]*\?>", "", decode_html(body, None)).strip()):
        try:
            return fromstring(text)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            continue
    return None


def _read_item(item: "Element", url: str, *, profile: Profile) -> Link | None:

    values: dict[str, str] = {}
    for child in item:
        text = child.text or child.get("href") or ""
        values.setdefault(_name(child), text)
    for name in ("link", "guid", "id"):
        try:
            stated = html.unescape(values.get(name, "").strip())
            address = None if is_overlong(stated) else classify(urljoin(url, stated), profile)
        except ValueError:
            continue
        if address is not None and address.is_article:
            break
    else:
        return None
    stamp = values.get("pubDate") or values.get("date") or values.get("published") or values.get("updated") or ""
    posted = parse_rss_date(_plain(stamp), profile.zone)
    summary = _plain(values.get("description") or values.get("summary") or "")
    return Link(
        address,
        _plain(values.get("title", "")) or None,
        summary if summary and not is_cut(summary) else None,
        FoundDate(posted.on, "rss", posted.at) if posted is not None else None,
    )


def _plain(text: str) -> str:
    """Decode double entities and strip the markup in the result."""
    for _ in range(_MAX_ENCODINGS):
        text = html.unescape(text)
    if "<" in text:
        try:
            parsed = parse_page(text, "").tree.body
        except BadFileError:
            return ""  # one text that is too dear, or no text
        text = parsed.text(separator=" ") if parsed is not None else ""
    return normalize_text(text)


def _name(element: "Element") -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
