"""What happened to files under their addresses: replaced, gone, returned."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from crawler.archive.frontier.frontier import Attempt


class FileEventKind(StrEnum):
    """What happened to a file: `file_events.kind`."""

    REPLACED = "replaced"  # other bytes; each article that names it has a new revision
    REPLACED_IN_MANY = "replaced-in-many"  # a picture of many articles; none of them gets a new revision
    GONE = "gone"  # its address no longer gives a file; the old bytes stay
    RETURNED = "returned"  # it gives one again


@dataclass(frozen=True, slots=True)
class FileName:
    """A file by the address that pages give it, and its role."""

    url: str
    role: str


def put_file_event(
    connection: sqlite3.Connection, attempt: Attempt, *, file: FileName, kind: FileEventKind,
    before: str | None, after: str | None, articles: int,
) -> None:  # fmt: skip
    """Add an event of a file. Events never change.

    `before` and `after` are digests of its bytes, `articles` is the number of articles that name it.
    """
    connection.execute(
        """insert into file_events (portal, url, role, at, kind, before_sha256, after_sha256, articles, capture_id)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (attempt.portal, file.url, file.role, attempt.at, kind, before, after, articles, attempt.capture_id),
    )
