"""Decode an answer's bytes, and parse the text once for all readers."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding
from w3lib.url import safe_url_string

from crawler.addresses import is_overlong
from crawler.extract.cost import check_cost, is_too_deep, too_deep
from crawler.items import FileReading
from crawler.language.legacy.windows import find_code_page
from crawler.language.text import normalize_text

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# A page with at most this share of broken sequences is UTF-8. A page cut in the middle of a letter, or with a foreign
# byte pasted in, has one or two broken sequences among thousands.
_BROKEN_SHARE = 0.05

# Characters. A page can have thousands of relative addresses, each as long as the base.
_LONGEST_BASE = 2000
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ESCAPES_OF_PYTHON = ("unicode-escape", "raw-unicode-escape")

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
# An address that needs no encoding. Calling w3lib costs 20 times as much.
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::[1-5]?[1-9][0-9]{1,3})?/[A-Za-z0-9_./-]*")
# A path that only needs its site. Joining addresses costs ten times as much.
_SIMPLE = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
# References with the same target on every page of a site. All others depend on the page's own path.
_ROOTED = re.compile(r"/(?![/\\\s])|(?:https?:)?//[^/\\?#;\s]|(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Page:
    """A parsed page: its address, its text as letters and in UTF-8, and its tree.

    All readers share the tree and the cached properties, so no reader may change them. `pasted` is what the readers
    found so far in `data:` addresses: the archive's address and what the picture is, None for an icon or placeholder.
    `joined` are the references that were made absolute so far: several readers ask for each.
    """

    url: str
    html: str = field(repr=False)
    utf8: bytes = field(repr=False)
    tree: LexborHTMLParser = field(repr=False)
    pasted: dict[str, tuple[str, FileReading] | None] = field(default_factory=dict, repr=False)
    joined: dict[str, str | None] = field(default_factory=dict, repr=False)

    @property
    def root(self) -> LexborNode:
        """The html element. Even an empty page has one."""
        root = self.tree.root
        if root is None:  # pragma: no cover - lexbor always builds one
            raise ValueError("a parsed page has no root element")
        return root

    @cached_property
    def metadata(self) -> list[LexborNode]:
        """The `base`, `link`, `meta` and `style` elements in order. Broken pages have them in the body too."""
        return self.tree.css("base, link, meta, style")

    @cached_property
    def base(self) -> str:
        """The base of relative addresses: `<base href>` of up to 2,000 characters, else the page's own address."""
        found = (attribute(n, "href") for n in self.metadata if n.tag == "base" and "href" in n.attrs)
        base = _join(self.url, next(found, ""))
        return base if base and len(base) <= _LONGEST_BASE else self.url

    @cached_property
    def links(self) -> list[tuple[LexborNode, str]]:
        """Every `a` element with its target, in order."""
        return [(node, link_address(self, node)) for node in self.tree.css("a[href]")]


def decode_html(body: bytes, content_type: str | None) -> str:
    """Decode a page's bytes. Never raises; U+FFFD replaces what cannot be decoded.

    Several portals declare a wrong encoding. Text in another encoding is almost never valid multi-byte UTF-8, so a
    body that is UTF-8 (except a few broken sequences) is decoded as UTF-8, with any declaration. Otherwise header,
    `<meta>` and the WHATWG labels decide, in that order.

    Args:
        body: the payload, content encoding already decoded.
        content_type: the header's value as received, or None.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="replace")
    right = sum(1 for char in text if char > "\x7f" and char != "\ufffd")
    if text.count("\ufffd") <= right * _BROKEN_SHARE:
        return text
    return _decode_declared(body, content_type)


def decode_body(body: bytes, content_type: str | None) -> tuple[str, bytes]:
    """Decode as `decode_html` does. Return the text, and the text in UTF-8, so that it need not be encoded again."""
    if not body.startswith(tuple(mark for mark, _ in _BOMS)):
        with suppress(UnicodeDecodeError):
            return body.decode("utf-8"), body
    html = decode_html(body, content_type)
    return html, html.encode("utf-8", "replace")


def _decode_declared(body: bytes, content_type: str | None) -> str:
    """Decode a body that is not UTF-8 by its header or its text. A codec that is not a character set does not count."""
    for name in (http_content_type_encoding(content_type), html_body_declared_encoding(body)):
        # LookupError for `zlib` and `rot13`, ValueError for `idna`, `punycode` and `undefined`.
        with suppress(LookupError, ValueError):
            if name is not None and name not in _ESCAPES_OF_PYTHON and codecs.lookup(name).name != "utf-8":
                return html_to_unicode(f"text/html; charset={name}", body)[1]
    return html_to_unicode(f"text/html; charset={find_code_page(body)}", body)[1]


def parse_page(html: str, url: str, *, utf8: bytes | None = None) -> Page:
    """Parse a page. `url` is the address it was fetched from, `utf8` its text in UTF-8, where a caller has it.

    Raises:
        BadFileError: kind `page_too_costly`, if it is above one of the budgets of `cost`.
    """
    is_flat = check_cost(html)
    tree = LexborHTMLParser(html if utf8 is None else utf8)
    if not is_flat and is_too_deep(tree):
        raise too_deep()
    return Page(url=url, html=html, utf8=html.encode("utf-8", "replace") if utf8 is None else utf8, tree=tree)


def attribute(node: LexborNode, name: str) -> str:
    """Return an attribute's value without surrounding white space. "" if it is missing or empty."""
    # `attributes` would make a dictionary of all of them: three times as slow.
    return (node.attrs.get(name) or "").strip() if node.is_element_node else ""


def without_comments(html: str) -> str:
    """Return a page's text without its comments. One that does not end stays, with all that follows it."""
    # Without the cut, each beginning of a comment would be followed to the end of the page.
    end = html.rfind("-->") + len("-->")
    return _COMMENT.sub("", html[:end]) + html[end:] if end >= len("<!---->") else html


def document_title(page: Page) -> str | None:
    """Return the text of `<title>`."""
    node = page.tree.css_first("head > title, title")
    return (normalize_text(node.text()) or None) if node is not None else None


def absolute_url(page: Page, reference: str) -> str | None:
    """Make a reference absolute and safe to send. Only this function percent-encodes file addresses.

    Spaces, brackets and Vietnamese letters are encoded, encoded characters stay, the fragment is removed. None for
    what cannot be fetched: `data:`, `javascript:`, `mailto:`, `file:` and the like, or no address.
    """
    if reference not in page.joined:
        page.joined[reference] = join_url(page.base, reference)
    return page.joined[reference]


def link_address(page: Page, link: LexborNode) -> str:
    """Return the target of an `a` element, absolute but not re-encoded. "" if it has none.

    For `classify`, which normalises addresses itself.
    """
    href = attribute(link, "href")
    return "" if not href or href.startswith("#") else _follow(_start(page.base, href), href)


def join_url(base: str, reference: str) -> str | None:
    """Do what `absolute_url` does, for an address in a style sheet, feed or viewer."""
    return _join(base, reference)


def _join(base: str, reference: str) -> str | None:
    return _fetchable(_start(base, reference), reference) if reference else None


def _start(base: str, reference: str) -> str:
    """Return the base of a reference; the site's root if that gives the same result, for the caches."""
    return _site(base) if _is_rooted(reference) else base


@lru_cache(maxsize=1024)
def _site(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}/"


# All pages of a portal have the same addresses in menus, boxes and layout, hence the caches.
@lru_cache(maxsize=8192)
def _is_rooted(reference: str) -> bool:
    return _ROOTED.match(reference) is not None


@lru_cache(maxsize=8192)
def _follow(base: str, href: str) -> str:
    if is_overlong(href):
        return ""
    if _SIMPLE.fullmatch(href):
        return base[:-1] + href
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


@lru_cache(maxsize=8192)
def _fetchable(base: str, reference: str) -> str | None:
    if is_overlong(reference):
        return None
    if _SIMPLE.fullmatch(reference):
        whole = base[:-1] + reference
        return whole if _PLAIN.fullmatch(whole) else safe_url_string(whole)
    text = re.sub(r"[\t\r\n]+", "", reference).strip(" \x00\xa0\ufeff")
    if not text or text.startswith("#"):
        return None
    if _SCHEME.match(text) and not text.lower().startswith(("http:", "https:")):
        return None
    try:
        joined = urljoin(base, text.replace("\\", "/"))
        if not joined.startswith(("http://", "https://")):
            return None
        whole = joined.partition("#")[0]
        return whole if _PLAIN.fullmatch(whole) else safe_url_string(whole)
    except ValueError:
        return None
