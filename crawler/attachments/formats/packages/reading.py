"""What the readers of all packages share: the reason why there is no text, and the scans in place of one."""

import posixpath
from collections.abc import Callable, Sequence

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.package import BROKEN, LOCKED, UNKNOWN_PACKING, Package, TooLargeError
from crawler.attachments.formats.pages import JoinedText, count_letters, join_pages
from crawler.attachments.formats.pictures import FEW_LETTERS, read_picture

_TOOL = "defusedxml"
# Smaller pictures are seals, signatures and logos.
_LEAST_PICTURE_BYTES = 5_000
# What a part calls its pictures; fixed pages call their fonts so too.
_SHOWN = ("image", "required-resource")
_PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".gif", ".bmp", ".webp")


def read_package(data: bytes, method: str, *, read: Callable[[Package], TextReading]) -> TextReading:
    """Open a package and read it; an error becomes a reason."""
    try:
        return read(Package(data))
    except TooLargeError as error:
        return TextReading(reason="too-large", detail=str(error))
    except UNKNOWN_PACKING as error:
        return TextReading(reason="broken", detail=f"packed in an unknown way ({error})")
    except LOCKED:
        return TextReading(reason="encrypted")
    except BROKEN as error:
        return TextReading(reason="broken", detail=f"not a readable {method} file ({type(error).__name__})")


def finish(
    joined: JoinedText, method: str, *, package: Package, pages: int | None = None, note: str | None = None
) -> TextReading:
    """Return the reading of a package whose text is joined; damaged parts make it doubtful."""
    detail = "; ".join(part for part in (note, package.describe_damage()) if part) or None
    if not joined.text:
        reason = "broken" if package.damaged else "no-text"
        return TextReading(reason=reason, detail=detail, tool=_TOOL, pages=pages, pages_read=pages)
    return TextReading(
        joined.text, method, detail=detail, tool=_TOOL, is_cut=joined.is_cut, pages=pages, pages_read=pages,
        page_starts=joined.starts if pages else (),
        doubts=(*joined.doubts, *(("structure",) if package.damaged else ())),
    )  # fmt: skip


def read_scans(
    package: Package, text: str, *, method: str, owners: Sequence[str], recogniser: Recogniser
) -> TextReading | None:
    """Return what the pictures of a package say if it has next to no text of its own; None if it has, or no pictures.

    Args:
        package: that is read.
        text: its own text, put first.
        method: by which that was read.
        owners: the parts that show the pictures, in their order.
        recogniser: for the pictures.
    """
    if count_letters(text) >= FEW_LETTERS:
        return None
    named = dict.fromkeys(path for owner in owners for path in package.related(owner, *_SHOWN))
    scans = [scan for path in named for scan in _read_scan(package, path)]
    if not scans:
        return None
    read = [read_picture(scan, recogniser) for scan in scans]
    pages, known = sum(one.pages or 1 for one in read), sum(one.pages_read or 0 for one in read)
    joined = join_pages([text, *(one.text or "" for one in read)])
    details = dict.fromkeys(one.detail for one in read if one.detail)
    detail = "; ".join((*details, *filter(None, [package.describe_damage()]))) or None
    lacks = next((one.lacks for one in read if one.lacks), None)
    if not any(one.text for one in read):
        if text:
            return (
                None
                if not lacks
                else TextReading(
                    joined.text, method, detail=detail, tool=_TOOL, lacks=lacks, pages=pages, pages_read=known
                )
            )
        reason = "no-tool" if lacks else "no-text" if known == pages else "broken"
        return TextReading(reason=reason, detail=detail, tool=_TOOL, lacks=lacks, pages=pages, pages_read=known)
    tool = next((one.tool for one in read if one.tool), None)
    doubts = (doubt for one in read for doubt in one.doubts)
    return TextReading(
        joined.text, "ocr", is_ocr=True, detail=detail, tool=tool, lacks=lacks, pages=pages, pages_read=known,
        is_cut=joined.is_cut or known < pages, page_starts=joined.starts[1:],
        doubts=tuple(dict.fromkeys((*doubts, *(("structure",) if package.damaged else ())))),
    )  # fmt: skip


def _read_scan(package: Package, path: str) -> list[bytes]:
    """Return a picture as a list of one; [] if it is no scan, or damaged."""
    if posixpath.splitext(path)[1] not in _PICTURES:
        return []
    try:
        data = package.read(path)
    except BROKEN:
        package.damaged.append(path)
        return []
    return [data] if len(data) >= _LEAST_PICTURE_BYTES else []
