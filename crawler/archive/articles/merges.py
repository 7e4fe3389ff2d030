"""Merges of two rows that are one article: the younger id then redirects to the older one."""

import sqlite3
from collections.abc import Sequence

from crawler.addresses import is_spelled_alike
from crawler.archive.articles.derived import drop_facts
from crawler.archive.articles.search_index import unindex_article
from crawler.archive.events import put_event
from crawler.items import Address, Capture, EventKind
from crawler.sentences import say


def known_id(connection: sqlite3.Connection, article_id: int | None) -> int | None:
    """Return the id of the row that an id means: its own, or that of the article it was merged into. None without."""
    row = connection.execute(
        "select id from articles where id = ?1 union all select article_id from article_redirects where id = ?1",
        (article_id,),
    ).fetchone()
    return int(row[0]) if row else None


def find_spelled_alike(
    connection: sqlite3.Connection, portal: str, *, addresses: Sequence[Address], join: str
) -> int | None:
    """Return the article of the same text at another spelling of an address without an id. None without one.

    Menus name one page in several ways: `/Gioi-Thieu`, `/gioi-thieu?menu=5`.
    """
    named = [address.url for address in addresses if not address.is_article]
    if not named:
        return None
    rows = connection.execute(
        """select u.url, a.id from articles a join article_urls u on u.article_id = a.id
           where a.join_sha256 = ? and a.portal = ? and u.source_id is null order by a.id""",
        (join, portal),
    ).fetchall()
    return next((row["id"] for row in rows for url in named if is_spelled_alike(row["url"], url)), None)


def merge_twin(
    connection: sqlite3.Connection, portal: str, *, addresses: Sequence[Address], join: str, capture: Capture,
    kept_id: int | None = None,
) -> bool:  # fmt: skip
    """Merge two articles of the same text if one page answers to the addresses of both. True if it merged.

    The younger row must have one revision and the text of the older row. The older row takes its captures, addresses
    and dates. Otherwise both rows stay. The row `kept_id` is never merged into another: the ledger names it later.
    """
    marks = ",".join("?" * len(addresses))
    rows = connection.execute(
        f"""select distinct a.id, a.revision, a.join_sha256 from article_urls u join articles a on a.id = u.article_id
            where u.portal = ? and u.url in ({marks}) order by a.id""",  # noqa: S608 - marks are ?
        (portal, *(address.url for address in addresses)),
    ).fetchall()
    if len(rows) < 2:
        return False
    older, *younger = rows
    twins = [row for row in younger if row["revision"] == 1 and row["join_sha256"] == older["join_sha256"] == join]
    twins = [row for row in twins if row["id"] != kept_id]
    for row in twins:
        _merge(connection, older["id"], younger=row["id"], capture=capture)
    return bool(twins)


def move_address(connection: sqlite3.Connection, portal: str, *, url: str, article_id: int) -> None:
    """Give an address to an article, even if another one had it: the ledger says so, and ids are permanent."""
    connection.execute("update article_urls set article_id = ? where portal = ? and url = ?", (article_id, portal, url))


def _merge(connection: sqlite3.Connection, older: int, *, younger: int, capture: Capture) -> None:
    unindex_article(connection, younger)
    for table in ("article_urls", "article_dates", "article_redirects"):
        connection.execute(f"update {table} set article_id = ? where article_id = ?", (older, younger))  # noqa: S608
    connection.execute(
        "update articles set listed = max(listed, (select listed from articles where id = ?)) where id = ?",
        (younger, older),
    )
    drop_facts(connection, younger)
    files = ("revision_images", "revision_attachments")
    looks = ("last_looks", "page_claims", "misses", "unread_looks", "unkept")
    for table in (*looks, "article_events", *files, "revision_rows"):
        connection.execute(f"delete from {table} where article_id = ?", (younger,))  # noqa: S608
    connection.execute("delete from articles where id = ?", (younger,))
    connection.execute("insert into article_redirects (id, article_id) values (?, ?)", (younger, older))
    detail = say("merged", article=younger)
    put_event(connection, older, kind=EventKind.MERGED, at=capture.fetched_at, capture_id=capture.id, detail=detail)
