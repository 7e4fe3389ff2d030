"""Read presentations (PresentationML, ECMA-376): each slide as it is shown, with its notes, charts and comments."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.embedded import ReadWithin, name_unread, read_embedded
from crawler.attachments.formats.metafiles.reader import SUFFIXES, read_metafiles
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.charts import read_chart
from crawler.attachments.formats.packages.package import (
    Package,
    local_name,
    parse_comments,
    parse_drawing,
    parse_master,
)
from crawler.attachments.formats.packages.reading import finish, read_package, read_scans
from crawler.attachments.formats.pages import decode_pages, join_pages
from crawler.language.legacy.decoding import Run

_MASTERS = ("slideLayout", "slideMaster")
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
    masters: dict[str, list[Run]] = {}
    slides: list[list[Run]] = []
    unread: list[str] = []
    for path in paths:
        within = read_embedded(package.read_objects([path]), read)
        runs = [*_read_slide(package, path, masters=masters), *(Run(f"\n{text}") for text in within.texts)]
        drawn = package.read_pictures([path, *package.related(path, "vmlDrawing")], suffixes=SUFFIXES)
        slides.append([*runs, *read_metafiles(drawn, said="".join(run.text for run in runs))])
        unread += within.unread
    joined = join_pages(decode_pages(slides))
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


def _read_slide(package: Package, path: str, *, masters: dict[str, list[Run]]) -> list[Run]:
    runs = [*parse_drawing(package, path), *_read_masters(package, path, masters=masters)]
    for part in package.related(path, "chart"):
        runs += [Run("\n"), *read_chart(package, part)]
    for part in package.related(path, "diagramData", "notesSlide"):
        runs += [Run("\n"), *parse_drawing(package, part)]
    for part in package.related(path, "comments"):
        runs += [Run("\n"), *parse_comments(package, part)]
    return runs


def _read_masters(package: Package, path: str, *, masters: dict[str, list[Run]]) -> list[Run]:
    """Return what a slide shows of its layout and master; `masters` holds what was read for other slides."""
    runs: list[Run] = []
    for kind in _MASTERS:
        above = next(iter(package.related(path, kind)), None)
        if above is None or not _shows_master(package, path):
            break
        if above not in masters:
            masters[above] = parse_master(package, above)
        runs += [Run("\n"), *masters[above]]
        path = above
    return runs


def _shows_master(package: Package, path: str) -> bool:
    root = next((element for _, element in package.parse(path, events=("start",))), None)
    return root is not None and root.get("showMasterSp", "1") not in ("0", "false")
