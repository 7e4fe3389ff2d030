"""The only writer of the database: portals, crawls, captures, files, errors, and what a reading changes.

Every method works inside the transaction that its caller holds open, and is deterministic: the same calls in
the same order make the same rows, ids included. That is what a rebuild rests on.
"""

import sqlite3
from dataclasses import dataclass

from crawler.archive import articles, frontier, listings
from crawler.archive.ledger import (
    CrawlFinished,
    CrawlStarted,
    Entry,
    Failed,
    FileRead,
    ListingWalked,
    PageRead,
)
from crawler.errors import ArchiveUnusableError, PortalMovedError
from crawler.items import (
    Address,
    Capture,
    FileReading,
    FileRole,
    PageReading,
    Purpose,
    Refusal,
)
from crawler.profile import Profile

# Answers that say of a held article that it is gone; they are evidence about the portal, no incompleteness.
GONE_KINDS = frozenset({"http-404", "http-410"})


@dataclass(frozen=True, slots=True)
class PageApplied:
    """What applying a page's reading did; `article_id` is None where the page was no article."""

    article_id: int | None
    change: str | None


def put_portal(connection: sqlite3.Connection, profile: Profile, profile_json: str) -> None:
    """Remember a portal, or bring its row up to date with its profile.

    Raises:
        PortalMovedError: if the archive knows the portal under another base_url that `moved_from` does not name.

    """
    check_portal(connection, profile)
    connection.execute(
        """insert into portals (name, title, base_url, timezone, cms, rights_notice, rights_source, profile)
           values (?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (name) do update set title = excluded.title, base_url = excluded.base_url,
             timezone = excluded.timezone, cms = excluded.cms, rights_notice = excluded.rights_notice,
             rights_source = excluded.rights_source, profile = excluded.profile""",
        (
            profile.name, profile.title, profile.base_url, profile.timezone, profile.cms,
            profile.rights.notice, profile.rights.source, profile_json,
        ),
    )  # fmt: skip


def check_portal(connection: sqlite3.Connection, profile: Profile) -> None:
    """Refuse a profile whose base_url is not the one the archive remembers; read-only.

    Raises:
        PortalMovedError: as `put_portal`.

    """
    row = connection.execute("select base_url from portals where name = ?", (profile.name,)).fetchone()
    former = {_site(address) for address in (profile.base_url, *profile.moved_from)}
    if row and _site(row["base_url"]) not in former:
        raise PortalMovedError(
            f"portal {profile.name!r}: the archive holds {row['base_url']}, the profile says {profile.base_url}; "
            f'if the portal moved, add moved_from = ["{row["base_url"]}"] to the profile'
        )


def _site(base_url: str) -> str:
    return base_url.lower().rstrip("/")


def begin_crawl(connection: sqlite3.Connection, entry: CrawlStarted, portal: str) -> None:
    """Open the row of a run, with outcome `running`."""
    connection.execute(
        "insert into crawls (id, portal, started_at, outcome, full) values (?, ?, ?, 'running', ?)",
        (entry.crawl_id, portal, entry.at, int(entry.full)),
    )


def finish_crawl(connection: sqlite3.Connection, entry: CrawlFinished) -> None:
    """Close the row of a run with its outcome and what the archive shows of it."""
    connection.execute(
        """update crawls set finished_at = :at, outcome = :outcome, reason = :reason, in_ledger = 1,
             articles_new = (select count(distinct e.article_id) from article_events e
               join captures c on c.id = e.capture_id where c.crawl_id = crawls.id and e.kind = 'found'),
             articles_changed = (select count(distinct e.article_id) from article_events e
               join captures c on c.id = e.capture_id where c.crawl_id = crawls.id and e.kind = 'revised'
               and not exists (select 1 from article_events f join captures g on g.id = f.capture_id
                 where f.article_id = e.article_id and f.kind = 'found' and g.crawl_id = crawls.id)),
             images_new = (select count(*) from images i join captures c on c.id = i.capture_id
               where c.crawl_id = crawls.id),
             errors = (select count(*) from crawl_errors where crawl_id = crawls.id)
           where id = :crawl_id""",
        {"at": entry.at, "outcome": entry.outcome, "reason": entry.reason, "crawl_id": entry.crawl_id},
    )
    connection.execute(
        """update crawls set articles_unchanged = max(0, (select count(*) from articles
             where last_crawl_id = crawls.id) - articles_new - articles_changed) where id = ?""",
        (entry.crawl_id,),
    )


def unfinished_crawls(connection: sqlite3.Connection, now: str) -> list[CrawlFinished]:
    """Give the closing entries that runs still lack: a dead one's, and one's that broke before it could write."""
    rows = connection.execute("select id, finished_at, outcome, reason from crawls where not in_ledger order by id")
    return [
        CrawlFinished(row["id"], row["finished_at"], row["outcome"], row["reason"])
        if row["finished_at"]
        else CrawlFinished(row["id"], now, "interrupted", "the run died; the next one closed it")
        for row in rows.fetchall()
    ]


def fail_crawl(connection: sqlite3.Connection, crawl_id: int, at: str, reason: str) -> None:
    """Say in a run's row that it failed, when no ledger can be written any more."""
    connection.execute(
        "update crawls set finished_at = ?, outcome = 'failed', reason = ? where id = ?",
        (at, reason, crawl_id),
    )


def put_capture(connection: sqlite3.Connection, capture: Capture) -> None:
    """Insert the row of a capture whose records are in the WARC file already."""
    connection.execute(
        "insert into captures values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            capture.id, capture.record_id, capture.crawl_id, capture.url, capture.method, capture.request_sha256,
            capture.fetched_at, capture.status, capture.media_type, capture.payload_sha256, capture.warc_file,
            capture.warc_offset, capture.warc_length, capture.record_type, capture.truncated,
        ),
    )  # fmt: skip
    connection.execute("update crawls set requests = requests + 1 where id = ?", (capture.crawl_id,))


def put_warc_file(connection: sqlite3.Connection, name: str, serial: int, size_bytes: int, *, closed: bool) -> None:
    """Note how far a WARC file is accounted for by rows."""
    connection.execute(
        """insert into warc_files (name, serial, size_bytes, closed) values (?, ?, ?, ?)
           on conflict (name) do update set size_bytes = excluded.size_bytes, closed = excluded.closed""",
        (name, serial, size_bytes, int(closed)),
    )


def capture_by_record(connection: sqlite3.Connection, record_id: str) -> Capture:
    """Give a capture by its WARC-Record-ID.

    Raises:
        ArchiveUnusableError: if there is none; the ledger names records that precede it.

    """
    row = connection.execute("select * from captures where record_id = ?", (record_id,)).fetchone()
    if row is None:
        raise ArchiveUnusableError(f"the ledger names record {record_id}, which no WARC file holds")
    return as_capture(row)


def as_capture(row: sqlite3.Row) -> Capture:
    """Make a Capture of a row of `captures`."""
    return Capture(**{key: row[key] for key in row.keys()})  # noqa: SIM118 - sqlite3.Row iterates over values


def next_capture_id(connection: sqlite3.Connection) -> int:
    """Give the id of the next capture: one more than the highest."""
    return int(connection.execute("select coalesce(max(id), 0) + 1 from captures").fetchone()[0])


def next_crawl_id(connection: sqlite3.Connection) -> int:
    """Give the id of the next run: one more than the highest."""
    return int(connection.execute("select coalesce(max(id), 0) + 1 from crawls").fetchone()[0])


def apply_page(
    connection: sqlite3.Connection,
    profile: Profile,
    entry: PageRead,
    reading: PageReading,
    *,
    addresses: tuple[Address, ...],
    floor: int = 0,
) -> PageApplied:
    """Bring a page's reading into the archive, with its frontier entry.

    Args:
        addresses: the article addresses the page answered to, the one asked for first.
        floor: ids up to here are spoken for by later ledger entries; a new article gets one above.

    """
    capture = capture_by_record(connection, entry.capture)
    portal = profile.name
    at = capture.fetched_at
    met = [link.address.url for link in reading.links]
    frontier.add_found(connection, portal, met, Purpose.ARTICLE, capture_id=capture.id, at=at)
    frontier.add_found(connection, portal, reading.requisites, Purpose.REQUISITE, capture_id=capture.id, at=at)
    place = {Purpose.LISTING: "listing", Purpose.FEED: "rss"}.get(Purpose(entry.purpose), "box")
    articles.put_mentions(connection, profile, reading.links, capture, place="rss" if place == "rss" else "box")
    if reading.listing is not None:
        rows = reading.listing.rows
        urls = [row.address.url for row in rows]
        frontier.add_found(connection, portal, urls, Purpose.ARTICLE, capture_id=capture.id, at=at, listed=True)
        listings.put_rows(connection, portal, entry.listing or reading.listing.url, urls, capture)
        articles.put_mentions(connection, profile, rows, capture, place="listing")
        articles.put_category_title(connection, profile, reading.listing.url, reading.listing.title)
    asked = {entry.asked, capture.url, *(address.url for address in addresses)}
    if reading.refusal is not None:
        _put_error(connection, capture.crawl_id, entry.asked, at, reading.refusal, capture.id)
        state = _state_after_miss(connection, portal, asked)
        frontier.mark(connection, portal, asked, state, at=at, crawl_id=capture.crawl_id, reason=reading.refusal.kind)
        return PageApplied(None, None)
    frontier.mark(connection, portal, asked, "done", at=at, crawl_id=capture.crawl_id)
    if reading.article is None:
        return PageApplied(None, None)
    put = articles.put_article(
        connection,
        profile,
        reading.article,
        addresses=addresses,
        capture=capture,
        wanted_id=entry.article_id,
        floor=floor,
    )
    return PageApplied(put.article_id, put.change)


def apply_file(connection: sqlite3.Connection, profile: Profile, entry: FileRead, reading: FileReading) -> None:
    """Bring an examined file into the archive, by the address pages name it by."""
    capture = capture_by_record(connection, entry.capture)
    if reading.refusal is not None:
        _fail_file(connection, profile.name, entry.asked, entry.role, capture.fetched_at, reading.refusal, capture)
        return
    if entry.role == FileRole.IMAGE:
        connection.execute(
            "insert into images values (?, ?, ?, ?, ?, ?, ?) on conflict (sha256) do nothing",
            (
                reading.sha256, reading.media_type, reading.width, reading.height, reading.size_bytes,
                reading.thumbnail, capture.id,
            ),
        )  # fmt: skip
    elif entry.role == FileRole.ATTACHMENT:
        connection.execute(
            "insert into attachments values (?, ?, ?, ?) on conflict (sha256) do nothing",
            (reading.sha256, reading.media_type, reading.size_bytes, capture.id),
        )
    elif entry.role == FileRole.REQUISITE:
        frontier.add_found(
            connection,
            profile.name,
            reading.requisites,
            Purpose.REQUISITE,
            capture_id=capture.id,
            at=capture.fetched_at,
        )
    connection.execute(
        """insert into files (portal, url, role, sha256, capture_id, fetched_at) values (?, ?, ?, ?, ?, ?)
           on conflict (portal, url, role) do update set sha256 = excluded.sha256,
             capture_id = excluded.capture_id, fetched_at = excluded.fetched_at, error = null""",
        (profile.name, entry.asked, entry.role, reading.sha256, capture.id, capture.fetched_at),
    )
    frontier.mark(
        connection,
        profile.name,
        {entry.asked, capture.url},
        "done",
        at=capture.fetched_at,
        crawl_id=capture.crawl_id,
    )


def apply_failure(connection: sqlite3.Connection, portal: str, entry: Failed) -> None:
    """Record what could not be had; a dead file once, an article in the frontier for another try."""
    refusal = Refusal(entry.kind, entry.message)
    capture = capture_by_record(connection, entry.capture) if entry.capture else None
    if entry.attempted:
        connection.execute("update crawls set requests = requests + 1 where id = ?", (entry.crawl_id,))
    if entry.role in set(FileRole):
        _fail_file(connection, portal, entry.url, entry.role, entry.at, refusal, capture, crawl_id=entry.crawl_id)
        return
    _put_error(connection, entry.crawl_id, entry.url, entry.at, refusal, capture.id if capture else None)
    state = _state_after_miss(connection, portal, {entry.url}) if entry.kind in GONE_KINDS else "failed"
    frontier.mark(connection, portal, [entry.url], state, at=entry.at, crawl_id=entry.crawl_id, reason=entry.kind)


def put_listing_walk(connection: sqlite3.Connection, portal: str, entry: ListingWalked) -> None:
    """Record how far a listing was read in a run; what a whole reading no longer names has left it."""
    connection.execute(
        """insert or replace into listing_walks (crawl_id, url, pages_announced, pages_read, rows_seen, missing, whole)
           values (?, ?, ?, ?, ?, ?, ?)""",
        (
            entry.crawl_id, entry.url, entry.pages_announced, entry.pages_read, entry.rows_seen, entry.missing,
            int(entry.whole),
        ),
    )  # fmt: skip
    if entry.whole:
        listings.unlist(connection, portal, entry.url, crawl_id=entry.crawl_id, at=entry.at)


def file_sha256(connection: sqlite3.Connection, portal: str, url: str, role: str) -> str | None:
    """Give the digest of a file that is held for a role, by the address pages name it by."""
    row = connection.execute(
        "select sha256 from files where portal = ? and url = ? and role = ?", (portal, url, role)
    ).fetchone()
    return row["sha256"] if row else None


def entry_portal(connection: sqlite3.Connection, entry: Entry) -> str:
    """Name the portal whose run an entry belongs to."""
    if isinstance(entry, (PageRead, FileRead)):
        crawl_id = capture_by_record(connection, entry.capture).crawl_id
    else:
        crawl_id = entry.crawl_id
    row = connection.execute("select portal from crawls where id = ?", (crawl_id,)).fetchone()
    if row is None:
        raise ArchiveUnusableError(f"the ledger names crawl {crawl_id}, which never began")
    return str(row["portal"])


def _state_after_miss(connection: sqlite3.Connection, portal: str, urls: set[str]) -> str:
    """Tell the miss of an article that is held from an article that was never had."""
    marks = ",".join("?" * len(urls))
    held = connection.execute(
        f"select 1 from article_urls where portal = ? and url in ({marks}) limit 1",  # noqa: S608 - marks are ?
        (portal, *sorted(urls)),
    ).fetchone()
    return "missed" if held else "failed"


def _fail_file(
    connection: sqlite3.Connection, portal: str, url: str, role: str, at: str, refusal: Refusal,
    capture: Capture | None, *, crawl_id: int | None = None,
) -> None:  # fmt: skip
    run = capture.crawl_id if capture else crawl_id
    assert run is not None
    known = connection.execute(
        "select error, sha256 from files where portal = ? and url = ? and role = ?", (portal, url, role)
    ).fetchone()
    frontier.mark(connection, portal, [url], "dead", at=at, crawl_id=run, reason=refusal.kind)
    if known and (known["error"] == refusal.kind or known["sha256"]):
        return
    _put_error(connection, run, url, at, refusal, capture.id if capture else None)
    connection.execute(
        """insert into files (portal, url, role, capture_id, fetched_at, error) values (?, ?, ?, ?, ?, ?)
           on conflict (portal, url, role) do update set error = excluded.error, fetched_at = excluded.fetched_at""",
        (portal, url, role, capture.id if capture else None, at, refusal.kind),
    )


def _put_error(
    connection: sqlite3.Connection, crawl_id: int, url: str, at: str, refusal: Refusal, capture_id: int | None
) -> None:
    connection.execute(
        "insert into crawl_errors (crawl_id, url, at, kind, message, capture_id) values (?, ?, ?, ?, ?, ?)",
        (crawl_id, url, at, refusal.kind, refusal.message, capture_id),
    )
