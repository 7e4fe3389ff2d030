"""Write the segments of an archive's history as ledger records: a run or act begins a segment, and appends to it."""

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.history.lineage import HistoryLink, begin_segment, count_record, make_link, read_head, read_ids
from crawler.archive.history.place import note_place
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import LEDGER_URN, add_link, is_ledger, parse_link
from crawler.archive.warc.writer import WarcWriter, new_record_id, render_metadata
from crawler.errors import ArchiveUnusableError


@dataclass(frozen=True, slots=True)
class Opening:
    """The first ledger record of a segment before it is written: its id, and the link in it."""

    record_id: str
    link: HistoryLink


def open_segment(connection: sqlite3.Connection, archive: Path) -> Opening:
    """Begin the segment of a run or act, in the caller's transaction. After a jump, new ids are above it."""
    opening = Opening(new_record_id(), make_link(connection, archive))
    begin_segment(connection, opening.record_id, link=opening.link)
    return opening


def append_ledger(
    connection: sqlite3.Connection, writer: WarcWriter, *, content: bytes, now: datetime, opening: Opening | None
) -> None:
    """Append a ledger record, and count it in the last segment. With `opening`, it is the first of a new segment."""
    record_id = opening.record_id if opening else new_record_id()
    if opening:
        content = add_link(content, opening.link)
    writer.append(render_metadata(content, now, record_id=record_id, url=LEDGER_URN))
    count_record(connection, record_id)


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """The place of a ledger record in the history: its id, and the link if it begins a segment."""

    record_id: str
    link: HistoryLink | None

    def put(self, connection: sqlite3.Connection) -> None:
        """Store the place. Call before the record's entries are applied, because they may have ids above a jump."""
        if self.link is not None:
            begin_segment(connection, self.record_id, link=self.link)
        count_record(connection, self.record_id)


def read_ledger(record: WarcRecord) -> LedgerPlace | None:
    """Read the place of a ledger record in the history; None for another metadata record.

    Raises:
        WarcError: if this version does not know its form.
    """
    return LedgerPlace(record.record_id, parse_link(record.block)) if is_ledger(record.block) else None


def note_segment(connection: sqlite3.Connection, archive: Path) -> None:
    """Write the note beside the archive that says how far it has come at this place. Call after the commit.

    Raises:
        ArchiveUnusableError: if the note cannot be written.
    """
    head = read_head(connection)
    if head is None:
        return
    try:
        note_place(archive, head.record_id, ids=asdict(read_ids(connection)))
    except OSError as error:
        raise ArchiveUnusableError(f"{error.filename}: cannot be written: {error.strerror}") from error


def history_fields(connection: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    """Return the fields of a warcinfo record that name the history of its file."""
    head = read_head(connection)
    if head is None:
        return ()
    fields = ("archive", head.archive), ("history", head.history)
    return (*fields, ("parent", head.last_record_id)) if head.last_record_id else fields
