"""Write binary presentations [MS-PPT]: slides with placeholders, text boxes, notes and a master."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.attachments.compound_files import write_compound

TITLE, BODY = 0, 1
_MASTER = 0x80000000  # the number of the master


@dataclass(frozen=True)
class Slide:
    """A slide: texts of its placeholders, of its text boxes, of its notes; the fonts of runs of its first box.

    It has a footer of its own, or none; it shows the texts of its master, or not. Its first box may show its number, or
    the date of the day, in place of a letter. Lines of its first box, or of its first placeholder, may be numbered,
    each by the code of a scheme and a first number. A document, a metafile, or letters of WordArt may be set on it.
    """

    placeholders: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    notes: str = ""
    comment: str = ""
    runs: list[tuple[int, int]] = field(default_factory=list)
    footer: str = ""
    footer_flags: int = 0x20
    shows_master: bool = False
    number_at: int | None = None
    date_at: int | None = None
    numbered: Sequence[tuple[int, int] | None] = ()
    object: bytes = b""
    metafile: bytes = b""
    word_art: str = ""


def record(kind: int, data: bytes, instance: int = 0, version: int = 0) -> bytes:
    return struct.pack("<HHI", version | instance << 4, kind, len(data)) + data


def container(kind: int, *children: bytes, instance: int = 0) -> bytes:
    return record(kind, b"".join(children), instance, 0xF)


def text_atom(text: str) -> bytes:
    """Write letters as one byte each where they fit, as PowerPoint does."""
    text = text.replace("\n", "\r")
    if all(ord(char) < 256 for char in text):
        return record(0x0FA8, text.encode("latin-1"))
    return record(0x0FA0, text.encode("utf-16-le"))


def style_atom(text: str, runs: list[tuple[int, int]]) -> bytes:
    """Write one paragraph style with a bullet and tab stops, and a run of each (count, font)."""
    paragraph = struct.pack("<IHI", len(text) + 1, 0, 1 << 7 | 1 << 20) + struct.pack("<HHHH", 0x2022, 1, 500, 0)
    letters = b"".join(struct.pack("<IIHHH", count, 1 | 1 << 16 | 1 << 17, 1, font, 24) for count, font in runs)
    rest = len(text) + 1 - sum(count for count, _ in runs)
    return record(0x0FA1, paragraph + letters + struct.pack("<II", rest, 0))


def numbered_style(text: str) -> bytes:
    """Write styles whose lines have each a further style; the second one is a level below the others."""
    paragraphs = letters = b""
    for place, line in enumerate(text.split("\n")):
        paragraphs += struct.pack("<IHI", len(line) + 1, int(place == 1), 0)
        letters += struct.pack("<IIH", len(line) + 1, 1, 1 | place << 10)
    return record(0x0FA1, paragraphs + letters)


def further_styles(numbered: Sequence[tuple[int, int] | None]) -> bytes:
    """Write how each line is numbered: by the code of a scheme and a first number, or not."""
    further = b""
    for one in numbered:
        numbers = struct.pack("<IHHH", 0x03000000, 1, *one) if one else struct.pack("<IH", 1 << 23, 0xFFFF)
        further += numbers + struct.pack("<II", 0, 3) + bytes(4)
    return record(0x0FAC, further)


def drawing(*texts: bytes, further: bytes = b"") -> bytes:
    """Write shapes with these texts; `further` are the further styles of the first."""
    tags = container(0xF011, container(0x1388, container(0x138A, record(0x138B, further)))) if further else b""
    shapes = (
        container(0xF004, b"" if place else tags, record(0xF00D, text, version=0)) for place, text in enumerate(texts)
    )
    return container(0x040C, container(0xF002, container(0xF003, *shapes)))


def _slide(slide: Slide, number: int) -> bytes:
    shown = [record(0x0F9E, struct.pack("<I", place)) for place in range(len(slide.placeholders))]
    boxes = [record(0x0F9F, struct.pack("<I", 4)) + text_atom(text) for text in slide.boxes]
    if boxes and slide.numbered:
        boxes[0] += numbered_style(slide.boxes[0])
    if boxes and slide.runs:
        boxes[0] += style_atom(slide.boxes[0], slide.runs)
    if slide.number_at is not None:
        boxes[0] += record(0x0FD8, struct.pack("<I", slide.number_at))
    if slide.date_at is not None:
        boxes[0] += record(0x0FF7, struct.pack("<II", slide.date_at, 0))
    if slide.object:
        shown.append(record(0x0BC1, struct.pack("<I", number)))
    if slide.metafile:
        shown.append(record(0xF00B, struct.pack("<HI", 0x4104, number + 1), 1, 3))
    if slide.word_art:
        letters = slide.word_art.encode("utf-16-le") + b"\0\0"
        art = struct.pack("<HIHI", 0x8081, 4, 0x80C0, len(letters)) + b"abcd" + letters
        shown.append(record(0xF00B, art, 2, 3))
    further = further_styles(slide.numbered) if slide.numbered and slide.boxes else b""
    comment = record(0x0FBA, "Người góp ý".encode("utf-16-le")) + record(0x0FBA, slide.comment.encode("utf-16-le"), 1)
    blob = record(0x138B, container(0x2EE0, comment)) if slide.comment else b""
    atom = struct.pack("<12xII", _MASTER, 0) + struct.pack("<HH", slide.shows_master, 0)
    headers = headers_and_footers(slide.footer, instance=0, flags=slide.footer_flags) if slide.footer else b""
    return container(
        0x03EE,
        record(0x03EF, atom),
        headers,
        drawing(*boxes, *shown, further=further),
        container(0x1388, container(0x138A, blob)),
    )


def headers_and_footers(footer: str, *, instance: int, flags: int = 0x20) -> bytes:
    """Write the footer of a slide (instance 0) or of all slides (3), and a header that is not shown."""
    strings = record(0x0FBA, footer.encode("utf-16-le"), 2) + record(0x0FBA, "ẩn".encode("utf-16-le"), 1)
    return container(0x0FD9, record(0x0FDA, struct.pack("<HH", 0, flags)), strings, instance=instance)


def write_presentation(
    slides: list[Slide], *, fonts: tuple[str, ...] = (), order: tuple[int, ...] = (), on_master: str = "",
    footer: str = "", first_number: int = 1, packs_objects: bool = False,
) -> bytes:  # fmt: skip
    """Return a presentation.

    Args:
        slides: its slides.
        fonts: the names of its fonts.
        order: in which its slides are shown, by their places in the file.
        on_master: a text that its master shows, beside a placeholder.
        footer: of all its slides.
        first_number: the number of its first slide.
        packs_objects: whether the documents on its slides are stored packed.
    """
    placeholder = container(
        0xF004, container(0xF011, record(0x0BC3, bytes(8))), record(0xF00D, text_atom("Click to edit Master"))
    )
    shown = container(0xF004, record(0xF00D, text_atom(on_master)))
    objects: dict[int, bytes] = {2: container(0x03F8, container(0x040C, container(0xF003, placeholder, shown)))}
    for number, slide in enumerate(slides):
        objects[10 + number] = _slide(slide, number)
        notes_atom = record(0x03F1, struct.pack("<II", 256 + number, 0))
        objects[100 + number] = container(0x03F0, notes_atom, drawing(text_atom(slide.notes)))
        packed = struct.pack("<I", len(slide.object)) + zlib.compress(slide.object)
        objects[200 + number] = record(0x1011, packed if packs_objects else slide.object, int(packs_objects))
    listed = b"".join(
        record(0x03F3, struct.pack("<IIIII", 10 + number, 0, 0, 256 + number, 0))
        + b"".join(
            record(0x0F9F, struct.pack("<I", TITLE))
            + text_atom(text)
            + (numbered_style(text) if slides[number].numbered else b"")
            for text in slides[number].placeholders
        )
        for number in order or range(len(slides))
    )
    noted = b"".join(record(0x03F3, struct.pack("<IIIII", 100 + n, 0, 0, 256 + n, 0)) for n in range(len(slides)))
    named = (
        record(0x0FB7, name.encode("utf-16-le").ljust(64, b"\0") + bytes(4), place) for place, name in enumerate(fonts)
    )
    within = container(0x0409, *(
        container(0x0FCC, record(0x0FC3, struct.pack("<IIIIII", 1, 0, number, 0, 200 + number, 0)))
        for number in range(len(slides))
    ))  # fmt: skip
    packed = [zlib.compress(slide.metafile) for slide in slides]
    blips = [
        record(0xF01A, bytes(32) + struct.pack("<I24xIBB", len(slide.metafile), len(data), 0, 0xFE) + data, 0x3D5)
        for slide, data in zip(slides, packed, strict=True)
    ]
    starts = [sum(map(len, blips[:number])) for number in range(len(slides))]
    of_list = b"".join(
        record(0x0FAF, struct.pack("<II", 256 + number, TITLE)) + further_styles(slide.numbered)
        for number, slide in enumerate(slides) if slide.numbered
    )  # fmt: skip
    tags = container(0x07D0, container(0x1388, container(0x138A, record(0x138B, container(0x0FAE, of_list)))))
    stored = (record(0xF007, bytes(28) + struct.pack("<I", start) + bytes(4), 2, 2) for start in starts)
    group = container(0x040B, container(0xF000, container(0xF001, *stored)))
    atom = record(0x03E9, bytes(32) + struct.pack("<H", first_number) + bytes(6))
    environment = container(0x03F2, container(0x07D5, *named))
    master = record(0x03F3, struct.pack("<IIIII", 2, 0, 0, _MASTER, 0))
    footers = headers_and_footers(footer, instance=3) if footer else b""
    objects[1] = container(
        0x03E8, atom, within, environment, group, tags, container(0x0FF0, master, instance=1),
        container(0x0FF0, listed), container(0x0FF0, noted, instance=2), footers,
    )  # fmt: skip
    stream = b""
    places: dict[int, int] = {}
    for number, data in objects.items():
        places[number] = len(stream)
        stream += data
    directory = record(0x1772, b"".join(struct.pack("<II", 1 << 20 | number, at) for number, at in places.items()))
    edit = record(0x0FF5, struct.pack("<IIIIIII", 0, 0, 0, len(stream), 1, 200, 0))
    user = record(0x0FF6, struct.pack("<III", 20, 0xE391C05F, len(stream) + len(directory)) + bytes(8))
    return write_compound(
        {"PowerPoint Document": stream + directory + edit, "Current User": user, "Pictures": b"".join(blips)}
    )
