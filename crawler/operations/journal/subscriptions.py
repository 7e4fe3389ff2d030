"""The journal's `subscriptions` and `subscription_items`: what each subscription was sent, and what failed."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.language.dates import to_iso_utc

# In place of a name: the file of subscriptions.
THE_FILE = ""


@dataclass(frozen=True, slots=True)
class Follower:
    """A subscription as the journal knows it. Times are ISO 8601 in UTC with Z.

    Only what happened from `since` on is for it. `failed_since` and `fault` are set while its messages fail.
    """

    name: str
    question: str
    since: str
    sent_at: str | None = None
    failed_since: str | None = None
    fault: str | None = None


def read_follower(connection: sqlite3.Connection, name: str) -> Follower | None:
    """Read a subscription by its name."""
    row = connection.execute(f"select {_COLUMNS} from subscriptions where name = ?", (name,)).fetchone()  # noqa: S608
    return Follower(*row) if row else None


def read_failing(connection: sqlite3.Connection) -> list[Follower]:
    """Read the subscriptions whose messages fail, and the file if it cannot be used."""
    sql = f"select {_COLUMNS} from subscriptions where failed_since is not null order by name"  # noqa: S608
    return [Follower(*row) for row in connection.execute(sql).fetchall()]


def put_follower(connection: sqlite3.Connection, follower: Follower) -> None:
    """Insert a subscription, or begin it again with another question."""
    connection.execute(
        """insert into subscriptions (name, question, since) values (?, ?, ?)
           on conflict (name) do update set question = excluded.question, since = excluded.since""",
        (follower.name, follower.question, follower.since),
    )


def read_items(connection: sqlite3.Connection, name: str) -> set[str]:
    """Read what a subscription was sent."""
    rows = connection.execute("select item from subscription_items where subscription = ?", (name,))
    return {row[0] for row in rows.fetchall()}


def note_sent(connection: sqlite3.Connection, name: str, *, items: Iterable[str], now: datetime) -> None:
    """Note what a subscription was sent now."""
    at = to_iso_utc(now)
    connection.executemany(
        "insert or ignore into subscription_items values (?, ?, ?)", [(name, item, at) for item in items]
    )
    connection.execute(
        "update subscriptions set sent_at = ?, failed_since = null, fault = null where name = ?", (at, name)
    )


def note_failed(connection: sqlite3.Connection, name: str, *, fault: str, now: datetime) -> None:
    """Note that a subscription's message could not be sent, or that the file cannot be used."""
    connection.execute(
        """insert into subscriptions (name, question, since, failed_since, fault) values (?, '', ?, ?, ?)
           on conflict (name) do update set failed_since = coalesce(failed_since, excluded.failed_since),
             fault = excluded.fault""",
        (name, to_iso_utc(now), to_iso_utc(now), fault),
    )


def forget_faults(connection: sqlite3.Connection, *, named: Collection[str]) -> None:
    """Forget the faults of what the file no longer names, and of the file."""
    for one in read_failing(connection):
        if one.name not in named:
            connection.execute("update subscriptions set failed_since = null, fault = null where name = ?", (one.name,))


_COLUMNS = "name, question, since, sent_at, failed_since, fault"
