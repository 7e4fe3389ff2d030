# ruff: noqa: S608 - conditions of ours
"""Rechecks of held articles: which are due tonight, spread evenly over the nights, and how they went."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.archive.frontier.frontier import FrontierEntry, Lane
from crawler.archive.frontier.menu import menu_address
from crawler.items import ArticleState, FrontierState, Purpose
from crawler.profile import Profile, Relook

# A removed article is rechecked every this many days, more and more rarely: it may come back.
REMOVED_EVERY_DAYS = 7
REMOVED_WEEKLY_FOR_DAYS, REMOVED_MONTHLY_FOR_DAYS = 60, 365

# If most rechecks find nothing, articles that should be there are fetched as a control, to distinguish a purge from an
# outage: one more than were missed, but at most this many.
MOST_CONTROLS = 100
CONTROL_FROM_MISSES = 3
# This many articles are asked beside a removal that could become certain tonight, two more than must answer.
WITNESSES_ASKED = 5


@dataclass(frozen=True, slots=True)
class Rechecks:
    """How a night's rechecks went: seen, missed, and failed (without an answer that counts).

    `is_all`: every held article that should be there was seen or missed.
    """

    seen: int
    missed: int
    failed: int
    is_all: bool = False


def read_due_rechecks(
    connection: sqlite3.Connection, portal: str, *, relook: Relook, night: str, full: bool
) -> Iterator[FrontierEntry]:
    """Yield the articles to recheck tonight, by their canonical address; all of them with `full`.

    An article is due on the nights where (day number + id) is divisible by its interval, so that rechecks are spread
    evenly, and at the latest one interval after its last recheck, also if nights were missed. The frontier retries
    failed rechecks, so they are left out, those of removed articles aside.
    """
    ordinal = date.fromisoformat(night).toordinal()
    # A profile's intervals are in any order: each can be longer than the next, also longer than there are days.
    young = min(max(relook.daily_for_days, relook.weekly_for_days, relook.monthly_for_days), ordinal - 1)
    rows = connection.execute(
        _EVERY_ARTICLE if full else _PLANNED,
        {
            "portal": portal, "night": night, "ordinal": ordinal, "full": int(full), "young": young,
            "removed": REMOVED_EVERY_DAYS, "removed_weekly": REMOVED_WEEKLY_FOR_DAYS,
            "removed_monthly": REMOVED_MONTHLY_FOR_DAYS,
            "daily": relook.daily_for_days, "weekly": relook.weekly_for_days,
            "monthly": relook.monthly_for_days, "then_every": relook.then_every_days,
        },
    )  # fmt: skip
    for row in rows.fetchall():
        # A removed article that is still gone is nothing new.
        state = FrontierState.DONE if row["state"] == ArticleState.LIVE else FrontierState.MISSED
        yield FrontierEntry(row["url"], Purpose.ARTICLE, state, bool(row["listed"]), Lane.RECHECK)


# After how many days a removed article is looked at again, and any other that is in no doubt, by its age.
_REMOVED_EVERY = """case when coalesce(julianday(:night) - julianday(removed_at), 0) < :removed_weekly then :removed
    when coalesce(julianday(:night) - julianday(removed_at), 0) < :removed_monthly then 30 else 90 end"""
_AGE = "julianday(:night) - julianday(coalesce(published_on, first_seen_on))"
_SINCE = "coalesce(julianday(:night) - julianday(looked_on), 100000)"
_IS_TURN = "({since} >= {every} or ({since} >= 1 and (:ordinal + id) % {every} = 0))"
_DUE = f"""with held as (
      select id, url, state, listed, {_SINCE} as since, {_AGE} as age, {_REMOVED_EVERY} as removed_every,
        exists (select 1 from misses m where m.article_id = articles.id
          and m.night > coalesce(seen_on, '') and m.at > coalesce(decided_at, '')) as missed
      from articles where +portal = :portal and {{of}}
    ), planned as (
      select *, case when state = 'removed' then removed_every when state = 'suspect' or missed or age < :daily then 1
          when age < :weekly then 7 when age < :monthly then 30 else :then_every end as every
      from held
    )
    select url, state, listed from planned where (:full or {_IS_TURN.format(since="since", every="every")})
      and (state = 'removed' or not exists (select 1 from frontier f
        where f.portal = :portal and f.url = planned.url and f.state in ('failed', 'gap')))
    order by id"""
_EVERY_ARTICLE = _DUE.format(of="true")
# All that can be due, each from an index: what is in doubt, what is young, whose turn it is, what waited for too long.
# A live article that was missed was looked at after it was seen, or its clock went back.
_YOUNG_EVERY = f"case when {_AGE} < :daily then 1 when {_AGE} < :weekly then 7 else 30 end"
_PLANNED = _DUE.format(
    of=f"""id in (
        select id from articles indexed by articles_suspect where portal = :portal and state = 'suspect'
        union select id from articles indexed by articles_missed where portal = :portal and state = 'live'
          and looked_on is not seen_on
        union select article_id from misses where night > date(:night, '-30 days')
        union select id from articles indexed by articles_gone where portal = :portal and state = 'removed'
          and {_IS_TURN.format(since=_SINCE, every=_REMOVED_EVERY)}
        union select id from articles indexed by articles_age where portal = :portal
          and coalesce(published_on, first_seen_on) > date(:night, -:young || ' days')
          and {_IS_TURN.format(since=_SINCE, every=_YOUNG_EVERY)}
        union select id from articles indexed by articles_looked where portal = :portal and looked_on is null
        union select id from articles indexed by articles_looked where portal = :portal
          and looked_on <= date(:night, -:then_every || ' days')
        union select * from (
          with recursive turns (id) as (select :then_every - (:ordinal % :then_every) union all
            select id + :then_every from turns where id + :then_every <= (select max(id) from articles))
          select id from turns))"""
)


def read_controls(connection: sqlite3.Connection, portal: str, *, night: str) -> list[str]:
    """Return addresses to fetch as a control if most of tonight's rechecks found nothing; else none."""
    tonight = count_rechecks(connection, portal, night=night)
    if tonight.missed < CONTROL_FROM_MISSES or tonight.seen >= tonight.missed:
        return []
    rows = connection.execute(
        """select url from articles where portal = ? and state = 'live' and listed and looked_on is not ?
           order by sort_key desc limit ?""",
        (portal, night, min(tonight.missed + 1, MOST_CONTROLS)),
    )
    return [row["url"] for row in rows.fetchall()]


def read_witnesses(connection: sqlite3.Connection, portal: str, *, night: str, nights: int) -> list[str]:
    """Return addresses to fetch so that a removal can become certain tonight: others must answer for it.

    For each category with articles that were missed on enough nights, articles of it and of the other categories, as
    many as may still lack. Only those that were held before all these were missed count.

    Args:
        nights: the profile's `removal.nights`.
    """
    categories = connection.execute(
        f"select category_id, min(since) as since from ({_NEARLY_CERTAIN}) group by category_id limit ?",
        (night, portal, night, nights, MOST_CONTROLS),
    ).fetchall()
    found: dict[str, None] = {}
    for row in categories:
        for where in ("a.category_id is ?", "a.category_id is not ?"):
            seen = connection.execute(
                f"""select count(*) from articles a
                    where a.portal = ? and a.state = 'live' and a.state <> 'removed' and a.seen_on = ?
                      and {where} and a.first_seen_on < ?""",
                (portal, night, row["category_id"], row["since"]),
            ).fetchone()[0]
            more = connection.execute(
                f"""select a.url from articles a where a.portal = ? and a.state = 'live' and a.looked_on is not ?
                      and {where} and a.first_seen_on < ?
                      and not exists (select 1 from frontier f where f.portal = a.portal and f.url = a.url
                        and f.state in ('failed', 'gap')) order by a.sort_key desc limit ?""",
                (portal, night, row["category_id"], row["since"], max(0, WITNESSES_ASKED - seen)),
            )
            found.update(dict.fromkeys(one["url"] for one in more.fetchall()))
    return list(found)[:MOST_CONTROLS]


def read_doubtful_listings(
    connection: sqlite3.Connection, profile: Profile, *, night: str, crawl_id: int
) -> dict[str, frozenset[str]]:
    """Return the listings to look through before a removal becomes certain, and the addresses to look for.

    They named an article that was missed on enough nights, and were not read whole in this run. The menu is none of
    them: it is read each night.
    """
    portal, nights = profile.name, profile.removal.nights
    rows = connection.execute(
        f"""select r.listing, r.url from ({_NEARLY_CERTAIN}) n join article_urls u on u.article_id = n.id
            join listing_rows r on r.portal = u.portal and r.url = u.url and r.listed
            where r.listing <> ? and not exists (select 1 from listing_walks w
              where w.crawl_id = ? and w.url = r.listing and w.whole) order by r.listing, r.url""",
        (night, portal, night, nights, menu_address(profile), crawl_id),
    )
    found: dict[str, set[str]] = {}
    for row in rows.fetchall():
        found.setdefault(row["listing"], set()).add(row["url"])
    return {listing: frozenset(urls) for listing, urls in found.items()}


# The articles that were missed tonight, and on enough nights with it, since the first of them.
_NEARLY_CERTAIN = """select * from (select a.id, a.category_id, count(*) as nights, min(m.night) as since
    from misses t cross join articles a on a.id = t.article_id cross join misses m on m.article_id = a.id
    where t.night = ? and a.portal = ? and a.seen_on is not ? and a.state <> 'removed'
      and m.night > coalesce(a.seen_on, '') and m.at > coalesce(a.decided_at, '')
      and (m.counted or m.counted is null) group by a.id) where nights >= ?"""


def count_rechecks(connection: sqlite3.Connection, portal: str, *, night: str) -> Rechecks:
    """Count a night's rechecks of articles that were held before it and are not removed.

    Other addresses that fail say nothing about the portal: a page can name thousands that never were.
    """
    row = connection.execute(
        """select
             (select count(*) from articles where portal = :portal and seen_on = :night
               and state = 'live' and state <> 'removed' and first_seen_on < :night) as seen,
             (select count(*) from misses m cross join articles a on a.id = m.article_id where a.portal = :portal
               and m.night = :night and m.counted is null and a.state <> 'removed') as missed,
             (select count(distinct a.id) from frontier f
               cross join article_urls u on u.portal = f.portal and u.url = f.url
               cross join articles a on a.id = u.article_id
               where f.portal = :portal and f.kind = 'article' and f.failed_on = :night
                 and a.state <> 'removed' and a.first_seen_on < :night and a.seen_on is not :night) as failed,
             not exists (select 1 from (
                 select id, first_seen_on from articles indexed by articles_seen
                   where portal = :portal and state <> 'removed' and seen_on < :night
                 union all select id, first_seen_on from articles indexed by articles_seen
                   where portal = :portal and state <> 'removed' and seen_on > :night
                 union all select id, first_seen_on from articles indexed by articles_seen
                   where portal = :portal and state <> 'removed' and seen_on is null) a
               where a.first_seen_on < :night and not exists (
                 select 1 from misses m where m.article_id = a.id and m.night = :night)) as is_all""",
        {"portal": portal, "night": night},
    ).fetchone()
    return Rechecks(row["seen"], row["missed"], row["failed"], is_all=bool(row["is_all"]))
