"""Captures of an address in order of time: the nearest, the first and last, and what an article was by then."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.addresses import classify
from crawler.items import Capture
from crawler.profile import Profile, restore_profile

# A page of a portal has some 200 addresses in it; no page needs more than these to be shown.
_MAX_LOOKED_UP = 2000

# What may stand for an address at another time: an answer that held it. A 304 says that the one before is still good.
_HELD = "method = 'GET' and status in (200, 304)"


@dataclass(frozen=True, slots=True)
class Memento:
    """A capture as one point in time."""

    id: int
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The captures of an address around one of them; None where there is none."""

    first: Memento | None
    previous: Memento | None
    next: Memento | None
    last: Memento | None


@dataclass(frozen=True, slots=True)
class ArticleThen:
    """The article that an address leads to: the revision that held when it was captured, and the one that holds now.

    `is_missed` tells that the captured answer was not the article, though it should have been.
    """

    id: int
    title: str
    state: str
    revision_then: int | None
    revision_now: int
    is_missed: bool


def find_nearest(connection: sqlite3.Connection, urls: Iterable[str], *, capture_id: int) -> dict[str, int]:
    """Give for each address its capture nearest to another one, as far as it was ever had.

    Captures are numbered in order of time, so the nearest is told from their numbers alone.
    """
    sql = f"""select
        (select id from captures where url = :url and id <= :id and {_HELD} order by id desc limit 1),
        (select id from captures where url = :url and id > :id and {_HELD} order by id limit 1)"""  # noqa: S608
    found: dict[str, int] = {}
    for url in list(dict.fromkeys(urls))[:_MAX_LOOKED_UP]:
        before, after = connection.execute(sql, {"url": url, "id": capture_id}).fetchone()
        nearest = min(
            (at for at in (before, after) if at is not None), key=lambda at: abs(at - capture_id), default=None
        )
        if nearest is not None:
            found[url] = nearest
    return found


def find_files(connection: sqlite3.Connection, portal: str, *, urls: Iterable[str], capture_id: int) -> dict[str, int]:
    """Give for each address of a picture or sheet the capture that shows it; one that redirected, by where it led."""
    wanted = list(dict.fromkeys(urls))[:_MAX_LOOKED_UP]
    found = find_nearest(connection, wanted, capture_id=capture_id)
    sql = "select capture_id from files where portal = ? and url = ? and capture_id is not null and sha256 is not null"
    for url in wanted:
        if url not in found:
            row = connection.execute(f"{sql} limit 1", (portal, url)).fetchone()
            if row is not None:
                found[url] = int(row[0])
    return found


def read_moments(connection: sqlite3.Connection, url: str) -> list[Memento]:
    """Read every capture that held an address, in order of time; if none did, every answer it ever gave to a GET."""
    for which in (_HELD, "method = 'GET'"):
        sql = f"select id, fetched_at from captures where url = ? and {which} order by id"  # noqa: S608
        moments = [Memento(*row) for row in connection.execute(sql, (url,))]
        if moments:
            return moments
    return []


def read_around(connection: sqlite3.Connection, capture: Capture) -> Neighbours:
    """Read the captures of the same address around one: for a POST, those of the same body."""
    same = "url = :url and method = :method and request_sha256 is :body"
    parts = {"url": capture.url, "method": capture.method, "body": capture.request_sha256, "id": capture.id}

    def one(where: str, order: str) -> Memento | None:
        sql = f"select id, fetched_at from captures where {same} {where} order by id {order} limit 1"  # noqa: S608
        row = connection.execute(sql, parts).fetchone()
        return Memento(*row) if row else None

    return Neighbours(one("", ""), one("and id < :id", "desc"), one("and id > :id", ""), one("", "desc"))


def read_article_then(connection: sqlite3.Connection, portal: str, *, capture: Capture) -> ArticleThen | None:
    """Read which article an address leads to, and which of its revisions held when the address was captured."""
    for url in name_address(capture.url, read_profile(connection, portal)):
        row = connection.execute(
            """select a.id, a.title, a.state, (select max(number) from revisions r
                 where r.article_id = a.id and (r.seen_at <= ? or r.capture_id = ?)), a.revision,
                 exists (select 1 from misses m where m.article_id = a.id and m.capture_id = ?)
               from article_urls u join articles a on a.id = u.article_id where u.portal = ? and u.url = ?""",
            (capture.fetched_at, capture.id, capture.id, portal, url),
        ).fetchone()
        if row is not None:
            article_id, title, state, then, now, is_missed = row
            return ArticleThen(article_id, title, state, then, now, bool(is_missed))
    return None


def find_linked(
    connection: sqlite3.Connection, portal: str, *, urls: Iterable[str], capture_id: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Give for each address of a link its capture nearest to another one, and the article where only that is known."""
    profile = read_profile(connection, portal)
    names = {url: name_address(url, profile) for url in list(dict.fromkeys(urls))[:_MAX_LOOKED_UP]}
    nearest = find_nearest(
        connection, [name for spellings in names.values() for name in spellings], capture_id=capture_id
    )
    found = {url: next(nearest[name] for name in names[url] if name in nearest) for url in names
             if any(name in nearest for name in names[url])}  # fmt: skip
    articles: dict[str, int] = {}
    for url in names.keys() - found.keys():
        sql = "select article_id from article_urls where portal = ? and url in (?, ?)"
        row = connection.execute(sql, (portal, names[url][0], names[url][-1])).fetchone()
        if row is not None:
            articles[url] = int(row[0])
    return found, articles


def read_profile(connection: sqlite3.Connection, portal: str) -> Profile | None:
    """Read a portal's profile as it was last crawled with; None if there is no such portal."""
    row = connection.execute("select profile from portals where name = ?", (portal,)).fetchone()
    return restore_profile(row[0]) if row else None


def name_address(url: str, profile: Profile | None) -> list[str]:
    """Give an address as it is, and as a portal's crawl names it where that differs."""
    named = classify(url, profile) if profile is not None else None
    return list(dict.fromkeys([url, named.url])) if named is not None else [url]
