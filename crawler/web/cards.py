"""What several pages read from the database: articles as cards in lists, and the portals. Read-only, without HTML."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

PAGE_ARTICLES = 20
_MAX_PORTALS = 50  # in a list; search finds the others

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PortalCard:
    """A portal as the site names it, with the rights notice of its profile."""

    name: str
    title: str
    base_url: str
    timezone: str
    rights_notice: str | None
    rights_source: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """An article in a list. `thumbnail` is the digest of its first picture that has a thumbnail."""

    id: int
    sort_key: int
    title: str
    summary: str | None
    url: str
    published_on: str | None
    published_from: str | None
    first_seen_at: str
    state: str
    category: str | None
    portal: str
    portal_title: str
    timezone: str
    thumbnail: str | None


# In the order of the fields of a card.
CARD_COLUMNS = """a.id, a.sort_key, a.title, a.summary, a.url, a.published_on, a.published_from, a.first_seen_at,
    a.state, coalesce(c.title, c.slug) as category, a.portal, p.title as portal_title, p.timezone,
    (select i.image_sha256 from revision_images i join images m on m.sha256 = i.image_sha256
     where i.article_id = a.id and i.number = a.revision and m.thumbnail is not null
     order by i.position limit 1) as thumbnail"""
CARD_TABLES = "articles a join portals p on p.name = a.portal left join categories c on c.id = a.category_id"


def make_record(kind: type[R], row: sqlite3.Row, **given: object) -> R:
    """Make a dataclass of a row, each field from the column of its name; `given` sets others.

    Raises:
        TypeError: if a field without default has no column.
    """
    columns = set(row.keys())
    named = {field.name for field in fields(kind) if field.name in columns}  # type: ignore[arg-type]
    return kind(**{name: row[name] for name in named} | given)


def read_cards(connection: sqlite3.Connection, article_ids: Sequence[int]) -> dict[int, Card]:
    """Read articles by id; unknown ids are left out."""
    marks = ",".join("?" * len(article_ids))
    sql = f"select {CARD_COLUMNS} from {CARD_TABLES} where a.id in ({marks})"  # noqa: S608 - marks are ?
    return {row[0]: Card(*row) for row in connection.execute(sql, tuple(article_ids))}


def read_portals(connection: sqlite3.Connection) -> list[PortalCard]:
    """Read the portals, by title."""
    sql = """select name, title, base_url, timezone, rights_notice, rights_source from portals
        order by title, name limit ?"""
    return [make_record(PortalCard, row) for row in connection.execute(sql, (_MAX_PORTALS,))]
