"""What the site's pages read from the database, as frozen values. Nothing here writes, or knows HTML."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from urllib.parse import SplitResult, urlsplit, urlunsplit

from crawler.archive.search import make_sort_key
from crawler.extract import classify
from crawler.profile import restore_profile

LATEST_ARTICLES = 12
PAGE_ARTICLES = 20
_MAX_PORTALS = 50  # shown in a list; more are found by search


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal as the site names it, with its rights as its profile says them."""

    name: str
    title: str
    base_url: str
    timezone: str
    rights_notice: str | None
    rights_source: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """An article as lists show it. `thumbnail` is the digest of a picture that has one."""

    id: int
    sort_key: int
    title: str
    summary: str | None
    url: str
    published_on: str | None
    published_from: str | None
    first_seen_at: str
    state: str
    category: str | None
    portal: str
    portal_title: str
    timezone: str
    thumbnail: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """How the latest run over a portal went."""

    id: int
    portal: str
    title: str
    timezone: str
    started_at: str
    finished_at: str | None
    outcome: str
    reason: str | None
    articles_new: int
    articles_changed: int
    errors: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive holds, and since when."""

    articles: int
    images: int
    attachments: int
    captures: int
    since: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an article; `sha256` is None until its bytes are had."""

    url: str
    sha256: str | None
    caption: str | None
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class File:
    """A file that an article offers; `sha256` is None until its bytes are had."""

    url: str
    sha256: str | None
    label: str | None
    media_type: str | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date that was found for an article, and where."""

    published_on: str
    published_at: str | None
    published_from: str
    capture_id: int


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address under which an article was met."""

    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """All that the page of an article shows."""

    card: Card
    portal: Portal
    body: str
    body_html: str
    byline: str | None
    source: str | None
    published_at: str | None
    last_seen_at: str
    changed_at: str | None
    removed_at: str | None
    revision: int
    word_count: int
    content_sha256: str
    capture_id: int
    category_id: int | None
    pictures: tuple[Picture, ...]
    files: tuple[File, ...]
    dates: tuple[FoundDate, ...]
    addresses: tuple[KnownAddress, ...]


_CARD_COLUMNS = """a.id, a.sort_key, a.title, a.summary, a.url, a.published_on, a.published_from, a.first_seen_at,
    a.state, coalesce(c.title, c.slug) as category, a.portal, p.title as portal_title, p.timezone,
    (select i.image_sha256 from revision_images i join images m on m.sha256 = i.image_sha256
     where i.article_id = a.id and i.number = a.revision and m.thumbnail is not null
     order by i.position limit 1) as thumbnail"""
_ARTICLE_COLUMNS = (
    "body", "body_html", "byline", "source", "published_at", "last_seen_at", "changed_at", "removed_at", "revision",
    "word_count", "content_sha256", "capture_id", "category_id",
)  # fmt: skip
_CARD_TABLES = "articles a join portals p on p.name = a.portal left join categories c on c.id = a.category_id"


def read_cards(connection: sqlite3.Connection, article_ids: Sequence[int]) -> dict[int, Card]:
    """Read articles by id; those that are not there are left out."""
    marks = ",".join("?" * len(article_ids))
    sql = f"select {_CARD_COLUMNS} from {_CARD_TABLES} where a.id in ({marks})"  # noqa: S608 - marks are ?
    return {row["id"]: Card(*row) for row in connection.execute(sql, tuple(article_ids))}


def read_latest(
    connection: sqlite3.Connection,
    *,
    limit: int,
    before: int | None = None,
    portal: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Card]:
    """Read articles in order of date, newest first; the bounds as `search_articles` has them."""
    lowest = make_sort_key(since, 0) if since else 0
    highest = make_sort_key(until, 2**32 - 1) if until else 2**63 - 1
    last = highest if before is None else min(highest, max(before, 1) - 1)
    where = "where a.sort_key between ? and ?" + (" and a.portal = ?" if portal else "")
    sql = f"select {_CARD_COLUMNS} from {_CARD_TABLES} {where} order by a.sort_key desc limit ?"  # noqa: S608
    parameters = (lowest, last, *((portal,) if portal else ()), limit)
    return [Card(*row) for row in connection.execute(sql, parameters)]


def read_portals(connection: sqlite3.Connection) -> list[Portal]:
    """Read the portals, by title."""
    sql = """select name, title, base_url, timezone, rights_notice, rights_source from portals
        order by title, name limit ?"""
    return [Portal(*row) for row in connection.execute(sql, (_MAX_PORTALS,))]


def read_counts(connection: sqlite3.Connection) -> Counts:
    """Count what the archive holds. Captures are numbered in order, so their highest number is their count."""
    row = connection.execute(
        """select (select count(*) from articles), (select count(*) from images),
             (select count(*) from attachments), (select coalesce(max(id), 0) from captures),
             (select min(started_at) from crawls)"""
    ).fetchone()
    return Counts(*row)


def read_last_runs(connection: sqlite3.Connection) -> list[Run]:
    """Read the latest run of each portal, the latest first."""
    sql = """select c.id, c.portal, p.title, p.timezone, c.started_at, c.finished_at, c.outcome, c.reason,
          c.articles_new, c.articles_changed, c.errors
        from portals p join crawls c on c.id = (
          select id from crawls where portal = p.name order by started_at desc, id desc limit 1)
        order by c.started_at desc, c.id desc limit ?"""
    return [Run(*row) for row in connection.execute(sql, (_MAX_PORTALS,))]


def read_article(connection: sqlite3.Connection, article_id: int) -> ArticlePage | None:
    """Read an article with everything its page shows; None if there is none of this id."""
    sql = f"""select {_CARD_COLUMNS}, {", ".join(f"a.{name}" for name in _ARTICLE_COLUMNS)},
          p.name, p.title, p.base_url, p.timezone, p.rights_notice, p.rights_source
        from {_CARD_TABLES} where a.id = ?"""  # noqa: S608
    row = connection.execute(sql, (article_id,)).fetchone()
    if row is None:
        return None
    own = {name: row[name] for name in _ARTICLE_COLUMNS}
    return ArticlePage(
        card=Card(*tuple(row)[:14]),
        portal=Portal(*tuple(row)[-6:]),
        pictures=_read_pictures(connection, article_id),
        files=_read_files(connection, article_id),
        dates=_read_dates(connection, article_id),
        addresses=_read_addresses(connection, article_id),
        **own,
    )


def read_redirect(connection: sqlite3.Connection, article_id: int) -> int | None:
    """Give the id of the article that one of this id turned out to be; None if it is nobody's."""
    row = connection.execute("select article_id from article_redirects where id = ?", (article_id,)).fetchone()
    return int(row[0]) if row else None


def _read_pictures(connection: sqlite3.Connection, article_id: int) -> tuple[Picture, ...]:
    sql = """select i.url, i.image_sha256, i.caption, m.width, m.height
        from article_images i left join images m on m.sha256 = i.image_sha256
        where i.article_id = ? order by i.position"""
    return tuple(Picture(*row) for row in connection.execute(sql, (article_id,)))


def _read_files(connection: sqlite3.Connection, article_id: int) -> tuple[File, ...]:
    sql = """select f.url, f.attachment_sha256, f.label, t.media_type, t.size_bytes
        from article_attachments f left join attachments t on t.sha256 = f.attachment_sha256
        where f.article_id = ? order by f.position"""
    return tuple(File(*row) for row in connection.execute(sql, (article_id,)))


def _read_dates(connection: sqlite3.Connection, article_id: int) -> tuple[FoundDate, ...]:
    sql = """select published_on, published_at, published_from, min(capture_id) from article_dates
        where article_id = ? group by 1, 2, 3 order by 1, 3 limit 20"""
    return tuple(FoundDate(*row) for row in connection.execute(sql, (article_id,)))


def _read_addresses(connection: sqlite3.Connection, article_id: int) -> tuple[KnownAddress, ...]:
    sql = "select url, kind from article_urls where article_id = ? order by first_capture_id, url limit 50"
    return tuple(KnownAddress(*row) for row in connection.execute(sql, (article_id,)))


def read_articles_at(connection: sqlite3.Connection, portal: str, urls: Iterable[str]) -> dict[str, int]:
    """Give the articles of a portal that were met under these very addresses."""
    wanted = list(dict.fromkeys(urls))[:500]
    marks = ",".join("?" * len(wanted))
    sql = f"select url, article_id from article_urls where portal = ? and url in ({marks})"  # noqa: S608
    return {row[0]: int(row[1]) for row in connection.execute(sql, (portal, *wanted))}


def find_article(connection: sqlite3.Connection, address: str) -> int | None:
    """Give the article that was ever met under an address, whatever its scheme, trackers or spelling."""
    url = address.strip()
    if "://" not in url[:12]:
        url = f"https://{url.lstrip('/')}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not parts.hostname:
        return None
    for candidate in [*_name_as_portal(connection, url, parts.hostname), *_spell_address(parts)]:
        found = connection.execute("select article_id from article_urls where url = ? limit 1", (candidate,)).fetchone()
        if found:
            return int(found[0])
    return None


def _name_as_portal(connection: sqlite3.Connection, url: str, host: str) -> Iterator[str]:
    """Give an address in the spelling that the portals of its host are archived under."""
    for row in connection.execute("select base_url, profile from portals"):
        if urlsplit(row[0]).hostname == host:
            named = classify(url, restore_profile(row[1]))
            if named is not None:
                yield named.url


def _spell_address(parts: SplitResult) -> Iterator[str]:
    """Give the spellings that an address may have been met under on a host that no portal has any more."""
    for scheme, query in product(("https", "http"), (parts.query, "")):
        for path in (parts.path, parts.path.rstrip("/")):
            yield urlunsplit((scheme, parts.netloc.lower(), path, query, ""))
