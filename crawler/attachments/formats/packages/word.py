"""Read Word documents (WordprocessingML, ECMA-376): body, text boxes, notes, headers, chunks of other kinds, scans."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN, mark_deleted
from crawler.attachments.formats.elements.names import attribute, local_name
from crawler.attachments.formats.embedded import ReadWithin, name_unread, read_embedded
from crawler.attachments.formats.fields.bound import BoundValues
from crawler.attachments.formats.fields.codes import is_silent, show_code
from crawler.attachments.formats.list_numbers import Numbering
from crawler.attachments.formats.metafiles.reader import SUFFIXES, read_metafiles
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.charts import CHARTS, read_chart
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts
from crawler.attachments.formats.packages.numbering import read_numbering
from crawler.attachments.formats.packages.package import BROKEN, Package, parse_drawing
from crawler.attachments.formats.packages.reading import finish, read_package, read_scans
from crawler.attachments.formats.packages.styles import WordStyles, read_word_styles
from crawler.attachments.formats.pages import MAX_CHARACTERS, join_runs
from crawler.language.legacy.decoding import Run
from crawler.language.legacy.fonts import find_letters
from crawler.language.legacy.tcvn3 import SOFT_HYPHEN
from crawler.language.numbers import whole_number

_MAIN = r"word/document\d*\.xml"
# `rt` is how the letters after it are spoken.
_SPACES = frozenset(("tab", "ptab", "cr", "br", "rt"))
# What changes took out or moved elsewhere, and how the text looked before.
_UNSEEN = frozenset(("moveFrom", "del", "pPrChange", "rPrChange"))
# What is between two stretches of a paragraph that no page shows.
_BETWEEN = Run(" ")
# In place of the code of a field whose result is not shown.
_SILENT = "silent"
_BOX = "txbxContent"
_CODE = re.compile("[0-9A-Fa-f]{1,4}")
_NOTES = ("header", "footer", "footnotes", "endnotes", "comments")
# For documents that have lost their relations.
_NOTES_BY_NAME = r"word/(?:header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
_CHUNK = "aFChunk"
# The properties of the document, to which controls are bound by these numbers.
_PROPERTIES = {
    "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}": "core-properties",
    "{6668398D-A668-4E3E-A5EB-62B293D839F1}": "extended-properties",
}
_FALSE = ("0", "false", "off")
# A part is read up to this many letters: the rest of a text that is cut costs a minute. Two may become one (VNI).
_MOST_LETTERS = 2 * MAX_CHARACTERS
# What says how a paragraph or its letters look.
_LOOK = frozenset(("pPr", "rFonts", "rStyle", "pStyle", "tblStyle", "numId", "ilvl", "vanish"))


def read_docx(data: bytes, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    """Read a Word document; if it has no text, the scans in it.

    Args:
        data: its bytes.
        recogniser: for its scans.
        read: reads a document of another kind that is in it, by its bytes and name.
    """
    return read_package(data, "docx", read=lambda package: _read(package, recogniser, read=read))


def _read(package: Package, recogniser: Recogniser, *, read: ReadWithin) -> TextReading:
    main = package.find_main(_MAIN)
    chunks = {relation.number: relation.path for relation in package.relations(main) if relation.kind == _CHUNK}
    styles = read_word_styles(package, main)
    numbering = read_numbering(package, main, styles=styles)
    fonts = DrawingFonts(styles.theme)

    bound = BoundValues(dict(_find_stores(package, main)))

    def read_chunk(number: str) -> str:
        path = chunks.get(number, "")
        return read(package.read(path), path).text or ""

    runs: list[Run] = []
    deleted: list[Run] = []
    notes: set[str] = set()
    owners = [main, *(package.related(main, *_NOTES) or package.find(_NOTES_BY_NAME))]
    for path in owners:
        part = _Part(package, styles, numbering, read_chunk, bound)
        runs += [*part.read(path), Run("\n")]
        deleted += part.deleted
        notes |= part.notes
    for path in package.related(main, *CHARTS):
        runs += [*read_chart(package, path, fonts=fonts), Run("\n")]
    for path in package.related(main, "diagramData"):
        runs += [*parse_drawing(package, path, fonts=fonts), Run("\n")]
    within = read_embedded(package.read_objects(owners), read)
    said = "\n".join(("".join(run.text for run in runs), *within.texts))
    drawn = read_metafiles(package.read_pictures(owners, suffixes=SUFFIXES), said=said)
    joined = join_runs([[*runs, *drawn, *deleted], *([Run(text)] for text in within.texts)])
    scanned = read_scans(package, joined.text, method="docx", owners=[main], recogniser=recogniser)
    note = "; ".join(filter(None, (*sorted(notes), name_unread(within.unread)))) or None
    return scanned or finish(joined, "docx", package=package, note=note)


def _find_stores(package: Package, main: str) -> Iterator[tuple[str, bytes]]:
    """Give the identities and bytes of the parts with values that controls are bound to. A damaged one is left out."""
    for path in package.related(main, "customXml"):
        for about in package.related(path, "customXmlProps"):
            with suppress(*BROKEN):
                yield from (
                    (attribute(one, "itemID") or "", package.read(path))
                    for _, one in package.parse(about, events=("end",)) if local_name(one) == "datastoreItem"
                )  # fmt: skip
    for number, kind in _PROPERTIES.items():
        # A package has one part of each, and the first is it.
        for path in package.related("", kind)[:1]:
            with suppress(*BROKEN):
                yield number, package.read(path)


def _show_choice(field: Element) -> str:
    """Return what a list of a form has chosen: nothing chosen is the first entry."""
    values = {local_name(one): attribute(one, "val") or "" for one in field}
    entries = [attribute(one, "val") or "" for one in field if local_name(one) == "listEntry"]
    place = whole_number(values.get("result", values.get("default", "0"))) or 0
    return entries[place] if place < len(entries) else ""


def _show_check(field: Element) -> str:
    values = {local_name(one): attribute(one, "val") for one in field}
    is_checked = values.get("checked", values.get("default", "0")) not in _FALSE
    return "\u2612" if is_checked else "\u2610"


def _show_art(path: Element) -> str:
    """Return the letters of WordArt from before 2010, such as the word "Dự thảo" that is across each page."""
    return f" {path.get('string', '')} "


_DRAWN = {"ddList": _show_choice, "checkBox": _show_check, "textpath": _show_art}


@dataclass(slots=True)
class _Look:
    """The font and style of a run, if it is hidden; the style of a paragraph, its list, and its level there."""

    font: str | None = None
    style: str | None = None
    in_list: str | None = None
    depth: int | None = None
    is_hidden: bool | None = None


@dataclass(slots=True)
class _Part:
    """Reads a part element by element. Text boxes are within runs, so that runs and paragraphs are stacked."""

    package: Package
    styles: WordStyles
    numbering: Numbering
    read_chunk: Callable[[str], str]
    bound: BoundValues
    runs: list[Run] = field(default_factory=list)
    boxes: list[list[Run]] = field(default_factory=list)
    behind: list[Run] = field(default_factory=list)
    paragraphs: list[_Look] = field(default_factory=list)
    letters: list[_Look] = field(default_factory=list)
    cells: list[int] = field(default_factory=lambda: [0])
    tables: list[str | None] = field(default_factory=list)
    unseen: int = 0
    size: int = 0
    codes: list[str] = field(default_factory=list)
    controls: list[str | None] = field(default_factory=list)
    taken_out: list[Run] = field(default_factory=list)
    deleted: list[Run] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)

    def read(self, path: str) -> list[Run]:
        """Return the runs of a part; a row of a table is a line."""
        for event, element in self.package.parse(path):
            name = local_name(element)
            if name in _UNSEEN:
                self.unseen += 1 if event == "start" else -1
                self.taken_out += [_BETWEEN] if self.taken_out and event == "end" else []
            elif event == "start":
                self._begin(name)
            else:
                self._end(name, element)
            if self.size > _MOST_LETTERS and not self.boxes:
                break
        return self.runs

    def _begin(self, name: str) -> None:
        if name == "p":
            self.paragraphs.append(_Look())
        elif name in ("r", "pPr"):
            # The mark at the end of a paragraph has a look of its own.
            self.letters.append(_Look())
        elif name == "tbl":
            self.tables.append(None)
        elif name == "tc":
            self.cells[-1] += 1
        elif name == "sdt":
            self.controls.append(None)
        elif name == _BOX:
            # It is in the midst of a paragraph, and is read after it.
            self.boxes.append(self.runs)
            self.cells.append(0)
            self.runs = []

    def _end(self, name: str, element: Element) -> None:
        if name == "p":
            self._end_paragraph()
            element.clear()
        elif name == "r":
            self.letters.pop()
        elif name in ("tc", "tr", "tbl"):
            self._end_in_table(name)
        elif name in ("sdtPr", "sdt"):
            self._end_in_control(name, element)
        elif name == _BOX:
            self.cells.pop()
            box, self.runs = self.runs, self.boxes.pop()
            self.behind += [Run("\n"), *box]
        elif name == "altChunk":
            self.runs.append(Run(self.read_chunk(attribute(element, "id") or "") + "\n"))
        elif name in _LOOK:
            self._look(name, element)
        else:
            if name == "delText":
                self._take_out(element.text or "", note=NOTE_ON_DELETED)
            self._put(self._show(name, element), attribute(element, "font") if name == "sym" else None)
        if name == "p" and not self.boxes and self.behind:
            self.runs, self.behind = [*self.runs, *self.behind], []

    def _end_in_table(self, name: str) -> None:
        if name == "tbl":
            self.tables.pop()
            return
        self.cells[-1] -= name == "tc"
        self._put("\n" if name == "tr" and not self.cells[-1] else " ")

    def _end_paragraph(self) -> None:
        self.paragraphs.pop()
        # A result that never ends hides no more than its paragraph.
        self.codes = ["" if code == _SILENT else code for code in self.codes]
        self._put(" " if self.cells[-1] else "\n")
        self.deleted += mark_deleted(self.taken_out)
        self.taken_out = []

    def _number(self, paragraph: _Look) -> None:
        """Put the number of a paragraph in a list before its text."""
        in_list, depth = self.styles.find_list(paragraph.style)
        in_list = in_list if paragraph.in_list is None else paragraph.in_list
        depth = depth if paragraph.depth is None else paragraph.depth
        if in_list is not None and not self.unseen:
            label, font = self.numbering.count(in_list, min(depth, 8))
            if label:
                self.runs.append(Run(label, font or self._font()))

    def _end_in_control(self, name: str, element: Element) -> None:
        if name == "sdt":
            self.controls.pop()
        elif self.controls:
            self.controls[-1] = self._find_bound(element)

    def _look(self, name: str, element: Element) -> None:
        if name == "pPr":
            self.letters.pop()
            self._number(self.paragraphs[-1] if self.paragraphs else _Look())
        if self.unseen:
            return
        if name == "pStyle" and self.paragraphs:
            self.paragraphs[-1].style = attribute(element, "val")
        elif name == "tblStyle" and self.tables:
            self.tables[-1] = attribute(element, "val")
        elif name == "numId" and self.paragraphs:
            self.paragraphs[-1].in_list = attribute(element, "val")
        elif name == "ilvl" and self.paragraphs:
            self.paragraphs[-1].depth = whole_number(attribute(element, "val") or "", at_most=8)
        elif name == "rStyle" and self.letters:
            self.letters[-1].style = attribute(element, "val")
        elif name == "vanish" and self.letters:
            self.letters[-1].is_hidden = attribute(element, "val") not in _FALSE
        elif name == "rFonts" and self.letters:
            self.letters[-1].font = self.styles.name_font(element)

    def _find_bound(self, about: Element) -> str | None:
        """Return the value that a control for plain text shows; None if it shows what it holds."""
        binding = next((one for one in about if local_name(one) == "dataBinding"), None)
        if binding is None or not any(local_name(one) == "text" for one in about):
            return None
        path, prefixes, store = (attribute(binding, key) or "" for key in ("xpath", "prefixMappings", "storeItemID"))
        return self.bound.find(path, prefixes=prefixes, store=store)

    def _show(self, name: str, element: Element) -> str:
        if name == "t" and self.controls and (value := self.controls[-1]) is not None:
            self.controls[-1] = ""  # it is shown once, in the place of all that the control holds
            return value
        if name in ("t", "text"):
            return element.text or ""
        if name == "noBreakHyphen":
            # It is in numbers of documents, and is searched for as a hyphen.
            return "-"
        if name == "softHyphen":
            # In a font of TCVN3 this sign is the letter ư.
            return SOFT_HYPHEN if find_letters(self._font()) == "tcvn3" else ""
        if name in ("fldChar", "instrText"):
            return self._follow_field(name, element)
        if name in _DRAWN:
            return _DRAWN[name](element)
        if name == "sym" and _CODE.fullmatch(code := attribute(element, "char") or ""):
            return chr(int(code, 16))
        return " " if name in _SPACES else ""

    def _follow_field(self, name: str, element: Element) -> str:
        """Return what a field shows that ends here without a result."""
        step = attribute(element, "fldCharType")
        if step == "begin":
            self.codes.append("")
        elif name == "instrText" and self.codes and not self.unseen:
            self.codes[-1] += element.text or ""
        elif step == "separate" and self.codes:
            self.codes[-1] = _SILENT if is_silent(self.codes[-1]) else ""
        elif step == "end" and self.codes:
            shown = show_code(self.codes.pop())
            return "" if any(self.codes) else shown
        return ""

    def _font(self) -> str | None:
        own = self.letters[-1] if self.letters else _Look()
        paragraph = self.paragraphs[-1].style if self.paragraphs else None
        table = self.tables[-1] if self.tables else None
        return own.font or self.styles.find_font(run=own.style, paragraph=paragraph, table=table)

    def _put(self, text: str, font: str | None = None) -> None:
        if _SILENT in self.codes:
            return
        self.size += len(text.strip())
        if text and self.unseen:
            self._take_out(text, note=NOTE_ON_DELETED)
        elif text and self._is_hidden():
            self._take_out(text, note=NOTE_ON_HIDDEN)
        elif text:
            self.runs.append(Run(text, font or self._font()))
            self.taken_out += [_BETWEEN] if self.taken_out and self.taken_out[-1] != _BETWEEN else []

    def _is_hidden(self) -> bool:
        if not self.letters:
            return False
        own = self.letters[-1]
        paragraph = self.paragraphs[-1].style if self.paragraphs else None
        return self.styles.hides(run=own.style, paragraph=paragraph) if own.is_hidden is None else own.is_hidden

    def _take_out(self, text: str, *, note: str) -> None:
        self.taken_out.append(Run(text, self._font()))
        self.notes |= {note} if any(map(str.isalnum, text)) else set()
