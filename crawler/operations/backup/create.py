"""Making a backup: copy the database, the WARC files that it needs and a manifest; then remove old snapshots."""

import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler import __version__
from crawler.archive.database import open_for_copying
from crawler.archive.lock import hold_lock
from crawler.archive.snapshot import copy_database
from crawler.errors import BackupError, WrongUseError
from crawler.language.dates import to_iso_utc
from crawler.operations.backup.contents import Contents, copy_withheld, read_contents
from crawler.operations.backup.manifest import (
    SNAPSHOTS,
    WARC,
    Manifest,
    SnapshotName,
    name_next,
    parse_name,
    read_manifest,
    render_manifest,
    whole_snapshots,
)
from crawler.operations.backup.retention import choose_kept
from crawler.operations.backup.storage import PART_SUFFIX, BackupStorage, digest_of, file_chunks, make_storage
from crawler.operations.backup.warc_files import CopiedFiles, copy_files
from crawler.operations.journal.backups import last_good_to
from crawler.operations.journal.database import read_journal

# Beside the archive, during a backup: its lock, and the copy of the database before it goes to the target.
WORK_FOLDER = ".backup"

# zlib's level. Text shrinks to a third; higher levels take twice the time and save a twentieth more (measured).
COMPRESS_LEVEL = 4


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A finished backup. With `problems` it is not complete and counts as failed; `notes` are only worth a line.

    `size_bytes` is the length of the compressed snapshot. `warc_files` and `warc_bytes` count the WARC files that were
    copied with it.
    """

    target: str
    snapshot: str
    size_bytes: int
    articles: int
    warc_files: int
    warc_bytes: int
    removed: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def make_backup(archive: Path, url: str, *, now: datetime, append_only: bool) -> MadeBackup:
    """Back up an archive to a target, also during a crawl. On an append-only target nothing is removed.

    Raises:
        ArchiveLockedError: if another backup of this archive is running.
        ArchiveUnusableError: if there is no archive, or its database cannot be copied.
        BackupError: if the target cannot be reached or written.
        WrongUseError: if the target is the archive itself, holds another archive, or is of an unknown kind.
    """
    with closing(open_for_copying(archive)) as connection, hold_work_folder(archive) as work:
        refuse_own_folder(archive, url)
        target = make_storage(url)
        return _back_up(connection, archive, target=target, work=work, now=now, append_only=append_only)


@contextmanager
def hold_work_folder(archive: Path) -> Iterator[Path]:
    """Hold the work folder of backups and drills, and empty it: a dead process may have left files.

    Raises:
        ArchiveLockedError: if another backup or drill holds it.
    """
    folder = archive.absolute().parent / WORK_FOLDER
    with hold_lock(folder / "lock", f"{archive}: another backup of this archive is being made"):
        _clear(folder)
        try:
            yield folder
        finally:
            _clear(folder)


def refuse_own_folder(archive: Path, url: str) -> None:
    """Refuse a target among the archive's own files.

    Raises:
        WrongUseError: if `url` is such a folder.
    """
    if "://" in url and not url.startswith(("file://", "local://")):
        return
    own = archive.absolute().parent.resolve()
    path = Path(url.removeprefix("file://").removeprefix("local://")).expanduser().absolute().resolve()
    inside = [own / WARC, own / WORK_FOLDER]
    if path == own or any(path == folder or folder in path.parents for folder in inside):
        raise WrongUseError(
            f"{url}: is the archive's own folder; a backup has to lie elsewhere, best on another machine"
        )
    if any(own == folder or folder in own.parents for folder in (path / WARC, path / SNAPSHOTS)):
        raise WrongUseError(f"{url}: the archive lies inside this folder's {WARC}/ or {SNAPSHOTS}/; give another place")


def _back_up(
    connection: sqlite3.Connection,
    archive: Path,
    *,
    target: BackupStorage,
    work: Path,
    now: datetime,
    append_only: bool,
) -> MadeBackup:
    files = target.sizes(SNAPSHOTS)
    if files is None:
        _refuse_emptied(archive, target)
        files = {}
    earlier = whole_snapshots(files)
    last = _last_readable(target, earlier)
    name = name_next(now, files)
    copy = work / "snapshot.db"
    copy_database(connection, copy)
    withheld = work / "withheld.db"
    has_withheld = copy_withheld(archive, copy, into=withheld)
    contents = read_contents(copy)
    _refuse_other_archive(target, contents, last=last)
    known = {file.name: file for file in last.warc if not file.still_open} if last else {}
    copied = copy_files(
        archive.absolute().parent / WARC, target, needed=contents.files, known=known, snapshot=str(name), now=now,
        append_only=append_only,
    )  # fmt: skip
    manifest = _store_database(target, copy, name=name, contents=contents, copied=copied, now=now)
    if has_withheld:
        plain = digest_of(file_chunks(withheld))
        target.write(manifest.withheld_as, compress(file_chunks(withheld)))
        manifest = replace(manifest, withheld_bytes=plain.size_bytes, withheld_sha256=plain.sha256)
    target.write(f"{SNAPSHOTS}/{name}.json", [render_manifest(manifest)])
    removed, notes = (0, []) if append_only else _rotate(target, name)
    if earlier and earlier[-1].at > name.at:
        notes.append(f"the snapshot before this one is dated later: {earlier[-1]}; was the clock right?")
    return MadeBackup(
        target=target.shown, snapshot=manifest.name, size_bytes=manifest.size_bytes, articles=contents.articles,
        warc_files=copied.new_files, warc_bytes=copied.new_bytes, removed=removed,
        problems=tuple(copied.problems), notes=tuple(notes),
    )  # fmt: skip


def _refuse_emptied(archive: Path, target: BackupStorage) -> None:
    """Refuse a folder that held backups and is empty now. Most likely its disk is not mounted."""
    if target.folder is None:
        return
    with read_journal(archive) as journal:
        good = last_good_to(journal, target.shown) if journal else None
    if good:
        raise BackupError(
            f"{target.shown}: holds nothing, although the backup of {good.at} went there; is the disk mounted? "
            f"If it was emptied on purpose, make a folder {SNAPSHOTS} in it"
        )


def _last_readable(target: BackupStorage, names: list[SnapshotName]) -> Manifest | None:
    for name in reversed(names):
        with suppress(BackupError):
            return read_manifest(target, name)
    return None


def _refuse_other_archive(target: BackupStorage, contents: Contents, *, last: Manifest | None) -> None:
    """Refuse a target of another archive. The snapshots of one archive would replace those of the other."""
    if last is None or last.archive is None or contents.identity == last.archive:
        return
    raise WrongUseError(
        f"{target.shown}: holds backups of another archive ({last.articles} articles, {last.created_at}); "
        "give each archive a place of its own"
    )


def _store_database(
    target: BackupStorage, copy: Path, *, name: SnapshotName, contents: Contents, copied: CopiedFiles, now: datetime
) -> Manifest:
    plain = digest_of(file_chunks(copy))
    written = target.write(f"{SNAPSHOTS}/{name}.db.gz", compress(file_chunks(copy)))
    return Manifest(
        name=str(name),
        created_at=to_iso_utc(now),
        software=f"portal-archive/{__version__}",
        schema=contents.schema,
        archive=contents.identity,
        crawls=contents.crawls,
        articles=contents.articles,
        size_bytes=written.size_bytes,
        sha256=written.sha256,
        database_bytes=plain.size_bytes,
        database_sha256=plain.sha256,
        warc=tuple(copied.files),
        missing=tuple(copied.missing),
    )


def compress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress chunks into one gzip member."""
    deflater = zlib.compressobj(COMPRESS_LEVEL, zlib.DEFLATED, 31)
    for chunk in chunks:
        if data := deflater.compress(chunk):
            yield data
    yield deflater.flush()


def _rotate(target: BackupStorage, newest: SnapshotName) -> tuple[int, list[str]]:
    """Remove old snapshots and the files of broken backups; give the number of snapshots, and notes on failures."""
    files = target.sizes(SNAPSHOTS) or {}
    whole = whole_snapshots(files)
    # Snapshots that lack WARC files are chosen separately, so that they replace no complete one.
    torn = {name for name in whole if name != newest and _lacks_files(target, name)}
    kept = choose_kept(set(whole) - torn) | choose_kept(torn)
    outdated = [name for name in whole if name not in kept]
    # The manifest goes first. A snapshot without a manifest does not count; the next backup removes its files.
    doomed = [f"{name}.json" for name in outdated]
    doomed += [
        file
        for file in files
        if parse_name(file) and file not in doomed and not any(_belongs(file, name) for name in kept)
    ]
    try:
        for file in doomed:
            target.remove(f"{SNAPSHOTS}/{file}")
    except BackupError as error:
        return 0, [f"old snapshots could not be removed ({error}); if this place takes no removal, say --append-only"]
    return len(outdated), []


def _lacks_files(target: BackupStorage, name: SnapshotName) -> bool:
    try:
        return bool(read_manifest(target, name).missing)
    except BackupError:
        return True


def _belongs(file: str, name: SnapshotName) -> bool:
    return file.startswith(f"{name}.") and not file.endswith(PART_SUFFIX)


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
