"""What the last look at an article showed beside its content: its marks, and which line changed in the looks before.

The next look is compared with it. Only runs by rules 2 or later write it.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.items import Capture
from crawler.page_marks import PageMarks

# This many looks tell whether a line changes all the time.
LOOKS = 5


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of one line or picture in an article: the field, and digests of its neighbours ("" at an end)."""

    field: str
    before: str
    after: str

    def is_at(self, other: "Spot") -> bool:
        """Return whether two spots are one place. An edit may have changed one of the neighbours."""
        return self.field == other.field and (self.before == other.before or self.after == other.after)


@dataclass(frozen=True, slots=True)
class Spots:
    """The places that changed in the last looks, oldest first; None for a look in which no single line changed.

    `shown` is the place and the digest of a line that the last look showed otherwise than the current revision.
    """

    changed: tuple[Spot | None, ...] = ()
    shown: tuple[Spot, str] | None = None

    def count(self, spot: Spot) -> int:
        """Count the looks in which a place changed."""
        return sum(1 for one in self.changed if one is not None and one.is_at(spot))

    def follow(self, spot: Spot | None, shown: tuple[Spot, str] | None) -> "Spots":
        """Return the spots after one more look."""
        changed = (*self.changed[1 - LOOKS :], spot)
        return Spots(changed, shown) if shown is not None or any(changed) else Spots()


@dataclass(frozen=True, slots=True)
class LastLook:
    """The last look at an article. `marks` are None if rules 1 judged it."""

    marks: PageMarks | None
    claims: frozenset[str]
    spots: Spots


def read_last_look(connection: sqlite3.Connection, article_id: int) -> LastLook:
    """Read what the last look at an article showed."""
    row = connection.execute("select * from last_looks where article_id = ?", (article_id,)).fetchone()
    if row is None:
        return LastLook(None, frozenset(), Spots())
    claims = connection.execute("select url from page_claims where article_id = ?", (article_id,)).fetchall()
    marks = PageMarks((), row["own_id"], bool(row["has_end"]), bool(row["goes_on"]), row["open_tags"])
    return LastLook(marks, frozenset(url for (url,) in claims), _parse_spots(row["spots"]))


def put_first_look(connection: sqlite3.Connection, article_id: int, *, marks: PageMarks) -> None:
    """Store what the first look at a new article showed."""
    _put_marks(connection, article_id, marks=marks, spots=Spots())
    _put_claims(connection, article_id, claims=marks.claims)


def put_last_look(connection: sqlite3.Connection, article_id: int, *, marks: PageMarks, spots: Spots) -> None:
    """Store what a look showed. It writes nothing if the last look showed the same."""
    last = read_last_look(connection, article_id)
    claims = frozenset(marks.claims)
    shown = PageMarks((), marks.own_id, marks.has_end, marks.goes_on, marks.open_tags)
    if (last.marks, last.spots) != (shown, spots):
        _put_marks(connection, article_id, marks=marks, spots=spots)
    if last.claims != claims:
        connection.execute("delete from page_claims where article_id = ?", (article_id,))
        _put_claims(connection, article_id, claims=claims)


def _put_marks(connection: sqlite3.Connection, article_id: int, *, marks: PageMarks, spots: Spots) -> None:
    connection.execute(
        "insert or replace into last_looks values (?, ?, ?, ?, ?, ?)",
        (article_id, int(marks.has_end), int(marks.goes_on), marks.open_tags, marks.own_id, _render_spots(spots)),
    )


def _put_claims(connection: sqlite3.Connection, article_id: int, *, claims: Iterable[str]) -> None:
    rows = [(article_id, url) for url in sorted(set(claims))]
    if rows:
        connection.executemany("insert into page_claims values (?, ?)", rows)


def put_unkept(
    connection: sqlite3.Connection, article_id: int, *, found: Iterable[tuple[str, str]], capture: Capture
) -> None:
    """Store kind and address of what a look showed that is not kept. It writes nothing if that is as before."""
    rows = list(found)
    held = connection.execute("select kind, url from unkept where article_id = ? order by position", (article_id,))
    if rows == [tuple(row) for row in held.fetchall()]:
        return
    connection.execute("delete from unkept where article_id = ?", (article_id,))
    connection.executemany(
        "insert into unkept (article_id, position, kind, url, capture_id) values (?, ?, ?, ?, ?)",
        [(article_id, position, kind, url, capture.id) for position, (kind, url) in enumerate(rows)],
    )


def _render_spots(spots: Spots) -> str | None:
    if spots.shown is None and not any(spots.changed):
        return None
    shown = [*_as_list(spots.shown[0]), spots.shown[1]] if spots.shown else None
    return json.dumps({"changed": [_as_list(spot) if spot else None for spot in spots.changed], "shown": shown})


def _parse_spots(text: str | None) -> Spots:
    if text is None:
        return Spots()
    read = json.loads(text)
    shown: Sequence[str] | None = read["shown"]
    changed = tuple(Spot(*one) if one else None for one in read["changed"])
    return Spots(changed, (Spot(*shown[:3]), shown[3]) if shown else None)


def _as_list(spot: Spot) -> list[str]:
    return [spot.field, spot.before, spot.after]
