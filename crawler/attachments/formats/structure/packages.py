"""Find the kind of a zip package by its parts: what it says it is, else what it holds (ECMA-376, ODF 1.3). Pure."""

import re
import struct
import zipfile
import zlib
from io import BytesIO
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

# What each file in a zip begins with.
_FILE = b"PK\x03\x04"
_TYPES, _RELATIONS = "[content_types].xml", "_rels/.rels"
# A file with a longer list of parts is not a document.
_MAX_LIST_BYTES = 2 * 1024**2
_MAX_NAME_BYTES = 200
# Before each file: its size, packed, and the lengths of its name and of what else is said (APPNOTE, 4.3.7).
_HEAD = struct.Struct("<18xI4xHH")
_MOST_FIRST_PARTS = 30
_FIRST_PARTS = (_TYPES, "_rels/", "docprops/", "customxml/", "word/", "xl/", "ppt/")
_FOLDERS = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, LookupError, OSError, EOFError, NotImplementedError,
    RuntimeError, OverflowError, ParseError, DefusedXmlException, zlib.error,
)  # fmt: skip
# Parts of media types, as Office and other programs write them for documents, templates, shows and those with macros.
_MAIN_TYPES = (
    (re.compile(r"sheet\.binary\.macroenabled\.main"), "xlsb"),
    (re.compile(r"(?:wordprocessingml\.\w+|ms-word\.\w+\.macroenabled\w*)\.main"), "docx"),
    (re.compile(r"(?:spreadsheetml\.\w+|ms-excel\.\w+\.macroenabled)\.main"), "xlsx"),
    (re.compile(r"(?:presentationml\.\w+|ms-powerpoint\.\w+\.macroenabled)\.main"), "pptx"),
)  # fmt: skip
# For packages whose list of types is missing or damaged.
_MAIN_PARTS = (
    (re.compile(r"word/document\d*\.xml"), "docx"),
    (re.compile(r"xl/workbook\d*\.xml"), "xlsx"),
    (re.compile(r"xl/workbook\d*\.bin"), "xlsb"),
    (re.compile(r"ppt/presentation\d*\.xml"), "pptx"),
)
# How the main part begins, for packages whose list of types does not name it and that have their own names for parts.
_ROOT = re.compile(rb"<(?:[\w.-]{1,40}:)?(document|workbook|presentation)[\s>]")
_KIND_BY_ROOT = {b"document": "docx", b"workbook": "xlsx", b"presentation": "pptx"}
_ROOT_BYTES = 4096
# The list of the documents of a file of fixed pages (ECMA-388).
_PAGES = ".fdseq"
_ODF = re.compile(r"application/(?:vnd\.oasis\.opendocument|vnd\.sun\.xml|x-vnd\.oasis\.opendocument)\.")


def find_package_kind(data: bytes) -> str | None:
    """Return the kind of a zip file, `zip` if it is not a document; None if its directory cannot be read.

    If the end of an archive is missing, the directory found is that of a document within it, stored as it is.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            is_within = data.startswith(_FILE) and min((part.header_offset for part in package.infolist()), default=0)
            return None if is_within else _find_kind(package)
    except _BROKEN:
        return None


def find_cut_kind(data: bytes) -> str | None:
    """Return the kind of a document whose directory is missing, by the names of its first parts; None if not known.

    An archive may hold a document as it is stored, so that only the first of its files count.
    """
    names: list[str] = []
    at = 0
    while len(names) < _MOST_FIRST_PARTS and data.startswith(_FILE, at) and at + _HEAD.size <= len(data):
        size, length, extra = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        names.append(data[at : at + length].decode("utf-8", "replace").replace("\\", "/").lower())
        if names == ["mimetype"]:
            said = data[at + length + extra : at + length + extra + size].decode("latin-1").lower()
            return "odf" if _ODF.match(said) else None
        # With a size of zero, the size is after the part: what follows is not known.
        following = at + length + extra + size if size else data.find(_FILE, at)
        at = following if following > 0 else len(data)
    if not names or not names[0].startswith(_FIRST_PARTS):
        return None
    return next((kind for folder, kind in _FOLDERS if any(name.startswith(folder) for name in names)), None)


def _find_kind(package: zipfile.ZipFile) -> str:
    # Some programs write other letter cases and the other slash.
    parts = {name.replace("\\", "/").lstrip("/").lower(): name for name in package.namelist()}
    if _TYPES in parts:
        said = _find_main_type(package, parts)
        for pattern, kind in _MAIN_TYPES:
            if pattern.search(said):
                return kind
        held = next((kind for pattern, kind in _MAIN_PARTS if any(map(pattern.fullmatch, parts))), None)
        held = held or _find_kind_by_root(package, parts)
        held = held or ("xps" if any(part.endswith(_PAGES) for part in parts) else None)
        # Drawings of Visio and other packages are not archives of documents.
        return held or "other"
    if "mimetype" in parts:
        kind = _read(package, parts["mimetype"], at_most=_MAX_NAME_BYTES).decode("latin-1").strip().lower()
        if _ODF.match(kind):
            return "odf"
        if kind == "application/epub+zip":
            return "epub"
    if {"content.xml", "meta-inf/manifest.xml"} <= set(parts):
        return "odf"
    return next((kind for pattern, kind in _MAIN_PARTS if any(map(pattern.fullmatch, parts))), "zip")


def _find_kind_by_root(package: zipfile.ZipFile, parts: dict[str, str]) -> str | None:
    main = _find_main_part(package, parts)
    if main not in parts:
        return None
    try:
        root = _ROOT.search(_read(package, parts[main], at_most=_ROOT_BYTES))
    except _BROKEN:
        return None
    return _KIND_BY_ROOT[root[1]] if root else None


def _find_main_type(package: zipfile.ZipFile, parts: dict[str, str]) -> str:
    """Return the media type of the main part: the one that the package's relations name, else the first that fits."""
    try:
        types = fromstring(_read(package, parts[_TYPES], at_most=_MAX_LIST_BYTES))
    except _BROKEN:
        return ""
    by_part: dict[str, str] = {}
    by_suffix: dict[str, str] = {}
    for element in types:
        said = element.get("ContentType", "").lower()
        if "PartName" in element.attrib:
            by_part[element.attrib["PartName"].lstrip("/").lower()] = said
        elif "Extension" in element.attrib:
            by_suffix[element.attrib["Extension"].lower()] = said
    main = _find_main_part(package, parts)
    if main in by_part:
        return by_part[main]
    if main is not None and ".main" in by_suffix.get(main.rpartition(".")[2], ""):
        return by_suffix[main.rpartition(".")[2]]
    return next((said for said in by_part.values() if any(pattern.search(said) for pattern, _ in _MAIN_TYPES)), "")


def _find_main_part(package: zipfile.ZipFile, parts: dict[str, str]) -> str | None:
    if _RELATIONS not in parts:
        return None
    try:
        relations = fromstring(_read(package, parts[_RELATIONS], at_most=_MAX_LIST_BYTES))
    except _BROKEN:
        return None
    targets = (one.get("Target", "") for one in relations if one.get("Type", "").lower().endswith("/officedocument"))
    return next((unquote(target).replace("\\", "/").removeprefix("./").lstrip("/").lower() for target in targets), None)


def _read(package: zipfile.ZipFile, name: str, *, at_most: int) -> bytes:
    with package.open(name) as part:
        return part.read(at_most)
