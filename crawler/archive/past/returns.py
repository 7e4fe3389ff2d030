"""Find revisions of an article that put an older one back, or that came with a return after an absence. Read-only."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

_FILES = (("revision_images", "image_sha256"), ("revision_attachments", "attachment_sha256"))


@dataclass(frozen=True, slots=True)
class RevisionNote:
    """A note on one revision in a list of revisions.

    Args:
        put_back_to: the first version with the same content and files, if the portal went back to it; else None.
        came_back: whether the article was away before it, and came back changed.
    """

    put_back_to: int | None = None
    came_back: bool = False


NO_NOTE = RevisionNote()


def read_notes(connection: sqlite3.Connection, article_id: int) -> dict[int, RevisionNote]:
    """Return the notes on an article's revisions, by revision number; revisions without a note are missing."""
    rows = connection.execute(
        "select number, seen_at, confirmed_at, content_sha256 from revisions where article_id = ? order by number",
        (article_id,),
    ).fetchall()
    returns = [
        str(row[0])
        for row in connection.execute(
            "select at from article_events where article_id = ? and kind = 'returned'", (article_id,)
        )
    ]
    put_back = _find_put_backs(connection, article_id, digests={int(row[0]): str(row[3]) for row in rows})
    notes = {}
    for (_, _, confirmed_at, _), (number, seen_at, _, _) in pairwise(rows):
        came_back = any(confirmed_at < at <= seen_at for at in returns)
        if came_back or number in put_back:
            notes[int(number)] = RevisionNote(put_back.get(number), came_back)
    return notes


def _find_put_backs(connection: sqlite3.Connection, article_id: int, *, digests: dict[int, str]) -> dict[int, int]:
    alike: dict[str, list[int]] = defaultdict(list)
    for number, digest in digests.items():
        alike[digest].append(number)
    if len(alike) == len(digests):
        return {}
    files: dict[int, set[tuple[object, ...]]] = defaultdict(set)
    for table, column in _FILES:
        sql = f"select number, position, {column} from {table} where article_id = ?"  # noqa: S608 - our own names
        for number, position, sha256 in connection.execute(sql, (article_id,)):
            files[number].add((table, position, sha256))
    found = {}
    for numbers in alike.values():
        for number in numbers:
            first = next((one for one in numbers if one < number - 1 and files[one] == files[number]), None)
            if first is not None:
                found[number] = first
    return found
