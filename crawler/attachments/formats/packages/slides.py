"""Read presentations (PresentationML, ECMA-376): each slide in its order, with its notes, charts and comments."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.package import Package, local_name, parse_comments, parse_drawing
from crawler.attachments.formats.packages.reading import finish, read_package, read_scans
from crawler.attachments.formats.pages import decode_pages, join_pages
from crawler.language.legacy.decoding import Run

_MAIN, _SLIDES = r"ppt/presentation\d*\.xml", r"ppt/slides/slide\d+\.xml"


def read_pptx(data: bytes, recogniser: Recogniser) -> TextReading:
    """Read a presentation; if it has no text, the scans on its slides."""
    return read_package(data, "pptx", read=lambda package: _read(package, recogniser))


def _read(package: Package, recogniser: Recogniser) -> TextReading:
    paths = _list_slides(package) or package.find(_SLIDES)
    joined = join_pages(decode_pages([_read_slide(package, path) for path in paths]))
    scanned = read_scans(package, joined.text, owners=paths, recogniser=recogniser)
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


def _read_slide(package: Package, path: str) -> list[Run]:
    runs = parse_drawing(package, path)
    for part in package.related(path, "chart", "diagramData", "notesSlide"):
        runs += [Run("\n"), *parse_drawing(package, part)]
    for part in package.related(path, "comments"):
        runs += [Run("\n"), *parse_comments(package, part)]
    return runs
