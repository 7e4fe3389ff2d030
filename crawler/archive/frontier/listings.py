"""The listings' contents: which listing names which address, and which articles left the listings.

An article that only left the listings is not removed: it still answers, and has `listed = 0`.
"""

import json
import sqlite3
from collections.abc import Sequence

from crawler.archive.events import put_event
from crawler.items import Capture, EventKind
from crawler.sentences import Sentence, say

# A listing of at least this many rows is suspect if it loses more than half of them between two whole readings.
COLLAPSE_FROM_ROWS = 20


def read_known(
    connection: sqlite3.Connection, portal: str, *, listing: str, crawl_id: int, among: Sequence[str] | None = None
) -> frozenset[str]:
    """Return the addresses that a listing names, and named before a run: those among some, or all."""
    if among is None:
        sql = "select url from listing_rows where portal = ? and listing = ? and listed and first_crawl_id <> ?"
        rows = connection.execute(sql, (portal, listing, crawl_id))
    else:
        rows = connection.execute(
            """select r.url from json_each(?) named cross join listing_rows r on r.portal = ? and r.listing = ?
                 and r.url = named.value where r.listed and r.first_crawl_id <> ?""",
            (json.dumps(among), portal, listing, crawl_id),
        )
    return frozenset(row["url"] for row in rows.fetchall())


def put_head(
    connection: sqlite3.Connection, portal: str, *, listing: str, urls: Sequence[str], capture: Capture
) -> None:
    """Store the addresses of a listing's page 1, so that the next night notices a row that vanishes from it."""
    connection.execute(
        """insert into listing_heads values (?, ?, ?, ?) on conflict (portal, listing)
           do update set urls = excluded.urls, capture_id = excluded.capture_id""",
        (portal, listing, json.dumps(urls), capture.id),
    )


def put_rows(
    connection: sqlite3.Connection, portal: str, *, listing: str, urls: Sequence[str], capture: Capture
) -> None:
    """Store the addresses of a listing's page. An article that had left the listings is listed again."""
    connection.executemany(
        """insert into listing_rows values (?, ?, ?, ?, ?, ?, 1, null) on conflict (portal, listing, url) do update set
             last_crawl_id = excluded.last_crawl_id, last_capture_id = excluded.last_capture_id, listed = 1,
             unlisted_in = null""",
        [(portal, listing, url, capture.crawl_id, capture.crawl_id, capture.id) for url in urls],
    )
    for url in urls:
        # A listing names a removed article that none named before: recheck it tonight.
        connection.execute(
            """update frontier set state = 'pending' where portal = ? and url = ? and state = 'missed'
               and attempted_at < ? and exists (select 1 from article_urls u join articles a on a.id = u.article_id
                 where u.portal = frontier.portal and u.url = frontier.url and a.state = 'removed' and not a.listed)""",
            (portal, url, capture.fetched_at),
        )
        relist(connection, portal, url=url, capture=capture)


def relist(connection: sqlite3.Connection, portal: str, *, url: str, capture: Capture) -> None:
    """Mark a held article as listed if a listing names its address; with an event if it had left the listings."""
    row = connection.execute(
        """select a.id, r.listing from articles a join article_urls u on u.article_id = a.id
           join listing_rows r on r.portal = u.portal and r.url = u.url and r.listed
           where u.portal = ? and u.url = ? and not a.listed limit 1""",
        (portal, url),
    ).fetchone()
    if row is None:
        return
    connection.execute("update articles set listed = 1 where id = ?", (row["id"],))
    was_listed = connection.execute(
        "select 1 from article_events where article_id = ? and kind = 'unlisted' limit 1", (row["id"],)
    ).fetchone()
    if was_listed:
        put_event(
            connection, row["id"], kind=EventKind.LISTED, at=capture.fetched_at, capture_id=capture.id,
            detail=say("listing", listing=row["listing"]),
        )  # fmt: skip


def is_listed(connection: sqlite3.Connection, portal: str, *, urls: Sequence[str]) -> bool:
    """Return whether a listing names one of some addresses."""
    row = connection.execute(
        f"""select 1 from listing_rows where portal = ? and url in ({",".join("?" * len(urls))}) and listed
            limit 1""",  # noqa: S608 - marks are ?
        (portal, *urls),
    ).fetchone()
    return row is not None


def unlist(connection: sqlite3.Connection, portal: str, *, listing: str, crawl_id: int) -> None:
    """Unlist the addresses that a listing, read whole in a run, no longer names. Their articles are rechecked tonight.

    `settle` decides at the end of the run whether an article left the listings: they may name it by another address,
    which is fetched meanwhile.
    """
    gone = connection.execute(
        "select url from listing_rows where portal = ? and listing = ? and listed and last_crawl_id <> ?",
        (portal, listing, crawl_id),
    ).fetchall()
    connection.execute(
        """update listing_rows set listed = 0,
             unlisted_in = iif(listed and (select rules from crawls where id = :crawl) > 1, :crawl, unlisted_in)
           where portal = :portal and listing = :listing and last_crawl_id <> :crawl""",
        {"portal": portal, "listing": listing, "crawl": crawl_id},
    )
    for row in gone:
        connection.execute(
            """update frontier set listed = 0 where portal = :portal and url = :url and not exists (
                 select 1 from listing_rows r where r.portal = :portal and r.url = :url and r.listed)""",
            {"portal": portal, "url": row["url"]},
        )
        connection.execute(
            """update frontier set state = 'pending' where portal = :portal and +state = 'done' and url in (
                 select a.url from articles a join article_urls u on u.article_id = a.id
                 where u.portal = :portal and u.url = :url)""",
            {"portal": portal, "url": row["url"]},
        )


def keep_listed(connection: sqlite3.Connection, crawl_id: int) -> None:
    """Take back what a run unlisted: its night was not sound, so a listing may have lost rows by a fault."""
    connection.execute(
        """update frontier set listed = 1 where (portal, url) in (
             select portal, url from listing_rows where unlisted_in = ?)""",
        (crawl_id,),
    )
    connection.execute("update listing_rows set listed = 1, unlisted_in = null where unlisted_in = ?", (crawl_id,))


def count_held(connection: sqlite3.Connection, portal: str, *, crawl_id: int) -> None:
    """Count the held articles that each listing names, at the end of a run; by rules 3, only of those read whole."""
    connection.execute(
        f"""update listing_walks set articles_held = (select count(*) from {_HELD_ROWS}
             where r.portal = :portal and r.listing = listing_walks.url and r.listed) where crawl_id = :crawl
             and (whole or (select rules from crawls where id = :crawl) < 3)""",  # noqa: S608 - ours
        {"portal": portal, "crawl": crawl_id},
    )


# The rows of listings that name a held article.
_HELD_ROWS = "listing_rows r join article_urls u on u.portal = r.portal and u.url = r.url"


def find_collapses(connection: sqlite3.Connection, crawl_id: int) -> list[Sentence]:
    """Return a sentence for each listing that was read whole in a run and is far shorter than the last time.

    Then, only the rows count that led to articles by now: a portal may name thousands that it does not have.
    """
    # The same listing has the same path, also after the portal moved to another host.
    path = "substr({0}.url, 8 + instr(substr({0}.url, 9), '/'))"
    rows = connection.execute(
        f"""select w.url, w.rows_seen as now, c.portal, (
             select p.crawl_id from listing_walks p join crawls d on d.id = p.crawl_id
             where d.portal = c.portal and {path.format("p")} = {path.format("w")} and p.whole
               and p.crawl_id < w.crawl_id order by p.crawl_id desc limit 1) as last
           from listing_walks w join crawls c on c.id = w.crawl_id
           where w.crawl_id = ? and w.missing is null and (w.whole or w.rows_seen = 0)""",  # noqa: S608 - ours
        (crawl_id,),
    ).fetchall()
    found = []
    for row in rows:
        before = _count_before(connection, row, crawl_id=crawl_id) if row["last"] is not None else 0
        if before >= COLLAPSE_FROM_ROWS and row["now"] * 2 < before:
            found.append(say("listing-collapsed", listing=row["url"], count=row["now"], before=before))
    return found


def _count_before(connection: sqlite3.Connection, walk: sqlite3.Row, *, crawl_id: int) -> int:
    """Count the rows that a listing had on the last night that read it whole, of those that led to articles since."""
    path = "substr(url, 8 + instr(substr(url, 9), '/'))"
    rows_seen, held = connection.execute(
        f"""select p.rows_seen, (select max(h.articles_held) from listing_walks h
              where h.url = p.url and h.crawl_id >= p.crawl_id and h.crawl_id < :crawl)
            from listing_walks p where p.crawl_id = :last and {path} = {path.replace("url", ":url")}""",  # noqa: S608 - ours
        {"crawl": crawl_id, "last": walk["last"], "url": walk["url"]},
    ).fetchone()
    if held is None or rows_seen < COLLAPSE_FROM_ROWS or walk["now"] * 2 >= rows_seen:
        return int(rows_seen)
    (now,) = connection.execute(
        f"""select count(*) from {_HELD_ROWS} where r.portal = :portal and r.listing = :url
              and (r.listed or r.unlisted_in = :crawl)""",  # noqa: S608 - ours
        {"portal": walk["portal"], "url": walk["url"], "crawl": crawl_id},
    ).fetchone()
    return min(int(rows_seen), max(int(held), int(now)))


# An article `a` whose address left a listing; and one that was missed tonight, too. The second reads what was missed
# alone: addresses leave listings such as the home page every night.
_LEFT = """a.id in (
  select w.article_id from listing_rows g join article_urls w on w.portal = g.portal and w.url = g.url
  where g.portal = :portal and not g.listed)"""
_LEFT_AND_MISSED = """a.seen_on is not :night and a.id in (
  select m.article_id from misses m cross join article_urls w on w.article_id = m.article_id
  cross join listing_rows g on g.portal = w.portal and g.url = w.url
  where m.night = :night and g.portal = :portal and not g.listed)"""


def settle(connection: sqlite3.Connection, portal: str, *, crawl_id: int, at: str, night: str) -> None:
    """Unlist the articles that no listing names any more by any address, at the end of a run.

    If not every listing was read whole, another one may still name them: then only articles that were missed tonight.
    """
    walks = connection.execute(
        "select count(*) as walked, total(whole) as whole from listing_walks where crawl_id = ?", (crawl_id,)
    ).fetchone()
    all_whole = walks["walked"] and walks["whole"] >= walks["walked"]
    left = _LEFT if all_whole else _LEFT_AND_MISSED
    rows = connection.execute(
        f"""select a.id, (
             select r.listing from article_urls u cross join listing_rows r indexed by listing_rows_url
               on r.portal = u.portal and r.url = u.url
             where u.article_id = a.id order by u.rowid, r.listing limit 1) as listing
           from articles a where +a.portal = :portal and a.listed and {left} and not exists (
             select 1 from article_urls v join listing_rows s on s.portal = v.portal and s.url = v.url
             where v.article_id = a.id and s.listed)
           order by a.id""",  # noqa: S608 - ours
        {"portal": portal, "night": night},
    ).fetchall()
    for row in rows:
        evidence = connection.execute(
            """select max(last_capture_id) as id from listing_rows
               where portal = ? and listing = ? and last_crawl_id = ?""",
            (portal, row["listing"], crawl_id),
        ).fetchone()
        connection.execute("update articles set listed = 0 where id = ?", (row["id"],))
        detail = say("listing", listing=row["listing"])
        put_event(connection, row["id"], kind=EventKind.UNLISTED, at=at, capture_id=evidence["id"], detail=detail)
