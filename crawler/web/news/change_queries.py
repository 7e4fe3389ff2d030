"""The list of changes: the revisions after the first, newest first, in pages by keyset."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.language.changes.change_kinds import CLASSES
from crawler.language.changes.number_changes import NumberChange
from crawler.web.article.queries import read_names
from crawler.web.cards import make_record
from crawler.web.news.kinds_of_changes import bind_kind, write_kind

# At most this many numbers are shown with a change; its own page shows all.
_MOST_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Key:
    """The cursor of a list ordered by time. `id` and `number` order rows of equal time."""

    at: str
    id: int
    number: int = 0

    def __str__(self) -> str:
        """Write it as in addresses."""
        return f"{self.at}_{self.id}_{self.number}"


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A revision after the first. The change was made between `confirmed_before` and `seen_at`, both UTC."""

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
    # The first version with the same content and files, if this one is not new; whether it came after an absence.
    put_back_to: int | None = None
    came_back: bool = False
    numbers: tuple[NumberChange, ...] = ()

    @property
    def key(self) -> Key:
        """Its cursor."""
        return Key(self.seen_at, self.article_id, self.number)


# Whether version `one` has a file that version `other` does not have in its place.
_OWN_FILE = """exists (select 1 from {table} x where x.article_id = r.article_id and x.number = {one}.number
       and not exists (select 1 from {table} y where y.article_id = r.article_id and y.number = {other}.number
         and y.position = x.position and y.{column} is x.{column}))"""
_FILES = (("revision_images", "image_sha256"), ("revision_attachments", "attachment_sha256"))
_SAME_FILES = " and ".join(
    f"not {_OWN_FILE.format(table=table, column=column, one=one, other=other)}"
    for table, column in _FILES
    for one, other in (("o", "r"), ("r", "o"))
)
CHANGE_COLUMNS = f"""r.article_id, r.number, r.title, r.seen_at, b.confirmed_at as confirmed_before, r.classes,
    a.portal, p.title as portal_title, p.timezone, a.url, r.byline, coalesce(c.title, c.slug) as category, a.state,
    (select min(o.number) from revisions o where o.article_id = r.article_id and o.number < r.number - 1
       and o.content_sha256 = r.content_sha256 and {_SAME_FILES}) as put_back_to,
    exists (select 1 from article_events e where e.article_id = r.article_id and e.kind = 'returned'
       and e.at > b.confirmed_at and e.at <= r.seen_at) as came_back"""  # noqa: S608 - names of ours
# In this order of tables: SQLite walks the index of changes by time and stops when the page is full.
CHANGE_TABLES = """from revisions r cross join articles a on a.id = r.article_id
    join revisions b on b.article_id = r.article_id and b.number = r.number - 1
    join portals p on p.name = a.portal left join categories c on c.id = a.category_id"""


def read_changes(
    connection: sqlite3.Connection,
    *,
    limit: int,
    before: Key | None = None,
    portal: str | None = None,
    kind: str | None = None,
) -> list[ListedChange]:
    """Read changes, newest first.

    Args:
        connection: to the archive.
        limit: the most rows.
        before: only rows after this cursor.
        portal: only of this portal.
        kind: only of this class, one of `change_kinds.CLASSES`.
    """
    wheres, values = ["r.number > 1"], dict[str, object]()
    if before is not None:
        wheres.append("(r.seen_at, r.article_id, r.number) < (:at, :id, :number)")
        values |= {"at": before.at, "id": before.id, "number": before.number}
    if portal:
        wheres.append("a.portal = :portal")
        values["portal"] = portal
    if kind in CLASSES:
        wheres.append(write_kind("r"))
        values |= bind_kind(kind)
    sql = f"""select {CHANGE_COLUMNS} {CHANGE_TABLES} where {" and ".join(wheres)}
        order by r.seen_at desc, r.article_id desc, r.number desc limit :limit"""
    rows = connection.execute(sql, {**values, "limit": limit}).fetchall()
    return [make_change(row) for row in rows]


def make_change(row: sqlite3.Row) -> ListedChange:
    """Make a change of a row of CHANGE_COLUMNS."""
    return make_record(ListedChange, row, classes=read_names(row["classes"]), came_back=bool(row["came_back"]))


def add_numbers(connection: sqlite3.Connection, changes: Sequence[ListedChange]) -> list[ListedChange]:
    """Add the changed numbers to changes that have some in `number_changes`, each once."""
    return [replace(change, numbers=_find_numbers(connection, change)) for change in changes]


def _find_numbers(connection: sqlite3.Connection, change: ListedChange) -> tuple[NumberChange, ...]:
    rows = connection.execute(
        """select kind, coalesce(before, ''), coalesce(after, '') from number_changes
           where article_id = ? and number = ? group by 1, 2, 3 order by min(position) limit ?""",
        (change.article_id, change.number, _MOST_NUMBERS),
    )
    return tuple(NumberChange(*row) for row in rows)
