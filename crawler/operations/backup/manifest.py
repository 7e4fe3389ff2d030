"""What describes a backup: the manifest of a snapshot, and the record of a copied WARC file.

A target holds:
    warc/NAME.warc.gz                 each WARC file once it is closed, never changed
    warc/NAME.warc.gz.json            its record, written after it: a broken upload has no record
    warc/DIGEST-NAME.warc.gz          the same, if another history has a file of that name there
    snapshots/SNAPSHOT.db.gz          the database of one moment
    snapshots/SNAPSHOT.withheld.db.gz its withheld database, if anything is withheld
    snapshots/SNAPSHOT.NAME.warc.gz   of a WARC file that was still being written, the part that the snapshot needs
    snapshots/SNAPSHOT.json           its manifest, written last: a broken snapshot has no manifest
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from crawler.archive.history.lineage import Head
from crawler.archive.history.record_lists import LIST_SUFFIX
from crawler.errors import BackupError, WrongUseError
from crawler.language.dates import parse_iso
from crawler.operations.backup.storage import BackupStorage, read_whole

# Format 1 says nothing of the history. Its readers refuse format 2, so that they remove none of its snapshots.
FORMAT = "portal-archive-backup/2"
# Format 3 says the epoch of a fleet's archive. Readers of format 2 refuse it: they would take it for damaged.
_WITH_EPOCH = "portal-archive-backup/3"
_FORMATS = ("portal-archive-backup/1", FORMAT, _WITH_EPOCH)
SNAPSHOTS = "snapshots"
WARC = "warc"

_NAME = re.compile(r"archive-(?P<at>[0-9]{8}T[0-9]{6}Z)-(?P<sequence>[0-9]{5,18})")
_WARC_NAME = re.compile(r"[^/\\\x00]+\.warc\.gz")
_STORED_NAME = re.compile(rf"(?:{WARC}|{SNAPSHOTS})/[^/\\\x00]+\.warc\.gz")


@dataclass(frozen=True, slots=True, order=True)
class SnapshotName:
    """A snapshot's name. `sequence` counts up on a target, so a wrong clock does not change the order."""

    sequence: int
    at: datetime

    def __str__(self) -> str:
        return f"archive-{self.at:%Y%m%dT%H%M%SZ}-{self.sequence:05d}"


@dataclass(frozen=True, slots=True)
class BackedUpFile:
    """A WARC file on a target, or the beginning of one.

    `name` is its final name in `warc/`, `stored_as` its name on the target. `still_open`: the archive was still writing
    it, so this is its beginning.
    """

    name: str
    stored_as: str
    size_bytes: int
    sha256: str
    still_open: bool = False

    @property
    def list_stored_as(self) -> str:
        """The name of its record list on the target, if there is one."""
        return (f"{WARC}/{self.name}" if self.still_open else self.stored_as) + LIST_SUFFIX


@dataclass(frozen=True, slots=True)
class SnapshotHistory:
    """The history that a snapshot belongs to, and its place in that history.

    `series` names the snapshots on one target of which each goes on from the one before. `archive`, `history`,
    `record_id`, `records` and `last_record_id` are as in `lineage.Head`, `ids` the highest ids by their kind.
    """

    series: str
    archive: str
    history: str
    record_id: str
    records: int
    last_record_id: str
    ids: dict[str, int]

    @property
    def head(self) -> Head:
        """Where the history stood."""
        return Head(self.archive, self.history, self.record_id, self.records, self.last_record_id)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a snapshot. Sizes are in bytes, digests hex SHA-256.

    `size_bytes` and `sha256` are of the compressed file, `database_…` of the database in it. `archive` is the record id
    of the archive's first capture: by it a target recognises its archive. `missing` names WARC files that rows point
    into and that neither the archive nor the target holds. `withheld_…` are of the withheld database before
    compression, None if nothing was withheld. `history` is None if the archive had none yet. `epoch` counts the homes
    of a fleet's portal up to the one that made it; None outside a fleet of many machines.
    """

    name: str
    created_at: str
    software: str
    schema: str
    archive: str | None
    crawls: int
    articles: int
    size_bytes: int
    sha256: str
    database_bytes: int
    database_sha256: str
    warc: tuple[BackedUpFile, ...]
    missing: tuple[str, ...]
    withheld_bytes: int | None = None
    withheld_sha256: str | None = None
    history: SnapshotHistory | None = None
    epoch: int | None = None

    @property
    def series(self) -> str:
        """The series that it belongs to; empty for those of an older version."""
        return self.history.series if self.history else ""

    @property
    def held(self) -> tuple[str, str] | None:
        """The name of its history, and its own; None if it has no history."""
        return (self.history.history, self.name) if self.history else None

    @property
    def title(self) -> str:
        """Its history and itself in a few words."""
        named = f"history {self.history.history[:8]}, " if self.history else ""
        return f"{named}snapshot {self.name} of {self.created_at} ({self.articles} articles, {self.crawls} runs)"

    @property
    def stored_as(self) -> str:
        """The name of the compressed database on the target."""
        return f"{SNAPSHOTS}/{self.name}.db.gz"

    @property
    def withheld_as(self) -> str:
        """The name of the compressed withheld database on the target, if there is one."""
        return f"{SNAPSHOTS}/{self.name}.withheld.db.gz"


def parse_name(text: str) -> SnapshotName | None:
    """Parse a snapshot's name, also at the beginning of a file's name; None if it is not one.

    >>> str(parse_name("archive-20261124T013000Z-00007.db.gz"))
    'archive-20261124T013000Z-00007'
    """
    found = _NAME.match(text.removeprefix(f"{SNAPSHOTS}/"))
    if found is None:
        return None
    try:
        at = datetime.strptime(found["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return SnapshotName(int(found["sequence"]), at)


def name_next(now: datetime, files: dict[str, int]) -> SnapshotName:
    """Name a new snapshot, with a sequence number after all files of a target, complete or not."""
    taken = [found.sequence for found in map(parse_name, files) if found]
    return SnapshotName(max(taken, default=0) + 1, now.astimezone(UTC).replace(microsecond=0))


def whole_snapshots(files: dict[str, int]) -> list[SnapshotName]:
    """List the complete snapshots of a target, those with a manifest; oldest first."""
    return sorted(found for name in files if (found := parse_name(name)) and name == f"{found}.json")


def broken_snapshots(files: dict[str, int]) -> list[SnapshotName]:
    """List the snapshots of a target that have files but no manifest; oldest first."""
    return sorted({found for name in files if (found := parse_name(name))} - set(whole_snapshots(files)))


def render_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as JSON."""
    fields = asdict(manifest)
    if fields["epoch"] is not None:
        return _render(fields, written_as=_WITH_EPOCH)
    del fields["epoch"]
    return _render(fields)


def render_record(file: BackedUpFile, at: str) -> bytes:
    """Return the record of a copied WARC file as JSON; `at` is the time of the copy, ISO 8601."""
    return _render({"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256, "shipped_at": at})


def read_manifest(target: BackupStorage, name: SnapshotName) -> Manifest:
    """Read a snapshot's manifest.

    Raises:
        BackupError: if it cannot be read, or is damaged.
        WrongUseError: if a newer version wrote it.
    """
    fields = _parse(target, f"{SNAPSHOTS}/{name}.json")
    try:
        files = tuple(BackedUpFile(**file) for file in fields.pop("warc"))
        missing = tuple(fields.pop("missing"))
        stated = fields.pop("history", None)
        history = SnapshotHistory(**stated) if stated else None
        # The constructors refuse unknown names, the conversion other types.
        made = Manifest(**fields, warc=files, missing=missing, history=history)
        manifest = msgspec.convert(asdict(made), Manifest)
        _check(manifest, name)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise BackupError(f"{target.shown}: {SNAPSHOTS}/{name}.json is damaged: {error}") from error
    return manifest


def read_record(target: BackupStorage, name: str) -> BackedUpFile:
    """Read the record of a copied WARC file.

    Raises:
        BackupError: if it cannot be read, or is damaged.
    """
    fields = _parse(target, f"{WARC}/{name}.json")
    try:
        return BackedUpFile(name, f"{WARC}/{name}", int(fields["size_bytes"]), str(fields["sha256"]))
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise BackupError(f"{target.shown}: {WARC}/{name}.json is damaged: {error}") from error


def _check(manifest: Manifest, name: SnapshotName) -> None:
    if manifest.name != str(name):
        raise ValueError(f"it is the manifest of {manifest.name}")
    parse_iso(manifest.created_at)
    for file in manifest.warc:
        # A restore makes files of these names: none may lead out of the folder.
        if not _WARC_NAME.fullmatch(file.name) or not _STORED_NAME.fullmatch(file.stored_as):
            raise ValueError(f"it names a file {file.name!r}")


def _render(fields: dict[str, Any], *, written_as: str = FORMAT) -> bytes:
    return json.dumps({"format": written_as, **fields}, ensure_ascii=False, indent=1).encode() + b"\n"


def _parse(target: BackupStorage, name: str) -> dict[str, Any]:
    try:
        fields = json.loads(read_whole(target, name))
        written_as = str(fields.pop("format"))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise BackupError(f"{target.shown}: {name} is damaged: {error}") from error
    if written_as not in _FORMATS:
        raise WrongUseError(f"{target.shown}: {name} is of format {written_as!r}; update portal-archive")
    return dict(fields)
