"""Which articles were changed lately: the revisions after the first, newest first, by keyset."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.language.change_kinds import CLASSES
from crawler.language.diff import NumberChange
from crawler.web.article.comparison import compare_numbers
from crawler.web.article.queries import read_names

# So many numbers are shown beside a change; its own page shows all.
_MOST_NUMBERS = 4
# Comparing two texts takes milliseconds, and what they say never changes: by their digests, so many are remembered.
_MOST_KNOWN = 5000
_known_numbers: dict[tuple[object, ...], tuple[NumberChange, ...]] = {}


@dataclass(frozen=True, slots=True)
class Key:
    """A place in a list that is ordered by time: what stands before it is older. `id` and `number` part equal times."""

    at: str
    id: int
    number: int = 0

    def __str__(self) -> str:
        """Give it as it stands in addresses."""
        return f"{self.at}_{self.id}_{self.number}"


@dataclass(frozen=True, slots=True)
class Change:
    """A revision after the first. It came after `confirmed_before` and before `seen_at`; times are UTC."""

    article_id: int
    number: int
    title: str
    seen_at: str
    confirmed_before: str
    classes: tuple[str, ...]
    portal: str
    portal_title: str
    timezone: str
    url: str
    byline: str | None
    category: str | None
    state: str
    numbers: tuple[NumberChange, ...] = ()

    @property
    def key(self) -> Key:
        """Its place in the list."""
        return Key(self.seen_at, self.article_id, self.number)


def read_changes(
    connection: sqlite3.Connection,
    *,
    limit: int,
    before: Key | None = None,
    portal: str | None = None,
    kind: str | None = None,
) -> list[Change]:
    """Read changes, newest first.

    Args:
        connection: to the archive.
        limit: so many at most.
        before: only older ones than this place.
        portal: only this portal's.
        kind: only those of this class, one of `archive.changes.CLASSES`.

    """
    wheres, values = ["r.number > 1"], list[object]()
    if before is not None:
        wheres.append("(r.seen_at, r.article_id, r.number) < (?, ?, ?)")
        values += [before.at, before.id, before.number]
    if portal:
        wheres.append("a.portal = ?")
        values.append(portal)
    if kind in CLASSES:
        wheres.append("instr(r.classes, ?)")
        values.append(f'"{kind}"')
    # In this order of tables, so that the index of changes by time is walked, and left as soon as the page is full.
    sql = f"""select r.article_id, r.number, r.title, r.seen_at, b.confirmed_at, r.classes, a.portal, p.title,
          p.timezone, a.url, r.byline, coalesce(c.title, c.slug), a.state
        from revisions r cross join articles a on a.id = r.article_id
        join revisions b on b.article_id = r.article_id and b.number = r.number - 1
        join portals p on p.name = a.portal left join categories c on c.id = a.category_id
        where {" and ".join(wheres)} order by r.seen_at desc, r.article_id desc, r.number desc limit ?"""  # noqa: S608
    rows = connection.execute(sql, (*values, limit)).fetchall()
    return [Change(row[0], row[1], row[2], row[3], row[4], read_names(row[5]), *tuple(row)[6:]) for row in rows]


def add_numbers(connection: sqlite3.Connection, changes: Sequence[Change]) -> list[Change]:
    """Point out the numbers that changed, where the archive classed a change as one of numbers or dates."""
    return [replace(change, numbers=_find_numbers(connection, change)) for change in changes]


def _find_numbers(connection: sqlite3.Connection, change: Change) -> tuple[NumberChange, ...]:
    if not {"number", "date"} & set(change.classes):
        return ()
    rows = connection.execute(
        """select content_sha256 from revisions where article_id = ? and number in (?, ?) order by number""",
        (change.article_id, change.number - 1, change.number),
    ).fetchall()
    key = (change.article_id, *(row[0] for row in rows))
    if key not in _known_numbers:
        if len(_known_numbers) >= _MOST_KNOWN:
            _known_numbers.clear()
        before = _read_text(connection, change.article_id, number=change.number - 1)
        after = _read_text(connection, change.article_id, number=change.number)
        _known_numbers[key] = compare_numbers(before, after)[:_MOST_NUMBERS]
    return _known_numbers[key]


def _read_text(connection: sqlite3.Connection, article_id: int, *, number: int) -> str:
    row = connection.execute(
        "select title, summary, body from revisions where article_id = ? and number = ?", (article_id, number)
    ).fetchone()
    return "\n\n".join(part for part in row or () if part)
