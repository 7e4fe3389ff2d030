"""Insert a new article: its row, its first revision, its addresses and dates."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from crawler.archive.articles import publication_dates as dating
from crawler.archive.articles import revisions
from crawler.archive.articles.search_index import make_sort_key
from crawler.archive.events import put_event
from crawler.archive.frontier.frontier import Priority
from crawler.archive.frontier.listings import is_listed
from crawler.items import Address, AddressKind, Article, Capture, EventKind
from crawler.profile import Profile


@dataclass(frozen=True, slots=True)
class NewArticle:
    """A new article: its id, its reading and content, its addresses, and the digest that joins two addresses.

    `night` is that of the run that found it, `reader` the version of the reader that made the reading.
    """

    id: int
    article: Article
    content: revisions.RevisionContent
    addresses: tuple[Address, ...]
    join_sha256: str
    night: str
    reader: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a new article beside its page: its chosen date, where its summary is from, if it is listed."""

    date: dating.ChosenDate = (None, None, None)
    summary_from: str | None = None
    is_listed: bool = False


def insert_settled(
    connection: sqlite3.Connection, profile: Profile, *, new: NewArticle, capture: Capture, rules: int
) -> None:
    """Insert a new article at unknown addresses, with all that listings and boxes already said of it.

    The rows equal those that `insert_article` and the updates of a known article make, for half the statements.
    """
    portal, urls, content = profile.name, [address.url for address in new.addresses], new.content
    dates = dating.read_first_dates(
        connection, profile, dates=new.article.dates, urls=urls, capture=capture, rules=rules
    )
    summary, summary_from = content.summary, "page" if content.summary else None
    if summary is None and (summary := _listed_summary(connection, portal, urls=urls)):
        summary_from = "listing"
    known = Known(dates.chosen, summary_from, is_listed(connection, portal, urls=urls))
    settled = replace(new, content=replace(content, summary=summary, published_on=dates.chosen[0]))
    insert_article(connection, profile, new=settled, capture=capture, known=known)
    insert_urls(connection, portal, article_id=new.id, addresses=new.addresses, capture=capture)
    dating.put_first_dates(connection, new.id, found=dates)


def insert_article(
    connection: sqlite3.Connection, profile: Profile, *, new: NewArticle, capture: Capture, known: Known | None = None
) -> None:
    """Insert the row of a new article, its first revision and its first event."""
    address, content = find_canonical(new.addresses), new.content
    known = known or Known(summary_from="page" if content.summary else None)
    on, at, source = known.date
    day = date.fromisoformat(on) if on else None
    category_id = put_category(connection, profile, slug=address.category_slug, title=new.article.category_title)
    connection.execute(
        """insert into articles (id, sort_key, portal, url, source_id, category_id, title, summary, summary_from, body,
             body_html, byline, source, published_on, published_at, published_from, first_seen_at, first_seen_on,
             last_seen_at, looked_on, seen_on, state, listed, revision, word_count, captions, content_sha256,
             join_sha256, last_crawl_id, capture_id)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'live', ?, 1, ?, ?, ?, ?, ?, ?)""",
        (
            new.id, make_sort_key(day, new.id), profile.name, address.url, address.source_id, category_id,
            content.title, content.summary, known.summary_from, content.body, content.body_html, content.byline,
            content.source, on, at, source, capture.fetched_at, new.night, capture.fetched_at, new.night, new.night,
            int(known.is_listed), len(content.body.split()), "\n".join(content.captions) or None, content.sha256,
            new.join_sha256, capture.crawl_id, capture.id,
        ),
    )  # fmt: skip
    revisions.insert_first(connection, new.id, content=content, dated=on, capture=capture, reader=new.reader)
    put_event(connection, new.id, kind=EventKind.FOUND, at=capture.fetched_at, capture_id=capture.id)


def insert_urls(
    connection: sqlite3.Connection, portal: str, *, article_id: int, addresses: Sequence[Address], capture: Capture
) -> None:
    """Store the addresses of an article, and give each a row in the frontier."""
    connection.executemany(
        """insert into article_urls values (?, ?, ?, ?, ?, ?, ?) on conflict (portal, url) do update
             set first_capture_id = excluded.first_capture_id where first_capture_id is null""",
        [(portal, a.url, article_id, a.kind.value, a.source_id, a.title_slug, capture.id) for a in addresses],
    )
    # So that a recheck of the address, and its failure, have a row in the frontier.
    connection.executemany(
        """insert into frontier (portal, url, kind, state, priority, found_at, found_in)
           values (?, ?, 'article', 'done', ?, ?, ?) on conflict (portal, url) do nothing""",
        [(portal, a.url, int(Priority.ARTICLE), capture.fetched_at, capture.id) for a in addresses],
    )


def find_canonical(addresses: Sequence[Address]) -> Address:
    """Return the last address of the newer scheme; without one, the last address."""
    return next((a for a in reversed(addresses) if a.kind is AddressKind.ARTICLE), addresses[-1])


def put_category(
    connection: sqlite3.Connection, profile: Profile, *, slug: str | None, title: str | None
) -> int | None:
    """Store a category, or its title. Return its id, None without a slug."""
    if not slug:
        return None
    held = connection.execute(
        "select id from categories where portal = ?1 and slug = ?2 and (?3 is null or title is ?3)",
        (profile.name, slug, title),
    ).fetchone()
    if held is not None:
        return int(held["id"])
    connection.execute(
        """insert into categories (portal, slug, title, url) values (?, ?, ?, ?)
           on conflict (portal, slug) do update set title = coalesce(excluded.title, title)""",
        (profile.name, slug, title, f"{profile.origin}/{slug}"),
    )
    row = connection.execute("select id from categories where portal = ? and slug = ?", (profile.name, slug)).fetchone()
    return int(row["id"])


def _listed_summary(connection: sqlite3.Connection, portal: str, *, urls: Sequence[str]) -> str | None:
    row = connection.execute(
        f"""select summary from mentions where portal = ? and place = 'listing' and summary is not null
            and url in ({",".join("?" * len(urls))}) order by capture_id desc, url limit 1""",  # noqa: S608 - marks are ?
        (portal, *urls),
    ).fetchone()
    return row["summary"] if row else None
