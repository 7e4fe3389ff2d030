"""The events of an article: what happened to it, when, and the capture that shows it."""

import sqlite3


def put_event(
    connection: sqlite3.Connection,
    article_id: int,
    *,
    kind: str,
    at: str,
    capture_id: int | None,
    detail: str | None = None,
) -> None:
    """Add an event; events are never changed.

    `kind` is one of `found`, `revised`, `unlisted`, `listed`, `missed`, `removed`, `returned`, `merged`, `completed`.
    """
    connection.execute(
        "insert into article_events (article_id, at, kind, capture_id, detail) values (?, ?, ?, ?, ?)",
        (article_id, at, kind, capture_id, detail),
    )
