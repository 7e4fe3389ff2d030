"""Copying WARC files to a backup: closed files once and complete, of an open file the part that is needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.archive.history.record_lists import list_path
from crawler.archive.warc.writer import OPEN_SUFFIX
from crawler.language.dates import to_iso_utc
from crawler.operations.backup.contents import NeededFile
from crawler.operations.backup.manifest import SNAPSHOTS, WARC, BackedUpFile, read_record, render_record
from crawler.operations.backup.storage import BackupStorage, digest_of, file_chunks


@dataclass(slots=True)
class CopiedFiles:
    """The WARC files of a snapshot on the target, those that it lacks, and how many were copied this time."""

    files: list[BackedUpFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    new_files: int = 0
    new_bytes: int = 0


def copy_files(
    folder: Path,
    target: BackupStorage,
    *,
    needed: Sequence[NeededFile],
    known: Mapping[str, BackedUpFile],
    snapshot: str,
    now: datetime,
    append_only: bool,
) -> CopiedFiles:
    """Copy the WARC files of `folder` that a target lacks. `known` are the files that its last manifest names.

    Closed files without a row are copied too: a run ended meanwhile, or died before its commit.

    Raises:
        BackupError: if the target cannot be read or written.
    """
    there = target.sizes(WARC) or {}
    copier = _FileCopier(
        folder=folder, target=target, known=known, at=to_iso_utc(now), append_only=append_only, there=there
    )
    for file in needed:
        copier.copy(file, snapshot)
    named = {file.name for file in needed}
    for path in sorted(folder.glob("*.warc.gz")):
        if path.name not in named:
            copier.copy(NeededFile(path.name, path.stat().st_size, closed=True), snapshot)
    copier.copy_lists()
    return copier.copied


@dataclass(slots=True, kw_only=True)
class _FileCopier:
    """Copies the files of one snapshot. `there` are the lengths of the files on the target."""

    folder: Path
    target: BackupStorage
    known: Mapping[str, BackedUpFile]
    at: str
    append_only: bool
    there: Mapping[str, int]
    copied: CopiedFiles = field(default_factory=CopiedFiles)

    def copy(self, file: NeededFile, snapshot: str) -> None:
        """Copy one file if the target lacks it, and note it. Note a problem if the file is missing or damaged."""
        stored = self._stored(file.name)
        problem = self._fault_here(file)
        if problem:
            if stored and self._size_there(stored) == stored.size_bytes >= file.size_bytes:
                self._keep(stored, f"{problem}; the target holds it whole")
            else:
                self.copied.missing.append(file.name)
                self.copied.problems.append(problem)
        elif not (self.folder / file.name).is_file():
            self._copy_part(file, snapshot)
        elif stored is None:
            self._copy_whole(file.name)
        elif file.name not in self.known and not self._is_same(stored):
            self._copy_apart(file.name)
        elif self._size_there(stored) == stored.size_bytes:
            self._keep(stored)
        else:
            self._mend(file.name, stored)

    def copy_lists(self) -> None:
        """Copy the record lists that the target lacks, each beside its file. A list never changes."""
        for file in self.copied.files:
            path = list_path(self.folder, file.name)
            name = file.list_stored_as.removeprefix(f"{WARC}/")
            if path.is_file() and self.there.get(name) != path.stat().st_size:
                self.target.write(file.list_stored_as, file_chunks(path))

    def _stored(self, name: str) -> BackedUpFile | None:
        """Return the record of a complete file on the target; None if there is no such file, or a broken upload."""
        known = self.known.get(name)
        if known is not None and self._is_there(known.stored_as):
            return known
        return read_record(self.target, name) if self._is_there(f"{WARC}/{name}") else None

    def _is_there(self, stored_as: str) -> bool:
        name = stored_as.removeprefix(f"{WARC}/")
        return name in self.there and f"{name}.json" in self.there

    def _size_there(self, stored: BackedUpFile) -> int:
        return self.there[stored.stored_as.removeprefix(f"{WARC}/")]

    def _is_same(self, stored: BackedUpFile) -> bool:
        """Tell whether the archive's own file is that on the target, which no snapshot of this history names."""
        return digest_of(file_chunks(self.folder / stored.name)).sha256 == stored.sha256

    def _fault_here(self, file: NeededFile) -> str | None:
        """Say what is wrong with the archive's own file; None if it is good."""
        path = self.folder / file.name
        if not path.is_file():
            path = path.with_name(file.name + OPEN_SUFFIX)
        if not path.is_file():
            # A run that ends meanwhile renames its file: try the final name again.
            path = self.folder / file.name
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
        self.copied.files.append(stored)
        if problem:
            self.copied.problems.append(problem)

    def _copy_whole(self, name: str, stored_as: str | None = None) -> None:
        stored_as = stored_as or f"{WARC}/{name}"
        stored = self._write(name, stored_as, chunks=file_chunks(self.folder / name))
        self.target.write(f"{stored_as}.json", [render_record(stored, self.at)])

    def _copy_apart(self, name: str) -> None:
        """Copy a file beside another history's file of that name."""
        digest = digest_of(file_chunks(self.folder / name)).sha256
        self._copy_whole(name, f"{WARC}/{digest[:12]}-{name}")

    def _copy_part(self, file: NeededFile, snapshot: str) -> None:
        path = self.folder / (file.name + OPEN_SUFFIX)
        if not path.is_file():
            path = self.folder / file.name  # closed meanwhile
        self._write(
            file.name, f"{SNAPSHOTS}/{snapshot}.{file.name}", chunks=file_chunks(path, file.size_bytes), still_open=True
        )

    def _mend(self, name: str, stored: BackedUpFile) -> None:
        """Replace a file on the target whose length changed, if the archive's own file has the recorded digest."""
        problem = (
            f"{self.target.shown}: {stored.stored_as} has {self._size_there(stored)} bytes, "
            f"where {stored.size_bytes} were shipped"
        )
        if self.append_only:
            self._keep(stored, f"{problem}; move it away there, and the next backup ships it again")
        elif digest_of(file_chunks(self.folder / name)).sha256 != stored.sha256:
            self._keep(stored, f"{problem}, and the archive's own file is not the one that was shipped")
        else:
            self._copy_whole(name, stored.stored_as)

    def _write(self, name: str, stored_as: str, *, chunks: Iterable[bytes], still_open: bool = False) -> BackedUpFile:
        written = self.target.write(stored_as, chunks)
        stored = BackedUpFile(name, stored_as, written.size_bytes, written.sha256, still_open)
        self.copied.files.append(stored)
        self.copied.new_files += 1
        self.copied.new_bytes += written.size_bytes
        return stored


def join_problems(problems: Sequence[str], count: int = 3) -> str:
    """Return the first problems in one line, and the number of the others."""
    more = len(problems) - count
    return "; ".join(problems[:count]) + (f"; and {more} more" if more > 0 else "")
