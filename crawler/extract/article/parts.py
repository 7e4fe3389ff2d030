"""Find the elements of an article's parts on a page, in all skins of this CMS."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from selectolax.lexbor import LexborNode

from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.label_patterns import is_furniture_line, strip_counter
from crawler.extract.page import Page, attribute
from crawler.language.text import fold, normalize_text

_INLINE_WORDS = "a abbr b big em font i label mark s small span strong sub sup time u"
_INLINE = frozenset(_INLINE_WORDS.split())
# Words before a date that a sentence is about, unlike the labels of a date of posting.
_LEADS_TO_DATE = re.compile(r"\b(ngay|tu|den|luc|vao|thang|nam|sang|chieu|toi|tai|theo|cua)$")
# Furniture in an editor's text says fewer words outside links.
_SAID_WORDS = 5
_CONTAINERS = frozenset(("div", "section", "article", "main", "td", "form", "table"))


@dataclass(frozen=True, slots=True)
class Parts:
    """The elements of an article.

    `is_framed` if the CMS's own frame is around them, so that all in it belongs to the article. `is_whole` if no
    element marks the content, so that the root is the content; else `inside` are the `mem_id`s of all its elements.
    `attached` are boxes of files beside the content.
    """

    root: LexborNode
    header: LexborNode | None
    content: tuple[LexborNode, ...]
    summary: LexborNode | None
    authors: tuple[LexborNode, ...]
    dates: tuple[LexborNode, ...]
    lead: LexborNode | None
    attached: tuple[LexborNode, ...]
    is_framed: bool
    is_whole: bool
    inside: frozenset[int]

    @property
    def apart(self) -> frozenset[int]:
        """`mem_id`s of what is not content: the parts with their own readers, and other modules of the page."""
        above = {a.mem_id for part in (*self.content, self.header) if part is not None for a in ancestors(part)}
        modules = [n for n in self.root.css('[class*="UI"]') if vnpt.is_module(n) and n.mem_id not in above]
        nodes = [self.header, self.summary, self.lead, *self.authors, *self.dates, *self.attached, *modules]
        return frozenset(node.mem_id for node in nodes if node is not None)

    @property
    def offering(self) -> frozenset[int]:
        """`mem_id`s of the parts apart whose files are the article's own."""
        nodes = (self.header, self.summary, *self.authors, *self.dates, *self.attached)
        return frozenset(node.mem_id for node in nodes if node is not None)


@lru_cache(maxsize=4)
def find_parts(page: Page) -> Parts | None:
    """Find an article's parts. None if a page has neither the frame nor the content of an article.

    The results for the last pages are cached, because several readers need them.
    """
    framed = _find_root(page)
    root = framed
    scope = root or page.tree.body
    if scope is None:
        return None
    header = _first_outside_lists(scope.css(vnpt.HEADER), root)
    content = _find_content(scope, root, header=header)
    if root is None:
        marks = [node for node in (header, *content[:1]) if node is not None]
        if not marks:
            return None
        root = common_root(marks[0], marks[-1])
    is_whole = not content
    if is_whole:
        content = (root,)
    named = root.css(":is([class], [itemprop], [id], time)")
    inside = frozenset(node.mem_id for part in content for node in part.css("*")) if not is_whole else frozenset()
    # A content with the header in it is the whole frame: the date in it is that of posting.
    text = frozenset() if header is not None and header.mem_id in inside else inside
    summary = next((n for n in root.css(vnpt.SUMMARY) if not is_hidden(n) and n.tag != "meta"), None)
    return Parts(
        root=root,
        header=header,
        content=content,
        summary=summary,
        authors=tuple(outermost(n for n in named if vnpt.is_author(n) and not _is_name_in_line(n, inside))),
        dates=tuple(n for n in named if n.mem_id not in text and _may_date(n) and not _is_spoken_of(n, summary)),
        lead=next((n for n in root.css(vnpt.LEAD_PICTURE) if not _is_hidden_below(n, root)), None),
        attached=_find_attached(named, inside, marks=(header, *content)),
        is_framed=framed is not None,
        is_whole=is_whole,
        inside=inside,
    )


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the ancestors of an element, from its parent to the root."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def is_within_text(node: LexborNode) -> bool:
    """True for an inline element in the middle of a sentence: "họp ngày <time>13/9/2024</time> tại trụ sở".

    A date or name that is only beside the text, before or after it, is not within.
    """
    if node.tag not in _INLINE:
        return False
    before, after = _text_beside(node, -1), _text_beside(node, 1)
    return bool(before) and (any(map(str.isalpha, after)) or bool(_LEADS_TO_DATE.search(fold(before))))


def is_furniture_in_text(node: LexborNode) -> bool:
    """True for furniture in an editor's own text: pasted texts have classes such as `print`, `views`, `tool` as well.

    It says next to nothing outside links, or only what furniture says; other articles and comments are some always.
    """
    return vnpt.is_furniture(node) and (vnpt.is_no_text(node) or not _speaks(node))


def is_silent_button(node: LexborNode) -> bool:
    """True for a button that says what it does. The heads of foldable texts are buttons, too, with more words."""
    return node.tag == "button" and not _speaks(node)


def _speaks(node: LexborNode) -> bool:
    """True for an element with several words outside links that are neither a counter nor the words of a tool bar."""
    text = normalize_text(node.text(separator=" "))
    linked = sum(len(link.text().split()) for link in node.css("a"))
    is_told = not is_furniture_line(text) and strip_counter(text) == text
    return is_told and len(text.split()) - linked >= _SAID_WORDS and node.css_first("input, textarea, form") is None


def _text_beside(node: LexborNode, direction: int) -> str:
    """Return the text before (-1) or after (1) an inline element in its block."""
    text = ""
    while node.tag in _INLINE:
        beside = node.prev if direction < 0 else node.next
        while beside is not None and (beside.tag == "-text" or beside.tag in _INLINE):
            piece = (beside.text_content or "") if beside.tag == "-text" else beside.text()
            text = piece + text if direction < 0 else text + piece
            beside = beside.prev if direction < 0 else beside.next
        if beside is not None or node.parent is None:
            break
        node = node.parent
    return text.strip()


def _find_root(page: Page) -> LexborNode | None:
    """Find the article's frame: if there are several, the first with a header or content."""
    found = [n for n in page.tree.css(vnpt.ARTICLE_ROOT) if n.tag in _CONTAINERS and not is_hidden(n)]
    found = [n for n in found if not any(vnpt.is_furniture(a) or vnpt.is_listing(a) for a in (n, *ancestors(n)))]
    full = [n for n in found if n.css_first(f"{vnpt.HEADER}, {vnpt.CONTENT}") is not None]
    ordered = full or [n for n in found if "ArticleDetailControl" in attribute(n, "class")] or found
    # An empty frame can precede the full one. The first of equal ones counts.
    filled = (n for n in ordered if _is_filled(n, vnpt.HEADER) and _is_filled(n, vnpt.CONTENT))
    half = (n for n in ordered if _is_filled(n, vnpt.HEADER) or _is_filled(n, vnpt.CONTENT))
    return next(chain(filled, half, ordered), None)


def _is_filled(root: LexborNode, selector: str) -> bool:
    part = root.css_first(selector)
    return part is not None and bool(part.text(strip=True))


def _find_content(scope: LexborNode, root: LexborNode | None, *, header: LexborNode | None) -> tuple[LexborNode, ...]:
    found = tuple(outermost(n for n in scope.css(vnpt.CONTENT) if not is_hidden(n)))
    if root is None:
        found = tuple(n for n in found if not any(vnpt.is_listing(a) for a in ancestors(n)))
        # Rows of a listing can have the class too. An article has one content element, or very few.
        if len(found) > 3:
            return ()
    if found:
        return found
    if root is None and header is None:
        return ()
    elsewhere = list(outermost(n for n in scope.css(vnpt.CONTENT_ELSEWHERE) if not is_hidden(n)))
    return (max(elsewhere, key=lambda n: len(n.text())),) if elsewhere else ()


def _first_outside_lists(nodes: list[LexborNode], root: LexborNode | None) -> LexborNode | None:
    for node in nodes:
        if not normalize_text(node.text()) or is_hidden(node):
            continue
        if root is not None or not any(vnpt.is_listing(a) for a in ancestors(node)):
            return node
    return None


def common_root(first: LexborNode, second: LexborNode) -> LexborNode:
    """Return the lowest element that contains both. For one element, its parent."""
    above = {node.mem_id for node in ancestors(first)}
    for node in ancestors(second):
        if node.mem_id in above:
            return node
    return first


def outermost(nodes: Iterable[LexborNode]) -> Iterator[LexborNode]:
    """Leave out elements that came before (two selectors can match one), and elements inside those."""
    seen: set[int] = set()
    for node in nodes:
        if node.mem_id not in seen and not any(a.mem_id in seen for a in ancestors(node)):
            seen.add(node.mem_id)
            yield node


def _is_name_in_line(node: LexborNode, inside: frozenset[int]) -> bool:
    """True for a name in a line of the content with other words: the whole line is read, as any closing line."""
    if node.mem_id not in inside or node.tag not in _INLINE:
        return False
    return any(map(str.isalpha, _text_beside(node, -1) + _text_beside(node, 1)))


def _find_attached(
    named: Iterable[LexborNode], inside: frozenset[int], *, marks: Iterable[LexborNode | None]
) -> tuple[LexborNode, ...]:
    """Find the boxes of files outside the content. A box that contains a part of the article does not count."""
    found = [node for node in named if vnpt.is_file_box(node) and node.mem_id not in inside and not is_hidden(node)]
    if not found:
        return ()
    above = {a.mem_id for mark in marks if mark is not None for a in (mark, *ancestors(mark))}
    return tuple(outermost(node for node in found if node.mem_id not in above))


def _may_date(node: LexborNode) -> bool:
    """True for a date's element outside lists of other articles."""
    if node.tag != "time" and not vnpt.is_date(node):
        return False
    return not any(_is_list_row(a) or vnpt.is_furniture(a) or vnpt.is_module(a) for a in (node, *ancestors(node)))


def _is_spoken_of(node: LexborNode, summary: LexborNode | None) -> bool:
    """True for the date of an event in a sentence of the summary or the title."""
    spoken_in = summary.mem_id if summary is not None else 0
    inside = any(a.mem_id == spoken_in or a.tag in ("h1", "h2", "h3", "h4") for a in ancestors(node))
    return inside and is_within_text(node)


def _is_list_row(node: LexborNode) -> bool:
    return node.tag == "li" and node.css_first("a[href]") is not None


def _is_hidden_below(node: LexborNode, root: LexborNode) -> bool:
    for element in (node, *ancestors(node)):
        if element.mem_id == root.mem_id:
            return False
        if is_hidden(element):
            return True
    return False
