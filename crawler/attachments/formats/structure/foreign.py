"""Recognise documents that no reader of ours knows, and only LibreOffice reads. Pure."""

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

import olefile

_ZIP = b"PK\x03\x04"
# Before this, a document of iWork says what it is.
_HEAD_BYTES = 1024
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A kind of document of another program.

    Args:
        title: the program, as people call it.
        target: as which file LibreOffice saves it: `odt`, `xlsx`, `odp`, `odg`.
        import_filter: LibreOffice's filter that must read it; None if it may choose. It takes bytes that it does not
            know for a plain text, so that all that become a text have one.
    """

    title: str
    target: str
    import_filter: str | None = None


_WORKS, _WORKS_SHEET = Foreign("Microsoft Works", "odt", "MS_Works"), Foreign("Microsoft Works", "xlsx")
_WORDPERFECT, _QUATTRO = Foreign("WordPerfect", "odt", "WordPerfect"), Foreign("Quattro Pro", "xlsx")
_LOTUS, _VISIO, _COREL = Foreign("Lotus 1-2-3", "xlsx"), Foreign("Visio", "odg"), Foreign("CorelDRAW", "odg")
_PAGES, _NUMBERS = Foreign("Apple Pages", "odt", "Apple Pages"), Foreign("Apple Numbers", "xlsx", "Apple Numbers")
_KEYNOTE = Foreign("Apple Keynote", "odp", "Apple Keynote")
# What files begin with; as libwpd, libwps, libmwaw and LibreOffice recognise them.
_BEGINNINGS: tuple[tuple[re.Pattern[bytes], Foreign], ...] = (
    (re.compile(rb"\xffWPC.{4}\x01[\x0a\x2c]", re.DOTALL), _WORDPERFECT),
    (re.compile(rb"[\x31\x32]\xbe\0\0\0\xab"), Foreign("Windows Write", "odt", "MS_Write")),
    (re.compile(rb"(?:\0\0\x02\0|\xff\0\x02\0)\x04\x04\x05\x54"), _WORKS_SHEET),
    (re.compile(rb"\xff\0\x02\0\x04\x04"), _WORKS_SHEET),
    (re.compile(rb"\0\0\x02\0[\x04-\x06]\x04|\0\0\x1a\0[\0-\x05]\x10\x04\0"), _LOTUS),
    (re.compile(rb"\0\0\x02\0(?:[\x20\x21]\x51|[\x01\x02\x06\x07]\x10)"), _QUATTRO),
    (re.compile(rb"ID;P"), Foreign("SYLK", "xlsx")),
    (re.compile(rb"TABLE\r?\n0,1\r?\n\""), Foreign("DIF", "xlsx")),
    (re.compile(rb"\xed\xde\xad\x0b|\x0b\xad\xde\xed"), Foreign("PowerPoint before 97", "odp")),
    (re.compile(rb"\xfe[\x32\x34\x37]\0"), Foreign("Word for Macintosh", "odt", "Mac_Word")),
    (re.compile(rb".{4}BOBO", re.DOTALL), Foreign("AppleWorks", "odt", "ClarisWorks")),
    (re.compile(rb"WordPro[\0\r\n]"), Foreign("Lotus Word Pro", "odt", "LotusWordPro")),
    (re.compile(rb"HWP Document File"), Foreign("Hangul", "odt", "writer_MIZI_Hwp_97")),
    (re.compile(rb"RIFF.{4}CDR", re.DOTALL), _COREL),
)
# What only a name with this suffix makes sure.
_OLD_WORKS, _WORKS_SUFFIX = re.compile(rb"[\0-\x05]\xfe"), ".wps"
# Entries of the root of a compound file, with what the stream begins with.
_ENTRIES: tuple[tuple[str, bytes, Foreign], ...] = (
    ("visiodocument", b"", _VISIO),
    ("quill", b"", Foreign("Publisher", "odg")),
    ("matost", b"", _WORKS),
    ("contents", b"CHNK", _WORKS),
    ("nativecontent_main", b"", _QUATTRO),
    ("perfectoffice_main", b"\xffWPC", _WORDPERFECT),
    ("perfectoffice_main", b"", _QUATTRO),
    ("starwriterdocument", b"", Foreign("StarOffice", "odt", "StarOffice_Writer")),
    ("starcalcdocument", b"", Foreign("StarOffice", "xlsx")),
    ("stardrawdocument3", b"", Foreign("StarOffice", "odp", "StarOffice_Presentation")),
    ("stardrawdocument", b"", Foreign("StarOffice", "odp", "StarOffice_Presentation")),
)
_IWORK_BY_SUFFIX = {".pages": _PAGES, ".numbers": _NUMBERS, ".key": _KEYNOTE}
_IWORK_PARTS = re.compile(r"(?:[^/]+/)?index(?:\.zip|\.xml(?:\.gz)?|\.apxl(?:\.gz)?|/document\.iwa)")
_IWORK_ROOT = re.compile(rb"<(ls|sl):document\b")


def find_foreign(data: bytes, name: str) -> Foreign | None:
    r"""Return the kind of a document that only LibreOffice reads, by its structure; None for any other.

    >>> find_foreign(b"\xffWPC\x95\x06\0\0\x01\x0a\x02\x01", "a.doc").title, find_foreign(b"tin", "a.txt")
    ('WordPerfect', None)
    """
    if data.startswith(_ZIP):
        return _find_package(data, name)
    if data.startswith(olefile.MAGIC):
        return _find_compound(data)
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == _WORKS_SUFFIX and _OLD_WORKS.match(data):
        return _WORKS
    return next((foreign for pattern, foreign in _BEGINNINGS if pattern.match(data)), None)


def _find_compound(data: bytes) -> Foreign | None:
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            names = {path[0].lower(): path[0] for path in compound.listdir(streams=True, storages=True)}
            for entry, begins, foreign in _ENTRIES:
                if entry in names and (not begins or compound.openstream(names[entry]).read(16).startswith(begins)):
                    return foreign
    except Exception:  # a damaged file raises whatever its damage leads to
        return None
    return None


def _find_package(data: bytes, name: str) -> Foreign | None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = {part.replace("\\", "/").lower(): part for part in package.namelist()}
            if "visio/document.xml" in parts:
                return _VISIO
            if "content/riffdata.cdr" in parts or "content/root.dat" in parts:
                return _COREL
            return _find_iwork(package, parts, suffix=PurePosixPath(name.lower()).suffix)
    except _BROKEN:
        return None


def _find_iwork(package: zipfile.ZipFile, parts: dict[str, str], *, suffix: str) -> Foreign | None:
    main = next((part for part in parts if _IWORK_PARTS.fullmatch(part)), None)
    if main is None:
        return None
    if main.endswith("index.xml"):
        with package.open(parts[main]) as part:
            root = _IWORK_ROOT.search(part.read(_HEAD_BYTES))
        # A page of a site is called so, too.
        return None if root is None else _NUMBERS if root[1] == b"ls" else _PAGES
    if "apxl" in main or any("index/slide" in part for part in parts):
        return _KEYNOTE
    # What is in the newer files is packed in a way of its own.
    return _IWORK_BY_SUFFIX.get(suffix, _PAGES if main.endswith("document.iwa") else None)
