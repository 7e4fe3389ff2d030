"""Record lists for WARC files of older versions, which wrote none. A list is made once, from an intact file."""

import sqlite3
from itertools import chain
from pathlib import Path

from crawler.archive.history.record_lists import digest_list, list_path, list_records, put_list, render_list
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import scan_records
from crawler.archive.warc.reader import has_true_block_digest
from crawler.archive.warc.writer import RECORD_END
from crawler.body import sha256_of

# The bytes of WARC files that the start of one run reads: about a minute.
MOST_BYTES = 2 * 1024**3


def list_old_files(connection: sqlite3.Connection, folder: Path, *, most_bytes: int = MOST_BYTES) -> int:
    """Make the record lists that files of older versions lack, store their digests, and return the number of lists.

    A file gets no list if it is damaged, if its size differs from its row, or if another file has the name of the list.
    A damaged file is remembered, and read again only after it changed. Stop before the file that would exceed
    `most_bytes`, except for the first one. The next run continues there.

    Raises:
        OSError: if a file cannot be read, or a list not be written.
    """
    rows = connection.execute(
        "select name, size_bytes from warc_files where closed = 1 and list_sha256 is null and size_bytes > 0 "
        "order by serial"
    ).fetchall()
    made, read_bytes = 0, 0
    for name, size_bytes in rows:
        path = folder / name
        if not path.is_file() or path.stat().st_size != size_bytes:
            continue
        looked_at = (name, size_bytes, path.stat().st_mtime_ns)
        if connection.execute(
            "select 1 from _damaged_files where (name, size_bytes, changed_ns) = (?, ?, ?)", looked_at
        ).fetchone():
            continue
        if read_bytes and read_bytes + size_bytes > most_bytes:
            break
        read_bytes += size_bytes
        digest = _list_file(path, name)
        if digest is not None:
            connection.execute("update warc_files set list_sha256 = ? where name = ?", (digest, name))
            made += 1
        else:
            connection.execute("insert or replace into _damaged_files values (?, ?, ?)", looked_at)
    return made


def _list_file(path: Path, name: str) -> str | None:
    """Write the list of an intact file, and return its digest. A run that died may have written the same list."""
    lines = list_records(path) if _is_sound(path, name) else None
    if not lines:
        return None
    if list_path(path.parent, name).exists():
        held = digest_list(path.parent, name)
        return held if held == sha256_of([render_list(lines)]) else None
    return put_list(path.parent, name, lines=lines)


def _is_sound(path: Path, name: str) -> bool:
    """Return whether all records of a file are whole, and the first one states this file name.

    A part of a file, which a rebuild found, has another name. With a list it would look like an original file.
    """
    records = scan_records(path, name=name)
    first = next(records, None)
    return (
        isinstance(first, WarcRecord)
        and first.fields.get("warc-filename") == name
        and all(
            isinstance(one, WarcRecord) and one.has_member and one.end == RECORD_END and has_true_block_digest(one)
            for one in chain((first,), records)
        )
    )
