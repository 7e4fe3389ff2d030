"""What the page of an article's history reads: revisions, events and absences."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crawler.archive.past.returns import NO_NOTE, RevisionNote, read_notes
from crawler.language.dates import to_iso_utc
from crawler.web.article.absences import Miss, Return, ShownAbsence, find_absences
from crawler.web.article.queries import read_names
from crawler.web.cards import make_record

# Show at most this many of the newest revisions and events: some articles are edited every night for years.
MOST_REVISIONS = 500
MOST_EVENTS = 1000
_MOST_MISSES = 2000


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A revision in a list: when it was seen, what differs from the revision before, and what its past says of it."""

    number: int
    seen_at: str
    confirmed_at: str
    title: str
    changed: tuple[str, ...]
    classes: tuple[str, ...]
    content_sha256: str
    capture_id: int
    note: RevisionNote = NO_NOTE


@dataclass(frozen=True, slots=True)
class Event:
    """An event of an article."""

    at: str
    kind: str
    capture_id: int | None
    detail: str | None
    detail_kind: str | None = None
    detail_args: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """An article's history, oldest first: revisions, events, absences, and quarantined readings (`doubts`).

    `files` are events of its files that made no revision: gone, returned, or replaced in many articles at once.
    """

    versions: tuple[VersionLine, ...]
    events: tuple[Event, ...]
    absences: tuple[ShownAbsence, ...]
    doubts: tuple[Event, ...]
    files: tuple[Event, ...]


def read_history(connection: sqlite3.Connection, article_id: int, *, timezone: str) -> ArticleHistory:
    """Read an article's history; `timezone` is its portal's."""
    events = _read_events(connection, article_id)
    return ArticleHistory(
        read_version_lines(connection, article_id),
        events,
        read_absences(connection, article_id, timezone=timezone),
        _read_doubts(connection, article_id),
        _read_file_events(connection, article_id),
    )


def read_version_lines(connection: sqlite3.Connection, article_id: int) -> tuple[VersionLine, ...]:
    """Read the revisions of an article without their texts, oldest first."""
    rows = connection.execute(
        """select number, seen_at, confirmed_at, title, changed, classes, content_sha256, capture_id from revisions
           where article_id = ? order by number desc limit ?""",
        (article_id, MOST_REVISIONS),
    ).fetchall()
    notes = read_notes(connection, article_id)
    return tuple(
        make_record(
            VersionLine, row, changed=read_names(row["changed"]), classes=read_names(row["classes"]),
            note=notes.get(row["number"], NO_NOTE),
        )
        for row in reversed(rows)
    )  # fmt: skip


def read_absences(connection: sqlite3.Connection, article_id: int, *, timezone: str) -> tuple[ShownAbsence, ...]:
    """Read the absences of an article, oldest first; the last one may still last."""
    found = find_absences(_read_misses(connection, article_id), _read_returns(connection, article_id))
    return tuple(
        replace(one, last_seen_at=_last_seen(connection, article_id, absence=one, timezone=timezone)) for one in found
    )


def _read_events(connection: sqlite3.Connection, article_id: int) -> tuple[Event, ...]:
    rows = connection.execute(
        """select at, kind, capture_id, detail, detail_kind, detail_args from article_events where article_id = ?
           order by id desc limit ?""",
        (article_id, MOST_EVENTS),
    ).fetchall()
    return tuple(Event(*row) for row in reversed(rows))


def _read_doubts(connection: sqlite3.Connection, article_id: int) -> tuple[Event, ...]:
    rows = connection.execute(
        """select c.fetched_at, 'doubted', q.capture_id, q.why, q.why_kind, q.why_args from quarantined_readings q
           join captures c on c.id = q.capture_id where q.article_id = ? order by q.night limit 100""",
        (article_id,),
    )
    return tuple(Event(*row) for row in rows)


def _read_file_events(connection: sqlite3.Connection, article_id: int) -> tuple[Event, ...]:
    """Read the events of the files that the article named at that time, oldest first; the detail is the address."""
    # The article stands in each part of the union: otherwise SQLite reads the files of all articles first.
    rows = connection.execute(
        """select distinct e.at, iif(e.kind = 'replaced-in-many', 'file-replaced', 'file-' || e.kind), e.capture_id,
             e.url, e.id from articles a
           join revisions r on r.article_id = a.id
           join (select number, url from revision_images where article_id = :article
                 union all select number, url from revision_attachments where article_id = :article) f
             on f.number = r.number
           join file_events e on e.url = f.url and e.portal = a.portal
           where a.id = :article and e.kind <> 'replaced' and e.at >= r.seen_at and not exists (
             select 1 from revisions n where n.article_id = a.id and n.number > r.number and n.seen_at <= e.at)
           order by e.id limit :most""",
        {"article": article_id, "most": MOST_EVENTS},
    )
    return tuple(Event(*row[:4]) for row in rows)


def _read_misses(connection: sqlite3.Connection, article_id: int) -> list[Miss]:
    """Read the misses that count. A miss of tonight is not judged yet."""
    rows = connection.execute(
        """select m.night, m.at, m.kind, m.capture_id, c.status, c.url from misses m
           left join captures c on c.id = m.capture_id where m.article_id = ? and m.counted order by m.night limit ?""",
        (article_id, _MOST_MISSES),
    )
    return [make_record(Miss, row) for row in rows]


def _read_returns(connection: sqlite3.Connection, article_id: int) -> list[Return]:
    rows = connection.execute(
        """select at, capture_id, json_extract(detail_args, '$.seen_on') as seen_on, kind = 'decided' as is_decided
           from article_events where article_id = ? and kind in ('returned', 'decided') order by id""",
        (article_id,),
    )
    return [make_record(Return, row) for row in rows]


def _last_seen(connection: sqlite3.Connection, article_id: int, *, absence: ShownAbsence, timezone: str) -> str | None:
    """Return when an article last answered before an absence; for one that still lasts, the article's row has it."""
    if absence.returned is None:
        row = connection.execute("select last_seen_at from articles where id = ?", (article_id,)).fetchone()
        return str(row[0]) if row else None
    before = absence.first_missed_at
    if absence.returned.seen_on:
        before = min(before, _end_of(absence.returned.seen_on, timezone))
    row = connection.execute(
        """select max((select c.fetched_at from captures c
             where c.url = u.url and c.fetched_at < ? and c.status in (200, 304)
               and not exists (select 1 from misses m where m.article_id = u.article_id and m.capture_id = c.id)
             order by c.id desc limit 1))
           from article_urls u where u.article_id = ?""",
        (before, article_id),
    ).fetchone()
    return row[0] if row else None


def _end_of(night: str, timezone: str) -> str:
    """Return the end of a night, a date in the portal's zone, in UTC."""
    day = date.fromisoformat(night) + timedelta(days=1)
    return to_iso_utc(datetime.combine(day, time.min, ZoneInfo(timezone)))
