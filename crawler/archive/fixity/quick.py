"""A verification within a time limit, for every night: the files and rows of the last run, then a part of the rest.

The part begins at another place each night. So `NIGHTS` nights cover all, if the time is enough for one part. The
result names the share that was checked.
"""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.fixity.content import check_revisions
from crawler.archive.fixity.findings import UNREADABLE, Verification, decode_any, join_tied
from crawler.archive.fixity.ledger_rows import LedgerRows
from crawler.archive.fixity.lists import ListWatch
from crawler.archive.fixity.rows import check_stated
from crawler.archive.fixity.verification import cover_withheld
from crawler.archive.row_digests.row_ledger import is_in_ledger
from crawler.archive.warc.check.records import check_records
from crawler.archive.warc.files.folder import FolderFile, find_files
from crawler.archive.warc.finding import Finding
from crawler.language.text import show_count

# The number of nights in which all files and articles are checked once.
NIGHTS = 28


def verify_quickly(
    archive: Path, *, now: datetime, seconds: float, timer: Callable[[], float] = time.monotonic
) -> Verification:
    """Verify the files and rows of the last run, then as much of the rest as the time allows; read-only.

    Args:
        now: decides where the rest begins this night.
        seconds: after this time, no further file or part begins.
        timer: gives the time in seconds.

    Raises:
        ArchiveUnusableError: if the database cannot be read.
    """
    until = timer() + seconds
    found, folder = Verification(), archive.parent / "warc"
    with closing(open_for_reading(archive)) as connection, closing(LedgerRows()) as ledger:
        connection.text_factory = decode_any
        try:
            is_covered = cover_withheld(connection, archive, found=found)
            connection.execute("begin")
            files = [one for one in find_files(folder) if one.has_warc_name]
            late = _late_files(connection)
            own = [one for one in files if one.name in late]
            watch = ListWatch(connection, folder, ledger=ledger)
            _check_files(connection, folder, found=found, watch=watch, names={one.name for one in own})
            watch.end_of(late)
            if is_in_ledger(connection) and is_covered:
                rows = check_stated(connection, ledger)
                found.rows, found.findings = rows.rows, [*found.findings, *rows.findings]
            rest = _rotate([one for one in files if one not in own], now)

            def is_over() -> bool:
                return timer() > until

            looked = _check_rest(connection, folder, found=found, watch=watch, rest=rest, is_over=is_over)
            articles = _check_articles(connection, found, now=now, is_over=is_over)
            found.findings = join_tied([*found.findings, *watch.findings], ties=watch.ties)
        except (sqlite3.DatabaseError, *UNREADABLE) as error:
            found.findings.append(Finding("database", f"database: cannot be read to its end: {error}"))
            return found
    of_rest = f"{looked} of {show_count(len(rest), 'other file')}" if rest else "no other file"
    found.notes.append(
        f"quick: looked at {show_count(len(own), 'file')} of the last run with {show_count(found.rows, 'row')}, at "
        f"{of_rest}, and at the revisions of {articles}% of the articles; it begins elsewhere each night"
    )
    return found


def _late_files(connection: sqlite3.Connection) -> set[str]:
    """Name the files of the last run that captured anything, and all later ones."""
    row = connection.execute(
        """select min(w.serial) from warc_files w where w.name in (
             select warc_file from captures where crawl_id = (select max(crawl_id) from captures))"""
    ).fetchone()
    return {name for (name,) in connection.execute("select name from warc_files where serial >= ?", (row[0] or 0,))}


def _rotate(files: list[FolderFile], now: datetime) -> list[FolderFile]:
    start = len(files) * (now.toordinal() % NIGHTS) // NIGHTS
    return files[start:] + files[:start]


def _check_files(
    connection: sqlite3.Connection, folder: Path, *, found: Verification, watch: ListWatch, names: set[str]
) -> None:
    checked = check_records(connection, folder, watch=watch, only=names)
    found.records += checked.records
    found.captures += checked.captures
    watch.ties |= checked.ties
    known = {(one.kind, one.file, one.key) for one in found.findings}
    found.findings += [one for one in checked.findings if (one.kind, one.file, one.key) not in known]


def _check_rest(
    connection: sqlite3.Connection, folder: Path, *, found: Verification, watch: ListWatch, rest: list[FolderFile],
    is_over: Callable[[], bool],
) -> int:  # fmt: skip
    """Check one file after the other until the time is over. Return the number of checked files."""
    for number, file in enumerate(rest):
        if is_over():
            return number
        _check_files(connection, folder, found=found, watch=watch, names={file.name})
    return len(rest)


def _check_articles(
    connection: sqlite3.Connection, found: Verification, *, now: datetime, is_over: Callable[[], bool]
) -> int:
    """Recompute the revisions of one part of the articles after the other, until the time is over.

    Returns:
        The share of articles that were checked, in percent.
    """
    for number in range(NIGHTS):
        if is_over():
            return 100 * number // NIGHTS
        part = (now.toordinal() + number) % NIGHTS
        check_revisions(connection, found, where=f"article_id % {NIGHTS} = {part}")
    return 100
