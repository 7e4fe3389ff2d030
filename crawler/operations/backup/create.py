"""Making a backup: copy the database, the WARC files that it needs and a manifest; then remove old snapshots."""

import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from crawler import __version__
from crawler.archive.database import open_for_copying
from crawler.archive.lock import hold_lock
from crawler.archive.snapshot import copy_database
from crawler.errors import BackupError, ForkError, ServerAwayError, WrongUseError
from crawler.language.dates import to_iso_utc
from crawler.operations.backup.contents import Contents, copy_withheld, read_contents
from crawler.operations.backup.forks import (
    Fence,
    OwnHistory,
    TargetState,
    find_own,
    make_fork_error,
    note_met,
    read_target,
    refuse_overtaken,
)
from crawler.operations.backup.manifest import (
    SNAPSHOTS,
    WARC,
    Manifest,
    SnapshotHistory,
    SnapshotName,
    name_next,
    parse_name,
    render_manifest,
    whole_snapshots,
)
from crawler.operations.backup.retention import choose_kept
from crawler.operations.backup.storage import PART_SUFFIX, PRIVATE, BackupStorage, digest_of, file_chunks, make_storage
from crawler.operations.backup.warc_files import CopiedFiles, copy_files
from crawler.operations.journal.backups import last_good_to
from crawler.operations.journal.database import read_journal

# Beside the archive, during a backup: its lock, and the copy of the database before it goes to the target.
WORK_FOLDER = ".backup"

# zlib's level. Text shrinks to a third; higher levels take twice the time and save a twentieth more (measured).
COMPRESS_LEVEL = 4


# A backup takes a day at most: files of a snapshot without a manifest may be those of one that is being made.
BROKEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A finished backup. With `problems` it is not complete and counts as failed; `notes` are lines for the operator.

    `size_bytes` is the length of the compressed snapshot. `warc_files` and `warc_bytes` count the WARC files that were
    copied with it. `held` is the history that the target holds now, and its newest snapshot.
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
    held: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a backup may do: remove nothing (`append_only`), and keep its history beside another one (`beside`)."""

    append_only: bool = False
    beside: bool = False
    fence: Fence | None = None

    def may_fork(self, state: TargetState) -> bool:
        """Tell whether it may go beside the histories there: what a former home shipped late hides nothing."""
        return self.beside or (self.fence is not None and self.fence.outranks(state.others))


def make_backup(
    archive: Path, url: str, *, now: datetime, append_only: bool, beside: bool = False, fence: Fence | None = None
) -> MadeBackup:
    """Back up an archive to a target, also during a crawl.

    Args:
        archive: the database.
        url: the target, a folder or URL.
        now: the time of the snapshot.
        append_only: remove nothing there.
        beside: keep this history there beside another one of the archive, whose snapshots stay.
        fence: of an archive that one machine of many has; asked before the snapshot counts, and again when it does.

    Raises:
        ForkError: if the target holds another history of the archive, and not `beside`.
        ArchiveLockedError: if another backup of this archive is running.
        ArchiveUnusableError: if there is no archive, or its database cannot be copied.
        BackupError: if the target cannot be reached or written.
        WrongUseError: if the target is the archive itself, holds another archive, or is of an unknown kind.
    """
    with closing(open_for_copying(archive)) as connection, hold_work_folder(archive) as work:
        refuse_own_folder(archive, url)
        target = make_storage(url)
        return _back_up(connection, archive, target=target, work=work, now=now, wish=_Wish(append_only, beside, fence))


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


def _store_withheld(target: BackupStorage, withheld: Path, *, manifest: Manifest) -> Manifest:
    plain = digest_of(file_chunks(withheld))
    target.write(manifest.withheld_as, compress(file_chunks(withheld)), mode=PRIVATE)
    return replace(manifest, withheld_bytes=plain.size_bytes, withheld_sha256=plain.sha256)


def _back_up(
    connection: sqlite3.Connection, archive: Path, *, target: BackupStorage, work: Path, now: datetime, wish: _Wish
) -> MadeBackup:
    files = target.sizes(SNAPSHOTS)
    if files is None:
        _refuse_emptied(archive, target)
        files = {}
    earlier = whole_snapshots(files)
    name = name_next(now, files)
    copy = work / "snapshot.db"
    copy_database(connection, copy)
    withheld = work / "withheld.db"
    has_withheld = copy_withheld(archive, copy, into=withheld)
    contents = read_contents(copy)
    own = OwnHistory(copy, contents)
    state = read_target(target, earlier, own=own)
    if state.is_fork:
        note_met(archive, state, own=own)
        if not wish.may_fork(state):
            raise make_fork_error(target, state, own=own)
    known = {file.name: file for file in state.last.warc if not file.still_open} if state.last else {}
    copied = copy_files(
        archive.absolute().parent / WARC, target, needed=contents.files, known=known, snapshot=str(name), now=now,
        append_only=wish.append_only,
    )  # fmt: skip
    manifest = _store_database(target, copy, name=name, contents=contents, copied=copied, now=now)
    epoch = wish.fence.epoch if wish.fence is not None else None
    manifest = replace(manifest, history=_describe(contents, state.series), epoch=epoch)
    if has_withheld:
        manifest = _store_withheld(target, withheld, manifest=manifest)
    is_beside = wish.beside or state.is_fork
    notes = _put_manifest(target, own, manifest=manifest, earlier=None if is_beside else earlier, fence=wish.fence)
    removed, troubles = (0, []) if wish.append_only else _rotate(target, own, newest=name, series=state.series, now=now)
    notes += troubles
    notes += _note_oddities(state, earlier=earlier, name=name)
    return MadeBackup(
        target=target.shown, snapshot=manifest.name, size_bytes=manifest.size_bytes, articles=contents.articles,
        warc_files=copied.new_files, warc_bytes=copied.new_bytes, removed=removed,
        problems=tuple(copied.problems), notes=tuple(notes), held=manifest.held,
    )  # fmt: skip


def _describe(contents: Contents, series: str) -> SnapshotHistory | None:
    head, ids = contents.head, contents.ids
    return SnapshotHistory(series, **asdict(head), ids=asdict(ids)) if head is not None and ids is not None else None


def _note_oddities(state: TargetState, *, earlier: list[SnapshotName], name: SnapshotName) -> list[str]:
    notes = [f"another history is kept there too: {other.title}" for other in state.others]
    if earlier and earlier[-1].at > name.at:
        notes.append(f"the snapshot before this one is dated later: {earlier[-1]}; was the clock right?")
    return notes


def _put_manifest(
    target: BackupStorage, own: OwnHistory, *, manifest: Manifest, earlier: list[SnapshotName] | None,
    fence: Fence | None,
) -> list[str]:  # fmt: skip
    """Write the manifest, if no other machine went on meanwhile; give notes. `earlier` is None if others may be there.

    A machine may stop between a question and what follows from it, so the fence is asked after it, too.
    """
    try:
        _refuse_moved(target, fence, manifest=manifest)
        if earlier is not None:
            _refuse_overtaken(target, own, manifest=manifest, earlier=earlier)
    except (ForkError, BackupError, ServerAwayError):
        _take_back(target, manifest)
        raise
    target.write(f"{SNAPSHOTS}/{manifest.name}.json", [render_manifest(manifest)])
    try:
        _refuse_moved(target, fence, manifest=manifest)
    except ServerAwayError as error:
        return [f"the fleet's server was away when it was done ({error})"]
    except BackupError:
        _take_back(target, manifest)
        raise
    return []


def _refuse_moved(target: BackupStorage, fence: Fence | None, *, manifest: Manifest) -> None:
    if fence is not None and (fault := fence.find_fault()) is not None:
        raise BackupError(f"{target.shown}: snapshot {manifest.name} is taken back: {fault}")


def _take_back(target: BackupStorage, manifest: Manifest) -> None:
    """Remove the files of a snapshot that does not count.

    Its manifest goes first, because the others do not count without it.
    """
    with suppress(BackupError):
        files = [file for file in target.sizes(SNAPSHOTS) or {} if file.startswith(f"{manifest.name}.")]
        for file in sorted(files, key=lambda one: not one.endswith(".json")):
            target.remove(f"{SNAPSHOTS}/{file}")


def _refuse_overtaken(
    target: BackupStorage, own: OwnHistory, *, manifest: Manifest, earlier: list[SnapshotName]
) -> None:
    """Look again before the manifest is written: another machine may have made a snapshot meanwhile."""
    files = target.sizes(SNAPSHOTS) or {}
    refuse_overtaken(target, [name for name in whole_snapshots(files) if name not in earlier], own=own)
    if files.get(f"{manifest.name}.db.gz") != manifest.size_bytes:
        raise BackupError(f"{target.shown}: {manifest.stored_as} was removed or changed while the backup was made")


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


def _rotate(
    target: BackupStorage, own: OwnHistory, *, newest: SnapshotName, series: str, now: datetime
) -> tuple[int, list[str]]:
    """Remove old snapshots of this series, and the files of broken backups that are old enough to be no running ones.

    Snapshots of another history, and those whose manifest cannot be read, stay.

    Returns:
        The number of snapshots that were removed, and notes on failures.
    """
    files = target.sizes(SNAPSHOTS) or {}
    whole = whole_snapshots(files)
    ours = {parse_name(one.name): one for one in find_own(target, whole, own=own, series=series)}
    # Snapshots that lack WARC files are chosen separately, so that they replace no complete one.
    torn = {name for name in whole if name != newest and name in ours and ours[name].missing}
    kept = choose_kept(name for name in whole if name in ours and name not in torn) | choose_kept(torn)
    outdated = [name for name in whole if name in ours and name not in kept]
    # The manifest goes first. A snapshot without a manifest does not count; a later backup removes its files.
    doomed = [f"{name}.json" for name in outdated]
    doomed += [
        file
        for file in files
        if (name := parse_name(file)) and file not in doomed
        and (name in outdated or (now - name.at >= BROKEN_AFTER and (name not in whole or file.endswith(PART_SUFFIX))))
    ]  # fmt: skip
    try:
        for file in doomed:
            target.remove(f"{SNAPSHOTS}/{file}")
    except BackupError as error:
        return 0, [f"old snapshots could not be removed ({error}); if this place takes no removal, say --append-only"]
    return len(outdated), []


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()
