"""What a portal answers for nothing: each night an address that names nothing is asked, to know it again."""

import sqlite3

from crawler.archive.articles.digests import text_sha256
from crawler.items import Article, Capture


def put_probe(
    connection: sqlite3.Connection, portal: str, *, url: str, article: Article | None, capture: Capture
) -> None:
    """Keep what the portal answered for an address that names nothing."""
    connection.execute(
        "insert or replace into probes values (?, ?, ?, ?, ?, ?)",
        (portal, capture.crawl_id, url, capture.status, text_sha256(article) if article else None, capture.id),
    )


def answers_as_for_nothing(connection: sqlite3.Connection, portal: str, *, article: Article) -> bool:
    """Tell whether a page that has an article's parts says just what the portal last said for nothing."""
    row = connection.execute(
        "select text_sha256 from probes where portal = ? order by crawl_id desc limit 1", (portal,)
    ).fetchone()
    return row is not None and row["text_sha256"] == text_sha256(article)
