"""What an article's page shows of its identity and of its end."""

import re

from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract.article.parts import find_parts
from crawler.extract.marks.claims import read_claims, read_own_ids
from crawler.extract.marks.closing import ends_as_usual, has_closing_furniture
from crawler.extract.page import Page
from crawler.page_marks import PageMarks
from crawler.profile import Profile

# Elements that are closed by their end tag only. A page that was cut inside one leaves it open.
# In lower case: a search that ignores the case costs three times as much (measured on a page of 46 kB).
_NESTING = re.compile(rb"<(/?)(?:html|body|div|table|section|article|main|form|ul|ol|span|header|footer|aside)\b")
_RAW = re.compile(rb"<(?:!--|(script|style|textarea)\b)")
_UNSEEN = ("script", "style", "noscript", "template", "-comment")


def read_marks(page: Page, profile: Profile) -> PageMarks:
    """Read the marks of an article's page."""
    addresses = (classify(reference, profile) for reference in read_claims(page) if reference)
    claims = dict.fromkeys(address.url for address in addresses if address is not None and address.is_article)
    ids = set(read_own_ids(page))
    lower = page.utf8.lower()  # of ASCII letters alone: ten times faster than `lower` on Vietnamese text
    tags = _NESTING.findall(_without_raw(lower))
    return PageMarks(
        claims=tuple(claims),
        own_id=ids.pop() if len(ids) == 1 else None,
        has_end=ends_as_usual(lower) or has_closing_furniture(page.html),
        goes_on=_goes_on(page),
        open_tags=max(0, tags.count(b"") - tags.count(b"/")),
    )


def _without_raw(page: bytes) -> bytes:
    """Leave out comments, scripts and styles that end. A search for each end costs a third of one pattern for both."""
    parts, at, endless = [], 0, set[bytes]()
    for begin in _RAW.finditer(page):
        mark = b"-->" if begin[1] is None else b"</" + begin[1]
        if begin.start() < at or mark in endless:
            continue  # within the part before, or an end that was not found
        end = page.find(mark, begin.end())
        if end >= 0:
            parts.append(page[at : begin.start()])
            at = end
        else:
            endless.add(mark)
    return b" ".join([*parts, page[at:]])


def _goes_on(page: Page) -> bool:
    """Return whether anything that is shown follows the article's frame."""
    parts = find_parts(page)
    node: LexborNode | None = parts.root if parts is not None else None
    while node is not None and node.tag not in ("body", "html"):
        following = node.next
        while following is not None:
            if following.tag not in _UNSEEN and following.text().strip():
                return True
            following = following.next
        node = node.parent
    return False
