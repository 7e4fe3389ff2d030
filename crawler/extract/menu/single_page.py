"""Read an entry of the menu that is one article by itself ("Kiểu trang Đơn mục"): history, organisation, functions.

It is recognised by its structure, the most certain mark first: the CMS's frame of an article, an article's header and
content without the frame, a widget of free text, a content element of another skin, and on a page without a list the
one element that holds most of its words. A page with none of them is not read as an article: what it is is said.
"""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from crawler.addresses import classify, is_spelled_alike, last_slug
from crawler.errors import NotAnArticleError
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.article import read_article
from crawler.extract.article.blocks import Flow, Line, OfferedFile, Picture, read_flow
from crawler.extract.article.parts import Parts, common_root, find_parts, outermost
from crawler.extract.article.titles import read_category_title
from crawler.extract.doubt import find_doubt
from crawler.extract.links import is_cut, read_link_title
from crawler.extract.listing.main_list import find_main_list, is_beside
from crawler.extract.marks.unkept import read_unkept
from crawler.extract.menu.main_text import find_main_text
from crawler.extract.page import Page, document_title, parse_page
from crawler.extract.refusal import explain_refusal
from crawler.extract.strangers import name_no_page
from crawler.items import Address, AddressKind, Article, Link, Listing, Refusal
from crawler.language.text import fold, matches_slug
from crawler.profile import Profile
from crawler.sentences import say

NEITHER = "neither-list-nor-article"
# What a page is read as that shows neither a list nor an article, and gives no reason for it.
_SHAPELESS = frozenset({"another-layout", "listing", "no-article", "no-title", "no-body"})
_WIDGETS = '[class*="UIMultiFunction" i], [class*="UIHtml" i], [class*="UIStatic" i], [class*="UITextContent" i]'
_WIDGET_CONTENT = ".MultiFunctionControl > .content, .MultiFunctionControl, .content"
# A widget with most of its words in links is a menu or a banner.
_LINKED_SHARE = 0.5
# Where a list is beside it, only a text of a paragraph is more than the list's heading.
_LEAST_WORDS_BESIDE_LIST = 40
_LEAST_WORDS = 8
# A last widget with this many of these marks is the imprint of the portal.
_IMPRINT = re.compile(
    r"\b(ban quyen|copyright|co quan chu quan|chiu trach nhiem|giay phep|ghi ro nguon|ban bien tap|dia chi|dien thoai|"
    r"e-?mail|fax|designed by|thiet ke boi)\b|(©)"
)
_IMPRINT_MARKS = 2


@dataclass(frozen=True, slots=True)
class SinglePage:
    """What an entry of the menu is besides a list: an article with its addresses, or the refusal of one.

    `found` are the addresses to ask for instead: where the entry led to. `unkept` is of the article.
    """

    article: Article | None = None
    addresses: tuple[Address, ...] = ()
    refusal: Refusal | None = None
    found: tuple[Link, ...] = ()
    unkept: tuple[tuple[str, str], ...] = ()


def read_single_page(page: Page, profile: Profile, *, asked: str, listing: Listing | None) -> SinglePage:
    """Read an entry of the menu as an article.

    Args:
        page: the answer; its address is the last one of the redirects.
        asked: the requested address.
        listing: the list that the page shows, too; None without one.
    """
    answered, first = classify(page.url, profile), classify(asked, profile)
    if answered is None or answered.kind is AddressKind.HOME:
        said = say("led-home") if answered is not None else say("led-away", url=page.url)
        return SinglePage(refusal=None if listing else Refusal("redirected-away", said))
    if first is None or not is_spelled_alike(first.url, answered.url):
        refusal = Refusal("redirected-away", say("led-elsewhere", url=page.url))
        leads = answered.is_article or find_parts(page) is not None
        return SinglePage(refusal=None if listing else refusal, found=(Link(answered),) if leads else ())
    title = document_title(page) or "untitled"
    kind = name_no_page(page.html)
    if kind is not None:
        return SinglePage(refusal=Refusal(kind, say("page-is-stranger", url=page.url, kind=kind, title=title)))
    where, parts = _find_text(page, profile)
    if parts is None and listing is None:
        parts = find_main_text(page, profile)
    named = _read_entry_title(page, profile, address=answered)
    try:
        article = _read(where, parts, profile=profile, address=answered, named=named)
    except NotAnArticleError as error:
        return SinglePage(refusal=None if listing else _name_refusal(page, error))
    if listing is not None and not _is_beside_list(article, parts, listing=listing):
        return SinglePage()
    doubt = find_doubt(page, article, profile=profile, is_titled=_is_titled(article, answered, named=named))
    if doubt is not None:
        return SinglePage(refusal=None if listing else doubt)
    unique = {address.url: address for address in (first, answered)}
    unkept = read_unkept(where, article, parts=parts, profile=profile)
    return SinglePage(article, tuple(unique.values()), unkept=unkept)


def _find_text(page: Page, profile: Profile) -> tuple[Page, Parts | None]:
    """Find the parts of an article on a page, and the page that they are of: the part of it inside a list's module.

    Some portals show the one article of a category in the module that shows the list of others.
    """
    parts = find_parts(page)
    module = find_main_list(page, profile) if parts is None else None
    if module is not None and (frame := module.css_first(vnpt.ARTICLE_ROOT)) is not None:
        inner = parse_page(f"<html><body>{frame.html}</body></html>", page.base)
        inner = replace(inner, pasted=page.pasted)
        if (framed := find_parts(inner)) is not None and framed.is_framed:
            return inner, framed
    return page, parts or _find_free_text(page, profile)


def _read(page: Page, parts: Parts | None, *, profile: Profile, address: Address, named: str | None) -> Article:
    """Read the article in the parts. `named` is its title if they have none.

    Raises:
        NotAnArticleError: without parts, or if they do not make an article.
    """
    if parts is None:
        raise explain_refusal(page, profile)
    as_article = replace(address, title_slug=last_slug(address))
    return read_article(page, profile, address=as_article, parts=parts, title=named)


def _name_refusal(page: Page, error: NotAnArticleError) -> Refusal:
    """Return the refusal of a page that is not a list either. One that gives no reason has its own kind."""
    if error.kind not in _SHAPELESS:
        return Refusal(error.kind, error.sentence)
    title = document_title(page) or "untitled"
    return Refusal(NEITHER, say("page-is-neither", url=page.url, title=title))


def _is_beside_list(article: Article, parts: Parts | None, *, listing: Listing) -> bool:
    """True if a page with a list has its own text: not the article of one of its rows, shown once more."""
    key = fold(article.title)
    for row in listing.rows:
        slug = row.address.title_slug or ""
        shown = fold(row.title or "")
        if key == shown or (slug and matches_slug(article.title, slug)) or (
            row.title and is_cut(row.title) and key.startswith(shown.rstrip(".… "))
        ):  # fmt: skip
            return False
    words = len(article.body.split())
    if parts is not None and parts.is_framed:
        return bool(words >= _LEAST_WORDS or article.images or article.attachments)
    return words >= _LEAST_WORDS_BESIDE_LIST


def _is_titled(article: Article, address: Address, *, named: str | None) -> bool:
    """True if the title is that of the entry: then even a short text of trouble is the editors' own."""
    return matches_slug(article.title, last_slug(address)) or fold(article.title) == fold(named or "")


def _read_entry_title(page: Page, profile: Profile, *, address: Address) -> str | None:
    """Return the words with which the page's own menu names this entry."""
    if address.kind is AddressKind.CATEGORY:
        return read_category_title(page, profile, slug=address.category_slug)
    for node, url in page.links:
        if is_spelled_alike(url, address.url) and (title := read_link_title(node)):
            return title
    return None


def _find_free_text(page: Page, profile: Profile) -> Parts | None:
    """Find the widgets of free text in the main part of a page, else the content element of another skin."""
    widgets = [n for n in page.tree.css(_WIDGETS) if not is_hidden(n) and not is_beside(n)]
    contents = [next(iter(widget.css(_WIDGET_CONTENT)), widget) for widget in outermost(widgets)]
    found = [node for node in contents if _holds_text(node, page, profile=profile)]
    while len(found) > 1 and len(set(_IMPRINT.findall(fold(found[-1].text(separator=" "))))) >= _IMPRINT_MARKS:
        found.pop()
    found = found or [node for node in contents if _holds_files(node, page, profile=profile)][:1]
    if not found:
        others = outermost(n for n in page.tree.css(vnpt.CONTENT_ELSEWHERE) if not is_hidden(n) and not is_beside(n))
        found = [node for node in others if _holds_text(node, page, profile=profile)]
        if len(found) != 1:
            return None
    root = common_root(found[0], found[-1])
    inside = frozenset(node.mem_id for part in found for node in part.css("*"))
    return Parts(
        root, header=None, content=tuple(found), summary=None, authors=(), dates=(), attached=(), lead=None,
        is_framed=False, is_whole=False, inside=inside,
    )  # fmt: skip


def _holds_text(node: LexborNode, page: Page, *, profile: Profile) -> bool:
    """True for an element with words outside links, or a picture beside few links."""
    flow: Flow = read_flow(node, page, profile=profile)
    lines = [block for block in flow.content if isinstance(block, Line)]
    words = sum(line.words for line in lines)
    letters, linked = len(node.text(strip=True)), sum(len(link.text(strip=True)) for link in node.css("a[href]"))
    if words < _LEAST_WORDS:
        return any(isinstance(block, Picture) for block in flow.content) and not node.css_first("a[href]")
    return linked < _LINKED_SHARE * letters


def _holds_files(node: LexborNode, page: Page, *, profile: Profile) -> bool:
    """True for an element that only shows or offers files: each of its links is to one."""
    flow = read_flow(node, page, profile=profile)
    offered = [block for block in flow.content if isinstance(block, OfferedFile)]
    return bool(offered) and len(node.css("a[href]")) <= len(offered)
