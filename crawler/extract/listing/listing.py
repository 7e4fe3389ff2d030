"""Read listing pages, and the fragments that answer their pagers' requests."""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.errors import NotAListingError
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import is_hidden
from crawler.extract.article.parts import ancestors, find_parts
from crawler.extract.article.titles import read_category_title
from crawler.extract.links import is_cut, merge_links, read_link_title
from crawler.extract.listing.main_list import (
    article_links,
    find_main_list,
    find_unknown_rows,
    group_rows,
    has_static_text,
)
from crawler.extract.listing.pager import read_pager
from crawler.extract.page import Page, attribute, document_title, parse_page
from crawler.items import Address, AddressKind, FoundDate, Link, Listing
from crawler.language.dates import parse_box_date, parse_portal_date
from crawler.language.numbers import whole_number
from crawler.language.text import normalize_text
from crawler.profile import Profile
from crawler.sentences import say

_SUMMARY = (
    ".summary, .Summary, .sapo, .Sapo, .ArticleSummary, .desc, .description, .Description, .trichdan, .TrichDan, "
    ".intro, .lead, .mota, .MoTa"
)
_HEADINGS = "h1, h2, h3, h4, h5, .Title, .title"
_ENDS = (".", "!", "?", "”", '"', ")", "»", ":")
# A summary cut to a number of letters can be shorter by this many: one word.
_WORD = 12


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a list, with its summary as shown: only a comparison with the others tells if it is whole."""

    link: Link
    summary: str | None


def read_listing(page: Page, profile: Profile) -> Listing:
    """Read page 1 of a listing: its rows, title and pager.

    Only the main list counts, never side boxes. A category without articles gives no rows.

    Raises:
        NotAListingError: if the page has no list of articles and no pager, or only lists beside its own text; if it
            is an article.
    """
    main = find_main_list(page, profile)
    if main is None and find_parts(page) is not None:
        raise NotAListingError(say("list-is-article", url=page.url))
    pager = read_pager(page, main)
    if main is None and pager is None:
        raise NotAListingError(say("list-without-rows", url=page.url))
    if main is None and has_static_text(page, profile):
        raise NotAListingError(say("list-is-text", url=page.url))
    rows = _rows(main, page, profile=profile) if main is not None else []
    unknown = find_unknown_rows(main, page, profile=profile) if main is not None else ()
    limit = dict(pager.fields).get("num_of_text") if pager is not None else None
    title = _read_listing_title(page, main, profile=profile)
    unread = pager is None and _shows_more_pages(page)
    return Listing(page.url, title, _with_summaries(rows, limit), pager, has_unread_pages=unread, unknown_rows=unknown)


def _shows_more_pages(page: Page) -> bool:
    """True if a page shows numbers of further pages, as the CMS's own pager does."""
    return any((whole_number(attribute(node, "data-page")) or 0) > 1 for node in page.tree.css("[data-page]"))


def read_fragment(html: str, url: str, *, profile: Profile) -> Listing:
    """Read the rows of a pager's answer. Empty after the last page; this is not an error.

    Args:
        html: the answer, a fragment of a page.
        url: the address of its listing, the base of relative addresses.
        profile: of the portal.
    """
    page = parse_page(html, url)
    body = page.tree.body
    rows = _rows(body, page, profile=profile) if body is not None else []
    unknown = find_unknown_rows(body, page, profile=profile) if body is not None else ()
    return Listing(url, None, _with_summaries(rows, None), None, unknown_rows=unknown)


def _rows(area: LexborNode, page: Page, *, profile: Profile) -> list[_Row]:
    found: dict[str, _Row] = {}
    for element, group in group_rows(article_links(area, page, profile=profile)):
        row = _read_row(element, group, profile=profile)
        url = row.link.address.url
        if url not in found:
            found[url] = row
        else:
            earlier = found[url]
            found[url] = _Row(merge_links(earlier.link, row.link), earlier.summary or row.summary)
    return list(found.values())


def _read_row(element: LexborNode, group: list[tuple[LexborNode, Address]], *, profile: Profile) -> _Row:
    address = group[0][1]
    link = Link(address)
    nodes = [node for node, _ in group]
    for node in sorted(nodes, key=lambda n: not _is_heading(n)):
        # A link around the whole row has the title in its heading.
        heading = node.css_first(_HEADINGS)
        words = normalize_text(heading.text()) if heading is not None else ""
        title = words if words and not is_cut(words) else read_link_title(node)
        link = merge_links(link, Link(address, title))
    if link.title is None:
        heading = element.css_first(_HEADINGS)
        link = replace(link, title=(normalize_text(heading.text()) or None) if heading is not None else None)
    date = _read_row_date(element, profile, links=nodes)
    return _Row(replace(link, date=date), _read_row_summary(element, profile, title=link.title))


def _read_row_date(element: LexborNode, profile: Profile, *, links: list[LexborNode]) -> FoundDate | None:
    """Read a row's date from an element with a date's name, else from any text outside links that is only a date."""
    if element.mem_id in {link.mem_id for link in links}:
        return None
    named = [n for n in element.css("[class], [id], time") if n.tag == "time" or vnpt.is_date(n)]
    texts = [n.text(separator=" ") for n in named] + [attribute(n, "datetime") for n in named if n.tag == "time"]
    linked = {n.mem_id for link in links for n in link.traverse(include_text=True)}
    own = [n for n in element.traverse(include_text=True) if n.tag == "-text" and n.mem_id not in linked]
    texts += [n.text_content or "" for n in own]
    for text in texts:
        found = parse_portal_date(text, profile.zone)
        if found is None and re.fullmatch(r"\s*\([^()]*\)\s*", text):
            found = parse_box_date(text, profile.zone)
        if found is not None:
            return FoundDate(found.on, "listing", found.at)
    return None


def _read_row_summary(element: LexborNode, profile: Profile, *, title: str | None) -> str | None:
    for node in (*element.css(_SUMMARY), *element.css("p")):
        if is_hidden(node) or vnpt.is_date(node) or node.css_first("h1, h2, h3, h4") is not None:
            continue
        text = normalize_text(node.text())
        if not text or text == title or parse_portal_date(text, profile.zone) is not None:
            continue
        link = node.css_first("a")
        if link is not None and len(normalize_text(link.text())) >= len(text) - 2:
            continue
        return text
    return None


def _with_summaries(rows: list[_Row], limit: str | None) -> tuple[Link, ...]:
    """Return the rows with their summaries, but without cut ones.

    A summary that ends in dots is cut. One that ends without a stop is cut too if it is about as long as the page's
    script requests (`num_of_text`; 0 means whole), or, without that script, if several of the longest have about the
    same length.
    """
    lengths = [len(row.summary) for row in rows if row.summary]
    bound = whole_number(limit) if limit is not None else None

    def is_whole(summary: str) -> bool:
        if is_cut(summary):
            return False
        if summary.endswith(_ENDS) or bound == 0:
            return True
        if bound is not None:
            return abs(len(summary) - bound) > _WORD and len(summary.split()) != bound
        longest = max(lengths)
        clamped = sum(longest - length <= _WORD for length in lengths)
        return not (clamped >= 3 and longest - len(summary) <= _WORD)

    return tuple(
        replace(row.link, summary=row.summary if row.summary and is_whole(row.summary) else None) for row in rows
    )


def _read_listing_title(page: Page, main: LexborNode | None, *, profile: Profile) -> str | None:
    """Return the category's title: from the page's link to it, else its heading, else the document's title."""
    own = classify(page.url, profile)
    linked = (
        read_category_title(page, profile, slug=own.category_slug) if own and own.kind is AddressKind.CATEGORY else None
    )
    if linked:
        return linked
    crumbs = page.tree.css('[class*="breadcrumb" i] li, [class*="breadcrumb" i] .active')
    headings = main.css("h1, .ModuleTitle, .CategoryTitle, .title-cate") if main is not None else []
    for node in (*crumbs[-1:], *headings, *page.tree.css("h1")):
        title = normalize_text(node.text())
        if title:
            return title
    document = document_title(page)
    return re.split(r"\s+[-|–»]\s+", document)[0] if document else None


def _is_heading(link: LexborNode) -> bool:
    above = [link, *list(ancestors(link))[:2]]
    return any(n.tag in ("h1", "h2", "h3", "h4", "h5") or "title" in attribute(n, "class").lower() for n in above)
