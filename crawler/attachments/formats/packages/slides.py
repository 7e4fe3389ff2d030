"""Read presentations (PresentationML, ECMA-376): each slide as it is shown, with its notes, charts and comments."""

from dataclasses import dataclass, field

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.elements.names import local_name
from crawler.attachments.formats.embedded import ReadWithin, name_unread, read_embedded
from crawler.attachments.formats.metafiles.reader import SUFFIXES, read_metafiles
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.charts import CHARTS, read_chart
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts, Levels, ShapeFonts
from crawler.attachments.formats.packages.package import (
    Package,
    parse_comments,
    parse_drawing,
    parse_master,
    read_theme,
)
from crawler.attachments.formats.packages.reading import finish, read_package, read_scans
from crawler.attachments.formats.pages import join_runs
from crawler.language.legacy.decoding import Run

_LAYOUT, _MASTER, _NOTES = "slideLayout", "slideMaster", "notesMaster"
# What a layout holds in the place of the number of the slide.
_NUMBER_MARK = "‹#›"
_MAIN, _SLIDES = r"ppt/presentation\d*\.xml", r"ppt/slides/slide\d+\.xml"


def read_pptx(data: bytes, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    """Read a presentation; if it has no text, the scans on its slides.

    Args:
        data: its bytes.
        recogniser: for its scans.
        read: reads a document that is set on a slide, by its bytes and name.
    """
    return read_package(data, "pptx", read=lambda package: _read(package, recogniser, read=read))


def _read(package: Package, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    paths = _list_slides(package) or package.find(_SLIDES)
    masters = _Masters(package)
    slides: list[list[Run]] = []
    unread: list[str] = []
    for number, path in enumerate(paths, 1):
        within = read_embedded(package.read_objects([path]), read)
        own = _read_slide(package, path, masters=masters)
        shown = (Run(run.text.replace(_NUMBER_MARK, str(number)), run.font) for run in own)
        runs = [*shown, *(Run(f"\n{text}") for text in within.texts)]
        drawn = package.read_pictures([path, *package.related(path, "vmlDrawing")], suffixes=SUFFIXES)
        slides.append([*runs, *read_metafiles(drawn, said="".join(run.text for run in runs))])
        unread += within.unread
    joined = join_runs(slides)
    scanned = read_scans(package, joined.text, method="pptx", owners=paths, recogniser=recogniser)
    return scanned or finish(joined, "pptx", package=package, pages=len(paths), note=name_unread(unread))


def _list_slides(package: Package) -> list[str]:
    try:
        main = package.find_main(_MAIN)
    except KeyError:
        return []
    by_number = {relation.number: relation.path for relation in package.relations(main)}
    listed: list[str] = []
    for _, element in package.parse(main, events=("end",)):
        # Its own number is without a namespace, and differs.
        names = (value for key, value in element.attrib.items() if key.endswith("}id"))
        if local_name(element) == "sldId":
            listed += [by_number[name] for name in names if name in by_number]
    return listed


def _read_slide(package: Package, path: str, *, masters: "_Masters") -> list[Run]:
    fonts = masters.find_fonts(path)
    runs = [*parse_drawing(package, path, fonts=fonts), *masters.read(path)]
    for part in package.related(path, *CHARTS):
        runs += [Run("\n"), *read_chart(package, part, fonts=fonts)]
    for part in package.related(path, "diagramData"):
        runs += [Run("\n"), *parse_drawing(package, part, fonts=fonts)]
    for part in package.related(path, "notesSlide"):
        runs += [Run("\n"), *parse_drawing(package, part, fonts=masters.find_fonts(part))]
    for part in package.related(path, "comments"):
        runs += [Run("\n"), *parse_comments(package, part)]
    return runs


@dataclass(slots=True)
class _Masters:
    """What slides show of their layouts and masters, and the fonts that these give them. Each is read once."""

    package: Package
    texts: dict[str, list[Run]] = field(default_factory=dict)
    levels: dict[str, tuple[Levels, Levels]] = field(default_factory=dict)
    themes: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self, path: str) -> list[Run]:
        """Return what a slide shows of its layout and master."""
        runs: list[Run] = []
        for kind in (_LAYOUT, _MASTER):
            above = self._find(path, kind)
            if above is None or not _shows_master(self.package, path):
                break
            if above not in self.texts:
                self.texts[above] = parse_master(self.package, above, fonts=self.find_fonts(above))
            runs += [Run("\n"), *self.texts[above]]
            path = above
        return runs

    def find_fonts(self, path: str) -> DrawingFonts:
        """Return the fonts that a slide, layout, master or page of notes inherits."""
        layout = self._find(path, _LAYOUT)
        master = self._find(layout or path, _MASTER) or self._find(path, _NOTES) or path
        if master not in self.themes:
            self.themes[master] = read_theme(self.package, master)
        numbered = self._read_levels(layout)[0] if layout else {}
        main = next(iter(self.package.related("", "officeDocument")), None)
        default = self._read_levels(main)[1] if main else {}
        return DrawingFonts(self.themes[master], numbered, self._read_levels(master)[1], default)

    def _find(self, path: str, kind: str) -> str | None:
        return next(iter(self.package.related(path, kind)), None)

    def _read_levels(self, path: str) -> tuple[Levels, Levels]:
        """Return the fonts that a part has for those that inherit from it: of its placeholders, and of its styles."""
        if path not in self.levels:
            fonts = ShapeFonts(DrawingFonts())
            for event, element in self.package.parse(path):
                if event == "start":
                    fonts.begin(local_name(element), element.attrib)
                else:
                    fonts.end(local_name(element))
            self.levels[path] = (fonts.numbered, fonts.named)
        return self.levels[path]


def _shows_master(package: Package, path: str) -> bool:
    root = next((element for _, element in package.parse(path, events=("start",))), None)
    return root is not None and root.get("showMasterSp", "1") not in ("0", "false")
