"""Copies of archives, and their rows."""

import shutil
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive.database import open_for_reading
from crawler.archive.history.place import note_place, read_place
from crawler.language.dates import parse_iso


def copy_archive(archive: Path, into: Path) -> Path:
    """Copy the files of an archive as they are on disk now, as a death would leave them."""
    into.mkdir(parents=True)
    for suffix in ("", "-wal"):
        source = archive.with_name(archive.name + suffix)
        if source.exists():
            shutil.copy(source, into / source.name)
    shutil.copytree(archive.parent / "warc", into / "warc")
    # A death is not a move: the copy counts as the archive itself.
    known = read_place(archive)
    if known is not None and known.head is not None:
        note_place(into / archive.name, known.head, ids=known.ids or {})
    return into / archive.name


def change(archive: Path, sql: str, *parameters: object) -> None:
    """Damage a closed archive, with foreign keys off."""
    connection = sqlite3.connect(archive, isolation_level=None)
    try:
        assert connection.execute(sql, parameters).rowcount > 0, "nothing was damaged"
        connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()


TABLES = (
    "portals", "categories", "articles", "article_urls", "article_dates", "article_events", "revisions",
    "revision_rows", "revision_images", "revision_attachments", "images", "attachments", "captures", "crawls",
    "crawl_errors", "listing_walks", "unverified_hosts", "listing_rows", "mentions", "files", "frontier", "misses",
    "unread_looks", "article_redirects", "quarantined_readings", "portal_identities", "probes", "unkept",
)  # fmt: skip


def all_rows(archive: Path, tables: Iterable[str] = TABLES) -> dict[str, list[tuple[Any, ...]]]:
    """Read every row of an archive's tables in order, row ids included."""
    connection = open_for_reading(archive)
    try:
        return {
            name: [tuple(row) for row in connection.execute(f"select rowid, * from {name} order by rowid")]
            for name in tables
        }
    finally:
        connection.close()


def utc(text: str) -> datetime:
    return parse_iso(text)
