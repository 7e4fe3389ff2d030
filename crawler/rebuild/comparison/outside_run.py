"""Write to an archive outside of a run: ledger records and transactions, in the same order as in a run."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.database import open_for_writing
from crawler.archive.row_digests.row_ledger import RowLedger
from crawler.archive.warc import captures
from crawler.archive.warc.ledger import Entry, render_entries
from crawler.archive.warc.segments import append_ledger, history_fields, note_segment, open_segment
from crawler.archive.warc.writer import WarcWriter, render_warcinfo
from crawler.archive.withheld.overlay import Overlay
from crawler.errors import ArchiveUnusableError, say_archive_fault
from crawler.rebuild.adoption import adopt_records


@dataclass(frozen=True, slots=True)
class Origin:
    """How a WARC file names its writer: the beginning of the file name, warcinfo fields, and the clock."""

    prefix: str
    clock: Callable[[], datetime]
    warcinfo_fields: tuple[tuple[str, str], ...]


class OutsideRun:
    """Writes entries. Each `write` is one ledger record and one transaction, with withheld rows in place."""

    def __init__(self, archive: Path, connection: sqlite3.Connection, *, overlay: Overlay, origin: Origin) -> None:
        self.connection = connection
        self.folder = archive.absolute().parent / "warc"
        self.overlay = overlay
        self._archive = archive
        self._origin = origin
        self._rows = RowLedger(connection)
        self._writer: WarcWriter | None = None

    def write(self, make: Callable[[sqlite3.Connection], Sequence[Entry]]) -> Sequence[Entry]:
        """Store what `make` stores, and the entries that it returns. With none, nothing is stored."""
        connection, now = self.connection, self._origin.clock
        with self.overlay.restored():
            self._rows.clear()
            opening = open_segment(connection, self._archive) if self._writer is None else None
            entries = make(connection)
            if not entries:
                connection.execute("rollback")
                return ()
            if self._writer is None:
                self._writer = captures.open_writer(
                    connection, self.folder, prefix=self._origin.prefix, clock=now, make_warcinfo=self._warcinfo
                )
            content = render_entries(entries, self._rows.take())
            append_ledger(connection, self._writer, content=content, now=now(), opening=opening)
            self._writer.sync()
            captures.note_files(connection, self._writer)
        return entries

    def close(self) -> None:
        """Close the WARC file, if one is open."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            captures.note_files(self.connection, writer)
            note_segment(self.connection, self._archive)

    def _warcinfo(self, name: str, more: Sequence[tuple[str, str]]) -> bytes:
        fields = (*self._origin.warcinfo_fields, *history_fields(self.connection), *more)
        return render_warcinfo(fields, name, now=self._origin.clock())


@contextmanager
def write_outside_run(archive: Path, origin: Origin) -> Iterator[OutsideRun]:
    """Open an archive to write outside of a run. Adopt what a dead run left. The caller holds the archive.

    Raises:
        ArchiveUnusableError: if it cannot be opened or written, such as on a full disk.
    """
    connection = open_for_writing(archive)
    try:
        with closing(connection), closing(Overlay(connection, archive)) as overlay:
            adopt_records(connection, archive.absolute().parent / "warc", overlay=overlay)
            writing = OutsideRun(archive, connection, overlay=overlay, origin=origin)
            yield writing
            writing.close()
    except sqlite3.OperationalError as error:
        raise ArchiveUnusableError(f"{archive}: cannot be written: {say_archive_fault(error)}") from error
