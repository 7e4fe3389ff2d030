"""Find the text of an entry of the menu in a skin that marks it by no known name: by where its words are."""

from itertools import islice

from selectolax.lexbor import LexborNode

from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.blocks import Line, read_flow
from crawler.extract.article.parts import Parts, ancestors
from crawler.extract.listing.main_list import is_beside
from crawler.extract.page import Page
from crawler.extract.strangers import has_frame
from crawler.profile import Profile

# A text has at least this many letters outside links, this share of those of the page, and few in links.
_LEAST_LETTERS, _LEAST_SHARE, _LINKED_SHARE = 160, 0.6, 0.2
# Levels of elements to go down or up: each costs a search of the page.
_DEEPEST = 40
_HEADINGS = "h1, h2, h3, h4"
_MODULES = '[class*="Document" i], [class*="Steering" i], [class*="VanBan" i], input:not([type="hidden"]), textarea'
_ASIDE = frozenset(("nav", "header", "footer", "aside", "form"))


def find_main_text(page: Page, profile: Profile) -> Parts | None:
    """Find the one element that holds most of the words of a page, with its heading; None without one.

    None for a page outside the portal's frame, with a form or a list of documents in the place of the text, or whose
    words are mostly links.
    """
    body = page.tree.body
    if body is None or not has_frame(page, profile):
        return None
    node = _climb(_descend(body))
    letters, linked = len(node.text(strip=True)), _linked(node)
    if node.mem_id == body.mem_id or letters - linked < _LEAST_LETTERS or linked > _LINKED_SHARE * letters:
        return None
    if is_beside(node) or any(vnpt.is_listing(one) for one in (node, *ancestors(node), *node.css("[class]"))):
        return None
    if node.css_first(_MODULES) is not None:
        return None
    heading = node.css_first(_HEADINGS)
    header = heading if heading is not None and _is_first(heading, node, page=page, profile=profile) else None
    return Parts(
        root=node, header=header, content=(node,), summary=None, authors=(), dates=(), attached=(), lead=None,
        is_framed=False, is_whole=True, inside=frozenset(),
    )  # fmt: skip


def _descend(node: LexborNode) -> LexborNode:
    """Return the lowest element that holds most of the letters outside links."""
    whole = _weight(node)
    for _ in range(_DEEPEST):
        heavy = [child for child in node.iter() if _weight(child) >= _LEAST_SHARE * whole]
        if not heavy or _weight(heavy[0]) < _LEAST_LETTERS:
            break
        node = heavy[0]
    return node


def _climb(node: LexborNode) -> LexborNode:
    """Return the largest element around one that has no more links: with the heading and pictures beside the text."""
    links = len(node.css("a[href]"))
    for parent in islice(ancestors(node), _DEEPEST):
        if parent.tag in ("body", "html", "form") or len(parent.css("a[href]")) > links:
            break
        node = parent
    return node


def _weight(node: LexborNode) -> int:
    if node.tag in _ASIDE or node.tag in ("script", "style", "noscript", "template") or is_hidden(node):
        return 0
    unread = sum(len(one.text(strip=True)) for one in node.css("script, style, noscript, nav, header, footer, aside"))
    return len(node.text(strip=True)) - _linked(node) - unread


def _linked(node: LexborNode) -> int:
    return sum(len(link.text(strip=True)) for link in node.css("a[href]"))


def _is_first(heading: LexborNode, node: LexborNode, *, page: Page, profile: Profile) -> bool:
    """Whether a heading is the first line of an element."""
    lines = (block for block in read_flow(node, page, profile=profile).content if isinstance(block, Line))
    own = [block for block in read_flow(heading, page, profile=profile).content if isinstance(block, Line)]
    first = next(lines, None)
    return first is not None and bool(own) and first.text == own[0].text
