"""Look up what a pasted address (`addresses.parse_pasted_address`) names: an article, a file, captures.

Every entry point uses it.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addresses import classify_on, parse_pasted_address, spell_address
from crawler.items import Address
from crawler.search.addresses.forms import strip_server, strip_view

# The keys begin with the portal. Without this condition SQLite scans every address.
_ON_ANY_PORTAL = "portal in (select name from portals) and url = ?"
_PAGE = re.compile(r"/(?:(article|capture)/([0-9]{1,18})|(image|thumbnail|attachment)/([0-9a-fA-F]{64}))(?:/.*)?")
_PORTAL_ADDRESS = {
    "article": "select url from articles where id = ?",
    "capture": "select url from captures where id = ?",
    "image": "select url from files where sha256 = ? and role = 'image' limit 1",
    "attachment": "select url from files where sha256 = ? and role = 'attachment' limit 1",
}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that was fetched from an address: its role (`image` or `attachment`) and digest."""

    role: str
    sha256: str


def find_article(connection: sqlite3.Connection, text: str) -> int | None:
    """Return the article that ever had an address. None if no article had it.

    If no article had the address itself, the portal's own number in it decides: the article was moved or renamed.
    The address of the article's page on this site counts, too.
    """
    row = _find_row(connection, text, sql=f"select article_id from article_urls where {_ON_ANY_PORTAL} limit 1")  # noqa: S608
    if row is None and (page := find_page(connection, text)) and page[0] == "article":
        row = connection.execute(
            "select id from articles where id = ?", (follow_redirects(connection, int(page[1])),)
        ).fetchone()
    return int(row[0]) if row is not None else None


def follow_redirects(connection: sqlite3.Connection, article_id: int) -> int:
    """Return the id of the article into which an article was merged; the same id if it was not."""
    sql = "select article_id from article_redirects where id = ?"
    while row := connection.execute(sql, (article_id,)).fetchone():
        article_id = int(row[0])
    return article_id


def find_page(connection: sqlite3.Connection, text: str) -> tuple[str, str] | None:
    """Return the kind and name (id or digest) in the address of a page of this site. None for any other address.

    The site does not know its own hosts: every host counts that is not a portal's.
    """
    sites = _read_sites(connection)
    pasted = {url: list(_list_forms(url, sites)) for url in parse_pasted_address(text)}
    own = (url for url, forms in pasted.items() if not any(s.classify(form) for form in forms for s in sites))
    for path in (*map(_read_path, own), f"/{text.strip().lstrip('/')}"):
        if match := _PAGE.fullmatch(path):
            kind, number, file, digest = match.groups()
            return (kind, str(int(number))) if kind else (file.replace("thumbnail", "image"), digest.lower())
    return None


def _read_path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def is_on_portal(connection: sqlite3.Connection, text: str) -> bool:
    """Return whether a pasted text names an address of a portal, or of a host that one moved from."""
    sites = _read_sites(connection)
    forms = (form for url in parse_pasted_address(text) for form in _list_forms(url, sites))
    return any(site.classify(form) for form in forms for site in sites)


def find_file(connection: sqlite3.Connection, text: str) -> FoundFile | None:
    """Return the image or attachment that was fetched from an address. None if none was."""
    sql = f"""select role, sha256 from files where {_ON_ANY_PORTAL} and role in ('image', 'attachment')
              and sha256 is not null order by role limit 1"""  # noqa: S608
    row = _find_row(connection, text, sql=sql)
    return FoundFile(*row) if row is not None else None


def find_captured(connection: sqlite3.Connection, text: str) -> str | None:
    """Return the spelling of an address under which a GET captured it. None if there is no capture.

    For a page of this site it is the portal's address of what the page shows.
    """
    sql = "select url from captures where url = ? and method = 'GET' limit 1"
    row = _find_row(connection, text, sql=sql)
    if row is None and (page := find_page(connection, text)):
        kind, name = page
        held = follow_redirects(connection, int(name)) if kind == "article" else name
        shown = connection.execute(_PORTAL_ADDRESS[kind], (held,)).fetchone()
        row = _find_row(connection, shown[0], sql=sql) if shown is not None else None
    return str(row[0]) if row is not None else None


def _find_row(connection: sqlite3.Connection, text: str, *, sql: str) -> sqlite3.Row | None:
    """Return the row of the likeliest spelling that has one; `sql` has the spelling as its only parameter."""
    rows = (connection.execute(sql, (url,)).fetchone() for url in list_spellings(connection, text))
    return next((row for row in rows if row is not None), None)


def list_spellings(connection: sqlite3.Connection, text: str) -> Iterator[str]:
    """List the addresses that the archive may hold for a pasted text, the most likely first, each once.

    For each form of each address in the text: its spellings, its name on each portal that is or was on its host, then
    the addresses of the article with the same number (another slug or category).
    """
    sites = _read_sites(connection)
    listed: set[str] = set()
    for url in (form for pasted in parse_pasted_address(text) for form in _list_forms(pasted, sites)):
        named = [(s.portal, address) for s in sites if (address := s.classify(url))]
        for spelling in (*spell_address(url), *(address.url for _, address in named)):
            if spelling not in listed:
                listed.add(spelling)
                yield spelling
        for portal, address in named:
            yield from _list_renamed(connection, portal, address=address)


def _list_forms(url: str, sites: Sequence["_Site"]) -> Iterator[str]:
    """List an address and its other forms, each once. A portal's own host and port name no other site."""
    forms = [url, strip_view(url)]
    if not any(site.classify(form) for form in forms for site in sites):
        forms += [strip_server(strip_view(url))]
    yield from dict.fromkeys(forms)


@dataclass(frozen=True, slots=True)
class _Site:
    """Where a portal is, and where it was."""

    portal: str
    base: str
    former: tuple[str, ...]

    def classify(self, url: str) -> Address | None:
        """Classify an address as one of the portal; None if it is not."""
        return classify_on(url, self.base, former=self.former)


def _read_sites(connection: sqlite3.Connection) -> list[_Site]:
    rows = connection.execute("select name, base_url, profile ->> 'moved_from' from portals").fetchall()
    return [_Site(name, base, tuple(json.loads(former or "[]"))) for name, base, former in rows]


def _list_renamed(connection: sqlite3.Connection, portal: str, *, address: Address) -> list[str]:
    """List the addresses with the same number, the latest met first; none if they belong to two articles."""
    if not address.is_article or address.source_id is None:
        return []
    rows = connection.execute(
        """select url, article_id from article_urls where portal = ? and kind = ? and source_id = ?
           order by first_capture_id desc, url""",
        (portal, address.kind.value, address.source_id),
    ).fetchall()
    return [str(row[0]) for row in rows] if len({row[1] for row in rows}) == 1 else []
