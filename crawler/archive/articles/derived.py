"""Facts derived from the words of articles and of their files, for counting.

Of articles: keys, days of events, cited documents, changed numbers. Of files: document numbers, sums, dates. Every row
follows from `articles`, `revisions` and `attachment_texts` alone: a rebuild makes the same rows, and a new
`FACTS_VERSION` makes all of them again.
"""

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.language.dates import parse_iso
from crawler.language.facts import FACTS_VERSION, find_documents, find_event_day, make_byline_key, make_title_key
from crawler.language.mentions import find_mentions
from crawler.language.money.sums import find_sums
from crawler.language.money.table_sums import by_line, find_in_html, merge_sums

if TYPE_CHECKING:
    # Only an article that changed needs these modules: their import takes as long as four pages.
    from crawler.language.changes.number_changes import NumberChange

VERSION_KEY = "facts_version"
_CHUNK_ROWS = 500
# The methods by which texts of workbooks are read.
OF_WORKBOOKS = ("xls", "xlsx", "sheetml")
# Kind, offset in characters (from 0), value, the words of the text, and page (from 1; None where the file has none);
# of a sum its value in đồng, what a rate is for, and the words around it.
AttachmentFact = tuple[str, int, str | None, str, int | None, int | None, str | None, str | None]
# Place (a part of the article), offset in it, value in đồng, value, what a rate is for, its words, the words around it.
RevisionSum = tuple[str, int, int | None, str | None, str | None, str, str]
# Of one revision at most this many sums are kept: the first.
_MOST_SUMS = 1000
# The letters before and after a sum that are kept with it.
_AROUND = 60

# The parts of a revision whose changed words tell its classes.
_CLASSED = ("body", "summary", "captions", "byline", "source")
_FACTS_COLUMNS = "id, portal, published_on, title, summary, body, captions, byline"


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one revision by which it is compared. A blank line separates paragraphs.

    `html` is the body as stored HTML: it has the columns of the tables.
    """

    title: str
    summary: str | None
    body: str
    captions: str
    html: str
    byline: str | None
    source: str | None

    @property
    def parts(self) -> tuple[tuple[str, str | None], ...]:
        """The name of each part that is searched for sums and changed numbers, with its text."""
        return (("title", self.title), ("summary", self.summary), ("body", self.body), ("captions", self.captions))


def put_facts(connection: sqlite3.Connection, article_id: int) -> None:
    """Update the facts of an article from its current words, in the caller's transaction."""
    connection.execute("delete from article_documents where article_id = ?", (article_id,))
    add_facts(connection, article_id)


def add_facts(connection: sqlite3.Connection, article_id: int) -> None:
    """Store the facts of an article that has no documents yet, as `put_facts`."""
    row = connection.execute(
        f"select {_FACTS_COLUMNS} from articles where id = ?",  # noqa: S608 - a constant
        (article_id,),
    ).fetchone()
    _insert_facts(connection, [tuple(row)])


def put_year(connection: sqlite3.Connection, article_id: int, *, published_on: str | None) -> None:
    """Update the year of an article from its day of publication, which may become known without a new text."""
    connection.execute("update article_facts set year = ? where article_id = ?", (_year_of(published_on), article_id))


def drop_facts(connection: sqlite3.Connection, article_id: int) -> None:
    """Delete all facts of an article, in the caller's transaction."""
    for table in ("article_facts", "article_documents", "number_changes", "revision_sums"):
        connection.execute(f"delete from {table} where article_id = ?", (article_id,))  # noqa: S608


def put_change(
    connection: sqlite3.Connection, article_id: int, *, number: int, before: Wording, after: Wording
) -> None:
    """Store the classes of a revision, and the numbers that it changed, in place of those it had.

    Its row is there and names the fields that differ.
    """
    from crawler.language.changes.change_kinds import classify_change

    key = (article_id, number)
    row = connection.execute("select changed from revision_rows where article_id = ? and number = ?", key).fetchone()
    fields = json.loads(row[0] or "[]")
    found = find_changed_numbers(before, after)
    texts = [name for name in _CLASSED if name in fields]
    classes = classify_change(
        fields, [getattr(before, name) for name in texts], after=[getattr(after, name) for name in texts],
        numbers=[one for _, one in found],
    )  # fmt: skip
    connection.execute(
        "update revision_rows set classes = ? where article_id = ? and number = ?",
        (json.dumps(classes) if classes else None, *key),
    )
    connection.execute("delete from number_changes where article_id = ? and number = ?", key)
    connection.executemany(
        "insert into number_changes values (?, ?, ?, ?, ?, ?, ?)",
        [
            (*key, position, field, one.kind, one.before or None, one.after or None)
            for position, (field, one) in enumerate(found)
        ],
    )


def put_sums(connection: sqlite3.Connection, article_id: int, *, number: int, wording: Wording) -> None:
    """Store the sums of a new revision, from its texts."""
    found = find_revision_sums(wording)
    if found:
        connection.executemany(
            "insert into revision_sums values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(article_id, number, position, *one) for position, one in enumerate(found)],
        )


def replace_sums(connection: sqlite3.Connection, article_id: int, *, number: int, wording: Wording) -> None:
    """Store the sums of a revision in place of those that another text of it gave."""
    connection.execute("delete from revision_sums where article_id = ? and number = ?", (article_id, number))
    put_sums(connection, article_id, number=number, wording=wording)


def find_revision_sums(wording: Wording) -> list[RevisionSum]:
    """Find the sums in the texts of a revision, every place, in the order of its parts."""
    found: list[RevisionSum] = []
    for place, text in wording.parts:
        if not text:
            continue
        said = sorted(find_sums(text), key=lambda one: one.start)
        for one in merge_sums(said, find_in_html(wording.html, text)) if place == "body" else said:
            words, around = text[one.start : one.said_end], _around(text, one.start, end=one.said_end)
            found.append((place, one.start, one.dong, one.value, one.per, words, around))
    return found[:_MOST_SUMS]


def _around(text: str, start: int, *, end: int) -> str:
    """Return what is before and after a place in its paragraph, as whole words, on one line."""
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    above, below = text.rfind("\n\n", max(0, first - 2), start), text.find("\n\n", end, last + 2)
    if above >= 0:
        first = max(first, above + 2)
    if below >= 0:
        last = min(last, below)
    if first > 0 and not text[first - 1].isspace():
        while first < start and not text[first].isspace():
            first += 1
    if last < len(text) and not text[last].isspace():
        while last > end and not text[last - 1].isspace():
            last -= 1
    return " ".join(text[first:last].split())


def put_all_sums(connection: sqlite3.Connection, article_id: int) -> None:
    """Store the sums of all revisions of an article again."""
    numbers = connection.execute("select number from revisions where article_id = ? order by 1", (article_id,))
    for (number,) in numbers.fetchall():
        wording = read_wording(connection, article_id, number=number)
        replace_sums(connection, article_id, number=number, wording=wording)


def put_utc_offset(connection: sqlite3.Connection, portal: str, *, at: str) -> None:
    """Store the UTC offset of a portal's zone at a time, in the form of SQLite's date functions."""
    row = connection.execute("select timezone from portals where name = ?", (portal,)).fetchone()
    offset = _utc_offset(row[0], parse_iso(at))
    connection.execute("update portals set utc_offset = ? where name = ?", (offset, portal))


def put_attachment_facts(connection: sqlite3.Connection, sha256: str) -> None:
    """Update what an attachment's text mentions from its row of `attachment_texts`, in the caller's transaction."""
    connection.execute("delete from attachment_facts where attachment_sha256 = ?", (sha256,))
    connection.executemany(
        "insert into attachment_facts values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(sha256, *fact) for fact in find_attachment_facts(connection, sha256)],
    )


def find_attachment_facts(connection: sqlite3.Connection, sha256: str) -> list[AttachmentFact]:
    """Find what an attachment's text mentions; [] if it has no text."""
    row = connection.execute(
        "select text, page_starts, method from attachment_texts where attachment_sha256 = ? and text is not null",
        (sha256,),
    ).fetchone()
    if row is None:
        return []
    text, starts = row[0], json.loads(row[1] or "[]")
    return [
        (
            one.kind, one.start, one.value, text[one.start : one.end], bisect_right(starts, one.start) or None,
            one.dong, one.per, _around(text, one.start, end=one.end) if one.kind == "sum" else None,
        )
        for one in find_mentions(text, is_sheet=row[2] in OF_WORKBOOKS)
    ]  # fmt: skip


def needs_refill(connection: sqlite3.Connection) -> bool:
    """True if another version made the facts, and for a new database."""
    row = connection.execute("select value from search_meta where key = ?", (VERSION_KEY,)).fetchone()
    return row is None or row[0] != str(FACTS_VERSION)


def refill(connection: sqlite3.Connection) -> None:
    """Make all facts again, in the caller's transaction."""
    for table in ("article_facts", "article_documents", "number_changes", "revision_sums", "attachment_facts"):
        connection.execute(f"delete from {table}")  # noqa: S608
    for chunk in _read_chunks(connection):
        _insert_facts(connection, chunk)
    before: Wording | None = None
    for article_id, number in connection.execute("select article_id, number from revisions order by 1, 2").fetchall():
        after = read_wording(connection, article_id, number=number)
        put_sums(connection, article_id, number=number, wording=after)
        if before is not None and number > 1:  # the one before is of the same article
            put_change(connection, article_id, number=number, before=before, after=after)
        before = after
    for (sha256,) in connection.execute("select attachment_sha256 from attachment_texts order by 1").fetchall():
        put_attachment_facts(connection, sha256)
    latest = "select portal, started_at from crawls where id in (select max(id) from crawls group by portal)"
    for portal, at in connection.execute(latest).fetchall():
        put_utc_offset(connection, portal, at=at)
    connection.execute("insert or replace into search_meta values (?, ?)", (VERSION_KEY, str(FACTS_VERSION)))


def _read_chunks(connection: sqlite3.Connection) -> Iterator[list[tuple[object, ...]]]:
    sql = f"select {_FACTS_COLUMNS} from articles where id > ? order by id limit {_CHUNK_ROWS}"  # noqa: S608
    last = 0
    while chunk := [tuple(row) for row in connection.execute(sql, (last,))]:
        yield chunk
        last = int(str(chunk[-1][0]))


def _insert_facts(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    facts, documents = [], []
    for article_id, portal, published_on, *texts in rows:
        title, summary, body, captions, byline = (str(text) if text is not None else None for text in texts)
        parts = (("title", title), ("summary", summary), ("body", body), ("captions", captions))
        documents += [(article_id, document.number, document.place) for document in find_documents(parts)]
        # A day without its year is one before the day of publication; without that, its year is unknown.
        on = date.fromisoformat(str(published_on)) if published_on else None
        event = find_event_day(f"{summary or ''}\n{body or ''}", on) if on else None
        byline_key = make_byline_key(byline) or None if byline else None
        year, event_on = _year_of(published_on), event.isoformat() if event else None
        facts.append((article_id, portal, year, make_title_key(title or ""), byline_key, event_on))
    connection.executemany("insert or replace into article_facts values (?, ?, ?, ?, ?, ?)", facts)
    if documents:
        connection.executemany("insert into article_documents values (?, ?, ?)", documents)


def find_changed_numbers(before: Wording, after: Wording) -> "list[tuple[str, NumberChange]]":
    """Find the numbers that changed between two revisions, each with its part. A text that is new has no changes.

    A number that moved from one part to another did not change.
    """
    from crawler.language.changes.diff import diff_texts
    from crawler.language.changes.number_changes import Part, find_in_parts

    names, parts = [], []
    for (field, old), (_, new) in zip(before.parts, after.parts, strict=True):
        if (old or new) and old != new:
            tables = [
                by_line(one.body, find_in_html(one.html, one.body)) if field == "body" and old and new else {}
                for one in (before, after)
            ]
            names.append(field)
            parts.append(Part(diff_texts(old, new), (tables[0], tables[1]), is_told=bool(old and new)))
    return [(field, change) for field, changes in zip(names, find_in_parts(parts), strict=True) for change in changes]


def read_wording(connection: sqlite3.Connection, article_id: int, *, number: int) -> Wording:
    """Read the texts of a revision from its rows."""
    title, summary, body, html, byline, source = connection.execute(
        "select title, summary, body, body_html, byline, source from revisions where article_id = ? and number = ?",
        (article_id, number),
    ).fetchone()
    captions = connection.execute(
        """select caption from revision_images where article_id = ? and number = ? and caption is not null
           order by position""",
        (article_id, number),
    )
    return Wording(title, summary, body, join_captions(row[0] for row in captions.fetchall()), html, byline, source)


def join_captions(captions: Iterable[str]) -> str:
    """Join an article's captions to one text, each a paragraph."""
    return "\n\n".join(captions)


def _year_of(published_on: object) -> str | None:
    return str(published_on)[:4] if published_on else None


def _utc_offset(zone: str, at: datetime) -> str:
    minutes = int((at.astimezone(ZoneInfo(zone)).utcoffset() or at - at).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
