"""The pages and feeds of a search, as a reader asks for them."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from tests.support.web_archive import Site

ATOM = "{http://www.w3.org/2005/Atom}"
CARD = re.compile(r'<h3 lang="vi"><a href="/article/(\d+)')


def search(**parameters: object) -> str:
    return f"/search?{urlencode(parameters)}"


def cards(page: str) -> list[int]:
    """Give the ids of the articles that a page shows, in its order."""
    return [int(number) for number in CARD.findall(page)]


def found(site: Site, query: str, more: str = "") -> list[int]:
    response = site.get(f"/search?q={quote(query)}{more}")
    assert response.status_code == 200
    return cards(response.text)


def read_feed(site: Site, path: str) -> ElementTree.Element:
    response = site.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.text)
    assert feed.tag == f"{ATOM}feed"
    for owner in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(owner.findall(f"{ATOM}{name}")) == 1, name
    return feed


def read_pages(site: Site, path: str) -> Iterator[str]:
    """Yield a page of the search and those that follow it."""
    while path:
        page = site.get(path).text
        yield page
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link[1].replace("&amp;", "&") if link else ""
