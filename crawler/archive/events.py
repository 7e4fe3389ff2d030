"""The events of an article: what happened to it, when, and the capture that shows it."""

import sqlite3

from crawler.items import EventKind
from crawler.sentences import Sentence, to_columns


def put_event(
    connection: sqlite3.Connection,
    article_id: int,
    *,
    kind: EventKind,
    at: str,
    capture_id: int | None,
    detail: Sentence | None = None,
) -> None:
    """Add an event. Events never change."""
    connection.execute(
        """insert into article_events (article_id, at, kind, capture_id, detail, detail_kind, detail_args)
           values (?, ?, ?, ?, ?, ?, ?)""",
        (article_id, at, kind, capture_id, *to_columns(detail)),
    )
