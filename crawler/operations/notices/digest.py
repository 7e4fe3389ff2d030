"""The digest: which articles are new, edited, removed or back since the last one."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.past.returns import NO_NOTE, RevisionNote, read_notes
from crawler.items import ArticleState, EventKind
from crawler.language.dates import local_date, parse_iso
from crawler.operations.health.problems import HOME_ZONE
from crawler.operations.health.status import PortalStatus, Status
from crawler.operations.journal.messages import SentDigest

# In the order of a digest. `removed` are removals that are certain.
CHANGES: tuple[str, ...] = (EventKind.FOUND, EventKind.REVISED, EventKind.REMOVED, EventKind.RETURNED)

# How many articles of each kind and portal are listed.
ITEMS_SHOWN = 10

# The time span of a digest, by the operator's setting.
SPANS = {"night": timedelta(days=1), "week": timedelta(days=7)}
# A digest may come this long before its span is over: nights do not end to the minute.
_EARLY = timedelta(hours=12)
# An empty digest is sent this often, as a sign of life.
_SIGN_OF_LIFE = timedelta(days=7)
# How long a digest waits for a portal's night.
_WAIT_FOR_NIGHT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DigestItem:
    """An article in a digest, with the note of its current revision if that is new."""

    article_id: int
    title: str
    url: str
    note: RevisionNote = NO_NOTE


@dataclass(frozen=True, slots=True)
class ChangeCount:
    """Articles with one kind of change: their number, and the first ones."""

    count: int
    items: tuple[DigestItem, ...]


@dataclass(frozen=True, slots=True)
class PortalDigest:
    """What is new of one portal, by the kinds of `CHANGES`."""

    title: str
    changes: Mapping[str, ChangeCount]

    @property
    def count(self) -> int:
        """The number of changed articles."""
        return sum(change.count for change in self.changes.values())


@dataclass(frozen=True, slots=True)
class Digest:
    """What is new since the last digest. The dates are those of its first and last run, in the portals' zone."""

    portals: tuple[PortalDigest, ...]
    until_crawl_id: int
    since_on: str
    until_on: str

    @property
    def is_empty(self) -> bool:
        """True if nothing happened."""
        return not any(portal.count for portal in self.portals)


def is_digest_due(status: Status, every: str, *, last: SentDigest | None, now: datetime) -> bool:
    """True if a digest may be sent now: its span is over, and so is the night.

    `every` is `night`, `week` or `off`.
    """
    if every not in SPANS or not status.portals:
        return False
    sent_at = parse_iso(last.sent_at) if last is not None else None
    if sent_at is not None and sent_at <= now and now - sent_at < SPANS[every] - _EARLY:
        return False
    return all(_is_night_over(portal, now) for portal in status.portals)


def _is_night_over(portal: PortalStatus, now: datetime) -> bool:
    if portal.is_under_way:
        return False
    planned = parse_iso(portal.last_planned_at) if portal.last_planned_at else None
    if planned is None or now - planned > _WAIT_FOR_NIGHT or portal.last_night is None:
        return True
    return parse_iso(portal.last_night.started_at) >= planned


def read_digest(archive: Path, every: str, *, last: SentDigest | None, now: datetime) -> Digest | None:
    """Read what is new since the last digest; None if there is nothing to send.

    An empty digest is sent once a week only. The first digest covers the last night, or week.

    Raises:
        ArchiveUnusableError: if the archive cannot be read.
    """
    with closing(open_for_reading(archive)) as connection:
        after = last.until_crawl_id if last is not None else _before(connection, now - SPANS[every] - _EARLY)
        digest = _read(connection, after)
    if digest is None:
        return None
    is_silent = last is None or now - parse_iso(last.sent_at) >= _SIGN_OF_LIFE - _EARLY
    return None if digest.is_empty and not is_silent else digest


def _before(connection: sqlite3.Connection, when: datetime) -> int:
    row = connection.execute(
        "select coalesce(max(id), 0) from crawls where finished_at < ?", (when.strftime("%Y-%m-%dT%H:%M:%SZ"),)
    ).fetchone()
    return int(row[0])


def _read(connection: sqlite3.Connection, after: int) -> Digest | None:
    span = connection.execute(
        """select max(id) as last, min(started_at) as since, max(finished_at) as until from crawls
           where id > ? and finished_at is not null""",
        (after,),
    ).fetchone()
    if span["last"] is None:
        return None
    happened = _read_events(connection, after, span=span)
    portals = []
    for row in connection.execute("select name, title from portals order by name").fetchall():
        changes = {
            kind: _read_change(connection, happened.get((row["name"], kind), []), since=span["since"])
            for kind in CHANGES
        }
        portals.append(PortalDigest(row["title"], changes))
    since, until = (local_date(parse_iso(span[name]), HOME_ZONE).isoformat() for name in ("since", "until"))
    return Digest(tuple(portals), span["last"], since, until)


def _read_events(connection: sqlite3.Connection, after: int, *, span: sqlite3.Row) -> dict[tuple[str, str], list[int]]:
    """Read the changed articles by portal and kind, each under its most important change."""
    rows = connection.execute(
        """select e.article_id, e.kind, a.portal, a.state from article_events e
           join captures c on c.id = e.capture_id join articles a on a.id = e.article_id
           where e.at between ? and ? and c.crawl_id > ? and c.crawl_id <= ?
             and e.kind in ('found', 'revised', 'removed', 'returned')
           order by e.id""",
        (span["since"], span["until"], after, span["last"]),
    )
    kinds: dict[int, set[str]] = {}
    about: dict[int, tuple[str, str]] = {}
    for article_id, kind, portal, state in rows:
        kinds.setdefault(article_id, set()).add(kind)
        about[article_id] = (portal, state)
    found: dict[tuple[str, str], list[int]] = {}
    for article_id, had in kinds.items():
        portal, state = about[article_id]
        for kind in what_matters(had, state):
            found.setdefault((portal, kind), []).append(article_id)
    return found


def what_matters(kinds: set[str], state: str) -> Iterator[str]:
    """Yield the kind under which an article is listed, by its state now; at most one.

    >>> [str(*what_matters(kinds, "live")) for kinds in ({"found", "revised"}, {"removed", "returned"})]
    ['found', 'returned']
    """
    if EventKind.REMOVED in kinds and state == ArticleState.REMOVED:
        yield EventKind.REMOVED
    elif EventKind.FOUND in kinds:
        yield EventKind.FOUND
    elif EventKind.RETURNED in kinds and state == ArticleState.LIVE:
        yield EventKind.RETURNED
    elif EventKind.REVISED in kinds:
        yield EventKind.REVISED


def _read_change(connection: sqlite3.Connection, ids: list[int], *, since: str) -> ChangeCount:
    return ChangeCount(len(ids), tuple(_read_item(connection, one, since=since) for one in ids[:ITEMS_SHOWN]))


def _read_item(connection: sqlite3.Connection, article_id: int, *, since: str) -> DigestItem:
    row = connection.execute(
        """select a.id, a.title, a.url, a.revision, r.seen_at from articles a
           join revisions r on r.article_id = a.id and r.number = a.revision where a.id = ?""",
        (article_id,),
    ).fetchone()
    # An older revision was reported before.
    note = read_notes(connection, article_id).get(row["revision"], NO_NOTE) if row["seen_at"] >= since else NO_NOTE
    return DigestItem(row["id"], row["title"], row["url"], note)
