"""Store the better readings that a comparison found, as new readings of the same captures."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from crawler.archive.lock import hold_archive
from crawler.archive.rereading.another_reading import apply_reread
from crawler.archive.rereading.outdated import HeldRevision
from crawler.archive.warc.ledger import Entry, PageReread
from crawler.profile import restore_profile
from crawler.rebuild.comparison.compare import Watch, ask_again, compare
from crawler.rebuild.comparison.differences import Comparison
from crawler.rebuild.comparison.outside_run import Origin, write_outside_run
from crawler.rebuild.readers.pool import open_asker
from crawler.rebuild.readers.reading import Asker

# Readings in one ledger record and transaction.
_BATCH = 400


def apply_better(
    archive: Path, origin: Origin, *, processes: int | None = None, watch: Watch | None = None
) -> Comparison:
    """Compare every revision with another reading of its capture, and store what today's reader reads.

    Captures, numbers of revisions and events stay. A page that today's reader refuses is only reported.

    `processes` as for `open_asker`, `watch` as for `compare`.

    Raises:
        ArchiveLockedError: if a run holds the archive.
        ArchiveUnusableError: if the archive cannot be read or written.
    """
    with hold_archive(archive):
        found, better = compare(archive, processes=processes, watch=watch)
        if better:
            with write_outside_run(archive, origin) as writing, open_asker(writing.folder, processes) as asker:
                for start in range(0, len(better), _BATCH):
                    batch = _Batch(writing.folder, better[start : start + _BATCH], asker)
                    found.applied += len(writing.write(batch.store))
    return found


class _Batch:
    """Revisions of which another reading is stored in one transaction."""

    def __init__(self, folder: Path, held: Sequence[HeldRevision], asker: Asker | None) -> None:
        self._folder = folder
        self._held = held
        self._asker = asker

    def store(self, connection: sqlite3.Connection) -> Sequence[Entry]:
        """Store the readings. Return the ledger entries of those that were stored."""
        asked = [(one, self._profile_of(connection, one)) for one in self._held]
        pending = [
            ask_again(connection, self._folder, capture=one.capture, profile=profile, asker=self._asker)
            for one, profile in asked
        ]
        stored: list[Entry] = []
        for (one, profile), waiting in zip(asked, pending, strict=True):
            reading = waiting.result()
            if reading.page is None or reading.reader is None:
                continue
            entry = PageReread(one.capture.record_id, one.article_id, one.number, reading.reader)
            if apply_reread(connection, restore_profile(profile), entry=entry, reading=reading.page):
                stored.append(entry)
        return stored

    def _profile_of(self, connection: sqlite3.Connection, one: HeldRevision) -> str:
        row = connection.execute(
            "select p.profile from articles a join portals p on p.name = a.portal where a.id = ?", (one.article_id,)
        ).fetchone()
        return str(row["profile"])
