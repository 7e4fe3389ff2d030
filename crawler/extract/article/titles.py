"""Read an article's title and category from the most reliable place on the page."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.blocks import Line, read_flow
from crawler.extract.article.label_patterns import is_furniture_line, strip_counter
from crawler.extract.article.page_dates import is_date_line
from crawler.extract.article.parts import Parts, ancestors, is_within_text
from crawler.extract.page import Page, attribute, document_title
from crawler.items import Address, AddressKind
from crawler.language.text import fold, matches_slug, normalize_text
from crawler.profile import Profile

_HEADINGS = "h1, h2, h3, h4"
_TITLE_CLASSES = (
    ".Title, .title, .tieude, .TieuDe, .tieu-de, .article-title, .ArticleTitle, .news-title, .detail-title, "
    '[itemprop="headline"]'
)
_BREADCRUMB = re.compile(r"breadcrumb|sitemappath|duong-?dan", re.IGNORECASE)
_MORE = re.compile(r"^(xem (them|tat ca|tiep)|chi tiet|doc tiep|more|tat ca|>+|»+|\.+)?$")


def read_title(page: Page, parts: Parts, *, profile: Profile, address: Address) -> str | None:
    """Return the title. None if nothing on the page can be one.

    The article's header is the title. Without one: of the headings of the article, the headings of the page and the
    page's own metadata, the first that fits the slug of the address; else the first heading of the article.
    """
    if parts.header is not None:
        title = _header_text(parts.header, page, profile=profile)
        if title:
            return title
    inside = [title for title in _headings(parts.root, parts, page=page, profile=profile) if title]
    outside = [title for title in (*_page_headings(page), *_named(page)) if title]
    slug = address.title_slug or ""
    fitting = (title for title in (*inside, *outside) if slug and matches_slug(title, slug))
    return next(fitting, None) or (inside[0] if inside else None)


def read_category_title(page: Page, profile: Profile, *, slug: str | None) -> str | None:
    """Return the text of the page's link to a category, in its breadcrumb or else anywhere."""
    if slug is None:
        return None
    titles: list[str] = []
    for link, url in page.links:
        address = classify(url, profile) if slug in url else None
        if address is None or address.kind is not AddressKind.CATEGORY or address.category_slug != slug:
            continue
        title = normalize_text(link.text())
        if not _MORE.match(fold(title)):
            titles.append(title)
            if any(_is_breadcrumb(a) for a in ancestors(link)):
                return title
    return titles[0] if titles else None


def _header_text(header: LexborNode, page: Page, *, profile: Profile) -> str:
    """Read a header without a date and counter in it."""
    named = (n for n in header.css(f"{_HEADINGS}, {_TITLE_CLASSES}") if normalize_text(n.text()))
    inner = next((n for n in named if not is_within_text(n) and not _has_words_beside(n)), None)
    found = (n for n in header.css("[class], time") if n.tag == "time" or vnpt.is_date(n))
    dates = frozenset(n.mem_id for n in found if not is_within_text(n))
    blocks = read_flow(inner or header, page, profile=profile, skip=dates).content
    lines = [strip_counter(block.text) for block in blocks if isinstance(block, Line)]
    kept = [line for line in lines if line and not is_furniture_line(line) and not is_date_line(line, profile)]
    return normalize_text(" ".join(kept))


def _has_words_beside(node: LexborNode) -> bool:
    """True for an inline element beside which the title goes on, without its own element."""
    if node.tag not in ("span", "a", "b", "strong", "em", "i", "u", "font"):
        return False
    beside = (other for other in (node.prev, node.next) if other is not None and other.tag == "-text")
    return any(any(map(str.isalpha, other.text_content or "")) for other in beside)


def _headings(root: LexborNode, parts: Parts, *, page: Page, profile: Profile) -> Iterator[str]:
    inside = {part.mem_id for part in parts.content if not parts.is_whole}
    for selector in ("h1", _TITLE_CLASSES, "h2, h3"):
        for node in root.css(selector):
            if is_hidden(node) or any(_is_aside(a) or a.mem_id in inside for a in ancestors(node)):
                continue
            if not any(vnpt.is_furniture(a) for a in (node, *ancestors(node))):
                yield _header_text(node, page, profile=profile)


def _page_headings(page: Page) -> Iterator[str]:
    return (normalize_text(node.text()) for node in page.tree.css("h1"))


def _named(page: Page) -> Iterator[str]:
    """Yield the titles in the page's metadata. The `<title>` with and without the site's name."""
    for node in page.tree.css('meta[property="og:title"], meta[name="title"], meta[name="twitter:title"]'):
        yield normalize_text(attribute(node, "content"))
    whole = document_title(page) or ""
    yield whole
    for separator in (" | ", " - ", " – ", " :: ", " » "):
        head, found, _ = whole.rpartition(separator)
        if found:
            yield head.strip()
        head, found, _ = whole.partition(separator)
        if found:
            yield head.strip()


def _is_breadcrumb(node: LexborNode) -> bool:
    return bool(_BREADCRUMB.search(attribute(node, "class"))) or "breadcrumb" in attribute(node, "id").lower()


def _is_aside(node: LexborNode) -> bool:
    return node.tag in ("aside", "nav", "footer", "li") or vnpt.is_listing(node)
