"""Which snapshot is restored, of which history, and what else the target holds."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from crawler.errors import BackupError, ForkError, WrongUseError
from crawler.operations.backup.manifest import (
    SNAPSHOTS,
    WARC,
    Manifest,
    SnapshotName,
    broken_snapshots,
    parse_name,
    read_manifest,
    whole_snapshots,
)
from crawler.operations.backup.storage import BackupStorage


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a snapshot by its name, the last one up to a time, or the newest; of a history, if it is said.

    `history` is the beginning of a history's name, or of a series.
    """

    named: str | None = None
    at: datetime | None = None
    history: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen snapshot. `ids` are the highest of each kind in any snapshot there, `notes` lines for the operator."""

    name: SnapshotName
    manifest: Manifest
    ids: dict[str, int]
    notes: tuple[str, ...]


def choose_snapshot(target: BackupStorage, wanted: Wanted) -> Choice:
    """Choose the snapshot to restore.

    Raises:
        BackupError: if the target holds no snapshot, or the manifest of the chosen one is damaged.
        ForkError: if the target holds several histories, and it is not said which.
        WrongUseError: if no snapshot is what is wanted.
    """
    files = target.sizes(SNAPSHOTS) or {}
    names = whole_snapshots(files)
    if not names:
        raise BackupError(f"{target.shown}: {_words_for_none(target)}")
    held = _read_all(target, names)
    name = _choose(target, wanted, names=names, held=held)
    try:
        manifest = held.get(name) or read_manifest(target, name)
    except BackupError as error:
        raise BackupError(f"{error}; {offer_earlier(name, names)}") from error
    of_archive = [one for one in held.values() if _is_same_archive(one, manifest)]
    known = [one.history.ids for one in of_archive if one.history]
    ids = {kind: max(one.get(kind, 0) for one in known) for kind in {kind for one in known for kind in one}}
    unread = [one for one in (*broken_snapshots(files), *(n for n in names if n not in held)) if one > name]
    return Choice(name, manifest, ids, (*_note(name, manifest, held=held), *map(_note_unread, sorted(unread))))


def offer_earlier(name: SnapshotName, names: Sequence[SnapshotName]) -> str:
    """Return in words which snapshot can be restored in the place of one, of those of a target."""
    earlier = [other for other in names if other < name]
    return f"the one before it: --snapshot {earlier[-1]}" if earlier else "there is no other before it"


def _note_unread(name: SnapshotName) -> str:
    return f"a later snapshot there, {name}, has no manifest that can be read: nothing of it was restored"


def _choose(
    target: BackupStorage, wanted: Wanted, *, names: Sequence[SnapshotName], held: dict[SnapshotName, Manifest]
) -> SnapshotName:
    if wanted.named is not None:
        named = parse_name(wanted.named)
        if named is None or named not in names:
            newest = ", ".join(map(str, reversed(names[-3:])))
            raise WrongUseError(f"{target.shown}: has no snapshot {wanted.named}; the newest are {newest}")
        return named
    found = [name for name in names if wanted.history is None or _is_of(held.get(name), wanted.history)]
    if wanted.history is None:
        found = _of_last_home(found, held=held)
    if not found:
        titles = _join_titles(_ends(held.values()))
        raise WrongUseError(f"{target.shown}: has no history {wanted.history}; it holds {titles}")
    ends = _ends(held[name] for name in found if name in held)
    if len(ends) > 1:
        raise ForkError(
            f"{target.shown}: holds {len(ends)} histories: {_join_titles(ends)}; say which with --history or --snapshot"
        )
    if wanted.at is not None:
        found = [name for name in found if name.at <= wanted.at]
        if not found:
            raise WrongUseError(f"{target.shown}: has no snapshot from {wanted.at:%Y-%m-%dT%H:%M:%SZ} or before")
        return max(found, key=lambda name: (name.at, name.sequence))
    return found[-1]


def _of_last_home(names: Sequence[SnapshotName], *, held: dict[SnapshotName, Manifest]) -> list[SnapshotName]:
    """Leave out what the fleet of a portal did not go on with, by the epochs of snapshots, if they have any.

    These are snapshots that a former home shipped after a later one did, and series that no later home went on from.
    """
    epochs = {name: epoch for name in names if name in held and (epoch := held[name].epoch) is not None}
    last = max(epochs.values(), default=0)
    since = min((name for name, epoch in epochs.items() if epoch == last), default=None)
    kept = [name for name in names if since is None or name < since or epochs.get(name, last) == last]
    newest = {held[name].series: held[name].epoch for name in kept if name in held}
    return [name for name in kept if name not in held or newest[held[name].series] in (None, last)]


def _join_titles(manifests: Iterable[Manifest]) -> str:
    """Return the titles of the newest snapshots of several series; with the series where histories have one name."""
    several = list(manifests)
    histories = [one.history.history if one.history else "" for one in several]
    return "; ".join(
        f"series {one.series[:8]}, {one.title}" if histories.count(history) > 1 else one.title
        for one, history in zip(several, histories, strict=True)
    )


def _read_all(target: BackupStorage, names: Iterable[SnapshotName]) -> dict[SnapshotName, Manifest]:
    held = {}
    for name in names:
        with suppress(BackupError):
            held[name] = read_manifest(target, name)
    return held


def _is_of(manifest: Manifest | None, history: str) -> bool:
    if manifest is None or manifest.history is None:
        return False
    return any(name.startswith(history.lower()) for name in (manifest.history.history, manifest.series))


def _is_same_archive(one: Manifest, other: Manifest) -> bool:
    if one.history is not None and other.history is not None:
        return one.history.archive == other.history.archive
    return one.archive == other.archive


def _ends(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return the newest snapshot of each series, without that of older versions if a later one holds its files."""
    newest = {manifest.series: manifest for manifest in manifests}
    old = newest.get("")
    if old is not None and any(_holds_all(one, old) for one in newest.values() if one is not old):
        del newest[""]
    return list(newest.values())


def _holds_all(one: Manifest, old: Manifest) -> bool:
    names, needed = ({file.name for file in manifest.warc} | set(manifest.missing) for manifest in (one, old))
    return needed <= names and old.crawls <= one.crawls


def _note(name: SnapshotName, manifest: Manifest, *, held: dict[SnapshotName, Manifest]) -> list[str]:
    newer = [one for other, one in held.items() if other > name and one.series == manifest.series]
    notes = []
    if newer:
        notes.append(
            f"it is not the newest there: {len(newer)} later ones go on from it, the last is {newer[-1].title}. "
            "A backup to that place is refused once this archive goes on"
        )
    others = [one for one in _ends(held.values()) if one.series not in ("", manifest.series)]
    notes += [f"another history is kept there too: {other.title}" for other in others]
    return notes


def _words_for_none(target: BackupStorage) -> str:
    count = sum(name.endswith(".warc.gz") for name in target.sizes(WARC) or {})
    if not count:
        return "holds no snapshot and no WARC files"
    return (
        f"holds no snapshot, but {count} WARC files: copy its {WARC}/ to an empty folder F, and "
        "`portal-archive rebuild --archive F/archive.db --into F/archive.db` makes the database from them"
    )
