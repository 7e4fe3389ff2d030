"""Restoring an archive from a backup: fetch each file, check its digest, and verify the archive at the end."""

import hashlib
import json
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

from crawler.archive.database import migrate_if_older
from crawler.archive.fixity import Verification, verify
from crawler.archive.history.place import note_restored
from crawler.archive.history.record_lists import LIST_SUFFIX, list_path
from crawler.archive.lock import LOCK_NAME, hold_archive
from crawler.archive.snapshot import SPARE_BYTES, megabytes
from crawler.archive.warc.writer import OPEN_SUFFIX, sync_path
from crawler.archive.withheld.withheld_db import withheld_path
from crawler.errors import ArchiveUnusableError, BackupError, WrongUseError
from crawler.operations.backup.choice import Wanted, choose_snapshot, offer_earlier
from crawler.operations.backup.manifest import SNAPSHOTS, WARC, BackedUpFile, Manifest, SnapshotName, whole_snapshots
from crawler.operations.backup.storage import (
    BY_UMASK,
    PART_SUFFIX,
    PRIVATE,
    BackupStorage,
    Written,
    copy_to_disk,
    digest_of,
    file_chunks,
    open_storage,
)

# A file beside a database that is not restored yet. It says that the files there came from a backup.
MARKER = ".restoring.json"
DATABASE_SUFFIX = ".restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored archive: its snapshot, how many files were fetched or there already, and what is wrong with it.

    `notes` say which history it is, how far it goes, and what else the target holds.
    """

    snapshot: str
    created_at: str
    archive: Path
    fetched_files: int
    kept_files: int
    migrated: bool
    damaged: tuple[str, ...]
    verification: Verification
    notes: tuple[str, ...]

    @property
    def differences(self) -> list[str]:
        """All that is wrong: files that differ from those of the backup, then what `verify` found."""
        return [*self.damaged, *self.verification.differences]


def database_path(into: Path) -> Path:
    """Return the database's path for `--into`: the path itself if it ends in .db, else archive.db in that folder."""
    return into if into.suffix == ".db" else into / "archive.db"


def read_moment(text: str) -> datetime:
    """Parse a time of ISO 8601 with its offset from UTC. A date alone means the end of that day in UTC.

    Raises:
        WrongUseError: if it is not such a time.
    """
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2026-11-24"):
            moment = datetime.combine(moment.date(), time.max, UTC)
    except ValueError as error:
        raise WrongUseError(f"--at {text}: expected a time such as 2026-11-24T01:30:00Z, or a date") from error
    if moment.tzinfo is None:
        raise WrongUseError(f"--at {text}: lacks its offset from UTC, such as Z or +07:00")
    return moment.astimezone(UTC)


def restore(
    url: str, archive: Path, *, named: str | None = None, at: datetime | None = None, history: str | None = None
) -> Restored:
    """Restore a snapshot and its WARC files to a place without an archive. Files of a broken restore are reused.

    Missing or damaged WARC files do not stop the restore; the result names them. The ids of the archive's next run jump
    above all that the target knows.

    Args:
        url: the target.
        archive: where the database goes.
        named: the snapshot; default: the newest.
        at: instead, the last one made by then.
        history: the beginning of a history's name, if the target holds several.

    Raises:
        ArchiveLockedError: if another restore is running there.
        ArchiveUnusableError: if a file cannot be written, or the restored archive cannot be opened.
        BackupError: if there is no snapshot, its database is damaged, or the disk has no space.
        ForkError: if the target holds several histories, and it is not said which.
        WrongUseError: if there is an archive at `archive`, or the target has no such snapshot.
    """
    target = open_storage(url)
    _refuse_existing(archive)
    choice = choose_snapshot(target, Wanted(named, at, history))
    name, manifest = choice.name, choice.manifest
    with hold_archive(archive):
        _refuse_existing(archive)
        _begin(archive, manifest)
        _require_space(archive, manifest)
        waiting = _fetch_database(target, name, manifest=manifest, archive=archive)
        _fetch_withheld(target, name, manifest=manifest, archive=archive)
        damaged, fetched = _fetch_files(target, manifest, warc=archive.parent / WARC)
        damaged += _fetch_lists(target, manifest, warc=archive.parent / WARC)
        _note_restored(archive, choice.ids)
        waiting.rename(archive)
        sync_path(archive.parent)
        _marker(archive).unlink(missing_ok=True)
    migrated = migrate_if_older(archive)
    kept = len(manifest.warc) - fetched
    return Restored(
        str(name), manifest.created_at, archive, fetched, kept, migrated, tuple(damaged), verify(archive),
        (f"it is {manifest.title}", *choice.notes),
    )  # fmt: skip


def _note_restored(archive: Path, ids: dict[str, int]) -> None:
    try:
        note_restored(archive, ids)
    except OSError as error:
        raise ArchiveUnusableError(f"{error.filename}: cannot be written: {error.strerror}") from error


def _refuse_existing(archive: Path) -> None:
    if archive.exists():
        raise WrongUseError(f"{archive}: exists already; a restore goes to a place where no archive lies")
    for suffix in ("-wal", "-shm", "-journal"):
        # SQLite would apply the log of the lost database to the restored one of the same name.
        if (log := archive.with_name(archive.name + suffix)).exists():
            raise WrongUseError(f"{log}: is left of another database; move it away before a restore goes there")
    if _marker(archive).is_file():
        return
    if (withheld := withheld_path(archive)).exists():
        raise WrongUseError(f"{withheld}: is left of another archive; move it away before a restore goes there")
    warc = archive.parent / WARC
    if warc.is_dir() and any(path.name != LOCK_NAME for path in warc.iterdir()):
        raise WrongUseError(f"{warc}: holds files already; a restore goes to a place where no archive lies")


def _begin(archive: Path, manifest: Manifest) -> None:
    """Mark the place as being restored, and remove the files of a broken restore of another snapshot."""
    warc = archive.parent / WARC
    _marker(archive).write_text(json.dumps({"snapshot": manifest.name}) + "\n", encoding="utf-8")
    wanted = {_placed_name(file) for file in manifest.warc} | {file.name + LIST_SUFFIX for file in manifest.warc}
    for path in warc.iterdir():
        if path.name not in wanted and path.name != LOCK_NAME:
            path.unlink()


def _require_space(archive: Path, manifest: Manifest) -> None:
    needed = manifest.database_bytes + sum(file.size_bytes for file in manifest.warc) + SPARE_BYTES
    there = [archive.with_name(archive.name + DATABASE_SUFFIX), *(archive.parent / WARC).iterdir()]
    needed -= sum(path.stat().st_size for path in there if path.is_file())
    free = shutil.disk_usage(archive.parent).free
    if free < needed:
        raise BackupError(f"{archive.parent}: {megabytes(free)} free, where the restore needs {megabytes(needed)}")


def _fetch_database(target: BackupStorage, name: SnapshotName, *, manifest: Manifest, archive: Path) -> Path:
    """Fetch the database to a temporary name, until all WARC files are there; give that path."""
    waiting = archive.with_name(archive.name + DATABASE_SUFFIX)
    wanted = Written(manifest.database_bytes, manifest.database_sha256)
    if waiting.is_file() and digest_of(file_chunks(waiting)) == wanted:
        return waiting
    compressed = hashlib.sha256()

    def counted() -> Iterator[bytes]:
        for chunk in target.read(manifest.stored_as):
            compressed.update(chunk)
            yield chunk

    try:
        is_true = _place(_decompress(counted()), waiting) == wanted and compressed.hexdigest() == manifest.sha256
        fault = None if is_true else "its bytes are not those that were shipped"
    except (BackupError, zlib.error) as error:
        fault = str(error)
    if fault:
        waiting.unlink(missing_ok=True)
        raise BackupError(f"{target.shown}: snapshot {name} is damaged or missing: {fault}; {_offer(target, name)}")
    return waiting


def _fetch_withheld(target: BackupStorage, name: SnapshotName, *, manifest: Manifest, archive: Path) -> None:
    """Fetch the withheld database, if the snapshot has one. Without it the archive cannot be opened for writing."""
    if manifest.withheld_bytes is None or manifest.withheld_sha256 is None:
        return
    place = withheld_path(archive)
    try:
        written = _place(_decompress(target.read(manifest.withheld_as)), place, mode=PRIVATE)
        is_true = written == Written(manifest.withheld_bytes, manifest.withheld_sha256)
        fault = None if is_true else "its bytes are not those that were shipped"
    except (BackupError, zlib.error) as error:
        fault = str(error)
    if fault:
        place.unlink(missing_ok=True)
        said = f"{manifest.withheld_as} is damaged or missing: {fault}"
        raise BackupError(f"{target.shown}: {said}; {_offer(target, name)}")


def _fetch_files(target: BackupStorage, manifest: Manifest, *, warc: Path) -> tuple[list[str], int]:
    """Fetch a snapshot's WARC files that are not there yet; give what is wrong with them, and the number fetched."""
    damaged = [f"warc/{name}: lacked already when the backup was made" for name in manifest.missing]
    fetched = 0
    for file in manifest.warc:
        place = warc / _placed_name(file)
        wanted = Written(file.size_bytes, file.sha256)
        if place.is_file() and digest_of(file_chunks(place)) == wanted:
            continue
        fetched += 1
        try:
            # A damaged file is kept: most of its records may be good, and `verify` says which.
            if _place(target.read(file.stored_as), place) != wanted:
                damaged.append(f"warc/{file.name}: on {target.shown} are not the bytes that were shipped")
        except BackupError as error:
            damaged.append(str(error))
    return damaged, fetched


def _fetch_lists(target: BackupStorage, manifest: Manifest, *, warc: Path) -> list[str]:
    """Fetch the record lists of a snapshot's files; give what is wrong with them.

    `verify` compares their digests with those that the rows have.
    """
    there = target.sizes(WARC) or {}
    damaged = []
    for file in manifest.warc:
        place = list_path(warc, file.name)
        if file.list_stored_as.removeprefix(f"{WARC}/") in there and not place.is_file():
            try:
                _place(target.read(file.list_stored_as), place)
            except BackupError as error:
                damaged.append(str(error))
    return damaged


def _place(chunks: Iterator[bytes], path: Path, *, mode: int = BY_UMASK) -> Written:
    """Write and sync a file under a temporary name, then rename it."""
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        written = copy_to_disk(chunks, part, mode=mode)
        part.replace(path)
        sync_path(path.parent)
    except OSError as error:
        raise ArchiveUnusableError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return written


def _decompress(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(31)
    for chunk in chunks:
        yield inflater.decompress(chunk)
    yield inflater.flush()


def _placed_name(file: BackedUpFile) -> str:
    return file.name + (OPEN_SUFFIX if file.still_open else "")


def _marker(archive: Path) -> Path:
    return archive.with_name(MARKER)


def _offer(target: BackupStorage, name: SnapshotName) -> str:
    return offer_earlier(name, whole_snapshots(target.sizes(SNAPSHOTS) or {}))
