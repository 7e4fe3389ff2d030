"""Copy or link a file that rows cannot point to, so that they can. The file itself does not change.

Rows can point to a file directly in `warc/` with a serial in its name and one gzip member for each record.
"""

import os
import shutil
from itertools import chain
from pathlib import Path

from crawler.archive.warc.files.folder import FolderFile, serial_in
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import scan_records
from crawler.archive.warc.files.survey import Segment
from crawler.archive.warc.members.packed import pack, pack_parts
from crawler.archive.warc.writer import RECORD_END, sync_path
from crawler.errors import WarcError

_PART_SUFFIX = ".part"
FOUND_PREFIX = "found-"  # for files that state no name


def is_placed(file: FolderFile) -> bool:
    """Return whether a file is at a place that rows can name."""
    return "/" not in file.name and serial_in(file.name) is not None


def place(folder: Path, segments: list[Segment], *, name: str) -> FolderFile:
    """Make a file in `warc/` with the records of another: a link if each record has a member, else a copy.

    Args:
        segments: all segments of the file, in order.
        name: the name of the new file; if it is taken, a number is put into it.

    Raises:
        WarcError: if the file cannot be written.
    """
    source = segments[0].file
    path = _free_path(folder, name)
    part = path.with_name(path.name + _PART_SUFFIX)
    try:
        part.unlink(missing_ok=True)
        if all(segment.all_have_members for segment in segments):
            _link(source.path, part)
        else:
            _copy_records(source.path, part)
        os.rename(part, path)
        sync_path(folder)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WarcError(f"warc/{source.name}: cannot be copied to warc/{path.name}: {error.strerror}") from error
    return FolderFile(path, path.name)


def _free_path(folder: Path, name: str) -> Path:
    """Return the path of a name, with a number before the serial if it is taken."""
    stem, _, end = name.rpartition("-")
    number = 1
    path = folder / name
    while path.exists() or path.with_name(path.name + ".open").exists():
        number += 1
        path = folder / f"{stem}-copy{number}-{end}"
    return path


def _link(source: Path, to: Path) -> None:
    try:
        os.link(source, to)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, to)
        sync_path(to)


def _copy_records(source: Path, to: Path) -> None:
    """Write every readable record, byte for byte, each as a separate gzip member."""
    with to.open("wb") as stream:
        for record in scan_records(source):
            if not isinstance(record, WarcRecord):
                continue
            if record.body.path is None:
                stream.write(pack(record.header + record.head + record.body.data + RECORD_END, record.body))
                continue
            parts = chain((record.header, record.head), record.body.chunks(), (RECORD_END,))
            for part in pack_parts(parts, record.body):
                stream.write(part)
        stream.flush()
        os.fsync(stream.fileno())
