"""Hosts that fail on conditional requests (RFC 9110, 13): since then they get requests without conditions."""

import sqlite3
from urllib.parse import urlsplit

from crawler.archive.warc.ledger import HostPlain


def put_plain_host(connection: sqlite3.Connection, entry: HostPlain, *, portal: str) -> None:
    """Store that a host failed on a conditional request; what was first stays."""
    connection.execute(
        "insert or ignore into plain_hosts values (?, ?, ?, ?, ?)",
        (portal, entry.host, entry.crawl_id, entry.at, entry.status),
    )


def is_plain_host(connection: sqlite3.Connection, portal: str, *, url: str) -> bool:
    """True if the host of an address is to be asked plainly."""
    row = connection.execute(
        "select 1 from plain_hosts where portal = ? and host = ?", (portal, urlsplit(url).netloc)
    ).fetchone()
    return row is not None
