"""Keep the index up with its archives: look at each, and read again those that were written since.

Articles that vanished go first, over all archives, so that what is withheld leaves the index soon, however much there
is to be added. Then changed ones, then new ones, as many as one look has time for.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.articles.search_index import begin_compacting, compact_on
from crawler.archive.database import migrate_if_older, open_for_reading, open_of_any_version, read_mark
from crawler.archive.transaction import transaction
from crawler.errors import PortalArchiveError
from crawler.language.dates import to_iso_utc
from crawler.operations.fleet_status import read_member_status
from crawler.union.changes import Changes, find_changes, find_withdrawn
from crawler.union.feed import delete_articles, delete_portals, feed_portals, put_articles
from crawler.union.ids import id_range, make_public_id
from crawler.union.index import is_compacting, note_compacted, note_compacting, note_written, read_written
from crawler.union.problems import kind_of

_log = logging.getLogger(__name__)

# The time of one look for articles that are added or changed, in seconds; a look at all archives comes between.
SLICE_SECONDS = 10.0
_CHUNK = 50
# This many articles of an archive are written at once when it is looked at.
_FEW = 100
# This many articles at least, and a twentieth of all, are written between two compactions.
_WORTH_COMPACTING = 500
# How long the status of an archive that was not written holds.
_JUDGED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Member:
    """An archive that the index covers: its number for good, and its database."""

    number: int
    archive: Path


@dataclass(slots=True)
class _Due:
    name: str
    member: Member
    stamp: str
    now: datetime


def follow(
    index: sqlite3.Connection, members: Mapping[str, Member], *, now: datetime, seconds: float = SLICE_SECONDS
) -> bool:
    """Look at all archives once, and bring the index up with them. True if work is left for the next look.

    Args:
        index: from `open_index`.
        members: the archives, by name. One that is missing here leaves the index.
        now: by which an archive's status is judged.
        seconds: for changed and new articles, and for compacting; what is gone is always taken out.
    """
    known = {row["name"]: row for row in index.execute("select name, number, stamp from union_archives")}
    for name, row in known.items():
        if name not in members or members[name].number != row["number"]:
            _drop(index, name, number=row["number"])
    due = []
    for name, member in members.items():
        stamp = json.dumps(read_mark(member.archive))
        if name not in known or known[name]["stamp"] != stamp:
            due.append(_Due(name, member, stamp, now))
    unread = [one for one in due if not _look_at(index, one)]
    ends = time.monotonic() + seconds
    is_left = any(_read_on(index, one, ends=ends) for one in unread)
    if not is_left:
        is_left = _compact_on(index, ends=ends)
    _judge_again(index, members, now=now)
    return is_left


def _look_at(index: sqlite3.Connection, due: _Due) -> bool:
    """Take out what is gone, and write what changed, if it is little. False if there is more to do."""
    number = due.member.number
    with _reading(index, due) as archive:
        if archive is None:
            return True
        with transaction(index):
            feed_portals(archive, index, number=number)
            index.execute(
                """insert into union_archives (name, number) values (?, ?)
                   on conflict (name) do update set problem = null""",
                (due.name, number),
            )
        first, last = id_range(number)
        if not index.execute("select 1 from articles where id between ? and ? limit 1", (first, last)).fetchone():
            return False  # it was never read: to compare would only cost time
        found = find_changes(archive, index, number=number)
        for chunk in _chunks(found.gone):
            with transaction(index):
                delete_articles(index, [make_public_id(number, one) for one in chunk])
        wanted = (*found.changed, *found.new)
        _write(archive, index, article_ids=wanted[:_FEW], due=due, found=found)
        if len(wanted) > _FEW:
            return False
        _note_read(index, due, found=found)
    return True


def _read_on(index: sqlite3.Connection, due: _Due, *, ends: float) -> bool:
    """Write changed and new articles. True if the time ended before all were written."""
    with _reading(index, due) as archive:
        if archive is None or time.monotonic() > ends:
            return archive is not None
        found = find_changes(archive, index, number=due.member.number)
        for chunk in _chunks((*found.changed, *found.new)):
            if time.monotonic() > ends:
                return True
            _write(archive, index, article_ids=chunk, due=due, found=found)
        _note_read(index, due, found=found)
    return False


def _write(
    archive: sqlite3.Connection, index: sqlite3.Connection, *, article_ids: Sequence[int], due: _Due, found: Changes
) -> None:
    for chunk in _chunks(article_ids):
        with transaction(index):
            put_articles(archive, index, article_ids=chunk, number=due.member.number, digests=found.digests)
            note_written(index, len(chunk))


def _compact_on(index: sqlite3.Connection, *, ends: float) -> bool:
    """Merge the pieces of the index if much was written since: asking each apart is half of a search (measured).

    It is done in small steps, with looks at the archives in between: at once it took two minutes for 300,000 articles,
    and what is withheld would stay until then. True if the time ended before all was merged.
    """
    if not is_compacting(index):
        written = read_written(index)
        (held,) = index.execute("select count(*) from union_rows").fetchone()
        if written <= max(_WORTH_COMPACTING, held // 20):
            return False
        with transaction(index):
            begin_compacting(index)
            note_compacting(index)
    while time.monotonic() < ends:
        with transaction(index):
            if not compact_on(index):
                note_compacted(index)
                return False
    return True


def _note_read(index: sqlite3.Connection, due: _Due, *, found: Changes) -> None:
    """Note an archive as read, as it was when the look began: a write since then has another stamp."""
    index.execute(
        "update union_archives set stamp = ?, articles = ? where name = ?", (due.stamp, len(found.digests), due.name)
    )
    _judge(index, due.name, member=due.member, now=due.now)


def _judge_again(index: sqlite3.Connection, members: Mapping[str, Member], *, now: datetime) -> None:
    """Judge archives again whose status is an hour old: a night that did not come writes nothing."""
    names = index.execute(
        "select name from union_archives where stamp is not null and judged_at <= ? order by judged_at limit ?",
        (to_iso_utc(now - _JUDGED_FOR), _CHUNK),
    ).fetchall()
    for (name,) in names:
        _judge(index, name, member=members[name], now=now)


def _judge(index: sqlite3.Connection, name: str, *, member: Member, now: datetime) -> None:
    """Keep what a list of all portals shows of an archive, as JSON."""
    found = read_member_status(name, member.archive, number=member.number, now=now, backups_planned=False)
    index.execute(
        "update union_archives set status = ?, judged_at = ? where name = ?",
        (json.dumps(asdict(found), ensure_ascii=False), to_iso_utc(now), name),
    )


@contextmanager
def _reading(index: sqlite3.Connection, due: _Due) -> Iterator[sqlite3.Connection | None]:
    """Open an archive for one look, in one state. None if it cannot be read; the index says why.

    One of an older version is migrated first, as `serve` does; else it would be missing until its next night.
    """
    try:
        migrate_if_older(due.member.archive)
        connection = open_for_reading(due.member.archive)
    except PortalArchiveError as error:
        _note_problem(index, due, error=error)
        _take_out_withdrawn(index, due)
        yield None
        return
    with closing(connection):
        connection.execute("begin")
        try:
            yield connection
        except (sqlite3.Error, PortalArchiveError, TypeError, ValueError, AttributeError) as error:
            # One archive with a value that no crawl writes must not end the index of all others.
            _note_problem(index, due, error=error)
            _take_out_withdrawn(index, due)


def _take_out_withdrawn(index: sqlite3.Connection, due: _Due) -> None:
    """Take out what an archive does not show any more that cannot be read otherwise: what is withheld must not stay."""
    found: list[int] = []
    with suppress(sqlite3.Error, PortalArchiveError), closing(open_of_any_version(due.member.archive)) as archive:
        found = find_withdrawn(archive, index, number=due.member.number)
    for chunk in _chunks(found):
        with transaction(index):
            delete_articles(index, chunk)


def _note_problem(index: sqlite3.Connection, due: _Due, *, error: Exception) -> None:
    """Keep why an archive could not be read. It has no stamp, so the next look tries again; the log has it once."""
    problem = str(kind_of(error))
    known = index.execute("select problem from union_archives where name = ?", (due.name,)).fetchone()
    if known is None or known["problem"] != problem:
        _log.warning("%s: %s", due.name, error)
    index.execute(
        """insert into union_archives (name, number, problem) values (?, ?, ?)
           on conflict (name) do update set problem = excluded.problem, stamp = null""",
        (due.name, due.member.number, problem),
    )


def _drop(index: sqlite3.Connection, name: str, *, number: int) -> None:
    """Take a whole archive out of the index."""
    rows = index.execute("select id from articles where id between ? and ?", id_range(number))
    ids = [row[0] for row in rows]
    for chunk in _chunks(ids):
        with transaction(index):
            delete_articles(index, chunk)
    with transaction(index):
        delete_portals(index, number=number)
        index.execute("delete from union_archives where name = ?", (name,))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
