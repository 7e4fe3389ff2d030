"""Whose page a page says it is: the addresses and the number that it gives as its own."""

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.extract.article.parts import find_parts
from crawler.extract.page import Page, attribute, join_url, link_address
from crawler.language.text import join_surrogates
from crawler.media.json_texts import read_json

# Names of an article's number, in hidden fields and in scripts; not those of a category or of a list.
_ID_NAME = re.compile(
    r"(?:^|[$_.])(?:h|hf|hd|hdf|hdn|hid)?_?(?:article|news|post|bai_?viet|tin_?tuc)_?id$", re.IGNORECASE
)
_ID_IN_SCRIPT = re.compile(
    r"""(?<![\w.-])["']?(?:current_?)?(?:article|news|post|bai_?viet|tin_?tuc)_?id["']?\s*[:=]\s*["']?(\d{2,12})\b"""
)
# An assignment to an id after a letter that one of these names ends with, in lower case. It is cheap to find, and few
# scripts have more than some; those of the portals' parts have hundreds of plain ones (`"id": 12`).
_SOME_ID = re.compile(r"""id(?<=[estc_]id)["']?\s*[:=]\s*["']?\d{2,12}\b""")
_LONGEST_NAME = len('"current_article_')
_ID_DATA = ("data-article-id", "data-news-id", "data-post-id")
_DIGITS = re.compile(r"\d{2,12}")
_SHARED = ("data-href", "data-url", "data-share-url")


def read_claims(page: Page) -> Iterator[str]:
    """Yield what the page gives as its own address: canonical links, shares, the action of an ASP.NET form, JSON-LD."""
    for node in page.metadata:
        if attribute(node, "rel").lower() in ("canonical", "shortlink"):
            yield link_address(page, node)
        elif attribute(node, "property") == "og:url" or attribute(node, "name") == "twitter:url":
            yield attribute(node, "content")
    for node in page.tree.css('[itemprop="mainEntityOfPage"]'):
        yield attribute(node, "itemid") or attribute(node, "href") or attribute(node, "content")
    state = page.tree.css_first('input[name="__VIEWSTATE"]')
    form = next((node for node in page.tree.css("form[action]") if state is not None and _is_around(node, state)), None)
    if form is not None:
        # An empty action is the page's own address.
        yield join_url(page.url, attribute(form, "action")) or ""
    for node in page.tree.css(", ".join(f"[{name}]" for name in _SHARED)):
        if re.search(r"fb-|zalo|share|addthis", attribute(node, "class"), re.IGNORECASE):
            yield next(filter(None, (attribute(node, name) for name in _SHARED)), "")
    for node in page.tree.css('script[type="application/ld+json"]'):
        yield from _claimed_by_json(node.text())


def _claimed_by_json(text: str) -> Iterator[str]:
    try:
        found = read_json(text)
    except ValueError:
        return
    for entry in found if isinstance(found, list) else [found]:
        if isinstance(entry, dict) and "Article" in str(entry.get("@type", "")):
            named: Any = entry.get("mainEntityOfPage")
            named = named.get("@id") if isinstance(named, dict) else named
            yield from (join_surrogates(one) for one in (named, entry.get("url")) if isinstance(one, str))


def read_own_ids(page: Page) -> Iterator[str]:
    """Yield the numbers that the page gives as the article's own, outside lists of other articles."""
    for node in page.tree.css('input[type="hidden"]'):
        if any(_ID_NAME.search(attribute(node, name)) for name in ("name", "id")):
            yield from _DIGITS.findall(attribute(node, "value"))[:1]
    parts = find_parts(page)
    frame: LexborNode | None = parts.root if parts is not None and parts.is_framed else None
    while frame is not None and frame.tag not in ("body", "html"):
        yield from (value for name in _ID_DATA if _DIGITS.fullmatch(value := attribute(frame, name)))
        frame = frame.parent
    for node in page.tree.css("script:not([src])"):
        text = node.text().lower()
        for found in _SOME_ID.finditer(text):
            named = _ID_IN_SCRIPT.search(text, max(0, found.start() - _LONGEST_NAME), found.end())
            if named is not None:
                yield named[1]


def _is_around(node: LexborNode, inner: LexborNode) -> bool:
    parent = inner.parent
    while parent is not None:
        if parent.mem_id == node.mem_id:
            return True
        parent = parent.parent
    return False
