"""The body of an HTTP message: bytes in memory, or a spool file on disk if it is large.

A crawl spools large bodies into a folder beside its archive while they come, and a reader of WARC files spools large
records. So memory does not grow with the size of an attachment.
"""

import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

# A larger body goes to disk. Pages and most pictures are smaller (measured on the portals of the profiles).
SPOOL_ABOVE_BYTES = 1024 * 1024

CHUNK_BYTES = 256 * 1024


class SpoolFile:
    """A file that lives as long as this object: it is removed with the last reference, at the latest at exit."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes
        self._remove = weakref.finalize(self, path.unlink, missing_ok=True)

    @classmethod
    def borrow(cls, path: Path, size_bytes: int) -> "SpoolFile":
        """Name a file of another process, which removes it."""
        borrowed = cls(path, size_bytes)
        borrowed.keep()
        return borrowed

    def keep(self) -> None:
        """Leave the removal of the file to another process."""
        self._remove.detach()

    def remove(self) -> None:
        """Remove the file now. A process that has it open can read it to its end."""
        self._remove()


@dataclass(frozen=True, slots=True)
class Body:
    """A message body: `data`, or a spool file with the bytes (`data` is empty then)."""

    data: bytes = b""
    file: SpoolFile | None = None

    @property
    def size_bytes(self) -> int:
        """The number of its bytes."""
        return self.file.size_bytes if self.file is not None else len(self.data)

    @property
    def path(self) -> Path | None:
        """The path of the spool file; None for a body in memory."""
        return self.file.path if self.file is not None else None

    def open(self) -> BinaryIO:
        """Open it for reading; the stream can seek."""
        return BytesIO(self.data) if self.file is None else self.file.path.open("rb")

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes in parts, for bodies of any size."""
        if self.file is None:
            if self.data:
                yield self.data
            return
        with self.open() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def read(self) -> bytes:
        """Return all its bytes; only for bodies that fit into memory."""
        return self.data if self.file is None else self.file.path.read_bytes()

    def peek(self, size: int = 16) -> bytes:
        """Return its first `size` bytes, or all if it has fewer."""
        if self.file is None:
            return self.data[:size]
        with self.open() as stream:
            return stream.read(size)

    def tail(self, size: int) -> bytes:
        """Return its last `size` bytes, or all if it has fewer."""
        if self.file is None:
            return self.data[-size:]
        with self.open() as stream:
            stream.seek(max(0, self.file.size_bytes - size))
            return stream.read()

    def discard(self) -> None:
        """Remove the spool file now, if there is one. Nobody may read the body any more."""
        if self.file is not None:
            self.file.remove()


def sha256_of(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of bytes that come in parts, in hex."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def spool_folder(archive: Path) -> Path:
    """Return the folder for the spool files of an archive, beside it."""
    return archive.with_name(f"{archive.name}.spool")


def spooled_bytes(folder: Path) -> int:
    """Return the size of all spool files in a folder; 0 if it does not exist."""
    size = 0
    for path in folder.glob("*"):
        try:
            size += path.stat().st_size
        except FileNotFoundError:
            continue  # removed meanwhile
    return size


class BodySink:
    """Collects a body while it comes. Above 1 MiB it goes on in a spool file in `folder` (default: the system's).

    Use `finish` for the body, or `discard` if the body is not wanted.
    """

    def __init__(self, folder: Path | None = None, *, spool_above: int = SPOOL_ABOVE_BYTES) -> None:
        self._folder = folder
        self._spool_above = spool_above
        self._parts: list[bytes] = []
        self._stream: BinaryIO | None = None
        self._file: SpoolFile | None = None
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            OSError: if the spool file cannot be written.
        """
        self.size_bytes += len(data)
        if self._stream is not None:
            self._stream.write(data)
            return
        self._parts.append(data)
        if self.size_bytes > self._spool_above:
            self._begin_file()

    def finish(self) -> Body:
        """Return what came as a body. The sink takes no more bytes.

        Raises:
            OSError: if the spool file cannot be written.
        """
        if self._stream is None or self._file is None:
            return Body(b"".join(self._parts))
        self._stream.close()
        self._file.size_bytes = self.size_bytes
        return Body(file=self._file)

    def discard(self) -> None:
        """Drop what came, and remove the spool file."""
        self._parts.clear()
        if self._stream is not None and self._file is not None:
            with suppress(OSError):  # what is buffered may not fit on the disk
                self._stream.close()
            self._file.remove()

    def _begin_file(self) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="portal-archive-", suffix=".body", dir=self._folder)
        self._file = SpoolFile(Path(name), 0)
        self._stream = os.fdopen(handle, "wb")
        for part in self._parts:
            self._stream.write(part)
        self._parts.clear()


def collect(chunks: Iterable[bytes], folder: Path | None = None, *, spool_above: int = SPOOL_ABOVE_BYTES) -> Body:
    """Collect bytes that come in parts into a body. If their source raises, no file remains.

    Args:
        chunks: the parts, in order.
        folder: of the spool file; None keeps every body in memory.
        spool_above: bytes. A larger body goes to the spool file.

    Raises:
        OSError: if the spool file cannot be written.
    """
    sink = BodySink(folder, spool_above=spool_above)
    try:
        for chunk in chunks:
            sink.write(chunk)
        return sink.finish()
    except BaseException:
        sink.discard()
        raise
