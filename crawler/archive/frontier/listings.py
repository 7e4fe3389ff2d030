"""What the listings name: which address stands in which listing, and what left them.

An article that only left the listings is no removal: it still answers, and says so by `listed = 0`.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crawler.archive.events import put_event
from crawler.items import Capture, EventKind
from crawler.language.dates import local_date, parse_iso
from crawler.profile import Profile
from crawler.sentences import Sentence, say

# A listing of at least so many rows that loses more than half of them between two whole readings is suspect.
COLLAPSE_FROM_ROWS = 20


# A listing that could not be read whole is tried so many nights in a row, then ever later.
PATIENT_NIGHTS = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a listing: the addresses it names, and whether it is to be walked to its end tonight.

    `head` are the addresses that its page 1 named last.
    """

    known: frozenset[str]
    walk_whole: bool
    head: tuple[str, ...] = ()


def read_memory(
    connection: sqlite3.Connection, profile: Profile, *, listing: str, night: str, every_days: int
) -> Memory:
    """Tell what is known of a listing, and whether listings are walked whole tonight.

    All of a portal's are, every so many days: what left one may stand deep in another. If one of them could not be
    read whole, they are walked again the next nights, then ever later, up to the same interval. A listing that names
    an article which could not be had is walked whole, too: it may no longer name it.
    """
    rows = connection.execute(
        "select url from listing_rows where portal = ? and listing = ? and listed", (profile.name, listing)
    )
    known = frozenset(row["url"] for row in rows.fetchall())
    walks = connection.execute(
        """select w.url, w.whole, c.started_at as at from listing_walks w join crawls c on c.id = w.crawl_id
           where c.portal = :portal and w.to_end and (w.url = :listing or w.url in (
             select l.url from listing_walks l where l.crawl_id = (
               select max(m.crawl_id) from listing_walks m join crawls d on d.id = m.crawl_id
               where d.portal = :portal)))
           order by c.id""",
        {"portal": profile.name, "listing": listing},
    ).fetchall()
    nights: dict[str, list[tuple[date, bool]]] = {listing: []}
    for walk in walks:
        on = local_date(parse_iso(walk["at"]), profile.zone)
        nights.setdefault(walk["url"], []).append((on, bool(walk["whole"])))
    lacking = connection.execute(
        """select 1 from listing_rows r join frontier f on f.portal = r.portal and f.url = r.url
           where r.portal = ? and r.listing = ? and r.listed and f.state = 'failed' limit 1""",
        (profile.name, listing),
    ).fetchone()
    tonight = date.fromisoformat(night)
    due = any(_is_due(told, tonight, every_days=every_days) for told in nights.values())
    head = connection.execute(
        "select urls from listing_heads where portal = ? and listing = ?", (profile.name, listing)
    ).fetchone()
    urls = tuple(json.loads(head["urls"])) if head else ()
    return Memory(known, walk_whole=due or lacking is not None, head=urls)


def _is_due(walks: list[tuple[date, bool]], tonight: date, *, every_days: int) -> bool:
    """Tell whether a listing is to be walked whole, from its walks to the end so far, oldest first."""
    wholes = [number for number, (_, whole) in enumerate(walks) if whole]
    in_vain = len(walks) - (wholes[-1] + 1 if wholes else 0)
    if wholes and not in_vain:
        return (tonight - walks[wholes[-1]][0]).days >= every_days
    wait = min(max(1, in_vain - PATIENT_NIGHTS), every_days)
    return not walks or (tonight - walks[-1][0]).days >= wait


def put_head(
    connection: sqlite3.Connection, portal: str, *, listing: str, urls: Sequence[str], capture: Capture
) -> None:
    """Remember what page 1 of a listing names, so that a row which vanishes from it is noticed the next night."""
    connection.execute(
        """insert into listing_heads values (?, ?, ?, ?) on conflict (portal, listing)
           do update set urls = excluded.urls, capture_id = excluded.capture_id""",
        (portal, listing, json.dumps(urls), capture.id),
    )


def put_rows(
    connection: sqlite3.Connection, portal: str, *, listing: str, urls: Sequence[str], capture: Capture
) -> None:
    """Note the addresses that a page of a listing names; an article that had left the listings is listed again."""
    connection.executemany(
        """insert into listing_rows values (?, ?, ?, ?, ?, ?, 1) on conflict (portal, listing, url) do update set
             last_crawl_id = excluded.last_crawl_id, last_capture_id = excluded.last_capture_id, listed = 1""",
        [(portal, listing, url, capture.crawl_id, capture.crawl_id, capture.id) for url in urls],
    )
    for url in urls:
        # A listing that names what was missed or removed is a reason to look at it tonight.
        connection.execute(
            """update frontier set state = 'pending' where portal = ? and url = ? and state = 'missed'
               and attempted_at < ? and exists (select 1 from article_urls u join articles a on a.id = u.article_id
                 where u.portal = frontier.portal and u.url = frontier.url and a.state = 'removed')""",
            (portal, url, capture.fetched_at),
        )
        relist(connection, portal, url=url, capture=capture)


def relist(connection: sqlite3.Connection, portal: str, *, url: str, capture: Capture) -> None:
    """If a listing names an address of a held article that counted as unlisted, it is listed; again, if it once was."""
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


def unlist(connection: sqlite3.Connection, portal: str, *, listing: str, crawl_id: int) -> None:
    """Note which addresses a listing, read whole in a run, no longer names; their articles are looked at tonight.

    Whether an article left the listings is settled when the run ends (`settle`): it may stand there under
    another address, which is fetched meanwhile.
    """
    gone = connection.execute(
        "select url from listing_rows where portal = ? and listing = ? and listed and last_crawl_id <> ?",
        (portal, listing, crawl_id),
    ).fetchall()
    connection.execute(
        "update listing_rows set listed = 0 where portal = ? and listing = ? and last_crawl_id <> ?",
        (portal, listing, crawl_id),
    )
    for row in gone:
        connection.execute(
            """update frontier set listed = 0 where portal = :portal and url = :url and not exists (
                 select 1 from listing_rows r where r.portal = :portal and r.url = :url and r.listed)""",
            {"portal": portal, "url": row["url"]},
        )
        connection.execute(
            """update frontier set state = 'pending' where portal = :portal and state = 'done' and url in (
                 select a.url from articles a join article_urls u on u.article_id = a.id
                 where u.portal = :portal and u.url = :url)""",
            {"portal": portal, "url": row["url"]},
        )


def count_held(connection: sqlite3.Connection, portal: str, *, crawl_id: int) -> None:
    """Note, at the end of a run, how many of the addresses that each listing names are held articles."""
    connection.execute(
        """update listing_walks set articles_held = (select count(*) from listing_rows r
             join article_urls u on u.portal = r.portal and u.url = r.url
             where r.portal = ? and r.listing = listing_walks.url and r.listed) where crawl_id = ?""",
        (portal, crawl_id),
    )


def find_collapses(connection: sqlite3.Connection, crawl_id: int) -> list[Sentence]:
    """Say of each listing that was read whole in a run if it is far shorter than when it last was."""
    rows = connection.execute(
        """select w.url, w.rows_seen as now, (select p.rows_seen from listing_walks p
             where p.url = w.url and p.whole and p.crawl_id < w.crawl_id order by p.crawl_id desc limit 1) as before
           from listing_walks w where w.crawl_id = ? and w.missing is null and (w.whole or w.rows_seen = 0)""",
        (crawl_id,),
    ).fetchall()
    return [
        say("listing-collapsed", listing=row["url"], count=row["now"], before=row["before"])
        for row in rows
        if row["before"] is not None and row["before"] >= COLLAPSE_FROM_ROWS and row["now"] * 2 < row["before"]
    ]


def settle(connection: sqlite3.Connection, portal: str, *, crawl_id: int, at: str, night: str) -> None:
    """Note, at the end of a run, which articles no listing names any more under any of their addresses.

    If not every listing was read whole, what left one may stand deep in another: then only what is gone itself.
    """
    walks = connection.execute(
        "select count(*) as walked, total(whole) as whole from listing_walks where crawl_id = ?", (crawl_id,)
    ).fetchone()
    all_whole = walks["walked"] and walks["whole"] >= walks["walked"]
    rows = connection.execute(
        """select a.id, r.listing from articles a join article_urls u on u.article_id = a.id
           join listing_rows r on r.portal = u.portal and r.url = u.url
           where a.portal = :portal and a.listed and not exists (
             select 1 from article_urls v join listing_rows s on s.portal = v.portal and s.url = v.url
             where v.article_id = a.id and s.listed)
             and (:all_whole or (a.seen_on is not :night and exists (
               select 1 from misses m where m.article_id = a.id and m.night = :night)))
           group by a.id order by a.id""",
        {"portal": portal, "all_whole": int(bool(all_whole)), "night": night},
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
