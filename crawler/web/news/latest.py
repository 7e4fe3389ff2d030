"""The latest articles: by their dates, and those without one that came after a portal's archive was begun."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from crawler.archive.articles.search_index import make_sort_key
from crawler.language.dates import local_date, parse_iso
from crawler.web.cards import CARD_COLUMNS, CARD_TABLES, Card, PortalCard

LATEST_ARTICLES = 12
# How long an article without a date counts as new, in days.
NEW_DAYS = 30


def read_latest(connection: sqlite3.Connection, portals: Sequence[PortalCard], *, today: date) -> list[Card]:
    """Read the latest articles, newest first.

    An article without a date stands at the day it was first seen, which says something only if the archive watched
    before: what the first crawl of a portal found may be of any age, and only fills up what is left.
    """
    cards = _read(connection, "a.published_on is not null order by a.published_on desc, a.sort_key desc")
    for portal in portals:
        cards += _read_undated(connection, portal, today=today)
    cards.sort(key=lambda card: card.sort_key, reverse=True)
    if len(cards) < LATEST_ARTICLES:
        known = {card.id for card in cards}
        cards += [card for card in _read(connection, "true order by a.sort_key desc") if card.id not in known]
    return cards[:LATEST_ARTICLES]


def _read_undated(connection: sqlite3.Connection, portal: PortalCard, *, today: date) -> list[Card]:
    begun = connection.execute(
        """select finished_at from crawls where portal = ? and outcome in ('complete', 'partial', 'suspect')
           order by id limit 1""",
        (portal.name,),
    ).fetchone()
    if begun is None:
        return []
    first = local_date(parse_iso(begun[0]), ZoneInfo(portal.timezone))
    since = max(first + timedelta(days=1), today - timedelta(days=NEW_DAYS))
    which = "a.portal = ? and a.sort_key >= ? and a.published_on is null order by a.sort_key desc"
    return _read(connection, which, portal.name, make_sort_key(since, 0))


def _read(connection: sqlite3.Connection, which: str, *parameters: object) -> list[Card]:
    sql = f"select {CARD_COLUMNS} from {CARD_TABLES} where {which} limit ?"  # noqa: S608 - words of this module
    return [Card(*row) for row in connection.execute(sql, (*parameters, LATEST_ARTICLES))]
