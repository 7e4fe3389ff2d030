"""Compare an archive with the newest snapshot of a backup, by digest: both the files there and those here are read."""

from dataclasses import replace
from pathlib import Path

from crawler.archive.fixity import Verification
from crawler.archive.warc.finding import Finding
from crawler.archive.warc.writer import OPEN_SUFFIX
from crawler.errors import BackupError
from crawler.language.text import show_count
from crawler.operations.backup.manifest import SNAPSHOTS, BackedUpFile, read_manifest, whole_snapshots
from crawler.operations.backup.storage import BackupStorage, Written, digest_of, file_chunks, open_storage


def compare_with_backup(archive: Path, url: str, *, found: Verification) -> None:
    """Add each WARC file whose bytes differ from those that were shipped, there or here, and a damaged snapshot.

    Raises:
        BackupError: if the target cannot be reached, or holds no snapshot.
    """
    target = open_storage(url)
    names = whole_snapshots(target.sizes(SNAPSHOTS) or {})
    if not names:
        raise BackupError(f"{target.shown}: holds no snapshot")
    manifest = read_manifest(target, names[-1])
    if (fault := _fault_there(target, manifest.stored_as, sha256=manifest.sha256)) is not None:
        found.findings.append(Finding("backup", f"{target.shown}: snapshot {names[-1]}: {fault}"))
    for name in manifest.missing:
        found.findings.append(Finding("backup", f"{target.shown}: warc/{name} was missing when it was made", file=name))
    for file in manifest.warc:
        there = _fault_there(target, file.stored_as, sha256=file.sha256)
        here = _fault_here(archive.parent / "warc", file)
        faults = [f"on {target.shown}: {there}"] if there else []
        faults += [f"here: {here}"] if here else []
        if here and not there and _tell_known(found, file.name, shown=target.shown):
            continue
        if faults:
            found.findings.append(Finding("backup", f"warc/{file.name}: {'; '.join(faults)}", file=file.name))
    found.notes.append(f"{target.shown}: snapshot {names[-1]}, {show_count(len(manifest.warc), 'WARC file')} compared")


def _tell_known(found: Verification, name: str, *, shown: str) -> bool:
    """Say at a finding of a file that the backup has it as it was shipped; False if nothing is said of the file."""
    for place, one in enumerate(found.findings):
        if one.file == name and one.kind != "list":
            found.findings[place] = replace(one, text=f"{one.text}; {shown} has the file as it was shipped")
            return True
    return False


def _fault_there(target: BackupStorage, name: str, *, sha256: str) -> str | None:
    try:
        is_true = digest_of(target.read(name)).sha256 == sha256
    except BackupError as error:
        return str(error)
    return None if is_true else "not the bytes that were shipped"


def _fault_here(folder: Path, file: BackedUpFile) -> str | None:
    """Compare as much of a file as was shipped."""
    for path in (folder / file.name, folder / (file.name + OPEN_SUFFIX)):
        if path.is_file():
            own = digest_of(file_chunks(path, file.size_bytes if file.still_open else None))
            return None if own == Written(file.size_bytes, file.sha256) else "not the bytes that were shipped"
    return "the file is missing"
