"""From any address, as people paste them, to the article that was ever met under it."""

import sqlite3
from collections.abc import Iterator
from itertools import product
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from crawler.addresses import classify
from crawler.items import Address
from crawler.language.text import normalize_text
from crawler.profile import restore_profile

# What stands around an address in a message or a text, and is no part of it.
_AROUND = " \t\r\n<>\"'“”‘’«»()[]{}.,;!"
_MOST_WRAPPED = 3


def find_article(connection: sqlite3.Connection, address: str) -> int | None:
    """Give the article that was ever met under an address, whatever its scheme, host's `www`, trackers or spelling.

    An address that a network wrapped into one of its own (`l.php?u=…`) is unwrapped. Where the very address was never
    met, the portal's own number in it tells: the article was moved, or renamed.
    """
    for candidate in _unwrap(address):
        found = _find(connection, candidate)
        if found is not None:
            return found
    return None


def _unwrap(address: str) -> Iterator[str]:
    """Give an address, then those that stand in its parameters."""
    url = normalize_text(address).strip(_AROUND)
    if "://" not in url[:12]:
        url = f"https://{url.lstrip('/')}"
    yield url
    try:
        pairs = parse_qsl(urlsplit(url).query)
    except ValueError:
        return
    wrapped = [value for _, value in pairs if value.lower().startswith(("http://", "https://"))]
    yield from wrapped[:_MOST_WRAPPED]


def _find(connection: sqlite3.Connection, url: str) -> int | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if not host:
        return None
    named = list(_name_as_portals(connection, parts, host=host))
    # By portal too, as the index begins with it: by the address alone, every one ever met is looked at.
    sql = "select article_id from article_urls where portal in (select name from portals) and url = ? limit 1"
    for candidate in [*(address.url for _, address in named), *_spell_address(parts)]:
        found = connection.execute(sql, (candidate,)).fetchone()
        if found:
            return int(found[0])
    return _find_by_number(connection, named)


def _name_as_portals(connection: sqlite3.Connection, parts: SplitResult, *, host: str) -> Iterator[tuple[str, Address]]:
    """Give an address in the spelling of each portal on its host, with or without `www.`."""
    for name, base_url, profile in connection.execute("select name, base_url, profile from portals"):
        base = urlsplit(base_url)
        if not base.hostname or _bare(base.hostname) != _bare(host):
            continue
        is_other_host = base.hostname != host
        own = urlunsplit(parts._replace(netloc=base.netloc)) if is_other_host else urlunsplit(parts)
        address = classify(own, restore_profile(profile))
        if address is not None:
            yield name, address


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _find_by_number(connection: sqlite3.Connection, named: list[tuple[str, Address]]) -> int | None:
    for portal, address in named:
        if not address.is_article or address.source_id is None:
            continue
        rows = connection.execute(
            "select distinct article_id from article_urls where portal = ? and kind = ? and source_id = ? limit 2",
            (portal, address.kind.value, address.source_id),
        ).fetchall()
        if len(rows) == 1:
            return int(rows[0][0])
    return None


def _spell_address(parts: SplitResult) -> Iterator[str]:
    """Give the spellings that an address may have been met under on a host that no portal has any more."""
    for scheme, query in product(("https", "http"), (parts.query, "")):
        for path in (parts.path, parts.path.rstrip("/")):
            yield urlunsplit((scheme, parts.netloc.lower(), path, query, ""))
