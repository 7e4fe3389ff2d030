"""Soft 404s: each night the crawl fetches an address that names nothing, to recognise the portal's answer for it.

The words of a soft 404 are in `extract/refusal`.
"""

import sqlite3

from crawler.archive.articles.digests import text_sha256
from crawler.items import Article, Capture


def put_probe(
    connection: sqlite3.Connection, portal: str, *, url: str, article: Article | None, capture: Capture
) -> None:
    """Store the portal's answer for an address that names nothing."""
    connection.execute(
        "insert or ignore into probes values (?, ?, ?, ?, ?, ?)",
        (portal, capture.crawl_id, url, capture.status, text_sha256(article) if article else None, capture.id),
    )


def equals_last_soft_404(connection: sqlite3.Connection, portal: str, *, article: Article) -> bool:
    """Return whether a page with an article's parts has the text of the portal's last soft 404."""
    row = connection.execute(
        "select text_sha256 from probes where portal = ? order by crawl_id desc limit 1", (portal,)
    ).fetchone()
    return row is not None and row["text_sha256"] == text_sha256(article)
