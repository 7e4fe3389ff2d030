"""Where backups are stored: a folder, or what fsspec reaches by a URL. The only module that knows fsspec."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

import fsspec.core
from fsspec.implementations.local import LocalFileSystem

from crawler.archive.warc.writer import sync_path
from crawler.errors import BackupError, PortalArchiveError, WrongUseError

PART_SUFFIX = ".part"
CHUNK_BYTES = 1024 * 1024
# Permissions of new files: what the umask leaves of all, and the owner's alone.
BY_UMASK, PRIVATE = 0o666, 0o600


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: its length in bytes and its SHA-256 in hex."""

    size_bytes: int
    sha256: str


class BackupStorage(Protocol):
    """A target of backups. Names are relative, with at most one folder before them (`warc/NAME`).

    Every method raises BackupError, without secrets, if it fails.
    """

    @property
    def shown(self) -> str:
        """The address of the target without user, password and query."""

    @property
    def folder(self) -> Path | None:
        """The target as a folder of this machine; None if it is remote."""

    def sizes(self, folder: str) -> dict[str, int] | None:
        """Return the files of a folder with their lengths in bytes; None if there is no such folder."""

    def write(self, name: str, chunks: Iterable[bytes], *, mode: int = BY_UMASK) -> Written:
        """Write a file from its chunks; replace an earlier one of that name. `mode` counts in folders only."""

    def read(self, name: str) -> Iterator[bytes]:
        """Read a file in chunks."""

    def remove(self, name: str) -> None:
        """Remove a file."""


class FolderStorage:
    """A folder of this machine. A file appears under its name only when it is complete and synced."""

    def __init__(self, folder: Path) -> None:
        self.folder: Path | None = folder
        self.shown = str(folder)
        self._root = folder

    def sizes(self, folder: str) -> dict[str, int] | None:
        """Return the files of a folder with their lengths; None if there is no such folder."""
        with _as_backup_error(self.shown, f"{folder}/ cannot be read"):
            if not (self._root / folder).is_dir():
                return None
            return {path.name: path.stat().st_size for path in (self._root / folder).iterdir() if path.is_file()}

    def write(self, name: str, chunks: Iterable[bytes], *, mode: int = BY_UMASK) -> Written:
        """Write a file under a temporary name, then rename it. `mode` has its permission bits.

        Raises:
            BackupError: if it cannot be written.
        """
        final = self._root / name
        part = final.with_name(final.name + PART_SUFFIX)
        with _as_backup_error(self.shown, f"{name} cannot be written"):
            final.parent.mkdir(exist_ok=True)
            try:
                written = copy_to_disk(chunks, part, mode=mode)
                part.replace(final)
            finally:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
            sync_path(final.parent)
        return written

    def read(self, name: str) -> Iterator[bytes]:
        """Read a file in chunks."""
        with _as_backup_error(self.shown, f"{name} cannot be read"), (self._root / name).open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def remove(self, name: str) -> None:
        """Remove a file."""
        with _as_backup_error(self.shown, f"{name} cannot be removed"):
            (self._root / name).unlink()


class RemoteStorage:
    """A target that fsspec reaches. A broken upload may be there under its final name."""

    def __init__(self, url: str, filesystem: fsspec.AbstractFileSystem, root: str) -> None:
        self.folder: Path | None = None
        self.shown = redact(url, url)
        self._url = url
        self._filesystem = filesystem
        self._root = root.rstrip("/")

    def sizes(self, folder: str) -> dict[str, int] | None:
        """Return the files of a folder with their lengths; None if there is no such folder."""
        with self._guard(f"{folder}/ cannot be read"):
            self._filesystem.invalidate_cache()
            try:
                entries = self._filesystem.ls(f"{self._root}/{folder}", detail=True)
            except FileNotFoundError:
                return None
            files = [entry for entry in entries if entry["type"] == "file"]
            return {entry["name"].rstrip("/").rpartition("/")[2]: int(entry["size"]) for entry in files}
        raise AssertionError  # the guard lets no exception pass

    def write(self, name: str, chunks: Iterable[bytes], *, mode: int = BY_UMASK) -> Written:  # noqa: ARG002 - the target's
        """Write a file, then check its length on the target. The target sets the mode itself.

        Raises:
            BackupError: if it cannot be written, or arrived with another length.
        """
        path = f"{self._root}/{name}"
        # Object stores have no folders, and may refuse to make one. If one is needed, the write itself fails.
        with suppress(Exception):
            self._filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        with self._guard(f"{name} cannot be written"):
            with self._filesystem.open(path, "wb") as stream:
                written = copy_chunks(chunks, stream)
            self._filesystem.invalidate_cache()
            size = self._filesystem.size(path)
            if size is not None and size != written.size_bytes:
                raise BackupError(f"{self.shown}: {name}: {size} bytes arrived of {written.size_bytes}")
        return written

    def read(self, name: str) -> Iterator[bytes]:
        """Read a file in chunks."""
        with self._guard(f"{name} cannot be read"), self._filesystem.open(f"{self._root}/{name}", "rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def remove(self, name: str) -> None:
        """Remove a file."""
        with self._guard(f"{name} cannot be removed"):
            self._filesystem.rm_file(f"{self._root}/{name}")

    @contextmanager
    def _guard(self, what: str) -> Iterator[None]:
        with _as_backup_error(self.shown, what, url=self._url):
            yield


def make_storage(url: str) -> BackupStorage:
    """Open a target to write backups to. Make the folder if the one above it exists.

    Raises:
        WrongUseError: if this installation cannot reach such a URL.
        BackupError: if the target cannot be reached or made.
    """
    target = _open(url)
    if target.folder is not None:
        with _as_backup_error(target.shown, "cannot be made a target"):
            if not target.folder.parent.is_dir():
                raise BackupError(f"{target.shown}: there is no folder {target.folder.parent}; is the disk mounted?")
            target.folder.mkdir(exist_ok=True)
    return target


def open_storage(url: str) -> BackupStorage:
    """Open a target to restore from.

    Raises:
        WrongUseError: if this installation cannot reach such a URL.
        BackupError: if the target cannot be reached.
    """
    target = _open(url)
    if target.folder is not None and not target.folder.is_dir():
        raise BackupError(f"{target.shown}: there is no such folder; is the disk mounted?")
    return target


def read_whole(target: BackupStorage, name: str) -> bytes:
    """Read a small file."""
    return b"".join(target.read(name))


def file_chunks(path: Path, size_bytes: int | None = None) -> Iterator[bytes]:
    """Read a file of this machine in chunks, up to a length in bytes if one is given.

    Raises:
        BackupError: if it cannot be read, or is shorter.
    """
    left = size_bytes
    try:
        with path.open("rb") as stream:
            while left is None or left > 0:
                chunk = stream.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
                if not chunk:
                    break
                if left is not None:
                    left -= len(chunk)
                yield chunk
    except OSError as error:
        raise BackupError(f"{path}: cannot be read: {error.strerror}") from error
    if left:
        raise BackupError(f"{path}: {left} bytes shorter than its rows say")


def copy_chunks(chunks: Iterable[bytes], stream: BinaryIO | None) -> Written:
    """Write chunks to a stream, if there is one; give their length and digest."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        if stream is not None:
            stream.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    return Written(size, digest.hexdigest())


def copy_to_disk(chunks: Iterable[bytes], path: Path, *, mode: int = BY_UMASK) -> Written:
    """Write chunks to a new file with at most the permissions of a mode, and sync it; give their length and digest."""
    path.unlink(missing_ok=True)  # a broken copy may have another mode
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as stream:
        written = copy_chunks(chunks, stream)
        stream.flush()
        os.fsync(stream.fileno())
    return written


def digest_of(chunks: Iterable[bytes]) -> Written:
    """Return the length and digest of chunks."""
    return copy_chunks(chunks, None)


def show(url: str) -> str:
    """Return a target's address for logs and the journal: a folder absolute, a URL without its secrets."""
    return redact(url, url) if "://" in url else str(Path(url).expanduser().absolute())


def redact(text: str, url: str) -> str:
    """Remove the secrets of a URL from a text: user and password everywhere, and the query.

    >>> redact("cannot reach sftp://me:s3cret@host/x as me:s3cret", "sftp://me:s3cret@host/x")
    'cannot reach sftp://host/x as me:***'
    >>> redact("/srv/backup", "/srv/backup")
    '/srv/backup'
    """
    if "://" not in url:
        return text
    text = re.sub(r"(://)[^/\s@]*@", r"\1", text)
    text = re.sub(r"(://[^\s?]*)\?\S*", r"\1", text)
    try:
        password = urlsplit(url).password
    except ValueError:
        password = None
    for secret in {password, unquote(password or "")} - {None, ""}:
        text = text.replace(str(secret), "***")
    return text


def _open(url: str) -> BackupStorage:
    if "://" not in url and ":" in url.partition("/")[0]:
        raise WrongUseError(
            f"{url}: expected a folder or an fsspec URL such as sftp://host/folder or s3://bucket/folder"
        )
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise WrongUseError(f"{redact(url, url)}: {error} (in the environment of portal-archive)") from error
    except ValueError as error:
        raise WrongUseError(
            f"{redact(url, url)}: not a folder or URL that fsspec knows: {redact(str(error), url)}"
        ) from error
    except Exception as error:
        # Each protocol's library raises its own errors. Nothing was done yet; the operator sees the message.
        raise BackupError(f"{redact(url, url)}: cannot be reached: {redact(_words(error), url)}") from error
    if isinstance(filesystem, LocalFileSystem):
        return FolderStorage(Path(root))
    return RemoteStorage(url, filesystem, root)


@contextmanager
def _as_backup_error(shown: str, what: str, *, url: str = "") -> Iterator[None]:
    """Raise any error of the target as BackupError. Each protocol's library raises its own errors."""
    try:
        yield
    except PortalArchiveError:
        raise
    except Exception as error:
        raise BackupError(f"{shown}: {what}: {redact(_words(error), url)}") from error


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
