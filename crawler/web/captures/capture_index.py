"""The captures of an address: the nearest to another capture, the neighbours, and the article at that time."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.addresses import classify
from crawler.items import Capture
from crawler.profile import Profile, restore_profile

# A page of a portal contains about 200 addresses; look up at most this many.
_MAX_LOOKED_UP = 2000

# The answers that show what an address named. A 304 says that the capture before it is still valid.
_HELD = "method = 'GET' and status in (200, 304)"
# Those that also show that it named nothing. RFC 7089 has mementos of such answers too.
_TOLD = "method = 'GET' and status in (200, 304, 404, 410)"


@dataclass(frozen=True, slots=True)
class Memento:
    """A capture of an address at a time."""

    id: int
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The captures of an address around one of them; None if there is no such capture."""

    first: Memento | None
    previous: Memento | None
    next: Memento | None
    last: Memento | None


@dataclass(frozen=True, slots=True)
class ArticleThen:
    """The article of an address: its revision when the address was captured, and its current one.

    `is_missed` is true if the captured answer was not the article (a miss of that night).
    """

    id: int
    title: str
    state: str
    revision_then: int | None
    revision_now: int
    is_missed: bool


def find_nearest(connection: sqlite3.Connection, urls: Iterable[str], *, capture_id: int) -> dict[str, int]:
    """Find for each address its capture nearest to another capture; an address without one is left out.

    Ids of captures are in order of time, so the nearest id is the nearest capture.
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
    """Find for each address of a picture or style sheet its capture; for a redirect, the capture of its target."""
    wanted = list(dict.fromkeys(urls))[:_MAX_LOOKED_UP]
    found = find_nearest(connection, wanted, capture_id=capture_id)
    sql = "select capture_id from files where portal = ? and url = ? and capture_id is not null and sha256 is not null"
    for url in wanted:
        if url not in found:
            row = connection.execute(f"{sql} limit 1", (portal, url)).fetchone()
            if row is not None:
                found[url] = int(row[0])
    return found


def read_mementos(connection: sqlite3.Connection, url: str) -> list[Memento]:
    """Read the captures that tell what an address was, or that it was gone, oldest first.

    If there is none, every answer to a GET.
    """
    for which in (_TOLD, "method = 'GET'"):
        sql = f"select id, fetched_at from captures where url = ? and {which} order by id"  # noqa: S608
        mementos = [Memento(*row) for row in connection.execute(sql, (url,))]
        if mementos:
            return mementos
    return []


def read_around(connection: sqlite3.Connection, capture: Capture) -> Neighbours:
    """Read the captures around one of the same address; for a POST, of the same body too."""
    same = "url = :url and method = :method and request_sha256 is :body"
    parts = {"url": capture.url, "method": capture.method, "body": capture.request_sha256, "id": capture.id}

    def one(where: str, order: str) -> Memento | None:
        sql = f"select id, fetched_at from captures where {same} {where} order by id {order} limit 1"  # noqa: S608
        row = connection.execute(sql, parts).fetchone()
        return Memento(*row) if row else None

    return Neighbours(one("", ""), one("and id < :id", "desc"), one("and id > :id", ""), one("", "desc"))


def read_article_then(connection: sqlite3.Connection, portal: str, *, capture: Capture) -> ArticleThen | None:
    """Read the article of a captured address, and its revision at the time of the capture."""
    for url in name_address(capture.url, read_profile(connection, portal)):
        row = connection.execute(
            """select a.id, a.title, a.state, coalesce(
                 (select max(number) from revisions r where r.article_id = a.id and r.seen_at <= ?),
                 (select min(number) from revisions r where r.article_id = a.id and r.capture_id = ?)), a.revision,
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
    """Find for each address of a link its nearest capture; and the article of those that only have an article."""
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
    """Read a portal's profile of its last crawl; None if there is no such portal."""
    row = connection.execute("select profile from portals where name = ?", (portal,)).fetchone()
    return restore_profile(row[0]) if row else None


def name_address(url: str, profile: Profile | None) -> list[str]:
    """Return an address unchanged, and the spelling that a portal's crawl stores if it differs."""
    named = classify(url, profile) if profile is not None else None
    return list(dict.fromkeys([url, named.url])) if named is not None else [url]
