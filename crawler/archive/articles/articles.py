"""Articles: which row a page belongs to, and how its reading changes that row.

`store` calls this inside its transaction. A page belongs to the row with the same address, else with the same id of the
portal, else (for the other address scheme) with the same slug and content.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.addresses import choose_plainest
from crawler.archive.articles import publication_dates as dating
from crawler.archive.articles import revisions
from crawler.archive.articles.changes import Change, find_change, without_counters
from crawler.archive.articles.derived import add_facts, put_facts, put_year
from crawler.archive.articles.digests import join_sha256
from crawler.archive.articles.insertion.article_read import ArticleChange, ArticlePut, ArticleRead, Match
from crawler.archive.articles.insertion.new_article import (
    NewArticle,
    find_canonical,
    insert_article,
    insert_settled,
    insert_urls,
    put_category,
)
from crawler.archive.articles.last_looks import Spots, put_first_look, put_last_look
from crawler.archive.articles.merges import find_spelled_alike, known_id, merge_twin, move_address
from crawler.archive.articles.search_index import SearchRow, index_article, make_sort_key, read_search_row
from crawler.archive.events import put_event
from crawler.archive.frontier.listings import relist
from crawler.archive.history.lineage import floor_of
from crawler.items import Address, AddressKind, Article, Capture, EventKind, Link
from crawler.language.text import SLUG_LENGTH
from crawler.profile import Profile
from crawler.sentences import say


@dataclass(frozen=True, slots=True)
class _Row:
    """The row that a reading goes to.

    `found_id` is the article at the page's addresses, `article_id` the row to use (None: a new one), and `change` the
    comparison with this row, if there is one.
    """

    found_id: int | None
    article_id: int | None
    change: Change | None


def match_article(
    connection: sqlite3.Connection, portal: str, *, article: Article, addresses: Sequence[Address], rules: int
) -> Match:
    """Find the held article that a page belongs to. Read-only.

    By rules 2, counters of visitors do not part the two addresses of one article.
    """
    join = join_sha256(without_counters(article) if rules >= 2 else article)
    return Match(_find(connection, portal, addresses=addresses, join=join), join)


def preview_article(
    connection: sqlite3.Connection, profile: Profile, *, article: Article, article_id: int, capture: Capture, rules: int
) -> Change:
    """Compare an article's reading with the held article, as `put_article` will. Read-only."""
    read = _content_of(connection, profile, article=article, capture=capture, rules=rules)
    return find_change(connection, article_id, read=read, rows=article.rows, rules=rules)


def put_article(connection: sqlite3.Connection, profile: Profile, *, read: ArticleRead) -> ArticlePut:
    """Store an article's reading: as a new row, as a new revision, or as a confirmation of the current one."""
    content = _content_of(connection, profile, article=read.article, capture=read.capture, rules=read.rules)
    row = _find_row(connection, profile, read=read)
    article_id, spots = row.article_id, Spots()
    indexed = read_search_row(connection, article_id) if article_id is not None else None
    if article_id is None:
        article_id, done = read.wanted_id or _next_id(connection, read.floor), ArticleChange.NEW
        new = NewArticle(
            article_id, read.article, content, read.addresses, read.match.join_sha256, read.night, read.reader
        )
        if row.found_id is None and find_canonical(read.addresses).is_article:
            return _put_settled(connection, profile, new=new, read=read)
        insert_article(connection, profile, new=new, capture=read.capture)
    else:
        change = row.change or find_change(
            connection, article_id, read=content, rows=read.article.rows, rules=read.rules
        )
        spots = change.spots
        done = _update(connection, change, article_id=article_id, read=read, has_summary=content.summary is not None)
    if read.rules >= 2:
        put_last_look(connection, article_id, marks=read.marks, spots=spots)
    _put_urls(connection, profile.name, article_id=article_id, addresses=read.addresses, capture=read.capture)
    if row.found_id not in (None, article_id):
        move_address(connection, profile.name, url=read.addresses[0].url, article_id=article_id)
    _put_what_names_it(connection, profile, article_id=article_id, read=read)
    if done is ArticleChange.CHANGED:
        revisions.share_text(connection, article_id)
    reindex(connection, article_id, indexed=indexed)
    return ArticlePut(article_id, done)


def _find_row(connection: sqlite3.Connection, profile: Profile, *, read: ArticleRead) -> _Row:
    """Merge two rows that the page shows to be one article. Return the row to use."""
    found_id, change = read.match.article_id, read.change
    join, capture = read.match.join_sha256, read.capture
    if merge_twin(
        connection, profile.name, addresses=read.addresses, join=join, capture=capture, kept_id=read.wanted_id
    ):
        found_id, change = _find(connection, profile.name, addresses=read.addresses, join=join), None
    if read.wanted_id is None:
        return _Row(found_id, found_id, change)
    article_id = known_id(connection, read.wanted_id)
    # If the ids differ, the crawl's reader read the page as one of the other article.
    return _Row(found_id, article_id, change if article_id == found_id else None)


def _put_what_names_it(connection: sqlite3.Connection, profile: Profile, *, article_id: int, read: ArticleRead) -> None:
    """Store the dates that the page and its mentions give. List the article again if a listing names its address."""
    dating.put_dates(connection, article_id, dates=read.article.dates, capture=read.capture)
    for address in read.addresses:
        dating.put_mentioned_dates(connection, profile.name, url=address.url, article_id=article_id)
        relist(connection, profile.name, url=address.url, capture=read.capture)
    settle(connection, profile, article_id=article_id, rules=read.rules)


def _put_settled(connection: sqlite3.Connection, profile: Profile, *, new: NewArticle, read: ArticleRead) -> ArticlePut:
    """Store a new article by `insert_settled`, with its first look and its words in the index."""
    insert_settled(connection, profile, new=new, capture=read.capture, rules=read.rules)
    if read.rules >= 2:
        put_first_look(connection, new.id, marks=read.marks)
    reindex(connection, new.id, indexed=None)
    return ArticlePut(new.id, ArticleChange.NEW)


def _content_of(
    connection: sqlite3.Connection, profile: Profile, *, article: Article, capture: Capture, rules: int
) -> revisions.RevisionContent:
    on = dating.choose_page_date(article.dates, captured_at=capture.fetched_at, zone=profile.zone, rules=rules)
    return revisions.content_of(connection, profile.name, article=article, published_on=on)


def put_mentions(
    connection: sqlite3.Connection, profile: Profile, *, links: Iterable[Link], capture: Capture, place: str, rules: int
) -> None:
    """Store the words and dates that a listing, a side box or a feed shows beside an address. Update held articles.

    `rules` is the version of the rules of the capture's run.
    """
    learned: dict[int, None] = {}
    for link in links:
        if not _put_mention(connection, profile.name, link=link, capture_id=capture.id, place=place):
            continue
        article_id = article_at(connection, profile.name, url=link.address.url)
        if article_id is not None:
            dating.put_mentioned_dates(connection, profile.name, url=link.address.url, article_id=article_id)
            learned[article_id] = None
    for article_id in learned:
        indexed = read_search_row(connection, article_id)
        settle(connection, profile, article_id=article_id, rules=rules)
        reindex(connection, article_id, indexed=indexed)


def article_at(connection: sqlite3.Connection, portal: str, *, url: str) -> int | None:
    """Return the id of the article with an address, or None."""
    row = connection.execute(
        "select article_id from article_urls where portal = ? and url = ?", (portal, url)
    ).fetchone()
    return int(row["article_id"]) if row else None


def put_category_title(connection: sqlite3.Connection, profile: Profile, *, url: str, title: str | None) -> None:
    """Store the title that a category's own listing shows. It makes no revision."""
    slug = url.removeprefix(profile.origin).strip("/")
    if title and slug and "/" not in slug and "?" not in slug:
        put_category(connection, profile, slug=slug, title=title)


def _put_mention(connection: sqlite3.Connection, portal: str, *, link: Link, capture_id: int, place: str) -> bool:
    """Store a mention. False if it adds nothing."""
    on = link.date.on.isoformat() if link.date else None
    at = link.date.at.isoformat() if link.date and link.date.at else None
    said = (link.title, link.summary, on, at)
    known = connection.execute(
        "select title, summary, published_on, published_at from mentions where portal = ? and url = ? and place = ?",
        (portal, link.address.url, place),
    ).fetchone()
    if known and all(new is None or new == old for new, old in zip(said, known, strict=True)):
        return False
    connection.execute(
        """insert into mentions values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (portal, url, place)
           do update set title = coalesce(excluded.title, title), summary = coalesce(excluded.summary, summary),
             published_at = iif(excluded.published_on is null, published_at, excluded.published_at),
             published_on = coalesce(excluded.published_on, published_on), capture_id = excluded.capture_id""",
        (portal, link.address.url, place, *said, capture_id),
    )
    return True


def settle(connection: sqlite3.Connection, profile: Profile, *, article_id: int, rules: int) -> None:
    """Update the chosen date, and the summary if it comes from a listing."""
    row = connection.execute("select * from articles where id = ?", (article_id,)).fetchone()
    on, at, source = dating.chosen_date(connection, article_id, zone=profile.zone, rules=rules)
    summary, summary_from = row["summary"], row["summary_from"]
    if summary is None:
        summary = _listing_summary(connection, article_id)
        summary_from = "listing" if summary else None
    key = make_sort_key(date.fromisoformat(on) if on else None, article_id)
    if (on, at, source, summary, key) == (
        row["published_on"], row["published_at"], row["published_from"], row["summary"], row["sort_key"],
    ):  # fmt: skip
        return
    connection.execute(
        """update articles set published_on = ?, published_at = ?, published_from = ?, sort_key = ?, summary_from = ?
           where id = ?""",
        (on, at, source, key, summary_from, article_id),
    )
    revisions.complete_text(connection, article_id, summary=summary, published_on=on)
    put_year(connection, article_id, published_on=on)


def reindex(connection: sqlite3.Connection, article_id: int, *, indexed: SearchRow | None) -> None:
    """Update the index of an article. `indexed` are its texts in the index, None if it is not there yet."""
    if indexed is not None and read_search_row(connection, article_id) == indexed:
        return
    index_article(connection, article_id, indexed=indexed)
    if indexed is None:
        add_facts(connection, article_id)
    else:
        put_facts(connection, article_id)


def _listing_summary(connection: sqlite3.Connection, article_id: int) -> str | None:
    row = connection.execute(
        """select m.summary from mentions m join article_urls u on u.portal = m.portal and u.url = m.url
           where u.article_id = ? and m.place = 'listing' and m.summary is not null
           order by m.capture_id desc, m.url limit 1""",
        (article_id,),
    ).fetchone()
    return row["summary"] if row else None


def _find(connection: sqlite3.Connection, portal: str, *, addresses: Sequence[Address], join: str) -> int | None:
    for address in addresses:
        known = article_at(connection, portal, url=address.url)
        if known is not None:
            return known
    for address in addresses:
        row = connection.execute(
            # A number that was given to another article means the newer one.
            """select article_id from article_urls where portal = ? and kind = ? and source_id = ?
               order by rowid desc limit 1""",
            (portal, address.kind.value, address.source_id),
        ).fetchone()
        if row:
            return int(row["article_id"])
    alike = find_spelled_alike(connection, portal, addresses=addresses, join=join)
    return alike or _find_in_other_scheme(connection, portal, addresses=addresses, join=join)


def _find_in_other_scheme(
    connection: sqlite3.Connection, portal: str, *, addresses: Sequence[Address], join: str
) -> int | None:
    """Find the only article with the same slug and content that has no address of these schemes yet."""
    kinds = {address.kind.value for address in addresses}
    slugs = {address.title_slug[:SLUG_LENGTH] for address in addresses if address.title_slug}
    found: dict[int, bool] = {}
    for row in connection.execute(
        """select a.id, u.kind, u.title_slug from articles a join article_urls u on u.article_id = a.id
           where a.join_sha256 = ? and a.portal = ?""",
        (join, portal),
    ).fetchall():
        fits = row["kind"] not in kinds and (row["title_slug"] or "")[:SLUG_LENGTH] in slugs
        found[row["id"]] = found.get(row["id"], True) and fits
    candidates = [article_id for article_id, fits in found.items() if fits]
    # Two articles of the same text: it is unknown which of them the address belongs to, so neither.
    return candidates[0] if len(candidates) == 1 else None


def _next_id(connection: sqlite3.Connection, floor: int) -> int:
    row = connection.execute(
        """select max(coalesce((select max(id) from articles), 0),
                      coalesce((select max(id) from article_redirects), 0))"""
    ).fetchone()
    return max(int(row[0]), floor, floor_of(connection, "article")) + 1


def _update(
    connection: sqlite3.Connection, change: Change, *, article_id: int, read: ArticleRead, has_summary: bool
) -> ArticleChange:
    row = connection.execute("select * from articles where id = ?", (article_id,)).fetchone()
    after, capture, join = change.after, read.capture, read.match.join_sha256
    connection.execute(
        "update articles set last_seen_at = max(last_seen_at, ?), last_crawl_id = ?, join_sha256 = ? where id = ?",
        (capture.fetched_at, capture.crawl_id, join, article_id),
    )
    if not change.fields:
        connection.execute(
            "update revision_rows set confirmed_at = max(confirmed_at, ?) where article_id = ? and number = ?",
            (capture.fetched_at, article_id, row["revision"]),
        )
        if revisions.complete_files(connection, article_id, number=row["revision"], content=after):
            put_event(connection, article_id, kind=EventKind.COMPLETED, at=capture.fetched_at, capture_id=capture.id)
        return ArticleChange.UNCHANGED
    number = int(row["revision"]) + 1
    revisions.keep_text(connection, article_id, number=row["revision"])
    connection.execute(
        """update articles set title = ?, summary = ?, summary_from = ?, body = ?, body_html = ?, byline = ?,
             source = ?, revision = ?, word_count = ?, captions = ?, content_sha256 = ?, join_sha256 = ?,
             changed_at = ?, capture_id = ? where id = ?""",
        (
            after.title, after.summary, "page" if has_summary else row["summary_from"] if after.summary else None,
            after.body, after.body_html, after.byline, after.source, number, len(after.body.split()),
            "\n".join(after.captions) or None, after.sha256, join, capture.fetched_at, capture.id, article_id,
        ),
    )  # fmt: skip
    revisions.insert_revision(
        connection, article_id, number=number, content=after, before=change.before, capture=capture, reader=read.reader
    )
    fields = revisions.changed_fields(change.before, after)
    put_event(
        connection, article_id, kind=EventKind.REVISED, at=capture.fetched_at, capture_id=capture.id,
        detail=say("fields-changed", fields=fields),
    )  # fmt: skip
    return ArticleChange.CHANGED


def _put_urls(
    connection: sqlite3.Connection, portal: str, *, article_id: int, addresses: Sequence[Address], capture: Capture
) -> None:
    insert_urls(connection, portal, article_id=article_id, addresses=addresses, capture=capture)
    best = find_canonical(addresses)
    if best.kind is AddressKind.ARTICLE:
        # The old address is canonical only while no other is known.
        connection.execute(
            """update articles set url = ?, source_id = ? where id = ? and not exists (
                 select 1 from article_urls u
                 where u.portal = articles.portal and u.url = articles.url and u.kind = ?)""",
            (best.url, best.source_id, article_id, AddressKind.ARTICLE.value),
        )
    elif not best.is_article:
        held = connection.execute("select url from articles where id = ?", (article_id,)).fetchone()["url"]
        plain = choose_plainest(held, *(address.url for address in addresses))
        connection.execute("update articles set url = ? where id = ?", (plain, article_id))
