"""Rebuild the database from the WARC files alone, with today's parser, offline."""

import sqlite3
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

from crawler.archive.articles.search_index import indexed_at_end, lacks_pairs, reindex_all
from crawler.archive.database import open_for_writing
from crawler.archive.row_digests.row_ledger import note_rebuilt
from crawler.archive.transaction import transaction
from crawler.archive.warc.captures import put_warc_file
from crawler.archive.warc.files.folder import serial_in
from crawler.archive.warc.ledger import CrawlFinished, CrawlStarted, Failed, ListingWalked
from crawler.archive.warc.reader import read_record
from crawler.archive.warc.shelf.arrangement import Arrangement, FileGroup, arrange
from crawler.archive.warc.shelf.folder_lists import EMPTY_LIST
from crawler.archive.warc.shelf.losses import MISSING, RUN, Loss, put_losses, put_spare_file
from crawler.archive.warc.writer import Position
from crawler.archive.withheld.address_words import search_new_texts
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withheld.withheld_db import withheld_path
from crawler.errors import ArchiveUnusableError, WrongUseError, say_fault
from crawler.rebuild.former_rows import FormerRows
from crawler.rebuild.histories import Histories, Selection
from crawler.rebuild.lost_beginnings import note_profiles
from crawler.rebuild.pages import Evidence, find_lost
from crawler.rebuild.promises import Promises
from crawler.rebuild.readers.pool import count_readers, open_asker, size_of
from crawler.rebuild.readers.reading import Asker
from crawler.rebuild.replay import Replay, ReplayStep, known_entries
from crawler.rebuild.report import Replayed

# The number of questions that are asked ahead of their turn. A ledger record has up to `run_writer.BATCH_OPERATIONS`
# questions: the next record's readings are made while this record's are applied. Each waiting reading has some 50 kB.
QUESTIONS_AHEAD = 600

Watch = Callable[[int], None]
_NO_RECORD = Position("", 0, 0)


def rebuild(
    archive: Path, into: Path, *, processes: int | None = None, watch: Watch | None = None, history: str | None = None
) -> Replayed:
    """Make the database `into` from the WARC files beside `archive`. Return the counts, and what is read differently.

    No file is changed, and `archive` itself need not exist. If it exists, pages that today's reader refuses keep the
    readings of its rows. If rows cannot point to the records of a file, the rebuild makes a copy with which they can.
    The new database gets its name when it is complete.

    Args:
        processes: the number of processes that read pages; 0 reads in this one. With None, one for each core, and 0 for
            a small archive.
        watch: called with the number of bytes of each record, after the record is applied.
        history: the beginning of a history's name, if the files hold several.

    Raises:
        ForkError: if the files hold several histories of an archive, and `history` does not choose one.
        WrongUseError: if `into` exists already, or its folder does not.
        ArchiveUnusableError: if there are no WARC files, or none of their records can be used.
    """
    folder = archive.parent / "warc"
    if into.exists():
        raise WrongUseError(f"{into}: exists already; a rebuild makes a new database")
    if not into.parent.is_dir():
        raise WrongUseError(f"{into}: the folder {into.parent} does not exist; make it first")
    arrangement = arrange(folder)
    if not arrangement.groups:
        why = "; ".join(loss.line() for loss in arrangement.losses[:3]) or "holds no WARC files"
        raise ArchiveUnusableError(f"{folder}: {why}")
    part = into.with_name(into.name + ".part")
    for name, suffix in product((part, withheld_path(part)), ("", "-wal", "-shm")):
        Path(f"{name}{suffix}").unlink(missing_ok=True)
    try:
        with closing(open_for_writing(part)) as connection, closing(FormerRows(archive)) as former:
            # A half-done rebuild is worthless, so nothing needs to be on disk before it is complete.
            connection.execute("pragma synchronous = off")
            overlay = Overlay(connection, part)
            with open_asker(folder, processes) as asker:
                replayed = _replay_all(
                    connection, arrangement, former=former, asker=asker, watch=watch, history=history
                )
            connection.execute("pragma synchronous = full")
            with transaction(connection):
                search_new_texts(connection)
            _take_out_withheld(overlay)
            connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{into}: cannot be written: {say_fault(error)}") from error
    if replayed.losses and not replayed.captures:
        part.unlink()
        lost = "; ".join(loss.line() for loss in replayed.losses[:3])
        raise ArchiveUnusableError(f"{folder}: no capture can be brought in: {lost}")
    if (withheld := withheld_path(part)).exists():
        withheld.replace(withheld_path(into))
    part.rename(into)
    return replayed


def readers_of(archive: Path) -> int:
    """Return the number of processes that read the WARC files beside an archive."""
    return count_readers(archive.absolute().parent / "warc")


def archive_bytes(archive: Path) -> int:
    """Return the size of the WARC files beside an archive."""
    return size_of(archive.absolute().parent / "warc")


def _take_out_withheld(overlay: Overlay) -> None:
    """Move the rows that the ledger withholds to a withheld database beside the new database."""
    with closing(overlay):
        if overlay.is_needed:
            with overlay.restored():
                pass  # nothing is taken out yet; the end of the block takes the rows out
        if overlay.has_to_erase:
            overlay.erase_words()


def _replay_all(
    connection: sqlite3.Connection, arrangement: Arrangement, *, former: FormerRows | None = None,
    asker: Asker | None = None, watch: Watch | None = None, history: str | None = None,
) -> Replayed:  # fmt: skip
    """Fill an empty database with the rows of every WARC file of an archive.

    A record that a run is still writing, or was writing when it died, is left out. A record that cannot be used is
    stored as a loss.

    Args:
        former: the current rows of the archive. A page that today's reader refuses keeps their reading.
        asker: reads the captures. Up to `QUESTIONS_AHEAD` questions are asked ahead of their turn.
        watch: called with the number of bytes of each record, after the record is applied.
        history: the beginning of a history's name, if the files hold several.

    Raises:
        ForkError: if the files hold several histories, and `history` does not choose one.
    """
    histories = Histories()
    for record in arrangement.tellers():
        histories.note(record, Path(record.position.warc_file))
    selection = histories.select(history)
    promises, profiles = Promises(), dict[str, str]()
    for record in selection.choose(arrangement.tellers()):
        promises.note_record(record)
        note_profiles(profiles, known_entries(record))
    evidence = Evidence(promises, former)
    replay = Replay(connection, arrangement.folder, evidence=evidence, asker=asker, profiles=profiles)
    arrangement.losses += _missing_files(arrangement, former)
    surveyed = len(arrangement.losses)
    replay.losses.extend(arrangement.losses)
    steps = _look_ahead(_prepare_all(replay, arrangement, selection=selection), most=QUESTIONS_AHEAD if asker else 0)
    while _replay_file(connection, replay, steps=steps, watch=watch):
        if lacks_pairs(connection):  # once: what is indexed from then on has them
            with transaction(connection):
                reindex_all(connection)
    with transaction(connection):
        replay.losses.extend((*arrangement.losses[surveyed:], *_open_runs(connection)))
        _put_files(connection, arrangement, left_out=selection.left_out)
        put_losses(connection, replay.losses)
        note_rebuilt(connection)
    lost = find_lost(connection, promises, told=replay.otherwise)
    return Replayed(
        replay.captures,
        (*replay.otherwise, *lost),
        selection.left_out,
        tuple(dict.fromkeys(replay.losses)),
        tuple(arrangement.copied),
    )


def _replay_file(
    connection: sqlite3.Connection, replay: Replay, *, steps: Iterator[ReplayStep], watch: Watch | None
) -> bool:
    """Apply the steps up to the end of a file, in one transaction. Return False if no step is left."""
    is_any = False
    with transaction(connection), indexed_at_end(connection):
        for step in steps:
            is_any = True
            if step.ends_file:
                break
            replay.apply(step)
            if watch is not None:
                watch(step.position.length)
    return is_any


def _prepare_all(replay: Replay, arrangement: Arrangement, *, selection: Selection) -> Iterator[ReplayStep]:
    """Prepare the records of the history in all files, in order. A step without a record ends each file."""
    for group in arrangement.groups:
        replay.begin_file(_run_of(arrangement.folder, group))
        for record in selection.choose(arrangement.records(group)):
            yield replay.prepare(record)
        yield ReplayStep(_NO_RECORD, ends_file=True)


def _look_ahead(steps: Iterable[ReplayStep], *, most: int) -> Iterator[ReplayStep]:
    """Delay each step until up to `most` questions of later steps are asked: their readings are made meanwhile."""
    waiting: deque[ReplayStep] = deque()
    asked = 0
    for step in steps:
        waiting.append(step)
        asked += len(step.entries)
        while asked > most or (not most and waiting):
            asked -= len(waiting[0].entries)
            yield waiting.popleft()
    yield from waiting


def _run_of(folder: Path, group: FileGroup) -> int | None:
    """Return the run that wrote a file without a warcinfo record, by its ledger records; None if they name no run."""
    for position in () if group.segments[0].has_info else group.tellers():
        entries = known_entries(read_record(folder, position))
        runs = [entry.crawl_id for entry in entries if isinstance(entry, CrawlStarted)] or [
            entry.crawl_id for entry in entries if isinstance(entry, Failed | ListingWalked | CrawlFinished)
        ]
        if runs:
            return runs[0]
    return None


def _open_runs(connection: sqlite3.Connection) -> Iterator[Loss]:
    """Yield a loss for each run without an end before the last one: the next run closes a run that died."""
    rows = connection.execute(
        "select id from crawls where not in_ledger and id < (select max(id) from crawls) order by id"
    )
    for row in rows.fetchall():
        yield Loss(RUN, f"run {row[0]}: the record of its end is lost")


def _missing_files(arrangement: Arrangement, former: FormerRows | None) -> Iterator[Loss]:
    """Yield a loss for each file that only the archive's rows name, if no part of it is there and no loss names it."""
    there, told = arrangement.known_names(), " ".join(one.what for one in arrangement.losses if one.kind == MISSING)
    for name in former.file_names() if former is not None else ():
        is_gap = (serial_in(name) or 0) < max(arrangement.held, default=0)
        if not is_gap and name not in there and name not in told:
            yield Loss(MISSING, f"{name} is missing, which the rows of the archive name")


def _put_files(connection: sqlite3.Connection, arrangement: Arrangement, *, left_out: Collection[str]) -> None:
    """Store the files that rows name, each with a different serial, and the files that no row needs."""
    taken: set[int] = set()
    for file in arrangement.used_files():
        if file.name in left_out:
            continue
        serial = serial_in(file.name) or 0
        if serial in taken:
            serial = max(taken) + 1
        taken.add(serial)
        digest = arrangement.digest_list(file)
        is_closed = not file.is_open or digest is not None
        size = file.path.stat().st_size
        put_warc_file(connection, file.name, serial=serial, size_bytes=size, closed=is_closed, list_sha256=digest)
    for file in arrangement.empty:
        put_warc_file(
            connection, file.name, serial=serial_in(file.name) or 0, size_bytes=0, closed=True, list_sha256=EMPTY_LIST
        )
    for spare in arrangement.spare:
        put_spare_file(connection, spare)
