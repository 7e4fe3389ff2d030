"""What an archive knows of a listing before a run walks it, and whether the walk goes to its end."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.addresses import spell_plainly, todays_address
from crawler.language.dates import local_date, parse_iso
from crawler.profile import Profile

# A listing that was not read whole is walked on this many nights in a row, then at growing intervals.
PATIENT_NIGHTS = 4

# A page of the menu that was a list, and is not one any more, is missed for this many days. Then it is another page.
LIST_DAYS = 14

# A walk that ends early has to pass half of this many of the newest articles.
NEWEST = 10
# They are sought among the rows of the last page 1, and this many that the listing named last for the first time.
LATEST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a listing, and whether to walk it to its end tonight.

    `has_known` if it named any address that it still names; `listings.read_known` says which.
    `head` are the addresses of its page 1 at the last visit, `pages_before` the pages of its last walk to the end.
    `end_said` if a night said that its end cannot be proved, `unknown_said` the most rows of unknown form of a night.
    `was_list` if it was read as a list in the last `LIST_DAYS` days, on a night without a doubt (on others a portal can
    show one page for all addresses), `is_new` if it was not asked for before these.
    `was_in_place` if its address answered with its page the last time, and did not lead elsewhere.
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
    was_in_place: bool = False
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
    of_listing = {"portal": profile.name, "listing": listing}
    tonight = date.fromisoformat(night)
    cut_at = _find_cut(connection, of_listing)
    named = connection.execute(
        "select 1 from listing_rows where portal = :portal and listing = :listing and listed limit 1", of_listing
    ).fetchone()
    head = connection.execute(
        "select urls from listing_heads where portal = :portal and listing = :listing", of_listing
    ).fetchone()
    urls = tuple(json.loads(head["urls"])) if head else ()
    said = _read_walks(connection, of_listing)
    last = connection.execute(
        "select status from captures where url = ? order by id desc limit 1", (listing,)
    ).fetchone()
    read_on = local_date(parse_iso(said["read_at"]), profile.zone) if said["read_at"] else None
    first_on = local_date(parse_iso(said["first_at"]), profile.zone) if said["first_at"] else tonight
    return Memory(
        has_known=named is not None,
        walk_whole=cut_at is not None
        or _names_failed(connection, of_listing)
        or _any_is_due(connection, profile, listing=listing, tonight=tonight, every_days=every_days),
        head=urls,
        pages_before=said["pages"] or 0,
        end_said=bool(said["unproved"]),
        unknown_said=said["unknown"],
        was_list=read_on is not None and (tonight - read_on).days <= LIST_DAYS,
        is_new=(tonight - first_on).days <= LIST_DAYS,
        was_in_place=last is not None and last["status"] in (200, 304),
        newest=_find_newest(connection, of_listing, head=urls),
        cut_at=cut_at or 0,
    )


def read_left(connection: sqlite3.Connection, profile: Profile, *, night: str, asked: Collection[str]) -> list[str]:
    """Return the lists of the last `LIST_DAYS` days that a run did not ask for, since they left the menu."""
    since = (date.fromisoformat(night) - timedelta(days=LIST_DAYS)).isoformat()
    rows = connection.execute(
        """select distinct w.url from crawls c cross join listing_walks w on w.crawl_id = c.id
           where c.portal = ? and c.started_at >= ? and c.outcome not in ('suspect', 'failed')
             and w.pages_read and w.rows_seen order by w.url""",
        (profile.name, since),
    )
    known = set(map(spell_plainly, asked))
    addresses = dict.fromkeys(todays_address(url, profile) for (url,) in rows.fetchall())
    return [url for url in addresses if spell_plainly(url) not in known]


def _any_is_due(
    connection: sqlite3.Connection, profile: Profile, *, listing: str, tonight: date, every_days: int
) -> bool:
    """True if this listing, or one of those that the last run walked, is to be walked whole."""
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
    return any(_is_due(walked, tonight, every_days=every_days) for walked in nights.values())


def _is_due(walks: list[tuple[date, bool]], tonight: date, *, every_days: int) -> bool:
    """True if a listing is to be walked whole. `walks` are its walks to the end so far, oldest first."""
    wholes = [number for number, (_, whole) in enumerate(walks) if whole]
    in_vain = len(walks) - (wholes[-1] + 1 if wholes else 0)
    if wholes and not in_vain:
        return (tonight - walks[wholes[-1]][0]).days >= every_days
    wait = min(max(1, in_vain - PATIENT_NIGHTS), every_days)
    return not walks or (tonight - walks[-1][0]).days >= wait


def _names_failed(connection: sqlite3.Connection, of_listing: dict[str, str]) -> bool:
    """True if a listing names an article whose fetch failed."""
    found = connection.execute(
        """select 1 from frontier f cross join listing_rows r on f.portal = r.portal and f.url = r.url
           where r.portal = :portal and r.listing = :listing and r.listed and f.state = 'failed' limit 1""",
        of_listing,
    ).fetchone()
    return found is not None


def _read_walks(connection: sqlite3.Connection, of_listing: dict[str, str]) -> sqlite3.Row:
    """Return what the walks of a listing left: how they ended, the pages of the last whole one, and their times."""
    found: sqlite3.Row = connection.execute(
        """select coalesce(max(end_by = 'unproved'), 0) as unproved, coalesce(max(rows_unknown), 0) as unknown,
             (select p.pages_read from listing_walks p where p.url = :listing and p.whole
              order by p.crawl_id desc limit 1) as pages, max(iif(
               w.pages_read and c.outcome not in ('suspect', 'failed'), c.started_at, null)) as read_at,
             min(c.started_at) as first_at
           from listing_walks w join crawls c on c.id = w.crawl_id where c.portal = :portal and w.url = :listing""",
        of_listing,
    ).fetchone()
    return found


def _find_cut(connection: sqlite3.Connection, of_listing: dict[str, str]) -> int | None:
    """Return the page where a bound cut the walk of a listing; None if none did, or one reached its end since."""
    cut = connection.execute(
        """select w.cut_at from listing_walks w join crawls c on c.id = w.crawl_id
           where c.portal = :portal and w.url = :listing and w.cut_at is not null and not exists (
             select 1 from listing_walks l where l.url = w.url and l.crawl_id > w.crawl_id and l.to_end
               and l.missing is null) order by w.crawl_id desc limit 1""",
        of_listing,
    ).fetchone()
    return int(cut["cut_at"]) if cut else None


def _find_newest(connection: sqlite3.Connection, of_listing: dict[str, str], *, head: Sequence[str]) -> frozenset[str]:
    """Return the addresses of a listing's newest articles whose date the portal shows."""
    newest = connection.execute(
        """select r.url from (
             select value as url from json_each(:head) union select url from (
               select url from listing_rows where portal = :portal and listing = :listing
               order by first_crawl_id desc limit :latest)) l
             cross join listing_rows r on r.portal = :portal and r.listing = :listing and r.url = l.url and r.listed
             join article_urls u on u.portal = r.portal and u.url = r.url join articles a on a.id = u.article_id
           where a.published_from in ('page', 'listing', 'box', 'rss')
           order by a.published_on desc, a.id desc limit :newest""",
        {**of_listing, "head": json.dumps(head), "latest": LATEST_ROWS, "newest": NEWEST},
    ).fetchall()
    return frozenset(row["url"] for row in newest)
