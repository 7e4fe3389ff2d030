"""List the files of RAR, 7z, tar and other archives with libarchive, which reads each from its beginning to its end."""

import locale
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from ctypes import c_char_p, c_int, c_void_p, cast, create_string_buffer

from crawler.attachments.formats.archives.entries import ArchiveError, Entry, EntryError, clean_name, decode_name
from crawler.attachments.formats.archives.rar import list_locks

# Not all that libarchive knows: its mtree reads other files of the disk, and some of its filters start programs.
_FORMATS = ("rar", "rar5", "7zip", "tar", "cab", "zip_streamable", "raw", "empty")
_FILTERS = ("none", "gzip", "bzip2", "xz", "lzma", "compress")
_BLOCK_BYTES = 64 * 1024
_FALLBACK_NAME = "data"
_ENCRYPTED = ("ncrypt", "assword", "ecrypt")


def list_packed(data: bytes, name: str) -> Iterator[Entry]:
    """Give the files of an archive that is not a ZIP, in its order; `name` is the archive's.

    Raises:
        ArchiveError: if the archive cannot be read, or from some place on.
    """
    # Imported where it is used: the library of the system may be missing.
    from libarchive import ffi
    from libarchive.exception import ArchiveError as LibraryError

    # libarchive gives names in the encoding of the process.
    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    archive, entry = ffi.read_new(), ffi.entry_new()
    is_encrypted = ffi.ffi("entry_is_encrypted", [ffi.c_archive_entry_p], c_int)
    try:
        for kind in _FILTERS:
            ffi.get_read_filter_function(kind)(archive)
        for kind in _FORMATS:
            ffi.get_read_format_function(kind)(archive)
        ffi.read_open_memory(archive, cast(c_char_p(data), c_void_p), len(data))
        locks = iter(list_locks(data))
        while ffi.read_next_header2(archive, entry) != ffi.ARCHIVE_EOF:
            is_locked = next(locks, False) or bool(is_encrypted(entry))
            kind = ffi.entry_filetype(entry)
            if not kind or stat.S_ISREG(kind):
                path = ffi.entry_pathname_w(entry) or ffi.entry_pathname(entry)
                yield Entry(_name_of(path, name), _refuse_locked if is_locked else _make_reader(archive))
    except LibraryError as error:
        message = str(error.msg)
        raise ArchiveError("encrypted" if _is_locked(message) else "broken", message) from error
    finally:
        ffi.entry_free(entry)
        ffi.read_free(archive)


def name_library() -> str:
    """Return the library of the system, with its version."""
    from libarchive import ffi

    number = ffi.version_number()
    return f"libarchive {number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def _make_reader(archive: object) -> Callable[[int], bytes]:
    """Return the function that reads the entry at which an archive of the library is now."""

    def read(most: int) -> bytes:
        from libarchive import ffi
        from libarchive.exception import ArchiveError as LibraryError

        pieces: list[bytes] = []
        size = 0
        block = create_string_buffer(_BLOCK_BYTES)
        try:
            while got := ffi.read_data(archive, block, _BLOCK_BYTES):
                pieces.append(block.raw[:got])
                size += got
                if size > most:
                    raise EntryError("too-large")
        except LibraryError as error:
            raise EntryError("encrypted" if _is_locked(str(error.msg)) else "broken") from error
        return b"".join(pieces)

    return read


def _refuse_locked(most: int) -> bytes:  # noqa: ARG001 - as `Entry.read`
    raise EntryError("encrypted")


def _is_locked(message: str) -> bool:
    return any(word in message for word in _ENCRYPTED)


def _name_of(path: str | bytes | None, archive: str) -> str:
    if isinstance(path, bytes):
        path = decode_name(path)
    if not path or path == _FALLBACK_NAME:
        # A compressed file without the name that it had.
        path = archive.rpartition(".")[0] or archive
    return clean_name(path)
