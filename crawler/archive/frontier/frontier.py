"""The frontier: the addresses that pages name, and whether they were fetched. A table, so that it survives any death.

Its rows are written in the transaction of the page that named them. `FrontierState` says what the states mean.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from crawler.archive.frontier.unlisted import count_unlisted
from crawler.items import Capture, FrontierState, Purpose, Refusal
from crawler.sentences import to_columns

# An address that fails on this many different nights is a known gap: it is reported once, and no longer every night.
GAP_NIGHTS = 5

# A portal's frontier holds this many addresses that no listing names and that were never tried. A run tries some
# thousands of them. Without a bound, pages that invent links would make millions of rows.
MAX_UNLISTED = 50_000


class Priority(IntEnum):
    """The order of fetching, highest first."""

    LISTING = 30
    FEED = 20
    ARTICLE = 10
    REQUISITE = 0


class Lane(StrEnum):
    """Why an address is fetched: a look at a held article, a new one of a listing, a link of a text or box, a file."""

    RECHECK = "recheck"
    LISTED = "listed"
    LINK = "link"
    REQUISITE = "requisite"


@dataclass(frozen=True, slots=True)
class FrontierEntry:
    """One address to fetch. `attempts` are the tries that the frontier counts so far.

    `is_again`: it was handed out in this run, and something since asks for another look.
    """

    url: str
    purpose: Purpose
    state: FrontierState
    listed: bool
    lane: Lane = Lane.LISTED
    attempts: int = 0
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to fetch something of a portal. `capture` is the answer, None if none came."""

    portal: str
    at: str
    night: str
    crawl_id: int
    capture: Capture | None = None

    @property
    def capture_id(self) -> int | None:
        """The id of the capture, None if no answer came."""
        return self.capture.id if self.capture is not None else None


def add_found(
    connection: sqlite3.Connection,
    portal: str,
    *,
    urls: Iterable[str],
    purpose: Purpose,
    capture_id: int,
    at: str,
    listed: bool = False,
) -> int:
    """Add the addresses that a capture names. An address that is there already is only marked as listed.

    Those that no listing names are added as long as there is room (`MAX_UNLISTED`). Return how many are left out.
    """
    left = 0
    if not listed:
        urls, left = _with_room(connection, portal, urls=urls)
    priority = Priority.ARTICLE if purpose is Purpose.ARTICLE else Priority.REQUISITE
    state, kind = FrontierState.PENDING, purpose.value
    rows = [(portal, url, kind, state, int(listed), int(priority), at, capture_id) for url in urls]
    if not rows:
        return left
    connection.executemany(
        """insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in)
           values (?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (portal, url) do update set listed = 1 where excluded.listed and not listed""",
        rows,
    )
    return left


def _with_room(connection: sqlite3.Connection, portal: str, *, urls: Iterable[str]) -> tuple[list[str], int]:
    """Return the addresses that are not in the frontier, as many as it has room for, and how many more there are."""
    named = list(dict.fromkeys(urls))
    if not named:
        return [], 0
    unknown = connection.execute(
        """select named.key from json_each(?) named
           where not exists (select 1 from frontier where portal = ? and url = named.value)""",
        (json.dumps(named), portal),
    )
    new = [named[place] for (place,) in unknown]
    if not new:
        return [], 0
    room = max(0, MAX_UNLISTED - count_unlisted(connection, portal))
    return new[:room], max(0, len(new) - room)


def set_state(
    connection: sqlite3.Connection,
    attempt: Attempt,
    *,
    urls: Iterable[str],
    state: FrontierState,
    reason: str | None = None,
) -> None:
    """Set the state of addresses after an attempt. Addresses outside the frontier are ignored.

    An article that failed on `GAP_NIGHTS` different nights becomes a known gap.
    """
    values = {
        "portal": attempt.portal, "at": attempt.at, "night": attempt.night, "crawl": attempt.crawl_id,
        "state": state, "reason": reason, "gap": GAP_NIGHTS,
    }  # fmt: skip
    connection.executemany(
        """update frontier set attempts = attempts + 1, attempted_at = :at, crawl_id = :crawl, reason = :reason,
             fail_nights = case when :state <> 'failed' then 0
               when failed_on is :night then fail_nights else fail_nights + 1 end,
             failed_on = case when :state = 'failed' then :night end,
             state = case when :state = 'failed' and kind = 'article'
               and fail_nights + (failed_on is not :night) >= :gap then 'gap' else :state end
           where portal = :portal and url = :url""",
        [{**values, "url": url} for url in urls],
    )


def settle_missed(connection: sqlite3.Connection, portal: str, *, url: str) -> None:
    """Mark an address as missed whose answer could not be read at first: it equals that for what names nothing."""
    connection.execute(
        """update frontier set state = 'missed', fail_nights = 0, failed_on = null
           where portal = ? and url = ? and state in ('failed', 'gap')""",
        (portal, url),
    )


# An address in `frontier` is that of a removed article.
_IS_REMOVED = """exists (select 1 from article_urls w join articles b on b.id = w.article_id
    where w.portal = frontier.portal and w.url = frontier.url and b.state = 'removed')"""


# The first level of an address's path: of an article, its category. The scheme takes at most 8 characters.
_REST = "substr(url, 9 + instr(substr(url, 9), '/'))"
_IS_HELD = """exists (select 1 from article_urls u
    where u.portal = frontier.portal and u.url = frontier.url)"""
# `+r.listing`: else SQLite walks all rows of the first listing in order, for each of them.
_DUE = f"""with due as (
    select rowid as place, *, case when kind <> 'article' then 'requisite' when {_IS_HELD} then 'recheck'
      when listed then 'listed' else 'link' end as lane
    from frontier
    where portal = :portal and state in ('pending', 'failed', 'gap')
      and (state = 'pending' or (state = 'failed' and not (failed_on is :night
        and reason in ('parser_crash', 'parser_deadline'))) or (state = 'gap' and
        julianday(:night) - julianday(failed_on) >= case when fail_nights < :often then 7 else 30 end))
      and (:crawl is null or state = 'pending' or crawl_id is not :crawl)
      and not (kind = 'requisite' and exists (select 1 from files f where f.portal = frontier.portal
        and f.url = frontier.url))
      and not (state in ('failed', 'gap') and {_IS_REMOVED})
  ), grouped as (
    select *, case lane when 'listed' then (select min(+r.listing) from listing_rows r
          where r.portal = due.portal and r.url = due.url and r.listed)
        || ' ' || (select c.crawl_id from captures c where c.id = found_in)
      when 'link' then found_in end as source,
      lane = 'link' and substr({_REST}, 1, instr({_REST} || '/', '/') - 1) not in (
        select slug from categories where portal = :portal) as is_elsewhere
    from due
  )
  select url, kind, state, listed, lane, attempts from grouped
  order by lane = 'requisite', row_number() over (
    partition by lane, source order by state <> 'pending', is_elsewhere, place), place"""  # noqa: S608 - conditions of ours


def read_due(
    connection: sqlite3.Connection, portal: str, *, night: str, crawl_id: int | None = None
) -> Iterator[FrontierEntry]:
    """Yield the addresses to fetch: pending, failed, and known gaps more and more rarely.

    With `crawl_id`, none whose try failed in that run.

    Within a lane, the listings take turns, and so do the pages that name the links, so that no page or listing with
    endless links keeps the others waiting. Of one listing or page, new addresses go before failed ones, and links into
    known categories before others; what other runs found has turns of its own. Requisites come last.

    One that the parser failed on is not asked for again in the same night: its answer would be the same, and dear.
    A page requisite that was fetched or tried already, as an article's picture, is left out. So is a removed article
    that failed: `rechecks` looks at it, more and more rarely.
    """
    values = {"portal": portal, "night": night, "often": 2 * GAP_NIGHTS, "crawl": crawl_id}
    # Row by row: a portal can name hundreds of thousands. Closed, since an open query would hold back the checkpoint.
    with closing(connection.execute(_DUE, values)) as rows:
        for row in rows:
            yield FrontierEntry(
                row["url"], Purpose(row["kind"]), FrontierState(row["state"]), bool(row["listed"]), Lane(row["lane"]),
                row["attempts"],
            )  # fmt: skip


def count_missing_listed(connection: sqlite3.Connection, portal: str) -> int:
    """Count the listed articles that were not fetched, without the known gaps.

    A held article also counts if its recheck failed and listings name it by another address. One that left its
    listings tonight does not, nor does one that is removed.
    """
    row = connection.execute(
        f"""select count(*) from frontier where portal = ? and kind = 'article' and state in ('pending', 'failed')
           and not {_IS_REMOVED}
           and (listed or exists (select 1 from article_urls u join article_urls v on v.article_id = u.article_id
             join listing_rows r on r.portal = v.portal and r.url = v.url and r.listed
             where u.portal = frontier.portal and u.url = frontier.url))""",  # noqa: S608 - ours
        (portal,),
    ).fetchone()
    return int(row[0])


def count_new_gaps(connection: sqlite3.Connection, portal: str, *, crawl_id: int) -> int:
    """Count the listed articles that became known gaps in a run."""
    row = connection.execute(
        """select count(*) from frontier
           where portal = ? and state = 'gap' and listed and crawl_id = ? and fail_nights = ?""",
        (portal, crawl_id, GAP_NIGHTS),
    ).fetchone()
    return int(row[0])


def put_error(connection: sqlite3.Connection, attempt: Attempt, *, url: str, refusal: Refusal) -> None:
    """Add a row to `crawl_errors`."""
    connection.execute(
        """insert into crawl_errors (crawl_id, url, at, kind, capture_id, message, message_kind, message_args)
           values (?, ?, ?, ?, ?, ?, ?, ?)""",
        (attempt.crawl_id, url, attempt.at, refusal.kind, attempt.capture_id, *to_columns(refusal.message)),
    )
