"""Read presentations (PresentationML, ECMA-376): each slide as it is shown, with its notes, charts and comments."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import Recogniser
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


def read_pptx(data: bytes, recogniser: Recogniser) -> TextReading:
    """Read a presentation; if it has no text, the scans on its slides."""
    return read_package(data, "pptx", read=lambda package: _read(package, recogniser))


def _read(package: Package, recogniser: Recogniser) -> TextReading:
    paths = _list_slides(package) or package.find(_SLIDES)
    masters: dict[str, list[Run]] = {}
    joined = join_pages(decode_pages([_read_slide(package, path, masters=masters) for path in paths]))
    scanned = read_scans(package, joined.text, method="pptx", owners=paths, recogniser=recogniser)
    return scanned or finish(joined, "pptx", package=package, pages=len(paths))


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
    for part in package.related(path, "chart", "diagramData", "notesSlide"):
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
