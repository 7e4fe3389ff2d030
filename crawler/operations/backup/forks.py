"""Which history a target holds: a backup goes on from its newest snapshot, or is refused."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from crawler.archive.history.place import note_restored
from crawler.errors import BackupError, ForkError, WrongUseError
from crawler.operations.backup.contents import Contents, has_come_by
from crawler.operations.backup.manifest import Manifest, SnapshotName, read_manifest
from crawler.operations.backup.storage import BackupStorage


@dataclass(frozen=True, slots=True)
class Fence:
    """Of an archive that one machine of many has: its epoch, and what says why it may not be shipped, None if it may.

    `find_fault` raises ServerAwayError if that cannot be known now.
    """

    epoch: int
    find_fault: Callable[[], str | None]

    def outranks(self, others: Sequence[Manifest]) -> bool:
        """Tell whether all these snapshots are of former homes of the portal."""
        return all(other.epoch is not None and other.epoch < self.epoch for other in others)


@dataclass(frozen=True, slots=True)
class OwnHistory:
    """The history of the archive that is backed up, by a copy of its database."""

    copy: Path
    contents: Contents

    def goes_on_from(self, manifest: Manifest) -> bool:
        """Tell whether a snapshot is of this history, and no further. Then a newer snapshot holds all that it holds."""
        if manifest.history is not None:
            return has_come_by(self.copy, manifest.history.head)
        names = {file.name for file in manifest.warc} | set(manifest.missing)
        return (
            manifest.archive in (None, self.contents.identity)
            and manifest.crawls <= self.contents.crawls
            and names <= {file.name for file in self.contents.files}
        )

    def is_of_archive(self, manifest: Manifest) -> bool:
        """Tell whether a snapshot is of the same archive, in this or another history."""
        own, other = self.contents.head, manifest.history
        if own is not None and other is not None:
            return own.archive == other.archive
        return manifest.archive is None or manifest.archive == self.contents.identity


@dataclass(frozen=True, slots=True)
class TargetState:
    """What a target holds: the newest snapshot that this archive goes on from, and the newest of each other series.

    `series` is that of the snapshot to be made. `parted` is the newest snapshot of another series that this archive
    goes on from: the histories part after it.
    """

    last: Manifest | None
    series: str
    others: tuple[Manifest, ...]
    parted: Manifest | None = None

    @property
    def is_fork(self) -> bool:
        """True if the target holds other histories only."""
        return self.last is None and bool(self.others)


def read_target(target: BackupStorage, names: Sequence[SnapshotName], *, own: OwnHistory) -> TargetState:
    """Find the place of a new snapshot among those of a target (`names`, oldest first).

    Raises:
        WrongUseError: if the target holds another archive.
    """
    others: dict[str, Manifest] = {}
    parted: Manifest | None = None
    for manifest in _readable(target, names):
        if not own.is_of_archive(manifest):
            raise WrongUseError(
                f"{target.shown}: holds backups of another archive ({manifest.articles} articles, "
                f"{manifest.created_at}); give each archive a place of its own"
            )
        goes_on = own.goes_on_from(manifest)
        if manifest.series not in others and goes_on:
            return TargetState(manifest, manifest.series or _name_series(own, others), tuple(others.values()))
        others.setdefault(manifest.series, manifest)
        if goes_on and parted is None:
            parted = manifest
    return TargetState(None, _name_series(own, others), tuple(others.values()), parted)


def find_own(target: BackupStorage, names: Sequence[SnapshotName], *, own: OwnHistory, series: str) -> list[Manifest]:
    """Return the snapshots of a series; of those of older versions, the ones that this archive goes on from."""
    return [
        manifest
        for manifest in _readable(target, names)
        if manifest.series == series or (not manifest.series and own.goes_on_from(manifest))
    ]


def refuse_overtaken(target: BackupStorage, names: Sequence[SnapshotName], *, own: OwnHistory) -> None:
    """Refuse to go on if another machine made one of these snapshots meanwhile, and its history is another.

    Raises:
        ForkError: if so.
    """
    made = [manifest for manifest in _readable(target, names) if not own.goes_on_from(manifest)]
    if made:
        raise make_fork_error(target, TargetState(None, "", tuple(made)), own=own)


def _readable(target: BackupStorage, names: Sequence[SnapshotName]) -> Iterator[Manifest]:
    """Yield the manifests that can be read, the newest first."""
    for name in reversed(names):
        with suppress(BackupError):
            yield read_manifest(target, name)


def _name_series(own: OwnHistory, others: dict[str, Manifest]) -> str:
    head = own.contents.head
    return head.history if head is not None and head.history not in others else str(uuid4())


def note_met(archive: Path, state: TargetState, *, own: OwnHistory) -> None:
    """Let the ids of the next run jump, if another copy went on from here without a jump: of a disk that was copied.

    Raises:
        BackupError: if that cannot be noted.
    """
    head = own.contents.head
    met = [other.history for other in state.others if other.history and head and other.history.history == head.history]
    if not met:
        return
    ids = {kind: max(one.ids.get(kind, 0) for one in met) for kind in met[0].ids}
    try:
        note_restored(archive, ids)
    except OSError as error:
        raise BackupError(f"{error.filename}: cannot be written: {error.strerror}") from error


def make_fork_error(target: BackupStorage, state: TargetState, *, own: OwnHistory) -> ForkError:
    """Make the error that refuses a backup to a target of another history."""
    head = own.contents.head
    named = f"history {head.history[:8]}" if head else "of an older version"
    held = "; ".join(manifest.title for manifest in state.others)
    since = f"; they part after snapshot {state.parted.name}" if state.parted else ""
    return ForkError(
        f"{target.shown}: holds another history of this archive: {held}. This one ({named}, "
        f"{own.contents.crawls} runs) does not go on from it{since}. No snapshot was written there: restore that one, "
        "give another place, or keep both there with --beside",
        held=state.others[0].held,
    )
