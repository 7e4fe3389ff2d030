"""Which form of a feed a visitor is given: the page to a browser, Atom to a feed reader (RFC 9110, 12.5.1). Pure."""

import re
from typing import Literal

Form = Literal["page", "feed"]
_PART = re.compile(r"\s*([\w*.+-]+/[\w*.+-]+)\s*((?:;[^;,]*)*)")
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|$)", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml+xml")
_FEEDS = ("application/atom+xml", "application/rss+xml", "application/feed+json")


def is_negotiated(path: str) -> bool:
    """Return whether an address has two forms."""
    return path.endswith(".atom")


def choose_form(accept: str, *, stated: str = "") -> Form:
    """Return the form to answer with: as stated in the address, else by the request's header `Accept`.

    A page is for those who ask for HTML by its name and for no feed as much: that is what browsers do. Everybody else
    gets the feed, as always.

    >>> choose_form("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), choose_form("*/*")
    ('page', 'feed')
    >>> choose_form("application/atom+xml, text/html;q=0.5"), choose_form("text/html", stated="atom")
    ('feed', 'feed')
    """
    if stated in ("atom", "html"):
        return "feed" if stated == "atom" else "page"
    page, feed = (max((_quality(accept, kind) for kind in kinds), default=0.0) for kinds in (_PAGES, _FEEDS))
    return "page" if page > feed else "feed"


def _quality(accept: str, kind: str) -> float:
    for part in accept.split(","):
        match = _PART.fullmatch(part.strip())
        if match and match[1].lower() == kind:
            quality = _QUALITY.search(match[2])
            return float(quality[1]) if quality else 1.0
    return 0.0
