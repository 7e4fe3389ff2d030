"""Open a package of parts (ECMA-376, part 2) within a limit, and follow what its parts name. Pure."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawler.attachments.formats.elements.names import local_name
from crawler.attachments.formats.list_numbers import LARGEST, SlideNumbers
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts, ShapeFonts
from crawler.language.legacy.decoding import Run
from crawler.language.numbers import whole_number

# The limit for all parts together, unpacked: a few kilobytes of zip can hold gigabytes.
MAX_UNPACKED_BYTES = 300 * 1024**2
BROKEN = (
    zipfile.BadZipFile, ParseError, DefusedXmlException, ValueError, OSError, EOFError, LookupError,
    OverflowError, zlib.error,
)  # fmt: skip
# A piece with damage in it is lost.
_PIECE_BYTES = 1024
# What `zipfile` raises for a part with a password, and for packings that it does not know.
LOCKED, UNKNOWN_PACKING = RuntimeError, NotImplementedError
# What a part that holds a document is called, by the program that the document is of.
_OBJECTS = ("package", "oleObject")
# What holds names in a chart: those of a series, if it refers to no cells, too.
_NAMES = ("strCache", "strLit", "tx")
_SHAPES = frozenset(("sp", "pic", "graphicFrame"))
# Repeats the words of a text box, for programs that cannot draw one.
_SECOND_FORM = "Fallback"


class TooLargeError(Exception):
    """Raised when the parts that are read unpack to more than MAX_UNPACKED_BYTES, by `Package.read`."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A part that another names: its number there, what it is (`image`, `header`), and its path in the package."""

    number: str
    kind: str
    path: str


class Package:
    """A package. Paths of parts are compared without regard to case, and to the slash that some programs write.

    Attributes:
        damaged: the parts that could not be read to their end.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(BytesIO(data))
        self._names = {_plain(name): name for name in self._zip.namelist()}
        self._left = MAX_UNPACKED_BYTES
        self.damaged: list[str] = []

    def read(self, path: str) -> bytes:
        """Return a part.

        Raises:
            TooLargeError: if the parts read so far are too large together.
            KeyError: if there is none; others of BROKEN if it is damaged; LOCKED if it has a password.
        """
        name = self._names[_plain(path)]
        # `zipfile` reads no more of a part than its stated size; more data is a checksum error.
        self._left -= self._zip.getinfo(name).file_size
        if self._left < 0:
            raise TooLargeError(f"unpacks to more than {MAX_UNPACKED_BYTES} bytes")
        return self._zip.read(name)

    def find(self, pattern: str) -> list[str]:
        """Return the paths that match a pattern, in small letters, those with numbers by their numbers."""
        found = filter(re.compile(pattern).fullmatch, self._names)
        # The parts at odd places of the split are numbers: the shorter is the smaller.
        return sorted(
            found, key=lambda path: [(len(part) * (at % 2), part) for at, part in enumerate(re.split("([0-9]+)", path))]
        )

    def relations(self, path: str) -> list[Relation]:
        """Return what a part names within the package; what the package itself names for "". [] if it names nothing."""
        folder, name = posixpath.split(_plain(path))
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        if listing not in self._names:
            return []
        found: list[Relation] = []
        for _, element in self.parse(listing, events=("end",)):
            if local_name(element) == "Relationship" and element.get("TargetMode", "").lower() != "external":
                target = unquote(element.get("Target", "")).replace("\\", "/")
                whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = element.get("Type", "").rpartition("/")[2]
                found.append(Relation(element.get("Id", ""), kind, _plain(posixpath.normpath(whole))))
        return found

    def related(self, path: str, *kinds: str) -> list[str]:
        """Return the paths of the parts of some kinds that a part names, each once."""
        found = (relation.path for relation in self.relations(path) if relation.kind in kinds)
        return [one for one in dict.fromkeys(found) if one in self._names]

    def read_objects(self, owners: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Give the paths and bytes of the objects that parts hold, each once. A damaged one is named in `damaged`."""
        for path in dict.fromkeys(path for owner in owners for path in self.related(owner, *_OBJECTS)):
            try:
                yield path, self.read(path)
            except BROKEN:
                self.damaged.append(path)

    def read_pictures(self, owners: Iterable[str], *, suffixes: tuple[str, ...]) -> Iterator[bytes]:
        """Give the pictures of some kinds that parts show, each once. A damaged one is named in `damaged`."""
        for path in dict.fromkeys(path for owner in owners for path in self.related(owner, "image")):
            try:
                if path.endswith(suffixes):
                    yield self.read(path)
            except BROKEN:
                self.damaged.append(path)

    def find_main(self, pattern: str) -> str:
        """Return the path of the main part: the one that the package names, else the first that matches a pattern.

        Raises:
            KeyError: if there is none.
        """
        main = next(iter(self.related("", "officeDocument")), None) or next(iter(self.find(pattern)), None)
        if main is None:
            raise KeyError(pattern)
        return main

    def parse(self, path: str, *, events: Iterable[str] = ("start", "end")) -> Iterator[tuple[str, Element]]:
        """Give the elements of a part, without those that repeat others. What is before damage is given.

        A damaged or missing part is named in `damaged`.
        """
        try:
            data = self.read(path)
        except BROKEN:
            self.damaged.append(path)
            data = self._read_start(path)
        try:
            yield from _drop_second_forms(iterparse(BytesIO(data), events=("start", "end")), set(events))
        except BROKEN:
            self.damaged.append(path)

    def _read_start(self, path: str) -> bytes:
        """Return what can be unpacked of a damaged part, up to its damage; b"" for one that is missing."""
        pieces: list[bytes] = []
        with suppress(*BROKEN), self._zip.open(self._names[_plain(path)]) as part:
            while piece := part.read(_PIECE_BYTES):
                pieces.append(piece)
        return b"".join(pieces)

    def describe_damage(self) -> str | None:
        """Return which parts are damaged; for `TextReading.detail`."""
        return f"damaged parts: {', '.join(dict.fromkeys(self.damaged))}" if self.damaged else None


def _drop_second_forms(parsed: Iterator[tuple[str, Element]], events: set[str]) -> Iterator[tuple[str, Element]]:
    unseen = 0
    for event, element in parsed:
        if local_name(element) == _SECOND_FORM:
            unseen += 1 if event == "start" else -1
        elif not unseen and event in events:
            yield event, element


def _plain(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").lower()


def read_theme(package: Package, owner: str) -> dict[str, str]:
    """Return the fonts of the theme of a part for letters of the West: `major` and `minor` (DrawingML, 20.1.4.1.24)."""
    fonts: dict[str, str] = {}
    which: str | None = None
    for path in package.related(owner, "theme"):
        for event, element in package.parse(path):
            name = local_name(element)
            if name in ("majorFont", "minorFont"):
                which = name.removesuffix("Font") if event == "start" else None
            elif event == "end" and name == "latin" and which is not None and (font := element.get("typeface")):
                fonts[which] = font
    return fonts


def parse_drawing(package: Package, path: str, *, fonts: DrawingFonts) -> list[Run]:
    """Return the texts of a drawing, slide, chart or diagram (DrawingML), a paragraph or row of a table a line."""
    return _read_drawing(package.parse(path), ShapeFonts(fonts))


def parse_master(package: Package, path: str, *, fonts: DrawingFonts) -> list[Run]:
    """Return the texts that the master or layout of a slide shows on it: not those of placeholders, which it fills."""
    return _read_drawing(_drop_placeholders(package.parse(path)), ShapeFonts(fonts))


def _drop_placeholders(parsed: Iterator[tuple[str, Element]]) -> Iterator[tuple[str, Element]]:
    """Leave out the rest of each shape that says, before its text, that it is a placeholder."""
    is_dropped = False
    for event, element in parsed:
        name = local_name(element)
        is_dropped = name == "ph" or (is_dropped and not (event == "end" and name in _SHAPES))
        if not is_dropped:
            yield event, element


@dataclass(slots=True)
class _Paragraphs:
    """The paragraphs of a shape: the level of the one that is read, how it is numbered, whether it has letters yet."""

    numbers: SlideNumbers = field(default_factory=SlideNumbers)
    depth: int = 0
    scheme: str = ""
    start: int = 1
    has_text: bool = False

    def enter(self, element: Element) -> None:
        """Learn from an element that begins."""
        name = local_name(element)
        if name == "txBody":
            self.numbers = SlideNumbers()
        elif name == "p":
            self.depth, self.scheme, self.start, self.has_text = 0, "", 1, False
        elif name == "pPr":
            self.depth = whole_number(element.get("lvl", ""), at_most=8) or 0
        elif name == "buAutoNum":
            self.scheme = element.get("type", "")
            self.start = whole_number(element.get("startAt", ""), at_most=LARGEST) or 1

    def number(self, text: str | None) -> str:
        """Return the number that the paragraph shows before this text, which no text holds; "" if it shows none."""
        if not text or self.has_text:
            return ""
        self.has_text = True
        if self.scheme:
            return self.numbers.count(self.depth, self.scheme, start=self.start)
        self.numbers.pass_by(self.depth)
        return ""


def _read_drawing(parsed: Iterator[tuple[str, Element]], fonts: ShapeFonts) -> list[Run]:
    runs: list[Run] = []
    font: str | None = None
    paragraphs = _Paragraphs()
    cells = names = 0
    for event, element in parsed:
        name = local_name(element)
        step = 1 if event == "start" else -1
        if name == "tc":
            cells += step
        elif name in _NAMES:
            names += step
        if event == "start":
            font = None if name in ("r", "fld") else font
            paragraphs.enter(element)
            fonts.begin(name, element.attrib)
            continue
        fonts.end(name)
        if name == "latin":
            font = element.get("typeface")
        elif name == "t" or (name == "v" and names):
            text = paragraphs.number(element.text) + (element.text or "")
            runs.append(Run(text + ("\n" if name == "v" else ""), fonts.find(font, paragraphs.depth)))
        elif name == "br":
            runs.append(Run(" " if cells else "\n", fonts.find(font, paragraphs.depth)))
        elif name in ("p", "tc", "tr"):
            runs.append(Run(" " if cells or name == "tc" else "\n", fonts.find(font, paragraphs.depth)))
        if name in ("p", "ser"):
            element.clear()
    return runs


def parse_comments(package: Package, path: str) -> list[Run]:
    """Return the comments of a part, each on its own line."""
    runs: list[Run] = []
    for _, element in package.parse(path, events=("end",)):
        if local_name(element) in ("t", "text"):
            runs.append(Run(element.text or ""))
        elif local_name(element) in ("comment", "threadedComment", "cm"):
            runs.append(Run("\n"))
    return runs
