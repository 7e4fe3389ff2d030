"""The body of an HTTP message: bytes in memory, or a spool file on disk if it is large.

A crawl spools large bodies into a folder beside its archive while they come. So a night's memory does not grow with the
size of its attachments.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

# A larger body goes to disk. Pages and most pictures are smaller (measured on the portals of the profiles).
SPOOL_ABOVE_BYTES = 1024 * 1024

CHUNK_BYTES = 64 * 1024


class SpoolFile:
    """A file that lives as long as this object: it is removed with the last reference, at the latest at exit."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes
        self._remove = weakref.finalize(self, path.unlink, missing_ok=True)

    def remove(self) -> None:
        """Remove the file now. A process that has it open can read it to its end."""
        self._remove()


@dataclass(frozen=True, slots=True)
class Body:
    """A message body exactly as it came: `data`, or a spool file with the bytes (`data` is empty then)."""

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
        return self.file.path.open("rb") if self.file is not None else BytesIO(self.data)

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes in parts, for bodies of any size."""
        if self.file is None:
            if self.data:
                yield self.data
            return
        with self.file.path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def read(self) -> bytes:
        """Return all its bytes; only for bodies that fit into memory."""
        return self.data if self.file is None else self.file.path.read_bytes()

    def peek(self, size: int = 16) -> bytes:
        """Return its first bytes."""
        with self.open() as stream:
            return stream.read(size)

    def discard(self) -> None:
        """Remove the spool file now, if there is one. Nobody may read the body any more."""
        if self.file is not None:
            self.file.remove()


def spool_folder(archive: Path) -> Path:
    """Return the folder for the spool files of an archive, beside it."""
    return archive.with_name(f"{archive.name}.spool")


class BodySink:
    """Collects a body while it comes. Above 1 MiB it goes on in a spool file.

    Use `finish` for the body, or `discard` if the body is not wanted.
    """

    def __init__(self, folder: Path, *, spool_above: int = SPOOL_ABOVE_BYTES) -> None:
        self._folder = folder
        self._spool_above = spool_above
        self._parts: list[bytes] = []
        self._stream: BinaryIO | None = None
        self._path: Path | None = None
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
        if self._stream is None or self._path is None:
            return Body(b"".join(self._parts))
        self._stream.close()
        return Body(file=SpoolFile(self._path, self.size_bytes))

    def discard(self) -> None:
        """Drop what came, and remove the spool file."""
        self._parts.clear()
        if self._stream is not None and self._path is not None:
            self._stream.close()
            self._path.unlink(missing_ok=True)

    def _begin_file(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".body", dir=self._folder)
        self._path = Path(name)
        self._stream = os.fdopen(handle, "wb")
        for part in self._parts:
            self._stream.write(part)
        self._parts.clear()
