"""What the listings name: which address stands in which listing, and what left them.

An article that only left the listings is no removal: it still answers, and says so by `listed = 0`.
"""

import sqlite3
from collections.abc import Sequence

from crawler.archive.events import put_event
from crawler.items import Capture


def put_rows(connection: sqlite3.Connection, portal: str, listing: str, urls: Sequence[str], capture: Capture) -> None:
    """Note the addresses that a page of a listing names; an article that had left the listings is listed again."""
    connection.executemany(
        """insert into listing_rows values (?, ?, ?, ?, ?, ?, 1) on conflict (portal, listing, url) do update set
             last_crawl_id = excluded.last_crawl_id, last_capture_id = excluded.last_capture_id, listed = 1""",
        [(portal, listing, url, capture.crawl_id, capture.crawl_id, capture.id) for url in urls],
    )
    for url in urls:
        row = connection.execute(
            """select a.id from articles a join article_urls u on u.article_id = a.id
               where u.portal = ? and u.url = ? and not a.listed""",
            (portal, url),
        ).fetchone()
        if row is None:
            continue
        connection.execute("update articles set listed = 1 where id = ?", (row["id"],))
        was_listed = connection.execute(
            "select 1 from article_events where article_id = ? and kind = 'unlisted' limit 1", (row["id"],)
        ).fetchone()
        if was_listed:
            put_event(connection, row["id"], "listed", at=capture.fetched_at, capture_id=capture.id, detail=listing)


def unlist(connection: sqlite3.Connection, portal: str, listing: str, *, crawl_id: int, at: str) -> None:
    """Note what a listing, read whole in a run, no longer names; an article in no listing any more is looked at."""
    gone = connection.execute(
        "select url from listing_rows where portal = ? and listing = ? and listed and last_crawl_id <> ?",
        (portal, listing, crawl_id),
    ).fetchall()
    if not gone:
        return
    connection.execute(
        "update listing_rows set listed = 0 where portal = ? and listing = ? and last_crawl_id <> ?",
        (portal, listing, crawl_id),
    )
    evidence = connection.execute(
        "select max(last_capture_id) as id from listing_rows where portal = ? and listing = ? and last_crawl_id = ?",
        (portal, listing, crawl_id),
    ).fetchone()
    for row in gone:
        _unlist_url(connection, portal, row["url"], listing, at=at, capture_id=evidence["id"])


def _unlist_url(
    connection: sqlite3.Connection, portal: str, url: str, listing: str, *, at: str, capture_id: int | None
) -> None:
    still = "select 1 from listing_rows r where r.portal = ? and r.url = ? and r.listed limit 1"
    if connection.execute(still, (portal, url)).fetchone():
        return
    connection.execute("update frontier set listed = 0 where portal = ? and url = ?", (portal, url))
    article = connection.execute(
        """select a.id from articles a join article_urls u on u.article_id = a.id
           where u.portal = ? and u.url = ? and a.listed and not exists (
             select 1 from article_urls v join listing_rows r on r.portal = v.portal and r.url = v.url
             where v.article_id = a.id and r.listed)""",
        (portal, url),
    ).fetchone()
    if article is None:
        return
    connection.execute("update articles set listed = 0 where id = ?", (article["id"],))
    put_event(connection, article["id"], "unlisted", at=at, capture_id=capture_id, detail=listing)
    # What vanished from the listings is looked at the same night.
    connection.execute(
        """update frontier set state = 'pending' where portal = ? and state = 'done' and url in (
             select url from article_urls where article_id = ? order by kind, url limit 1)""",
        (portal, article["id"]),
    )
