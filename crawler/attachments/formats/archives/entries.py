"""What an archive holds: the files in it, their names, and the limits for all of them. Pure."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from crawler.attachments.limits import SUITE_SECONDS
from crawler.language.legacy.tcvn3 import decode_tcvn3
from crawler.language.legacy.vni import decode_vni
from crawler.language.legacy.windows import count_syllables
from crawler.language.normal_form import compose

# Larger archives are pictures or source code. The numbers count for an archive and all those in it together.
MAX_FILES = 500
MAX_UNPACKED_BYTES = 300 * 1024**2
MAX_FILE_BYTES = 100 * 1024**2
# A few kilobytes that unpack to more than this, at more than this rate, are made to fill a disk.
MAX_RATE, MIN_RATED_BYTES = 250, 20 * 1024**2
MAX_DEPTH = 3
# Files begun after this time are left out; OCR has its own time. The reader of the last one needs some too.
SECONDS = 40.0
_MAX_NAME_LETTERS = 200
# What systems add by themselves.
_SYSTEM_NAMES = frozenset((".ds_store", "thumbs.db", "desktop.ini"))
_SYSTEM_FOLDER = "__MACOSX"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive.

    Args:
        name: its path in the archive, as `clean_name` gives it.
        read: returns its bytes, at most the number given; raises `EntryError`. Only until the next entry is asked for.
    """

    name: str
    read: Callable[[int], bytes]


class EntryError(Exception):
    """Raised when a file in an archive cannot be read, by `Entry.read`; its text is the reason, as `TextReading`'s."""


class ArchiveError(Exception):
    """Raised when an archive cannot be read, or not to its end, by `list_zip` and `list_packed`: reason, detail."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Allowance:
    """What an attachment may still unpack: files, bytes, levels and seconds; until when LibreOffice may read of it."""

    files: int = MAX_FILES
    unpacked: int = MAX_UNPACKED_BYTES
    depth: int = MAX_DEPTH
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    suite_until: float = field(default_factory=lambda: time.monotonic() + SUITE_SECONDS)

    def is_spent(self) -> bool:
        """Whether no more files may be read."""
        return self.files <= 0 or self.unpacked <= 0 or time.monotonic() > self.until


def clean_name(path: str) -> str:
    r"""Return the path of a file in an archive as it is shown: no root, no steps up, no control characters.

    >>> clean_name("..\\..\\C:\\Van ban\\a.pdf"), clean_name("/etc/../a\n.doc")
    ('Van ban/a.pdf', 'etc/a.doc')
    """
    parts = path.replace("\\", "/").split("/")
    kept = [part for part in parts if part not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", part)]
    shown = "".join(letter for letter in "/".join(kept) if letter.isprintable())
    return _undo_dos(compose(shown))[-_MAX_NAME_LETTERS:]


def is_system_file(name: str) -> bool:
    """Return whether a system added the file by itself."""
    path = PurePosixPath(name)
    return path.name.lower() in _SYSTEM_NAMES or path.parts[:1] == (_SYSTEM_FOLDER,)


def decode_name(raw: bytes) -> str:
    r"""Return the name of a file whose encoding the archive does not state: UTF-8, Vietnamese Windows, TCVN3, VNI, DOS.

    >>> decode_name("Phụ lục.doc".encode()), decode_name(b"K\xea\xec hoa\xf2ch.doc"), decode_name(b"caf\x82.doc")
    ('Phụ lục.doc', 'Kế hoạch.doc', 'café.doc')
    >>> decode_name(b"Danh s\xb8ch tr\xad\xebng th\xabn.doc")
    'Danh sách trưởng thôn.doc'
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Of two that give as many syllables, the first.
        dos, windows = (raw.decode(codec, "replace") for codec in ("cp437", "cp1258"))
        tcvn3, vni = decode_tcvn3(raw.decode("latin-1")), decode_vni(raw.decode("latin-1"))
        return max(dos, compose(windows), tcvn3, vni, key=count_syllables)


def _undo_dos(name: str) -> str:
    """Return a name whose bytes a program took for letters of DOS, and wrote in UTF-8, as it was; any other unchanged.

    >>> _undo_dos("L╞░╞íng.pdf"), _undo_dos("tr¡δng th½n"), _undo_dos("thông báo"), _undo_dos("Kế hoạch")
    ('Lương.pdf', 'trưởng thôn', 'thông báo', 'Kế hoạch')
    """
    try:
        return name if name.isascii() else max(name, decode_name(name.encode("cp437")), key=count_syllables)
    except UnicodeEncodeError:
        return name
