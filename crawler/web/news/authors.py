"""The pages of authors: the persons that bylines name; one person's articles with the spellings that were joined."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datasette.utils.asgi import Response

from crawler.language.bylines import Author, Person, has_name, join_persons, read_authors
from crawler.language.facts import make_byline_key
from crawler.language.numbers import whole_number
from crawler.language.text import normalize_text
from crawler.web.cards import PAGE_ARTICLES, Card, read_cards, read_portals
from crawler.web.http_cache import NOT_HELD, Counted
from crawler.web.request import SiteRequest

MOST_LISTED = 500
_MOST_NAME = 200
# Bylines of an archive that are read; more different ones than any portal has.
_MOST_BYLINES = 20_000
_BYLINES_SQL = """with found as (
    select byline_key, sum(articles) as articles, max(example_article_id) as example from byline_years
    where portal = ? group by byline_key order by articles desc, byline_key limit ?)
  select a.byline, f.articles from found f join articles a on a.id = f.example where a.byline is not null"""


@dataclass(frozen=True, slots=True)
class KnownAuthor:
    """A person of a portal's bylines."""

    portal: str
    portal_title: str
    person: Person


# Read again as soon as the archive has changed: a withheld name must be gone at once.
_known: dict[Path, Counted[tuple[KnownAuthor, ...]]] = {}


async def show_authors(request: SiteRequest) -> Response:
    """Show the persons that bylines name, those of the most articles first."""
    known = await request.read(lambda connection: _read_known(connection, request))
    return await request.render(
        "authors.html", headers=_headers(request), known=known[:MOST_LISTED], count=len(known),
        has_portals=len({one.portal for one in known}) > 1,
    )  # fmt: skip


async def show_author(request: SiteRequest) -> Response:
    """Show the persons of a name: the only one, or that of `unit`, with its spellings and articles."""
    name, unit = (normalize_text(request.argument(key)[:_MOST_NAME]) for key in ("name", "unit"))
    before = whole_number(request.argument("before"))

    def work(connection: sqlite3.Connection) -> tuple[list[KnownAuthor], Counter[Author], list[Card], int | None]:
        found = find_persons(_read_known(connection, request), name, unit=unit)
        if len(found) != 1:
            return found, Counter(), [], None
        keys = sorted({make_byline_key(byline) for byline in found[0].person.bylines})
        spelled = read_spellings(connection, found[0], keys=keys)
        cards, following = _read_articles(connection, found[0].portal, keys=keys, before=before)
        return found, spelled, cards, following

    found, spelled, cards, following = await request.read(work)
    return await request.render(
        "author.html", status=200 if found else 404, headers=_headers(request), name=name, found=found,
        heading=_most_common_name(found[0].person, spelled) if len(found) == 1 else name,
        spelled=spelled.most_common(), cards=cards, next_before=following, is_first=before is None,
        parameters={"name": name, "unit": unit},
    )  # fmt: skip


def find_persons(known: Sequence[KnownAuthor], name: str, *, unit: str) -> list[KnownAuthor]:
    """Find the persons that are spelled so, in any of their spellings; with a unit, only those of it."""
    return [
        one
        for one in known
        if any(has_name(author, name) for author, _ in one.person.spellings)
        and (not unit or any(author.unit == unit for author, _ in one.person.spellings))
    ]


def read_spellings(connection: sqlite3.Connection, known: KnownAuthor, *, keys: Sequence[str]) -> Counter[Author]:
    """Count the articles of each spelling of a person, as the bylines have it."""
    rows = connection.execute(
        """select a.byline, count(*) from json_each(?) k
           join article_facts f on f.byline_key = k.value and f.portal = ? join articles a on a.id = f.article_id
           group by a.byline""",
        (json.dumps(list(keys)), known.portal),
    )
    letters = [author for author, _ in known.person.spellings]
    found: Counter[Author] = Counter()
    for byline, count in rows:
        for author in dict.fromkeys(read_authors(byline)):
            if any(has_name(one, author.name) for one in letters):
                found[author] += count
    return found


def _most_common_name(person: Person, spelled: Counter[Author]) -> str:
    """Return the name as most bylines have it, of those that differ from the person's in case and tone marks alone."""
    met: Counter[str] = Counter()
    for author, count in spelled.items():
        if has_name(author, person.name):
            met[author.name] += count
    return next((name for name, _ in met.most_common() if not name.isupper()), person.name)


def _read_articles(
    connection: sqlite3.Connection, portal: str, *, keys: Sequence[str], before: int | None
) -> tuple[list[Card], int | None]:
    rows = connection.execute(
        """select a.id, a.sort_key from json_each(?) k join article_facts f on f.byline_key = k.value and f.portal = ?
           join articles a on a.id = f.article_id where a.sort_key < ? order by a.sort_key desc limit ?""",
        (json.dumps(list(keys)), portal, before if before is not None else 2**62, PAGE_ARTICLES + 1),
    ).fetchall()
    ids = [row[0] for row in rows[:PAGE_ARTICLES]]
    cards = read_cards(connection, ids)
    following = rows[PAGE_ARTICLES - 1][1] if len(rows) > PAGE_ARTICLES else None
    return [cards[one] for one in ids if one in cards], following


def _read_known(connection: sqlite3.Connection, request: SiteRequest) -> tuple[KnownAuthor, ...]:
    def read() -> tuple[KnownAuthor, ...]:
        found: list[KnownAuthor] = []
        for portal in read_portals(connection):
            rows = connection.execute(_BYLINES_SQL, (portal.name, _MOST_BYLINES)).fetchall()
            found += [
                KnownAuthor(portal.name, portal.title, one) for one in join_persons({row[0]: row[1] for row in rows})
            ]
        return tuple(sorted(found, key=lambda one: (-one.person.articles, one.person.name)))

    archive = Path(request.database.path)
    if archive not in _known or not _known[archive].is_current(archive):
        _known[archive] = Counted()
    return _known[archive].read(archive, read)


def _headers(request: SiteRequest) -> dict[str, str]:
    archive = Path(request.database.path)
    return {} if archive in _known and _known[archive].is_current(archive) else NOT_HELD
