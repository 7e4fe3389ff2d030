"""Read an archive as one text: each file in it by its own kind, under its name."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.archives.entries import (
    MAX_FILE_BYTES,
    Allowance,
    ArchiveError,
    Entry,
    EntryError,
    is_system_file,
)
from crawler.attachments.formats.archives.messages import list_mail, list_message
from crawler.attachments.formats.archives.packed import list_packed, name_library
from crawler.attachments.formats.archives.zips import has_other_methods, list_zip
from crawler.attachments.formats.pages import MAX_CHARACTERS
from crawler.attachments.formats.system_tools import ARCHIVES

# Formats without text: their files are named, and nobody misses pages of them.
_NO_DOCUMENT = "unknown-kind"
_MAX_NAMED = 20
_BETWEEN = "\n\n"
# Messages of e-mail hold files as archives do, by the kind of their own file: how they are listed, and what reads them.
MESSAGES = {"mail": (list_mail, "email"), "message": (list_message, "olefile")}


@dataclass(slots=True)
class _Files:
    """Progress of reading one archive: the texts with their names, and why each other file gave none."""

    texts: list[str] = field(default_factory=list)
    readings: list[TextReading] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    empty: int = 0
    size: int = 0


def read_archive(
    data: bytes, name: str, *, is_zip: bool, read: Callable[[bytes, str], TextReading], left: Allowance,
    tools: frozenset[str],
) -> TextReading:  # fmt: skip
    """Read the files of an archive within what is left of its allowance. What is not read is named in `detail`.

    Args:
        data: the archive.
        name: its own name.
        is_zip: whether it is a ZIP with a directory; libarchive reads all others.
        read: reads one file, which may be an archive too.
        left: what may still be unpacked; it counts for archives within too.
        tools: what may be used.
    """
    if left.depth <= 0:
        return TextReading(reason="too-large", detail="an archive within too many archives")
    by_zipfile = is_zip and not (ARCHIVES in tools and has_other_methods(data))
    if not by_zipfile and ARCHIVES not in tools:
        return TextReading(reason="no-tool", detail=f"{ARCHIVES} is not installed", lacks=ARCHIVES)
    entries = list_zip(data) if by_zipfile else list_packed(data, name)
    return _read_entries(entries, read=read, left=left, tool="zipfile" if by_zipfile else name_library())


def read_message(data: bytes, kind: str, *, read: Callable[[bytes, str], TextReading], left: Allowance) -> TextReading:
    """Read a message of one of the kinds of `MESSAGES`, its text under its subject, and the files sent with it.

    The other arguments are those of `read_archive`.
    """
    if left.depth <= 0:
        return TextReading(reason="too-large", detail="an archive within too many archives")
    list_entries, tool = MESSAGES[kind]
    return _read_entries(list_entries(data), read=read, left=left, tool=tool)


def _read_entries(
    entries: Iterator[Entry], *, read: Callable[[bytes, str], TextReading], left: Allowance, tool: str
) -> TextReading:
    files = _Files()
    left.depth -= 1
    try:
        for entry in entries:
            if not is_system_file(entry.name):
                _read_entry(entry, files, read=read, left=left)
    except ArchiveError as error:
        files.unread.append((f"the rest of the archive: {error.detail}", error.reason))
    finally:
        left.depth += 1
    return _report(files, tool=tool)


def _read_entry(entry: Entry, files: _Files, *, read: Callable[[bytes, str], TextReading], left: Allowance) -> None:
    if left.is_spent() or files.size > MAX_CHARACTERS:
        files.unread.append((entry.name, "beyond the limits"))
        return
    left.files -= 1
    try:
        data = entry.read(min(MAX_FILE_BYTES, left.unpacked))
        left.unpacked -= len(data)
        reading = read(data, entry.name) if data else TextReading(reason="no-text")
    except EntryError as error:
        reading = TextReading(reason=str(error))
    except MemoryError:
        reading = TextReading(reason="out-of-memory")
    except Exception as error:  # as for files outside of archives: the next file is read in any case
        reading = TextReading(reason="broken", detail=type(error).__name__)
    files.readings.append(reading)
    if reading.text is not None:
        files.texts.append(f"{entry.name}\n{reading.text}")
        files.size += len(files.texts[-1])
    elif reading.reason == "no-text":
        files.empty += 1
    else:
        files.unread.append((entry.name, reading.reason or "broken"))


def _report(files: _Files, *, tool: str) -> TextReading:
    whole = _BETWEEN.join(files.texts)
    text = whole[:MAX_CHARACTERS].rstrip("\n")
    missed = [reason for _, reason in files.unread if reason != _NO_DOCUMENT]
    read = len(files.texts) + files.empty
    readings = files.readings
    tools = dict.fromkeys(chain([tool], *((one.tool or "").split(", ") for one in readings if one.tool)))
    reason = None if text else (Counter(missed).most_common(1)[0][0] if missed else _say_empty(files))
    return TextReading(
        text or None,
        "archive" if text else None,
        is_ocr=any(one.is_ocr for one in readings),
        reason="too-large" if reason == "beyond the limits" else reason,
        detail=_name_unread(files) or None,
        tool=", ".join(tools),
        lacks=next((one.lacks for one in readings if one.lacks), None),
        pages=read + len(missed),
        pages_read=read,
        is_cut=bool(text) and (text != whole or bool(missed) or any(one.is_cut for one in readings)),
        doubts=tuple(dict.fromkeys(doubt for one in readings for doubt in one.doubts)) if text else (),
        page_starts=tuple(_find_starts(files.texts, len(text))),
    )


def _say_empty(files: _Files) -> str:
    return _NO_DOCUMENT if files.unread and not files.empty else "no-text"


def _find_starts(texts: list[str], end: int) -> Iterator[int]:
    at = 0
    for text in texts:
        yield min(at, end)
        at += len(text) + len(_BETWEEN)


def _name_unread(files: _Files) -> str:
    notes = [one.detail for one in files.readings if one.text is not None and one.detail]
    names = [f"{name} ({reason})" for name, reason in files.unread]
    more = [f"{len(names) - _MAX_NAMED} more"] if len(names) > _MAX_NAMED else []
    said = ["not read: " + ", ".join(names[:_MAX_NAMED] + more)] if names else []
    return "; ".join(said + notes[:_MAX_NAMED])
