"""Read the text of a binary presentation [MS-PPT]: each slide in order as it is shown, with its notes. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO

import olefile

from crawler.attachments.formats.binary.blips import find_picture_number, read_metafile_at, read_word_art
from crawler.attachments.formats.binary.slide_objects import Record, Records, unpack_object
from crawler.attachments.formats.binary.slide_styles import (
    LABEL_MARK,
    as_lines,
    cut_runs,
    has_text,
    number_paragraphs,
    put_labels,
    set_last,
)
from crawler.language.legacy.decoding import Run

_STREAM, _USER_STREAM = "PowerPoint Document", "Current User"
# The letters of a presentation of PowerPoint 95, whose records are others.
_CONTENT = "Text_Content"
# Holds the streams of PowerPoint 97 in a file that PowerPoint 95 can open too.
_DUAL_STORAGE = "PP97_DUALSTORAGE"
_ENCRYPTED_TOKEN = 0xF3D1C4DF
# Record types [MS-PPT 2.13.24].
_DOCUMENT, _SLIDE, _NOTES, _MASTER = 0x03E8, 0x03EE, 0x03F0, 0x03F8
_SLIDE_LIST, _PERSIST, _DRAWING = 0x0FF0, 0x03F3, 0x040C
_USER_EDIT, _DIRECTORY, _CRYPT_SESSION = 0x0FF5, 0x1772, 0x2F14
_HEADER, _CHARS, _BYTES, _STYLE, _OUTLINE_REF = 0x0F9F, 0x0FA0, 0x0FA8, 0x0FA1, 0x0F9E
_FONT, _TEXT_BOX, _HEADERS, _STRING = 0x0FB7, 0xF00D, 0x0FD9, 0x0FBA
_COMMENT = 0x2EE0
_COMMENT_TEXT = 1  # instance of its string
_SLIDES, _MASTERS, _NOTES_LIST = 0, 1, 2  # instances of the slide list
_SLIDE_ATOM, _SHAPE, _PLACEHOLDER = 0x03EF, 0xF004, 0x0BC3
_SHOWS_MASTER = 1  # flag of a slide
_OF_SLIDES, _HEADERS_ATOM = 3, 0x0FDA  # instance of the headers and footers of all slides; which of them are shown
# The flags of its strings, by their instances: a date that someone typed, a header, a footer.
_SHOWN_STRINGS = {0: 0x04, 1: 0x10, 2: 0x20}
# Where a text shows the number of its slide, and the sign that stands for it here: one that no text has.
_SHOWS_NUMBER, _NUMBER, _NUMBER_MARK = 0x08, 0x0FD8, "\ufdd0"
# Where it shows the date of the day on which it is shown, a header or a footer: the letter there is none.
_MARKS = {_NUMBER: _NUMBER_MARK, **dict.fromkeys((0x0FF7, 0x0FF8, 0x0FF9, 0x0FFA, 0x1015), "\ufdd1")}
_TO_SHOW = str.maketrans({"\ufdd1": "", LABEL_MARK: "", "\x0b": "\n"})
_NOTES_ATOM, _DOCUMENT_ATOM = 0x03F1, 0x03E9
# Further styles of a text: in its shape, or in a list of the document by slide and kind of text (2.9.66 to 2.9.68).
_FURTHER, _FURTHER_LIST, _FURTHER_HEAD = 0x0FAC, 0x0FAE, 0x0FAF
# A document that is set on slides, what says its number and place, and the number in a shape.
_OBJECT, _OBJECT_ATOM, _OBJECT_REF = 0x1011, 0x0FC3, 0x0BC1
# What a shape looks like, and where each picture is in its stream [MS-ODRAW 2.2.9, 2.2.32].
_PROPERTIES, _STORED_PICTURE, _PICTURE_AT, _PICTURES = 0xF00B, 0xF007, 28, "Pictures"
# Vertical tab: a line break within a paragraph.
_BREAKS = str.maketrans({"\r": "\n", "\x0b": "\n", "\f": "\n"})
# Until texts are shown, ends of paragraphs differ from them.
_ENDS = str.maketrans({"\n": "\x0b", "\r": "\n", "\f": "\x0b"})
_FONT_NAME_BYTES, _FIELD = 64, "*"  # the letter in the place of a date or number


class LockedSlidesError(Exception):
    """Raised when a presentation is encrypted, by `read_slides`."""


class BadSlidesError(Exception):
    """Raised when a compound file holds no presentation that can be read, by `read_slides`."""


@dataclass(slots=True)
class _Listed:
    """A slide or notes page in a slide list: where it is stored, and the texts of its placeholders."""

    persist: int
    slide_id: int
    texts: list[list[Run]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slides:
    """The runs of each slide, lines ended by a line feed; documents and metafiles on each; if the file is whole."""

    pages: list[list[Run]]
    objects: list[list[bytes]]
    metafiles: list[list[bytes]]
    is_whole: bool = True


def read_slides(data: bytes) -> Slides:
    """Read the slides of a presentation.

    Raises:
        LockedSlidesError: if the file is encrypted.
        BadSlidesError: if it is not a presentation of PowerPoint 97 or later, or damaged.
    """
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            folder = f"{_DUAL_STORAGE}/" if compound.exists(f"{_DUAL_STORAGE}/{_STREAM}") else ""
            stream, size = compound.openstream(folder + _STREAM).read(), compound.get_size(folder + _STREAM)
            user, pictures, content = (
                compound.openstream(path).read() if compound.exists(path) else b""
                for path in (folder + _USER_STREAM, folder + _PICTURES, _CONTENT)
            )
    except (OSError, ValueError, TypeError, IndexError, AttributeError, struct.error) as error:
        raise BadSlidesError(f"no stream of slides ({type(error).__name__})") from error
    if len(user) >= 16 and struct.unpack_from("<I", user, 12)[0] == _ENCRYPTED_TOKEN:
        raise LockedSlidesError
    slides = _Presentation(stream, user, pictures).read()
    if content and not any(map(has_text, slides.pages)):
        return Slides([[Run(content.decode("latin-1").translate(_BREAKS))]], [[]], [[]])
    return replace(slides, is_whole=len(stream) >= size)


class _Presentation(Records):
    """The stream of a presentation and what its newest edit names."""

    def __init__(self, stream: bytes, user: bytes, pictures: bytes) -> None:
        super().__init__(stream)
        self._pictures = pictures
        self._stored_pictures: list[int] = []
        self._places = self._read_directory(user)
        self._fonts: list[str] = []
        self._masters: dict[int, list[Run]] = {}
        self._headers: list[Record] = []
        self._further: dict[tuple[int, int], list[Record]] = {}
        self._stored: dict[int, int] = {}
        self._number = 1  # of the slide that is read

    def read(self) -> Slides:
        document = self._find_document()
        if document is None:
            return self._all_slides()
        self._fonts = [self._font_name(record) for record in self.walk(document) if record.kind == _FONT]
        self._read_further(document)
        lists = [record for record in self.children(document) if record.kind == _SLIDE_LIST]
        slides = [item for record in lists if record.instance == _SLIDES for item in self._read_list(record)]
        notes = self._read_notes(
            [item for record in lists if record.instance == _NOTES_LIST for item in self._read_list(record)]
        )
        self._masters = {
            item.slide_id: self._read_master(item)
            for record in lists if record.instance == _MASTERS for item in self._read_list(record)
        }  # fmt: skip
        headers = (record for record in self.children(document) if record.kind == _HEADERS)
        of_slides = next((record for record in headers if record.instance == _OF_SLIDES), None)
        self._headers = [] if of_slides is None else [of_slides]
        self._stored = self._list_objects(document)
        stored = (one for one in self.walk(document) if one.kind == _STORED_PICTURE)
        self._stored_pictures = [self._number_at(one, _PICTURE_AT) for one in stored]
        self._read_number(document)
        found = Slides([], [], [])
        is_read = False
        for slide in slides:
            runs = [*self._read_page(slide), *self._read_around(slide), *notes.get(slide.slide_id, [])]
            shown = _TO_SHOW | {ord(_NUMBER_MARK): str(self._number)}
            found.pages.append([Run(run.text.translate(shown), run.font) for run in runs])
            found.objects.append(self._read_objects(slide))
            found.metafiles.append(self._read_metafiles(slide))
            is_read |= has_text(runs)
            self._number += 1
        return found if is_read or any(found.objects) or any(found.metafiles) else self._all_slides()

    def _all_slides(self) -> Slides:
        pages = self._read_all()
        return Slides(pages, [[] for _ in pages], [[] for _ in pages])

    def _read_further(self, document: Record) -> None:
        """Learn where the further styles of placeholders are."""
        for listing in (one for one in self.walk(document) if one.kind == _FURTHER_LIST):
            key = (0, 0)
            for record in self.children(listing):
                if record.kind == _FURTHER_HEAD and record.end - record.start >= 8:
                    key = struct.unpack_from("<II", self.stream, record.start)
                elif record.kind == _FURTHER:
                    self._further.setdefault(key, []).append(record)

    def _list_objects(self, document: Record) -> dict[int, int]:
        """Return where each object is stored, by the number that slides name it by (2.10.12)."""
        atoms = (one for one in self.walk(document) if one.kind == _OBJECT_ATOM and one.end - one.start >= 20)
        numbers = (struct.unpack_from("<8xI4xI", self.stream, atom.start) for atom in atoms)
        return {number: self._places.get(persist, -1) for number, persist in numbers}

    def _read_objects(self, item: _Listed) -> list[bytes]:
        page = self.record_at(self._places.get(item.persist, -1))
        named = [one for one in (self.walk(page) if page is not None else ()) if one.kind == _OBJECT_REF]
        numbers = [struct.unpack_from("<I", self.stream, one.start)[0] for one in named if one.end - one.start >= 4]
        stored = [self.record_at(self._stored.get(number, -1)) for number in dict.fromkeys(numbers)]
        return [
            unpack_object(self.stream[one.start : one.end], instance=one.instance)
            for one in stored if one is not None and one.kind == _OBJECT
        ]  # fmt: skip

    def _read_metafiles(self, item: _Listed) -> list[bytes]:
        page = self.record_at(self._places.get(item.persist, -1))
        shapes = [one for one in (self.walk(page) if page is not None else ()) if one.kind == _PROPERTIES]
        numbers = [find_picture_number(self.stream[one.start : one.end], one.instance) for one in shapes]
        known = [number for number in numbers if number and number <= len(self._stored_pictures)]
        read = (read_metafile_at(self._pictures, self._stored_pictures[number - 1]) for number in dict.fromkeys(known))
        return [picture for picture in read if picture]

    def _number_at(self, record: Record, place: int) -> int:
        has_it = record.start + place + 4 <= record.end
        return int(struct.unpack_from("<I", self.stream, record.start + place)[0]) if has_it else -1

    def _read_number(self, document: Record) -> None:
        """Learn the number of the first slide (2.4.2)."""
        atom = next((one for one in self.children(document) if one.kind == _DOCUMENT_ATOM), None)
        if atom is not None and atom.end - atom.start >= 34:
            self._number = struct.unpack_from("<H", self.stream, atom.start + 32)[0]

    def _read_directory(self, user: bytes) -> dict[int, int]:
        """Return the offset of each stored object, by the chain of edits from the newest (2.3.1, 2.3.4)."""
        places: dict[int, int] = {}
        offset = struct.unpack_from("<I", user, 16)[0] if len(user) >= 20 else 0
        seen: set[int] = set()
        while offset and offset not in seen:
            seen.add(offset)
            edit = self.record_at(offset)
            if edit is None or edit.kind != _USER_EDIT or edit.end - edit.start < 24:
                break
            older, directory = struct.unpack_from("<II", self.stream, edit.start + 8)
            if edit.end - edit.start >= 32 and struct.unpack_from("<I", self.stream, edit.start + 28)[0]:
                raise LockedSlidesError
            for number, place in self._read_places(directory):
                places.setdefault(number, place)
            offset = older
        return places

    def _read_places(self, offset: int) -> Iterator[tuple[int, int]]:
        record = self.record_at(offset)
        if record is None or record.kind != _DIRECTORY:
            return
        at = record.start
        while at + 4 <= record.end:
            head = struct.unpack_from("<I", self.stream, at)[0]
            first, count = head & 0xFFFFF, head >> 20
            at += 4
            count = min(count, (record.end - at) // 4)
            for index, place in enumerate(struct.unpack_from(f"<{count}I", self.stream, at)):
                yield first + index, place
            at += 4 * count

    def _find_document(self) -> Record | None:
        stored = (self.record_at(place) for _, place in sorted(self._places.items()))
        return next((record for record in stored if record is not None and record.kind == _DOCUMENT), None) or next(
            (record for record in self.records(0, len(self.stream)) if record.kind == _DOCUMENT), None
        )

    def _read_list(self, listing: Record) -> list[_Listed]:
        """Read a slide list: after the entry of each slide are the texts of its placeholders (2.4.14.3)."""
        found: list[_Listed] = []
        waiting: str | None = None
        further: Record | None = None
        for record in self.children(listing):
            if record.kind == _PERSIST and record.end - record.start >= 16:
                persist, slide_id = struct.unpack_from("<I8xI", self.stream, record.start)
                found.append(_Listed(persist, slide_id))
            elif not found:
                continue
            elif record.kind == _HEADER:
                found[-1].texts.append([])
                kind = struct.unpack_from("<I", self.stream, record.start)[0] if record.end - record.start >= 4 else 0
                styles = self._further.get((found[-1].slide_id, kind))
                further = styles.pop(0) if styles else None
            elif record.kind in (_CHARS, _BYTES):
                waiting = self._text_of(record)
                set_last(found[-1].texts, [Run(waiting)])
            elif record.kind == _STYLE and waiting is not None:
                set_last(found[-1].texts, self._style(waiting, record, further=further))
                waiting = None
            elif record.kind in _MARKS and found[-1].texts:
                set_last(found[-1].texts, self._mark(found[-1].texts[-1], record))
        return found

    def _read_notes(self, listed: list[_Listed]) -> dict[int, list[Run]]:
        """Return the text of each notes page by the number of its slide."""
        notes: dict[int, list[Run]] = {}
        for item in listed:
            page = self.record_at(self._places.get(item.persist, -1))
            if page is None or page.kind != _NOTES:
                continue
            atom = next((record for record in self.children(page) if record.kind == _NOTES_ATOM), None)
            if atom is not None and atom.end - atom.start >= 4:
                notes[struct.unpack_from("<I", self.stream, atom.start)[0]] = self._read_page(item)
        return notes

    def _read_page(self, item: _Listed) -> list[Run]:
        """Return the texts of a page's shapes in their order, then those of its list that no shape shows."""
        page = self.record_at(self._places.get(item.persist, -1))
        shown: set[int] = set()
        runs: list[Run] = []
        further: Record | None = None
        for record in self.walk(page) if page is not None else ():
            if record.kind == _SHAPE:
                further = next((one for one in self.walk(record) if one.kind == _FURTHER), None)
            elif record.kind == _TEXT_BOX:
                runs += as_lines(self._read_box(record, item, shown=shown, further=further))
            elif record.kind == _PROPERTIES:
                runs += as_lines([Run(read_word_art(self.stream[record.start : record.end], record.instance))])
            elif record.kind == _HEADERS:
                runs += self._read_headers(record)
            elif record.kind == _COMMENT:
                strings = (child for child in self.children(record) if child.kind == _STRING)
                runs += [Run(self._text_of(child) + "\n") for child in strings if child.instance == _COMMENT_TEXT]
        for number, text in enumerate(item.texts):
            if number not in shown:
                runs += as_lines(text)
        return runs

    def _read_master(self, item: _Listed) -> list[Run]:
        """Return the texts that a master shows on its slides: not those of placeholders, which slides fill."""
        page = self.record_at(self._places.get(item.persist, -1))
        runs: list[Run] = []
        for shape in self.walk(page) if page is not None else ():
            if shape.kind == _SHAPE and not any(one.kind == _PLACEHOLDER for one in self.walk(shape)):
                for box in self.walk(shape):
                    runs += as_lines(self._read_box(box, item, shown=set())) if box.kind == _TEXT_BOX else []
        return runs

    def _read_headers(self, record: Record) -> list[Run]:
        """Return the date, header, footer and number of the slide, as far as a record says that they are shown."""
        children = list(self.children(record))
        atom = next((one for one in children if one.kind == _HEADERS_ATOM and one.end - one.start >= 4), None)
        flags = struct.unpack_from("<H", self.stream, atom.start + 2)[0] if atom is not None else 0
        strings = (one for one in children if one.kind == _STRING and _SHOWN_STRINGS.get(one.instance, 0) & flags)
        number = [Run(f"{_NUMBER_MARK}\n")] if flags & _SHOWS_NUMBER else []
        return [*(Run(self._text_of(one) + "\n") for one in strings), *number]

    def _read_around(self, item: _Listed) -> list[Run]:
        """Return what a slide shows of its master, and of the headers and footers of all slides."""
        page = self.record_at(self._places.get(item.persist, -1))
        children = list(self.children(page)) if page is not None else []
        atom = next((one for one in children if one.kind == _SLIDE_ATOM and one.end - one.start >= 22), None)
        headers = [] if any(one.kind == _HEADERS for one in children) else self._headers
        runs = [run for record in headers for run in self._read_headers(record)]
        if atom is None or not struct.unpack_from("<H", self.stream, atom.start + 20)[0] & _SHOWS_MASTER:
            return runs
        return [*self._masters.get(struct.unpack_from("<I", self.stream, atom.start + 12)[0], []), *runs]

    def _read_box(self, box: Record, item: _Listed, *, shown: set[int], further: Record | None = None) -> list[Run]:
        text: str | None = None
        runs: list[Run] = []
        for record in self.records(box.start, box.end):
            if record.kind == _OUTLINE_REF and record.end - record.start >= 4:
                number = struct.unpack_from("<I", self.stream, record.start)[0]
                shown.add(number)
                runs = item.texts[number] if number < len(item.texts) else []
            elif record.kind in (_CHARS, _BYTES):
                text = self._text_of(record)
                runs = [Run(text)]
            elif record.kind == _STYLE and text is not None:
                runs = self._style(text, record, further=further)
            elif record.kind in _MARKS:
                runs = self._mark(runs, record)
        return runs

    def _mark(self, runs: list[Run], record: Record) -> list[Run]:
        """Put a mark in place of the letter where a text shows the number of its slide, or a date (2.9.49)."""
        if record.end - record.start < 4:
            return runs
        place = struct.unpack_from("<I", self.stream, record.start)[0]
        marked: list[Run] = []
        for run in runs:
            if run.text.startswith(LABEL_MARK):
                marked.append(run)
                continue
            is_here = 0 <= place < len(run.text)
            text = run.text[:place] + _MARKS[record.kind] + run.text[place + 1 :] if is_here else run.text
            marked.append(Run(text, run.font))
            place -= len(run.text)
        return marked

    def _read_all(self) -> list[list[Run]]:
        """Return all texts but those of masters, where the lists are damaged or missing, as one page a slide."""
        pages: list[list[Run]] = []
        tops = [record for record in self.records(0, len(self.stream)) if record.kind != _MASTER]
        if not tops:
            raise BadSlidesError("no records")
        for top in tops:
            texts = (self._text_of(record) for record in self.walk(top) if record.kind in (_CHARS, _BYTES))
            if page := [Run(text.translate(_TO_SHOW) + "\n") for text in texts if text != _FIELD]:
                pages.append(page)
        return pages

    def _style(self, text: str, record: Record, *, further: Record | None) -> list[Run]:
        style = self.stream[record.start : record.end]
        runs = cut_runs(text, style, fonts=self._fonts)
        if further is None:
            return runs
        return put_labels(runs, number_paragraphs(text, style, further=self.stream[further.start : further.end]))

    def _font_name(self, record: Record) -> str:
        name = self.stream[record.start : min(record.end, record.start + _FONT_NAME_BYTES)]
        return name.decode("utf-16-le", "replace").partition("\0")[0]

    def _text_of(self, record: Record) -> str:
        data = self.stream[record.start : record.end]
        text = data.decode("latin-1") if record.kind == _BYTES else data.decode("utf-16-le", "replace")
        return text.translate(_ENDS)
