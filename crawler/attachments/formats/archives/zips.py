"""List the files of a ZIP archive, with the names that its programs wrote."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from crawler.attachments.formats.archives.entries import (
    MAX_RATE,
    MIN_RATED_BYTES,
    ArchiveError,
    Entry,
    EntryError,
    clean_name,
    decode_name,
)

_IS_ENCRYPTED, _IS_UTF_8 = 0x1, 0x800
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
# The field in which Info-ZIP and WinRAR keep a name in UTF-8 (APPNOTE 4.6.9).
_UNICODE_PATH = 0x7075
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError,
    OverflowError,
)  # fmt: skip


def list_zip(data: bytes) -> Iterator[Entry]:
    """Give the files of a ZIP archive, in its order.

    Raises:
        ArchiveError: if its directory cannot be read, or none of its methods is known.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _BROKEN as error:
        raise ArchiveError("broken", type(error).__name__) from error
    with archive:
        for info in archive.infolist():
            if not info.is_dir() and info.file_size:
                yield Entry(_name_of(info), lambda most, info=info: _read(archive, info, most=most))  # type: ignore[misc]


def has_other_methods(data: bytes) -> bool:
    """Return whether a ZIP archive uses methods of packing that `zipfile` does not know, such as Zstandard."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return any(
                info.compress_type not in _METHODS and not info.flag_bits & _IS_ENCRYPTED for info in archive.infolist()
            )
    except _BROKEN:
        return True


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, most: int) -> bytes:
    if info.flag_bits & _IS_ENCRYPTED:
        raise EntryError("encrypted")
    if info.file_size > most or _is_bomb(info):
        raise EntryError("too-large")
    try:
        with archive.open(info) as file:
            # A stated size may be false.
            return file.read(most)
    except RuntimeError as error:
        raise EntryError("encrypted") from error
    except _BROKEN as error:
        raise EntryError("broken") from error


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > MIN_RATED_BYTES and info.file_size > MAX_RATE * info.compress_size


def _name_of(info: zipfile.ZipInfo) -> str:
    stated = _find_unicode_path(info.extra)
    if stated is not None:
        return clean_name(stated)
    if info.flag_bits & _IS_UTF_8:
        return clean_name(info.orig_filename)
    # `zipfile` decodes other names as code page 437, which has a letter for each byte.
    return clean_name(decode_name(info.orig_filename.encode("cp437", "replace")))


def _find_unicode_path(extra: bytes) -> str | None:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        # A version of one byte and a checksum of the other name precede it.
        if kind == _UNICODE_PATH and size > 5:
            return extra[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return None
