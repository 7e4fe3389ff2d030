"""Read XPS files (Open XML Paper Specification, ECMA-388): the letters of each page, joined by their places.

Fonts have no names here, so that legacy letters are recognised by their spelling.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.elements.names import local_name
from crawler.attachments.formats.metafiles.pieces import Face, Piece, join_pieces
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.package import Package
from crawler.attachments.formats.packages.reading import finish, read_package, read_scans
from crawler.attachments.formats.pages import join_runs
from crawler.language.legacy.decoding import Run

_FIRST, _SEQUENCE = "fixedrepresentation", r".*\.fdseq"
# Parts of the height of a letter, for letters whose advance is that of the font.
_NARROW, _WIDE, _USUAL = frozenset("iìíỉĩịIÌÍfjlrt .,:;!|'()[]"), frozenset("mwMW"), 0.52
_NARROW_WIDTH, _WIDE_WIDTH = 0.28, 0.8

Matrix = tuple[float, float, float, float, float, float]
_NOTHING: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_xps(data: bytes, recogniser: Recogniser) -> TextReading:
    """Read the pages of a file in their order; if they have next to no text, the scans on them."""
    return read_package(data, "xps", read=lambda package: _read(package, recogniser))


def _read(package: Package, recogniser: Recogniser) -> TextReading:
    paths = list(dict.fromkeys(_list_pages(package)))
    pages = [_Page(package) for _ in paths]
    joined = join_runs(page.read(path) for page, path in zip(pages, paths, strict=True))
    scanned = read_scans(package, joined.text, method="xps", owners=paths, recogniser=recogniser)
    if scanned is not None:
        return scanned
    unread = sum(page.unread for page in pages)
    note = f"texts of glyphs alone: {unread}" if unread else None
    reading = finish(joined, "xps", package=package, pages=len(paths), note=note)
    return replace(reading, doubts=(*reading.doubts, "structure")) if unread and reading.text else reading


def _list_pages(package: Package) -> Iterator[str]:
    """Give the paths of the pages: a sequence names documents, which name their pages."""
    for sequence in package.related("", _FIRST) or package.find(_SEQUENCE):
        for document in _list_sources(package, sequence, of="DocumentReference"):
            yield from _list_sources(package, document, of="PageContent")


def _list_sources(package: Package, path: str, *, of: str) -> Iterator[str]:
    for _, element in package.parse(path, events=("end",)):
        if local_name(element) == of:
            yield posixpath.normpath(posixpath.join("/", posixpath.dirname(path), element.get("Source", "")))


@dataclass(slots=True)
class _Page:
    """Reads a page; a canvas may move and scale what it holds. `unread` counts texts of glyphs without letters."""

    package: Package
    matrices: list[Matrix] = field(default_factory=lambda: [_NOTHING])
    unread: int = 0

    def read(self, path: str) -> list[Run]:
        """Return the runs of a page, in the order in which it draws them."""
        return join_pieces(self._find_pieces(path))

    def _find_pieces(self, path: str) -> Iterator[Piece]:
        for event, element in self.package.parse(path):
            name = local_name(element)
            if name == "Canvas":
                if event == "start":
                    self.matrices.append(_join(_parse(element.get("RenderTransform")), self.matrices[-1]))
                else:
                    self.matrices.pop()
                    element.clear()
            elif event == "end" and name == "Canvas.RenderTransform":
                # The canvas has begun; what it holds comes after this.
                self.matrices[-1] = _join(_find_transform(element), self.matrices[-1])
            elif event == "end" and name == "Glyphs":
                yield from self._read_glyphs(element)
                element.clear()

    def _read_glyphs(self, glyphs: Element) -> Iterator[Piece]:
        text = glyphs.get("UnicodeString", "").removeprefix("{}")
        self.unread += not text and bool(glyphs.get("Indices", "").strip(";"))
        own = _find_transform(next((one for one in glyphs if local_name(one) == "Glyphs.RenderTransform"), None))
        a, b, c, d, e, f = _join(_join(_parse(glyphs.get("RenderTransform")), own), self.matrices[-1])
        x, y, size = (_number(glyphs.get(name)) for name in ("OriginX", "OriginY", "FontRenderingEmSize"))
        scale = max(abs(a), abs(b), abs(d))
        width = size * scale * _measure(text, glyphs.get("Indices", ""))
        if text:
            yield Piece(text, a * x + c * y + e, b * x + d * y + f, width, Face(height=size * scale))


def _measure(text: str, indices: str) -> float:
    """Return how wide a text is, in heights of its letters; advances are after the numbers of glyphs (12.1.3)."""
    told = [one.split(",") for one in indices.split(";")]
    advances = [_number(one[1]) / 100 if len(one) > 1 and one[1] else 0.0 for one in told]
    advances += [0.0] * (len(text) - len(advances))
    return sum(advance or _guess(letter) for advance, letter in zip(advances, text, strict=False))


def _guess(letter: str) -> float:
    return _NARROW_WIDTH if letter in _NARROW else _WIDE_WIDTH if letter in _WIDE else _USUAL


def _find_transform(holder: Element | None) -> Matrix:
    found = next((one for one in holder if local_name(one) == "MatrixTransform"), None) if holder is not None else None
    return _parse(found.get("Matrix")) if found is not None else _NOTHING


def _parse(text: str | None) -> Matrix:
    """Return a matrix of six numbers; one that changes nothing for others, and for names of resources."""
    numbers = [_number(one) for one in (text or "").replace(",", " ").split()]
    if len(numbers) != len(_NOTHING):
        return _NOTHING
    a, b, c, d, e, f = numbers
    return a, b, c, d, e, f


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _join(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
