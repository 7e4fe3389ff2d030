"""The listings' contents: which listing names which address, and which articles left the listings.

An article that only left the listings is not removed: it still answers, and has `listed = 0`.
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

# A listing of at least this many rows is suspect if it loses more than half of them between two whole readings.
COLLAPSE_FROM_ROWS = 20


# A listing that was not read whole is walked on this many nights in a row, then at growing intervals.
PATIENT_NIGHTS = 4

# A page of the menu that was a list, and is none any more, is missed for so many days. Then it is another page.
LIST_DAYS = 14

# A walk that ends early has to pass half of so many of the newest articles.
NEWEST = 10
# They are sought among the rows of the last page 1, and so many that the listing named last for the first time.
LATEST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a listing, and whether to walk it to its end tonight.

    `has_known` if it named any address that it still names; `read_known` says which.
    `head` are the addresses of its page 1 at the last visit, `pages_before` the pages of its last walk to the end.
    `end_said` if a night said that its end cannot be proved, `unknown_said` the most rows of unknown form of a night.
    `was_list` if it was read as a list in the last `LIST_DAYS` days, `is_new` if it was not asked for before these.
    `newest` are the addresses of its `NEWEST` newest articles whose date the portal shows. `cut_at` is the page where
    a bound cut its walk, if none reached its end since; else 0.
    """

    has_known: bool
    walk_whole: bool
    head: tuple[str, ...] = ()
    pages_before: int = 0
    end_said: bool = False
    unknown_said: int = 0
    was_list: bool = False
    is_new: bool = True
    newest: frozenset[str] = frozenset()
    cut_at: int = 0


def read_memory(
    connection: sqlite3.Connection, profile: Profile, *, listing: str, night: str, every_days: int
) -> Memory:
    """Return what is known of a listing, and whether it is walked whole tonight.

    All listings of a portal are walked whole every `every_days` days, because an article may move from one into the
    depth of another. If one of them was not read whole, all are walked again the next nights, then at growing intervals
    up to `every_days`. A listing that names an article whose fetch failed is walked whole too: it may no longer name
    it. A walk that a bound cut is gone on with the next night; what it reached on several nights counts as one walk.
    """
    walks = connection.execute(
        """select w.url, c.started_at as at,
             w.whole or (w.missing is null and (w.end_by = 'unproved' or w.resumed_at is not null)) as whole
           from listing_walks w join crawls c on c.id = w.crawl_id
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
        """select 1 from frontier f cross join listing_rows r on f.portal = r.portal and f.url = r.url
           where r.portal = ? and r.listing = ? and r.listed and f.state = 'failed' limit 1""",
        (profile.name, listing),
    ).fetchone()
    tonight = date.fromisoformat(night)
    due = any(_is_due(walked, tonight, every_days=every_days) for walked in nights.values())
    head = connection.execute(
        "select urls from listing_heads where portal = ? and listing = ?", (profile.name, listing)
    ).fetchone()
    urls = tuple(json.loads(head["urls"])) if head else ()
    said = connection.execute(
        """select coalesce(max(end_by = 'unproved'), 0) as unproved, coalesce(max(rows_unknown), 0) as unknown,
             (select p.pages_read from listing_walks p where p.url = :listing and p.whole
              order by p.crawl_id desc limit 1) as pages, max(iif(w.pages_read, c.started_at, null)) as read_at,
             min(c.started_at) as first_at
           from listing_walks w join crawls c on c.id = w.crawl_id where c.portal = :portal and w.url = :listing""",
        {"portal": profile.name, "listing": listing},
    ).fetchone()
    cut = connection.execute(
        """select w.cut_at from listing_walks w join crawls c on c.id = w.crawl_id
           where c.portal = :portal and w.url = :listing and w.cut_at is not null and not exists (
             select 1 from listing_walks l where l.url = w.url and l.crawl_id > w.crawl_id and l.to_end
               and l.missing is null) order by w.crawl_id desc limit 1""",
        {"portal": profile.name, "listing": listing},
    ).fetchone()
    whole = due or lacking is not None or cut is not None
    some = connection.execute(
        "select url from listing_rows where portal = ? and listing = ? and listed limit 1", (profile.name, listing)
    ).fetchone()
    read_on = local_date(parse_iso(said["read_at"]), profile.zone) if said["read_at"] else None
    was_list = read_on is not None and (tonight - read_on).days <= LIST_DAYS
    first_on = local_date(parse_iso(said["first_at"]), profile.zone) if said["first_at"] else tonight
    is_new = (tonight - first_on).days <= LIST_DAYS
    newest = connection.execute(
        """select r.url from (
             select value as url from json_each(:head) union select url from (
               select url from listing_rows where portal = :portal and listing = :listing
               order by first_crawl_id desc limit :latest)) l
             cross join listing_rows r on r.portal = :portal and r.listing = :listing and r.url = l.url and r.listed
             join article_urls u on u.portal = r.portal and u.url = r.url join articles a on a.id = u.article_id
           where a.published_from in ('page', 'listing', 'box', 'rss')
           order by a.published_on desc, a.id desc limit :newest""",
        {
            "portal": profile.name, "listing": listing, "head": json.dumps(urls), "latest": LATEST_ROWS,
            "newest": NEWEST,
        },
    ).fetchall()  # fmt: skip
    return Memory(
        some is not None, whole, urls, said["pages"] or 0, bool(said["unproved"]), said["unknown"], was_list, is_new,
        frozenset(row["url"] for row in newest), cut["cut_at"] if cut else 0,
    )  # fmt: skip


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


def _is_due(walks: list[tuple[date, bool]], tonight: date, *, every_days: int) -> bool:
    """True if a listing is to be walked whole. `walks` are its walks to the end so far, oldest first."""
    wholes = [number for number, (_, whole) in enumerate(walks) if whole]
    in_vain = len(walks) - (wholes[-1] + 1 if wholes else 0)
    if wholes and not in_vain:
        return (tonight - walks[wholes[-1]][0]).days >= every_days
    wait = min(max(1, in_vain - PATIENT_NIGHTS), every_days)
    return not walks or (tonight - walks[-1][0]).days >= wait


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


def settle(connection: sqlite3.Connection, portal: str, *, crawl_id: int, at: str, night: str) -> None:
    """Unlist the articles that no listing names any more by any address, at the end of a run.

    If not every listing was read whole, another one may still name them: then only articles that were missed tonight.
    """
    walks = connection.execute(
        "select count(*) as walked, total(whole) as whole from listing_walks where crawl_id = ?", (crawl_id,)
    ).fetchone()
    all_whole = walks["walked"] and walks["whole"] >= walks["walked"]
    rows = connection.execute(
        """select a.id, r.listing from articles a join article_urls u on u.article_id = a.id
           join listing_rows r on r.portal = u.portal and r.url = u.url
           where a.portal = :portal and a.listed and a.id in (
             select w.article_id from listing_rows g join article_urls w on w.portal = g.portal and w.url = g.url
             where g.portal = :portal and not g.listed)
             and not exists (
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
