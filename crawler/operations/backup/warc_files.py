"""Shipping WARC files: whole ones once they are closed and only once, of one that is still written what is needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.archive.warc.writer import OPEN_SUFFIX
from crawler.language.dates import to_iso_utc
from crawler.operations.backup.contents import NeededFile
from crawler.operations.backup.manifest import SNAPSHOTS, WARC, BackedUpFile, read_record, render_record
from crawler.operations.backup.storage import BackupStorage, digest_of, file_chunks


@dataclass(slots=True)
class Shipment:
    """What a snapshot has of its WARC files on the target, what was shipped for it, and what it lacks."""

    files: list[BackedUpFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    shipped_files: int = 0
    shipped_bytes: int = 0


def ship_files(
    folder: Path,
    target: BackupStorage,
    *,
    needed: Sequence[NeededFile],
    known: Mapping[str, BackedUpFile],
    snapshot: str,
    now: datetime,
    append_only: bool,
) -> Shipment:
    """Ship what a target lacks of the WARC files in `folder`; `known` are those that its last manifest names.

    Closed files that no row names yet are shipped too: a run that ended meanwhile, or died before its commit.

    Raises:
        BackupError: if the target cannot be read or written.

    """
    shipper = _Shipper(folder, target, known, now, append_only)
    for file in needed:
        shipper.ship(file, snapshot)
    named = {file.name for file in needed}
    for path in sorted(folder.glob("*.warc.gz")):
        if path.name not in named:
            shipper.ship(NeededFile(path.name, path.stat().st_size, closed=True), snapshot)
    return shipper.shipment


class _Shipper:
    """Ships the files of one snapshot."""

    def __init__(
        self, folder: Path, target: BackupStorage, known: Mapping[str, BackedUpFile], now: datetime, append_only: bool
    ) -> None:
        self._folder = folder
        self._target = target
        self._known = known
        self._at = to_iso_utc(now)
        self._append_only = append_only
        self._there = target.sizes(WARC) or {}
        self.shipment = Shipment()

    def ship(self, file: NeededFile, snapshot: str) -> None:
        """Bring one file to the target if it is not there, and note it, or what is wrong with it."""
        stored = self._stored(file.name)
        problem = self._fault_here(file)
        if problem:
            if stored and self._there[file.name] == stored.size_bytes >= file.size_bytes:
                self._keep(stored, f"{problem}; the target holds it whole")
            else:
                self.shipment.missing.append(file.name)
                self.shipment.problems.append(problem)
        elif not (self._folder / file.name).is_file():
            self._ship_part(file, snapshot)
        elif stored is None:
            self._ship_whole(file.name)
        elif self._there[file.name] == stored.size_bytes:
            self._keep(stored)
        else:
            self._mend(file.name, stored)

    def _stored(self, name: str) -> BackedUpFile | None:
        """Give what the target says of a whole file there; None if it holds none, or only a cut-off upload."""
        if name not in self._there or f"{name}.json" not in self._there:
            return None
        return self._known.get(name) or read_record(self._target, name)

    def _fault_here(self, file: NeededFile) -> str | None:
        """Say what is wrong with the archive's own file, None if nothing is."""
        path = self._folder / file.name
        if not path.is_file():
            path = path.with_name(file.name + OPEN_SUFFIX)
        if not path.is_file():
            # A run that ends gives a file its final name: look once more for that.
            path = self._folder / file.name
        try:
            size = path.stat().st_size
        except OSError as error:
            return f"warc/{file.name}: the file is missing or cannot be read ({error.strerror})"
        if size < file.size_bytes:
            return f"warc/{file.name}: {size} bytes, where {file.size_bytes} were written"
        if file.closed and size > file.size_bytes:
            return f"warc/{file.name}: longer than the {file.size_bytes} bytes it was closed with"
        return None

    def _keep(self, stored: BackedUpFile, problem: str | None = None) -> None:
        self.shipment.files.append(stored)
        if problem:
            self.shipment.problems.append(problem)

    def _ship_whole(self, name: str) -> None:
        stored = self._write(name, f"{WARC}/{name}", chunks=file_chunks(self._folder / name))
        self._target.write(f"{WARC}/{name}.json", [render_record(stored, self._at)])

    def _ship_part(self, file: NeededFile, snapshot: str) -> None:
        path = self._folder / (file.name + OPEN_SUFFIX)
        if not path.is_file():
            path = self._folder / file.name  # closed just now
        self._write(
            file.name, f"{SNAPSHOTS}/{snapshot}.{file.name}", chunks=file_chunks(path, file.size_bytes), still_open=True
        )

    def _mend(self, name: str, stored: BackedUpFile) -> None:
        """Replace a file on the target that has not the length it was shipped with, by one of the same digest."""
        problem = (
            f"{self._target.shown}: {WARC}/{name} has {self._there[name]} bytes, where {stored.size_bytes} were shipped"
        )
        if self._append_only:
            self._keep(stored, f"{problem}; move it away there, and the next backup ships it again")
        elif digest_of(file_chunks(self._folder / name)).sha256 != stored.sha256:
            self._keep(stored, f"{problem}, and the archive's own file is not the one that was shipped")
        else:
            self._ship_whole(name)

    def _write(self, name: str, stored_as: str, *, chunks: Iterable[bytes], still_open: bool = False) -> BackedUpFile:
        written = self._target.write(stored_as, chunks)
        stored = BackedUpFile(name, stored_as, written.size_bytes, written.sha256, still_open)
        self.shipment.files.append(stored)
        self.shipment.shipped_files += 1
        self.shipment.shipped_bytes += written.size_bytes
        return stored


def first_words(problems: Sequence[str], count: int = 3) -> str:
    """Give the first of some problems in one line, and how many more there are."""
    more = len(problems) - count
    return "; ".join(problems[:count]) + (f"; and {more} more" if more > 0 else "")
