"""The entries of the portal's menu: candidates for listings and single pages."""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from crawler.addresses import classify, last_slug, may_be_page, spell_plainly
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.parts import ancestors
from crawler.extract.links import merge_links, read_link_title
from crawler.extract.page import Page, attribute, link_address
from crawler.items import Address, AddressKind, Link
from crawler.profile import Profile

_MENUS = (
    'nav, [role="navigation"], [class*="menu" i], [id*="menu" i], [class*="nav" i], [id*="nav" i], '
    '[class*="dropdown" i]'
)
# By these a portal is recognised: what version 1 of the readers took for its menu.
_MENUS_1 = 'nav, [role="navigation"], [class*="menu" i], [id*="menu" i], [class*="navbar" i], [class*="nav-" i]'
_SIDES = '[class*="side" i], [class*="left" i], [class*="right" i], [class*="category" i]'
_HEADERS = 'header, [id*="header" i], [class*="header" i], [class*="banner" i]'
# Services of a portal. They are never lists or texts, and asking for them may end a session.
_SERVICES_WORDS = "dang-nhap dang-ky dang-xuat login logout register tim-kiem search rss sitemap en vi"
_SERVICES = frozenset(_SERVICES_WORDS.split())
# Of these at any level.
_SESSIONS = frozenset(("dang-nhap", "dang-xuat", "login", "logout"))
# Pages that a reader of version 1 did not count as entries: a portal is recognised by the same entries for ever.
_UNCOUNTED_WORDS = "so-do-cong so-do-trang so-do-website so-do-site lien-he gop-y hoi-dap"
_UNCOUNTED = _SERVICES.union(_UNCOUNTED_WORDS.split())


def read_menu(page: Page, profile: Profile) -> tuple[Link, ...]:
    """Return the entries of the portal's menu with their titles, in order.

    Those of the header count, too: a menu may have no name, beside a small one that has. Without both, all one-level
    links of the page. An entry is a category, a page of a sub-menu, or one of these with a query.
    """
    return _first_menu(page, profile, selectors=(f"{_MENUS}, {_HEADERS}", "body"))


def _first_menu(page: Page, profile: Profile, *, selectors: Iterable[str]) -> tuple[Link, ...]:
    """Return the entries in the areas of the first selector that has two, or of the whole page."""
    for selector in selectors:
        areas = [n for n in page.tree.css(selector) if selector == "body" or not _is_in_list(n)]
        found = _entries(areas, page, profile=profile, is_menu=selector != "body")
        if len(found) >= 2 or (found and selector == "body"):
            return found
    return ()


def read_entries_below(page: Page, profile: Profile, *, asked: str) -> tuple[Link, ...]:
    """Return the entries below an entry that its own page names: `/gioi-thieu/lich-su` on `/gioi-thieu`."""
    areas = [node for node in page.tree.css(f"{_MENUS}, aside, {_SIDES}") if not _is_in_list(node)]
    found = _entries(areas, page, profile=profile, is_menu=True)
    above = spell_plainly(asked)
    # The rows of a list can have such addresses, too: of a form that is not known.
    rows = {url for node, url in page.links if _is_in_list(node)}
    listed = {address.url for url in rows if (address := classify(url, profile)) is not None}
    below = (link for link in found if spell_plainly(link.address.url).startswith(f"{above}/"))
    return tuple(link for link in below if link.address.url not in listed)


def read_menu_slugs(page: Page, profile: Profile) -> tuple[str, ...]:
    """Return the slugs of the categories by which a portal is recognised: they never change, also if more is read."""
    menu = _first_menu(page, profile, selectors=(_MENUS_1, _HEADERS, "body"))
    named = (link.address for link in menu if link.address.kind is AddressKind.CATEGORY)
    slugs = (address.category_slug for address in named if address.category_slug)
    return tuple(slug for slug in slugs if slug.lower() not in _UNCOUNTED)


def _entries(areas: Iterable[LexborNode], page: Page, *, profile: Profile, is_menu: bool) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for area in areas:
        for node in area.css("a[href]"):
            address = _read_entry(link_address(page, node), profile)
            if address is None or (not is_menu and address.kind is not AddressKind.CATEGORY):
                continue
            link = Link(address, read_link_title(node))
            found[address.url] = merge_links(found[address.url], link) if address.url in found else link
    return tuple(found.values())


def _read_entry(url: str, profile: Profile) -> Address | None:
    """Return the address of an entry. None for what is not a page of the menu: a file, a service, the home page."""
    address = classify(url, profile)
    if address is None:
        return None
    plain = address
    if address.kind is AddressKind.OTHER and "?" in address.url:
        without = classify(address.url.partition("?")[0], profile)
        if without is None:
            return None
        plain = without
    is_service = (plain.category_slug or "").lower() in _SERVICES or last_slug(plain).lower() in _SESSIONS
    return address if may_be_page(plain) and not is_service else None


def _is_in_list(node: LexborNode) -> bool:
    """True for the "Menu" in `UIArticleInMenu` (a list of articles), and for menus inside an article."""
    return any(vnpt.LISTING_MODULE.search(c) or "articledetail" in c.lower() for c in _classes(node))


def _classes(node: LexborNode) -> Iterator[str]:
    return (attribute(n, "class") for n in (node, *ancestors(node)))
