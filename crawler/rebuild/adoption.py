"""Adoption: at its start, a run or command brings in the records that a dead one left after its last commit."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from crawler.archive.history.lineage import read_head
from crawler.archive.history.record_lists import digest_list, write_list
from crawler.archive.row_digests.row_ledger import RowLedger, seal_losses
from crawler.archive.run_writer import RunWriter
from crawler.archive.warc.captures import last_serial, put_warc_file
from crawler.archive.warc.files.folder import FolderFile, find_files, serial_in
from crawler.archive.warc.files.placing import is_placed
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.reader import close_open_file, mend_torn_tail
from crawler.archive.warc.shelf.losses import damage_loss, put_losses
from crawler.archive.warc.shelf.old_lists import list_old_files
from crawler.archive.withheld.overlay import Overlay
from crawler.rebuild.histories import refuse_foreign
from crawler.rebuild.pages import Evidence
from crawler.rebuild.promises import read_promises
from crawler.rebuild.readers.reading import Asker, make_reread
from crawler.rebuild.replay import Replay
from crawler.rebuild.report import Adopted


def adopt(writer: RunWriter, *, asker: Asker | None = None) -> Adopted:
    """Apply the WARC records after the last commit, and give open files their final names.

    Call before `RunWriter.begin`. A torn last record is cut off. The whole records before it become rows, and their
    ledger entries are applied. The writer gets a function that reads revisions of an older reader again: with `asker`,
    or else in this process. WARC files of older versions get their record lists.
    """
    writer.reread = make_reread(writer.connection, writer.folder, profile=writer.profile, asker=asker)
    adopted = adopt_records(writer.connection, writer.folder, overlay=writer.overlay, asker=asker)
    list_old_files(writer.connection, writer.folder)
    return adopted


def adopt_records(
    connection: sqlite3.Connection, folder: Path, *, overlay: Overlay, asker: Asker | None = None
) -> Adopted:
    """Adopt what a dead run or command left, as `adopt` does. The caller holds the archive."""
    files = _files_to_adopt(connection, folder)
    adopted = [_adopt_file(connection, file, overlay=overlay, asker=asker) for file in files]
    return Adopted(
        sum(one.captures for one in adopted),
        sum(one.torn_bytes for one in adopted),
        tuple(line for one in adopted for line in one.otherwise),
        tuple(loss for one in adopted for loss in one.losses),
    )


def _files_to_adopt(connection: sqlite3.Connection, folder: Path) -> list[FolderFile]:
    """Return the files that a dead run may have left, by serial: open ones, and those closed before the commit."""
    known = {row["name"]: row["closed"] for row in connection.execute("select name, closed from warc_files")}
    last = last_serial(connection)
    left = []
    for file in find_files(folder):
        serial = serial_in(file.name)
        is_new = file.name not in known and serial is not None and serial > last
        if is_placed(file) and (file.is_open or is_new or known.get(file.name) == 0):
            left.append(file)
    return sorted(left, key=lambda file: serial_in(file.name) or 0)


def _adopt_file(connection: sqlite3.Connection, file: FolderFile, *, overlay: Overlay, asker: Asker | None) -> Adopted:
    row = connection.execute("select size_bytes from warc_files where name = ?", (file.name,)).fetchone()
    offset = row["size_bytes"] if row else 0
    torn_bytes = (mend_torn_tail(file.path, accounted=offset) or 0) if file.is_open else 0
    rows = RowLedger(connection)
    with overlay.restored():
        rows.clear()
        records = (one for one in _scan_with_infos(file, offset) if isinstance(one, WarcRecord))
        replay = Replay(connection, file.path.parent, evidence=Evidence(read_promises(records)), asker=asker)
        replay.begin_file()
        for record in _scan_with_infos(file, offset):
            if isinstance(record, WarcRecord):
                refuse_foreign(record, read_head(connection))
            if isinstance(record, Damage):
                replay.losses.append(damage_loss(record))
                continue
            replay.apply(replay.prepare(record))
            if record.kind == "metadata":
                rows.note_stated(record.block)
        rows.check_adopted()
        if replay.losses:
            put_losses(connection, replay.losses)
            seal_losses(connection)
        put_warc_file(
            connection, file.name, serial=serial_in(file.name) or 0, size_bytes=file.path.stat().st_size, closed=True,
            list_sha256=_list_of(file.path, file.name),
        )  # fmt: skip
    if file.is_open:
        close_open_file(file.path)
    return Adopted(replay.captures, torn_bytes, tuple(replay.otherwise), tuple(replay.losses))


def _scan_with_infos(file: FolderFile, offset: int) -> Iterator[WarcRecord | Damage]:
    """Yield the file's warcinfo records, then all records and damages from an offset on."""
    for one in scan_records(file.path, name=file.name):
        is_info = isinstance(one, WarcRecord) and one.kind == "warcinfo"
        if is_info or (one.offset if isinstance(one, Damage) else one.position.offset) >= offset:
            yield one


def _list_of(path: Path, name: str) -> str | None:
    """Return the digest of a file's record list. Write the list if the run died before it did."""
    held = digest_list(path.parent, name) if path.name == name else None
    return held or write_list(path, name)
