"""Hosts whose certificates a run did not verify: the key that each showed, and the fault of its certificate."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.archive.warc.ledger import HostUnverified


@dataclass(frozen=True, slots=True)
class UnverifiedHost:
    """A host or host:port, the pin of its key (None if not seen), and the kind of its fault (None if it is valid)."""

    host: str
    pin: str | None
    problem: str | None


def put_unverified_host(connection: sqlite3.Connection, entry: HostUnverified) -> None:
    """Store the key that a host showed in a run. If there is one already, the first one stays."""
    connection.execute(
        "insert or ignore into unverified_hosts (crawl_id, host, at, pin, problem) values (?, ?, ?, ?, ?)",
        (entry.crawl_id, entry.host, entry.at, entry.pin, entry.problem),
    )


def read_unverified_hosts(connection: sqlite3.Connection, portal: str) -> Iterator[UnverifiedHost]:
    """Yield the unverified hosts of a portal in the last run that had any."""
    rows = connection.execute(
        """select host, pin, problem from unverified_hosts where crawl_id = (
             select max(u.crawl_id) from unverified_hosts u join crawls c on c.id = u.crawl_id where c.portal = ?)
           order by host""",
        (portal,),
    )
    yield from (UnverifiedHost(*row) for row in rows)
