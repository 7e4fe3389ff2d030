"""Find the main list of articles on a page, not a list beside it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.blocks import Line, read_flow
from crawler.extract.article.label_patterns import is_side_heading
from crawler.extract.article.parts import ancestors, find_parts
from crawler.extract.page import Page, attribute, link_address
from crawler.items import Address
from crawler.language.text import matches_slug, normalize_text
from crawler.profile import Profile

# The modules that can be the main list, the most certain first. The first kind on the page counts.
_MODULES = (
    '[class*="UIArticleInMenu" i]',
    ".ArticleInMenu, .ArticleList, .articlelist",
    '[class*="UIListNews" i], .list-news, .listnews, .news-list, .ListNews',
    '[class*="UIArticleList" i], [class*="ArticleCategory" i], [class*="ArticleByCategory" i]',
)
_SIDES = re.compile(
    r"(?<![a-z])side(?![a-z])|(?<![a-z])side(bar|box|col|menu|news|widget|panel|right|left)|(right|left)[-_]?side|"
    r"sidebar|side-bar|right-?(col|content|side|bar)|col-?(right|left)|left-?(col|side|bar)|menu|footer|header|banner|"
    r"breadcrumb|hot-?news|news-?hot|most-?(view|read)|xem-?nhieu|doc-?nhieu|tieu-?diem|lien-?ket|weblink|thong-?ke|tin-?moi|"
    r"related|other[-_]?(news|article|post)|(latest|recent)[-_]?(news|article|post)|tin-?khac|tin-?lien-?quan",
    re.IGNORECASE,
)
_SIDE_TAGS = frozenset(("nav", "aside", "footer", "header"))
# A box, or a column of at most a third of the page. The main list can be in one too.
_BOXES = re.compile(r"(?<![a-z])box(?![a-z])|(?<![a-z])col-((xs|sm|md|lg|xl)-)?[1-4](?![0-9])", re.IGNORECASE)
_FOOTERS = 'footer, [class*="footer" i], [id*="footer" i]'
_NO_CONTENT = f'{_FOOTERS}, nav, aside, header, [class*="menu" i], [id*="menu" i]'
# Side boxes show three to seven articles, pages of a listing ten or more.
_MIN_ROWS = 8
# A line of a title, summary or address is shorter.
_STATIC_WORDS = 40
_MAX_HEADING_LETTERS = 80
# The title of a row is longer than the name of a category.
_TITLE_WORDS = 4
_ROWS = re.compile(r"^(li|tr|h[1-5]) |(?<![a-z])(row|item|article|news|post|tin)(?![a-z])", re.IGNORECASE)
_PAGERS = re.compile(r"pag(er|ing|ination)|breadcrumb|category-?name", re.IGNORECASE)


class _Place(IntEnum):
    """The place of a list, by the names around it. `OTHERS`: under a heading such as "Tin khác"."""

    MAIN = 0
    BOX = 1
    SIDE = 2
    OTHERS = 3


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A list: its kind (index in `_MODULES`), its place, its number of articles and of those in the page's category.

    `has_pager` if it contains the CMS's own pager, `has_pages` if it contains any pager.
    """

    node: LexborNode
    kind: int
    place: _Place
    rows: int
    own: int
    has_pager: bool
    has_pages: bool

    @property
    def is_own(self) -> bool:
        """True if most articles are in the page's own category."""
        return self.own >= 2 and 2 * self.own > self.rows


def find_main_list(page: Page, profile: Profile) -> LexborNode | None:
    """Find the element of the main list. None if a page has no list, or only lists beside its content.

    A list in a side column, or under a heading such as "Tin khác", is the main list only with the CMS's own pager, or
    if most of its articles are in the page's own category. On a page without a better list and without its own text,
    a long list in a side column or any list in a box counts too.
    """
    found = _modules(page, profile)
    sure = [c for c in found if c.has_pager or c.place is _Place.MAIN]
    if sure:
        kind = min(c.kind for c in sure)
        return max((c for c in sure if c.kind == kind), key=_rank).node
    if find_parts(page) is not None:
        return None
    found += _repeated_links(page, profile)
    fitting = [c for c in found if c.is_own]
    if not fitting:
        widest = _Place.MAIN if has_static_text(page, profile) else _Place.SIDE
        fitting = [c for c in found if c.place <= min(widest, _Place.BOX)]
        fitting = fitting or [c for c in found if c.place <= widest and c.rows >= _MIN_ROWS]
    return max(fitting, key=lambda c: (c.own, c.rows, -c.place)).node if fitting else None


def has_static_text(page: Page, profile: Profile) -> bool:
    """True for a page with a long paragraph outside its lists, menus and footer."""
    body = page.tree.body
    if body is None:
        return False
    skip = frozenset(n.mem_id for n in body.css(", ".join((_NO_CONTENT, *_MODULES))))
    blocks = read_flow(body, page, profile=profile, skip=skip - {body.mem_id}).content
    return any(isinstance(b, Line) and b.words >= _STATIC_WORDS and b.linked < 0.5 for b in blocks)


def article_links(area: LexborNode, page: Page, *, profile: Profile) -> list[tuple[LexborNode, Address]]:
    """Return the links to articles in an element, without hidden links."""
    found = []
    for node in area.css("a[href]"):
        address = classify(link_address(page, node), profile)
        if address is not None and address.is_article and not is_hidden(node):
            found.append((node, address))
    return found


def find_unknown_rows(area: LexborNode, page: Page, *, profile: Profile) -> tuple[str, ...]:
    """Return the targets of rows in an element that look like those of articles, but have an address of no known form.

    A row's title has several words, and its row names no article of a known form.
    """
    found: dict[str, None] = {}
    for node in area.css("a[href]"):
        url = link_address(page, node)
        if not url.startswith(("http://", "https://")) or is_hidden(node) or _PAGERS.search(_names_above(node)):
            continue
        address = classify(url, profile)
        if (address is not None and address.is_article) or len(normalize_text(node.text()).split()) < _TITLE_WORDS:
            continue
        row = next((n for n in (node, *ancestors(node)) if _ROWS.search(f"{n.tag} {attribute(n, 'class')}")), None)
        if row is not None and not article_links(row, page, profile=profile):
            found[url] = None
    return tuple(found)


def is_beside(node: LexborNode) -> bool:
    """True for an element in a side column, box, menu, header or footer."""
    return _place(node) is not _Place.MAIN


def _names_above(node: LexborNode) -> str:
    return " ".join(attribute(n, "class") for n in (node, *list(ancestors(node))[:3]))


def group_rows(links: list[tuple[LexborNode, Address]]) -> list[tuple[LexborNode, list[tuple[LexborNode, Address]]]]:
    """Group links by their row: the highest element above a link without links to other articles."""
    articles: dict[int, set[str]] = {}
    above = {node.mem_id: list(ancestors(node)) for node, _ in links}
    for node, address in links:
        for element in above[node.mem_id]:
            articles.setdefault(element.mem_id, set()).add(address.url)
    rows: dict[int, tuple[LexborNode, list[tuple[LexborNode, Address]]]] = {}
    for node, address in links:
        row = node
        for element in above[node.mem_id]:
            if len(articles[element.mem_id]) > 1 or element.tag in ("body", "html", "ul", "ol", "tbody", "table"):
                break
            row = element
        rows.setdefault(row.mem_id, (row, []))[1].append((node, address))
    return list(rows.values())


def _modules(page: Page, profile: Profile) -> list[_Candidate]:
    """Find the modules with lists, the outermost of each kind."""
    candidates: list[_Candidate] = []
    for kind, selector in enumerate(_MODULES):
        found = [n for n in page.tree.css(selector) if n.tag not in ("a", "span", "img", "li") and not is_hidden(n)]
        held = {n.mem_id for n in found}
        outer = [n for n in found if not any(a.mem_id in held for a in ancestors(n))]
        candidates += [_describe(n, kind, page=page, profile=profile) for n in outer]
    return candidates


def _describe(node: LexborNode, kind: int, *, page: Page, profile: Profile) -> _Candidate:
    own = classify(page.url, profile)
    slug = own.category_slug if own is not None else None
    addresses = {address.url: address for _, address in article_links(node, page, profile=profile)}
    place = _place(node)
    if any(is_side_heading(text) and not (slug and matches_slug(text, slug)) for text in _headings(node)):
        place = _Place.OTHERS
    return _Candidate(
        node=node,
        kind=kind,
        place=place,
        rows=len(addresses),
        own=sum(address.category_slug == slug for address in addresses.values()),
        has_pager=node.css_first("[data-page]") is not None,
        has_pages=node.css_first("[data-page], ul.pagination") is not None,
    )


def _rank(candidate: _Candidate) -> tuple[bool, int, bool, int]:
    return candidate.has_pages, candidate.own, candidate.place < _Place.SIDE, candidate.rows


def _repeated_links(page: Page, profile: Profile) -> list[_Candidate]:
    """Find the element with most rows of links to articles, outside side columns, menus, footers and sentences."""
    body = page.tree.body
    links = article_links(body, page, profile=profile) if body is not None else []
    rows = group_rows([(n, a) for n, a in links if _place(n) is not _Place.SIDE and not _is_in_sentence(n)])
    parents: Counter[int] = Counter()
    nodes: dict[int, LexborNode] = {}
    for row, _ in rows:
        parent = row.parent
        if parent is not None:
            parents[parent.mem_id] += 1
            nodes[parent.mem_id] = parent
    best, count = parents.most_common(1)[0] if parents else (0, 0)
    return [_describe(nodes[best], len(_MODULES), page=page, profile=profile)] if count >= 2 else []


def _is_in_sentence(link: LexborNode) -> bool:
    """True if words directly precede a link: it is part of a sentence."""
    before = link.prev
    return before is not None and before.is_text_node and (before.text_content or "").rstrip()[-1:].isalpha()


def _place(node: LexborNode) -> _Place:
    place = _Place.MAIN
    for element in (node, *ancestors(node)):
        if element.tag in ("body", "html"):
            break
        # `UIArticleInMenu` is not a menu.
        names = vnpt.LISTING_MODULE.sub("", f"{attribute(element, 'class')} {attribute(element, 'id')}")
        if element.tag in _SIDE_TAGS or _SIDES.search(names):
            # An element with the footer in it frames the whole page, or was never closed.
            footer = element.css_first(_FOOTERS)
            if footer is None or footer.mem_id == element.mem_id:
                return _Place.SIDE
        elif _BOXES.search(names):
            place = _Place.BOX
    return place


def _headings(node: LexborNode) -> Iterator[str]:
    """Yield the possible headings of a list: its first elements, and the elements before it and its parents."""
    above = [node, *ancestors(node)][:3]
    before = [_element_before(element) for element in above]
    inside = [child for depth, child in zip(range(3), _first_elements(node), strict=False)]
    for element in (*inside, *before):
        text = normalize_text(element.text()) if element is not None else ""
        if 0 < len(text) <= _MAX_HEADING_LETTERS:
            yield text


def _element_before(node: LexborNode) -> LexborNode | None:
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    return before


def _first_elements(node: LexborNode) -> Iterator[LexborNode]:
    """Go down from an element, always to the first child element."""
    child = next(iter(node.iter()), None)
    while child is not None:
        yield child
        child = next(iter(child.iter()), None)
