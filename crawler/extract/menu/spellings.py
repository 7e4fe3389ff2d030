"""Entries of a menu that name one page. Apart from its readers: a crawl's own process does not import them."""

from collections.abc import Iterable

from crawler.addresses import spell_plainly
from crawler.items import Link


def find_spellings(menu: Iterable[Link]) -> dict[str, str]:
    """Return the entries that are another spelling of an earlier one, with that one: other case, or a query more."""
    plain: dict[str, str] = {}
    others: dict[str, str] = {}
    # An entry without a query is the plain one, wherever it is.
    for link in sorted(menu, key=lambda link: "?" in link.address.url):
        first = plain.setdefault(spell_plainly(link.address.url), link.address.url)
        if first != link.address.url:
            others[link.address.url] = first
    return others
